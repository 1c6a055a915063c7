//! Making invitations and writing their mails. The one place where a token's hash and a mail's key come from.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::invitation::{self, Status};
use entity::{account, user};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules::lifetime;
use crate::access::role_not_giveable;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::{Error, Result};
use crate::person::display_name;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::platform::secrets::{Claim, Purpose, hash};
use crate::products::Catalogue;
use crate::products::catalogue_holding;

/// Whom to invite. With each user the products they were given just now, which their mail names.
#[derive(Debug, Default)]
pub struct Dispatch {
    pub fresh: Vec<(Uuid, Vec<Uuid>)>,
    /// Their pending invitation gets a new token and a fresh term; the old token is dead.
    pub renewed: Vec<(Uuid, Vec<Uuid>)>,
    pub message: Option<String>,
}

/// Writes invitations and mails in the transaction of whatever invites.
pub async fn dispatch(work: &mut Work, dispatch: Dispatch) -> Result<()> {
    if dispatch.fresh.is_empty() && dispatch.renewed.is_empty() {
        return Ok(());
    }
    let account_id = work.account_id()?;
    let account = account::Entity::find_by_id(account_id).one(work.reader()).await?;
    let account = account.ok_or_else(|| Error::internal("a member without an account"))?;
    let expires_at = work.now() + lifetime(&account);

    let products: HashMap<Uuid, &Vec<Uuid>> = dispatch
        .fresh
        .iter()
        .chain(&dispatch.renewed)
        .map(|(user_id, products)| (*user_id, products))
        .collect();
    let ids: Vec<Uuid> = products.keys().copied().collect();
    let users = users(work, account_id, &ids).await?;
    let fresh = make(work, &dispatch, &users, expires_at).await?;
    let renewed = renew(work, &dispatch, expires_at).await?;
    let inviters = inviters(work, account_id, fresh.iter().chain(&renewed)).await?;
    let is_there = |known: &Catalogue| known.has(products.values().flat_map(|ids| ids.iter().copied()));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let mut mails = Vec::with_capacity(ids.len());
    for invitation in fresh.iter().chain(&renewed) {
        let Some(user) = users.get(&invitation.user_id) else {
            continue;
        };
        let named = products
            .get(&invitation.user_id)
            .into_iter()
            .flat_map(|ids| ids.iter());
        let named = named
            .filter_map(|id| catalogue.by_id(*id))
            .map(|product| product.0.model.name.clone());
        mails.push(Mail {
            key: format!("invitation:{}:{}", invitation.id, invitation.generation),
            to_address: user.email.clone(),
            to_name: user.given_name.clone(),
            letter: Letter::Invitation {
                account_name: account.name.clone(),
                inviter_name: invitation.invited_by.and_then(|id| inviters.get(&id).cloned()),
                invitation_id: invitation.id,
                generation: invitation.generation,
                expires_at: invitation.expires_at,
                products: named.collect(),
                message: invitation.message.clone(),
            },
        });
    }
    outbox::write(work, account_id, mails).await
}

/// An invitation that was made or renewed.
struct Sent {
    id: Uuid,
    user_id: Uuid,
    generation: i32,
    expires_at: DateTime<Utc>,
    invited_by: Option<Uuid>,
    message: Option<String>,
}

async fn make(
    work: &mut Work,
    dispatch: &Dispatch,
    users: &HashMap<Uuid, user::Model>,
    expires_at: DateTime<Utc>,
) -> Result<Vec<Sent>> {
    let member = work.member()?.clone();
    let count = dispatch.fresh.len();
    let (mut rows, mut sent) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for (user_id, _) in &dispatch.fresh {
        let Some(user) = users.get(user_id) else { continue };
        let id = work.new_id();
        rows.push(invitation::ActiveModel {
            account_id: Set(member.account_id),
            id: Set(id),
            user_id: Set(*user_id),
            role: Set(user.role),
            status: Set(Status::Pending),
            generation: Set(1),
            token_hash: Set(token_hash(work, member.account_id, id, 1)?),
            invited_by: Set(Some(member.user_id)),
            message: Set(dispatch.message.clone()),
            created_at: Set(work.now()),
            expires_at: Set(expires_at),
            last_sent_at: Set(Some(work.now())),
            send_count: Set(1),
            accepted_at: Set(None),
            revoked_at: Set(None),
        });
        sent.push(Sent {
            id,
            user_id: *user_id,
            generation: 1,
            expires_at,
            invited_by: Some(member.user_id),
            message: dispatch.message.clone(),
        });
        work.touch(Kind::Invitation.text(id));
    }
    work.insert(rows).await?;
    Ok(sent)
}

/// Whoever sends an invitation again answers for it from now on, unless it offers a role they could not give: for that still answers who gave it. Words
/// that come along replace the former ones.
///
/// A new token needs a hash of its own, so each renewed invitation is an update of its own; renewing is rare and its lists are short.
async fn renew(work: &mut Work, dispatch: &Dispatch, expires_at: DateTime<Utc>) -> Result<Vec<Sent>> {
    let (account_id, sender) = (work.account_id()?, work.member()?.user_id);
    let users: Vec<Uuid> = dispatch.renewed.iter().map(|(user_id, _)| *user_id).collect();
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let pending = invitation::Entity::find()
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(invitation::Column::UserId.is_in(users))
        .filter(invitation::Column::Status.eq_constant(Status::Pending))
        .all(work.reader())
        .await?;
    let mut sent = Vec::with_capacity(pending.len());
    for invitation in pending {
        let generation = invitation.generation + 1;
        let invited_by = match role_not_giveable(work.actor(), invitation.role) {
            None => Some(sender),
            Some(_) => invitation.invited_by,
        };
        let message = dispatch.message.clone().or(invitation.message);
        let update = invitation::Entity::update_many()
            .col_expr(invitation::Column::Generation, Expr::value(generation))
            .col_expr(
                invitation::Column::TokenHash,
                Expr::value(token_hash(work, account_id, invitation.id, generation)?),
            )
            .col_expr(invitation::Column::InvitedBy, Expr::value(invited_by))
            .col_expr(invitation::Column::Message, Expr::value(message.clone()))
            .col_expr(invitation::Column::ExpiresAt, Expr::value(expires_at))
            .col_expr(invitation::Column::LastSentAt, Expr::value(work.now()))
            .col_expr(
                invitation::Column::SendCount,
                Expr::col(invitation::Column::SendCount).add(1),
            )
            .filter(invitation::Column::AccountId.eq(account_id))
            .filter(invitation::Column::Id.eq(invitation.id));
        work.update(update).await?;
        work.touch(Kind::Invitation.text(invitation.id));
        sent.push(Sent {
            id: invitation.id,
            user_id: invitation.user_id,
            generation,
            expires_at,
            invited_by,
            message,
        });
    }
    Ok(sent)
}

fn token_hash(work: &Work, account_id: Uuid, id: Uuid, generation: i32) -> Result<Vec<u8>> {
    let token = work.app().secrets().token(
        Purpose::Invitation,
        Claim {
            account_id,
            id,
            generation,
        },
    )?;
    Ok(hash(&token))
}

async fn users(work: &Work, account_id: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, user::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), user::Column::Id, ids))
        .all(work.reader())
        .await?;
    Ok(found.into_iter().map(|user| (user.id, user)).collect())
}

/// The names of those who answer for invitations.
async fn inviters(
    work: &Work,
    account_id: Uuid,
    sent: impl Iterator<Item = &Sent>,
) -> Result<HashMap<Uuid, String>> {
    let mut ids: Vec<Uuid> = sent.filter_map(|sent| sent.invited_by).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = users(work, account_id, &ids).await?;
    let name = |user: user::Model| {
        display_name(
            user.given_name.as_deref(),
            user.family_name.as_deref(),
            &user.email,
        )
    };
    Ok(found.into_iter().map(|(id, user)| (id, name(user))).collect())
}
