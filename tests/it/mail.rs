//! Mail, to a folder and to an SMTP server that nobody here wrote.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use chrono::DateTime;
use muster::platform::mail::{Mailer, OutgoingMail, SendError};
use secrecy::SecretString;
use uuid::Uuid;

const FROM: &str = "Muster <muster@muster.example>";

fn mail(number: u128, to: &str) -> OutgoingMail {
    OutgoingMail {
        id: Uuid::from_u128(number),
        date: DateTime::UNIX_EPOCH,
        to: to.into(),
        to_name: Some("Ada Lovelace".into()),
        subject: "Welcome to Zürich".into(),
        text: "Hello\n.\nthe line above ends nothing".into(),
        html: "<p>Hello</p>".into(),
    }
}

#[tokio::test]
async fn a_mail_sent_twice_to_the_folder_is_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::folder(&folder.path().join("mail"), FROM).unwrap();
    let (first, second) = (mail(1, "ada@example.com"), mail(2, "bob@example.com"));
    for one in [&first, &first, &second] {
        mailer.send(one).await.unwrap();
    }

    let mut files: Vec<_> = std::fs::read_dir(folder.path().join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    files.sort();
    assert_eq!(
        files,
        [
            format!("{}.eml", first.id).as_str(),
            format!("{}.eml", second.id).as_str()
        ]
    );
    let text = std::fs::read_to_string(folder.path().join("mail").join(&files[0])).unwrap();
    assert!(
        text.contains(&format!("Message-ID: <{}@muster.example>", first.id)),
        "{text}"
    );
    assert!(text.contains("To: \"Ada Lovelace\" <ada@example.com>"), "{text}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_a_temporary_trouble_and_a_hostile_mail_a_permanent_one() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::folder(&folder.path().join("mail"), FROM).unwrap();
    let hostile = OutgoingMail {
        subject: "a\r\nBcc: eve@example.com".into(),
        ..mail(1, "ada@example.com")
    };
    assert!(matches!(
        mailer.send(&hostile).await,
        Err(SendError::Permanent(_))
    ));
    assert_eq!(std::fs::read_dir(folder.path().join("mail")).unwrap().count(), 0);

    std::fs::remove_dir(folder.path().join("mail")).unwrap();
    assert!(matches!(
        mailer.send(&mail(1, "ada@example.com")).await,
        Err(SendError::Away(_))
    ));
}

/// A running `smtpd.py`; ends with the test.
pub struct Server {
    process: Child,
    /// Reads what it took while it runs: a pipe that nobody empties would stop it.
    taken: JoinHandle<Vec<String>>,
    port: u16,
}

impl Server {
    /// One without SMTPUTF8.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// One that takes letters beyond ASCII before the @.
    pub fn start_with_utf8() -> Self {
        Self::start_with(&["utf8"])
    }

    fn start_with(arguments: &[&str]) -> Self {
        let python = std::env::var("MUSTER_TEST_SMTPD")
            .expect("MUSTER_TEST_SMTPD names a Python with aiosmtpd; `make test` installs one");
        let mut process = Command::new(python)
            .args(["-c", include_str!("smtpd.py")])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut port = String::new();
        output.read_line(&mut port).unwrap();
        let taken = std::thread::spawn(move || output.lines().map(Result::unwrap).collect());
        Self {
            process,
            taken,
            port: port.trim().parse().unwrap(),
        }
    }

    /// Its address, for whoever introduces themselves as `user` (`name:password@`, or nobody).
    pub fn url(&self, scheme: &str, user: &str) -> String {
        format!("{scheme}://{user}127.0.0.1:{}", self.port)
    }

    fn mailer(&self, scheme: &str, user: &str) -> Mailer {
        Mailer::smtp(&SecretString::from(self.url(scheme, user)), FROM).unwrap()
    }

    /// All mails it took, in order, after ending it.
    pub fn taken(mut self) -> Vec<serde_json::Value> {
        drop(self.process.stdin.take());
        let ended = std::thread::spawn(Vec::new);
        let lines = std::mem::replace(&mut self.taken, ended).join().unwrap();
        lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_relay_takes_a_mail_once_and_its_refusals_are_sorted_into_later_and_never() {
    let server = Server::start();
    let mailer = server.mailer("smtp", "");

    mailer.send(&mail(1, "ada@example.com")).await.unwrap();
    let busy = mailer.send(&mail(2, "busy@example.com")).await;
    assert!(
        matches!(&busy, Err(SendError::Temporary(text)) if text.contains("try again later")),
        "{busy:?}"
    );
    let nobody = mailer.send(&mail(3, "nobody@example.com")).await;
    assert!(
        matches!(&nobody, Err(SendError::Permanent(text)) if text.contains("no such mailbox")),
        "{nobody:?}"
    );
    let refused = OutgoingMail {
        text: "please fail".into(),
        ..mail(4, "ada@example.com")
    };
    assert!(matches!(
        mailer.send(&refused).await,
        Err(SendError::Permanent(_))
    ));
    mailer.send(&mail(5, "bob@example.com")).await.unwrap();

    let taken = server.taken();
    assert_eq!(taken.len(), 2, "{taken:#?}");
    assert_eq!(taken[0]["to"], serde_json::json!(["ada@example.com"]));
    assert_eq!(taken[0]["from"], "muster@muster.example");
    let content = taken[0]["content"].as_str().unwrap();
    assert!(
        content.contains(&format!("Message-ID: <{}@muster.example>", Uuid::from_u128(1))),
        "{content}"
    );
    assert!(
        content.contains("Hello\r\n.\r\nthe line above ends nothing"),
        "{content}"
    );
    assert_eq!(taken[1]["to"], serde_json::json!(["bob@example.com"]));
}

#[tokio::test]
async fn a_relay_that_leaves_breaks_off_or_has_no_time_bounces_nobodys_mail_and_takes_the_next() {
    let server = Server::start();
    let mailer = server.mailer("smtp", "");
    let cut = OutgoingMail {
        text: "please cut".into(),
        ..mail(4, "ada@example.com")
    };
    for (what, mail) in [
        ("421, and gone", mail(1, "leaving@example.com")),
        ("450", mail(2, "later@example.com")),
        ("451", mail(3, "busy@example.com")),
        ("cut after DATA", cut),
    ] {
        // Again and again, as the outbox does.
        for _ in 0..2 {
            let outcome = mailer.send(&mail).await;
            assert!(
                matches!(outcome, Err(SendError::Temporary(_) | SendError::Away(_))),
                "{what}: {outcome:?}"
            );
        }
    }
    let nobody = mailer.send(&mail(5, "nobody@example.com")).await;
    assert!(matches!(nobody, Err(SendError::Permanent(_))), "{nobody:?}");
    // One refused among several: the others go.
    let (one, two, three) = (
        mail(6, "ada@example.com"),
        mail(7, "nobody@example.com"),
        mail(8, "bob@example.com"),
    );
    let (first, second, third) = tokio::join!(mailer.send(&one), mailer.send(&two), mailer.send(&three));
    assert!(first.is_ok() && third.is_ok(), "{first:?} {third:?}");
    assert!(matches!(second, Err(SendError::Permanent(_))), "{second:?}");
    let mut taken: Vec<String> = server
        .taken()
        .iter()
        .map(|mail| mail["to"][0].to_string())
        .collect();
    taken.sort();
    assert_eq!(taken, ["\"ada@example.com\"", "\"bob@example.com\""]);
}

#[tokio::test]
async fn a_wrong_password_of_ours_bounces_nobodys_mail() {
    let server = Server::start();
    let wrong = server
        .mailer("smtp", "muster:wrong@")
        .send(&mail(1, "ada@example.com"))
        .await;
    assert!(matches!(wrong, Err(SendError::Away(_))), "{wrong:?}");
    server
        .mailer("smtp", "muster:right@")
        .send(&mail(2, "ada@example.com"))
        .await
        .unwrap();
    assert_eq!(server.taken().len(), 1);
}

#[tokio::test]
async fn where_tls_is_required_nothing_is_sent_without_it() {
    let server = Server::start();
    for scheme in ["smtp+starttls", "smtps"] {
        let answer = server
            .mailer(scheme, "muster:right@")
            .send(&mail(1, "ada@example.com"))
            .await;
        assert!(matches!(answer, Err(SendError::Away(_))), "{scheme}: {answer:?}");
    }
    assert_eq!(server.taken().len(), 0);
}

#[tokio::test]
async fn an_internationalised_domain_travels_as_punycode_and_asks_nothing_of_the_relay() {
    for server in [Server::start(), Server::start_with_utf8()] {
        let mailer = server.mailer("smtp", "");
        for (number, to) in [
            (1, "ada@bücher.example"),
            (2, "ada@почта.рф"),
            (3, "Ada@例え.example"),
            (4, "ada@example.com"),
        ] {
            mailer.send(&mail(number, to)).await.unwrap();
        }
        let taken = server.taken();
        let to: Vec<_> = taken.iter().map(|mail| mail["to"][0].as_str().unwrap()).collect();
        assert_eq!(
            to,
            [
                "ada@xn--bcher-kva.example",
                "ada@xn--80a1acny.xn--p1ai",
                "Ada@xn--r8jz45g.example",
                "ada@example.com"
            ]
        );
        for mail in &taken {
            let content = mail["content"].as_str().unwrap();
            assert!(
                content.contains(&format!("<{}>", mail["to"][0].as_str().unwrap())),
                "{content}"
            );
            assert!(!mail["options"].to_string().contains("SMTPUTF8"), "{mail}");
        }
    }
}

#[tokio::test]
async fn letters_beyond_ascii_before_the_at_need_a_relay_that_takes_them() {
    let (plain, able) = (Server::start(), Server::start_with_utf8());
    let addresses = ["jürgen@corp.example", "юля@corp.example", "jürgen@bücher.example"];
    let mailer = plain.mailer("smtp", "");
    assert!(!mailer.lacks_utf8(), "it was not asked yet");
    mailer.learn().await;
    assert!(mailer.lacks_utf8());
    for (number, to) in (1..).zip(addresses) {
        let refused = mailer.send(&mail(number, to)).await;
        assert!(
            matches!(&refused, Err(SendError::Permanent(text)) if text.contains("SMTPUTF8")),
            "{refused:?}"
        );
    }
    mailer.send(&mail(9, "ada@corp.example")).await.unwrap();
    assert_eq!(plain.taken().len(), 1);

    let mailer = able.mailer("smtp", "");
    mailer.learn().await;
    assert!(!mailer.lacks_utf8());
    for (number, to) in (1..).zip(addresses) {
        mailer.send(&mail(number, to)).await.unwrap();
    }
    let taken = able.taken();
    let to: Vec<_> = taken.iter().map(|mail| mail["to"][0].as_str().unwrap()).collect();
    assert_eq!(to, [addresses[0], addresses[1], "jürgen@xn--bcher-kva.example"]);
    assert!(
        taken
            .iter()
            .all(|mail| mail["options"].to_string().contains("SMTPUTF8")),
        "{taken:#?}"
    );
}
