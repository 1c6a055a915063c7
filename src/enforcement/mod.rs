//! Where single sign-on is required (security catalogue, B10): who must come by the provider, and who keeps another way in.
//!
//! What counts is the person's place in the account, not the address typed at a form: the e-mail the *account* has for the user says which domain is theirs.
//! A requirement holds while its provider is enabled, the domain verified and the account on the premium plan; when one of these falls, passwords
//! open again, so that no plan change and no lapsed domain locks anybody out. A primary administrator who was never linked to the provider is not bound by it:
//! linking takes their password, and whoever configures providers must not be able to take the account from them.

use std::collections::{HashMap, HashSet};

use entity::{identity_provider, user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use crate::error::{Code, Refusal, Result};
use crate::platform::constants::Constants;

/// Somebody whose way in is asked for.
#[derive(Clone, Copy, Debug)]
pub struct UserKey<'a> {
    pub account_id: Uuid,
    pub user_id: Uuid,
    /// The e-mail the account has for the user.
    pub email_key: &'a str,
}

impl<'a> From<&'a user::Model> for UserKey<'a> {
    fn from(user: &'a user::Model) -> Self {
        Self {
            account_id: user.account_id,
            user_id: user.id,
            email_key: &user.email_key,
        }
    }
}

/// A domain of an account whose people must come by a provider.
#[derive(FromQueryResult)]
struct Required {
    account_id: Uuid,
    provider_id: Uuid,
    domain: String,
    break_glass_user_id: Option<Uuid>,
    /// The primary administrator, if the provider does not know them.
    unlinked_primary_id: Option<Uuid>,
}

/// Which of these people must come by single sign-on, and by which provider: user and provider. A password opens nothing for them in that account, nor
/// does an invitation. One statement, however many people; each table in it is joined by the account, so that it can be distributed.
pub async fn required_providers<C: ConnectionTrait>(
    db: &C,
    people: &[UserKey<'_>],
) -> Result<HashMap<Uuid, Uuid>> {
    let accounts: HashSet<Uuid> = people.iter().map(|person| person.account_id).collect();
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let marks: Vec<String> = (1..=accounts.len()).map(|number| format!("${number}")).collect();
    let sql = format!(
        "SELECT p.account_id, p.id AS provider_id, d.name AS domain, p.break_glass_user_id, \
         CASE WHEN e.id IS NULL THEN m.id END AS unlinked_primary_id FROM identity_providers p \
         JOIN accounts a ON a.id = p.account_id \
         JOIN identity_provider_domains r ON r.account_id = p.account_id AND r.identity_provider_id = p.id \
         JOIN domains d ON d.account_id = r.account_id AND d.id = r.domain_id \
         LEFT JOIN users m ON m.account_id = p.account_id AND m.role = 'PRIMARY_ADMIN' AND m.status <> 'REMOVED' \
         LEFT JOIN external_identities e ON e.account_id = p.account_id AND e.user_id = m.id \
         AND e.identity_provider_id = p.id \
         WHERE p.account_id IN ({}) AND p.status = 'ENABLED' AND p.enforcement = 'REQUIRED' \
         AND d.status = 'VERIFIED' AND a.plan = 'PREMIUM'",
        marks.join(", ")
    );
    let values = accounts.into_iter().map(Into::into);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let required = Required::find_by_statement(statement).all(db).await?;
    let provider_of = |person: &UserKey<'_>| {
        let mut of_account = required
            .iter()
            .filter(|rule| rule.account_id == person.account_id);
        if of_account
            .clone()
            .any(|rule| rule.break_glass_user_id == Some(person.user_id))
        {
            return None;
        }
        let (_, domain) = person.email_key.rsplit_once('@')?;
        let rule = of_account.find(|rule| rule.domain == domain)?;
        if rule.unlinked_primary_id == Some(person.user_id) {
            return None;
        }
        Some((person.user_id, rule.provider_id))
    };
    Ok(people.iter().filter_map(provider_of).collect())
}

/// The provider a user must come by; see [`required_providers`].
pub async fn required_provider<C: ConnectionTrait>(db: &C, user: &user::Model) -> Result<Option<Uuid>> {
    let required = required_providers(db, &[UserKey::from(user)]).await?;
    Ok(required.get(&user.id).copied())
}

/// Whether a user must come by single sign-on; see [`required_providers`].
pub async fn requires_sso<C: ConnectionTrait>(db: &C, user: &user::Model) -> Result<bool> {
    Ok(required_provider(db, user).await?.is_some())
}

/// Who keeps a password while single sign-on is required. Such a user may be neither disabled nor removed nor made an ordinary user; see
/// [`keeps_the_way_in`].
pub async fn break_glass_users<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<HashSet<Uuid>> {
    let requiring = identity_provider::Entity::find()
        .filter(identity_provider::Column::AccountId.eq(account_id))
        .filter(identity_provider::Column::Status.eq_constant(identity_provider::Status::Enabled))
        .filter(identity_provider::Column::Enforcement.eq(identity_provider::Enforcement::Required))
        .all(db)
        .await?;
    let kept = requiring
        .iter()
        .filter_map(|provider| provider.break_glass_user_id);
    Ok(kept.collect())
}

/// Why one of the [`break_glass_users`] stays as they are.
pub fn keeps_the_way_in() -> Refusal {
    let text = "While single sign-on is required, this administrator is the way in should the identity provider fail. Name another one first.";
    Refusal::new(Code::SsoInUse, text)
}
