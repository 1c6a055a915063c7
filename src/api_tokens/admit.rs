//! From a secret to who acts. One query by the account and the secret's hash; nothing is remembered, so what was revoked is dead at once.

use chrono::{DateTime, Duration, Utc};
use entity::api_token::{Column, Entity};
use entity::lists::Texts;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Statement, Value};
use uuid::Uuid;

use super::secret;
use crate::access::rights::{self, Holder, Rights};
use crate::access::{Action, Actor, ApiTokenScope, Origin, Pass};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// How exactly the last use is known: not every request is worth a write.
const NOTED_EVERY: Duration = Duration::minutes(1);

/// A token with its creator's rights, as their rows have them.
#[derive(FromQueryResult)]
struct TokenRights {
    #[sea_orm(nested)]
    creator: Rights,
    account_id: Uuid,
    id: Uuid,
    name: String,
    scopes: Texts,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    created_by: Uuid,
}

/// On whose behalf a secret acts; `None` when it is worth nothing: unknown, revoked, lapsed, or its creator is not active any more.
pub async fn admit(app: &App, secret: &str, origin: Origin) -> Result<Option<Actor>> {
    let digest = secret::digest(secret);
    let account_id = match secret::account(secret) {
        Some(account_id) => Some(account_id),
        None => account_of_old(app, &digest).await?,
    };
    let Some(account_id) = account_id else {
        return Ok(None);
    };
    let found = read(app, account_id, "t.secret_hash = $2", digest.into()).await?;
    let Some(standing) = found else {
        return Ok(None);
    };
    note_use(app, &standing);
    Ok(Some(standing.actor(origin)))
}

/// The account of a secret that does not name it: those made before secrets did. The last of them lapses a year after.
async fn account_of_old(app: &App, digest: &[u8]) -> Result<Option<Uuid>> {
    let found = Entity::find().filter(Column::SecretHash.eq(digest.to_vec()));
    let found = found.one(app.reader()).await?;
    Ok(found.map(|token| token.account_id))
}

/// Whether a token is still worth something, for a connection that was opened with it.
pub async fn stands(app: &App, account_id: Uuid, id: Uuid) -> Result<bool> {
    let found = read(app, account_id, "t.id = $2", id.into()).await?;
    Ok(found.is_some())
}

/// Whoever acts by a token that is still worth something, by its id.
pub async fn by_id(app: &App, account_id: Uuid, id: Uuid, origin: Origin) -> Result<Option<Actor>> {
    let found = read(app, account_id, "t.id = $2", id.into()).await?;
    Ok(found.map(|standing| standing.actor(origin)))
}

async fn read(app: &App, account_id: Uuid, which: &str, value: Value) -> Result<Option<TokenRights>> {
    let sql = rights::query(
        "t.account_id, t.id, t.name, t.scopes, t.expires_at, t.last_used_at, t.created_by",
        "JOIN api_tokens t ON t.account_id = u.account_id AND t.created_by = u.id",
        &format!("{which} AND t.revoked_at IS NULL"),
    );
    let values = [account_id.into(), value];
    let statement = Statement::from_sql_and_values(app.db().backend(), sql, values);
    let found = TokenRights::find_by_statement(statement)
        .one(app.reader())
        .await?;
    Ok(found.filter(|standing| standing.expires_at > app.clock().now()))
}

impl TokenRights {
    fn actor(self, origin: Origin) -> Actor {
        let holder = Holder::absent(self.account_id, self.created_by);
        Actor::ApiToken {
            token: Pass {
                id: self.id,
                name: self.name,
                scopes: ApiTokenScope::from_texts(&self.scopes),
            },
            on_behalf_of: self.creator.member(holder, origin),
        }
    }
}

/// Notes the use beside the request, which does not wait for it.
fn note_use(app: &App, standing: &TokenRights) {
    let due = app.clock().now() - NOTED_EVERY;
    if standing.last_used_at.is_some_and(|at| at > due) {
        return;
    }
    let (app, note) = (
        app.clone(),
        NoteUse {
            account_id: standing.account_id,
            id: standing.id,
            due,
        },
    );
    tokio::spawn(async move {
        if let Err(error) = app.run(&Actor::Platform, note).await {
            tracing::warn!(?error, "the use of an API token could not be noted");
        }
    });
}

/// Notes that a token was used, unless that was done a short while ago.
struct NoteUse {
    account_id: Uuid,
    id: Uuid,
    due: DateTime<Utc>,
}

impl Command for NoteUse {
    type Output = ();
    const NAME: &'static str = "api_tokens.note_use";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let is_due = Column::LastUsedAt.is_null().or(Column::LastUsedAt.lte(self.due));
        let noted = Entity::update_many()
            .col_expr(Column::LastUsedAt, Expr::value(work.now()))
            .filter(Column::AccountId.eq(self.account_id))
            .filter(Column::Id.eq(self.id))
            .filter(is_due);
        work.update(noted).await?;
        Ok(())
    }
}
