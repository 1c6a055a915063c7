//! What becomes of the mails of invitations stands with the invitation, in the transaction that notes it of the mail: whoever invited somebody sees it there.

use entity::invitation::{self, Column, Delivery};
use entity::mail::{self, Status};
use sea_orm::sea_query::{Expr, ExprTrait, Value};
use sea_orm::{ColumnTrait, DatabaseBackend, EntityTrait, QueryFilter, Statement};
use uuid::Uuid;

use super::jobs::{self, Kind};
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;

/// The key of the mail that offers an invitation's link.
pub fn key(id: Uuid, generation: i32) -> String {
    format!("invitation:{id}:{generation}")
}

/// What [`key`] was made of.
fn read(key: &str) -> Option<(Uuid, i32)> {
    let (id, generation) = key.strip_prefix("invitation:")?.split_once(':')?;
    Some((id.parse().ok()?, generation.parse().ok()?))
}

/// Whether an invitation tells what became of the mail.
pub fn is_of_an_invitation(mail: &mail::Model) -> bool {
    read(&mail.key).is_some()
}

/// What [`settle`] and whoever calls it come to for most mails, that went out: one statement, which needs no transaction.
const SENT: &str = "WITH sent AS (UPDATE mails SET status = 'SENT', sent_at = $1, lease_token = NULL, lease_until = NULL \
    WHERE account_id = $2 AND id = $3 AND key = $4 AND lease_token = $5 RETURNING account_id) \
    UPDATE invitations SET delivery_status = CASE WHEN generation = $7 THEN 'SENT' ELSE delivery_status END, \
    delivery_at = CASE WHEN generation = $7 THEN $1 ELSE delivery_at END, \
    delivery_reason = CASE WHEN generation = $7 THEN NULL ELSE delivery_reason END, last_sent_at = $1, send_count = send_count + 1 \
    FROM sent WHERE invitations.account_id = $2 AND invitations.account_id = sent.account_id AND invitations.id = $6";

/// The statement that notes that the mail of an invitation went out, if it is still in the hands of whoever took it; none for other mails, and none on SQLite, where
/// nothing that changes rows can stand before an update.
pub fn sent_at_once(work: &Work, mail: &mail::Model) -> Option<Statement> {
    let (id, generation) = read(&mail.key)?;
    let values: [Value; 7] = [
        work.now().into(),
        mail.account_id.into(),
        mail.id.into(),
        mail.key.clone().into(),
        mail.lease_token.into(),
        id.into(),
        generation.into(),
    ];
    (work.backend() == DatabaseBackend::Postgres)
        .then(|| Statement::from_sql_and_values(DatabaseBackend::Postgres, SENT, values))
}

/// Notes what an attempt to send ended with, and what the relay answered. A mail whose link was superseded counts as sent, and says nothing of the one that counts.
pub async fn settle(
    work: &mut Work,
    mail: &mail::Model,
    status: Status,
    answer: Option<String>,
) -> Result<()> {
    let Some((id, generation)) = read(&mail.key) else {
        return Ok(());
    };
    let delivery = match status {
        Status::Sent => Delivery::Sent,
        Status::Ready => Delivery::Delayed,
        Status::Dead => Delivery::Bounced,
    };
    let of_current = || Column::Generation.eq(generation);
    let mut noted = invitation::Entity::update_many()
        .col_expr(
            Column::DeliveryStatus,
            Expr::case(of_current(), Expr::value(delivery))
                .finally(Expr::col(Column::DeliveryStatus))
                .into(),
        )
        .col_expr(
            Column::DeliveryAt,
            Expr::case(of_current(), Expr::value(work.now()))
                .finally(Expr::col(Column::DeliveryAt))
                .into(),
        )
        .col_expr(
            Column::DeliveryReason,
            Expr::case(of_current(), Expr::value(answer))
                .finally(Expr::col(Column::DeliveryReason))
                .into(),
        )
        .filter(Column::AccountId.eq(mail.account_id))
        .filter(Column::Id.eq(id));
    if status == Status::Sent {
        noted = noted
            .col_expr(Column::LastSentAt, Expr::value(work.now()))
            .col_expr(Column::SendCount, Expr::col(Column::SendCount).add(1));
    }
    work.update(noted).await?;
    if status == Status::Dead {
        jobs::enqueue(work, Kind::Undelivered, mail.account_id, id).await?;
    }
    Ok(())
}

/// Mails that were given up are tried anew.
pub async fn queue_again(work: &Work, account_id: Uuid, mails: &[mail::Model]) -> Result<()> {
    let ids: Vec<Uuid> = mails
        .iter()
        .filter_map(|mail| read(&mail.key))
        .map(|(id, _)| id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let queued = invitation::Entity::update_many()
        .col_expr(Column::DeliveryStatus, Expr::value(Delivery::Queued))
        .col_expr(Column::DeliveryAt, Expr::value(work.now()))
        .col_expr(Column::DeliveryReason, Expr::value(Option::<String>::None))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, &ids))
        .filter(Column::DeliveryStatus.eq_constant(Delivery::Bounced));
    work.update(queued).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{key, read};

    #[test]
    fn a_key_tells_what_it_was_made_of_and_others_tell_nothing() {
        let id = Uuid::from_u128(7);
        assert_eq!(read(&key(id, 3)), Some((id, 3)));
        for other in ["welcome:x", "invitation:x:1", "invitation:1", ""] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
