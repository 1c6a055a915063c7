//! `POST /graphql` and what else may come to that path.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{ACCEPT, ALLOW, CONTENT_TYPE, COOKIE, ORIGIN as FROM, RETRY_AFTER},
};
use rstest::rstest;
use serde_json::{Value, json};

use super::server::{ORIGIN, SECRET, Server, WRITTEN};

const GRAPHQL: &str = "application/graphql-response+json";

fn post(server: &Server) -> RequestBuilder {
    Client::new().post(server.url("/graphql")).header(ACCEPT, GRAPHQL)
}

async fn ask(server: &Server, query: &str) -> (StatusCode, Value) {
    let response = post(server)
        .json(&json!({ "query": query }))
        .send()
        .await
        .unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn code(response: Response) -> String {
    let body: Value = response.json().await.unwrap();
    assert_eq!(body.get("data"), None, "a refusal has no data");
    body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_query_is_answered_in_the_form_the_client_likes() {
    let server = Server::start().await;
    for (accept, content_type) in [
        (GRAPHQL, "application/graphql-response+json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
    ] {
        let request = Client::new().post(server.url("/graphql")).header(ACCEPT, accept);
        let response = request.json(&json!({"query": "{hello}"})).send().await.unwrap();
        assert_eq!(
            (response.status(), &response.headers()[CONTENT_TYPE]),
            (StatusCode::OK, &content_type.parse().unwrap())
        );
        assert_eq!(response.text().await.unwrap(), r#"{"data":{"hello":"world"}}"#);
    }
}

#[tokio::test]
async fn a_form_we_cannot_write_is_406() {
    let server = Server::start().await;
    let request = Client::new()
        .post(server.url("/graphql"))
        .header(ACCEPT, "text/html");
    let response = request
        .json(&json!({"query": "mutation {count}"}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE);
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
}

#[rstest]
#[case(Some("text/plain"))]
#[case(Some("application/x-www-form-urlencoded"))]
#[case(Some("multipart/form-data; boundary=x"))]
#[case(Some("application/json; charset=utf-16"))]
#[case(None)]
#[tokio::test]
async fn a_body_that_is_not_declared_json_is_415_and_executes_nothing(#[case] content_type: Option<&str>) {
    let server = Server::start().await;
    let mut request = post(&server).body(r#"{"query":"mutation {count}"}"#);
    if let Some(content_type) = content_type {
        request = request.header(CONTENT_TYPE, content_type);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(code(response).await, "BAD_USER_INPUT");
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
}

#[rstest]
#[case("GET", "?query=%7Bhello%7D")]
#[case("GET", "?query=mutation%7Bcount%7D")]
#[case("PUT", "")]
#[case("DELETE", "")]
#[tokio::test]
async fn any_other_method_is_405_and_executes_nothing(#[case] method: &str, #[case] query: &str) {
    let server = Server::start().await;
    let url = server.url("/graphql") + query;
    let response = Client::new()
        .request(method.parse().unwrap(), url)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[ALLOW], "POST");
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
}

#[rstest]
#[case("")]
#[case("{")]
#[case("[]")]
#[case(r#"[{"query":"mutation {count}"}]"#)]
#[case(r#"["mutation {count}",null,null,null]"#)]
#[case("{}")]
#[case(r#"{"query":1}"#)]
#[case(r#"{"query":"{hello}","variables":"x"}"#)]
#[tokio::test]
async fn a_body_that_is_no_request_is_400_in_either_form(#[case] body: &'static str) {
    let server = Server::start().await;
    for accept in [GRAPHQL, "application/json"] {
        let request = Client::new().post(server.url("/graphql")).header(ACCEPT, accept);
        let response = request
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(code(response).await, "BAD_USER_INPUT");
    }
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
}

#[rstest]
#[case(json!({"query": "{"}), "GRAPHQL_PARSE_FAILED")]
#[case(json!({"query": "{ nothingOfTheKind }"}), "GRAPHQL_VALIDATION_FAILED")]
#[case(json!({"query": "{ ...A } fragment A on Query { ...A }"}), "GRAPHQL_VALIDATION_FAILED")]
#[case(json!({"query": "subscription { forever }"}), "GRAPHQL_VALIDATION_FAILED")]
#[case(json!({"query": "query A {hello} query B {hello}"}), "BAD_USER_INPUT")]
#[case(json!({"query": "{ costly }"}), "COST_LIMIT_EXCEEDED")]
#[case(json!({"query": format!("{{{}}}", "hello ".repeat(11))}), "COST_LIMIT_EXCEEDED")]
#[tokio::test]
async fn an_operation_that_cannot_be_executed_is_400_or_for_old_clients_200(
    #[case] request: Value,
    #[case] expected: &str,
) {
    let server = Server::start().await;
    for (accept, status) in [
        (GRAPHQL, StatusCode::BAD_REQUEST),
        ("application/json", StatusCode::OK),
    ] {
        let sent = Client::new()
            .post(server.url("/graphql"))
            .header(ACCEPT, accept)
            .json(&request);
        let response = sent.send().await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(code(response).await, expected);
    }
}

#[rstest]
#[case("unknown", StatusCode::UNAUTHORIZED, "UNAUTHENTICATED")]
#[case("stale", StatusCode::UNAUTHORIZED, "ACCESS_TOKEN_EXPIRED")]
#[case("lapsed", StatusCode::UNAUTHORIZED, "SESSION_EXPIRED")]
#[case("foreign", StatusCode::FORBIDDEN, "FORBIDDEN")]
#[case("eager", StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED")]
#[case("unlucky", StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")]
#[case("cursed", StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL")]
#[tokio::test]
async fn who_is_not_admitted_learns_why_and_executes_nothing(
    #[case] token: &str,
    #[case] status: StatusCode,
    #[case] expected: &str,
) {
    let server = Server::start().await;
    for accept in [GRAPHQL, "application/json"] {
        let request = Client::new()
            .post(server.url("/graphql"))
            .header(ACCEPT, accept)
            .bearer_auth(token);
        let response = request
            .json(&json!({"query": "mutation {count}"}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status);
        let wait = response
            .headers()
            .get(RETRY_AFTER)
            .map(|seconds| seconds.to_str().unwrap().to_owned());
        assert_eq!(wait.as_deref(), (expected == "RATE_LIMITED").then_some("7"));
        let text = response.text().await.unwrap();
        assert!(text.contains(expected) && !text.contains(SECRET), "{text}");
    }
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
}

#[rstest]
#[case("{ maybeForAlice }", r#"{"maybeForAlice":null}"#, StatusCode::UNAUTHORIZED)]
#[case("{ forAlice }", "null", StatusCode::UNAUTHORIZED)]
#[case(
    "{ hello maybeForAlice }",
    r#"{"hello":"world","maybeForAlice":null}"#,
    StatusCode::OK
)]
#[case(
    "{ maybeForAlice maybeBroken }",
    r#"{"maybeForAlice":null,"maybeBroken":null}"#,
    StatusCode::OK
)]
#[tokio::test]
async fn no_token_and_a_bad_token_answer_alike_in_status(
    #[case] query: &str,
    #[case] data: &str,
    #[case] status: StatusCode,
) {
    let server = Server::start().await;
    for accept in [GRAPHQL, "application/json"] {
        let ask = |token: &str| {
            let request = Client::new().post(server.url("/graphql")).header(ACCEPT, accept);
            request.bearer_auth(token).json(&json!({ "query": query }))
        };
        let without = Client::new().post(server.url("/graphql")).header(ACCEPT, accept);
        let without = without.json(&json!({ "query": query })).send().await.unwrap();
        assert_eq!(without.status(), status, "{query}");
        let answer: Value = without.json().await.unwrap();
        assert_eq!(answer["data"], serde_json::from_str::<Value>(data).unwrap());
        assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_eq!(
            ask("unknown").send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(ask("alice").send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn who_is_admitted_is_known_to_the_resolvers() {
    let server = Server::start().await;
    let response = post(&server)
        .bearer_auth("alice")
        .json(&json!({"query": "{who}"}))
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), r#"{"data":{"who":"alice"}}"#);
}

#[tokio::test]
async fn cookies_are_believed_from_our_own_pages_only() {
    let server = Server::start().await;
    for (origin, status) in [
        (ORIGIN, StatusCode::OK),
        ("https://evil.example", StatusCode::FORBIDDEN),
    ] {
        let request = post(&server).header(FROM, origin).header(COOKIE, "session=1");
        let response = request
            .json(&json!({"query": "mutation {count}"}))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), status);
    }
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn ten_megabytes_are_413_with_or_without_a_declared_length() {
    let server = Server::start().await;
    let body = json!({"query": format!("{{hello}} #{}", "x".repeat(10_000_000))}).to_string();
    let response = post(&server)
        .header(CONTENT_TYPE, "application/json")
        .body(body.clone())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(code(response).await, "COST_LIMIT_EXCEEDED");

    let pieces = body
        .into_bytes()
        .chunks(60_000)
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>();
    let chunked = send_chunked(&server, pieces).await;
    assert!(chunked.starts_with("HTTP/1.1 413"), "{chunked}");
}

/// What the server answers to a body whose length nobody declares.
async fn send_chunked(server: &Server, pieces: Vec<Vec<u8>>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (mut read, mut write) = tokio::net::TcpStream::connect(server.address)
        .await
        .unwrap()
        .into_split();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    // Kept until the answer is read: a client that closes its side is not waiting for one.
    let _sending = tokio::spawn(async move {
        write.write_all(head.as_bytes()).await.unwrap();
        for piece in pieces {
            write
                .write_all(format!("{:x}\r\n", piece.len()).as_bytes())
                .await
                .unwrap();
            write.write_all(&piece).await.unwrap();
            write.write_all(b"\r\n").await.unwrap();
        }
        write.write_all(b"0\r\n\r\n").await.unwrap();
        write
    });
    let mut answer = vec![0; 4096];
    let length = read.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

#[tokio::test]
async fn variables_over_256_kibibytes_are_413() {
    let server = Server::start().await;
    let request =
        json!({"query": "query($n: String) {hello(name: $n)}", "variables": {"n": "x".repeat(270_000)}});
    let response = post(&server).json(&request).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_document_of_sixty_thousand_tokens_is_refused_at_once() {
    let server = Server::start().await;
    let began = Instant::now();
    let (status, body) = ask(&server, &format!("{{{}}}", "a ".repeat(60_000))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body["errors"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
    assert!(
        began.elapsed() < Duration::from_millis(500),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn fragments_that_double_one_another_are_refused_at_once() {
    let server = Server::start().await;
    let fragment = |n| format!("fragment F{n} on Branch {{ ...F{} ...F{} }} ", n + 1, n + 1);
    let doubling = (0..40).map(fragment).collect::<Vec<_>>().concat();
    let began = Instant::now();
    let document = format!("{{ branch {{ ...F0 }} }} {doubling} fragment F40 on Branch {{ name }}");
    let (_, body) = ask(&server, &document).await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
    assert!(
        began.elapsed() < Duration::from_millis(500),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn the_largest_document_within_the_limits_does_not_keep_validation_busy() {
    let server = Server::start().await;
    // Nearly 10,000 selections after expansion, in less than 3,000 tokens.
    let leaves = "name ".repeat(1_200);
    let document = format!(
        "{{ branch {{ {} }} }} fragment F on Branch {{ branch {{ {leaves} }} }}",
        "...F ".repeat(8)
    );
    let began = Instant::now();
    ask(&server, &document).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_introspection_of_tools_passes_the_limits() {
    let server = Server::start().await;
    let types = "kind name ofType { ".repeat(8) + "kind name" + &" }".repeat(8);
    let query = format!(
        "{{ __schema {{ types {{ fields(includeDeprecated: true) {{ args {{ type {{ ...T }} }} }} }} }} }} \
         fragment T on __Type {{ {types} }}"
    );
    let (status, body) = ask(&server, &query).await;
    assert_eq!((status, body.get("errors")), (StatusCode::OK, None));
}

#[tokio::test]
async fn a_defects_text_never_reaches_a_client() {
    let server = Server::start().await;
    let request = post(&server)
        .header("x-request-id", "req-42")
        .json(&json!({"query": "{hello maybeBroken}"}));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let expected = json!({
        "errors": [{
            "message": "Internal error",
            "locations": [{"line": 1, "column": 8}],
            "path": ["maybeBroken"],
            "extensions": {"code": "INTERNAL", "requestId": "req-42"},
        }],
        "data": {"hello": "world", "maybeBroken": null},
    });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
}

#[rstest]
#[case("{ hello broken }")]
#[case("{ hello branch { name broken } }")]
#[case("{ hello branch { broken } }")]
#[tokio::test]
async fn a_failed_non_null_field_takes_data_with_it(#[case] query: &str) {
    let server = Server::start().await;
    let (status, body) = ask(&server, query).await;
    assert_eq!((status, &body["data"]), (StatusCode::OK, &Value::Null));
    assert!(body.as_object().unwrap().contains_key("data"));
    assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL");
}

#[tokio::test]
async fn a_failed_non_null_field_goes_no_further_than_the_next_nullable() {
    let server = Server::start().await;
    let (_, body) = ask(&server, "{ hello maybeBranch { name branch { broken } } }").await;
    assert_eq!(body["data"], json!({"hello": "world", "maybeBranch": null}));
}

#[tokio::test]
async fn our_own_errors_keep_their_message_and_code() {
    let server = Server::start().await;
    let (status, body) = ask(&server, "{ forbidden }").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["errors"][0]["message"], "You may not do this.");
    assert_eq!(body["errors"][0]["extensions"], json!({"code": "FORBIDDEN"}));
}

#[tokio::test]
async fn a_scalar_that_cannot_be_read_is_the_clients_mistake() {
    let server = Server::start().await;
    let (_, body) = ask(&server, "{ even(number: 3) }").await;
    assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn written_json_arrives_verbatim() {
    let server = Server::start().await;
    let response = post(&server)
        .json(&json!({"query": "{written}"}))
        .send()
        .await
        .unwrap();
    assert_eq!(
        response.text().await.unwrap(),
        format!(r#"{{"data":{{"written":{WRITTEN}}}}}"#)
    );
}

#[tokio::test]
async fn an_answer_over_five_mebibytes_is_replaced_by_an_error() {
    let server = Server::start().await;
    let (_, body) = ask(&server, "{ large(kibibytes: 5200) }").await;
    assert_eq!(body["data"], Value::Null);
    assert_eq!(body["errors"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn twenty_errors_are_reported_and_no_more() {
    let server = Server::start().await;
    let (_, body) = ask(&server, &format!("{{ branch {{ {} }} }}", "nothing ".repeat(50))).await;
    assert_eq!(body["errors"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_given_up() {
    let server = Server::start().await;
    let (status, body) = ask(&server, "{ slow }").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["errors"][0]["extensions"]["code"], "UNAVAILABLE");
}

#[tokio::test]
async fn a_panic_is_internal_and_the_next_request_is_answered() {
    let server = Server::start().await;
    let (status, body) = ask(&server, "{ hello panics }").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body["errors"][0]["extensions"]["code"], "INTERNAL");
    assert!(body["errors"][0]["extensions"]["requestId"].is_string());
    assert!(!body.to_string().contains(SECRET), "{body}");
    assert_eq!(ask(&server, "{ hello }").await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_took_too_long_says_whether_it_may_have_taken_effect() {
    let server = Server::start().await;
    let (query, mutation) = tokio::join!(ask(&server, "{ slow }"), ask(&server, "mutation { slow }"));
    for ((status, body), may_have) in [(query, false), (mutation, true)] {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        let extensions = &body["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "UNAVAILABLE");
        assert_eq!(extensions["mayHaveTakenEffect"], may_have, "{body}");
    }
}
