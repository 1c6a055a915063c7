//! Trial sign-ins as administrators see them: how far each got, and which claims came, masked.

use std::future::ready;

use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::sso_test::{ReceivedClaim, Status, Step, StepName};
use graphql::{Object, Rows, Type, enum_leaf};

use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::Error;
use crate::identity_providers::SsoTest;
use crate::read::Scope;

/// State of a test.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsoTestStatus {
    /// It waits for somebody to sign in at its address.
    Started,
    /// Every step passed.
    Passed,
    /// A step failed; its message says why.
    Failed,
    /// Nobody finished it within ten minutes.
    Expired,
}

/// Steps in order.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "StepName")]
pub enum SsoTestStepName {
    /// Reading how the provider describes itself.
    Discovery,
    /// Fetching the keys it signs with.
    Jwks,
    /// The provider's answer by way of the browser.
    Authorization,
    /// Exchanging the code for tokens.
    Token,
    /// Checking the ID token: signature, issuer, audience, times and nonce.
    IdToken,
    /// Asking for the claims that the ID token lacks.
    Userinfo,
    /// What was read of the claims: address and names.
    Claims,
    /// What a sign-in of this person would come to if the provider were enabled: the message says it, and of a refusal what to change.
    Decision,
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
    const DOC: &'static str = "A trial sign-in: a whole round trip that makes no session.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |test| Gid(Kind::SsoTest, test.0.id))
            .doc("Global id, opaque.");
        t.values("status", |scope: Scope, tests: Rows<Self>| {
            let now = scope.app().clock().now();
            let statuses = tests.iter().map(|test| status(test, now));
            ready(Ok::<Vec<SsoTestStatus>, Error>(statuses.collect()))
        })
        .doc("Where it stands, at this moment.");
        t.value("startedAt", |test| test.0.started_at)
            .doc("When it was started; it is good for ten minutes.");
        t.value("finishedAt", |test| test.0.finished_at)
            .doc("When it passed or failed; null before, and if nobody finished it.");
        t.children("steps", |test| {
            test.0.steps.0.iter().cloned().map(SsoTestStep).collect()
        })
        .doc("The steps taken, in order, up to the first that failed; empty while nobody has finished it.");
        t.children("claims", |test| {
            test.0.claims.0.iter().cloned().map(SsoTestClaim).collect()
        })
        .doc("Claims the identity provider sent, at most 50, with values masked.");
    }
}

/// Outcome of one step.
#[derive(Clone, Debug)]
pub struct SsoTestStep(Step);

impl Object for SsoTestStep {
    const NAME: &'static str = "SsoTestStep";
    const DOC: &'static str = "Outcome of one step.";

    fn describe(t: &mut Type<Self>) {
        t.value("name", |step| SsoTestStepName::from(step.0.name))
            .doc("Which step.");
        t.value("isPassed", |step| step.0.is_passed)
            .doc("Whether it went well.");
        t.text_opt("message", |step| step.0.message.as_deref())
            .doc("More on it, in words for people; null if there is no more to say.");
    }
}

/// A claim that was received.
#[derive(Clone, Debug)]
pub struct SsoTestClaim(ReceivedClaim);

impl Object for SsoTestClaim {
    const NAME: &'static str = "SsoTestClaim";
    const DOC: &'static str = "A claim that was received.";

    fn describe(t: &mut Type<Self>) {
        t.text("name", |claim| &claim.0.name)
            .doc("What the provider calls it, cut off after 64 characters.");
        t.text("maskedValue", |claim| &claim.0.masked_value)
            .doc("Enough of its value to recognise it, too little to use it.");
        t.value("isUsed", |claim| claim.0.is_used)
            .doc("Whether it is read: one that the claim mapping names, or one of the protocol.");
    }
}
