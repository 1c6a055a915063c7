//! Trying a configuration out: a whole round trip whose steps and claims are shown, and which makes no session.

use entity::identity_provider;
use entity::ids::Kind;
use entity::sso_test::{self, Claims as ReceivedClaims, ReceivedClaim, Status, Step, StepName};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

use super::Rejection;
use super::lookup::acting;
use super::provider::round_trip::{Assertion, Steps};
use super::tokens::claims::{Claims, EmailClaim};
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
    pub steps: Vec<Step>,
    pub claims: Vec<ReceivedClaim>,
}

impl Command for FinishTrial {
    /// Whether it passed; `None` when the trial was over already.
    type Output = Option<bool>;
    const NAME: &'static str = "sso.test";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Option<bool>> {
        let (account, provider) = acting(work).await?;
        work.touch(Kind::SsoTest.text(self.test_id));
        let is_passed = self.steps.iter().all(|step| step.is_passed);
        let status = if is_passed { Status::Passed } else { Status::Failed };
        let finished = sso_test::Entity::update_many()
            .col_expr(sso_test::Column::Status, Expr::value(status))
            .col_expr(sso_test::Column::FinishedAt, Expr::value(work.now()))
            .col_expr(sso_test::Column::Steps, Expr::value(sso_test::Steps(self.steps)))
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
        Ok(Some(is_passed))
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

/// The last step of a trial: whether somebody unknown could be recognised by what was sent.
pub fn judge_claims(provider: &identity_provider::Model, assertion: &Assertion, steps: &mut Steps) {
    let is_passed = match assertion.profile.email {
        EmailClaim::Verified => true,
        EmailClaim::Unsaid => provider.is_authoritative,
        EmailClaim::Missing | EmailClaim::Unverified => false,
    };
    let reason = Rejection::EmailNotVerified;
    steps.0.push(Step {
        name: StepName::Claims,
        is_passed,
        message: (!is_passed).then(|| format!("{}: {}", reason.code(), reason.advice())),
    });
}

/// The claims received, each enough to recognise and too little to use.
pub fn received(provider: &identity_provider::Model, claims: &Claims) -> Vec<ReceivedClaim> {
    let used = [
        "sub",
        "email_verified",
        &provider.email_claim,
        &provider.given_name_claim,
        &provider.family_name_claim,
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
