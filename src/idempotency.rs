//! Keys that make a repeated call recognisable.
//!
//! A client that does not know whether its call arrived sends it again under the same key. The second call is answered as the first one was and changes nothing,
//! whatever has become meanwhile of what that made: somebody who was removed since is not invited again. The same key with another body is refused.

use chrono::{DateTime, Duration, Utc};
use entity::idempotency_key;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::{Code, Error, Refusal, Result};

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

    /// Forgets the key where it stands for a call of long ago.
    async fn make_way(&self, work: &Work) -> Result<()> {
        let lapsed = idempotency_key::Entity::delete_many()
            .filter(self.same_key(work.account_id()?))
            .filter(idempotency_key::Column::CreatedAt.lt(work.now() - KEPT_FOR));
        work.delete(lapsed).await?;
        Ok(())
    }

    /// Remembers a call that was not made before, and the one thing it made.
    pub async fn made(self, work: &Work, subject_id: Uuid) -> Result<()> {
        self.make_way(work).await?;
        self.remember(work, Some(subject_id), None).await
    }

    async fn remember(self, work: &Work, subject_id: Option<Uuid>, answer: Option<Value>) -> Result<()> {
        let row = idempotency_key::ActiveModel {
            account_id: Set(work.account_id()?),
            id: Set(work.new_id()),
            key: Set(self.key),
            command: Set(self.command.to_owned()),
            body_hash: Set(self.body),
            subject_id: Set(subject_id),
            answer: Set(answer),
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

/// What a command answers, as it is kept with a key to be answered again.
pub trait Repeat: Send + Sized {
    /// Nothing secret, and no more than it takes.
    type Kept: Serialize + DeserializeOwned + Send;

    fn keep(&self) -> Self::Kept;

    /// The answer of then. Rows it speaks of may be gone.
    fn again(kept: Self::Kept, work: &Work) -> impl Future<Output = Result<Self>> + Send;
}

/// Outcomes of a list say all there is to say.
impl<T: Clone + Serialize + DeserializeOwned + Send + Sync> Repeat for Vec<T> {
    type Kept = Self;

    fn keep(&self) -> Self {
        self.clone()
    }

    async fn again(kept: Self, _: &Work) -> Result<Self> {
        Ok(kept)
    }
}

/// What a command under a key came to.
#[derive(Debug)]
pub struct OnceOutput<T> {
    pub output: T,
    /// The call was made before, and this is its answer of then.
    pub is_repeated: bool,
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

impl<C: Command<Output: Repeat>> Command for Once<C> {
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
        let mut first = None;
        if let Some(call) = self.call {
            let before = call.before(work.reader(), work.account_id()?, work.now()).await?;
            match before.map(|before| before.answer) {
                Some(Some(kept)) => {
                    let kept = serde_json::from_value(kept).map_err(Error::internal)?;
                    return Ok(OnceOutput {
                        output: C::Output::again(kept, work).await?,
                        is_repeated: true,
                    });
                }
                // Remembered by a version that kept no answers.
                Some(None) => {}
                None => {
                    call.make_way(work).await?;
                    first = Some(call);
                }
            }
        }
        let output = work.run(self.command).await?;
        if let Some(call) = first {
            let answer = serde_json::to_value(output.keep()).map_err(Error::internal)?;
            call.remember(work, None, Some(answer)).await?;
        }
        Ok(OnceOutput {
            output,
            is_repeated: false,
        })
    }
}
