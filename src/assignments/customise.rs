//! Switching the components of one seat, and when it ends.

use chrono::NaiveDate;
use entity::assignment;
use entity::ids::Kind;
use entity::lists::Uuids;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::read::{Assignment, Seat};
use super::rules;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::products::{Catalogue, Product, catalogue_holding};

/// Has just these components on in a seat, and has it end on a day. What is `None` stays as it is. No seat moves, and nobody is told.
#[derive(Clone, Debug)]
pub struct CustomiseAssignment {
    pub assignment_id: Uuid,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub components: Option<Vec<Uuid>>,
    /// The last day on which it is held; `Some(None)`: it ends by itself no more.
    pub expires_on: Option<Option<NaiveDate>>,
}

impl Command for CustomiseAssignment {
    type Output = Assignment;
    const NAME: &'static str = "seats.customise";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Assignment> {
        let key = (work.account_id()?, self.assignment_id);
        let row = assignment::Entity::find_by_id(key).one(work.reader()).await?;
        let row = row.ok_or_else(|| {
            Refusal::new(Code::NotFound, "There is no such assignment.").at("input.assignmentId")
        })?;
        if self
            .expected_version
            .is_some_and(|expected| expected != row.version)
        {
            let text = "Somebody changed this seat meanwhile. Read it again.";
            return Err(Refusal::new(Code::StaleVersion, text)
                .at("input.expectedVersion")
                .into());
        }
        rules::check_last_day(self.expires_on.flatten(), work.now().date_naive())?;
        let is_there = |known: &Catalogue| {
            let mut asked = self.components.iter().flatten();
            known.by_id(row.product_id).is_some() && asked.all(|id| known.component(*id).is_some())
        };
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        let product = catalogue.by_id(row.product_id);
        let product = product.ok_or_else(|| Error::internal("a seat of a product that is not there"))?;
        let on = self
            .judged(product)
            .map_err(|refusal| refusal.at("input.componentIds"))?;
        let seat = Seat::from(&row);
        let day = self.expires_on.unwrap_or(row.expires_on);
        let on = on.unwrap_or_else(|| row.components.0.clone());
        let switches = !rules::is_same_set(&on, &row.components.0);
        if !switches && day == row.expires_on {
            return Ok(Assignment(seat));
        }
        if switches {
            work.changed(
                "components",
                Some(codes(product, &row.components)),
                Some(codes(product, &Uuids(on.clone()))),
            );
        }
        if day != row.expires_on {
            let told = |day: Option<NaiveDate>| day.map(|day| day.to_string());
            work.changed("expiresOn", told(row.expires_on), told(day));
        }
        let update = assignment::Entity::update_many()
            .col_expr(assignment::Column::Components, Expr::value(Uuids(on)))
            .col_expr(assignment::Column::ExpiresOn, Expr::value(day))
            .col_expr(assignment::Column::Version, Expr::value(seat.version + 1))
            .filter(assignment::Column::AccountId.eq(row.account_id))
            .filter(assignment::Column::Id.eq(seat.id));
        work.update(update).await?;
        work.touch(Kind::Assignment.text(seat.id));
        Ok(Assignment(Seat {
            version: seat.version + 1,
            expires_on: day,
            ..seat
        }))
    }
}

impl CustomiseAssignment {
    fn judged(&self, product: &Product) -> Result<Option<Vec<Uuid>>, Refusal> {
        let Some(components) = &self.components else {
            return Ok(None);
        };
        let known = product.0.components.iter().map(|part| part.0.id).collect();
        let on = rules::named(product, components, &known)?.unwrap_or_default();
        rules::check(product, &on)?;
        Ok(Some(on))
    }
}

/// As they stand in the audit log.
fn codes(product: &Product, components: &Uuids) -> String {
    let parts = product.0.components.iter();
    let on = parts.filter(|part| components.0.contains(&part.0.id));
    let codes: Vec<&str> = on.map(|part| part.0.code.as_str()).collect();
    codes.join(" ")
}
