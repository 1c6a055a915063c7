//! `muster admin …`.

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;

use base64::Engine;
use chrono::SecondsFormat;
use entity::product;
use secrecy::{ExposeSecret, SecretString};

use super::args::{
    AccountArgs, AdminArgs, AdminCommand, Plan, PlanArgs, ProductArgs, ProductKind, SeatsArgs, Sure,
};
use super::{
    ComponentSpec, CreateAccount, CreateSubscription, DefineProduct, SetLocale, SetPlan, SetSeats,
    VouchForDomain, contracts, credits, reseal_all,
};
use crate::access::Actor;
use crate::app::App;
use crate::audit::finding::Head;
use crate::audit::verify::verify;
use crate::background::given_up::{self, SendAgain};
use crate::directory::slugs;
use crate::error::{Error, Result};
use crate::person::EmailAddress;
use crate::sessions::RotateSigningKey;
use crate::uploads::ForgetStore;
use crate::users::lifecycle::rules::in_words;

/// What the process ends with when it found something that is not as it should be.
const FOUND: u8 = 2;

/// Does what the operator asked for and says so.
pub async fn run(app: &App, args: AdminArgs) -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    let said = match args.command {
        AdminCommand::CreateAccount(args) => create_account(app, args).await?,
        AdminCommand::DefineProduct(args) => define_product(app, args).await?,
        AdminCommand::CreateSubscription(args) => {
            let said = format!(
                "{} has {} seats of {} until {}.",
                args.account, args.seats, args.product, args.ends_on
            );
            let command = CreateSubscription {
                account: args.account,
                product: args.product,
                contract_number: args.contract,
                seats: args.seats,
                starts_on: args.starts_on,
                ends_on: args.ends_on,
                is_trial: args.trial,
            };
            app.run(&Actor::Operator, command).await?;
            said
        }
        AdminCommand::SetSeats(args) => set_seats(app, args).await?,
        AdminCommand::Credits(args) => credits::run(app, args).await?,
        AdminCommand::UpdateSubscription(args) => contracts::update_subscription(app, args).await?,
        AdminCommand::Contracts { account } => contracts::list(app, &account).await?,
        AdminCommand::CreateContract(args) => contracts::create(app, args).await?,
        AdminCommand::UpdateContract(args) => contracts::update(app, args).await?,
        AdminCommand::RenewContract(args) => contracts::renew(app, args).await?,
        AdminCommand::TerminateContract(args) => contracts::terminate(app, args).await?,
        AdminCommand::SetPlan(args) => set_plan(app, args).await?,
        AdminCommand::SetLocale { account, locale } => {
            let said = format!("{account}'s language is {locale}. Lists by name are put into its order.");
            app.run(&Actor::Operator, SetLocale { account, locale }).await?;
            said
        }
        AdminCommand::VerifyDomain { account, domain } => {
            let said = format!("{domain} is {account}'s from now on.");
            let command = VouchForDomain {
                account,
                name: domain,
            };
            app.run(&Actor::Operator, command).await?;
            said
        }
        AdminCommand::Mails { account } => given_up_mails(app, account.as_deref()).await?,
        AdminCommand::SendMails { account, id } => {
            let command = SendAgain { account, mail_id: id };
            let count = app.run(&Actor::Operator, command).await?;
            format!("Mails that are sent again: {count}.")
        }
        AdminCommand::ForgetStore { sure } => {
            let text = "The files of the store that is forgotten are lost to Muster: uploads, copies of imports and reports.";
            confirm(text, sure)?;
            app.run(&Actor::Operator, ForgetStore).await?;
            "The next server that starts begins with a store of its own.".to_owned()
        }
        AdminCommand::VerifyAudit { account, expect } => {
            let (said, is_whole) = verify_audit(app, &account, expect.as_deref()).await?;
            if !is_whole {
                code = ExitCode::from(FOUND);
            }
            said
        }
        AdminCommand::ResealSecrets => reseal_secrets(app).await?,
        AdminCommand::RotateSigningKey => {
            let key = app.run(&Actor::Operator, RotateSigningKey).await?;
            let from = key.signs_from.to_rfc3339_opts(SecondsFormat::Secs, true);
            format!(
                "Signing key {} is published and signs from {from} on.",
                key.generation
            )
        }
    };
    writeln!(std::io::stdout(), "{said}").map_err(Error::internal)?;
    Ok(code)
}

async fn set_seats(app: &App, args: SeatsArgs) -> Result<String> {
    let said = format!(
        "{} has {} seats of {} now.",
        args.account, args.seats, args.product
    );
    let command = SetSeats {
        account: args.account,
        product: args.product,
        contract_number: args.contract,
        seats: args.seats,
    };
    app.run(&Actor::Operator, command).await?;
    Ok(said)
}

async fn define_product(app: &App, args: ProductArgs) -> Result<String> {
    let components = args.components.iter().map(|text| component(text));
    let kind = match args.kind {
        ProductKind::Application => product::Kind::Application,
        ProductKind::Collection => product::Kind::Collection,
        ProductKind::Service => product::Kind::Service,
    };
    let said = format!("Product {} is in the catalogue.", args.code);
    let command = DefineProduct {
        components: components.collect::<Result<_>>()?,
        code: args.code,
        name: args.name,
        kind,
    };
    app.run(&Actor::Operator, command).await?;
    Ok(said)
}

/// One line of what is there, and one for each finding.
async fn verify_audit(app: &App, slug: &str, expected: Option<&str>) -> Result<(String, bool)> {
    let expected: Option<Head> = expected.map(str::parse).transpose()?;
    let missing = || Error::BadInput(format!("There is no account \"{slug}\"."));
    let account = slugs::find(app.reader(), slug).await?.ok_or_else(missing)?;
    let report = verify(app, account.id, expected.as_ref()).await?;
    let head = report.head.as_ref().map_or("none".to_owned(), Head::to_string);
    let mut lines = vec![format!(
        "{slug}: {} events in the chain, head {head}",
        report.events
    )];
    if report.base > 0 {
        lines.push(format!("cleared away by their term: events 1 to {}", report.base));
    }
    if report.unchained > 0 {
        lines.push(format!(
            "from before there was a chain, not covered: {}",
            report.unchained
        ));
    }
    lines.extend(report.findings.iter().map(|finding| format!("FOUND: {finding}")));
    if report.more > 0 {
        lines.push(format!("FOUND: {} more", report.more));
    }
    let is_whole = report.findings.is_empty();
    if is_whole {
        lines.push("The log is whole.".to_owned());
    }
    Ok((lines.join("\n"), is_whole))
}

/// Asks whoever sits at a terminal. A script has to say that it is sure.
pub(super) fn confirm(what: &str, sure: Sure) -> Result<()> {
    if sure.yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::BadInput(format!(
            "{what} Say --yes if that is meant. Nothing was changed."
        )));
    }
    write!(std::io::stderr(), "{what} Go on? [y/N] ").map_err(Error::internal)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(Error::internal)?;
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Error::BadInput("Nothing was changed.".to_owned())),
    }
}

async fn create_account(app: &App, args: AccountArgs) -> Result<String> {
    let (password, is_made) = if args.password_stdin {
        (read_password()?, false)
    } else {
        (make_password()?, true)
    };
    let email = EmailAddress::parse(&args.email)?;
    let mut command = CreateAccount::new(&args.name, &args.slug, args.plan.into(), email, password.clone());
    command.given_name = args.given_name;
    command.family_name = args.family_name;
    command.invitation_lifetime_days = args.invitation_days;
    command.locale = args.locale;
    command.view = args.view.into();
    let (account, user) = app.run(&Actor::Operator, command).await?;
    let mut said = format!(
        "Account {} is there; {} is its {}.",
        account.slug,
        user.email,
        in_words(user.role)
    );
    if is_made {
        said.push_str("\nPassword, shown this once (a person known before keeps the old one): ");
        said.push_str(password.expose_secret());
    }
    Ok(said)
}

async fn set_plan(app: &App, args: PlanArgs) -> Result<String> {
    if matches!(args.plan, Plan::Standard) {
        let text = "On the standard plan there is no single sign-on, and SSO administrators become secondary ones for good.";
        confirm(text, args.sure)?;
    }
    let plan = match args.plan {
        Plan::Standard => "standard",
        Plan::Premium => "premium",
    };
    let said = format!("{} is on the {plan} plan now", args.account);
    let command = SetPlan {
        account: args.account,
        plan: args.plan.into(),
    };
    let demoted = app.run(&Actor::Operator, command).await?.len();
    Ok(match demoted {
        0 => format!("{said}."),
        _ => format!("{said}. SSO administrators who became secondary administrators: {demoted}."),
    })
}

/// One line a mail, tab-separated, as other programs read it.
async fn given_up_mails(app: &App, account: Option<&str>) -> Result<String> {
    let found = given_up::list(app, account).await?;
    let mut lines = vec!["account\tid\tkind\tto\twritten\tattempts\tlast error".to_owned()];
    lines.extend(found.iter().map(|(slug, mail)| {
        let written = mail.created_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let error = mail.last_error.as_deref().unwrap_or_default();
        // What a relay said must not look like another line.
        let error = error.replace(char::is_control, " ");
        format!(
            "{slug}\t{}\t{}\t{}\t{written}\t{}\t{error}",
            mail.id, mail.kind, mail.to_address, mail.attempts
        )
    }));
    Ok(lines.join("\n"))
}

async fn reseal_secrets(app: &App) -> Result<String> {
    let done = reseal_all(app).await?;
    if done.failed_accounts > 0 {
        let text = format!(
            "{} accounts have secrets that no configured master key opens; {} secrets were sealed anew.",
            done.failed_accounts, done.secrets
        );
        return Err(Error::BadInput(text));
    }
    Ok(format!(
        "{} secrets of {} accounts were sealed anew. The former master keys are needed no more.",
        done.secrets, done.accounts
    ))
}

fn read_password() -> Result<SecretString> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(Error::internal)?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A password nobody has to remember: 144 random bits.
pub fn make_password() -> Result<SecretString> {
    let mut bytes = [0; 18];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(SecretString::from(
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes),
    ))
}

fn component(text: &str) -> Result<ComponentSpec> {
    let (code, name) = text
        .split_once('=')
        .ok_or_else(|| Error::BadInput(format!("A component is written CODE=Name, not \"{text}\".")))?;
    let (name, needs) = name.split_once('>').unwrap_or((name, ""));
    let name = name.trim();
    let is_required = name.ends_with('!');
    let needs = needs.split(',').map(str::trim).filter(|code| !code.is_empty());
    Ok(ComponentSpec {
        code: code.trim().to_owned(),
        is_required,
        is_enabled_by_default: is_required || !name.ends_with('-'),
        name: name.trim_end_matches(['!', '-']).trim().to_owned(),
        needs: needs.map(str::to_owned).collect(),
    })
}
