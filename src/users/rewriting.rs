//! Writing the sort keys and search texts of an account's users anew, in the background: when its language changes, and when a release makes others.
//!
//! It goes through the users in the order of their ids, a batch a transaction, under the account's lock. Whoever is added or renamed meanwhile is written down by the new
//! rules already. Only with the last batch does the account say that all are; until then its lists have an order that no rewriting touches
//! ([`ordering`](super::ordering)), and its searches know texts of either kind.

use std::fmt::Write;

use chrono::Duration;
use entity::{account, user};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseBackend, DerivePartialModel, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement, Value,
};
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::accounts::write_anew;
use crate::app::App;
use crate::background::jobs::{self, Kind, Lease};
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::person::{Collation, Findable, VERSION};
use crate::platform::constants::Constants;
use crate::platform::events::Wake;

/// Users of one batch.
const AT_ONCE: u64 = 500;
/// Accounts looked up at once.
const ACCOUNTS: u64 = 500;

/// Asks for whatever another version wrote, or nobody has finished, to be written anew. Said at each start.
pub async fn ask(app: &App) -> Result<()> {
    let mut after = Some(Uuid::nil());
    while let Some(last) = after {
        after = app.run(&Actor::Platform, Ask { after: last }).await?;
    }
    Ok(())
}

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let mut done = Some(Done::default());
    while let Some(before) = done {
        let next = Next {
            lease: lease.clone(),
            lease_for: app.settings().job_lease,
            before,
        };
        done = app.run(&Actor::Platform, next).await?;
    }
    Ok(())
}

/// Puts jobs for some accounts that need one.
struct Ask {
    after: Uuid,
}

impl Command for Ask {
    /// The last account, if there may be more.
    type Output = Option<Uuid>;
    const NAME: &'static str = "names.ask";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Option<Uuid>> {
        let accounts: Vec<Uuid> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::NamesVersion.ne(VERSION))
            .filter(account::Column::Id.gt(self.after))
            .order_by_asc(account::Column::Id)
            .limit(ACCOUNTS)
            .into_tuple()
            .all(work.reader())
            .await?;
        for id in &accounts {
            jobs::enqueue(work, Kind::Names, *id, *id).await?;
        }
        let is_full = accounts.len() as u64 == ACCOUNTS;
        Ok(accounts.last().copied().filter(|_| is_full))
    }
}

/// How far somebody has come.
#[derive(Clone, Debug, Default)]
struct Done {
    up_to: Uuid,
    /// For which language.
    locale: String,
}

/// Writes the next batch.
struct Next {
    lease: Lease,
    lease_for: Duration,
    before: Done,
}

#[derive(DerivePartialModel)]
#[sea_orm(entity = "user::Entity")]
struct Named {
    id: Uuid,
    given_name: Option<String>,
    family_name: Option<String>,
    email: String,
    email_key: String,
    given_key: Vec<u8>,
    family_key: Vec<u8>,
    search_text: String,
}

impl Command for Next {
    /// How far it has come; `None` at the end.
    type Output = Option<Done>;
    const NAME: &'static str = "names.rewrite";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Option<Done>> {
        let account_id = self.lease.account_id;
        let account = work.lock(account_id).await?;
        jobs::hold(work, &self.lease, self.lease_for).await?;
        let Some(account) = account else {
            jobs::finish(work, &self.lease).await?;
            return Ok(None);
        };
        if !matches!(account.names_version, 0 | VERSION) {
            // Processes of another release may read by the keys that are there: they are told first, and given the time to hear it.
            let unfinished = account::Entity::update_many()
                .col_expr(account::Column::NamesVersion, Expr::value(0))
                .filter(account::Column::Id.eq(account_id));
            work.update(unfinished).await?;
            jobs::finish(work, &self.lease).await?;
            write_anew(work, account_id).await?;
            return Ok(None);
        }
        let locale = account.default_locale;
        // What was written for another language is to be written again.
        let after = match self.before.locale == locale {
            true => self.before.up_to,
            false => Uuid::nil(),
        };
        let users: Vec<Named> = user::Entity::find()
            .filter(user::Column::AccountId.eq(account_id))
            .filter(user::Column::Id.gt(after))
            .filter(user::Column::Status.ne_constant(user::Status::Removed))
            .order_by_asc(user::Column::Id)
            .limit(AT_ONCE)
            .into_partial_model()
            .all(work.reader())
            .await?;
        let up_to = users.last().map(|user| user.id);
        let is_full = users.len() as u64 == AT_ONCE;
        write(work, account_id, &Collation::of(&locale)?, users).await?;
        if let Some(up_to) = up_to.filter(|_| is_full) {
            return Ok(Some(Done { up_to, locale }));
        }
        let finished = account::Entity::update_many()
            .col_expr(account::Column::NamesVersion, Expr::value(VERSION))
            .filter(account::Column::Id.eq(account_id));
        work.update(finished).await?;
        work.wake(Wake::Account { id: account_id });
        jobs::finish(work, &self.lease).await?;
        Ok(None)
    }
}

/// Writes what is other than it was, in one statement. Nothing that anybody reads changes, so versions stay.
async fn write(work: &Work, account_id: Uuid, collation: &Collation, users: Vec<Named>) -> Result<()> {
    let (mut ids, mut given, mut family, mut texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for user in users {
        let made = Findable::of(
            collation,
            user.given_name.as_deref(),
            user.family_name.as_deref(),
            &user.email,
            &user.email_key,
        );
        let Findable {
            given_key,
            family_key,
            search_text,
        } = made;
        if (&given_key, &family_key, &search_text) != (&user.given_key, &user.family_key, &user.search_text) {
            ids.push(user.id);
            given.push(given_key);
            family.push(family_key);
            texts.push(search_text);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let mut values: Vec<Value> = vec![account_id.into()];
    let rows = match work.backend() {
        DatabaseBackend::Postgres => {
            values.extend([ids.into(), given.into(), family.into(), texts.into()]);
            "SELECT * FROM unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::text[])".to_owned()
        }
        _ => {
            let mut rows = "VALUES ".to_owned();
            for (((id, given), family), text) in ids.into_iter().zip(given).zip(family).zip(texts) {
                let comma = if values.len() > 1 { ", " } else { "" };
                let place = values.len() + 1;
                // Writing into a string does not fail.
                let _ = write!(
                    rows,
                    "{comma}(${place}, ${}, ${}, ${})",
                    place + 1,
                    place + 2,
                    place + 3
                );
                values.extend([id.into(), given.into(), family.into(), text.into()]);
            }
            rows
        }
    };
    let sql = format!(
        "WITH named (id, given_key, family_key, search_text) AS ({rows}) \
         UPDATE users SET given_key = named.given_key, family_key = named.family_key, search_text = named.search_text \
         FROM named WHERE users.account_id = $1 AND users.id = named.id"
    );
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    work.execute(statement).await?;
    Ok(())
}
