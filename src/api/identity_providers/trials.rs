//! Trial sign-ins as administrators see them: how far each got, and which claims came, masked.

use crate::api::old::OldStyle as _;
use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::sso_test::{ReceivedClaim, Status, Step, StepName};
use futures::FutureExt;

use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::identity_providers::SsoTest;
use graphql::{Object, Type, enum_leaf};

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

fn status(test: &SsoTest, now: DateTime<Utc>) -> SsoTestStatus {
    match test.0.status {
        Status::Started if test.0.expires_at <= now => SsoTestStatus::Expired,
        Status::Started => SsoTestStatus::Started,
        Status::Passed => SsoTestStatus::Passed,
        Status::Failed => SsoTestStatus::Failed,
    }
}

impl Object for SsoTest {
    const NAME: &'static str = "SsoTest";
    const DOC: &'static str = "A trial sign-in.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |test| Gid(Kind::SsoTest, test.0.id));
        t.old_values("status", |ask, tests| {
            let now = ask.scope.app().clock().now();
            let statuses = tests.iter().map(|test| status(test, now)).collect();
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
