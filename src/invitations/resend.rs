//! Sending invitations again: a new token, the old one dead, a fresh term.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use entity::invitation::{self, Status};
use entity::{assignment, mail};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Dispatch, dispatch};
use crate::access::{Action, role_not_offerable};
use crate::background::outbox;
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Refusal, Result};
use crate::platform::constants::Constants;

/// How often one invitation may be sent within an hour (security catalogue, F5).
const MOST_AN_HOUR: u64 = 3;

/// Sends invitations again.
#[derive(Clone, Debug)]
pub struct ResendInvitations {
    invitations: Vec<Uuid>,
    /// What was sent too often is sent when there is room again, instead of being refused.
    may_wait: bool,
}

impl ResendInvitations {
    /// Refuses what was sent too often.
    pub fn at_once(invitations: Vec<Uuid>) -> Self {
        Self {
            invitations,
            may_wait: false,
        }
    }

    /// The old links are dead at once; mails wait until they may be sent.
    pub fn when_allowed(invitations: Vec<Uuid>) -> Self {
        Self {
            invitations,
            may_wait: true,
        }
    }
}

impl Command for ResendInvitations {
    /// One for each invitation, in order.
    type Output = Vec<Result<(), Refusal>>;
    const NAME: &'static str = "invitations.resend";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let account_id = work.account_id()?;
        let found = super::by_id(work, account_id, &self.invitations).await?;
        let mut outcomes = Vec::with_capacity(self.invitations.len());
        let mut renewed: Vec<Uuid> = Vec::new();
        let mut not_before = None;
        if self.may_wait {
            forget_waiting(work, account_id, &self.invitations).await?;
        }
        for id in &self.invitations {
            let outcome = match found.get(id) {
                None => Err(Refusal::new(Code::NotFound, "There is no such invitation.")),
                Some(invitation) => may_resend(work, account_id, invitation).await?,
            };
            let outcome = match outcome {
                Err(refusal) if self.may_wait && refusal.code == Code::QuotaExceeded => {
                    not_before = not_before.max(Some(work.now() + wait_of(&refusal)));
                    Ok(())
                }
                outcome => outcome,
            };
            if let (Ok(()), Some(invitation)) = (&outcome, found.get(id))
                && !renewed.contains(&invitation.user_id)
            {
                renewed.push(invitation.user_id);
            }
            outcomes.push(outcome);
        }
        let products = products_of(work, account_id, &renewed).await?;
        let renewed = renewed
            .into_iter()
            .map(|user| (user, products.get(&user).cloned().unwrap_or_default()));
        let renewed = renewed.collect();
        dispatch(
            work,
            Dispatch {
                fresh: Vec::new(),
                renewed,
                message: None,
                not_before,
            },
        )
        .await?;
        Ok(outcomes)
    }
}

/// Mails of these invitations that wait for their time would bring links that are dead by then.
async fn forget_waiting(work: &mut Work, account_id: Uuid, invitations: &[Uuid]) -> Result<()> {
    for id in invitations {
        let waiting = mail::Entity::delete_many()
            .filter(mail::Column::AccountId.eq(account_id))
            .filter(outbox::told_of(&format!("invitation:{id}")))
            .filter(mail::Column::Status.eq_constant(mail::Status::Ready))
            .filter(mail::Column::RunAt.gt(work.now()));
        work.delete(waiting).await?;
    }
    Ok(())
}

fn wait_of(refusal: &Refusal) -> Duration {
    match refusal.detail {
        Detail::Quota {
            retry_after_seconds: Some(seconds),
            ..
        } => Duration::seconds(seconds.into()),
        _ => Duration::hours(1),
    }
}

async fn may_resend(
    work: &Work,
    account_id: Uuid,
    invitation: &invitation::Model,
) -> Result<Result<(), Refusal>> {
    match invitation.status {
        Status::Accepted => {
            return Ok(Err(Refusal::new(
                Code::InvitationAlreadyAccepted,
                "The person has joined already.",
            )));
        }
        Status::Revoked => {
            return Ok(Err(Refusal::new(
                Code::InvitationRevoked,
                "The invitation was withdrawn. Invite the person again.",
            )));
        }
        Status::Pending => {}
    }
    if let Some(reason) = role_not_offerable(work.actor(), invitation.role) {
        return Ok(Err(Refusal::new(Code::RoleNotAssignable, reason)));
    }
    let hour = Duration::hours(1);
    let sent: Vec<DateTime<Utc>> = mail::Entity::find()
        .select_only()
        .column(mail::Column::CreatedAt)
        .filter(mail::Column::AccountId.eq(account_id))
        .filter(outbox::told_of(&format!("invitation:{}", invitation.id)))
        .filter(mail::Column::CreatedAt.gt(work.now() - hour))
        .order_by_desc(mail::Column::CreatedAt)
        .limit(MOST_AN_HOUR)
        .into_tuple()
        .all(work.reader())
        .await?;
    // With the oldest of them an hour old, there is room for one more.
    let oldest = match sent.last() {
        Some(oldest) if u64::try_from(sent.len()).unwrap_or(u64::MAX) >= MOST_AN_HOUR => *oldest,
        _ => return Ok(Ok(())),
    };
    let wait = (oldest + hour - work.now()).num_seconds().saturating_add(1);
    let detail = Detail::Quota {
        limit: i32::try_from(MOST_AN_HOUR).unwrap_or(i32::MAX),
        retry_after_seconds: i32::try_from(wait).ok(),
    };
    Ok(Err(Refusal::new(
        Code::QuotaExceeded,
        "This invitation was sent three times within the hour.",
    )
    .with(detail)))
}

async fn products_of(work: &Work, account_id: Uuid, users: &[Uuid]) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let seats = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(account_id))
        .filter(assignment::Column::UserId.is_in(users.iter().copied()))
        .all(work.reader())
        .await?;
    let mut products: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for seat in seats {
        products.entry(seat.user_id).or_default().push(seat.product_id);
    }
    Ok(products)
}
