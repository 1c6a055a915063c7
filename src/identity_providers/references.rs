//! What a provider refers to must be the account's own, and fit.

use entity::identity_provider::{Enforcement, Model};
use entity::{identity, identity_provider, subscription, user};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::rules;
use crate::command::Work;
use crate::error::{Code, Refusal, Result};
use crate::groups;

/// Makes sure of what changed between two states of a provider. What stayed may have become unfit since, and does not stand in the way of a change
/// of something else.
pub async fn check(work: &Work, before: &Model, after: &Model) -> Result<()> {
    if after.client_id != before.client_id {
        check_client(work, after).await?;
    }
    if after.default_subscription_ids != before.default_subscription_ids {
        check_subscriptions(work, after).await?;
    }
    if after.default_group_ids != before.default_group_ids {
        let groups = &after.default_group_ids.0;
        groups::named(work, after.account_id, groups, "input.jit.defaultGroupIds").await?;
    }
    let has_another_way_in = after.break_glass_user_id != before.break_glass_user_id;
    let is_required = after.enforcement == Enforcement::Required;
    if is_required && (before.enforcement != Enforcement::Required || has_another_way_in) {
        rules::may_require(after)?;
        check_break_glass(work, after).await?;
    } else if has_another_way_in {
        check_break_glass(work, after).await?;
    }
    Ok(())
}

/// Makes sure that no other provider of the account is this client.
async fn check_client(work: &Work, provider: &Model) -> Result<()> {
    let others = identity_provider::Entity::find()
        .filter(identity_provider::Column::AccountId.eq(provider.account_id))
        .filter(identity_provider::Column::Id.ne(provider.id))
        .filter(identity_provider::Column::Issuer.eq(&provider.issuer))
        .all(work.reader())
        .await?;
    match others.iter().any(|other| rules::is_same_client(other, provider)) {
        true => Err(rules::client_taken().into()),
        false => Ok(()),
    }
}

/// Makes sure that the default subscriptions are the account's.
async fn check_subscriptions(work: &Work, provider: &Model) -> Result<()> {
    let wanted = &provider.default_subscription_ids.0;
    if wanted.is_empty() {
        return Ok(());
    }
    let found = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(provider.account_id))
        .filter(subscription::Column::Id.is_in(wanted.iter().copied()))
        .count(work.reader())
        .await?;
    if usize::try_from(found).is_ok_and(|found| found == wanted.len()) {
        return Ok(());
    }
    let text = "There is no such subscription.";
    Err(Refusal::new(Code::NotFound, text)
        .at("input.jit.defaultSubscriptionIds")
        .into())
}

/// Makes sure that whoever is to get in when the provider fails is able to.
pub async fn check_break_glass(work: &Work, provider: &Model) -> Result<()> {
    let Some(user_id) = provider.break_glass_user_id else {
        return Ok(());
    };
    let missing = || Refusal::new(Code::NotFound, "There is no such user.").at("input.breakGlassUserId");
    let user = user::Entity::find_by_id((provider.account_id, user_id))
        .one(work.reader())
        .await?
        .filter(|user| user.status != user::Status::Removed)
        .ok_or_else(missing)?;
    let identity = identity(work, user.identity_id).await?;
    if rules::can_break_glass(&user, identity.as_ref()) {
        return Ok(());
    }
    let text = "This must be an active administrator who has a password.";
    Err(Refusal::new(Code::Invalid, text)
        .at("input.breakGlassUserId")
        .into())
}

async fn identity(work: &Work, id: Option<Uuid>) -> Result<Option<identity::Model>> {
    match id {
        Some(id) => Ok(identity::Entity::find_by_id(id).one(work.reader()).await?),
        None => Ok(None),
    }
}
