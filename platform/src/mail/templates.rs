//! The mails themselves: subject, text and HTML from the files under `templates/mail`.
//!
//! Their fields are [`Plain`] and [`Note`], so nothing that people typed reaches a template in the raw; the HTML is escaped on top.

use askama::Template;
use chrono::NaiveDate;
use url::Url;

use super::{Note, Plain, Words};
use crate::error::{Error, Result};

/// A mail, ready for an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// The offer to join an account.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub account_name: Plain,
    pub inviter_name: Option<Plain>,
    /// Holds the token; nobody else must see it.
    pub link: Url,
    /// The last day on which the link works.
    pub expires_on: NaiveDate,
    pub products: Vec<Plain>,
    pub message: Option<Note>,
}

/// One mail for all products newly assigned to a user.
#[derive(Clone, Debug)]
pub struct ProductConfirmation {
    pub account_name: Plain,
    pub products: Vec<Plain>,
    /// Where to sign in.
    pub link: Url,
}

/// For somebody whom an identity provider brought in, once.
#[derive(Clone, Debug)]
pub struct Welcome {
    pub account_name: Plain,
    pub provider_name: Plain,
    pub products: Vec<Plain>,
    /// Where to sign in.
    pub link: Url,
}

/// How an import came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Completed,
    Cancelled,
    /// For a reason on our side.
    Failed,
}

/// For who uploaded the file.
#[derive(Clone, Debug)]
pub struct ImportFinished {
    pub ending: Ending,
    pub account_name: Plain,
    pub filename: Plain,
    /// Outcome in words, and in how many rows.
    pub counts: Vec<(String, i64)>,
    pub total: i64,
    pub link: Url,
}

/// For the administrators, once, when the last seat is taken, or as many as they want to hear of.
#[derive(Clone, Debug)]
pub struct SeatsFull {
    pub account_name: Plain,
    pub product: Plain,
    pub seats: i32,
    pub left: i32,
    pub link: Url,
}

/// For the administrators, once, when few cloud credits are left, or none.
#[derive(Clone, Debug)]
pub struct CreditsLow {
    pub account_name: Plain,
    /// Decimals, as everything of credits.
    pub left: String,
    /// How many there were when some were last added.
    pub of: String,
    pub is_used_up: bool,
    pub link: Url,
}

/// For somebody who is about to lose seats.
#[derive(Clone, Debug)]
pub struct SeatEnding {
    pub account_name: Plain,
    pub products: Vec<Plain>,
    /// Whether the seats end after the day; otherwise they are taken back on it, because nobody seems to need them.
    pub is_last_day: bool,
    /// Whether they have accepted their invitation.
    pub has_joined: bool,
    pub day: NaiveDate,
    pub link: Url,
}

/// For whoever may renew a contract that ends soon, or one subscription of it that ends before the others.
#[derive(Clone, Debug)]
pub struct TermEnding {
    pub account_name: Plain,
    /// Number of the contract.
    pub contract: Plain,
    /// The product of the one subscription; `None` for the contract as a whole.
    pub product: Option<Plain>,
    /// The last day.
    pub day: NaiveDate,
    /// Days until then.
    pub left: i32,
    /// Whether another term follows by itself.
    pub renews: bool,
    /// For how many days access goes on afterwards.
    pub grace_days: i32,
    pub link: Url,
}

/// For somebody whose role is another one now.
#[derive(Clone, Debug)]
pub struct RoleChanged {
    pub account_name: Plain,
    /// In words of ours: `secondary administrator`.
    pub role: String,
    pub link: Url,
}

/// For somebody whom a provider signs in from now on, though they were there before. They should know, in case it was not them.
#[derive(Clone, Debug)]
pub struct ProviderLinked {
    pub account_name: Plain,
    pub provider_name: Plain,
    pub link: Url,
}

/// For somebody whose address is another one now, at the former and at the present one.
#[derive(Clone, Debug)]
pub struct AddressChanged {
    pub account_name: Plain,
    pub provider_name: Plain,
    pub former: Plain,
    pub present: Plain,
    pub link: Url,
}

/// Proves once more who somebody is.
#[derive(Clone, Debug)]
pub struct SignInCode {
    pub account_name: Plain,
    /// Nobody else must see it.
    pub code: String,
}

/// For the new primary administrator and for the former one.
#[derive(Clone, Debug)]
pub struct PrimaryHandedOver {
    pub account_name: Plain,
    /// The other of the two.
    pub other_name: Plain,
    /// Whether the reader is the new one.
    pub is_primary: bool,
    /// What the reader is now, in words of ours.
    pub role: String,
    pub link: Url,
}

/// For the address somebody wants to have.
#[derive(Clone, Debug)]
pub struct EmailChange {
    pub account_name: Plain,
    /// Holds the token; nobody else must see it.
    pub link: Url,
}

/// For the address somebody has, when they ask for another.
#[derive(Clone, Debug)]
pub struct EmailChangeAsked {
    pub account_name: Plain,
    pub present: Plain,
    pub link: Url,
}

/// For both addresses of somebody who changed theirs.
#[derive(Clone, Debug)]
pub struct EmailChanged {
    pub account_name: Plain,
    pub former: Plain,
    pub present: Plain,
    pub link: Url,
}

/// For whoever gives support.
#[derive(Clone, Debug)]
pub struct SupportRequest {
    pub reference: String,
    pub account_name: Plain,
    pub account_id: String,
    pub is_premium: bool,
    pub person: Plain,
    pub email: Plain,
    pub user_id: String,
    pub role: String,
    pub product: Option<Plain>,
    pub subject: Words,
    pub body: Words,
}

/// Something that happened, for who has not read of it.
#[derive(Clone, Debug)]
pub struct Told {
    pub title: Plain,
    pub body: Option<Note>,
    pub on: NaiveDate,
}

/// Once a day, what somebody has not read.
#[derive(Clone, Debug)]
pub struct Digest {
    pub account_name: Plain,
    /// The newest first.
    pub items: Vec<Told>,
    /// How many more there are.
    pub more: i32,
    pub link: Url,
}

/// The way to a new password.
#[derive(Clone, Debug)]
pub struct PasswordReset {
    /// Holds the token; nobody else must see it.
    pub link: Url,
}

/// A template a body: askama ties one struct to one file.
macro_rules! bodies {
    ($($mail:ident: $text:ident $text_file:tt, $html:ident $html_file:tt;)*) => {$(
        #[derive(Template)]
        #[template(path = $text_file)]
        struct $text<'a> { mail: &'a $mail }

        #[derive(Template)]
        #[template(path = $html_file)]
        struct $html<'a> { mail: &'a $mail }

        impl $mail {
            pub fn render(&self) -> Result<Rendered> {
                Ok(Rendered {
                    subject: self.subject(),
                    text: $text { mail: self }.render().map_err(Error::internal)?,
                    html: $html { mail: self }.render().map_err(Error::internal)?,
                })
            }
        }
    )*};
}

bodies! {
    Invitation: InvitationText "mail/invitation.txt", InvitationHtml "mail/invitation.html";
    ProductConfirmation: ProductConfirmationText "mail/product_confirmation.txt", ProductConfirmationHtml "mail/product_confirmation.html";
    Welcome: WelcomeText "mail/welcome.txt", WelcomeHtml "mail/welcome.html";
    ImportFinished: ImportFinishedText "mail/import_finished.txt", ImportFinishedHtml "mail/import_finished.html";
    PasswordReset: PasswordResetText "mail/password_reset.txt", PasswordResetHtml "mail/password_reset.html";
    SeatsFull: SeatsFullText "mail/seats_full.txt", SeatsFullHtml "mail/seats_full.html";
    CreditsLow: CreditsLowText "mail/credits_low.txt", CreditsLowHtml "mail/credits_low.html";
    SeatEnding: SeatEndingText "mail/seat_ending.txt", SeatEndingHtml "mail/seat_ending.html";
    TermEnding: TermEndingText "mail/term_ending.txt", TermEndingHtml "mail/term_ending.html";
    RoleChanged: RoleChangedText "mail/role_changed.txt", RoleChangedHtml "mail/role_changed.html";
    ProviderLinked: ProviderLinkedText "mail/provider_linked.txt", ProviderLinkedHtml "mail/provider_linked.html";
    AddressChanged: AddressChangedText "mail/address_changed.txt", AddressChangedHtml "mail/address_changed.html";
    SignInCode: SignInCodeText "mail/sign_in_code.txt", SignInCodeHtml "mail/sign_in_code.html";
    EmailChange: EmailChangeText "mail/email_change.txt", EmailChangeHtml "mail/email_change.html";
    EmailChangeAsked: EmailChangeAskedText "mail/email_change_asked.txt", EmailChangeAskedHtml "mail/email_change_asked.html";
    EmailChanged: EmailChangedText "mail/email_changed.txt", EmailChangedHtml "mail/email_changed.html";
    SupportRequest: SupportRequestText "mail/support_request.txt", SupportRequestHtml "mail/support_request.html";
    Digest: DigestText "mail/digest.txt", DigestHtml "mail/digest.html";
    PrimaryHandedOver: PrimaryHandedOverText "mail/primary_handed_over.txt", PrimaryHandedOverHtml "mail/primary_handed_over.html";
}

impl Invitation {
    fn subject(&self) -> String {
        match &self.inviter_name {
            Some(inviter) => format!("{inviter} invites you to {}", self.account_name),
            None => format!("You are invited to {}", self.account_name),
        }
    }

    /// `20 February 2027`: no order of numbers to mistake.
    fn expiry(&self) -> String {
        self.expires_on.format("%-d %B %Y").to_string()
    }
}

impl ProductConfirmation {
    fn subject(&self) -> String {
        match self.products.as_slice() {
            [one] => format!("You now have access to {one}"),
            [one, two] => format!("You now have access to {one} and {two}"),
            more => format!("You now have access to {} products", more.len()),
        }
    }
}

impl Welcome {
    fn subject(&self) -> String {
        format!("Welcome to {}", self.account_name)
    }
}

impl ImportFinished {
    fn subject(&self) -> String {
        let ending = match self.ending {
            Ending::Completed => "finished",
            Ending::Cancelled => "cancelled",
            Ending::Failed => "failed",
        };
        format!("Import {ending}: {}", self.filename)
    }

    fn ending(&self) -> &'static str {
        match self.ending {
            Ending::Completed => "has finished.",
            Ending::Cancelled => "was cancelled. What was done before that stays.",
            Ending::Failed => {
                "could not be finished, for a reason on our side. What was done before that stays."
            }
        }
    }
}

impl PasswordReset {
    fn subject(&self) -> String {
        match self.link.host_str() {
            Some(host) => format!("Set a new password for {host}"),
            None => "Set a new password".to_owned(),
        }
    }
}

impl SeatsFull {
    fn subject(&self) -> String {
        match (self.left, self.seats) {
            (0, 1) => format!("The only seat of {} is taken", self.product),
            (1, seats) => format!("One of {seats} seats of {} is left", self.product),
            (left @ 2.., seats) => format!("{left} of {seats} seats of {} are left", self.product),
            (_, seats) => format!("All {seats} seats of {} are taken", self.product),
        }
    }
}

impl CreditsLow {
    fn subject(&self) -> String {
        match self.is_used_up {
            true => format!("The cloud credits of {} are used up", self.account_name),
            false => format!(
                "{} of {} cloud credits of {} are left",
                self.left, self.of, self.account_name
            ),
        }
    }
}

impl SeatEnding {
    fn subject(&self) -> String {
        match self.products.as_slice() {
            [one] => format!("Your access to {one} ends"),
            more => format!("Your access to {} products ends", more.len()),
        }
    }

    /// No order of numbers to mistake.
    fn day(&self) -> String {
        self.day.format("%-d %B %Y").to_string()
    }
}

impl TermEnding {
    fn subject(&self) -> String {
        let verb = if self.renews { "is renewed" } else { "ends" };
        format!("{} {verb} {}", self.what(), self.when())
    }

    fn what(&self) -> String {
        match &self.product {
            Some(product) => format!("{product} (contract {})", self.contract),
            None => format!("Contract {}", self.contract),
        }
    }

    fn when(&self) -> String {
        match self.left {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            left => format!("in {left} days"),
        }
    }

    /// No order of numbers to mistake.
    fn day(&self) -> String {
        self.day.format("%-d %B %Y").to_string()
    }
}

impl RoleChanged {
    fn subject(&self) -> String {
        format!("Your role in {} is now {}", self.account_name, self.role)
    }
}

impl ProviderLinked {
    fn subject(&self) -> String {
        format!("{} now signs you in to {}", self.provider_name, self.account_name)
    }
}

impl AddressChanged {
    fn subject(&self) -> String {
        format!("Your address in {} is now {}", self.account_name, self.present)
    }
}

impl SignInCode {
    fn subject(&self) -> String {
        format!("{} is your code for {}", self.code, self.account_name)
    }
}

impl EmailChange {
    fn subject(&self) -> String {
        format!("Confirm your e-mail address for {}", self.account_name)
    }
}

impl EmailChangeAsked {
    fn subject(&self) -> String {
        format!("Another e-mail address was asked for in {}", self.account_name)
    }
}

impl EmailChanged {
    fn subject(&self) -> String {
        format!(
            "Your e-mail address in {} is now {}",
            self.account_name, self.present
        )
    }
}

impl SupportRequest {
    fn subject(&self) -> String {
        format!("[{}] {}", self.reference, self.subject)
    }

    fn lines(&self) -> &[String] {
        self.body.lines()
    }

    const fn plan(&self) -> &'static str {
        match self.is_premium {
            true => "premium plan",
            false => "standard plan",
        }
    }
}

impl Told {
    /// No order of numbers to mistake.
    fn day(&self) -> String {
        self.on.format("%-d %B").to_string()
    }
}

impl Digest {
    fn subject(&self) -> String {
        match (self.items.as_slice(), self.more) {
            ([one], 0) => format!("{}: {}", self.account_name, one.title),
            (items, more) => {
                let all = i64::try_from(items.len()).unwrap_or(i64::MAX) + i64::from(more);
                format!("{all} messages from {}", self.account_name)
            }
        }
    }
}

impl PrimaryHandedOver {
    fn subject(&self) -> String {
        match self.is_primary {
            true => format!("You are now the primary administrator of {}", self.account_name),
            false => format!("{} has a new primary administrator", self.account_name),
        }
    }
}

#[cfg(test)]
#[path = "templates_tests.rs"]
mod tests;
