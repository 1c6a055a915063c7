//! What is held of every statement of the suite, tried on statements that are and are not as they should be (`support/statements.rs`).

use crate::support::statements::{allowed, keys_set, names_an_account, normal};

fn tables() -> Vec<String> {
    [
        "users",
        "accounts",
        "sessions",
        "identity_providers",
        "external_identities",
    ]
    .map(str::to_owned)
    .to_vec()
}

#[test]
fn a_statement_that_names_its_account_in_every_table_is_told_from_one_that_does_not() {
    for good in [
        r#"SELECT "users"."id", "users"."account_id" FROM "users" WHERE "users"."account_id" = $1 AND "users"."id" IN ($2, $3)"#,
        r#"SELECT "users"."id" FROM "users" WHERE "users"."account_id" IN ($1, $2)"#,
        r#"SELECT "accounts"."id" FROM "accounts" WHERE "accounts"."id" = $1 LIMIT $2"#,
        "SELECT u.role FROM accounts a JOIN users u ON u.account_id = a.id JOIN sessions s ON s.account_id = u.account_id AND s.user_id = u.id WHERE a.id = $1",
        r#"INSERT INTO "users" ("account_id", "id") VALUES ($1, $2)"#,
        r#"UPDATE "sessions" SET "ended_at" = $1 WHERE "sessions"."account_id" = $2 AND "sessions"."ended_at" IS NULL"#,
        "DELETE FROM sessions WHERE account_id = $1",
        r#"SELECT "products"."id" FROM "products" WHERE "products"."code" = $1"#,
    ] {
        assert!(names_an_account(good, &tables()), "{good}");
    }
    for bad in [
        r#"SELECT "users"."account_id", "users"."id" FROM "users" WHERE "users"."identity_id" = $1"#,
        r#"SELECT "accounts"."id" FROM "accounts" WHERE "accounts"."slug" = $1"#,
        "SELECT u.role FROM accounts a JOIN users u ON u.account_id = a.id WHERE u.email_key = $1",
        "SELECT p.id, (SELECT m.id FROM users m WHERE m.role = 'PRIMARY_ADMIN') FROM identity_providers p WHERE p.account_id = $1",
        "SELECT u.id FROM users u JOIN external_identities e ON e.user_id = u.id WHERE u.account_id = $1",
        r#"UPDATE "sessions" SET "ended_at" = $1 WHERE "sessions"."identity_id" = $2 RETURNING "account_id""#,
        "DELETE FROM sessions WHERE expires_at < $1",
    ] {
        assert!(!names_an_account(bad, &tables()), "{bad}");
    }
}

#[test]
fn an_update_that_sets_a_key_is_told_from_one_that_compares_it() {
    let whole = r#"UPDATE "identity_providers" SET "account_id" = $1, "id" = $2, "name" = $3 WHERE "identity_providers"."account_id" = $4"#;
    assert_eq!(keys_set(whole), ["account_id", "id"]);
    let upsert = "INSERT INTO domains (account_id, id, name) VALUES ($1, $2, $3) ON CONFLICT (account_id, name) DO UPDATE SET id = excluded.id RETURNING id";
    assert_eq!(keys_set(upsert), ["id"]);
    for good in [
        r#"UPDATE "users" SET "identity_id" = $1, "version" = "version" + $2 WHERE "users"."account_id" = $3 AND "users"."id" = $4"#,
        "UPDATE users SET role = CASE WHEN id = $1 THEN $2 ELSE role END WHERE account_id = $3",
        "SELECT id FROM users WHERE account_id = $1 AND id = $2 FOR UPDATE",
    ] {
        assert_eq!(keys_set(good), Vec::<String>::new(), "{good}");
    }
}

#[test]
fn a_statement_is_one_however_many_values_it_binds() {
    let one = r#"SELECT "users"."id", CAST("users"."role" AS text) FROM "users" WHERE "users"."email_key" IN ($1, $2, $3) LIMIT $4"#;
    let other = r#"SELECT "users"."id" FROM "users" WHERE "users"."email_key" IN ($1) LIMIT $2"#;
    assert_eq!(normal(one), normal(other));
    assert_eq!(
        normal(one),
        "select … from users where users.email_key in (?) limit ?"
    );
}

#[test]
fn every_statement_that_may_ask_all_accounts_has_its_reason_and_stands_once() {
    let allowed = allowed();
    assert!(
        !allowed.is_empty() && allowed.len() <= 40,
        "the list is short: {}",
        allowed.len()
    );
    let mut seen = std::collections::BTreeSet::new();
    for (reason, statement) in allowed {
        assert!(reason.len() > 20, "{statement} has no reason");
        assert!(seen.insert(statement.clone()), "{statement} stands twice");
    }
}
