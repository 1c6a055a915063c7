//! A request for support.

use chrono::Duration;
use entity::account::Plan;
use entity::ids::Kind;
use entity::{mail, user};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::limits;
use crate::person::display_name;
use crate::products::{Catalogue, catalogue_holding};

/// Within this time somebody asks so often ([`limits::SUPPORT_REQUESTS_A_DAY`]).
const DAY: Duration = Duration::days(1);
/// Letters and digits that nobody takes for others, read over the telephone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Writes to support, for whoever signed in.
#[derive(Clone, Debug)]
pub struct ContactSupport {
    pub subject: String,
    pub body: String,
    pub product_id: Option<Uuid>,
}

impl Command for ContactSupport {
    /// What to quote.
    type Output = String;
    const NAME: &'static str = "support.contact";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<String> {
        let subject = line(&self.subject)?;
        let body = body(&self.body)?;
        let member = work.member()?.clone();
        let product = self.product(work).await?;
        let key = format!("support:{}", member.user_id);
        not_too_often(work, member.account_id, &key).await?;
        let account = work.account(member.account_id).await?;
        let user = user::Entity::find_by_id((member.account_id, member.user_id));
        let user = user.one(work.reader()).await?.ok_or(Error::SessionExpired)?;
        let id = Uuid::new_v4();
        let reference = reference(id);
        work.touch(Kind::User.text(member.user_id));
        work.changed("reference", None, Some(reference.clone()));
        let letter = Letter::SupportRequest {
            reference: reference.clone(),
            account_name: account.name,
            account_id: Kind::Account.text(account.id),
            is_premium: account.plan == Plan::Premium,
            person: display_name(
                user.given_name.as_deref(),
                user.family_name.as_deref(),
                &user.email,
            ),
            email: user.email,
            user_id: Kind::User.text(user.id),
            role: user.role.to_value(),
            product,
            subject,
            body,
        };
        let mail = Mail {
            key: format!("{key}:{reference}"),
            to_address: work.app().settings().support_address.clone(),
            to_name: None,
            letter,
        };
        outbox::write(work, member.account_id, vec![mail]).await?;
        Ok(reference)
    }
}

impl ContactSupport {
    /// What the product is called that it is about.
    async fn product(&self, work: &Work) -> Result<Option<String>> {
        let Some(id) = self.product_id else {
            return Ok(None);
        };
        let is_there = |known: &Catalogue| known.has(std::iter::once(id));
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        let product = catalogue.by_id(id);
        let product = product
            .ok_or_else(|| Refusal::new(Code::NotFound, "There is no such product.").at("input.productId"))?;
        Ok(Some(product.0.model.name.clone()))
    }
}

fn line(given: &str) -> Result<String, Refusal> {
    let field = "input.subject";
    let text = given.trim();
    if text.is_empty() {
        return Err(Refusal::new(Code::Required, "Say in a few words what it is about.").at(field));
    }
    if text.chars().count() > limits::SUPPORT_SUBJECT {
        let message = format!("A subject has at most {} characters.", limits::SUPPORT_SUBJECT);
        return Err(Refusal::new(Code::TooLong, message).at(field));
    }
    if text.chars().any(char::is_control) {
        return Err(Refusal::new(Code::Invalid, "A subject is one line of text.").at(field));
    }
    Ok(text.to_owned())
}

fn body(given: &str) -> Result<String, Refusal> {
    let field = "input.body";
    let text = given.trim();
    if text.is_empty() {
        return Err(Refusal::new(Code::Required, "Say what you need help with.").at(field));
    }
    if text.chars().count() > limits::SUPPORT_BODY {
        let message = format!("At most {} characters.", limits::SUPPORT_BODY);
        return Err(Refusal::new(Code::TooLong, message).at(field));
    }
    Ok(text.to_owned())
}

async fn not_too_often(work: &Work, account_id: Uuid, key: &str) -> Result<()> {
    let since = work.now() - DAY;
    let written: Vec<mail::Model> = mail::Entity::find()
        .filter(mail::Column::AccountId.eq(account_id))
        .filter(outbox::told_of(key))
        .filter(mail::Column::CreatedAt.gt(since))
        .order_by_asc(mail::Column::CreatedAt)
        .limit(limits::SUPPORT_REQUESTS_A_DAY as u64)
        .all(work.reader())
        .await?;
    let Some(first) = written
        .first()
        .filter(|_| written.len() >= limits::SUPPORT_REQUESTS_A_DAY)
    else {
        return Ok(());
    };
    let wait = first.created_at - since;
    let detail = Detail::Quota {
        limit: i32::try_from(limits::SUPPORT_REQUESTS_A_DAY).unwrap_or(i32::MAX),
        retry_after_seconds: i32::try_from(wait.num_seconds() + 1).ok(),
    };
    let text = format!(
        "At most {} requests in 24 hours. Answer the mail you get, or write what is missing in one of them.",
        limits::SUPPORT_REQUESTS_A_DAY
    );
    Err(Refusal::new(Code::QuotaExceeded, text).with(detail).into())
}

/// Ten letters and digits in two parts: fifty bits, so that no two requests have the same.
fn reference(id: Uuid) -> String {
    let bits = id.as_u128();
    let digit = |place: u32| {
        let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
        char::from(ALPHABET[digit])
    };
    let half = |from: u32| (from..from + 5).map(digit).collect::<String>();
    format!("{}-{}", half(0), half(5))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{body, line, reference};
    use crate::error::Code;

    #[test]
    fn a_subject_is_one_bounded_line_and_a_body_has_something_to_say() {
        assert_eq!(line(" Help \n"), Ok("Help".into()));
        for (given, code) in [
            ("  ", Code::Required),
            ("a\nb", Code::Invalid),
            ("a\u{7}b", Code::Invalid),
            (&*"a".repeat(151), Code::TooLong),
        ] {
            assert_eq!(line(given).unwrap_err().code, code);
        }
        assert_eq!(body("\nOne\nTwo\n"), Ok("One\nTwo".into()));
        assert_eq!(body("\n \t").unwrap_err().code, Code::Required);
        assert_eq!(body(&"ä".repeat(5_001)).unwrap_err().code, Code::TooLong);
        assert!(body(&"ä".repeat(5_000)).is_ok());
    }

    #[test]
    fn a_reference_can_be_read_over_the_telephone() {
        assert_eq!(reference(Uuid::from_u128(0)), "00000-00000");
        assert_eq!(reference(Uuid::from_u128(u128::MAX)), "ZZZZZ-ZZZZZ");
    }
}
