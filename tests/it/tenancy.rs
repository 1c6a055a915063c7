//! Tenancy: the database itself refuses what would cross accounts, on whatever schema the migrations make, and no answer tells one account of another.

mod elsewhere;

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use entity::account::Plan;
use entity::ids::{self, Kind};
use entity::lists::{Texts, Uuids};
use entity::{
    contract, contract_manager, disabled_seat, domain, domain_owner, external_identity, identity_provider,
    identity_provider_domain, logout_token, product, provider_account, sso_attempt, sso_test, waitlist_entry,
};
use muster::access::{Actor, Origin};
use muster::platform::db::Db;
use rstest::rstest;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Iden;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, Iterable, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::rows::{columns, force, query, tables, texts};
use crate::support::{Client, Database, House, Team, add_product, empty, fresh, team};

/// Tables with an account that are not a tenant's: the platform's own list of work, and the directories over all accounts.
const PLATFORM: [&str; 8] = [
    "jobs",
    // On SQLite, the index of what the audit log touches.
    "audit_targets",
    // On SQLite, the index of search: numbers that stand for accounts and users there.
    "search_accounts",
    "search_rows",
    "account_slugs",
    "domain_owners",
    "provider_accounts",
    "user_directory",
];

/// A key of a table: its columns, and for a reference where it leads.
#[derive(Debug)]
struct Reference {
    table: String,
    columns: Vec<String>,
    target: String,
    target_columns: Vec<String>,
}

async fn tenant_tables(connection: &DatabaseConnection) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in tables(connection).await {
        let has_account = columns(connection, &table)
            .await
            .contains(&"account_id".to_owned());
        if has_account && !PLATFORM.contains(&table.as_str()) {
            found.insert(table);
        }
    }
    assert!(found.len() >= 14, "the catalogue was not read: {found:?}");
    found
}

async fn primary_key(connection: &DatabaseConnection, database: Database, table: &str) -> Vec<String> {
    let sql = match database {
        Database::Sqlite => format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"),
        Database::Postgres => format!(
            "SELECT a.attname::text FROM pg_constraint c, unnest(c.conkey) WITH ORDINALITY k(number, place), pg_attribute a
             WHERE c.contype = 'p' AND c.conrelid = '{table}'::regclass AND a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place"
        ),
    };
    texts(connection, &sql).await
}

async fn references(connection: &DatabaseConnection, database: Database, table: &str) -> Vec<Reference> {
    let sql = match database {
        Database::Sqlite => format!(
            "SELECT CAST(id AS text) AS key, \"table\" AS target, \"from\" AS source_column, \"to\" AS target_column
             FROM pragma_foreign_key_list('{table}') ORDER BY id, seq"
        ),
        Database::Postgres => format!(
            "SELECT c.conname::text AS key, c.confrelid::regclass::text AS target, a.attname::text AS source_column, b.attname::text AS target_column
             FROM pg_constraint c, unnest(c.conkey, c.confkey) WITH ORDINALITY k(source, target, place), pg_attribute a, pg_attribute b
             WHERE c.contype = 'f' AND c.conrelid = '{table}'::regclass AND a.attrelid = c.conrelid AND a.attnum = k.source
               AND b.attrelid = c.confrelid AND b.attnum = k.target ORDER BY c.conname, k.place"
        ),
    };
    let mut found: BTreeMap<String, Reference> = BTreeMap::new();
    for row in query(connection, &sql).await {
        let text = |name: &str| row.try_get::<String>("", name).unwrap();
        let reference = found.entry(text("key")).or_insert_with(|| Reference {
            table: table.to_owned(),
            columns: Vec::new(),
            target: text("target"),
            target_columns: Vec::new(),
        });
        reference.columns.push(text("source_column"));
        reference.target_columns.push(text("target_column"));
    }
    found.into_values().collect()
}

/// An account with a row in every table of a tenant.
pub async fn lived_in(house: &House, slug: &str, plan: Plan) -> Team {
    let team = team(house, slug, plan).await;
    let subscription = add_product(house, slug, "DRAW", 5).await;
    let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code } } }";
    let email = format!("holder@{slug}.example");
    let input = json!({"email": email, "subscriptionIds": [subscription], "idempotencyKey": "first"});
    let invited = team.admin.ask(invite, json!({"input": input})).await;
    assert_eq!(invited["inviteUser"]["userErrors"], json!([]));

    let file = format!("First Name,Last Name,Email\nIm,Ported,imported@{slug}.example\n");
    let upload = team.admin.upload("people.csv", file.as_bytes()).await;
    let start = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code message } } }";
    let input = json!({"uploadId": upload, "mode": "APPLY"});
    let started = team.admin.ask(start, json!({"input": input})).await;
    assert_eq!(started["startImport"]["userErrors"], json!([]));
    let import = started["startImport"]["import"]["id"].clone();
    for _ in 0..400 {
        let status = team
            .admin
            .ask(
                "query($id: ID!) { import(id: $id) { status } }",
                json!({"id": import}),
            )
            .await;
        if status["import"]["status"] == "SUCCEEDED" {
            house.settle_mails().await;
            // Whoever comes by a provider has the address it names.
            serves_themselves(house, &team, slug).await;
            signs_in_elsewhere(house, &team).await;
            remembers_managers(house, &team).await;
            gave_up_a_seat(house, &team).await;
            keeps_keys(house, &team).await;
            has_a_group(&team, &subscription).await;
            makes_a_file(house, &team).await;
            did_one_thing_for_many(house, &team).await;
            used_a_product(house, &team, slug).await;
            was_granted_credits(house, slug).await;
            chooses_ways(&team).await;
            return team;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the import does not end");
}

/// A row in each table of single sign-on.
async fn signs_in_elsewhere(house: &House, team: &Team) {
    let now = house.app.clock().now();
    let account_id = Set(team.account_id);
    let user_id = Kind::User.parse(&team.admin_id).unwrap();
    let (domain_id, provider_id, test_id) = (ids::new(now), ids::new(now), ids::new(now));
    let id = || Set(ids::new(now));
    let connection = house.connection().await;
    owns_a_domain(&connection, team, domain_id).await;
    let provider = identity_provider::ActiveModel {
        account_id: account_id.clone(),
        id: Set(provider_id),
        version: Set(1),
        name: Set("Corporate".into()),
        status: Set(identity_provider::Status::Draft),
        issuer: Set("https://login.example".into()),
        client_id: Set("muster".into()),
        token_auth_method: Set(identity_provider::TokenAuthMethod::ClientSecretBasic),
        scopes: Set(Texts(vec!["openid".into()])),
        enforcement: Set(identity_provider::Enforcement::Optional),
        break_glass_user_id: Set(Some(user_id)),
        is_authoritative: Set(false),
        verifies_as_text: Set(false),
        trusts_prompt: Set(false),
        provisions: Set(false),
        allows_without_seat: Set(true),
        default_subscription_ids: Set(Uuids::default()),
        email_claim: Set("email".into()),
        given_name_claim: Set("given_name".into()),
        family_name_claim: Set("family_name".into()),
        created_at: Set(now),
        ..Default::default()
    };
    store(&connection, provider).await;
    let listed = provider_account::ActiveModel {
        identity_provider_id: Set(provider_id),
        account_id: account_id.clone(),
    };
    store(&connection, listed).await;
    let routed = identity_provider_domain::ActiveModel {
        account_id: account_id.clone(),
        id: id(),
        identity_provider_id: Set(provider_id),
        domain_id: Set(domain_id),
    };
    store(&connection, routed).await;
    let link = external_identity::ActiveModel {
        account_id: account_id.clone(),
        id: id(),
        user_id: Set(user_id),
        identity_provider_id: Set(provider_id),
        issuer: Set("https://login.example".into()),
        subject: Set("4711".into()),
        linked_at: Set(now),
        last_used_at: Set(None),
        told_email_key: Set(None),
    };
    store(&connection, link).await;
    let test = sso_test::ActiveModel {
        account_id: account_id.clone(),
        id: Set(test_id),
        identity_provider_id: Set(provider_id),
        identity_provider_version: Set(1),
        started_by: Set(user_id),
        status: Set(sso_test::Status::Started),
        started_at: Set(now),
        expires_at: Set(now),
        finished_at: Set(None),
        steps: Set(sso_test::Steps::default()),
        claims: Set(sso_test::Claims::default()),
    };
    store(&connection, test).await;
    let attempt = sso_attempt::ActiveModel {
        account_id: account_id.clone(),
        id: id(),
        identity_provider_id: Set(provider_id),
        purpose: Set(sso_attempt::Purpose::Test),
        sso_test_id: Set(Some(test_id)),
        return_to: Set("/".into()),
        started_at: Set(now),
        expires_at: Set(now),
        used_at: Set(None),
        session_id: Set(None),
    };
    store(&connection, attempt).await;
    let logout = logout_token::ActiveModel {
        account_id,
        id: id(),
        identity_provider_id: Set(provider_id),
        jti_hash: Set(vec![1, 2, 3]),
        expires_at: Set(now),
    };
    store(&connection, logout).await;
    connection.close().await.unwrap();
}

async fn owns_a_domain(connection: &DatabaseConnection, team: &Team, id: Uuid) {
    let now = DateTime::UNIX_EPOCH;
    let domain = domain::ActiveModel {
        account_id: Set(team.account_id),
        id: Set(id),
        name: Set(format!("{}.example", team.account_id.simple())),
        status: Set(domain::Status::Verified),
        created_by: Set(Kind::User.parse(&team.admin_id)),
        created_at: Set(now),
        claim_ends_at: Set(now),
        verified_at: Set(Some(now)),
        last_checked_at: Set(Some(now)),
        last_check_message: Set(None),
        next_check_at: Set(None),
        misses: Set(0),
    };
    store(connection, domain).await;
    let owner = domain_owner::ActiveModel {
        name: Set(format!("{}.example", team.account_id.simple())),
        account_id: Set(team.account_id),
    };
    store(connection, owner).await;
}

/// Who managed its contracts in the classic view.
async fn remembers_managers(house: &House, team: &Team) {
    let contracts = contract::Entity::find()
        .filter(contract::Column::AccountId.eq(team.account_id))
        .all(house.app.reader())
        .await
        .unwrap();
    let connection = house.connection().await;
    for contract in contracts {
        let manager = contract_manager::ActiveModel {
            account_id: Set(team.account_id),
            id: Set(contract.id),
            user_id: Set(Kind::User.parse(&team.admin_id).unwrap()),
            since: Set(house.app.clock().now()),
        };
        store(&connection, manager).await;
    }
    connection.close().await.unwrap();
}

/// What a disabled user held.
async fn gave_up_a_seat(house: &House, team: &Team) {
    let product = product::Entity::find().one(house.app.reader()).await.unwrap();
    let now = house.app.clock().now();
    let seat = disabled_seat::ActiveModel {
        account_id: Set(team.account_id),
        id: Set(ids::new(now)),
        user_id: Set(Kind::User.parse(&team.admin_id).unwrap()),
        product_id: Set(product.unwrap().id),
        components: Set(Uuids::default()),
        source: Set(entity::assignment::Source::Manual),
        released_at: Set(now),
        expires_on: Set(None),
    };
    // Of a product nobody sells: where there were seats, nobody would wait.
    let waited_for = product::ActiveModel {
        id: Set(ids::new(now)),
        code: Set(format!("WAITED-{}", team.account_id)),
        name: Set("Zzz".into()),
        kind: Set(product::Kind::Service),
        description: Set(None),
        created_at: Set(now),
    };
    let waiting = waitlist_entry::ActiveModel {
        account_id: Set(team.account_id),
        id: Set(ids::new(now)),
        user_id: Set(Kind::User.parse(&team.admin_id).unwrap()),
        product_id: waited_for.id.clone(),
        rank: Set(1),
        components: Set(None),
        source: Set(entity::assignment::Source::Manual),
        requested_by: Set(Kind::User.parse(&team.admin_id)),
        created_at: Set(now),
        expires_on: Set(None),
    };
    let connection = house.connection().await;
    store(&connection, seat).await;
    store(&connection, waited_for).await;
    store(&connection, waiting).await;
    connection.close().await.unwrap();
}

/// Somebody in a group, which gives a seat.
async fn has_a_group(team: &Team, subscription: &str) {
    let create = "mutation($input: CreateGroupInput!) { createGroup(input: $input) { group { id } userErrors { code } } }";
    let input = json!({"name": "Everybody", "memberIds": [team.admin_id]});
    let made = team.admin.ask(create, json!({"input": input})).await;
    let group = &made["createGroup"]["group"]["id"];
    let set = "mutation($input: SetGroupSubscriptionsInput!) { setGroupSubscriptions(input: $input) { userErrors { code } } }";
    let input = json!({"groupId": group, "subscriptionIds": [subscription]});
    let answer = team.admin.ask(set, json!({"input": input})).await;
    assert_eq!(answer["setGroupSubscriptions"]["userErrors"], json!([]));
}

/// A job for all who match, of a product of which nobody holds a seat.
async fn did_one_thing_for_many(house: &House, team: &Team) {
    use entity::bulk_job::{self, Task};
    use muster::bulk_jobs::StartBulkJob;

    let start = StartBulkJob {
        task: Task::UnassignSeats {
            product_id: Uuid::from_u128(7),
        },
        on_error: entity::import::OnError::SkipFailed,
        users: vec![Kind::User.parse(&team.admin_id).unwrap()],
    };
    let job = house.app.run(&team.actor(house).await, start).await.unwrap();
    for _ in 0..400 {
        let found = bulk_job::Entity::find_by_id((team.account_id, job)).one(house.app.reader());
        if found.await.unwrap().unwrap().finished_at.is_some() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the job does not end");
}

/// A day of use, with its sums.
async fn used_a_product(house: &House, team: &Team, slug: &str) {
    let record = "mutation($input: RecordUsageInput!) { recordUsage(input: $input) { summary { applied } userErrors { code message } } }";
    let day = house.app.clock().now().date_naive().to_string();
    let one = json!({"email": format!("holder@{slug}.example"), "productCode": "DRAW", "day": day, "minutes": 5, "key": "a"});
    let recorded = team.admin.ask(record, json!({"input": {"records": [one]}})).await;
    assert_eq!(
        recorded["recordUsage"],
        json!({"summary": {"applied": 1}, "userErrors": []})
    );
}

/// Credits that nobody has consumed.
async fn was_granted_credits(house: &House, slug: &str) {
    use muster::admin::{Booking, GrantCredits};
    use muster::credits::Credits;

    let grant = GrantCredits(Booking {
        account: slug.to_owned(),
        amount: Credits::whole(10),
        expires_on: None,
        reference: None,
        note: None,
    });
    house.app.run(&Actor::Operator, grant).await.unwrap();
}

/// A signing key, a way to a new password, and a token for scripts.
async fn keeps_keys(house: &House, team: &Team) {
    use muster::access::ApiTokenScope;
    use muster::api_tokens::CreateApiToken;
    use muster::sessions::{RotateSigningKey, SendReset};

    house.app.run(&Actor::Operator, RotateSigningKey).await.unwrap();
    let me = team.admin.ask("{ viewer { user { email } } }", json!({})).await;
    let email = me["viewer"]["user"]["email"].as_str().unwrap().to_owned();
    let nobody = Actor::Anonymous(Origin::default());
    house.app.run(&nobody, SendReset { email }).await.unwrap();
    let token = CreateApiToken {
        name: "Sync".into(),
        scopes: vec![ApiTokenScope::UsersRead],
        expires_at: house.app.clock().now() + chrono::Duration::days(1),
    };
    house.app.run(&team.actor(house).await, token).await.unwrap();
    house.settle_mails().await;
}

/// An export that has come to its end.
async fn chooses_ways(team: &Team) {
    let prefer = "mutation { updateNotificationPreferences(input: {preferences: [{kind: EXPORT_READY, channels: [IN_APP, DIGEST]}]}) { userErrors { code } } }";
    let answer = team.admin.ask(prefer, json!({})).await;
    assert_eq!(answer["updateNotificationPreferences"]["userErrors"], json!([]));
}

/// Asks for a product, and for another address.
async fn serves_themselves(house: &House, team: &Team, slug: &str) {
    add_product(house, slug, "ASKED", 1).await;
    let wanted = "{ viewer { requestableProducts { nodes { id code } } } }";
    let wanted = team.admin.ask(wanted, json!({})).await;
    let product = wanted["viewer"]["requestableProducts"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|product| product["code"].as_str().unwrap().contains("ASKED"))
        .unwrap()["id"]
        .clone();
    let ask =
        "mutation($input: RequestAccessInput!) { requestAccess(input: $input) { userErrors { code } } }";
    let answer = team
        .admin
        .ask(ask, json!({"input": {"productId": product}}))
        .await;
    assert_eq!(answer["requestAccess"]["userErrors"], json!([]));
    let move_on = "mutation($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) { userErrors { code } } }";
    let answer = team
        .admin
        .ask(
            move_on,
            json!({"input": {"email": format!("moved@{slug}.example")}}),
        )
        .await;
    assert_eq!(answer["requestEmailChange"]["userErrors"], json!([]));
    house.settle_mails().await;
}

async fn makes_a_file(house: &House, team: &Team) {
    let id = crate::exports::support::begin(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    let export = crate::exports::support::settled(&team.admin, &id).await;
    assert_eq!(export["status"], "SUCCEEDED");
    house.settle_mails().await;
}

#[expect(clippy::disallowed_methods, reason = "a test sets the scene")]
async fn store<A: ActiveModelTrait>(connection: &DatabaseConnection, row: A) {
    <A::Entity as EntityTrait>::insert(row)
        .exec_without_returning(connection)
        .await
        .unwrap();
}

/// The global ids of an account's rows, by kind.
pub async fn ids_of(house: &House, team: &Team) -> Vec<(Kind, String)> {
    let connection = house.connection().await;
    let mut found = vec![(Kind::Account, Kind::Account.text(team.account_id))];
    for (kind, table) in [
        (Kind::User, "users"),
        (Kind::Invitation, "invitations"),
        (Kind::Subscription, "subscriptions"),
        (Kind::Assignment, "assignments"),
        (Kind::Upload, "uploads"),
        (Kind::Import, "imports"),
        (Kind::ImportRow, "import_rows"),
        (Kind::Export, "exports"),
        (Kind::BulkJob, "bulk_jobs"),
        (Kind::BulkJobItem, "bulk_job_items"),
        (Kind::Notification, "notifications"),
        (Kind::AccessRequest, "access_requests"),
        (Kind::AuditEvent, "audit_events"),
        (Kind::Contract, "contracts"),
        (Kind::Session, "sessions"),
        (Kind::Domain, "domains"),
        (Kind::IdentityProvider, "identity_providers"),
        (Kind::ExternalIdentity, "external_identities"),
        (Kind::SsoTest, "sso_tests"),
        (Kind::ApiToken, "api_tokens"),
        (Kind::WaitlistEntry, "waitlist_entries"),
        (Kind::Group, "user_groups"),
        (Kind::CreditEntry, "credit_entries"),
    ] {
        let account = house.literal(team.account_id);
        let sql = format!("SELECT id FROM {table} WHERE account_id = {account}");
        let rows = query(&connection, &sql).await;
        assert!(!rows.is_empty(), "{table} is empty");
        for row in rows {
            found.push((kind, kind.text(row.try_get_by_index(0).unwrap())));
        }
    }
    connection.close().await.unwrap();
    found
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_database_itself_refuses_what_would_cross_accounts(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = lived_in(&house, "one", Plan::Standard).await;
    let other = lived_in(&house, "other", Plan::Standard).await;
    let connection = house.connection().await;
    let tenants = tenant_tables(&connection).await;
    let (here, there) = (house.literal(one.account_id), house.literal(other.account_id));
    let mut tried = 0;
    for table in &tenants {
        let key = primary_key(&connection, database, table).await;
        assert_eq!(key, ["account_id", "id"], "the primary key of {table}");
        for reference in references(&connection, database, table).await {
            if !tenants.contains(&reference.target) {
                continue;
            }
            let place = reference.columns.iter().position(|column| column == "account_id");
            let place = place.unwrap_or_else(|| panic!("{reference:?} does not carry account_id"));
            assert_eq!(reference.target_columns[place], "account_id", "{reference:?}");
            assert_eq!(reference.columns.len(), 2, "{reference:?}");
            let column = &reference.columns[1 - place];
            let Reference { table, target, .. } = &reference;
            let sql = format!(
                "UPDATE {table} SET {column} = (SELECT id FROM {target} WHERE account_id = {there} LIMIT 1)
                 WHERE account_id = {here} AND id = (SELECT id FROM {table} WHERE account_id = {here} LIMIT 1)"
            );
            let Err(refused) = force(&connection, &sql).await else {
                panic!(
                    "{table}.{column} can refer to another account's {target}, or {table} has no row in this test"
                );
            };
            let refused = refused.to_string().to_lowercase();
            let is_sealed = ["audit_events", "credit_entries"].contains(&table.as_str())
                && refused.contains("append-only");
            assert!(
                refused.contains("foreign key") || is_sealed,
                "{table}.{column}: {refused}"
            );
            tried += 1;
        }
    }
    assert!(tried >= 15, "only {tried} references were tried");
    connection.close().await.unwrap();
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_make_one_whole_schema(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty(database, folder.path()).await;
    let replicas = (0..4).map(|_| {
        let url = url.clone();
        tokio::spawn(async move {
            let db = Db::connect(&url, 2).await.unwrap();
            db.migrate().await.unwrap();
            db.close().await;
        })
    });
    futures::future::try_join_all(replicas).await.unwrap();

    let elsewhere = tempfile::tempdir().unwrap();
    let expected = schema_of(&fresh(database, elsewhere.path()).await).await;
    assert_eq!(schema_of(&url).await, expected);
}

async fn schema_of(url: &str) -> BTreeMap<String, Vec<String>> {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    let mut found = BTreeMap::new();
    for table in tables(&connection).await {
        found.insert(table.clone(), columns(&connection, &table).await);
    }
    let steps = texts(
        &connection,
        "SELECT version FROM seaql_migrations ORDER BY version",
    )
    .await;
    found.insert("steps".into(), steps);
    connection.close().await.unwrap();
    found
}

/// Reads every row of an entity and answers its table and columns.
async fn read<E: EntityTrait>(connection: &DatabaseConnection, entity: E) -> (String, Vec<String>) {
    let table = entity.table_name().to_owned();
    let rows = E::find().all(connection).await;
    let rows = rows.unwrap_or_else(|error| panic!("{table} cannot be read: {error}"));
    assert!(
        !rows.is_empty() || ["sign_in_attempts", "chores"].contains(&table.as_str()),
        "{table} is empty in this test"
    );
    let mut columns: Vec<String> = E::Column::iter().map(|column| column.to_string()).collect();
    columns.sort();
    (table, columns)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn entities_and_tables_are_the_same(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    lived_in(&house, "one", Plan::Standard).await;
    let connection = house.connection().await;
    macro_rules! read_all {
        ($($name:ident),+ $(,)?) => { BTreeMap::from([$(read(&connection, entity::$name::Entity).await),+]) };
    }
    let entities = read_all!(
        access_request,
        account,
        account_slug,
        api_token,
        assignment,
        audit_chain,
        audit_event,
        chore,
        component,
        contract,
        contract_manager,
        credit_book,
        credit_entry,
        credit_lot,
        disabled_seat,
        domain,
        domain_owner,
        email_change,
        embedded_store,
        external_identity,
        idempotency_key,
        identity,
        identity_provider,
        identity_provider_domain,
        import,
        import_event,
        import_row,
        invitation,
        job,
        logout_token,
        mail,
        notification,
        notification_preference,
        password_reset,
        product,
        provider_account,
        seat_day,
        session,
        sign_in_attempt,
        signing_key,
        sso_attempt,
        sso_test,
        subscription,
        upload,
        usage_day,
        usage_month,
        usage_total,
        user,
        user_directory,
        waitlist_entry,
        bulk_job,
        bulk_job_item,
        bulk_job_event,
        export,
        group,
        group_member,
        group_subscription,
    );
    let mut found = BTreeMap::new();
    for table in tables(&connection).await {
        // No entity reads what triggers keep for the searches of SQLite.
        let is_of_search =
            table.starts_with("search_") || table.starts_with("user_search") || table == "audit_targets";
        if table != "seaql_migrations" && !is_of_search {
            found.insert(table.clone(), columns(&connection, &table).await);
        }
    }
    assert_eq!(entities, found);
    connection.close().await.unwrap();
    house.close().await;
}

/// The answer as it is, with the id that was asked for taken out.
async fn answer(client: &Client, query: &str, variables: Value, id: &str) -> String {
    let (status, answer) = client.send(query, variables).await;
    format!("{status} {answer}").replace(id, "ID")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_anothers_beside_what_is_ones_own_is_answered_like_what_is_not_there(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = lived_in(&house, "one", Plan::Standard).await;
    let other = lived_in(&house, "other", Plan::Standard).await;
    let own_user = one.admin_id.clone();
    let own_seats = json!({"subscriptionId": subscription_of(&one).await});
    let before = house.settled().await;
    for (kind, foreign) in ids_of(&house, &other).await {
        let unknown = kind.text(ids::new(house.app.clock().now()));
        let filtered = "query($id: ID!) { account { users(filter: {subscriptionId: $id}) { totalCount nodes { id } } } }";
        let ask = async |id: &str| answer(&one.admin, filtered, json!({"id": id}), id).await;
        assert_eq!(ask(&foreign).await, ask(&unknown).await, "users by a {kind:?}");
        let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { results { userId status userErrors { code message } } userErrors { code message } } }";
        let to_own = async |id: &str| {
            let input = json!({"sources": [{"subscriptionId": id}], "userIds": [own_user]});
            answer(&one.admin, assign, json!({"input": input}), id).await
        };
        assert_eq!(
            to_own(&foreign).await,
            to_own(&unknown).await,
            "a seat of a {kind:?}"
        );
        let to_foreigner = async |id: &str| {
            let input = json!({"sources": [own_seats], "userIds": [id]});
            answer(&one.admin, assign, json!({"input": input}), id).await
        };
        assert_eq!(
            to_foreigner(&foreign).await,
            to_foreigner(&unknown).await,
            "a seat for a {kind:?}"
        );
        let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id } userErrors { code message field } } }";
        let with_seat = async |id: &str| {
            let input = json!({"email": "new@one.example", "subscriptionIds": [id]});
            answer(&one.admin, invite, json!({"input": input}), id).await
        };
        assert_eq!(
            with_seat(&foreign).await,
            with_seat(&unknown).await,
            "an invitation with a {kind:?}"
        );
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

async fn subscription_of(team: &Team) -> String {
    let answer = team
        .admin
        .ask("{ account { subscriptions { nodes { id } } } }", json!({}))
        .await;
    let id = &answer["account"]["subscriptions"]["nodes"][0]["id"];
    id.as_str().unwrap().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_account_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let one = lived_in(&house, "one", Plan::Standard).await;
    let other = lived_in(&house, "other", Plan::Standard).await;
    for (root, list) in [
        ("account", "users"),
        ("account", "subscriptions"),
        ("account", "imports"),
        ("account", "bulkJobs"),
        ("account", "apiTokens"),
        ("account", "auditEvents"),
        ("viewer", "notifications"),
        ("account", "accessRequests"),
    ] {
        let first = format!("{{ {root} {{ {list}(first: 1) {{ edges {{ cursor }} }} }} }}");
        let page = one.admin.ask(&first, json!({})).await;
        let cursor = &page[root][list]["edges"][0]["cursor"];
        assert!(cursor.is_string(), "{list} is empty in this test");
        let next = format!(
            "query($after: String!) {{ {root} {{ {list}(first: 1, after: $after) {{ nodes {{ id }} }} }} }}"
        );
        one.admin.ask(&next, json!({"after": cursor})).await;
        let code = other.admin.refused(&next, json!({"after": cursor})).await;
        assert_eq!(code, "INVALID_CURSOR", "{list}");
    }
    house.close().await;
}
