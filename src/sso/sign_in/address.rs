//! The address of people who are linked: it follows the provider's, where the account has proven the domain and nobody else has the address. Where it cannot
//! follow, they sign in all the same, and administrators are told once.

use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::user::{self, Status};
use entity::{account, external_identity, identity_provider};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::decision::{Facts, may_follow};
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::enforcement::{UserKey, required_providers};
use crate::error::Result;
use crate::notifications::{Notice, notify_who_may};
use crate::person::{EmailAddress, display_name};
use crate::sessions::address::move_address;
use crate::sso::provider::round_trip::Assertion;

/// Goes by the address the provider has for a linked user; answers the user as they are then.
pub async fn follow(
    work: &mut Work,
    account: &account::Model,
    provider: &identity_provider::Model,
    user: &user::Model,
    facts: Facts,
    assertion: &Assertion,
) -> Result<user::Model> {
    let Some(address) = &assertion.profile.address else {
        return Ok(user.clone());
    };
    if address.key() == user.email_key {
        return Ok(user.clone());
    }
    if let Some(reason) = obstacle(work, provider, user, facts, address).await? {
        tell_administrators(work, provider, user, assertion, address, reason).await?;
        return Ok(user.clone());
    }
    let moved = move_address(work, account, user, address).await?;
    tell_both(work, account, provider, user, &moved).await?;
    Ok(moved)
}

/// Why the address stays, in the words of whoever can do something about it.
async fn obstacle(
    work: &Work,
    provider: &identity_provider::Model,
    user: &user::Model,
    facts: Facts,
    address: &EmailAddress,
) -> Result<Option<&'static str>> {
    if !may_follow(facts) {
        return Ok(Some(match facts.domain.is_this_account() {
            false => "its domain is not proven to be this account's",
            true if facts.is_primary => {
                "it is the primary administrator's, who signs in with their password first and then by the provider within ten minutes"
            }
            true => "the provider does not vouch for it",
        }));
    }
    let others = user::Entity::find()
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::EmailKey.eq(address.key()))
        .filter(user::Column::Status.ne(Status::Removed))
        .one(work.reader())
        .await?;
    if others.is_some() {
        return Ok(Some("somebody else in this account has it"));
    }
    let moved = UserKey {
        account_id: user.account_id,
        user_id: user.id,
        email_key: address.key(),
    };
    let required = required_providers(work.reader(), &[moved]).await?;
    let is_elsewhere = required.get(&user.id).is_some_and(|id| *id != provider.id);
    Ok(is_elsewhere.then_some("people of its domain come by another identity provider"))
}

/// The old address may be read by somebody else by now, the new one by somebody it was given to by mistake: both hear of it.
async fn tell_both(
    work: &mut Work,
    account: &account::Model,
    provider: &identity_provider::Model,
    before: &user::Model,
    after: &user::Model,
) -> Result<()> {
    let moment = work.now().timestamp_micros();
    let mail = |address: &str, which: &str| Mail {
        key: format!("address:{}:{moment}:{which}", after.id),
        to_address: address.to_owned(),
        to_name: after.given_name.clone(),
        letter: Letter::AddressChanged {
            account_name: account.name.clone(),
            provider_name: provider.name.clone(),
            former: before.email.clone(),
            present: after.email.clone(),
        },
    };
    let mails = vec![mail(&before.email, "former"), mail(&after.email, "present")];
    outbox::write(work, account.id, mails).await
}

/// Once for each address the provider has for them.
async fn tell_administrators(
    work: &mut Work,
    provider: &identity_provider::Model,
    user: &user::Model,
    assertion: &Assertion,
    address: &EmailAddress,
    reason: &str,
) -> Result<()> {
    use external_identity::Column;
    let told = external_identity::Entity::update_many()
        .col_expr(Column::ToldEmailKey, Expr::value(address.key()))
        .filter(Column::AccountId.eq(user.account_id))
        .filter(Column::IdentityProviderId.eq(provider.id))
        .filter(Column::Issuer.eq(&assertion.issuer))
        .filter(Column::Subject.eq(&assertion.subject))
        .filter(
            Column::ToldEmailKey
                .is_null()
                .or(Column::ToldEmailKey.ne(address.key())),
        );
    if work.update(told).await? == 0 {
        return Ok(());
    }
    let name = display_name(
        user.given_name.as_deref(),
        user.family_name.as_deref(),
        &user.email,
    );
    let notice = Notice {
        kind: notification::Kind::SsoProblem,
        severity: Severity::Warning,
        title: format!("{} has another address for {name}", provider.name),
        body: format!(
            "It names {}; here the address stays {}, because {reason}. They are signed in all the same.",
            address.as_typed(),
            user.email
        ),
        subject: Some(Kind::User.text(user.id)),
    };
    notify_who_may(work, user.account_id, Action::ManageSso, &notice).await?;
    Ok(())
}
