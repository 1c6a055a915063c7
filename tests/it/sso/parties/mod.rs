//! Identity providers nobody here wrote, each a process of its own on loopback.
//!
//! `scripts/tools.sh` fetches them: `oidc-provider` (certified) from npm with the Node it needs, Canaille from the registry of Python, Glewlwyd and `LemonLDAP::NG`
//! from Debian's packages, unpacked and not installed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::support::node;

/// A running provider. Ends when dropped.
pub struct Party {
    pub issuer: String,
    child: Child,
    input: Option<ChildStdin>,
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
    /// Where it tells us that a session of its own is over, if it can.
    pub logout_uri: String,
    /// Where it sends people whom we sent there to sign out.
    pub home: String,
}

/// Somebody the provider knows.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub sub: &'static str,
    pub email: &'static str,
}

pub const PEOPLE: [Person; 3] = [
    Person {
        sub: "ada",
        email: "ada@acme.example",
    },
    Person {
        sub: "grace",
        email: "grace@acme.example",
    },
    Person {
        sub: "eve",
        email: "eve@elsewhere.example",
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

/// The provider whose pages a script writes, and whose logout tokens are of the type `JWT`.
pub fn glewlwyd(client: &Registration) -> Party {
    from_debian("serve_glewlwyd.py", client, PASSWORD)
}

/// The provider that says who people are at its userinfo endpoint alone. In its demonstration everybody's password is their name.
pub fn lemonldap(client: &Registration) -> Party {
    from_debian("serve_lemonldap.py", client, "")
}

fn from_debian(script: &str, client: &Registration, password: &str) -> Party {
    let python = std::env::var("MUSTER_TEST_CANAILLE").expect("`make test` names a Python");
    assert!(
        std::env::var("MUSTER_TEST_DEBIAN").is_ok(),
        "MUSTER_TEST_DEBIAN names the folder of unpacked packages; `make test` sees to it"
    );
    let mut registered = client.to_json();
    registered["backchannel_logout_uri"] = json!(client.logout_uri);
    registered["post_logout_redirect_uri"] = json!(client.home);
    let people = PEOPLE.map(|person| {
        json!({"sub": person.sub, "email": person.email, "password": password, "name": "Ada Lovelace", "given_name": "Ada", "family_name": "Lovelace"})
    });
    let told = json!({"clients": [registered], "people": people});
    let mut command = Command::new(python);
    command.arg(here("tests/it/sso/parties").join(script));
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
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        };
        let said = party.said();
        said["issuer"].as_str().unwrap().clone_into(&mut party.issuer);
        party
    }

    /// Has it sign with a new key from now on.
    pub fn rotate_key(&mut self) {
        writeln!(self.input.as_mut().unwrap(), "rotate").unwrap();
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
        // Those that began others end them when nobody speaks to them any more; it may have ended by itself.
        self.input.take();
        for _ in 0..200 {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
