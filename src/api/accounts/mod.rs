//! The account as clients see it. Lists of what it holds are added by the modules that own them; of an account the session is not for, they are refused.

mod mutations;
mod roles;
mod view;
mod viewer;

use async_graphql::Enum;
use entity::account;
use entity::ids::Kind;

pub use mutations::on_mutation;
pub use viewer::Viewer;

use crate::accounts::Profile;
use crate::accounts::{Account, Counts};
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
use graphql::{Context, Fault, FromContext, Links, Object, Rows, Type, enum_leaf};

/// Commercial plan of an account.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "account::Plan")]
pub enum Plan {
    /// Everything but single sign-on.
    Standard,
    /// With single sign-on.
    Premium,
}

/// Which user management an account uses.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "account::View")]
pub enum AccountView {
    /// People are managed by primary, secondary and SSO administrators.
    Current,
    /// The classic view: contract managers and software coordinators, single add and bulk add of at most 50.
    Classic,
}

enum_leaf!(Plan, AccountView);

impl Object for Account {
    const NAME: &'static str = "Account";
    const DOC: &'static str =
        "A customer: the tenant boundary. Nothing below an account is ever visible from another.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |account| Gid(Kind::Account, account.0.id))
            .doc("Global id: what it is and which, opaque.");
        t.value("version", |account| account.0.version)
            .doc("Grows with every change of the account.");
        t.text("name", |account| &account.0.name)
            .doc("What the customer is called.");
        t.text("slug", |account| &account.0.slug)
            .doc("Short name for addresses; no two accounts have the same.");
        t.value("plan", |account| Plan::from(account.0.plan))
            .doc("What the customer has bought; some features need the premium plan.");
        t.value("view", |account| AccountView::from(account.0.view))
            .doc("The user management this account works with; it decides which roles there are.");
        roles::on_account(t);
        t.value("createdAt", |account| account.0.created_at)
            .doc("When the account was made.");
        t.one_opt("primaryAdmin", primary_admin).doc(
            "Who holds the primary role; null in the classic view, and of an account the session is not for.",
        );
        t.child("settings", |account| AccountSettings(account.0.clone()))
            .doc("What holds for all invitations of the account.");
        t.confine(of_session);
        t.one("userCounts", user_counts)
            .doc("How many users there are by status.")
            .guard(Permission::UsersRead);
        view::on_account(t);
        crate::api::users::on_account(t);
        crate::api::invitations::on_account(t);
        crate::api::products::on_account(t);
        crate::api::subscriptions::on_account(t);
        crate::api::contracts::on_account(t);
        crate::api::assignments::on_account(t);
        crate::api::groups::on_account(t);
        crate::api::assignments::on_waitlist(t);
        crate::api::assignments::on_reclaimable(t);
        crate::api::bulk_jobs::on_account(t);
        crate::api::usage::on_account(t);
        crate::api::credits::on_account(t);
        crate::api::imports::on_account(t);
        crate::api::exports::on_account(t);
        crate::api::access_requests::on_account(t);
        crate::api::identity_providers::on_account(t);
        crate::api::domains::on_account(t);
        crate::api::api_tokens::on_account(t);
        crate::api::audit::on_account(t);
    }
}

/// What an account holds is answered in a session for it: roles and reads are those of that account alone.
fn of_session(context: &Context, account: &Account) -> std::result::Result<(), Fault> {
    let scope = Scope::from_context(context)?;
    match scope.account_id()? == account.0.id {
        true => Ok(()),
        false => Err(Fault::new(
            "FORBIDDEN",
            "The session is for another account: switch to this one first.",
        )),
    }
}

async fn primary_admin(scope: Scope, accounts: Rows<Account>) -> Result<Links<User>> {
    let found = User::primary_admin(&scope).await?.into_iter().collect();
    let wanted = accounts.iter().map(|account| Some(account.0.id));
    Ok(Links::by_key(wanted, found, |user: &User| user.0.account_id))
}

async fn user_counts(scope: Scope, accounts: Rows<Account>) -> Result<Links<Counts>> {
    let own = scope.account_id()?;
    let found = Counts::own(&scope).await?;
    // Of an account the session is not for, nothing is counted.
    let of_account = accounts
        .iter()
        .map(|account| found.filter(|_| account.0.id == own));
    Ok(Links::each(of_account.collect()))
}

/// Settings of an account.
#[derive(Clone, Debug)]
pub struct AccountSettings(std::sync::Arc<Profile>);

impl Object for AccountSettings {
    const NAME: &'static str = "AccountSettings";
    const DOC: &'static str = "Settings of an account.";

    fn describe(t: &mut Type<Self>) {
        t.value("allowedInviteDomains", |settings| {
            settings.0.allowed_invite_domains.0.clone()
        })
        .doc("Only invite addresses in these domains; empty means any.");
        t.value("invitationLifetimeDays", |settings| {
            settings.0.invitation_lifetime_days
        })
        .doc("Days for which the link of an invitation is good, counted from each sending.");
        t.value("seatNoticePercent", |settings| settings.0.seat_notice_percent)
            .doc("From which share of its seats taken on, in percent, a subscription is told of to the administrators.");
        t.value("auditKeptDays", |settings| settings.0.audit_kept_days)
            .doc("For how many days the audit log is kept.");
        t.value("reclaimIdleDays", |settings| settings.0.reclaim_idle_days)
            .doc("Seats of people who did not sign in for so many days are taken back by themselves, as are those of people who did not accept in time; they are told seven days before. Null: they are not.");
        t.value("graceDays", |settings| settings.0.grace_days)
            .doc("For how many days after the end of a term access goes on for whoever holds a seat.");
        t.text("defaultLocale", |settings| &settings.0.default_locale)
            .doc("Language tag of the account, like de or pt-BR.");
    }
}

impl Object for Counts {
    const NAME: &'static str = "UserCounts";
    const DOC: &'static str =
        "Users by status, kept in the transactions that change users: they cost nothing to read.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", Counts::total)
            .doc("All that are listed: staged, pending, active and disabled.");
        t.value("active", |counts| counts.users_active)
            .doc("Users who can sign in.");
        t.value("pending", |counts| counts.users_pending)
            .doc("Users who are invited and have not accepted.");
        t.value("staged", |counts| counts.users_staged)
            .doc("Users who are known and not invited yet.");
        t.value("disabled", |counts| counts.users_disabled)
            .doc("Users who cannot sign in any more.");
        t.value("admins", |counts| counts.users_admin)
            .doc("Users of any status but removed whose role is an administrator's.");
    }
}
