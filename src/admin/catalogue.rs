//! The catalogue of products.

use entity::{component, product};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::platform::events::Wake;

/// A part of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentSpec {
    pub code: String,
    pub name: String,
    pub is_required: bool,
    pub is_enabled_by_default: bool,
}

/// Adds a product, or changes the name of one that is there; components are added, never taken away, because assignments name them.
#[derive(Clone, Debug)]
pub struct DefineProduct {
    pub code: String,
    pub name: String,
    pub kind: product::Kind,
    pub components: Vec<ComponentSpec>,
}

impl Command for DefineProduct {
    type Output = Uuid;
    const NAME: &'static str = "products.define";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<Uuid> {
        if self.code.trim().is_empty() || self.name.trim().is_empty() {
            return Err(Refusal::new(Code::Required, "A product needs a code and a name.").into());
        }
        let known = product::Entity::find()
            .filter(product::Column::Code.eq(&self.code))
            .one(work.reader())
            .await?;
        let id = match known {
            Some(known) => {
                let renamed = product::Entity::update_many()
                    .col_expr(product::Column::Name, Expr::value(self.name.clone()))
                    .filter(product::Column::Id.eq(known.id));
                work.update(renamed).await?;
                known.id
            }
            None => self.add(work).await?,
        };
        let rows = self
            .components
            .into_iter()
            .zip(0..)
            .map(|(part, position)| component::ActiveModel {
                id: Set(work.new_id()),
                product_id: Set(id),
                code: Set(part.code),
                name: Set(part.name),
                description: Set(None),
                is_required: Set(part.is_required),
                is_enabled_by_default: Set(part.is_enabled_by_default),
                position: Set(position),
            });
        let known = OnConflict::columns([component::Column::ProductId, component::Column::Code])
            .update_column(component::Column::Name)
            .to_owned();
        work.insert_new(rows.collect(), known).await?;
        work.wake(Wake::Catalogue);
        Ok(id)
    }
}

impl DefineProduct {
    async fn add(&self, work: &Work) -> Result<Uuid> {
        let id = work.new_id();
        let row = product::ActiveModel {
            id: Set(id),
            code: Set(self.code.clone()),
            name: Set(self.name.clone()),
            kind: Set(self.kind),
            description: Set(None),
            created_at: Set(work.now()),
        };
        work.insert(vec![row]).await?;
        Ok(id)
    }
}
