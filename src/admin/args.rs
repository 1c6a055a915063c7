//! The arguments of `muster admin …`.

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use entity::account;
use uuid::Uuid;

use super::account::{DEFAULT_LOCALE, INVITATION_LIFETIME_DAYS};
use super::contracts::{
    NewContractArgs, RenewContractArgs, TerminateContractArgs, UpdateContractArgs, UpdateSubscriptionArgs,
};
use super::credits::CreditsArgs;

#[derive(Args, Debug)]
pub struct AdminArgs {
    #[command(subcommand)]
    pub command: AdminCommand,
}

#[derive(Subcommand, Debug)]
pub enum AdminCommand {
    /// Make an account and its first administrator: the primary one, or in the classic view a contract manager.
    CreateAccount(AccountArgs),
    /// Add a product to the catalogue, or rename one.
    DefineProduct(ProductArgs),
    /// Book seats of a product for an account.
    CreateSubscription(SubscriptionArgs),
    /// Sell more seats of a subscription, or take back those that nobody holds.
    SetSeats(SeatsArgs),
    /// An account's cloud credits: grant, adjust, let overdraw, show.
    Credits(CreditsArgs),
    /// Change a subscription: its seats, now or from the next term on, its last day, or a trial that is paid for.
    UpdateSubscription(UpdateSubscriptionArgs),
    /// List the contracts of an account.
    Contracts {
        /// The account's slug.
        account: String,
    },
    /// Write down a contract of an account.
    CreateContract(NewContractArgs),
    /// Change what is kept of a contract.
    UpdateContract(UpdateContractArgs),
    /// Add a term to a contract, and to the subscriptions that would end with it.
    RenewContract(RenewContractArgs),
    /// Say that a contract ends, with its term or on a day.
    TerminateContract(TerminateContractArgs),
    /// Move an account to another plan. Leaving premium makes its SSO administrators secondary ones.
    SetPlan(PlanArgs),
    /// Give an account another language. Lists by name get its order in the background.
    SetLocale {
        /// The account's slug.
        account: String,
        /// A language tag, as de or sv-SE.
        locale: String,
    },
    /// Make a new key for access tokens: published at once, signing ten minutes later. Nobody is signed out.
    RotateSigningKey,
    /// Take a domain as an account's own without a DNS record, because you have proof by other means.
    VerifyDomain {
        /// The account's slug.
        account: String,
        domain: String,
    },
    /// List the mails that were given up, the oldest first.
    Mails {
        /// The account's slug; without it: of all accounts.
        account: Option<String>,
    },
    /// Have mails that were given up sent again, once the cause is gone.
    SendMails {
        /// The account's slug.
        account: String,
        /// The mail's id, as `mails` shows it; without it: all of the account's.
        #[arg(long)]
        id: Option<Uuid>,
    },
    /// Forget in which data directory's embedded store the files lay: for when it is gone for good.
    ForgetStore {
        #[command(flatten)]
        sure: Sure,
    },
    /// Look whether an account's audit log is whole. Ends with 0 if it is, with 2 if events were changed, put in or taken out, with 1 if that could not be looked at.
    VerifyAudit {
        /// The account's slug.
        account: String,
        /// A head that was noted earlier, as this prints it: it must be in the chain still.
        #[arg(long)]
        expect: Option<String>,
    },
    /// After a change of the master key: encrypt anew what a former one encrypted (`MUSTER_FORMER_SECRET_KEYS`).
    ResealSecrets,
}

/// What takes something away is asked once more.
#[derive(Args, Clone, Copy, Debug)]
pub struct Sure {
    /// Do it without asking.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Plan {
    Standard,
    Premium,
}

impl From<Plan> for account::Plan {
    fn from(plan: Plan) -> Self {
        match plan {
            Plan::Standard => Self::Standard,
            Plan::Premium => Self::Premium,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum View {
    Current,
    Classic,
}

impl From<View> for account::View {
    fn from(view: View) -> Self {
        match view {
            View::Current => Self::Current,
            View::Classic => Self::Classic,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ProductKind {
    Application,
    Collection,
    Service,
}

#[derive(Args, Debug)]
pub struct AccountArgs {
    /// Short name: lower-case letters, digits and hyphens.
    pub slug: String,
    #[arg(long)]
    pub name: String,
    #[arg(long, value_enum, default_value = "standard")]
    pub plan: Plan,
    /// The view of user management it works with.
    #[arg(long, value_enum, default_value = "current")]
    pub view: View,
    /// The administrator's e-mail.
    #[arg(long)]
    pub email: String,
    #[arg(long)]
    pub given_name: Option<String>,
    #[arg(long)]
    pub family_name: Option<String>,
    /// Days for which the account's invitations are good, 1 to 365.
    #[arg(long, default_value_t = INVITATION_LIFETIME_DAYS)]
    pub invitation_days: i32,
    /// Language tag, as de or sv-SE: lists by name have its order.
    #[arg(long, default_value = DEFAULT_LOCALE)]
    pub locale: String,
    /// Read the password from standard input. Otherwise one is made and printed, once.
    #[arg(long)]
    pub password_stdin: bool,
}

#[derive(Args, Debug)]
pub struct ProductArgs {
    pub code: String,
    #[arg(long)]
    pub name: String,
    #[arg(long, value_enum, default_value = "application")]
    pub kind: ProductKind,
    /// `CODE=Name`, on by default; `CODE=Name!` is required, `CODE=Name-` is off by default; `CODE=Name->OTHER,…` can be on only where those others are. May be repeated.
    #[arg(long = "component")]
    pub components: Vec<String>,
}

#[derive(Args, Debug)]
pub struct SubscriptionArgs {
    /// The account's slug.
    pub account: String,
    /// The product's code.
    pub product: String,
    #[arg(long)]
    pub seats: i32,
    #[arg(long)]
    pub contract: String,
    /// First day, as 2026-11-22.
    #[arg(long)]
    pub starts_on: NaiveDate,
    /// Last day.
    #[arg(long)]
    pub ends_on: NaiveDate,
    /// It is a trial, until somebody says that it is paid for.
    #[arg(long)]
    pub trial: bool,
}

#[derive(Args, Debug)]
pub struct SeatsArgs {
    /// The account's slug.
    pub account: String,
    /// The product's code.
    pub product: String,
    #[arg(long)]
    pub contract: String,
    /// How many there are from now on, not fewer than are held.
    #[arg(long)]
    pub seats: i32,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    /// The account's slug.
    pub account: String,
    #[arg(value_enum)]
    pub plan: Plan,
    #[command(flatten)]
    pub sure: Sure,
}
