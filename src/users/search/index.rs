//! What a database has for finding words, and what of a word it is asked.

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use tokio::sync::OnceCell;

use crate::app::{App, Shared};
use crate::error::Result;
use crate::platform::db::Lane;

/// Letters in a row that make a trigram.
pub(super) const GRAM: usize = 3;
/// As much of a word as the index is asked for. What follows narrows no more, and each trigram costs a list to be read.
const LONGEST: usize = 24;
/// An address whose local part has so many letters is looked for by that part: everybody has the domain.
const LOCAL_PART: usize = 5;

/// What a database has for finding words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// Nothing: everybody is read.
    Absent,
    /// PostgreSQL's `pg_trgm`, made of the letters and digits that the database's locale knows; that of C knows those of ASCII only.
    Trigrams { ascii_only: bool },
    /// SQLite's FTS5, made of all characters.
    FullText,
}

/// What the index of this Muster's database is, looked up once: it changes with a step of the schema or by an operator's hand.
#[derive(Debug, Default)]
struct Known(OnceCell<Index>);

impl Shared for Known {
    fn start(_: &App) -> Self {
        Self::default()
    }
}

impl Index {
    pub async fn of(app: &App) -> Result<Self> {
        let known = app.shared::<Known>();
        let index = known.0.get_or_try_init(|| Self::look(app)).await?;
        Ok(*index)
    }

    async fn look(app: &App) -> Result<Self> {
        let db = app.db().reader(Lane::Requests);
        if db.get_database_backend() == DatabaseBackend::Sqlite {
            return Ok(Self::FullText);
        }
        let sql = "SELECT COALESCE((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('users_search')), FALSE), \
                   datctype IN ('C', 'POSIX') FROM pg_database WHERE datname = current_database()";
        let row = db
            .query_one_raw(Statement::from_string(DatabaseBackend::Postgres, sql))
            .await?;
        let (is_there, ascii_only) = match row {
            Some(row) => (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
            None => (false, true),
        };
        if is_there {
            return Ok(Self::Trigrams { ascii_only });
        }
        tracing::warn!(
            "users are searched without an index, which is slow in large accounts: the extensions pg_trgm and btree_gin or the index users_search \
             are missing, see docs/operations.md"
        );
        Ok(Self::Absent)
    }

    /// What the index is asked for a word, or `None` for what it knows nothing of.
    pub fn part(self, word: &str) -> Option<String> {
        let has_gram = |text: &str| match self {
            Self::Absent => false,
            Self::FullText => text.chars().nth(GRAM - 1).is_some(),
            Self::Trigrams { ascii_only } => {
                let is_known = |c: char| c.is_ascii_alphanumeric() || (!ascii_only && c.is_alphanumeric());
                let mut run = 0;
                text.chars().any(|c| {
                    run = if is_known(c) { run + 1 } else { 0 };
                    run == GRAM
                })
            }
        };
        let start = |text: &str| text.chars().take(LONGEST).collect::<String>();
        let local = word.split_once('@').map(|(local, _)| start(local));
        let local = local.filter(|local| has_gram(local) && local.chars().count() >= LOCAL_PART);
        local.or_else(|| Some(start(word)).filter(|part| has_gram(part)))
    }
}
