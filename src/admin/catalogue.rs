//! The catalogue of products.

use std::collections::HashMap;

use entity::lists::Uuids;
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
    /// Codes of the product's components that must be on for this one to be on.
    pub needs: Vec<String>,
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
        let rows = self.parts(work, id).await?;
        let known = OnConflict::columns([component::Column::ProductId, component::Column::Code])
            .update_columns([component::Column::Name, component::Column::Needs])
            .to_owned();
        work.insert_new(rows, known).await?;
        work.wake(Wake::Catalogue);
        Ok(id)
    }
}

impl DefineProduct {
    /// The components as rows; what they need is named by ids.
    async fn parts(&self, work: &Work, product_id: Uuid) -> Result<Vec<component::ActiveModel>> {
        let known = component::Entity::find()
            .filter(component::Column::ProductId.eq(product_id))
            .all(work.reader())
            .await?;
        let known: HashMap<String, component::Model> =
            known.into_iter().map(|part| (part.code.clone(), part)).collect();
        let mut places: HashMap<&str, Place> = known
            .values()
            .map(|part| {
                (
                    part.code.as_str(),
                    Place::of(part.id, part.is_required, part.is_enabled_by_default),
                )
            })
            .collect();
        for part in &self.components {
            let place = Place::of(work.new_id(), part.is_required, part.is_enabled_by_default);
            places.entry(&part.code).or_insert(place);
        }
        let row = |(part, position): (&ComponentSpec, i32)| {
            let needs = part.needs.iter().map(|code| needed(part, code, &places));
            Ok(component::ActiveModel {
                // Of one that is known the row is there, and keeps its id.
                id: Set(match known.contains_key(&part.code) {
                    true => work.new_id(),
                    false => places[part.code.as_str()].id,
                }),
                product_id: Set(product_id),
                code: Set(part.code.clone()),
                name: Set(part.name.clone()),
                description: Set(None),
                is_required: Set(part.is_required),
                is_enabled_by_default: Set(part.is_enabled_by_default),
                position: Set(position),
                needs: Set(Uuids(needs.collect::<Result<_>>()?)),
            })
        };
        self.components.iter().zip(0..).map(row).collect()
    }

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

/// A component of the product, as far as another may need it.
#[derive(Clone, Copy)]
struct Place {
    id: Uuid,
    /// On in a seat for which nothing is said.
    is_on: bool,
}

impl Place {
    const fn of(id: Uuid, is_required: bool, is_enabled_by_default: bool) -> Self {
        Self {
            id,
            is_on: is_required || is_enabled_by_default,
        }
    }
}

/// A component that another needs. The defaults have to stand by themselves: what is on in them needs nothing that is off.
fn needed(part: &ComponentSpec, code: &str, places: &HashMap<&str, Place>) -> Result<Uuid> {
    let refuse = |text| Err(Refusal::new(Code::Invalid, text).into());
    match places.get(code) {
        None => refuse(format!(
            "{} needs \"{code}\", which the product does not have.",
            part.code
        )),
        Some(place) if (part.is_required || part.is_enabled_by_default) && !place.is_on => refuse(format!(
            "{} is on by default and needs {code}, which is not.",
            part.code
        )),
        Some(place) => Ok(place.id),
    }
}
