//! Switching the components of one seat.

use entity::assignment;
use entity::lists::Uuids;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::read::{Assignment, Seat};
use super::{assign, rules};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::products::{Catalogue, Product, catalogue_holding};

/// Has just these components on in a seat. No seat moves, and nobody is told.
#[derive(Clone, Debug)]
pub struct CustomiseAssignment {
    pub assignment_id: Uuid,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub components: Vec<Uuid>,
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
        let is_there = |known: &Catalogue| {
            let mut asked = self.components.iter();
            known.by_id(row.product_id).is_some() && asked.all(|id| known.component(*id).is_some())
        };
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        let product = catalogue.by_id(row.product_id);
        let product = product.ok_or_else(|| Error::internal("a seat of a product that is not there"))?;
        let on = self
            .judged(product)
            .map_err(|refusal| refusal.at("input.componentIds"))?;
        let seat = Seat::from(&row);
        if rules::is_same_set(&on, &row.components.0) {
            return Ok(Assignment(seat));
        }
        work.changed(
            "components",
            Some(codes(product, &row.components)),
            Some(codes(product, &Uuids(on.clone()))),
        );
        assign::customise(work, &[(on, vec![seat.id])].into()).await?;
        Ok(Assignment(Seat {
            version: seat.version + 1,
            ..seat
        }))
    }
}

impl CustomiseAssignment {
    fn judged(&self, product: &Product) -> Result<Vec<Uuid>, Refusal> {
        let known = product.0.components.iter().map(|part| part.0.id).collect();
        let on = rules::named(product, &self.components, &known)?.unwrap_or_default();
        rules::check(product, &on)?;
        Ok(on)
    }
}

/// As they stand in the audit log.
fn codes(product: &Product, components: &Uuids) -> String {
    let parts = product.0.components.iter();
    let on = parts.filter(|part| components.0.contains(&part.0.id));
    let codes: Vec<&str> = on.map(|part| part.0.code.as_str()).collect();
    codes.join(" ")
}
