//! Keys that make a repeated call recognisable.
//!
//! A client that does not know whether its call arrived sends it again under the same key. Our creating commands change nothing the second time by
//! themselves (a person is invited once, a seat given once); the key makes sure that the second call really is the first one again: the same
//! key with another body is refused.

use aws_lc_rs::digest;
use chrono::Duration;
use entity::idempotency_key;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::{Code, Refusal, Result};

/// How long a key is remembered.
const KEPT_FOR: Duration = Duration::hours(24);
const LONGEST_KEY: usize = 200;

/// What a command under a key came to.
#[derive(Debug)]
pub struct Outcome<T> {
    pub output: T,
    /// The call was made before: whatever it made is there already, and that is success.
    pub is_repeated: bool,
}

/// A command under a key.
#[derive(Debug)]
pub struct Once<C> {
    key: Option<String>,
    body: Vec<u8>,
    command: C,
}

impl<C: Command + std::fmt::Debug> Once<C> {
    /// Without a key the command just runs.
    pub fn of(key: Option<String>, command: C) -> Self {
        let body = digest::digest(&digest::SHA256, format!("{command:?}").as_bytes())
            .as_ref()
            .to_vec();
        Self { key, body, command }
    }
}

impl<C: Command> Command for Once<C> {
    type Output = Outcome<C::Output>;
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
        let is_repeated = match self.key {
            Some(key) => remember(work, key, C::NAME, self.body).await?,
            None => false,
        };
        Ok(Outcome {
            output: work.run(self.command).await?,
            is_repeated,
        })
    }
}

/// Answers whether the very same call was made before.
async fn remember(work: &Work, key: String, command: &str, body: Vec<u8>) -> Result<bool> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        let text = format!("An idempotency key has 1 to {LONGEST_KEY} characters.");
        return Err(Refusal::new(Code::Invalid, text)
            .at("input.idempotencyKey")
            .into());
    }
    let account_id = work.account_id()?;
    let same_key = Condition::all()
        .add(idempotency_key::Column::AccountId.eq(account_id))
        .add(idempotency_key::Column::Command.eq(command))
        .add(idempotency_key::Column::Key.eq(key.as_str()));
    let lapsed = idempotency_key::Entity::delete_many()
        .filter(same_key.clone())
        .filter(idempotency_key::Column::CreatedAt.lt(work.now() - KEPT_FOR));
    work.delete(lapsed).await?;
    if let Some(known) = idempotency_key::Entity::find()
        .filter(same_key)
        .one(work.reader())
        .await?
    {
        if known.body_hash == body {
            return Ok(true);
        }
        let text = "This idempotency key was used for another call.";
        return Err(Refusal::new(Code::IdempotencyKeyReused, text)
            .at("input.idempotencyKey")
            .into());
    }
    let row = idempotency_key::ActiveModel {
        account_id: Set(account_id),
        id: Set(work.new_id()),
        key: Set(key),
        command: Set(command.to_owned()),
        body_hash: Set(body),
        subject_id: Set(None),
        created_at: Set(work.now()),
    };
    work.insert(vec![row]).await?;
    Ok(false)
}
