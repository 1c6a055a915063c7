//! The rules at their edges.

use chrono::{DateTime, Duration};
use entity::identity_provider::{Enforcement, Model, Status, TokenAuthMethod};
use entity::lists::Texts;
use uuid::Uuid;

use super::super::settings::blank;
use super::{
    claim, client_id, client_secret, is_in_force, issuer, may_enable, may_require, name, scopes,
    secret_expiry, talks_alike,
};
use crate::error::{Code, Refusal};

fn provider() -> Model {
    let issuer = "https://id.example".to_owned();
    blank(Uuid::nil(), Uuid::nil(), issuer, DateTime::UNIX_EPOCH)
}

fn code<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> Code {
    refused.unwrap_err().code
}

fn texts(scopes: &[&str]) -> Vec<String> {
    scopes.iter().map(|scope| (*scope).to_owned()).collect()
}

#[test]
fn an_issuer_is_kept_to_the_letter_and_has_nothing_behind_its_path() {
    let (kept, url) = issuer(" https://ID.example/Realm/ ").unwrap();
    assert_eq!(kept, "https://ID.example/Realm/");
    assert_eq!(url.host_str(), Some("id.example"));
    for given in [
        "https://id.example?a=1",
        "https://id.example/#x",
        "id.example",
        "//id.example",
    ] {
        assert_eq!(code(issuer(given)), Code::SsoIssuerNotAllowed, "{given}");
    }
    assert_eq!(code(issuer(" ")), Code::Required);
    let long = format!("https://id.example/{}", "x".repeat(500));
    assert_eq!(code(issuer(&long)), Code::TooLong);
}

#[test]
fn texts_are_one_line_of_bounded_length() {
    assert_eq!(name("  Okta  ").unwrap(), "Okta");
    assert_eq!(code(name("")), Code::Required);
    assert_eq!(code(name("Ok\u{202E}ta")), Code::NameInvalidCharacter);
    assert_eq!(code(name(&"n".repeat(101))), Code::TooLong);
    assert_eq!(client_id("a b-c~9").unwrap(), "a b-c~9");
    assert_eq!(code(client_id("naïve")), Code::Invalid);
    assert_eq!(code(client_id("a\nb")), Code::Invalid);
    assert_eq!(code(claim("", "email")), Code::Required);
    assert_eq!(code(claim(&"c".repeat(101), "email")), Code::TooLong);
    assert!(claim("https://acme.example/groups", "groups").is_ok());
}

#[test]
fn a_refused_secret_is_not_repeated_to_anybody() {
    let refusal = client_secret(&"geh\u{0}eim".into()).unwrap_err();
    assert_eq!(refusal.code, Code::Invalid);
    assert!(!refusal.message.contains("geh"));
    assert_eq!(code(client_secret(&" ".into())), Code::Required);
    assert_eq!(code(client_secret(&"s".repeat(2_001).into())), Code::TooLong);
}

#[test]
fn openid_is_asked_for_in_any_case() {
    assert_eq!(
        scopes(texts(&["openid", "email"])).unwrap(),
        Texts(texts(&["openid", "email"]))
    );
    assert_eq!(code(scopes(texts(&["email"]))), Code::Required);
    assert_eq!(code(scopes(Vec::new())), Code::Required);
    for scope in ["", "two words", "quo\"te", "back\\slash", "ümlaut"] {
        assert_eq!(code(scopes(texts(&["openid", scope]))), Code::Invalid, "{scope}");
    }
    assert_eq!(code(scopes(vec!["openid".to_owned(); 21])), Code::TooManyItems);
}

#[test]
fn a_secret_expires_later_and_only_where_there_is_one() {
    let now = DateTime::UNIX_EPOCH;
    assert!(secret_expiry(now + Duration::seconds(1), true, now).is_ok());
    assert_eq!(code(secret_expiry(now, true, now)), Code::Invalid);
    assert_eq!(
        code(secret_expiry(now + Duration::days(1), false, now)),
        Code::Invalid
    );
}

#[test]
fn only_a_draft_cannot_be_switched_on() {
    for status in [Status::Draft, Status::Tested, Status::Enabled, Status::Disabled] {
        let judged = may_enable(&Model { status, ..provider() });
        assert_eq!(judged.is_ok(), status != Status::Draft, "{status:?}");
    }
}

#[test]
fn it_is_required_only_while_enabled_and_with_a_way_in() {
    for status in [Status::Draft, Status::Tested, Status::Enabled, Status::Disabled] {
        for enforcement in [Enforcement::Optional, Enforcement::Required] {
            let given = Model {
                status,
                enforcement,
                ..provider()
            };
            let expected = status == Status::Enabled && enforcement == Enforcement::Required;
            assert_eq!(is_in_force(&given), expected, "{status:?} {enforcement:?}");
        }
        let with_exit = Model {
            status,
            break_glass_user_id: Some(Uuid::nil()),
            ..provider()
        };
        assert_eq!(may_require(&with_exit).is_ok(), status == Status::Enabled);
        assert!(may_require(&Model { status, ..provider() }).is_err());
    }
}

#[test]
fn what_the_provider_would_notice_needs_another_test() {
    let before = provider();
    let alike = [
        Model {
            name: "Other".into(),
            ..before.clone()
        },
        Model {
            provisions: true,
            ..before.clone()
        },
        Model {
            enforcement: Enforcement::Required,
            ..before.clone()
        },
        Model {
            email_claim: "upn".into(),
            ..before.clone()
        },
        Model {
            version: 9,
            ..before.clone()
        },
    ];
    assert!(alike.iter().all(|after| talks_alike(&before, after)));
    let other = [
        Model {
            client_id: "other".into(),
            ..before.clone()
        },
        Model {
            sealed_secret: Some(vec![1]),
            ..before.clone()
        },
        Model {
            token_auth_method: TokenAuthMethod::ClientSecretPost,
            ..before.clone()
        },
        Model {
            scopes: Texts(texts(&["openid"])),
            ..before.clone()
        },
    ];
    assert!(!other.iter().any(|after| talks_alike(&before, after)));
}
