//! Joining: what an accepted invitation makes of its user, by a password or by an identity provider's word.

use std::collections::BTreeMap;

use entity::ids::Kind;
use entity::invitation::{self, Status};
use entity::{account, assignment, subscription, user};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::preview;
use crate::access::{Member, Origin, role_not_assignable};
use crate::accounts::Naming;
use crate::accounts::counters::Delta;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::directory::people;
use crate::error::Result;
use crate::platform::events::Wake;
use crate::products::{Catalogue, catalogue_holding};

/// What a user becomes when they join.
pub struct Joining {
    /// Absent for whoever comes by an identity provider: its word reaches no global identity.
    pub identity_id: Option<Uuid>,
    pub role: user::Role,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

/// Makes a user active whose e-mail address is proven, and keeps the account's counters. Somebody else may have changed them meanwhile; then they are not
/// there to be activated.
pub async fn activate(
    work: &mut Work,
    account: &account::Model,
    user: &user::Model,
    joining: Joining,
) -> Result<user::Model> {
    let Joining {
        identity_id,
        role,
        given_name,
        family_name,
    } = joining;
    let naming = Naming::of(work, account).await?;
    let activated = naming
        .rename(user::Entity::update_many(), user, given_name, family_name)
        .col_expr(user::Column::Status, Expr::value(user::Status::Active))
        .col_expr(user::Column::IdentityId, Expr::value(identity_id))
        .col_expr(user::Column::EmailVerified, Expr::value(true))
        .col_expr(user::Column::Role, Expr::value(role))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    let activated = work
        .update_returning(activated)
        .await?
        .pop()
        .ok_or_else(preview::unknown)?;
    people::note(work, std::slice::from_ref(&activated)).await?;
    let mut delta = Delta::default();
    delta.loses(user.status, user.role);
    delta.gains(activated.status, activated.role);
    delta.write(work, user.account_id).await?;
    Ok(activated)
}

/// Nobody gets by invitation more than their inviter could give them today (security catalogue, F2).
pub async fn role_at_acceptance(
    work: &Work,
    account: &account::Model,
    invitation: &invitation::Model,
) -> Result<user::Role> {
    let role = invitation.role;
    let Some(inviter) = invitation.invited_by else {
        return Ok(role);
    };
    let inviter = user::Entity::find_by_id((account.id, inviter))
        .one(work.reader())
        .await?;
    let may = inviter
        .filter(|inviter| inviter.status == user::Status::Active)
        .is_some_and(|inviter| {
            let giver = Member::absent(account, inviter, Origin::default());
            role_not_assignable(&giver, role).is_none()
        });
    Ok(if may { role } else { user::Role::User })
}

/// Closes an invitation that led its user in.
pub async fn close(work: &mut Work, invitation: &invitation::Model) -> Result<()> {
    let accepted = invitation::Entity::update_many()
        .col_expr(invitation::Column::Status, Expr::value(Status::Accepted))
        .col_expr(invitation::Column::AcceptedAt, Expr::value(work.now()))
        .filter(invitation::Column::AccountId.eq(invitation.account_id))
        .filter(invitation::Column::Id.eq(invitation.id));
    work.update(accepted).await?;
    work.touch(Kind::Invitation.text(invitation.id));
    Ok(())
}

/// Reserved seats are reserved no more. Answers the names of their products.
pub async fn take_up_seats(work: &mut Work, user: &user::Model) -> Result<Vec<String>> {
    let seats = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(user.account_id))
        .filter(assignment::Column::UserId.eq(user.id))
        .all(work.reader())
        .await?;
    let mut reserved: BTreeMap<Uuid, i32> = BTreeMap::new();
    for seat in &seats {
        *reserved.entry(seat.subscription_id).or_default() += 1;
        work.wake(Wake::Seats {
            account_id: user.account_id,
            id: seat.product_id,
        });
    }
    for (id, count) in reserved {
        let less = Expr::col(subscription::Column::SeatsReserved).sub(count);
        let update = subscription::Entity::update_many()
            .col_expr(subscription::Column::SeatsReserved, less)
            .filter(subscription::Column::AccountId.eq(user.account_id))
            .filter(subscription::Column::Id.eq(id));
        work.update(update).await?;
    }
    let is_there = |known: &Catalogue| known.has(seats.iter().map(|seat| seat.product_id));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let products = seats.iter().filter_map(|seat| catalogue.by_id(seat.product_id));
    Ok(products.map(|product| product.0.model.name.clone()).collect())
}

/// One mail confirms the products somebody found on joining.
pub async fn confirm(
    work: &mut Work,
    account: &account::Model,
    user: &user::Model,
    products: Vec<String>,
) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let mail = Mail {
        key: format!("products:accepted:{}", user.id),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter: Letter::ProductConfirmation {
            account_name: account.name.clone(),
            products,
        },
    };
    outbox::write(work, account.id, vec![mail]).await
}
