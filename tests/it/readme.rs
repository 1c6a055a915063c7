//! What a newcomer is told: the commands of README.md do what they say, and its table of settings is the program's.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The commands in the shell blocks, in order.
fn commands(readme: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
        match line.trim() {
            "```sh" | "```shell" | "```bash" | "```console" => inside = true,
            "```" => inside = false,
            line if inside && !line.is_empty() && !line.starts_with('#') => {
                found.push(line.trim_start_matches("$ ").to_owned());
            }
            _ => {}
        }
    }
    found
}

#[test]
fn the_first_commands_are_the_demo_and_the_tests_and_all_targets_exist() {
    let commands = commands(&file("README.md"));
    let makes: Vec<&str> = commands
        .iter()
        .filter_map(|command| command.strip_prefix("make "))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    assert!(
        commands
            .first()
            .is_some_and(|command| command.starts_with("make demo")),
        "{commands:?}"
    );
    assert!(makes.len() >= 2, "{commands:?}");
    assert_eq!(makes[..2], ["demo", "test"]);
    let makefile = file("Makefile");
    for target in makes {
        let is_there = makefile
            .lines()
            .any(|line| line.split(':').next() == Some(target));
        assert!(is_there, "the Makefile has no target {target}");
    }
}

/// The shell blocks of a section, as one script.
fn script(readme: &str, section: &str) -> String {
    let (_, rest) = readme.split_once(&format!("\n## {section}\n")).unwrap();
    blocks(rest.split("\n## ").next().unwrap())
}

/// All shell blocks of a text, one behind the other.
fn blocks(text: &str) -> String {
    let blocks: Vec<&str> = text
        .split("```sh\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() >= 4, "{blocks:?}");
    blocks.concat()
}

/// A demo that goes on serving; ends with the test.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a script of a page beside a demo of its own; answers what it said.
fn run_beside_a_demo(script: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("target/debug")).unwrap();
    std::os::unix::fs::symlink(MUSTER, folder.path().join("target/debug/muster")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut demo = Command::new(MUSTER)
        .args(["demo", "--json", "--listen", "127.0.0.1:0"])
        .env_clear()
        .env("PATH", &path)
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .map(Demo)
        .unwrap();
    let mut printed = String::new();
    BufReader::new(demo.0.stdout.take().unwrap())
        .read_line(&mut printed)
        .unwrap();
    let summary: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let url = summary["url"].as_str().unwrap().trim_end_matches('/');

    let usual = "U=http://127.0.0.1:8080\n";
    assert!(script.contains(usual));
    let done = Command::new("timeout")
        .args(["120", "bash", "-euo", "pipefail", "-c"])
        .arg(script.replace(usual, &format!("U={url}\n")))
        .env_clear()
        .env("PATH", &path)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complained = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{said}\n{complained}");
    assert!(
        !said.contains("\"errors\"") && !said.contains("\"code\": \"INVALID"),
        "{said}"
    );
    said
}

#[test]
fn the_first_session_runs_as_it_stands() {
    let said = run_beside_a_demo(&script(&file("README.md"), "A first session"));
    for told in [
        "\"name\": \"",
        "AWAITING_CONFIRMATION",
        "\"mailCount\": 2",
        "\"status\": \"SUCCEEDED\"",
    ] {
        assert!(said.contains(told), "no {told}: {said}");
    }
}

#[test]
fn the_page_on_imports_runs_as_it_stands() {
    let said = run_beside_a_demo(&blocks(&file("docs/imports.md")));
    for told in [
        "AWAITING_CONFIRMATION",
        "\"INVITED_AND_ASSIGNED\"",
        "\"undoneCount\": 2",
        "\"UNDONE\"",
        "This was a dry run",
        "2 rows in",
        "undone, import imp_",
    ] {
        assert!(said.contains(told), "no {told}: {said}");
    }
}

#[test]
fn the_page_on_exports_runs_as_it_stands() {
    let said = run_beside_a_demo(&blocks(&file("docs/exports.md")));
    for told in [
        "\"status\": \"SUCCEEDED\"",
        "\"rowCount\": ",
        "\"user_id\",\"first_name\"",
        "\"occurred_at\": \"",
        "This was a dry run",
        "s: users.csv",
        "\"export_status\":",
    ] {
        assert!(said.contains(told), "no {told}: {said}");
    }
}

fn is_setting(word: &str) -> bool {
    let is_name = word
        .chars()
        .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let is_ours = word.starts_with("MUSTER_")
        || word.starts_with("S3_")
        || ["DATABASE_URL", "SMTP_URL"].contains(&word);
    is_name && is_ours
}

#[test]
fn the_table_of_settings_is_the_programs() {
    let readme = file("README.md");
    let rows = readme.lines().filter(|line| line.trim_start().starts_with('|'));
    let told: BTreeSet<&str> = rows
        .flat_map(|row| row.split('`').skip(1).step_by(2))
        .filter(|word| is_setting(word))
        .collect();
    let help = Command::new(MUSTER).args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let known: BTreeSet<&str> = help
        .split("[env: ")
        .skip(1)
        .filter_map(|rest| rest.split(['=', ']']).next())
        .collect();
    assert!(known.len() > 15, "{help}");
    // Read where logging starts, before there are flags.
    let told_by_help: BTreeSet<&str> = told
        .iter()
        .copied()
        .filter(|name| *name != "MUSTER_LOG")
        .collect();
    assert_eq!(told_by_help, known);
}
