//! Identity providers nobody here wrote, each a process of its own on loopback.
//!
//! `scripts/tools.sh` fetches them: `oidc-provider` (certified) from npm with the Node it needs, Canaille from the registry of Python.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::node;

/// A running provider. Ends when dropped.
pub struct Party {
    pub issuer: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a provider is told of us.
#[derive(Clone, Debug)]
pub struct Registration {
    pub client_id: String,
    /// Without one we are a public client.
    pub client_secret: Option<String>,
    /// As the protocol names it: `client_secret_basic`, `client_secret_post`, `none`.
    pub auth_method: &'static str,
    pub algorithm: &'static str,
    pub redirect_uri: String,
}

/// Somebody the provider knows.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub sub: &'static str,
    pub email: &'static str,
}

pub const PEOPLE: [Person; 2] = [
    Person {
        sub: "ada",
        email: "ada@acme.example",
    },
    Person {
        sub: "grace",
        email: "grace@acme.example",
    },
];
pub const PASSWORD: &str = "correct horse battery staple";

impl Registration {
    fn to_json(&self) -> Value {
        let mut client = json!({
            "client_id": self.client_id, "redirect_uris": [self.redirect_uri],
            "token_endpoint_auth_method": self.auth_method, "id_token_signed_response_alg": self.algorithm,
        });
        if let Some(secret) = &self.client_secret {
            client["client_secret"] = json!(secret);
        }
        client
    }
}

/// The certified provider.
pub fn oidc_provider(client: &Registration) -> Party {
    let mut client = client.to_json();
    client["grant_types"] = json!(["authorization_code"]);
    client["response_types"] = json!(["code"]);
    let people = PEOPLE.map(|person| {
        json!({"sub": person.sub, "email": person.email, "email_verified": true, "given_name": "Ada", "family_name": "Lovelace"})
    });
    let told = json!({"clients": [client], "people": people});
    let mut command = node::node();
    command.arg(node::script("provider.js"));
    Party::start(command, &told)
}

/// The provider that sends no `email_verified`.
pub fn canaille(client: &Registration) -> Party {
    let python = std::env::var("MUSTER_TEST_CANAILLE")
        .expect("MUSTER_TEST_CANAILLE names a Python that has Canaille; `make test` sees to it");
    let people = PEOPLE.map(|person| {
        json!({"sub": person.sub, "email": person.email, "password": PASSWORD, "given_name": "Ada", "family_name": "Lovelace"})
    });
    let told = json!({"clients": [client.to_json()], "people": people});
    let mut command = Command::new(python);
    command.arg(here("tests/it/sso/parties/serve_canaille.py"));
    Party::start(command, &told)
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

impl Party {
    fn start(mut command: Command, told: &Value) -> Self {
        let mut child = command
            .arg(told.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the provider can be started");
        let mut party = Self {
            issuer: String::new(),
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        };
        let said = party.said();
        said["issuer"].as_str().unwrap().clone_into(&mut party.issuer);
        party
    }

    /// Has it sign with a new key from now on.
    pub fn rotate_key(&mut self) {
        writeln!(self.input, "rotate").unwrap();
        assert!(self.said()["kid"].is_string());
    }

    fn said(&mut self) -> Value {
        let mut line = String::new();
        tokio::task::block_in_place(|| self.output.read_line(&mut line)).unwrap();
        assert!(
            !line.is_empty(),
            "the provider ended: {:?}",
            self.child.try_wait()
        );
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
