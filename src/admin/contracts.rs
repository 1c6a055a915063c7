//! Contracts at the command line: the same as administrators can do, in any account.

use chrono::NaiveDate;
use clap::Args;

use super::args::Sure;
use super::cli::confirm;
use crate::access::Actor;
use crate::app::App;
use crate::contracts::{
    ContractRef, CreateContract, RENEWAL_MONTHS, RenewContract, Sale, Status, SubscriptionRef,
    TerminateContract, UpdateContract, UpdateSubscription, of_account, status,
};
use crate::directory::slugs;
use crate::error::{Error, Result};

#[derive(Args, Debug)]
pub struct NewContractArgs {
    /// The account's slug.
    pub account: String,
    /// What it is called on paper.
    pub number: String,
    /// First day, as 2026-11-22.
    #[arg(long)]
    pub starts_on: NaiveDate,
    /// Last day.
    #[arg(long)]
    pub ends_on: NaiveDate,
    /// It goes on by itself when its term ends.
    #[arg(long)]
    pub auto_renews: bool,
    /// By so many months a renewal moves the last day, 1 to 120.
    #[arg(long, default_value_t = RENEWAL_MONTHS)]
    pub renewal_months: i32,
    #[arg(long)]
    pub purchaser: Option<String>,
    #[arg(long)]
    pub reseller: Option<String>,
}

#[derive(Args, Debug)]
pub struct UpdateContractArgs {
    /// The account's slug.
    pub account: String,
    /// What it is called on paper.
    pub number: String,
    /// What it is to be called.
    #[arg(long)]
    pub new_number: Option<String>,
    #[arg(long)]
    pub starts_on: Option<NaiveDate>,
    #[arg(long)]
    pub ends_on: Option<NaiveDate>,
    /// Whether it goes on by itself when its term ends: true or false.
    #[arg(long)]
    pub auto_renews: Option<bool>,
    #[arg(long)]
    pub renewal_months: Option<i32>,
    #[arg(long)]
    pub purchaser: Option<String>,
    #[arg(long)]
    pub reseller: Option<String>,
}

#[derive(Args, Debug)]
pub struct RenewContractArgs {
    /// The account's slug.
    pub account: String,
    /// What it is called on paper.
    pub number: String,
    /// The new last day; without it: by as many months as the contract is renewed for.
    #[arg(long)]
    pub ends_on: Option<NaiveDate>,
}

#[derive(Args, Debug)]
pub struct TerminateContractArgs {
    /// The account's slug.
    pub account: String,
    /// What it is called on paper.
    pub number: String,
    /// Its last day; without it: the end of its term.
    #[arg(long)]
    pub on: Option<NaiveDate>,
    #[command(flatten)]
    pub sure: Sure,
}

#[derive(Args, Debug)]
pub struct UpdateSubscriptionArgs {
    /// The account's slug.
    pub account: String,
    /// The product's code.
    pub product: String,
    #[arg(long)]
    pub contract: String,
    /// How many seats there are, from now on or from the next term.
    #[arg(long)]
    pub seats: Option<i32>,
    /// The number of seats holds from the next term on.
    #[arg(long, requires = "seats")]
    pub at_next_term: bool,
    /// Its last day.
    #[arg(long)]
    pub ends_on: Option<NaiveDate>,
    /// It is a trial no more, but paid for.
    #[arg(long)]
    pub paid: bool,
}

/// One line a contract, tab-separated, as other programs read it.
pub async fn list(app: &App, slug: &str) -> Result<String> {
    let missing = || Error::BadInput(format!("There is no account \"{slug}\"."));
    let account = slugs::find(app.reader(), slug).await?.ok_or_else(missing)?;
    let today = app.clock().now().date_naive();
    let mut lines = vec!["number\tstatus\tstarts on\tends on\trenews\tpurchaser\treseller".to_owned()];
    lines.extend(of_account(app.reader(), account.id).await?.iter().map(|one| {
        let status = match status(one, today) {
            Status::Active => "active",
            Status::Upcoming => "upcoming",
            Status::Expired => "expired",
            Status::Terminated => "terminated",
        };
        let renews = match one.auto_renews {
            true => format!("by {} months", one.renewal_months),
            false => "no".to_owned(),
        };
        let name = |name: &Option<String>| name.clone().unwrap_or_default();
        format!(
            "{}\t{status}\t{}\t{}\t{renews}\t{}\t{}",
            one.number,
            one.starts_on,
            one.ends_on,
            name(&one.purchaser_name),
            name(&one.reseller_name)
        )
    }));
    Ok(lines.join("\n"))
}

pub async fn create(app: &App, args: NewContractArgs) -> Result<String> {
    let change = CreateContract {
        number: args.number,
        starts_on: args.starts_on,
        ends_on: args.ends_on,
        auto_renews: args.auto_renews,
        renewal_months: args.renewal_months,
        purchaser_name: args.purchaser,
        reseller_name: args.reseller,
    };
    let made = app.run(&Actor::Operator, Sale::of(&args.account, change)).await?;
    Ok(format!(
        "Contract {} of {} is there, until {}.",
        made.number, args.account, made.ends_on
    ))
}

pub async fn update(app: &App, args: UpdateContractArgs) -> Result<String> {
    let mut change = UpdateContract::new(ContractRef::Number(args.number));
    change.number = args.new_number;
    change.starts_on = args.starts_on;
    change.ends_on = args.ends_on;
    change.auto_renews = args.auto_renews;
    change.renewal_months = args.renewal_months;
    change.purchaser_name = args.purchaser;
    change.reseller_name = args.reseller;
    let changed = app.run(&Actor::Operator, Sale::of(&args.account, change)).await?;
    Ok(format!(
        "Contract {} of {} is as you said, until {}.",
        changed.number, args.account, changed.ends_on
    ))
}

pub async fn renew(app: &App, args: RenewContractArgs) -> Result<String> {
    let change = RenewContract {
        contract: ContractRef::Number(args.number),
        expected_version: None,
        ends_on: args.ends_on,
    };
    let renewed = app.run(&Actor::Operator, Sale::of(&args.account, change)).await?;
    Ok(format!(
        "Contract {} of {} is renewed until {}.",
        renewed.number, args.account, renewed.ends_on
    ))
}

pub async fn terminate(app: &App, args: TerminateContractArgs) -> Result<String> {
    confirm(
        "The contract is not renewed, and its subscriptions end with it.",
        args.sure,
    )?;
    let change = TerminateContract {
        contract: ContractRef::Number(args.number),
        expected_version: None,
        on: args.on,
    };
    let ended = app.run(&Actor::Operator, Sale::of(&args.account, change)).await?;
    Ok(format!(
        "Contract {} of {} ends on {}.",
        ended.number, args.account, ended.ends_on
    ))
}

pub async fn update_subscription(app: &App, args: UpdateSubscriptionArgs) -> Result<String> {
    let sold = SubscriptionRef::Sold {
        product: args.product.clone(),
        contract: args.contract,
    };
    let mut change = UpdateSubscription::new(sold);
    change.seats = args.seats;
    change.at_next_term = args.at_next_term;
    change.ends_on = args.ends_on;
    change.is_trial = args.paid.then_some(false);
    let changed = app.run(&Actor::Operator, Sale::of(&args.account, change)).await?;
    let next = match changed.next_seats {
        Some(seats) => format!(", and {seats} from its next term on"),
        None => String::new(),
    };
    Ok(format!(
        "{} has {} seats of {} until {}{next}.",
        args.account, changed.seats, args.product, changed.ends_on
    ))
}
