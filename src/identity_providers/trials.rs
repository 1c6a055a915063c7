//! Trial sign-ins as administrators see them: how far each got, and which claims came, masked.

use std::sync::Arc;

use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::sso_test::{self, ReceivedClaim, Status, Step, StepName};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;

use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{Gid, Links, Object, Type, enum_leaf};
use crate::graphql::node::Node;

/// State of a test.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsoTestStatus {
    Started,
    Passed,
    Failed,
    /// Nobody finished it within ten minutes.
    Expired,
}

/// Steps in order.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "StepName")]
pub enum SsoTestStepName {
    Discovery,
    Jwks,
    Authorization,
    Token,
    IdToken,
    Userinfo,
    Claims,
}

enum_leaf!(SsoTestStatus, SsoTestStepName);

/// A trial of a provider.
#[derive(Clone, Debug)]
pub struct SsoTest(pub Arc<sso_test::Model>);

impl From<sso_test::Model> for SsoTest {
    fn from(model: sso_test::Model) -> Self {
        Self(Arc::new(model))
    }
}

impl SsoTest {
    pub async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = sso_test::Entity::find()
            .filter(sso_test::Column::AccountId.eq(scope.account_id()?))
            .filter(sso_test::Column::Id.is_in(ids.iter().copied()))
            .all(scope.db())
            .await?;
        Ok(found.into_iter().map(Self::from).collect())
    }

    /// The latest trial of each provider.
    pub async fn last_of(scope: &Scope, providers: impl Iterator<Item = Uuid> + Send) -> Result<Links<Self>> {
        let wanted: Vec<Option<Uuid>> = providers.map(Some).collect();
        let sql = "SELECT t.* FROM sso_tests t WHERE t.account_id = $1 AND NOT EXISTS (\
                   SELECT 1 FROM sso_tests later WHERE later.account_id = t.account_id \
                   AND later.identity_provider_id = t.identity_provider_id AND later.id > t.id)";
        let values = [scope.account_id()?.into()];
        let statement = Statement::from_sql_and_values(scope.app().db().backend(), sql, values);
        let found = sso_test::Entity::find()
            .from_raw_sql(statement)
            .all(scope.db())
            .await?;
        let found = found.into_iter().map(Self::from).collect();
        Ok(Links::by_key(wanted.into_iter(), found, |test| {
            test.0.identity_provider_id
        }))
    }

    fn status(&self, now: DateTime<Utc>) -> SsoTestStatus {
        match self.0.status {
            Status::Started if self.0.expires_at <= now => SsoTestStatus::Expired,
            Status::Started => SsoTestStatus::Started,
            Status::Passed => SsoTestStatus::Passed,
            Status::Failed => SsoTestStatus::Failed,
        }
    }
}

impl Object for SsoTest {
    const NAME: &'static str = "SsoTest";
    const DOC: &'static str = "A trial sign-in.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |test| Gid(Kind::SsoTest, test.0.id));
        t.values("status", |ask, tests| {
            let now = ask.scope.app().clock().now();
            let statuses = tests.iter().map(|test| test.status(now)).collect();
            std::future::ready(Ok::<Vec<_>, _>(statuses)).boxed()
        });
        t.value("startedAt", |test| test.0.started_at);
        t.value("finishedAt", |test| test.0.finished_at);
        t.children("steps", |test| {
            test.0.steps.0.iter().cloned().map(SsoTestStep).collect()
        });
        t.children("claims", |test| {
            test.0.claims.0.iter().cloned().map(SsoTestClaim).collect()
        })
        .doc("Claims the identity provider sent, with values masked.");
    }
}

/// Outcome of one step.
#[derive(Clone, Debug)]
pub struct SsoTestStep(Step);

impl Object for SsoTestStep {
    const NAME: &'static str = "SsoTestStep";
    const DOC: &'static str = "Outcome of one step.";

    fn describe(t: &mut Type<Self>) {
        t.value("name", |step| SsoTestStepName::from(step.0.name));
        t.value("isPassed", |step| step.0.is_passed);
        t.text_opt("message", |step| step.0.message.as_deref());
    }
}

/// A claim that was received.
#[derive(Clone, Debug)]
pub struct SsoTestClaim(ReceivedClaim);

impl Object for SsoTestClaim {
    const NAME: &'static str = "SsoTestClaim";
    const DOC: &'static str = "A claim that was received.";

    fn describe(t: &mut Type<Self>) {
        t.text("name", |claim| &claim.0.name);
        t.text("maskedValue", |claim| &claim.0.masked_value);
        t.value("isUsed", |claim| claim.0.is_used);
    }
}
