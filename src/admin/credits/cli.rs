//! `muster admin credits …`.

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use entity::credit_book;
use sea_orm::EntityTrait;
use serde_json::json;

use super::{AdjustCredits, Booking, GrantCredits, SetOverdraft};
use crate::access::Actor;
use crate::app::App;
use crate::credits::Credits;
use crate::directory::slugs;
use crate::error::{Error, Result};

#[derive(Args, Debug)]
pub struct CreditsArgs {
    #[command(subcommand)]
    command: CreditsCommand,
    /// Print one line of JSON, for programs.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand, Debug)]
enum CreditsCommand {
    /// Grant an account credits.
    Grant(BookingArgs),
    /// Mend what is wrong: add credits, or with an amount below 0 take some. Nothing that was booked is changed.
    Adjust(BookingArgs),
    /// Say whether an account may consume credits that it has not.
    Overdraft {
        /// The account's slug.
        account: String,
        #[arg(value_enum)]
        overdraft: Overdraft,
    },
    /// Show how an account's credits stand.
    Show {
        /// The account's slug.
        account: String,
    },
}

#[derive(Args, Debug)]
struct BookingArgs {
    /// The account's slug.
    account: String,
    /// How many, with at most four decimals: 1000, 12.5.
    #[arg(allow_negative_numbers = true, value_parser = amount)]
    amount: Credits,
    /// The last day (UTC) on which they are good, as 2027-12-31; without it they do not lapse.
    #[arg(long)]
    expires_on: Option<NaiveDate>,
    /// What you know it by, such as the number of an order: under the same reference the same is booked once, so that a script may be repeated.
    #[arg(long)]
    reference: Option<String>,
    /// What the account reads about it in its ledger; an adjustment needs it.
    #[arg(long)]
    note: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Overdraft {
    Allow,
    Refuse,
}

fn amount(text: &str) -> Result<Credits, String> {
    let wrong = |_| "an amount is written like 1000 or 12.5, with at most four decimals".to_owned();
    text.parse().map_err(wrong)
}

impl From<BookingArgs> for Booking {
    fn from(args: BookingArgs) -> Self {
        Self {
            account: args.account,
            amount: args.amount,
            expires_on: args.expires_on,
            reference: args.reference,
            note: args.note,
        }
    }
}

/// Does what the operator asked for and answers what to say.
pub async fn run(app: &App, args: CreditsArgs) -> Result<String> {
    let (account, did) = match args.command {
        CreditsCommand::Grant(args) => {
            let (account, amount) = (args.account.clone(), args.amount);
            let is_new = app.run(&Actor::Operator, GrantCredits(args.into())).await?;
            let did = format!("{account} was granted {amount} credits.");
            (account, told(is_new, did))
        }
        CreditsCommand::Adjust(args) => {
            let (account, amount) = (args.account.clone(), args.amount);
            let is_new = app.run(&Actor::Operator, AdjustCredits(args.into())).await?;
            let did = format!("{account}'s credits were adjusted by {amount}.");
            (account, told(is_new, did))
        }
        CreditsCommand::Overdraft { account, overdraft } => {
            let command = SetOverdraft {
                account: account.clone(),
                is_allowed: matches!(overdraft, Overdraft::Allow),
            };
            app.run(&Actor::Operator, command).await?;
            let may = match overdraft {
                Overdraft::Allow => "may",
                Overdraft::Refuse => "may not",
            };
            let did = format!("{account} {may} consume credits that it has not.");
            (account, did)
        }
        CreditsCommand::Show { account } => (account, String::new()),
    };
    let missing = || Error::BadInput(format!("There is no account \"{account}\"."));
    let named = slugs::find(app.reader(), &account).await?.ok_or_else(missing)?;
    let book = credit_book::Entity::find_by_id((named.id, named.id));
    let book = book.one(app.reader()).await?;
    let Some(book) = book else {
        return Ok(match args.json {
            true => json!({"account": account, "credits": null}).to_string(),
            false => format!("No credits are kept for {account}: it was never granted any."),
        });
    };
    let figures = [
        ("balance", book.balance),
        ("granted", book.granted),
        ("consumed", book.consumed),
        ("expired", book.expired),
        ("adjusted", book.adjusted),
    ];
    if args.json {
        let mut credits = json!({"overdraftAllowed": book.allows_overdraft, "entries": book.entries});
        for (name, figure) in figures {
            credits[name] = Credits(figure).to_string().into();
        }
        return Ok(json!({"account": account, "credits": credits}).to_string());
    }
    let figures = figures.map(|(name, figure)| format!("{name} {}", Credits(figure)));
    Ok(format!("{did}\n{account}: {}", figures.join(", "))
        .trim_start()
        .to_owned())
}

fn told(is_new: bool, did: String) -> String {
    match is_new {
        true => did,
        false => "That was booked before; nothing was changed.".to_owned(),
    }
}
