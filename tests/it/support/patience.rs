//! A client that is told to come again, and does.

use std::time::Duration;

use serde_json::{Value, json};

use super::Client;

/// What a mutation answers. Told that the account is busy, it is sent again; whatever else goes wrong is a fault.
pub async fn patiently(client: &Client, mutation: &str, kind: &str, input: &Value) -> Value {
    let made = if mutation == "startImport" {
        "import { id }"
    } else {
        ""
    };
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} {made} }} }}"
    );
    loop {
        let (status, answer) = client.send(&query, json!({"input": input})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        if code == "BUSY" || code == "RATE_LIMITED" {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        assert!(
            !status.is_server_error() && code.is_null(),
            "{mutation} {input}: {status} {answer}"
        );
        return answer["data"][mutation].clone();
    }
}
