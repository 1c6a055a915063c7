//! The mail of the day: what somebody wants to hear of by it, and has not read.
//!
//! A job like any other, asked for once a day (`background::digests`): a portion of people under its lease, whose mails and marks commit together. What was told is
//! marked, and a mail's key is its reader and day; so nobody gets two, whoever does the job and however often it is begun.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::notification::{Column, Entity, Model};
use entity::user::{self, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement, Value};
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::digests::boundary;
use crate::background::jobs::{self, Lease};
use crate::background::outbox::{self, DigestItem, Letter, Mail};
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};
use crate::platform::arrays::{among, listed};

/// People of one transaction.
const AT_ONCE: u64 = 200;
/// Notifications named in one mail; how many more there are is said.
const MOST_NAMED: i64 = 20;

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let until = boundary(app.clock().now());
    let portion = || Portion {
        lease: lease.clone(),
        lease_for: app.settings().job_lease,
        until,
    };
    while app.run(&Actor::Platform, portion()).await? {}
    Ok(())
}

/// Some people's mails, under the job's lease; the job's end where there is nobody left.
struct Portion {
    lease: Lease,
    lease_for: Duration,
    /// What came later is the next day's.
    until: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Reader {
    user_id: Uuid,
}

/// A notification with how many there are of the same reader.
#[derive(FromQueryResult)]
struct Named {
    #[sea_orm(nested)]
    row: Model,
    total: i64,
}

const READERS: &str = "SELECT DISTINCT user_id FROM notifications WHERE account_id = $1 AND in_digest AND created_at < $2 \
    ORDER BY user_id LIMIT $3";

impl Command for Portion {
    /// Whether there may be more.
    type Output = bool;
    const NAME: &'static str = "notifications.digest";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let account_id = self.lease.account_id;
        let account = work.lock(account_id).await?;
        let account = account.ok_or_else(|| Error::internal("there is no such account"))?;
        jobs::renew(work, &self.lease, self.lease_for).await?;
        let values = [account_id.into(), self.until.into(), AT_ONCE.into()];
        let readers = Statement::from_sql_and_values(work.backend(), READERS, values);
        let readers: Vec<Reader> = work.fetch(readers).await?;
        if readers.is_empty() {
            jobs::finish(work, &self.lease).await?;
            return Ok(false);
        }
        let ids: Vec<Uuid> = readers.iter().map(|reader| reader.user_id).collect();
        let users = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(among(work.backend(), user::Column::Id, &ids))
            .all(work.reader())
            .await?;
        let mut named: HashMap<Uuid, (i64, Vec<DigestItem>)> = HashMap::new();
        for Named { row, total } in self.named(work, &ids).await? {
            let item = DigestItem {
                title: row.title,
                body: row.body,
                at: row.created_at,
            };
            let (all, items) = named.entry(row.user_id).or_default();
            *all = total;
            items.push(item);
        }
        let day = self.until.date_naive();
        let active = users.into_iter().filter(|user| user.status == Status::Active);
        let mails = active.filter_map(|user| {
            let (total, items) = named.remove(&user.id)?;
            Some(mail(&account.name, user, day, total, items))
        });
        outbox::write(work, account_id, mails.collect()).await?;
        self.mark(work, &ids).await?;
        Ok(true)
    }
}

impl Portion {
    /// The last ones of each reader, the newest first.
    async fn named(&self, work: &Work, readers: &[Uuid]) -> Result<Vec<Named>> {
        let mut values: Vec<Value> = vec![self.lease.account_id.into(), self.until.into(), MOST_NAMED.into()];
        let readers = listed(work.backend(), readers.to_vec(), &mut values);
        let sql = format!(
            "SELECT * FROM (SELECT n.*, count(*) OVER (PARTITION BY user_id) AS total, \
             row_number() OVER (PARTITION BY user_id ORDER BY id DESC) AS place \
             FROM notifications n WHERE account_id = $1 AND in_digest AND created_at < $2 AND user_id {readers}) told \
             WHERE place <= $3 ORDER BY user_id, id DESC"
        );
        work.fetch(Statement::from_sql_and_values(work.backend(), sql, values))
            .await
    }

    /// Told is told, and nobody who is not there any more is told anything.
    async fn mark(&self, work: &Work, readers: &[Uuid]) -> Result<()> {
        let told = Entity::update_many()
            .col_expr(Column::InDigest, Expr::value(false))
            .filter(Column::AccountId.eq(self.lease.account_id))
            .filter(among(work.backend(), Column::UserId, readers))
            .filter(Column::CreatedAt.lt(self.until))
            .filter(Expr::cust("in_digest"));
        work.update(told).await?;
        Ok(())
    }
}

fn mail(account: &str, user: user::Model, day: NaiveDate, total: i64, items: Vec<DigestItem>) -> Mail {
    let named = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Mail {
        key: format!("digest:{}:{day}", user.id),
        to_address: user.email,
        to_name: user.given_name,
        letter: Letter::Digest {
            account_name: account.to_owned(),
            items,
            more: i32::try_from(total - named).unwrap_or(i32::MAX),
        },
    }
}
