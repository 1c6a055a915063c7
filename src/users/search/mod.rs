//! Finding users by words that stand in their names and addresses.
//!
//! Who is found is always decided by comparing the stored text letter by letter ([`Search::decides`]). An index of trigrams only says whom to compare
//! ([`Search::narrows`]), and is asked only where that is faster: neither a word that it knows nothing of nor one that everybody bears would be found sooner by it.

mod index;
mod page;

use std::fmt::Write;

use entity::user::{self, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{Condition, DatabaseBackend};
use uuid::Uuid;

pub use index::Index;
pub use page::Paged;

use super::like::containing;
use super::ordering::Names;
use crate::error::Result;
use crate::person::findable::{folded, lowered};
use crate::read::terms;

/// Words that must all stand in the text that is searched, folded as it is.
#[derive(Clone, Debug)]
pub struct Search(Vec<Word>);

#[derive(Clone, Debug)]
struct Word {
    folded: String,
    /// As texts were folded that are still to be written anew.
    lowered: String,
}

impl Search {
    /// Checks the bounds of a search.
    pub fn new(text: &str) -> Result<Self> {
        let words = terms::words(text)?.into_iter().map(|word| Word {
            folded: folded(word),
            lowered: lowered(word),
        });
        // What nobody sees is no word.
        Ok(Self(words.filter(|word| !word.folded.is_empty()).collect()))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who is found.
    pub fn decides(&self, backend: DatabaseBackend) -> Condition {
        let words = self.0.iter().map(|word| stands(backend, &word.folded));
        words.fold(Condition::all(), Condition::add)
    }

    /// Who is found in the texts of an account whose names are so: while they are being written anew, some are folded already and some are not.
    pub fn decides_by(&self, names: &Names, backend: DatabaseBackend) -> Condition {
        match names {
            Names::Collated { .. } => self.decides(backend),
            Names::Spelt => self.decides_either_way(backend),
        }
    }

    pub fn decides_either_way(&self, backend: DatabaseBackend) -> Condition {
        let either = |word: &Word| {
            let ways = Condition::any().add(stands(backend, &word.folded));
            ways.add(stands(backend, &word.lowered))
        };
        self.0.iter().map(either).fold(Condition::all(), Condition::add)
    }

    /// Whom the index knows to be worth comparing, or `None` if it knows nothing of these words.
    pub fn narrows(&self, index: Index, account_id: Uuid) -> Option<Condition> {
        let mut parts = self
            .0
            .iter()
            .filter_map(|word| index.part(&word.folded))
            .peekable();
        parts.peek()?;
        if index != Index::FullText {
            let text = || Expr::col((Entity, user::Column::SearchText));
            let words = parts.map(|part| text().like(containing(&part)));
            return Some(words.fold(Condition::all(), Condition::add));
        }
        let mut grams = String::new();
        for part in parts {
            let letters: Vec<char> = part.chars().collect();
            for gram in letters.windows(index::GRAM) {
                let gram = gram.iter().collect::<String>().replace('"', "\"\"");
                // Writing into a string does not fail.
                let _ = write!(grams, "\"{gram}\" ");
            }
        }
        let among = Expr::cust_with_values(
            "\"users\".\"id\" IN (SELECT r.user_id FROM user_search s JOIN search_rows r ON r.number = s.rowid \
             WHERE s.user_search MATCH ? \
             AND s.rowid > (SELECT number << 32 FROM search_accounts WHERE account_id = ?) \
             AND s.rowid < (SELECT (number + 1) << 32 FROM search_accounts WHERE account_id = ?))",
            [sea_orm::Value::from(grams), account_id.into(), account_id.into()],
        );
        Some(Condition::all().add(among))
    }
}

/// Whether a word stands in the text. Not `LIKE`: for a word of two letters PostgreSQL would read the whole index of trigrams.
fn stands(backend: DatabaseBackend, word: &str) -> Expr {
    let place = match backend {
        DatabaseBackend::Postgres => "strpos",
        _ => "instr",
    };
    let text = Expr::col((Entity, user::Column::SearchText));
    Expr::expr(Func::cust(place).arg(text).arg(word)).gt(0)
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
    use sea_orm::{EntityTrait, QueryFilter, QueryTrait};

    use super::*;

    const TRIGRAMS: Index = Index::Trigrams { ascii_only: false };

    fn parts(index: Index, words: &[&str]) -> Vec<Option<String>> {
        words.iter().map(|word| index.part(word)).collect()
    }

    #[test]
    fn the_index_is_asked_for_what_it_knows_and_no_more_than_narrows() {
        let some = |text: &str| Some(text.to_owned());
        let long = "a".repeat(100);
        let words = [
            "jo",
            "a-b",
            "李小",
            "jon",
            "@acme",
            "jo@acme.example",
            "anna.k@acme.example",
            &long,
        ];
        assert_eq!(
            parts(TRIGRAMS, &words),
            [
                None,
                None,
                None,
                some("jon"),
                some("@acme"),
                some("jo@acme.example"),
                some("anna.k"),
                some(&"a".repeat(24)),
            ]
        );
        assert_eq!(parts(Index::FullText, &words)[..3], [None, some("a-b"), None]);
        assert_eq!(parts(Index::Absent, &words), vec![None; words.len()]);
    }

    #[test]
    fn a_locale_that_knows_ascii_alone_has_no_trigrams_of_others() {
        let index = Index::Trigrams { ascii_only: true };
        assert_eq!(
            parts(index, &["мария", "zoë", "müller"]),
            [None, None, Some("müller".to_owned())]
        );
        assert_eq!(
            parts(TRIGRAMS, &["мария", "zoë"]),
            [Some("мария".to_owned()), Some("zoë".to_owned())]
        );
    }

    #[test]
    fn each_database_compares_and_narrows_in_its_own_words() {
        let search = Search::new("An O\"Neil 50%_").unwrap();
        let with = |condition: Condition| Entity::find().filter(condition).into_query();
        let sql = with(search.decides(DatabaseBackend::Postgres)).to_string(PostgresQueryBuilder);
        assert!(sql.ends_with(
            r#"WHERE strpos("users"."search_text", 'an') > 0 AND strpos("users"."search_text", 'o"neil') > 0 AND strpos("users"."search_text", '50%_') > 0"#
        ), "{sql}");
        let narrows = |index| search.narrows(index, Uuid::nil()).map(with);
        let sql = narrows(TRIGRAMS).unwrap().to_string(PostgresQueryBuilder);
        assert!(
            sql.ends_with(r#"WHERE "users"."search_text" LIKE '%o"neil%' ESCAPE E'\\'"#),
            "{sql}"
        );
        let sql = narrows(Index::FullText).unwrap().to_string(SqliteQueryBuilder);
        assert!(
            sql.contains(r#"MATCH '"o""n" """ne" "nei" "eil" "50%" "0%_" ' AND"#),
            "{sql}"
        );
        assert!(narrows(Index::Absent).is_none());
    }
}
