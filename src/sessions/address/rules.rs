//! Whether somebody's address can be another one.

use entity::user::{self, Status};
use entity::{account, external_identity, identity};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::command::Work;
use crate::directory::domains::owned_by_others;
use crate::enforcement::{UserKey, required_providers};
use crate::error::{Code, Refusal, Result};
use crate::person::EmailAddress;

/// Refuses what is so whoever has the address: who comes by a provider has the address it names, and the account and its neighbours have a word about domains.
pub async fn check(
    work: &Work,
    account: &account::Model,
    user: &user::Model,
    address: &EmailAddress,
    field: &str,
) -> Result<()> {
    let links = external_identity::Entity::find()
        .filter(external_identity::Column::AccountId.eq(account.id))
        .filter(external_identity::Column::UserId.eq(user.id))
        .count(work.reader())
        .await?;
    if links > 0 {
        let text = "Your address is that of your identity provider. Have it changed there: it follows when you sign in next.";
        return Err(Refusal::new(Code::UserManagedByIdp, text).into());
    }
    let refuse = |code, text: String| Err(Refusal::new(code, text).at(field).into());
    if address.key() == user.email_key {
        return refuse(Code::AlreadyExists, "This is your address already.".to_owned());
    }
    let allowed = &account.allowed_invite_domains.0;
    if !allowed.is_empty() && !allowed.iter().any(|domain| domain == address.domain()) {
        let text = format!(
            "Only addresses of these domains are taken: {}.",
            allowed.join(", ")
        );
        return refuse(Code::EmailDomainNotAllowed, text);
    }
    let owned = owned_by_others(work, account.id, std::iter::once(address.domain())).await?;
    if !owned.is_empty() {
        let text = "Another account has proven that the domain of this address is its own.";
        return refuse(Code::DomainClaimedElsewhere, text.to_owned());
    }
    let moved = UserKey {
        account_id: account.id,
        user_id: user.id,
        email_key: address.key(),
    };
    if !required_providers(work.reader(), &[moved]).await?.is_empty() {
        let text = "People of this domain come by single sign-on. Ask an administrator to invite you under this address.";
        return refuse(Code::SsoRequired, text.to_owned());
    }
    if address.needs_utf8() && work.app().mailer().lacks_utf8() {
        let text = "No mail can be sent to this address. Use one with letters a to z before the @.";
        return refuse(Code::EmailInvalid, text.to_owned());
    }
    Ok(())
}

/// Whether somebody else has the address: in the account, or to sign in with. For whoever has shown that mail to it reaches them.
pub async fn is_taken(work: &Work, user: &user::Model, address: &EmailAddress) -> Result<bool> {
    let in_account = user::Entity::find()
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::EmailKey.eq(address.key()))
        .filter(user::Column::Status.ne(Status::Removed))
        .count(work.reader())
        .await?;
    let identities = identity::Entity::find().filter(identity::Column::EmailKey.eq(address.key()));
    let signs_in = identities.one(work.reader()).await?;
    Ok(in_account > 0 || signs_in.is_some_and(|found| user.identity_id != Some(found.id)))
}
