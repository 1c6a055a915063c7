//! Groups by the names that files call them by.

use std::collections::{HashMap, HashSet};

use entity::group::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

pub use super::rules::key;
use crate::command::Work;
use crate::error::Result;

/// All groups of an account, by name; an account has hundreds of them at most.
#[derive(Debug, Default)]
pub struct Names {
    by_key: HashMap<String, Uuid>,
    names: Vec<String>,
}

impl Names {
    /// Reads them if any of these words is to be understood.
    pub async fn of(work: &Work, account_id: Uuid, words: HashSet<&str>) -> Result<Self> {
        if words.is_empty() {
            return Ok(Self::default());
        }
        let found = Entity::find()
            .filter(Column::AccountId.eq(account_id))
            .all(work.reader())
            .await?;
        Ok(Self {
            names: found.iter().map(|group| group.name.clone()).collect(),
            by_key: found
                .into_iter()
                .map(|group| (group.name_key, group.id))
                .collect(),
        })
    }

    /// The group that a word means.
    pub fn meant(&self, word: &str) -> Option<Uuid> {
        self.by_key.get(&key(word)).copied()
    }

    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}
