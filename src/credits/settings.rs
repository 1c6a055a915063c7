//! What the account itself decides about its credits: from when on it wants to hear of them.

use std::collections::BTreeSet;

use entity::credit_book::{self, Column};
use entity::ids::Kind;
use entity::lists::Numbers;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::limits;

/// Where an account does not say otherwise: when few are left, and when none are.
pub const NOTICE_PERCENTS: [i32; 2] = [80, 100];

/// Says from which percentages of its credits on an account is told that they are gone.
#[derive(Clone, Debug)]
pub struct UpdateCreditSettings {
    /// In any order; none: nobody is told.
    pub notice_percents: Vec<i32>,
}

impl Command for UpdateCreditSettings {
    type Output = credit_book::Model;
    const NAME: &'static str = "credits.update_settings";

    fn action(&self) -> Action {
        Action::ManageAccount
    }

    async fn apply(self, work: &mut Work) -> Result<credit_book::Model> {
        let percents = judge(&self.notice_percents)?;
        let account_id = work.account_id()?;
        let book = credit_book::Entity::find_by_id((account_id, account_id))
            .one(work.reader())
            .await?;
        let Some(mut book) = book else {
            let text = "No cloud credits are kept for this account: it was never granted any.";
            return Err(Refusal::new(Code::NotFound, text).into());
        };
        if book.notice_percents.0 == percents {
            return Ok(book);
        }
        let told = |percents: &[i32]| {
            let texts: Vec<String> = percents.iter().map(i32::to_string).collect();
            Some(texts.join(", "))
        };
        work.changed("noticePercents", told(&book.notice_percents.0), told(&percents));
        work.touch(Kind::Account.text(account_id));
        book.notice_percents = Numbers(percents);
        let update = credit_book::Entity::update_many()
            .col_expr(Column::NoticePercents, Expr::value(book.notice_percents.clone()))
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Id.eq(account_id));
        work.update(update).await?;
        Ok(book)
    }
}

/// Each once, upwards.
fn judge(given: &[i32]) -> Result<Vec<i32>, Refusal> {
    if given.len() > limits::CREDIT_NOTICES {
        let text = format!("There are at most {} percentages.", limits::CREDIT_NOTICES);
        return Err(Refusal::new(Code::TooManyItems, text).at("input.noticePercents"));
    }
    if let Some(place) = given.iter().position(|percent| !(1..=100).contains(percent)) {
        let refusal = Refusal::new(Code::Invalid, "A percentage is 1 to 100.");
        return Err(refusal.at(&format!("input.noticePercents.{place}")));
    }
    let each: BTreeSet<i32> = given.iter().copied().collect();
    Ok(each.into_iter().collect())
}
