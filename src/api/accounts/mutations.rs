//! Changing an account over GraphQL.

use async_graphql::InputObject;

use crate::accounts::{Account, Settings, UpdateAccount};
use crate::api::Mutation;
use crate::api::guard::Permission;
use crate::error::Result;
use crate::read::Scope;
use graphql::Type;

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("updateAccount", update)
        .doc("Changes settings of the account. What is null stays as it is.")
        .guard(Permission::AccountWrite)
        .weight(10);
    super::view::on_mutation(t);
}

/// What is to hold for the account.
#[derive(InputObject, Debug)]
struct UpdateAccountInput {
    /// The version that was read: if it is another by now, nothing is changed (`STALE_VERSION`). Null: whatever it is.
    expected_version: Option<i32>,
    /// What the customer is called: one line of 1 to 100 characters.
    name: Option<String>,
    /// Language tag like de or pt-BR, at most 35 characters. Lists by name have its order, which is made in the background.
    default_locale: Option<String>,
    /// Only addresses of these domains are invited, at most 100; empty: any. Whoever is there already stays, and their invitations are good.
    allowed_invite_domains: Option<Vec<String>>,
    /// Days for which the link of an invitation is good that is sent from now on: 1 to 365.
    invitation_lifetime_days: Option<i32>,
    /// From which share of its seats taken on a subscription is told of to the administrators, once: 1 to 100 %. Of the last seat they hear in any case.
    seat_notice_percent: Option<i32>,
    /// For how many days the audit log is kept: 90 to 3,650. With fewer than before, what is older goes within a day, for good.
    audit_kept_days: Option<i32>,
    /// Seats of people who did not sign in for so many days are taken back by themselves, seven days after they were told by mail: 14 to 3,650 days, and 0 to leave everybody theirs.
    reclaim_idle_days: Option<i32>,
    /// For how many days after the end of a term access goes on for whoever holds a seat: 0 to 90.
    grace_days: Option<i32>,
}

async fn update(scope: Scope, input: UpdateAccountInput) -> Result<Account> {
    let command = UpdateAccount {
        expected_version: input.expected_version,
        settings: Settings {
            name: input.name,
            default_locale: input.default_locale,
            allowed_invite_domains: input.allowed_invite_domains,
            invitation_lifetime_days: input.invitation_lifetime_days,
            seat_notice_percent: input.seat_notice_percent,
            audit_kept_days: input.audit_kept_days,
            reclaim_idle_days: input.reclaim_idle_days,
            grace_days: input.grace_days,
        },
    };
    scope.run(command).await
}
