//! Forgotten, set by a link, changed, and given once more: passwords beside signing in.

use chrono::Duration;
use entity::ids::Kind;
use entity::user::Status;
use http::StatusCode;
use muster::platform::secrets::{Claim, Purpose};
use serde_json::json;
use uuid::Uuid;

use super::support::{Answer, House, PASSWORD, on_each_database, on_postgres};

const NEW: &str = "a quite different passphrase";

async fn ask(house: &House, email: &str) -> Answer {
    house
        .call("/auth/password/forgot")
        .body(&json!({"email": email}))
        .send()
        .await
}

/// Asks, and waits until there are so many mails.
async fn ask_until_mailed(house: &House, email: &str, mails: usize) {
    assert_eq!(ask(house, email).await.status, StatusCode::ACCEPTED);
    for _ in 0..400 {
        if house.mails().await.len() >= mails {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no mail was written");
}

/// The token of the n-th link that was sent to somebody.
fn token(house: &House, identity_id: Uuid, generation: i32) -> String {
    let claim = Claim {
        account_id: Uuid::nil(),
        id: identity_id,
        generation,
    };
    house.app.secrets().token(Purpose::PasswordReset, claim).unwrap()
}

async fn reset(house: &House, token: &str, password: &str) -> Answer {
    house
        .call("/auth/password/reset")
        .body(&json!({"token": token, "password": password}))
        .send()
        .await
}

async fn change(house: &House, access_token: &str, present: &str, new: &str) -> Answer {
    house
        .call("/auth/password/change")
        .bearer(access_token)
        .body(&json!({"password": present, "newPassword": new}))
        .send()
        .await
}

async fn confirm(house: &House, access_token: &str, password: &str) -> Answer {
    house
        .call("/auth/confirm")
        .bearer(access_token)
        .body(&json!({"password": password}))
        .send()
        .await
}

#[tokio::test]
async fn everybody_who_asks_gets_the_same_answer_and_only_who_can_use_a_link_gets_a_mail() {
    on_each_database(async |house| {
        let (account_id, _) = house.ada().await;
        let without = house.identity("sso@example.com", false).await;
        house
            .user(account_id, without, "sso@example.com", Status::Active)
            .await;
        let disabled = house.identity("disabled@example.com", true).await;
        house
            .user(account_id, disabled, "disabled@example.com", Status::Disabled)
            .await;
        house.identity("nowhere@example.com", true).await;
        let mut answers = Vec::new();
        for email in [
            "unknown@example.com",
            "no address",
            "",
            "sso@example.com",
            "disabled@example.com",
            "nowhere@example.com",
            " ADA@example.com",
        ] {
            answers.push(ask(&house, email).await);
        }
        assert_eq!(answers[0].status, StatusCode::ACCEPTED);
        assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
        let ada = house.identity_of("ada@example.com").await;
        let expected = vec![format!("password-reset:{ada}:1")];
        for _ in 0..200 {
            if house.mails().await == expected {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        assert_eq!(house.mails().await, expected);
        assert_eq!(house.audited().await, ["sessions.ask_password_reset"]);
    })
    .await;
}

#[tokio::test]
async fn a_link_sets_the_password_once_and_ends_every_session_in_every_account() {
    on_each_database(async |house| {
        let (acme, _) = house.ada().await;
        let ada = house.identity_of("ada@example.com").await;
        let other = house.account("other").await;
        house.user(other, ada, "ada@example.com", Status::Active).await;
        let here = house.sign_in("ada@example.com", PASSWORD).await;
        let there = house
            .call("/auth/sign-in")
            .body(&json!({"email": "ada@example.com", "password": PASSWORD, "account": "other"}))
            .send()
            .await;
        ask_until_mailed(&house, "ada@example.com", 1).await;
        let link = token(&house, ada, 1);

        assert_eq!(reset(&house, &link, NEW).await.status, StatusCode::NO_CONTENT);
        for session in [&here, &there] {
            assert_eq!(house.refresh(&session.cookie()).await.code(), "SESSION_EXPIRED");
        }
        assert_eq!(
            house.sign_in("ada@example.com", PASSWORD).await.code(),
            "INVALID_CREDENTIALS"
        );
        assert_eq!(house.sign_in("ada@example.com", NEW).await.status, StatusCode::OK);

        let again = reset(&house, &link, "yet another passphrase").await;
        assert_eq!(
            (again.status, again.code()),
            (StatusCode::BAD_REQUEST, "RESET_LINK_DEAD")
        );
        assert_eq!(house.sign_in("ada@example.com", NEW).await.status, StatusCode::OK);
        let audited = house.audited().await;
        let resets = audited
            .iter()
            .filter(|action| *action == "sessions.reset_password");
        assert_eq!(resets.count(), 2, "one row in each account: {audited:?}");
        assert_ne!(acme, other);
    })
    .await;
}

#[tokio::test]
async fn a_newer_link_supersedes_the_older_and_an_hour_is_the_end_of_both() {
    on_each_database(async |house| {
        house.ada().await;
        let ada = house.identity_of("ada@example.com").await;
        ask_until_mailed(&house, "ada@example.com", 1).await;
        ask_until_mailed(&house, "ada@example.com", 2).await;
        let (older, newer) = (token(&house, ada, 1), token(&house, ada, 2));
        assert_eq!(reset(&house, &older, NEW).await.code(), "RESET_LINK_DEAD");
        // What is too weak is told, and the link stays good.
        let weak = reset(&house, &newer, "short").await;
        assert_eq!(
            (weak.status, weak.code()),
            (StatusCode::BAD_REQUEST, "PASSWORD_TOO_WEAK")
        );
        house.advance(Duration::hours(1));
        assert_eq!(reset(&house, &newer, NEW).await.code(), "RESET_LINK_DEAD");
        for nonsense in [
            "",
            "x",
            &token(&house, Uuid::from_u128(9), 1),
            &token(&house, ada, 3),
        ] {
            assert_eq!(reset(&house, nonsense, NEW).await.code(), "RESET_LINK_DEAD");
        }
        let invitation = house.app.secrets().token(
            Purpose::Invitation,
            Claim {
                account_id: Uuid::nil(),
                id: ada,
                generation: 2,
            },
        );
        assert_eq!(
            reset(&house, &invitation.unwrap(), NEW).await.code(),
            "RESET_LINK_DEAD"
        );
        assert_eq!(
            house.sign_in("ada@example.com", PASSWORD).await.status,
            StatusCode::OK
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_link_used_twice_at_once_sets_one_password() {
    on_each_database(async |house| {
        house.ada().await;
        let ada = house.identity_of("ada@example.com").await;
        ask_until_mailed(&house, "ada@example.com", 1).await;
        let link = token(&house, ada, 1);
        let other = "the second of two passphrases";
        let (first, second) = tokio::join!(reset(&house, &link, NEW), reset(&house, &link, other));
        let mut done = [first.status, second.status];
        done.sort();
        assert_eq!(done, [StatusCode::NO_CONTENT, StatusCode::BAD_REQUEST]);
        let winner = if first.status == StatusCode::NO_CONTENT {
            NEW
        } else {
            other
        };
        assert_eq!(
            house.sign_in("ada@example.com", winner).await.status,
            StatusCode::OK
        );
    })
    .await;
}

#[tokio::test]
async fn an_address_gets_three_mails_an_hour_and_a_network_asks_for_it_ten_times() {
    on_each_database(async |house| {
        house.ada().await;
        for number in 1..=3 {
            ask_until_mailed(&house, "ada@example.com", number).await;
        }
        for _ in 4..=10 {
            assert_eq!(ask(&house, "ada@example.com").await.status, StatusCode::ACCEPTED);
        }
        let eleventh = ask(&house, "ada@example.com").await;
        assert_eq!(eleventh.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(eleventh.headers.contains_key("retry-after"));
        // Who sits behind the same address asks for themselves.
        assert_eq!(ask(&house, "eve@example.com").await.status, StatusCode::ACCEPTED);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert_eq!(house.mails().await.len(), 3);
        // Asking counts against nobody's signing in, and the last link that was sent stays good.
        let ada = house.identity_of("ada@example.com").await;
        assert_eq!(
            house.sign_in("ada@example.com", PASSWORD).await.status,
            StatusCode::OK
        );
        assert_eq!(
            reset(&house, &token(&house, ada, 3), NEW).await.status,
            StatusCode::NO_CONTENT
        );
    })
    .await;
}

#[tokio::test]
async fn a_new_password_forgives_the_failures_of_the_old_one() {
    on_each_database(async |house| {
        house.ada().await;
        let ada = house.identity_of("ada@example.com").await;
        let from = async |number: u8, password: &str| {
            let call = house
                .call("/auth/sign-in")
                .from(&format!("198.51.100.{number}:1"));
            let body = json!({"email": "ada@example.com", "password": password});
            call.body(&body).send().await.code().to_owned()
        };
        for number in 0..10 {
            from(number, "a guess").await;
        }
        assert_eq!(from(11, PASSWORD).await, "RATE_LIMITED");
        ask_until_mailed(&house, "ada@example.com", 1).await;
        reset(&house, &token(&house, ada, 1), NEW).await;
        assert_eq!(from(12, NEW).await, "-");
    })
    .await;
}

#[tokio::test]
async fn a_network_asks_for_thirty_addresses_in_a_quarter_of_an_hour() {
    on_each_database(async |house| {
        house.ada().await;
        for number in 0..30 {
            let email = format!("person{number}@example.com");
            assert_eq!(ask(&house, &email).await.status, StatusCode::ACCEPTED, "{number}");
        }
        assert_eq!(ask(&house, "ada@example.com").await.code(), "RATE_LIMITED");
        let elsewhere = house
            .call("/auth/password/forgot")
            .from("203.0.113.1:1")
            .body(&json!({"email": "ada@example.com"}));
        assert_eq!(elsewhere.send().await.status, StatusCode::ACCEPTED);
    })
    .await;
}

/// Signs in from a network, with what cookies the browser has.
async fn sign_in(house: &House, peer: &str, cookie: &str, email: &str, password: &str) -> Answer {
    house
        .call("/auth/sign-in")
        .from(&format!("{peer}:40000"))
        .cookie(cookie)
        .body(&json!({"email": email, "password": password}))
        .send()
        .await
}

/// Guesses until told to wait; answers how many were answered.
async fn guess_until_stopped(house: &House, cookie: &str) -> usize {
    for number in 0..20 {
        // From ever other networks: nothing but the address they guess at stops them.
        let peer = format!("198.51.100.{number}");
        let guess = sign_in(house, &peer, cookie, "ada@example.com", "a guess").await;
        match guess.code() {
            "RATE_LIMITED" => return number,
            code => assert_eq!(code, "INVALID_CREDENTIALS"),
        }
    }
    panic!("nobody stops them");
}

#[tokio::test]
async fn a_link_lets_its_owner_in_at_once_while_strangers_keep_guessing() {
    on_each_database(async |house| {
        let (account_id, _) = house.ada().await;
        let ada = house.identity_of("ada@example.com").await;
        let signed_in = house.sign_in("ada@example.com", PASSWORD).await;
        assert_eq!(guess_until_stopped(&house, "").await, 10);
        let home = "192.0.2.1";
        let refused = sign_in(&house, home, "", "ada@example.com", PASSWORD).await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        // Who is signed in is not kept from confirming who they are.
        let token = signed_in.access_token();
        assert_eq!(
            confirm(&house, &token, PASSWORD).await.status,
            StatusCode::NO_CONTENT
        );

        ask_until_mailed(&house, "ada@example.com", 1).await;
        let link = reset(&house, &token_of(&house, ada), NEW).await;
        assert_eq!(link.status, StatusCode::NO_CONTENT);
        let cookie = link.cookie();
        assert!(cookie.starts_with("muster-device="), "{cookie}");
        assert!(
            link.set_cookie()
                .contains("HttpOnly; SameSite=Strict; Path=/; Max-Age=2592000")
        );

        // The strangers go on, and are stopped again.
        assert_eq!(guess_until_stopped(&house, "").await, 10);
        let sessions = house.sessions_stored().await.len();
        for _ in 0..2 {
            let owner = sign_in(&house, home, &cookie, "ada@example.com", NEW).await;
            assert_eq!(owner.status, StatusCode::OK, "{owner:?}");
        }
        assert_eq!(house.sessions_stored().await.len(), sessions + 2);
        let stranger = sign_in(&house, "198.51.100.1", "", "ada@example.com", NEW).await;
        assert_eq!(stranger.code(), "RATE_LIMITED", "not even rightly");

        // What marks the browser of one person says nothing for another.
        let eve = house.identity("eve@example.com", true).await;
        house
            .user(account_id, eve, "eve@example.com", Status::Active)
            .await;
        ask_until_mailed(&house, "eve@example.com", 2).await;
        let hers = reset(&house, &token_of(&house, eve), NEW).await.cookie();
        for cookie in [
            hers.as_str(),
            "muster-device=",
            "muster-device=AAAA",
            &cookie.replace("device=", "device=A"),
        ] {
            let stranger = sign_in(&house, home, cookie, "ada@example.com", NEW).await;
            assert_eq!(stranger.code(), "RATE_LIMITED", "{cookie}");
        }
        assert_eq!(house.sessions_stored().await.len(), sessions + 2);

        // Whoever takes the browser away guesses ten times, too, and it is no longer known after thirty days.
        assert_eq!(guess_until_stopped(&house, &cookie).await, 10);
        house.advance(Duration::days(30));
        assert_eq!(guess_until_stopped(&house, "").await, 10);
        let late = sign_in(&house, home, &cookie, "ada@example.com", NEW).await;
        assert_eq!(late.code(), "RATE_LIMITED");
    })
    .await;
}

/// The first link that was sent to somebody.
fn token_of(house: &House, identity_id: Uuid) -> String {
    token(house, identity_id, 1)
}

#[tokio::test]
async fn changing_needs_the_present_password_and_ends_the_other_sessions() {
    on_each_database(async |house| {
        house.ada().await;
        let here = house.sign_in("ada@example.com", PASSWORD).await;
        let elsewhere = house.sign_in("ada@example.com", PASSWORD).await;
        let wrong = change(&house, &here.access_token(), "a guess", NEW).await;
        assert_eq!(
            (wrong.status, wrong.code()),
            (StatusCode::FORBIDDEN, "WRONG_PASSWORD")
        );
        assert_eq!(house.denied().await, ["sessions.change_password"]);
        let weak = change(&house, &here.access_token(), PASSWORD, "short").await;
        assert_eq!(weak.code(), "PASSWORD_TOO_WEAK");
        assert_eq!(house.refresh(&elsewhere.cookie()).await.status, StatusCode::OK);

        let done = change(&house, &here.access_token(), PASSWORD, NEW).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{done:?}");
        assert_eq!(house.refresh(&here.cookie()).await.status, StatusCode::OK);
        assert_eq!(house.refresh(&elsewhere.cookie()).await.code(), "SESSION_EXPIRED");
        assert_eq!(
            house.sign_in("ada@example.com", PASSWORD).await.code(),
            "INVALID_CREDENTIALS"
        );
        assert_eq!(house.sign_in("ada@example.com", NEW).await.status, StatusCode::OK);

        let nobody = house.call("/auth/password/change");
        let body = json!({"password": NEW, "newPassword": PASSWORD});
        assert_eq!(nobody.body(&body).send().await.code(), "UNAUTHENTICATED");
        let foreign = house
            .call("/auth/password/change")
            .bearer(&here.access_token())
            .origin("https://evil.example");
        assert_eq!(foreign.body(&body).send().await.code(), "FORBIDDEN");
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_kills_the_links_that_were_sent_before() {
    on_each_database(async |house| {
        house.ada().await;
        let ada = house.identity_of("ada@example.com").await;
        ask_until_mailed(&house, "ada@example.com", 1).await;
        let here = house.sign_in("ada@example.com", PASSWORD).await;
        change(&house, &here.access_token(), PASSWORD, NEW).await;
        let late = reset(&house, &token(&house, ada, 1), "an attacker's passphrase").await;
        assert_eq!(late.code(), "RESET_LINK_DEAD");
    })
    .await;
}

#[tokio::test]
async fn confirming_makes_the_sign_in_recent_again_for_the_very_next_request() {
    on_each_database(async |house| {
        house.ada().await;
        let signed_in = house.sign_in("ada@example.com", PASSWORD).await;
        house.advance(Duration::minutes(10) + Duration::seconds(1));
        let renewed = house.refresh(&signed_in.cookie()).await.access_token();
        let is_recent = async || {
            let now = house.app.clock().now();
            house.admitted(&renewed).await.is_recent(now)
        };
        assert!(!is_recent().await, "renewing proves nothing");
        assert_eq!(
            confirm(&house, &renewed, "a guess").await.code(),
            "WRONG_PASSWORD"
        );
        assert!(!is_recent().await);
        assert_eq!(house.denied().await, ["sessions.confirm"]);
        assert_eq!(
            confirm(&house, &renewed, PASSWORD).await.status,
            StatusCode::NO_CONTENT
        );
        assert!(is_recent().await);
    })
    .await;
}

#[tokio::test]
async fn guessing_by_confirming_is_stopped_like_guessing_by_signing_in() {
    on_each_database(async |house| {
        house.ada().await;
        let token = house.sign_in("ada@example.com", PASSWORD).await.access_token();
        for _ in 0..10 {
            assert_eq!(confirm(&house, &token, "a guess").await.code(), "WRONG_PASSWORD");
        }
        assert_eq!(
            confirm(&house, &token, PASSWORD).await.status,
            StatusCode::TOO_MANY_REQUESTS
        );
        assert_eq!(
            change(&house, &token, PASSWORD, NEW).await.status,
            StatusCode::TOO_MANY_REQUESTS
        );
        // Strangers and who is signed in are counted apart, so that neither keeps the other out.
        assert_eq!(
            house.sign_in("ada@example.com", PASSWORD).await.status,
            StatusCode::OK
        );
    })
    .await;
}

#[tokio::test]
async fn a_session_from_an_identity_provider_is_not_confirmed_by_a_password_and_changes_none() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let (token, _) = house.sign_in_by_provider(account_id, user_id).await;
        assert!(house.is_admitted(&token).await);
        for answer in [
            confirm(&house, &token, PASSWORD).await,
            change(&house, &token, PASSWORD, NEW).await,
        ] {
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::FORBIDDEN, "SESSION_NOT_BY_PASSWORD")
            );
        }
        assert_eq!(
            house.sign_in("ada@example.com", PASSWORD).await.status,
            StatusCode::OK
        );
        assert!(Kind::User.text(user_id).starts_with("usr_"));
    })
    .await;
}

#[tokio::test]
async fn whoever_signs_in_with_the_old_password_while_it_changes_does_not_get_in() {
    on_postgres(async |house| {
        house.ada().await;
        let gate = house.hold("SELECT id FROM identities FOR UPDATE").await;
        let signing_in = tokio::spawn({
            let house = house.clone();
            async move { house.sign_in("ada@example.com", PASSWORD).await }
        });
        gate.wait_for_somebody().await;
        gate.release_after("UPDATE identities SET password_hash = 'another'")
            .await;
        assert_eq!(signing_in.await.unwrap().code(), "INVALID_CREDENTIALS");
        assert_eq!(house.sessions_stored().await, []);
    })
    .await;
}
