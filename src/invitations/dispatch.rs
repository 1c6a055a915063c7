//! Making invitations and writing their mails. The one place where a token's hash and a mail's key come from.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::invitation::{self, Delivery, Status};
use entity::user;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::rules::lifetime;
use crate::access::role_not_giveable;
use crate::background::offered;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::person::display_name;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::platform::secrets::{Claim, Purpose, hash};
use crate::products::Catalogue;
use crate::products::catalogue_holding;

/// Whom to invite. With each user the products they were given just now, which their mail names.
#[derive(Debug)]
pub struct Dispatch {
    pub fresh: Vec<(Arc<user::Model>, Vec<Uuid>)>,
    /// Their pending invitation gets a new token and a fresh term; the old token is dead.
    pub renewed: Vec<(Uuid, Vec<Uuid>)>,
    pub message: Option<String>,
    /// When the mails may be sent; `None`: at once.
    pub not_before: Option<DateTime<Utc>>,
}

/// Writes invitations and mails in the transaction of whatever invites. Answers the invitations that are new.
pub async fn dispatch(work: &mut Work, dispatch: Dispatch) -> Result<Vec<invitation::Model>> {
    if dispatch.fresh.is_empty() && dispatch.renewed.is_empty() {
        return Ok(Vec::new());
    }
    let account_id = work.account_id()?;
    let account = work.account(account_id).await?;
    let expires_at = work.now() + lifetime(&account);
    // Before anything is written: what is read afterwards has to wait for it.
    let ids: Vec<Uuid> = dispatch.renewed.iter().map(|(user_id, _)| *user_id).collect();
    let known = users(work, account_id, &ids).await?;
    let renewed = renew(work, &dispatch, expires_at).await?;
    let inviters = inviters(work, account_id, &renewed).await?;
    let products = || dispatch.fresh.iter().map(|(_, products)| products);
    let products = || products().chain(dispatch.renewed.iter().map(|(_, products)| products));
    let is_there = |catalogue: &Catalogue| catalogue.has(products().flatten().copied());
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let made = make(work, &dispatch, expires_at)?;

    let mail = |sent: Sent, user: &user::Model, products: &[Uuid]| {
        let named = products.iter().filter_map(|id| catalogue.by_id(*id));
        Mail {
            key: offered::key(sent.id, sent.generation),
            to_address: user.email.clone(),
            to_name: user.given_name.clone(),
            letter: Letter::Invitation {
                account_name: account.name.clone(),
                inviter_name: sent.invited_by.and_then(|id| inviters.get(&id).cloned()),
                invitation_id: sent.id,
                generation: sent.generation,
                expires_at: sent.expires_at,
                products: named.map(|product| product.0.model.name.clone()).collect(),
                message: sent.message,
            },
        }
    };
    let mut mails = Vec::with_capacity(made.len() + renewed.len());
    for (invitation, (user, products)) in made.iter().zip(&dispatch.fresh) {
        mails.push(mail(Sent::from(invitation), user, products));
    }
    let given: HashMap<Uuid, &Vec<Uuid>> = dispatch
        .renewed
        .iter()
        .map(|(user, products)| (*user, products))
        .collect();
    for sent in renewed {
        if let (Some(user), Some(products)) = (known.get(&sent.user_id), given.get(&sent.user_id)) {
            mails.push(mail(sent, user, products));
        }
    }
    let rows = made.iter().cloned().map(IntoActiveModel::into_active_model);
    work.insert(rows.collect()).await?;
    let not_before = dispatch.not_before.unwrap_or(work.now());
    outbox::write_for(work, account_id, mails, not_before).await?;
    Ok(made)
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

impl From<&invitation::Model> for Sent {
    fn from(made: &invitation::Model) -> Self {
        Self {
            id: made.id,
            user_id: made.user_id,
            generation: made.generation,
            expires_at: made.expires_at,
            invited_by: made.invited_by,
            message: made.message.clone(),
        }
    }
}

fn make(work: &mut Work, dispatch: &Dispatch, expires_at: DateTime<Utc>) -> Result<Vec<invitation::Model>> {
    let member = work.member()?.clone();
    let mut made = Vec::with_capacity(dispatch.fresh.len());
    for (user, _) in &dispatch.fresh {
        let id = work.new_id();
        made.push(invitation::Model {
            account_id: member.account_id,
            id,
            user_id: user.id,
            role: user.role,
            status: Status::Pending,
            generation: 1,
            token_hash: token_hash(work, member.account_id, id, 1)?,
            invited_by: Some(member.user_id),
            message: dispatch.message.clone(),
            created_at: work.now(),
            expires_at,
            last_sent_at: None,
            send_count: 0,
            accepted_at: None,
            revoked_at: None,
            delivery_status: Delivery::Queued,
            delivery_at: work.now(),
            delivery_reason: None,
        });
        work.touch(Kind::Invitation.text(id));
    }
    Ok(made)
}

/// Whoever sends an invitation again answers for it from now on, unless it offers a role they could not give: for that still answers who gave it. Words
/// that come along replace the former ones.
///
/// One statement for all of them, though each has a hash of its own.
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
    let answers_for = |invitation: &invitation::Model| match role_not_giveable(work.actor(), invitation.role)
    {
        None => Some(sender),
        Some(_) => invitation.invited_by,
    };
    let (mut hashes, mut inviters) = (CaseStatement::new(), CaseStatement::new());
    let mut sent = Vec::with_capacity(pending.len());
    for invitation in &pending {
        let generation = invitation.generation + 1;
        let invited_by = answers_for(invitation);
        let is_this = || invitation::Column::Id.eq(invitation.id);
        let hash = token_hash(work, account_id, invitation.id, generation)?;
        hashes = hashes.case(is_this(), Expr::value(hash));
        inviters = inviters.case(is_this(), Expr::value(invited_by));
        sent.push(Sent {
            id: invitation.id,
            user_id: invitation.user_id,
            generation,
            expires_at,
            invited_by,
            message: dispatch.message.clone().or(invitation.message.clone()),
        });
    }
    let ids: Vec<Uuid> = sent.iter().map(|sent| sent.id).collect();
    if ids.is_empty() {
        return Ok(sent);
    }
    let kept = |column| Expr::col(column);
    let generation = kept(invitation::Column::Generation).add(1);
    let mut update = invitation::Entity::update_many()
        .col_expr(invitation::Column::Generation, generation)
        .col_expr(
            invitation::Column::TokenHash,
            hashes.finally(kept(invitation::Column::TokenHash)).into(),
        )
        .col_expr(
            invitation::Column::InvitedBy,
            inviters.finally(kept(invitation::Column::InvitedBy)).into(),
        )
        .col_expr(invitation::Column::ExpiresAt, Expr::value(expires_at))
        .col_expr(invitation::Column::DeliveryStatus, Expr::value(Delivery::Queued))
        .col_expr(invitation::Column::DeliveryAt, Expr::value(work.now()))
        .col_expr(
            invitation::Column::DeliveryReason,
            Expr::value(Option::<String>::None),
        )
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), invitation::Column::Id, &ids));
    if let Some(message) = &dispatch.message {
        update = update.col_expr(invitation::Column::Message, Expr::value(message));
    }
    work.update(update).await?;
    for id in ids {
        work.touch(Kind::Invitation.text(id));
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

/// The names of those who answer for invitations: whoever acts, and those whose invitations go out again under their name.
async fn inviters(work: &Work, account_id: Uuid, renewed: &[Sent]) -> Result<HashMap<Uuid, String>> {
    let mut names = HashMap::new();
    if let (Ok(member), Some((given, family, email))) = (work.member(), work.own_names()) {
        names.insert(member.user_id, display_name(given, family, email));
    }
    let mut others: Vec<Uuid> = renewed.iter().filter_map(|sent| sent.invited_by).collect();
    others.retain(|id| !names.contains_key(id));
    others.sort_unstable();
    others.dedup();
    for (id, user) in users(work, account_id, &others).await? {
        let (given, family) = (user.given_name.as_deref(), user.family_name.as_deref());
        names.insert(id, display_name(given, family, &user.email));
    }
    Ok(names)
}
