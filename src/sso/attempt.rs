//! A browser on its way to a provider and back.
//!
//! State, nonce, PKCE verifier and the browser's cookie are codes computed from the attempt's id (`platform::secrets`), so nothing secret is stored and
//! each of them names its attempt. The row says whether the attempt is still open: it ends when it is used, which happens once, and after ten minutes.

use chrono::{DateTime, Duration, Utc};
use entity::session;
use entity::sso_attempt::{ActiveModel, Column, Entity, Model, Purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::Rejection;
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::secrets::{self, Claim};
use crate::rate_limit;
use crate::sessions::attempts::starting_sso;

/// How long the person may take at the provider.
pub const LIFETIME: Duration = Duration::minutes(10);
/// Old rows of the account that one beginning clears away: more than it makes, so that they do not pile up.
const SWEPT: u64 = 20;
/// The generation of an attempt in which the person has to prove anew who they are.
const FRESH: i32 = 1;

/// What names an attempt: its account and id, and in place of a generation whether a fresh proof is demanded.
pub fn claim(account_id: Uuid, id: Uuid, is_fresh_demanded: bool) -> Claim {
    Claim {
        account_id,
        id,
        generation: if is_fresh_demanded { FRESH } else { 0 },
    }
}

/// What belongs to an attempt and to nobody else's.
pub struct Secrets {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    /// What the browser keeps, so that no other can use the state.
    pub browser: String,
    pub is_fresh_demanded: bool,
}

impl Secrets {
    pub fn of(app: &App, claim: Claim) -> Result<Self> {
        let token = |purpose| app.secrets().token(purpose, claim);
        Ok(Self {
            state: token(secrets::Purpose::SsoState)?,
            nonce: token(secrets::Purpose::SsoNonce)?,
            verifier: token(secrets::Purpose::SsoVerifier)?,
            browser: token(secrets::Purpose::SsoBrowser)?,
            is_fresh_demanded: claim.generation == FRESH,
        })
    }
}

/// Notes that a browser is being sent to a provider; counted for its network.
#[derive(Debug)]
pub struct BeginAttempt {
    pub account_id: Uuid,
    pub identity_provider_id: Uuid,
    pub purpose: Purpose,
    pub sso_test_id: Option<Uuid>,
    pub return_to: String,
}

impl Command for BeginAttempt {
    type Output = Uuid;
    const NAME: &'static str = "sso.begin_attempt";
    // Anybody may start one; how it ends is recorded when it does.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Uuid> {
        rate_limit::take(work, &starting_sso(&work.actor().origin())).await?;
        sweep(work, self.account_id).await?;
        let id = work.new_id();
        let row = ActiveModel {
            account_id: Set(self.account_id),
            id: Set(id),
            identity_provider_id: Set(self.identity_provider_id),
            purpose: Set(self.purpose),
            sso_test_id: Set(self.sso_test_id),
            return_to: Set(self.return_to),
            started_at: Set(work.now()),
            expires_at: Set(work.now() + LIFETIME),
            used_at: Set(None),
            session_id: Set(None),
        };
        work.insert(vec![row]).await?;
        Ok(id)
    }
}

async fn sweep(work: &Work, account_id: Uuid) -> Result<()> {
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::AccountId.eq(account_id))
        .and_where(Column::ExpiresAt.lte(work.now() - LIFETIME))
        .limit(SWEPT)
        .take();
    let gone = Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.in_subquery(old));
    work.delete(gone).await?;
    Ok(())
}

/// Uses an attempt up. Of any number of answers that come back for it, one is looked at.
#[derive(Debug)]
pub struct UseAttempt {
    pub claim: Claim,
    /// Whose address the answer came to.
    pub identity_provider_id: Uuid,
}

impl Command for UseAttempt {
    type Output = Result<Model, Rejection>;
    const NAME: &'static str = "sso.use_attempt";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let used = Entity::update_many()
            .col_expr(Column::UsedAt, Expr::value(work.now()))
            .filter(Column::AccountId.eq(self.claim.account_id))
            .filter(Column::Id.eq(self.claim.id))
            .filter(Column::IdentityProviderId.eq(self.identity_provider_id))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(work.now()));
        if let Some(attempt) = work.update_returning(used).await?.pop() {
            return Ok(Ok(attempt));
        }
        let found = Entity::find_by_id((self.claim.account_id, self.claim.id))
            .one(work.reader())
            .await?;
        Ok(Err(unusable(
            found.as_ref(),
            self.identity_provider_id,
            work.now(),
        )))
    }
}

/// Notes which session an attempt ended in, so that whoever opens its answer once more goes on in it.
pub async fn note_session(work: &Work, account_id: Uuid, attempt_id: Uuid, session_id: Uuid) -> Result<()> {
    let ended = Entity::update_many()
        .col_expr(Column::SessionId, Expr::value(session_id))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.eq(attempt_id));
    work.update(ended).await?;
    Ok(())
}

/// Where a browser goes on that opens an answer once more which has signed it in; `None` when that session is over, or there was none.
pub async fn signed_in_by(app: &App, claim: Claim) -> Result<Option<String>> {
    let attempt = Entity::find_by_id((claim.account_id, claim.id))
        .one(app.reader())
        .await?;
    let Some((attempt, session_id)) =
        attempt.and_then(|attempt| Some((attempt.clone(), attempt.session_id?)))
    else {
        return Ok(None);
    };
    let session = session::Entity::find_by_id((claim.account_id, session_id))
        .one(app.reader())
        .await?;
    let now = app.clock().now();
    let stands = |session: session::Model| session.ended_at.is_none() && session.expires_at > now;
    Ok(session.is_some_and(stands).then_some(attempt.return_to))
}

fn unusable(attempt: Option<&Model>, provider_id: Uuid, now: DateTime<Utc>) -> Rejection {
    match attempt {
        // Swept away long after its end.
        None => Rejection::StateExpired,
        Some(attempt) if attempt.identity_provider_id != provider_id => Rejection::ProviderMismatch,
        Some(attempt) if attempt.used_at.is_some() => Rejection::StateUsed,
        Some(attempt) if attempt.expires_at <= now => Rejection::StateExpired,
        // Another answer used it up between the two statements.
        Some(_) => Rejection::StateUsed,
    }
}
