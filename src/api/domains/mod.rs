//! Domains as clients see them.

mod mutations;

use std::future::ready;

use async_graphql::Enum;
use entity::domain;
use entity::ids::Kind;
use graphql::{Object, Rows, Type, enum_leaf, group};

use crate::accounts::Account;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::domains::{Domain, DomainProof, read, rules};
use crate::error::{Error, Result};
use crate::read::Scope;
pub use mutations::on_mutation;

/// Life cycle of a domain.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::Status")]
pub enum DomainStatus {
    /// Claimed, and not checked yet.
    Pending,
    /// Proven to be the account's: identity providers may sign in the people whose addresses are in it.
    Verified,
    /// Checked, and the record was not there.
    Failed,
    /// It was verified, but the record has been missing for 7 daily checks; or it was not proven within 7 days of the claim.
    Lapsed,
}

enum_leaf!(DomainStatus);

impl Object for Domain {
    const NAME: &'static str = "Domain";
    const DOC: &'static str = "An e-mail domain of the account, proven by a DNS TXT record. A domain is verified in at most one account; unproven claims lapse after 7 days.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |domain| Gid(Kind::Domain, domain.0.id))
            .doc("Global id, opaque.");
        t.text("name", |domain| &domain.0.name)
            .doc("Lower-case, international names as punycode.");
        t.values("status", |scope: Scope, domains: Rows<Domain>| {
            let now = scope.app().clock().now();
            let statuses = domains.iter().map(|domain| rules::status(&domain.0, now).into());
            ready(Ok::<Vec<DomainStatus>, Error>(statuses.collect()))
        })
        .doc("How far the proof is, at this moment.");
        t.one("record", |scope: Scope, domains: Rows<Domain>| {
            let records = domains
                .iter()
                .map(|domain| DomainProof::of(scope.app().secrets(), &domain.0).map(DnsRecord));
            ready(records.collect::<Result<Vec<_>>>())
        })
        .doc("What to publish, and to leave there: it is looked for every day.");
        t.value("createdAt", |domain| domain.0.created_at)
            .doc("When it was claimed.");
        t.value("verifiedAt", |domain| domain.0.verified_at)
            .doc("When it was proven; null before.");
        t.value("lastCheckedAt", |domain| domain.0.last_checked_at)
            .doc("When the DNS was last asked for the record; null before the first time.");
        t.text_opt("lastCheckMessage", |domain| {
            domain.0.last_check_message.as_deref()
        })
        .doc("What that check found, in words for people; null before the first.");
    }
}

/// A DNS record to publish.
#[derive(Clone, Debug)]
pub struct DnsRecord(DomainProof);

impl Object for DnsRecord {
    const NAME: &'static str = "DnsRecord";
    const DOC: &'static str = "A DNS record to publish.";

    fn describe(t: &mut Type<Self>) {
        t.text("type", |_| "TXT").doc("Always `TXT`.");
        t.text("host", |record| &record.0.host)
            .doc("The name to publish it under, in full.");
        t.text("value", |record| &record.0.value)
            .doc("Its text, to the letter; other records may stand beside it.");
    }
}

/// `Account.domains`.
pub fn on_account(t: &mut Type<Account>) {
    t.many("domains", of_accounts)
        .doc("In the order of their names; at most 20.")
        .guard(Permission::SsoRead);
}

async fn of_accounts(scope: Scope, accounts: Rows<Account>) -> Result<Vec<Vec<Domain>>> {
    let found = read::all(&scope).await?;
    let ids = accounts.iter().map(|account| account.0.id);
    Ok(group(ids, found, |domain| domain.0.account_id))
}
