//! Tying a user to the person a provider knows: by issuer and subject, never by address.

use entity::{account, external_identity, identity_provider, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::directory::people;
use crate::error::Result;
use crate::sessions::end_sessions_of;
use crate::sso::provider::round_trip::Assertion;

/// Ties the two together. A subject that was tied to a user who is gone is now tied to this one.
pub async fn link(
    work: &Work,
    user: &user::Model,
    identity_provider_id: Uuid,
    assertion: &Assertion,
) -> Result<()> {
    use external_identity::Column;
    let row = external_identity::ActiveModel {
        account_id: Set(user.account_id),
        id: Set(work.new_id()),
        user_id: Set(user.id),
        identity_provider_id: Set(identity_provider_id),
        issuer: Set(assertion.issuer.clone()),
        subject: Set(assertion.subject.clone()),
        linked_at: Set(work.now()),
        last_used_at: Set(Some(work.now())),
        told_email_key: Set(None),
    };
    let subject = [
        Column::AccountId,
        Column::IdentityProviderId,
        Column::Issuer,
        Column::Subject,
    ];
    let conflict = OnConflict::columns(subject)
        .update_columns([Column::UserId, Column::LinkedAt, Column::LastUsedAt])
        .to_owned();
    work.insert_or(vec![row], conflict).await?;
    Ok(())
}

/// Tells somebody who was there before that a provider speaks for them now. The mail goes to the address of the account, not to one the provider names.
pub async fn tell_linked(
    work: &mut Work,
    account: &account::Model,
    provider: &identity_provider::Model,
    user: &user::Model,
) -> Result<()> {
    let mail = Mail {
        // A tie that was undone and made again is told again.
        key: format!(
            "linked:{}:{}:{}",
            user.id,
            provider.id,
            work.now().timestamp_micros()
        ),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter: Letter::ProviderLinked {
            account_name: account.name.clone(),
            provider_name: provider.name.clone(),
        },
    };
    outbox::write(work, account.id, vec![mail]).await
}

/// Notes that a tie was used.
pub async fn note_use(
    work: &Work,
    user: &user::Model,
    identity_provider_id: Uuid,
    assertion: &Assertion,
) -> Result<()> {
    use external_identity::Column;
    let used = external_identity::Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(user.account_id))
        .filter(Column::IdentityProviderId.eq(identity_provider_id))
        .filter(Column::Issuer.eq(&assertion.issuer))
        .filter(Column::Subject.eq(&assertion.subject));
    work.update(used).await?;
    Ok(())
}

/// Somebody may have got themselves a user with an address that is not theirs, to wait in it for its owner (security catalogue, B3). Unless the address was
/// proven before, nothing that opened the user so far opens it any more: its sessions end, and it is cut off from the identity whose password it had.
pub async fn dispossess_unproven(work: &mut Work, user: &user::Model) -> Result<()> {
    if user.email_verified {
        return Ok(());
    }
    end_sessions_of(work, user.account_id, &[user.id]).await?;
    let proven = user::Entity::update_many()
        .col_expr(user::Column::IdentityId, Expr::value(Option::<Uuid>::None))
        .col_expr(user::Column::EmailVerified, Expr::value(true))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    let proven = work.update_returning(proven).await?;
    people::note(work, &proven).await?;
    work.changed("emailVerified", Some("false".to_owned()), Some("true".to_owned()));
    Ok(())
}
