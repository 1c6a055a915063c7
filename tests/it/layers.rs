//! The layers (`docs/architecture.md`): imports go downwards only, no word of the domain leads back to itself, and neither does a part of one.

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
    "access_requests",
    "accounts",
    "api_tokens",
    "assignments",
    "bulk_jobs",
    "audit",
    "contracts",
    "credits",
    "domains",
    "enforcement",
    "groups",
    "exports",
    "identity_providers",
    "imports",
    "invitations",
    "notifications",
    "person",
    "products",
    "sessions",
    "sso",
    "subscriptions",
    "support",
    "uploads",
    "usage",
    "users",
    "views",
];
/// Putting it together.
const TOP: &[&str] = &[
    "admin", "client", "config", "demo", "jobs", "lib", "main", "server",
];

fn layer_of(module: &str) -> usize {
    let layers: [&[&str]; 5] = [BASE, WORDS, &["api"], &["http"], TOP];
    let layer = layers.iter().position(|layer| layer.contains(&module));
    layer.unwrap_or_else(|| panic!("src/{module} is in no layer; say in tests/it/layers.rs in which"))
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

/// Every source file: its module, its path, its text without comments.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    files_below(&src, &mut files);
    assert!(files.len() > 200, "only {} files were found", files.len());
    let read = |path: PathBuf| {
        let within = path.strip_prefix(&src).unwrap().to_path_buf();
        let module = within.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = module.trim_end_matches(".rs").to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        (module, within, code.collect::<Vec<_>>().join("\n"))
    };
    files.into_iter().map(read).collect()
}

/// The modules a text names after a `prefix` such as `crate::`, alone or in a group.
fn named(code: &str, prefix: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        let is_word = |c: &char| c.is_ascii_lowercase() || *c == '_';
        text.trim_start().chars().take_while(is_word).collect()
    };
    let mut modules = BTreeSet::new();
    for (place, _) in code.match_indices(prefix) {
        let rest = &code[place + prefix.len()..];
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
                            modules.insert(word(&group[at..]));
                            start = false;
                        }
                        _ => {}
                    }
                }
            }
            None => {
                modules.insert(word(rest));
            }
        }
    }
    modules.remove("");
    modules
}

#[test]
fn imports_go_downwards_only() {
    let mut upwards = Vec::new();
    for (module, path, code) in sources() {
        for other in named(&code, "crate::") {
            if layer_of(&other) > layer_of(&module) {
                upwards.push(format!("{}: crate::{other}", path.display()));
            }
        }
    }
    assert!(upwards.is_empty(), "these look up:\n{}", upwards.join("\n"));
}

#[test]
fn no_word_of_the_domain_leads_back_to_itself() {
    let mut ties: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, _, code) in sources() {
        if WORDS.contains(&module.as_str()) {
            let mut words = named(&code, "crate::");
            words.retain(|other| *other != module && WORDS.contains(&other.as_str()));
            ties.entry(module).or_default().extend(words);
        }
    }
    assert_eq!(ties.len(), WORDS.len(), "every word has a folder");
    let circle = without_free(ties);
    assert!(circle.is_empty(), "a circle of words: {circle:?}");
}

/// Takes away what needs nothing of the others that are left, until everything left does: a circle.
fn without_free(mut ties: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    while let Some(free) = ties
        .iter()
        .find(|(_, needs)| needs.iter().all(|need| !ties.contains_key(need)))
        .map(|(name, _)| name.clone())
    {
        ties.remove(&free);
    }
    ties
}

/// A part of a word is a file or a folder in its folder. `mod.rs` puts them together and is none.
#[test]
fn no_part_of_a_word_leads_back_to_itself() {
    let mut ties: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (word, path, code) in sources() {
        let steps: Vec<&str> = path.iter().map(|step| step.to_str().unwrap()).collect();
        let is_test = steps.last().is_some_and(|file| file.ends_with("tests.rs"));
        let &[_, part, ..] = steps.as_slice() else {
            continue;
        };
        if !WORDS.contains(&word.as_str()) || part == "mod.rs" || is_test {
            continue;
        }
        // What tests name of the rest ties no part to another.
        let code = code.split("#[cfg(test)]").next().unwrap();
        let mut needs = named(code, &format!("crate::{word}::"));
        // How far up a word's own folder is from here, as `super` says it.
        let up = match steps.as_slice() {
            [_, _] | [_, _, "mod.rs"] => "super::",
            _ => "super::super::",
        };
        needs.extend(named(code, up));
        let part = part.trim_end_matches(".rs").to_owned();
        needs.remove(&part);
        ties.entry(word)
            .or_default()
            .entry(part)
            .or_default()
            .extend(needs);
    }
    let tied = ties.values().flat_map(BTreeMap::values).flatten().count();
    assert!(tied > 100, "only {tied} imports within words were found");
    let circles: Vec<_> = ties
        .into_iter()
        .map(|(word, parts)| (word, without_free(parts)))
        .collect();
    let circles: Vec<_> = circles.iter().filter(|(_, circle)| !circle.is_empty()).collect();
    assert!(circles.is_empty(), "circles within words: {circles:?}");
}

#[test]
fn the_domain_knows_neither_graphql_nor_a_server_of_http() {
    let mut found = Vec::new();
    for (module, path, code) in sources() {
        if WORDS.contains(&module.as_str()) {
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
