//! Who gets in, who does not, and how often one may try.

use std::collections::BTreeMap;

use chrono::Duration;
use entity::ids::Kind;
use entity::user::Status;
use http::StatusCode;
use serde_json::json;

use super::support::{Answer, HOME, House, PASSWORD, on_each_database, on_postgres};

#[tokio::test]
async fn the_right_password_begins_a_session_whose_token_is_admitted() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let answer = house.sign_in(" ADA@Example.com", PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(
            answer.body["account"],
            json!({"id": Kind::Account.text(account_id), "name": "ACME", "slug": "acme"})
        );
        assert_eq!(answer.body["accounts"], json!([]));
        assert_eq!(answer.headers["cache-control"], "no-store");

        let member = house.admitted(&answer.access_token()).await;
        assert_eq!((member.account_id, member.user_id), (account_id, user_id));
        assert_eq!(member.label, "ada@example.com");
        let stored = house.sessions_stored().await;
        assert_eq!(stored.len(), 1);
        assert_eq!(stored[0].id, member.session_id);
        assert_eq!(stored[0].ip_address.as_deref(), Some("192.0.2.1"));
        assert!(house.last_signed_in_at(account_id, user_id).await.is_some());
        assert_eq!(house.audited().await, ["sessions.sign_in"]);
    })
    .await;
}

#[tokio::test]
async fn every_refusal_is_the_same_and_begins_nothing() {
    on_each_database(async |house| {
        let (account_id, user_id) = house.ada().await;
        let disabled = house.identity("disabled@example.com", true).await;
        house
            .user(account_id, disabled, "disabled@example.com", Status::Disabled)
            .await;
        let pending = house.identity("pending@example.com", true).await;
        house
            .user(account_id, pending, "pending@example.com", Status::Pending)
            .await;
        let removed = house.identity("removed@example.com", true).await;
        house
            .user(account_id, removed, "removed@example.com", Status::Removed)
            .await;
        let without_password = house.identity("sso@example.com", false).await;
        house
            .user(account_id, without_password, "sso@example.com", Status::Active)
            .await;
        house.identity("nowhere@example.com", true).await;
        house.account("other").await;

        let attempts = [
            json!({"email": "unknown@example.com", "password": PASSWORD}),
            json!({"email": "no address", "password": PASSWORD}),
            json!({"email": "ada@example.com", "password": "Correct horse battery staple"}),
            json!({"email": "ada@example.com", "password": ""}),
            json!({"email": "ada@example.com", "password": PASSWORD, "account": "other"}),
            json!({"email": "ada@example.com", "password": PASSWORD, "account": ""}),
            json!({"email": "disabled@example.com", "password": PASSWORD}),
            json!({"email": "pending@example.com", "password": PASSWORD}),
            json!({"email": "removed@example.com", "password": PASSWORD}),
            json!({"email": "sso@example.com", "password": PASSWORD}),
            json!({"email": "nowhere@example.com", "password": PASSWORD}),
        ];
        let mut answers = Vec::new();
        for (number, body) in attempts.iter().enumerate() {
            // Each from an address of its own, so that the rate limit stays out of it.
            let peer = format!("192.0.2.{number}:40000");
            answers.push(house.call("/auth/sign-in").from(&peer).body(body).send().await);
        }
        assert_eq!(answers[0].status, StatusCode::UNAUTHORIZED);
        assert_eq!(answers[0].code(), "INVALID_CREDENTIALS");
        assert!(!answers[0].headers.contains_key("set-cookie"));
        for (answer, body) in answers.iter().zip(&attempts) {
            assert_eq!(answer, &answers[0], "{body}");
        }
        assert_eq!(house.sessions_stored().await, []);
        assert_eq!(house.last_signed_in_at(account_id, user_id).await, None);
        // Wrong password and empty one for Ada, one each for the disabled and the one without a password; strangers have no audit log.
        assert_eq!(house.audited().await, vec!["sessions.refuse_sign_in"; 4]);
    })
    .await;
}

#[tokio::test]
async fn without_a_choice_the_account_entered_last_is_entered_and_the_others_are_named() {
    on_each_database(async |house| {
        let (acme, _) = house.ada().await;
        let other = house.account("other").await;
        let closed = house.account("closed").await;
        let identity = house.identity_of("ada@example.com").await;
        house
            .user(other, identity, "ada@example.com", Status::Active)
            .await;
        house
            .user(closed, identity, "ada@example.com", Status::Disabled)
            .await;

        let into = async |account: serde_json::Value| {
            house.advance(Duration::seconds(1));
            let body = json!({"email": "ada@example.com", "password": PASSWORD, "account": account});
            let answer = house.call("/auth/sign-in").body(&body).send().await;
            let text = |value: &serde_json::Value| value["slug"].as_str().unwrap().to_owned();
            let others: Vec<String> = answer.body["accounts"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect();
            (text(&answer.body["account"]), others)
        };
        let acme_then_other = ("acme".to_owned(), vec!["other".to_owned()]);
        let other_then_acme = ("other".to_owned(), vec!["acme".to_owned()]);
        assert_eq!(into(json!("other")).await, other_then_acme);
        assert_eq!(into(json!(null)).await, other_then_acme);
        assert_eq!(into(json!(Kind::Account.text(acme))).await, acme_then_other);
        assert_eq!(into(json!(null)).await, acme_then_other);

        let body = json!({"email": "ada@example.com", "password": PASSWORD, "account": "closed"});
        let refused = house.call("/auth/sign-in").body(&body).send().await;
        assert_eq!(refused.code(), "INVALID_CREDENTIALS");
    })
    .await;
}

#[tokio::test]
async fn signing_in_again_in_the_same_browser_ends_the_session_before() {
    on_each_database(async |house| {
        house.ada().await;
        let first = house.sign_in("ada@example.com", PASSWORD).await;
        let again = house
            .call("/auth/sign-in")
            .origin(HOME)
            .cookie(&first.cookie())
            .body(&json!({"email": "ada@example.com", "password": PASSWORD}))
            .send()
            .await;
        assert_eq!(again.status, StatusCode::OK);
        assert!(house.is_admitted(&again.access_token()).await);
        assert_eq!(house.refresh(&first.cookie()).await.code(), "SESSION_EXPIRED");
        let ended: Vec<bool> = house
            .sessions_stored()
            .await
            .iter()
            .map(|row| row.ended_at.is_some())
            .collect();
        assert_eq!(ended, [true, false]);
    })
    .await;
}

#[tokio::test]
async fn a_failed_attempt_with_a_cookie_ends_no_session() {
    on_each_database(async |house| {
        house.ada().await;
        let first = house.sign_in("ada@example.com", PASSWORD).await;
        let wrong = house
            .call("/auth/sign-in")
            .origin(HOME)
            .cookie(&first.cookie())
            .body(&json!({"email": "ada@example.com", "password": "wrong"}))
            .send()
            .await;
        assert_eq!(wrong.code(), "INVALID_CREDENTIALS");
        assert_eq!(house.refresh(&first.cookie()).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn ten_failures_for_an_email_stop_even_the_right_password_on_every_replica_for_fifteen_minutes() {
    on_each_database(async |house| {
        house.ada().await;
        let replica = house.replica().await;
        let guess = async |number: usize, password: &str| {
            let at = if number.is_multiple_of(2) {
                &house
            } else {
                &replica
            };
            at.call("/auth/sign-in")
                .from(&format!("198.51.100.{number}:40000"))
                .body(&json!({"email": "ada@example.com", "password": password}))
                .send()
                .await
        };
        for number in 0..10 {
            assert_eq!(
                guess(number, "a guess").await.code(),
                "INVALID_CREDENTIALS",
                "{number}"
            );
        }
        for number in 10..14 {
            let answer = guess(number, PASSWORD).await;
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(answer.code(), "RATE_LIMITED");
            let wait: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
            assert!((850..=900).contains(&wait), "{wait}");
        }
        assert_eq!(house.sessions_stored().await, []);
        house.advance(Duration::minutes(15));
        assert_eq!(guess(14, PASSWORD).await.status, StatusCode::OK);
    })
    .await;
}

/// A call to sign in from an address of the network.
async fn from(house: &House, peer: &str, email: &str, password: &str) -> Answer {
    house
        .call("/auth/sign-in")
        .from(&format!("{peer}:40000"))
        .body(&json!({"email": email, "password": password}))
        .send()
        .await
}

#[tokio::test]
async fn wrong_guesses_for_one_person_stop_nobody_else_behind_the_same_address() {
    on_each_database(async |house| {
        let (account_id, _) = house.ada().await;
        let eve = house.identity("eve@example.com", true).await;
        house
            .user(account_id, eve, "eve@example.com", Status::Active)
            .await;
        for _ in 0..10 {
            let guess = from(&house, "192.0.2.1", "ada@example.com", "a guess").await;
            assert_eq!(guess.code(), "INVALID_CREDENTIALS");
        }
        for _ in 0..3 {
            let guess = from(&house, "192.0.2.1", "ada@example.com", "a guess").await;
            assert_eq!(guess.code(), "RATE_LIMITED");
        }
        let colleague = from(&house, "192.0.2.1", "eve@example.com", PASSWORD).await;
        assert_eq!(colleague.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn failures_for_a_hundred_people_stop_a_network_and_nobody_elsewhere() {
    on_each_database(async |house| {
        house.ada().await;
        let guess = async |email: &str| {
            let answer = from(&house, "192.0.2.1", email, "a guess").await;
            assert_eq!(answer.code(), "INVALID_CREDENTIALS", "{email}");
        };
        guess("first@example.com").await;
        // As if ninety-eight had been guessed at.
        house.multiply_attempts(98).await;
        for _ in 0..3 {
            guess("second@example.com").await;
        }
        assert_eq!(
            from(&house, "192.0.2.1", "ada@example.com", PASSWORD)
                .await
                .status,
            StatusCode::OK,
            "ninety-nine, however often each"
        );
        guess("third@example.com").await;
        let stopped = from(&house, "192.0.2.1", "ada@example.com", PASSWORD).await;
        assert_eq!(stopped.code(), "RATE_LIMITED");
        assert_eq!(
            from(&house, "203.0.113.1", "ada@example.com", PASSWORD)
                .await
                .status,
            StatusCode::OK
        );
        house.advance(Duration::minutes(15));
        assert_eq!(
            from(&house, "192.0.2.1", "ada@example.com", PASSWORD)
                .await
                .status,
            StatusCode::OK
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guesses_sent_all_at_once_to_two_replicas_get_ten_answers_together() {
    on_each_database(async |house| {
        house.ada().await;
        let replica = house.replica().await;
        let guesses = (0..30).map(|number| {
            let at = if number % 2 == 0 {
                house.clone()
            } else {
                replica.clone()
            };
            tokio::spawn(async move {
                at.call("/auth/sign-in")
                    .from(&format!("198.51.100.{number}:40000"))
                    .body(&json!({"email": "ada@example.com", "password": "a guess"}))
                    .send()
                    .await
            })
        });
        let mut answers: BTreeMap<String, usize> = BTreeMap::new();
        for answer in futures::future::join_all(guesses).await {
            *answers.entry(answer.unwrap().code().to_owned()).or_default() += 1;
        }
        let expected = [("INVALID_CREDENTIALS", 10), ("RATE_LIMITED", 20)];
        assert_eq!(
            answers,
            expected.map(|(code, count)| (code.to_owned(), count)).into()
        );
    })
    .await;
}

#[tokio::test]
async fn guesses_whose_transactions_overlap_are_counted_one_after_another() {
    on_postgres(async |house| {
        house.ada().await;
        let guess = async |number: u8| {
            let call = house
                .call("/auth/sign-in")
                .from(&format!("198.51.100.{number}:40000"));
            let body = json!({"email": "ada@example.com", "password": "a guess"});
            call.body(&body).send().await.code().to_owned()
        };
        for number in 0..9 {
            assert_eq!(guess(number).await, "INVALID_CREDENTIALS");
        }
        // Nobody can write a failure down until all three have looked how many there are.
        let gate = sqlx::PgPool::connect(house.db.url()).await.unwrap();
        let mut closed = gate.begin().await.unwrap();
        sqlx::query("LOCK TABLE sign_in_attempts IN SHARE MODE")
            .execute(&mut *closed)
            .await
            .unwrap();
        let open = async {
            let waiting = "SELECT count(*) FROM pg_stat_activity \
                           WHERE datname = current_database() AND wait_event_type = 'Lock'";
            while sqlx::query_scalar::<_, i64>(waiting)
                .fetch_one(&gate)
                .await
                .unwrap()
                < 3
            {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            closed.rollback().await.unwrap();
        };
        let (first, second, third, ()) = tokio::join!(guess(10), guess(11), guess(12), open);
        let mut answers = [first, second, third];
        answers.sort();
        assert_eq!(answers, ["INVALID_CREDENTIALS", "RATE_LIMITED", "RATE_LIMITED"]);
    })
    .await;
}

#[tokio::test]
async fn signing_in_rightly_does_not_use_up_the_attempts() {
    on_each_database(async |house| {
        house.ada().await;
        for _ in 0..12 {
            assert_eq!(
                house.sign_in("ada@example.com", PASSWORD).await.status,
                StatusCode::OK
            );
        }
    })
    .await;
}
