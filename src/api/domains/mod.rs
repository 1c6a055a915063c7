//! Domains as clients see them.

mod mutations;

use crate::api::old::OldStyle as _;
use async_graphql::Enum;
use entity::domain;
use entity::ids::Kind;
use futures::FutureExt;

use crate::domains::{Domain, Proof, read, rules};
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::error::Result;
use graphql::{Links, Object, Type, enum_leaf, group};

/// Life cycle of a domain.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::Status")]
pub enum DomainStatus {
    Pending,
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
        t.value("id", |domain| Gid(Kind::Domain, domain.0.id));
        t.text("name", |domain| &domain.0.name)
            .doc("Lower-case, international names as punycode.");
        t.old_values("status", |ask, domains| {
            let now = ask.scope.app().clock().now();
            let statuses = domains
                .iter()
                .map(|domain| rules::status(&domain.0, now).into())
                .collect();
            std::future::ready(Ok::<Vec<DomainStatus>, _>(statuses)).boxed()
        });
        t.old_one("record", |ask, domains, _: NoArgs| {
            let secrets = ask.scope.app().secrets();
            let records = domains
                .iter()
                .map(|domain| Proof::of(secrets, &domain.0).map(DnsRecord));
            let records: Result<Vec<_>> = records.collect();
            std::future::ready(records.map(Links::all)).boxed()
        })
        .doc("What to publish, and to leave there: it is looked for every day.");
        t.value("createdAt", |domain| domain.0.created_at);
        t.value("verifiedAt", |domain| domain.0.verified_at);
        t.value("lastCheckedAt", |domain| domain.0.last_checked_at);
        t.text_opt("lastCheckMessage", |domain| {
            domain.0.last_check_message.as_deref()
        });
    }
}

/// A DNS record to publish.
#[derive(Clone, Debug)]
pub struct DnsRecord(Proof);

impl Object for DnsRecord {
    const NAME: &'static str = "DnsRecord";
    const DOC: &'static str = "A DNS record to publish.";

    fn describe(t: &mut Type<Self>) {
        t.text("type", |_| "TXT");
        t.text("host", |record| &record.0.host);
        t.text("value", |record| &record.0.value);
    }
}

/// `Account.domains`.
pub fn on_account(t: &mut Type<Account>) {
    t.old_many("domains", |ask, accounts, _: NoArgs| {
        async move {
            let found = read::all(ask.scope).await?;
            Ok(group(
                accounts.iter().map(|account| account.0.id),
                found,
                |domain| domain.0.account_id,
            ))
        }
        .boxed()
    })
    .doc("In the order of their names; at most 20.")
    .guard(Permission::SsoRead);
}
