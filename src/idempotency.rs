//! Keys that make a repeated call recognisable.
//!
//! A client that does not know whether its call arrived sends it again under the same key. Our creating commands change nothing the second time by
//! themselves (a person is invited once, a seat given once); the key makes sure that the second call really is the first one again: the same
//! key with another body is refused.

use chrono::{DateTime, Duration, Utc};
use entity::idempotency_key;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::{Code, Refusal, Result};

/// How long a key is remembered.
const KEPT_FOR: Duration = Duration::hours(24);
const LONGEST_KEY: usize = crate::limits::IDEMPOTENCY_KEY;

/// A call under a key.
#[derive(Debug)]
pub struct Call {
    key: String,
    command: &'static str,
    /// SHA-256 of what was asked for.
    body: Vec<u8>,
}

impl Call {
    /// `sent` is the hash of the input as it was sent, which no change of our types touches.
    pub fn sent(key: String, command: &'static str, sent: [u8; 32]) -> Self {
        Self {
            key,
            command,
            body: sent.to_vec(),
        }
    }

    /// The very same call, if it was made before. Another call under the same key is refused.
    pub async fn before(
        &self,
        db: &impl ConnectionTrait,
        account_id: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Option<idempotency_key::Model>> {
        if self.key.is_empty() || self.key.len() > LONGEST_KEY {
            let text = format!("An idempotency key has 1 to {LONGEST_KEY} characters.");
            return Err(Refusal::new(Code::Invalid, text)
                .at("input.idempotencyKey")
                .into());
        }
        let known = idempotency_key::Entity::find()
            .filter(self.same_key(account_id))
            .filter(idempotency_key::Column::CreatedAt.gte(now - KEPT_FOR))
            .one(db)
            .await?;
        if known.as_ref().is_some_and(|known| known.body_hash != self.body) {
            return Err(reused().into());
        }
        Ok(known)
    }

    /// Remembers a call that was not made before, and the one thing it made, where there is one.
    pub async fn remember(self, work: &Work, subject_id: Option<Uuid>) -> Result<()> {
        let account_id = work.account_id()?;
        let lapsed = idempotency_key::Entity::delete_many()
            .filter(self.same_key(account_id))
            .filter(idempotency_key::Column::CreatedAt.lt(work.now() - KEPT_FOR));
        work.delete(lapsed).await?;
        let row = idempotency_key::ActiveModel {
            account_id: Set(account_id),
            id: Set(work.new_id()),
            key: Set(self.key),
            command: Set(self.command.to_owned()),
            body_hash: Set(self.body),
            subject_id: Set(subject_id),
            created_at: Set(work.now()),
        };
        work.insert(vec![row]).await
    }

    fn same_key(&self, account_id: Uuid) -> Condition {
        Condition::all()
            .add(idempotency_key::Column::AccountId.eq(account_id))
            .add(idempotency_key::Column::Command.eq(self.command))
            .add(idempotency_key::Column::Key.eq(self.key.as_str()))
    }
}

/// The key stands for another call.
pub fn reused() -> Refusal {
    let text = "This idempotency key was used for another call.";
    Refusal::new(Code::IdempotencyKeyReused, text).at("input.idempotencyKey")
}

/// What a command under a key came to.
#[derive(Debug)]
pub struct OnceOutput<T> {
    pub output: T,
    /// When the same call was made before, if it was: whatever it made is there already, and that is success.
    pub first_made_at: Option<DateTime<Utc>>,
}

impl<T> OnceOutput<T> {
    pub fn is_repeated(&self) -> bool {
        self.first_made_at.is_some()
    }
}

/// A command under a key.
#[derive(Debug)]
pub struct Once<C> {
    call: Option<Call>,
    command: C,
}

impl<C: Command> Once<C> {
    /// Without a key the command just runs; with one it is told apart from other calls by the hash of the input as it was sent.
    pub fn sent(key: Option<String>, sent: [u8; 32], command: C) -> Self {
        let call = key.map(|key| Call::sent(key, C::NAME, sent));
        Self { call, command }
    }
}

impl<C: Command> Command for Once<C> {
    type Output = OnceOutput<C::Output>;
    const NAME: &'static str = C::NAME;
    /// The command within leaves its own row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        self.command.action()
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        self.command.prepare(app, actor).await
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let mut first_made_at = None;
        if let Some(call) = self.call {
            let before = call.before(work.reader(), work.account_id()?, work.now()).await?;
            match before {
                Some(before) => first_made_at = Some(before.created_at),
                None => call.remember(work, None).await?,
            }
        }
        Ok(OnceOutput {
            output: work.run(self.command).await?,
            first_made_at,
        })
    }
}
