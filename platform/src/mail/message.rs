//! From an [`OutgoingMail`] to the text that travels (RFC 5322), with no way to smuggle a header or a second recipient in.

use lettre::Message;
use lettre::message::{Mailbox, MultiPart};

use super::plain::is_unsafe_in_a_line;
use super::{OutgoingMail, SendError, address};

/// RFC 5322 section 2.1.1: the hard limit of a line, which a header that cannot be folded would hit.
const LONGEST_HEADER: usize = 998;

pub(super) fn compose(mail: &OutgoingMail, from: &Mailbox) -> Result<Message, SendError> {
    for (what, value) in [
        ("recipient", mail.to.as_str()),
        ("name", mail.to_name.as_deref().unwrap_or_default()),
        ("subject", &mail.subject),
    ] {
        if value.len() > LONGEST_HEADER || value.chars().any(is_unsafe_in_a_line) {
            return Err(SendError::Permanent(format!(
                "the {what} cannot be a header: {value:?}"
            )));
        }
    }
    if mail.text.contains('\0') || mail.html.contains('\0') {
        return Err(SendError::Permanent("the body holds a NUL".into()));
    }
    let address = address::travelling(&mail.to)
        .map_err(|error| SendError::Permanent(format!("not an address ({error}): {:?}", mail.to)))?;
    Message::builder()
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .date(mail.date.into())
        .from(from.clone())
        .to(Mailbox::new(
            mail.to_name.clone().filter(|name| !name.is_empty()),
            address,
        ))
        .subject(mail.subject.clone())
        .multipart(MultiPart::alternative_plain_html(
            mail.text.clone(),
            mail.html.clone(),
        ))
        .map_err(|error| SendError::Permanent(error.to_string()))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn mail() -> OutgoingMail {
        OutgoingMail {
            id: Uuid::nil(),
            date: DateTime::UNIX_EPOCH,
            to: "ada@example.com".into(),
            to_name: Some("Ada Lovelace".into()),
            subject: "Hello".into(),
            text: "Hi Ada".into(),
            html: "<p>Hi Ada</p>".into(),
        }
    }

    fn compose(mail: &OutgoingMail) -> Result<String, SendError> {
        let from = "Muster <muster@muster.example>".parse().unwrap();
        super::compose(mail, &from).map(|message| String::from_utf8(message.formatted()).unwrap())
    }

    #[test]
    fn a_mail_has_a_stable_id_and_date_and_both_bodies() {
        let text = compose(&mail()).unwrap();
        for line in [
            "Message-ID: <00000000-0000-0000-0000-000000000000@muster.example>\r\n",
            "Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n",
            "From: Muster <muster@muster.example>\r\n",
            "To: \"Ada Lovelace\" <ada@example.com>\r\n",
            "Subject: Hello\r\n",
            "MIME-Version: 1.0\r\n",
            "Content-Type: multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8\r\n",
            "Content-Type: text/html; charset=utf-8\r\n",
        ] {
            assert!(text.contains(line), "{line:?} is not in\n{text}");
        }
    }

    #[test]
    fn nothing_that_could_start_a_new_header_is_sent() {
        for smuggled in [
            "a\r\nBcc: eve@example.com",
            "a\nb",
            "a\rb",
            "a\0b",
            "a\u{2028}b",
            "a\u{85}b",
            &"a".repeat(999),
        ] {
            for hostile in [
                OutgoingMail {
                    subject: smuggled.to_owned(),
                    ..mail()
                },
                OutgoingMail {
                    to_name: Some(smuggled.to_owned()),
                    ..mail()
                },
                OutgoingMail {
                    to: format!("{smuggled}@example.com"),
                    ..mail()
                },
            ] {
                assert!(
                    matches!(compose(&hostile), Err(SendError::Permanent(_))),
                    "{hostile:?}"
                );
            }
        }
    }

    #[test]
    fn there_is_exactly_one_recipient() {
        for many in [
            "a@example.com, b@example.com",
            "a@example.com b@example.com",
            "Eve <eve@example.com>",
            "a@b@example.com",
            "",
        ] {
            assert!(
                matches!(
                    compose(&OutgoingMail {
                        to: many.into(),
                        ..mail()
                    }),
                    Err(SendError::Permanent(_))
                ),
                "{many:?}"
            );
        }
    }

    #[test]
    fn names_and_subjects_of_any_script_are_encoded() {
        let text = compose(&OutgoingMail {
            subject: "Willkommen bei Zürich 東京".into(),
            to_name: Some("\"Ada\" <eve@example.com>, 東京".into()),
            ..mail()
        })
        .unwrap();
        let headers = text.split("\r\n\r\n").next().unwrap();
        assert!(headers.is_ascii());
        assert!(!headers.contains("<eve@example.com>"), "{headers}");
        assert_eq!(headers.matches("\r\nTo:").count(), 1);
    }

    #[test]
    fn the_domain_of_the_recipient_stands_in_the_headers_as_punycode() {
        let text = compose(&OutgoingMail {
            to: "ada@B\u{fc}cher.example".into(),
            ..mail()
        })
        .unwrap();
        assert!(
            text.contains("To: \"Ada Lovelace\" <ada@xn--bcher-kva.example>\r\n"),
            "{text}"
        );
        assert!(text.split("\r\n\r\n").next().unwrap().is_ascii());
    }

    #[test]
    fn long_lines_of_a_body_are_folded() {
        let text = compose(&OutgoingMail {
            text: "x".repeat(5_000),
            html: "y".repeat(5_000),
            ..mail()
        })
        .unwrap();
        assert!(text.lines().all(|line| line.len() <= 998));
    }
}
