//! The floors of the house (`docs/architecture.md`): imports go downwards only, and no word of the domain leads back to itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What changes and reads are made with; below every word of the domain, above the crates `entity`, `platform` and `graphql`.
const BASE: &[&str] = &[
    "access",
    "app",
    "background",
    "command",
    "directory",
    "error",
    "idempotency",
    "limits",
    "platform",
    "rate_limit",
    "read",
];
/// The words of the domain.
const WORDS: &[&str] = &[
    "accounts",
    "api_tokens",
    "assignments",
    "domains",
    "enforcement",
    "identity_providers",
    "imports",
    "invitations",
    "notifications",
    "person",
    "products",
    "sessions",
    "sso",
    "subscriptions",
    "uploads",
    "users",
];
/// Putting it together.
const TOP: &[&str] = &[
    "admin", "client", "config", "demo", "jobs", "lib", "main", "server",
];

fn floor_of(room: &str) -> usize {
    let floors: [&[&str]; 5] = [BASE, WORDS, &["api"], &["http"], TOP];
    let floor = floors.iter().position(|floor| floor.contains(&room));
    floor.unwrap_or_else(|| panic!("src/{room} stands on no floor; say in tests/it/floors.rs on which"))
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file: its room, its path, its text without comments.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    files_below(&src, &mut files);
    assert!(files.len() > 200, "only {} files were found", files.len());
    let read = |path: PathBuf| {
        let within = path.strip_prefix(&src).unwrap().to_path_buf();
        let room = within.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = room.trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        (room, within, code.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(read).collect()
}

/// The rooms a text names as `crate::room`, alone or in a group.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        let is_word = |c: &char| c.is_ascii_lowercase() || *c == '_';
        text.trim_start().chars().take_while(is_word).collect()
    };
    let mut rooms = BTreeSet::new();
    for (place, _) in code.match_indices("crate::") {
        let rest = &code[place + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let mut depth = 0;
                let mut start = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => start = true,
                        c if start && !c.is_whitespace() => {
                            rooms.insert(word(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => {
                rooms.insert(word(rest));
            }
        }
    }
    rooms.remove("");
    rooms
}

#[test]
fn imports_go_downwards_only() {
    let mut upwards = Vec::new();
    for (room, path, code) in sources() {
        for other in named(&code) {
            if floor_of(&other) > floor_of(&room) {
                upwards.push(format!("{}: crate::{other}", path.display()));
            }
        }
    }
    assert!(upwards.is_empty(), "these look up:\n{}", upwards.join("\n"));
}

#[test]
fn no_word_of_the_domain_leads_back_to_itself() {
    let mut ties: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (room, _, code) in sources() {
        if WORDS.contains(&room.as_str()) {
            let mut words = named(&code);
            words.retain(|other| *other != room && WORDS.contains(&other.as_str()));
            ties.entry(room).or_default().extend(words);
        }
    }
    assert_eq!(ties.len(), WORDS.len(), "every word has a folder");
    // Words that need nothing of the others that are left are taken away, until none is: what stays is a circle.
    while let Some(free) = ties
        .iter()
        .find(|(_, needs)| needs.iter().all(|need| !ties.contains_key(need)))
        .map(|(word, _)| word.clone())
    {
        ties.remove(&free);
    }
    assert!(ties.is_empty(), "a circle of words: {ties:?}");
}

#[test]
fn the_domain_knows_neither_graphql_nor_a_server_of_http() {
    let mut found = Vec::new();
    for (room, path, code) in sources() {
        if WORDS.contains(&room.as_str()) {
            for foreign in ["async_graphql", "graphql::", "axum"] {
                if code.contains(foreign) {
                    found.push(format!("{}: {foreign}", path.display()));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "these belong into src/api or src/http:\n{}",
        found.join("\n")
    );
}

#[test]
fn the_crates_below_know_nothing_of_muster() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for below in ["entity", "migration", "platform", "graphql"] {
        let manifest = std::fs::read_to_string(root.join(below).join("Cargo.toml")).unwrap();
        assert!(
            !manifest.contains("muster"),
            "{below} depends on what stands above it"
        );
    }
    let engine = std::fs::read_to_string(root.join("graphql/Cargo.toml")).unwrap();
    for foreign in ["entity", "platform", "sea-orm"] {
        assert!(
            !engine.contains(&format!("\n{foreign}")),
            "the engine depends on {foreign}"
        );
    }
}
