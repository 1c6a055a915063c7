//! U+0000, which no text of PostgreSQL can hold: refused on arrival, alike on both databases.

use entity::account::Plan;
use reqwest::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, House, team};

const USERS: &str =
    "query($filter: UserFilter) { account { users(first: 5, filter: $filter) { totalCount } } }";
const INVITE: &str =
    "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { code } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_is_the_callers_mistake_and_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = team.invite("anne@acme.example").await;
    let before = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    let update = "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
    let literal = |text: &str| {
        format!("{{ account {{ users(first: 5, filter: {{search: {text}}}) {{ totalCount }} }} }}")
    };
    let email = "new@acme.example";
    for (query, variables) in [
        (USERS.to_owned(), json!({"filter": {"search": "a\0"}})),
        (USERS.to_owned(), json!({"filter": {"email": {"eq": "\0"}}})),
        (
            USERS.to_owned(),
            json!({"filter": {"email": {"in": ["a", "\0"]}}}),
        ),
        (
            INVITE.to_owned(),
            json!({"input": {"email": email, "message": "a\0b"}}),
        ),
        (
            INVITE.to_owned(),
            json!({"input": {"email": email, "idempotencyKey": "\0"}}),
        ),
        (
            INVITE.to_owned(),
            json!({"input": {"email": "new\0@acme.example"}}),
        ),
        (
            update.to_owned(),
            json!({"input": {"userId": id, "givenName": "A\0"}}),
        ),
        (literal(r#""a\u0000""#), json!({})),
        (literal("\"a\0\""), json!({})),
        (literal("\"\"\"a\0\"\"\""), json!({})),
    ] {
        let code = team.admin.refused(&query, variables.clone()).await;
        assert_eq!(code, "BAD_USER_INPUT", "{query} {variables}");
    }
    let found = team.admin.ask(&literal(r#""a\\u0000""#), json!({})).await;
    assert_eq!(found["account"]["users"]["totalCount"], 0, "a backslash is one");

    let post = async |path: &str, body: Value| {
        let request = reqwest::Client::new().post(format!("{}{path}", house.url));
        let response = request.json(&body).send().await.unwrap();
        let status = response.status();
        let answer: Value = response.json().await.unwrap();
        (
            status,
            answer["errors"][0]["extensions"]["code"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    };
    for (path, body) in [
        (
            "/auth/sign-in",
            json!({"email": "a\0@b.example", "password": "x"}),
        ),
        ("/auth/sign-in", json!({"email": "a@b.example", "password": "\0"})),
        ("/auth/password/forgot", json!({"email": "\0"})),
        ("/auth/password/reset", json!({"token": "\0", "password": "x"})),
    ] {
        let refused = (StatusCode::BAD_REQUEST, "BAD_USER_INPUT".to_owned());
        assert_eq!(post(path, body.clone()).await, refused, "{path} {body}");
    }
    assert_eq!(house.number("SELECT count(*) FROM sign_in_attempts").await, 0);

    let after = (
        house.settled().await,
        house.everything().await["audit_events"].clone(),
    );
    assert_eq!(after, before);
    house.close().await;
}
