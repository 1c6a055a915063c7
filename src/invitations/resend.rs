//! Sending invitations again: a new token, the old one dead, a fresh term.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use entity::invitation::{self, Status};
use entity::{assignment, mail};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Dispatch, dispatch};
use crate::access::{Action, Actor, role_not_offerable};
use crate::background::outbox;
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Refusal, Result};
use crate::platform::constants::Constants;

/// How often one invitation may be sent within an hour (security catalogue, F5).
const MOST_AN_HOUR: usize = 3;

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
        let sent = sent_lately(work, account_id, found.keys()).await?;
        for id in &self.invitations {
            let outcome = match found.get(id) {
                None => Err(Refusal::new(Code::NotFound, "There is no such invitation.")),
                Some(invitation) => {
                    let sent = sent.get(id).map(Vec::as_slice).unwrap_or_default();
                    may_resend(work.actor(), invitation, sent, work.now())
                }
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
    if invitations.is_empty() {
        return Ok(());
    }
    let waiting = mail::Entity::delete_many()
        .filter(mail::Column::AccountId.eq(account_id))
        .filter(told_of(invitations.iter()))
        .filter(mail::Column::Status.eq_constant(mail::Status::Ready))
        .filter(mail::Column::RunAt.gt(work.now()));
    work.delete(waiting).await?;
    Ok(())
}

/// Before the id in the key of an invitation's mail.
const KEYS: &str = "invitation:";

/// The mails of some invitations.
fn told_of<'a>(invitations: impl Iterator<Item = &'a Uuid>) -> Condition {
    let of = invitations.map(|id| outbox::told_of(&format!("{KEYS}{id}")));
    of.fold(Condition::any(), Condition::add)
}

/// When mails of some invitations were written within the last hour, the latest first: one statement for all of them.
async fn sent_lately(
    work: &Work,
    account_id: Uuid,
    invitations: impl ExactSizeIterator<Item = &Uuid>,
) -> Result<HashMap<Uuid, Vec<DateTime<Utc>>>> {
    let mut sent: HashMap<Uuid, Vec<DateTime<Utc>>> = HashMap::new();
    if invitations.len() == 0 {
        return Ok(sent);
    }
    let found: Vec<(String, DateTime<Utc>)> = mail::Entity::find()
        .select_only()
        .columns([mail::Column::Key, mail::Column::CreatedAt])
        .filter(mail::Column::AccountId.eq(account_id))
        .filter(told_of(invitations))
        .filter(mail::Column::CreatedAt.gt(work.now() - Duration::hours(1)))
        .order_by_desc(mail::Column::CreatedAt)
        .into_tuple()
        .all(work.reader())
        .await?;
    for (key, at) in found {
        let id = key.strip_prefix(KEYS).and_then(|rest| rest.split(':').next());
        if let Some(id) = id.and_then(|id| id.parse().ok()) {
            sent.entry(id).or_default().push(at);
        }
    }
    Ok(sent)
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

/// `sent` tells when it was sent within the last hour, the latest first.
fn may_resend(
    actor: &Actor,
    invitation: &invitation::Model,
    sent: &[DateTime<Utc>],
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    match invitation.status {
        Status::Accepted => {
            return Err(Refusal::new(
                Code::InvitationAlreadyAccepted,
                "The person has joined already.",
            ));
        }
        Status::Revoked => {
            return Err(Refusal::new(
                Code::InvitationRevoked,
                "The invitation was withdrawn. Invite the person again.",
            ));
        }
        Status::Pending => {}
    }
    if let Some(reason) = role_not_offerable(actor, invitation.role) {
        return Err(Refusal::new(Code::RoleNotAssignable, reason));
    }
    // With the last of the latest three an hour old, there is room for one more.
    let Some(oldest) = sent.get(MOST_AN_HOUR - 1) else {
        return Ok(());
    };
    let wait = (*oldest + Duration::hours(1) - now)
        .num_seconds()
        .saturating_add(1);
    let detail = Detail::Quota {
        limit: i32::try_from(MOST_AN_HOUR).unwrap_or(i32::MAX),
        retry_after_seconds: i32::try_from(wait).ok(),
    };
    let text = "This invitation was sent three times within the hour.";
    Err(Refusal::new(Code::QuotaExceeded, text).with(detail))
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
