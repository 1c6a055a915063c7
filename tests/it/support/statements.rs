//! Every statement that Muster sends during a test: those that touch a table of accounts name an account, and none sets a key.
//!
//! Statements are heard of through the log (`muster::statements`, level `TRACE`), so that a test's own are not among them. Each test judges its own when its
//! house is closed. What may ask all accounts stands with its reason in `tests/it/statements/allowed.txt`.

use std::collections::BTreeSet;
use std::fmt::{Debug, Write as _};
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::rows::texts;

const ALLOWED: &str = include_str!("../statements/allowed.txt");
/// Lists every account may be in; they are asked by other keys on purpose.
const DIRECTORIES: [&str; 4] = [
    "account_slugs",
    "domain_owners",
    "provider_accounts",
    "user_directory",
];
/// Names a file to which statements that are not allowed are appended, instead of failing the test: to see those of a whole run at once.
const LIST: &str = "MUSTER_TEST_STATEMENTS";

static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn heard() -> MutexGuard<'static, BTreeSet<String>> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What PostgreSQL tells whoever sent it a statement, as the library of its connections logs it.
const NOTICES: &str = "sqlx::postgres::notice";

static NOTICED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn noticed() -> MutexGuard<'static, Vec<String>> {
    NOTICED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The notices heard since the last time.
pub fn notices() -> Vec<String> {
    std::mem::take(&mut *noticed())
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        matches!(metadata.target(), "muster::statements" | NOTICES)
    }

    fn max_level_hint(&self) -> Option<tracing::level_filters::LevelFilter> {
        Some(Level::TRACE.into())
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Heard);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Heard;

impl Visit for Heard {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "sql" => {
                heard().insert(value.to_owned());
            }
            "message" => noticed().push(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Begins to listen, unless the test has a log of its own.
pub fn listen() {
    let _ = tracing::subscriber::set_global_default(Listener);
}

/// Judges the statements heard so far.
pub async fn assert_statements_keep_to_accounts(url: &str) {
    let heard = std::mem::take(&mut *heard());
    for sql in &heard {
        assert_eq!(keys_set(sql), Vec::<String>::new(), "an update sets a key: {sql}");
    }
    // What SQLite is asked is the same, but for the words in which the two differ.
    if !url.starts_with("postgres") {
        return;
    }
    let connection = sea_orm::Database::connect(url).await.unwrap();
    let sql = "SELECT DISTINCT table_name::text FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'account_id'";
    let mut tables = texts(&connection, sql).await;
    connection.close().await.unwrap();
    tables.retain(|table| !DIRECTORIES.contains(&table.as_str()));
    tables.push("accounts".to_owned());
    let allowed: BTreeSet<String> = allowed().into_iter().map(|(_, statement)| statement).collect();
    let strays = heard.iter().filter(|sql| !names_an_account(sql, &tables));
    let strays: BTreeSet<String> = strays.map(|sql| normal(sql)).collect();
    let strays: Vec<&String> = strays.difference(&allowed).collect();
    let mut text = String::new();
    for stray in strays {
        writeln!(text, "{stray}").unwrap();
    }
    match std::env::var(LIST) {
        Ok(file) => {
            let mut file = std::fs::File::options()
                .create(true)
                .append(true)
                .open(file)
                .unwrap();
            file.write_all(text.as_bytes()).unwrap();
        }
        Err(_) => assert!(
            text.is_empty(),
            "these statements name no account, and nothing says why:\n{text}"
        ),
    }
}

/// The statements that may ask all accounts, each with its reason.
pub fn allowed() -> Vec<(String, String)> {
    let mut reason = String::new();
    let mut allowed = Vec::new();
    for line in ALLOWED.lines().map(str::trim) {
        match line.strip_prefix('#') {
            Some(text) => text.trim().clone_into(&mut reason),
            None if line.is_empty() => reason.clear(),
            None => allowed.push((reason.clone(), line.to_owned())),
        }
    }
    allowed
}

/// A statement without what differs from call to call: bound values, how many there are, and the columns that are read.
pub fn normal(sql: &str) -> String {
    let tokens = tokens(sql);
    let mut words: Vec<String> = Vec::new();
    let mut skips_from = None;
    let mut depth = 0_usize;
    for token in tokens {
        match token.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(begun) = skips_from {
            if token == "from" && depth == begun {
                skips_from = None;
                words.push("from".into());
            }
            continue;
        }
        let is_select = token == "select";
        let is_value = token.starts_with('$');
        match (is_value, words.last().map(String::as_str)) {
            (true, Some("?")) => continue,
            (true, Some(",")) if words.len() > 1 && words[words.len() - 2] == "?" => {
                words.pop();
                continue;
            }
            (true, _) => words.push("?".into()),
            _ => words.push(token),
        }
        if is_select {
            words.push("…".into());
            skips_from = Some(depth);
        }
    }
    let text = words.join(" ");
    text.replace(" . ", ".")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace(" ,", ",")
}

/// Words, signs and bound values, in lower case and without quotation marks.
fn tokens(sql: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut chars = sql.chars().peekable();
    while let Some(next) = chars.next() {
        if next.is_whitespace() || next == '"' {
            continue;
        }
        let mut token = String::from(next.to_ascii_lowercase());
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        if next == '\'' {
            for inner in chars.by_ref() {
                token.push(inner);
                if inner == '\'' {
                    break;
                }
            }
        } else if is_word(next) {
            while let Some(more) = chars.next_if(|c| is_word(*c)) {
                token.push(more.to_ascii_lowercase());
            }
        }
        tokens.push(token);
    }
    tokens
}

/// Whether each account table in a statement is asked for an account, and one of them for an account that is given.
pub fn names_an_account(sql: &str, tables: &[String]) -> bool {
    let tokens = tokens(sql);
    let word = |place: usize| tokens.get(place).map_or("", String::as_str);
    let mut touched = Vec::new();
    for place in 1..tokens.len() {
        let leads_to_table = matches!(word(place - 1), "from" | "join" | "update" | "using");
        if leads_to_table && tables.iter().any(|table| table == word(place)) {
            let next = if word(place + 1) == "as" {
                place + 2
            } else {
                place + 1
            };
            let has_alias =
                word(next).chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !is_keyword(word(next));
            let alias = if has_alias { word(next) } else { word(place) };
            let key = if word(place) == "accounts" {
                "id"
            } else {
                "account_id"
            };
            touched.push((alias, key));
        }
    }
    if touched.is_empty() {
        return true;
    }
    let is_alone = touched.len() == 1;
    let mut is_anchored = false;
    let every = touched.iter().all(|(alias, key)| {
        let mut found = false;
        for place in 0..tokens.len() {
            let is_qualified = place > 1 && word(place - 1) == "." && word(place - 2) == *alias;
            let is_bare = (place == 0 || word(place - 1) != ".") && (*key == "account_id" || is_alone);
            if word(place) != *key || !(is_qualified || is_bare) {
                continue;
            }
            let before = if is_qualified { place - 2 } else { place };
            let is_equal = word(place + 1) == "=" || word(place + 1) == "in";
            if is_equal || (before > 0 && word(before - 1) == "=") {
                found = true;
                let (next, after) = (word(place + 2), word(place + 3));
                is_anchored |= is_equal && (next.starts_with('$') || (next == "(" && after.starts_with('$')));
                is_anchored |= is_equal && next == "any";
            }
        }
        found
    });
    every && is_anchored
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "" | "as"
            | "cross"
            | "for"
            | "full"
            | "group"
            | "having"
            | "inner"
            | "join"
            | "left"
            | "limit"
            | "on"
            | "order"
            | "returning"
            | "right"
            | "set"
            | "union"
            | "using"
            | "values"
            | "where"
            | "window"
    )
}

/// The key columns that a statement sets in rows that are there already.
pub fn keys_set(sql: &str) -> Vec<String> {
    let tokens = tokens(sql);
    let mut set = Vec::new();
    let is_update = |place: usize| tokens[..place].iter().rev().take(6).any(|word| word == "update");
    for begin in (0..tokens.len()).filter(|place| tokens[*place] == "set" && is_update(*place)) {
        let mut depth = 0_usize;
        let mut is_target = true;
        for (place, token) in tokens.iter().enumerate().skip(begin + 1) {
            match token.as_str() {
                "(" => depth += 1,
                ")" | "where" | "from" | "returning" if depth == 0 => break,
                ")" => depth -= 1,
                "," if depth == 0 => is_target = true,
                "=" if depth == 0 => {
                    let column = &tokens[place - 1];
                    if is_target && (column == "id" || column == "account_id") {
                        set.push(column.clone());
                    }
                    is_target = false;
                }
                _ => {}
            }
        }
    }
    set
}
