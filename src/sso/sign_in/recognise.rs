//! Whom the account knows the person as: the rows the decision rests on, read under the account's lock.

use entity::account::{self, Plan};
use entity::user::{Role, Status};
use entity::{external_identity, identity_provider, invitation, user};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement};
use uuid::Uuid;

use super::before::Before;
use super::decision::{DomainOwner, Facts, Known, Link};
use crate::command::Work;
use crate::directory::domains as owners;
use crate::enforcement;
use crate::error::Result;
use crate::invitations::rules::{State, state};
use crate::platform::constants::Constants;
use crate::sso::provider::round_trip::Assertion;

/// What the account has of the person.
pub struct Recognised {
    pub user: Option<user::Model>,
    /// The one that is still open, or was until it expired.
    pub invitation: Option<invitation::Model>,
    pub facts: Facts,
    /// Another of the account's providers is the one to come by, whatever this one says.
    pub belongs_elsewhere: bool,
}

#[derive(FromQueryResult)]
struct Routed {
    identity_provider_id: Option<Uuid>,
}

/// Reads everything; the account is locked.
pub async fn recognise(
    work: &Work,
    account: &account::Model,
    provider: &identity_provider::Model,
    assertion: &Assertion,
    before: Option<Before>,
) -> Result<Recognised> {
    let (user, link) = find(work, provider, assertion).await?;
    let invitation = match &user {
        Some(user) if user.status == Status::Pending => invitation_of(work, user).await?,
        _ => None,
    };
    let is_confirmed = match (&user, before) {
        (Some(user), Some(before)) => before.confirms(work, user).await?,
        _ => false,
    };
    let facts = Facts {
        is_enabled: provider.status == identity_provider::Status::Enabled,
        known: known(work, user.as_ref(), invitation.as_ref()),
        link,
        email: assertion.profile.email,
        domain: owner(work, provider, assertion).await?,
        is_primary: user.as_ref().is_some_and(|user| user.role == Role::PrimaryAdmin),
        is_confirmed,
        is_authoritative: provider.is_authoritative,
        is_premium: account.plan == Plan::Premium,
        provisions: provider.provisions,
    };
    let belongs_elsewhere = belongs_elsewhere(work, provider, assertion, user.as_ref()).await?;
    Ok(Recognised {
        user,
        invitation,
        facts,
        belongs_elsewhere,
    })
}

/// The user this very subject is tied to, as long as they have a place in the account; else whoever has the address. A tombstone is found last: somebody
/// may have been added again since.
async fn find(
    work: &Work,
    provider: &identity_provider::Model,
    assertion: &Assertion,
) -> Result<(Option<user::Model>, Link)> {
    let linked = linked_user(work, provider, assertion).await?;
    if let Some(user) = &linked
        && matches!(user.status, Status::Active | Status::Disabled)
    {
        return Ok((linked, Link::ThisSubject));
    }
    let named = user_named(work, provider.account_id, assertion).await?;
    let Some(named) = named else {
        return Ok((linked, Link::None));
    };
    let link = match has_link(work, provider, named.id).await? {
        false => Link::None,
        true if linked.is_some_and(|user| user.id == named.id) => Link::ThisSubject,
        true => Link::AnotherSubject,
    };
    Ok((Some(named), link))
}

async fn linked_user(
    work: &Work,
    provider: &identity_provider::Model,
    assertion: &Assertion,
) -> Result<Option<user::Model>> {
    let link = external_identity::Entity::find()
        .filter(external_identity::Column::AccountId.eq(provider.account_id))
        .filter(external_identity::Column::IdentityProviderId.eq(provider.id))
        .filter(external_identity::Column::Issuer.eq(&assertion.issuer))
        .filter(external_identity::Column::Subject.eq(&assertion.subject))
        .one(work.reader())
        .await?;
    let Some(link) = link else {
        return Ok(None);
    };
    Ok(user::Entity::find_by_id((link.account_id, link.user_id))
        .one(work.reader())
        .await?)
}

async fn user_named(work: &Work, account_id: Uuid, assertion: &Assertion) -> Result<Option<user::Model>> {
    let Some(address) = &assertion.profile.address else {
        return Ok(None);
    };
    let mut users = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::EmailKey.eq(address.key()))
        .all(work.reader())
        .await?;
    users.sort_by_key(|user| user.status == Status::Removed);
    Ok(users.into_iter().next())
}

async fn has_link(work: &Work, provider: &identity_provider::Model, user_id: Uuid) -> Result<bool> {
    let link = external_identity::Entity::find()
        .filter(external_identity::Column::AccountId.eq(provider.account_id))
        .filter(external_identity::Column::UserId.eq(user_id))
        .filter(external_identity::Column::IdentityProviderId.eq(provider.id))
        .one(work.reader())
        .await?;
    Ok(link.is_some())
}

async fn invitation_of(work: &Work, user: &user::Model) -> Result<Option<invitation::Model>> {
    Ok(invitation::Entity::find()
        .filter(invitation::Column::AccountId.eq(user.account_id))
        .filter(invitation::Column::UserId.eq(user.id))
        .filter(invitation::Column::Status.eq_constant(invitation::Status::Pending))
        .order_by_desc(invitation::Column::Id)
        .one(work.reader())
        .await?)
}

fn known(work: &Work, user: Option<&user::Model>, invitation: Option<&invitation::Model>) -> Known {
    let is_open = invitation.is_some_and(|invitation| state(invitation, work.now()) == State::Pending);
    match user.map(|user| user.status) {
        None => Known::Nobody,
        Some(Status::Staged) => Known::Staged,
        Some(Status::Pending) if is_open => Known::Invited,
        Some(Status::Pending) => Known::InvitationExpired,
        Some(Status::Active) => Known::Active,
        Some(Status::Disabled) => Known::Disabled,
        Some(Status::Removed) => Known::Removed,
    }
}

/// Whose domain the address is of. Of another account's it learns no more than that it is another's.
async fn owner(
    work: &Work,
    provider: &identity_provider::Model,
    assertion: &Assertion,
) -> Result<DomainOwner> {
    let Some(address) = &assertion.profile.address else {
        return Ok(DomainOwner::Nobody);
    };
    match owners::owner(work.reader(), address.domain()).await? {
        None => return Ok(DomainOwner::Nobody),
        Some(account_id) if account_id != provider.account_id => return Ok(DomainOwner::AnotherAccount),
        Some(_) => {}
    }
    let sql = "SELECT r.identity_provider_id FROM domains d \
               LEFT JOIN identity_provider_domains r ON r.account_id = d.account_id AND r.domain_id = d.id \
               WHERE d.account_id = $1 AND d.name = $2 AND d.status = 'VERIFIED'";
    let values = [provider.account_id.into(), address.domain().into()];
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let found = work.fetch::<Routed>(statement).await?.pop();
    Ok(match found {
        None => DomainOwner::Nobody,
        Some(domain) if domain.identity_provider_id == Some(provider.id) => DomainOwner::ThisProvider,
        Some(_) => DomainOwner::ThisAccount,
    })
}

/// Whether the account has the person come by another of its providers: then this one is as little a way in as a password.
async fn belongs_elsewhere(
    work: &Work,
    provider: &identity_provider::Model,
    assertion: &Assertion,
    user: Option<&user::Model>,
) -> Result<bool> {
    let (user_id, email_key) = match (user, &assertion.profile.address) {
        (Some(user), _) => (user.id, user.email_key.as_str()),
        (None, Some(address)) => (Uuid::nil(), address.key()),
        (None, None) => return Ok(false),
    };
    let account_id = provider.account_id;
    let person = enforcement::UserKey {
        account_id,
        user_id,
        email_key,
    };
    let required = enforcement::required_providers(work.reader(), &[person]).await?;
    Ok(required
        .get(&user_id)
        .is_some_and(|required| *required != provider.id))
}
