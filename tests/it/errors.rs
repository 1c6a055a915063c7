//! `docs/errors.md` says what every code means, and is made from the code.

use std::fmt::Write;

use muster::error::Code;

const TOP_LEVEL: &str = "\
| `UNAUTHENTICATED` | Nobody is signed in. |
| `ACCESS_TOKEN_EXPIRED` | The access token is not good any more; `POST /auth/refresh` gives a new one while the session lasts. |
| `SESSION_EXPIRED` | Somebody was, and must sign in again. |
| `FORBIDDEN` | Signed in, but not allowed. |
| `BAD_USER_INPUT` | An argument no correct client would send. |
| `INVALID_CURSOR` | The cursor belongs to another list, filter, order or account. |
| `GRAPHQL_PARSE_FAILED` | The document is no GraphQL. |
| `GRAPHQL_VALIDATION_FAILED` | The document does not fit the schema. |
| `COST_LIMIT_EXCEEDED` | The query is too deep, too wide or too dear. |
| `RATE_LIMITED` | Too much too fast; `retryAfterSeconds` says when to try again. |
| `INTERNAL` | A defect of ours; `requestId` finds it in the log. |
| `BUSY` | Others change the same account, or too much is asked at once, and waiting for it took too long. Nothing was changed; try again in a moment. |
| `UNAVAILABLE` | A part we stand on does not answer; try again. |
";

fn document() -> String {
    let mut text = String::from(
        "# Errors\n\nMade from `src/error/code.rs`; `UPDATE_DOCS=1 cargo nextest run errors` writes it anew.\n\n\
         ## What a caller can mend: `userErrors[].code`, problems of rows and files\n\n| code | meaning |\n| --- | --- |\n",
    );
    for code in Code::all() {
        writeln!(text, "| `{}` | {} |", code.name(), code.help()).unwrap();
    }
    text.push_str(
        "\n## What ends an operation: `errors[].extensions.code`\n\n| code | meaning |\n| --- | --- |\n",
    );
    text.push_str(TOP_LEVEL);
    text.push_str(
        "\n## What only `/auth/*` answers, in the same shape\n\n| code | status | meaning |\n| --- | --- | --- |\n",
    );
    for (status, code, meaning) in muster::http::auth::own_codes() {
        writeln!(text, "| `{code}` | {status} | {meaning} |").unwrap();
    }
    text
}

#[test]
fn the_page_of_errors_is_the_one_the_code_makes() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, document()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(file).unwrap(), document());
}

#[test]
fn a_code_is_found_again_by_its_name() {
    for code in Code::all() {
        assert_eq!(Code::from_name(&code.name()), Some(code));
    }
    assert_eq!(Code::from_name("NO_SUCH_CODE"), None);
}

/// Every code that `docs/authentication.md` speaks of is one that `docs/errors.md` explains.
#[test]
fn the_page_of_signing_in_names_no_code_that_is_not_explained() {
    let explained = document();
    let page = include_str!("../../docs/authentication.md");
    let mut codes = 0;
    for word in page.split('`').skip(1).step_by(2) {
        let is_code = word.len() > 5 && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        if is_code && !word.starts_with("MUSTER_") && word != "POST" {
            assert!(explained.contains(&format!("| `{word}` |")), "{word}");
            codes += 1;
        }
    }
    assert!(codes > 15, "{codes}");
}
