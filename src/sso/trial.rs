//! Trying a configuration out: a whole round trip whose steps and claims are shown, and which makes no session.

use entity::identity_provider;
use entity::ids::Kind;
use entity::sso_test::{self, Claims as ReceivedClaims, ReceivedClaim, Status, Step, StepName};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use super::lookup::acting;
use super::provider::round_trip::{Assertion, Steps};
use super::sign_in::before::Before;
use super::sign_in::verdict::verdict;
use super::tokens::claims::{Claims, Profile};
use super::tokens::names::WHOLE_NAME;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::invitations::rules::masked;
use crate::platform::constants::Constants;

/// Claims shown: providers send dozens, and hostile ones more.
const MOST_CLAIMS: usize = 50;
const LONGEST_NAME: usize = 64;

/// Writes down what a trial came to. A provider that passes is tested, unless its configuration has changed since.
#[derive(Debug)]
pub struct FinishTrial {
    pub test_id: Uuid,
    pub steps: Steps,
    pub claims: Vec<ReceivedClaim>,
    /// What the provider said of the person, if the round trip came to its end.
    pub assertion: Option<Assertion>,
    /// The session the browser had when it left.
    pub before: Option<Before>,
}

impl Command for FinishTrial {
    /// The steps taken, the last of them the decision; `None` when the trial was over already.
    type Output = Option<Vec<Step>>;
    const NAME: &'static str = "sso.test";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(mut self, work: &mut Work) -> Result<Self::Output> {
        let (account, provider) = acting(work).await?;
        work.touch(Kind::SsoTest.text(self.test_id));
        if let Some(assertion) = &self.assertion {
            let verdict = verdict(work, &account, &provider, assertion, self.before).await?;
            self.steps
                .add(StepName::Decision, verdict.is_passed, Some(verdict.message));
        }
        let steps = self.steps.0;
        let is_passed = steps.iter().all(|step| step.is_passed);
        let status = if is_passed { Status::Passed } else { Status::Failed };
        let finished = sso_test::Entity::update_many()
            .col_expr(sso_test::Column::Status, Expr::value(status))
            .col_expr(sso_test::Column::FinishedAt, Expr::value(work.now()))
            .col_expr(
                sso_test::Column::Steps,
                Expr::value(sso_test::Steps(steps.clone())),
            )
            .col_expr(sso_test::Column::Claims, Expr::value(ReceivedClaims(self.claims)))
            .filter(sso_test::Column::AccountId.eq(account.id))
            .filter(sso_test::Column::Id.eq(self.test_id))
            .filter(sso_test::Column::IdentityProviderId.eq(provider.id))
            .filter(sso_test::Column::Status.eq_constant(Status::Started))
            .filter(sso_test::Column::ExpiresAt.gt(work.now()));
        let Some(test) = work.update_returning(finished).await?.pop() else {
            work.refuse();
            return Ok(None);
        };
        work.changed(
            "status",
            Some(Status::Started.to_value()),
            Some(status.to_value()),
        );
        if is_passed && test.identity_provider_version == provider.version {
            mark_tested(work, &provider).await?;
        }
        Ok(Some(steps))
    }
}

async fn mark_tested(work: &Work, provider: &identity_provider::Model) -> Result<()> {
    use identity_provider::{Column, Status};
    let tested = identity_provider::Entity::update_many()
        .col_expr(Column::Status, Expr::value(Status::Tested))
        .filter(Column::AccountId.eq(provider.account_id))
        .filter(Column::Id.eq(provider.id))
        .filter(Column::Status.eq_constant(Status::Draft));
    work.update(tested).await?;
    Ok(())
}

/// What was read of the claims: how the person would be called here.
pub fn show_profile(profile: &Profile, steps: &mut Steps) {
    let shown = |name: &Option<String>| name.as_deref().map_or("none".to_owned(), masked_text);
    let address = profile.address.as_ref();
    let address = address.map_or("none".to_owned(), |address| masked(address.as_typed()));
    let message = format!(
        "Address {address}, given name {}, family name {}.",
        shown(&profile.given_name),
        shown(&profile.family_name)
    );
    steps.add(StepName::Claims, true, Some(message));
}

/// The claims received, each enough to recognise and too little to use.
pub fn received(provider: &identity_provider::Model, claims: &Claims) -> Vec<ReceivedClaim> {
    let used = [
        "sub",
        "email_verified",
        &provider.email_claim,
        &provider.given_name_claim,
        &provider.family_name_claim,
        WHOLE_NAME,
    ];
    let shown = claims
        .iter()
        .take(MOST_CLAIMS)
        .map(|(name, value)| ReceivedClaim {
            name: name.chars().take(LONGEST_NAME).collect(),
            masked_value: masked_value(value),
            is_used: used.contains(&name.as_str()),
        });
    shown.collect()
}

fn masked_value(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(text) if text.contains('@') => masked(text).chars().take(LONGEST_NAME).collect(),
        Value::String(text) => masked_text(text),
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(members) => format!("an object of {}", members.len()),
    }
}

fn masked_text(text: &str) -> String {
    match text.chars().next() {
        Some(first) if text.chars().count() > 2 => format!("{first}***"),
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::masked_value;

    #[test]
    fn values_are_recognised_but_not_given_away() {
        for (value, shown) in [
            (json!("ada@acme.example"), "a***a@acme.example"),
            (json!("248289761001"), "2***"),
            (json!("ab"), "***"),
            (json!(true), "true"),
            (json!(7), "a number"),
            (json!(["a", "b"]), "a list of 2"),
            (json!({"a": 1}), "an object of 1"),
        ] {
            assert_eq!(masked_value(&value), shown);
        }
    }
}
