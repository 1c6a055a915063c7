//! Telling whoever invited somebody that the mail was not delivered.

use chrono::Duration;
use entity::ids::Kind;
use entity::invitation::{self, Delivery, Status};
use entity::notification::{self, Severity};
use entity::user;
use sea_orm::EntityTrait;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::notifications::{Notice, notify, notify_who_may};

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let tell = Tell {
        lease: lease.clone(),
        lease_for: app.settings().job_lease,
    };
    app.run(&Actor::Platform, tell).await
}

struct Tell {
    lease: Lease,
    lease_for: Duration,
}

impl Command for Tell {
    type Output = ();
    const NAME: &'static str = "invitations.tell_undelivered";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<uuid::Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let Lease {
            account_id,
            subject_id,
            ..
        } = self.lease;
        work.lock(account_id).await?;
        jobs::hold(work, &self.lease, self.lease_for).await?;
        jobs::finish(work, &self.lease).await?;
        let invitation = invitation::Entity::find_by_id((account_id, subject_id))
            .one(work.reader())
            .await?;
        // Sent again, revoked or accepted meanwhile, it needs nobody's care.
        let invitation = invitation.filter(|invitation| {
            invitation.status == Status::Pending && invitation.delivery_status == Delivery::Bounced
        });
        let Some(invitation) = invitation else {
            return Ok(());
        };
        let user = |id| user::Entity::find_by_id((account_id, id)).one(work.reader());
        let Some(invited) = user(invitation.user_id).await? else {
            return Ok(());
        };
        let notice = notice(&invitation, &invited.email);
        let inviter = match invitation.invited_by {
            Some(id) => user(id).await?,
            None => None,
        };
        match inviter.filter(|inviter| inviter.status == user::Status::Active) {
            Some(inviter) => notify(work, account_id, &[inviter.id], &notice).await?,
            // Whoever invited them cannot see to it any more.
            None => notify_who_may(work, account_id, Action::ManageUsers, &notice).await?,
        };
        Ok(())
    }
}

fn notice(invitation: &invitation::Model, email: &str) -> Notice {
    let why = match &invitation.delivery_reason {
        Some(answer) => format!("The mail server answered: {answer}"),
        None => "It could not be handed to a mail server for more than a day.".to_owned(),
    };
    Notice {
        kind: notification::Kind::InvitationBounced,
        severity: Severity::Warning,
        title: format!("The invitation to {email} was not delivered"),
        body: format!(
            "{why}\nLook whether the address is right. If it is, send the invitation again; if not, invite the right one and revoke this."
        ),
        subject: Some(Kind::Invitation.text(invitation.id)),
    }
}
