//! Invitations: the offer to join that a new user gets by e-mail.
//!
//! An invitation is `PENDING`, `ACCEPTED` or `REVOKED`; pending past its day it is `EXPIRED`, which is computed and never swept. Its token is a code
//! (`platform::secrets`) of the invitation and a generation: sending again counts the generation up, and the old link is dead.

pub mod accept;
mod dispatch;
mod join;
pub mod listing;
pub mod preview;
pub mod read;
mod resend;
mod revoke;
pub mod rules;
pub mod undelivered;

use std::collections::HashMap;

use entity::invitation;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

pub use accept::AcceptInvitation;
pub use dispatch::{Dispatch, dispatch};
pub use join::{Joining, activate, close, confirm, role_at_acceptance, take_up_seats};
pub use read::Invitation;
pub use resend::ResendInvitations;
pub use revoke::RevokeInvitations;

use crate::command::Work;
use crate::error::Result;

/// Invitations of an account, within a command.
async fn by_id(work: &Work, account_id: Uuid, ids: &[Uuid]) -> Result<HashMap<Uuid, invitation::Model>> {
    let found = invitation::Entity::find()
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(invitation::Column::Id.is_in(ids.iter().copied()))
        .all(work.reader())
        .await?;
    Ok(found
        .into_iter()
        .map(|invitation| (invitation.id, invitation))
        .collect())
}
