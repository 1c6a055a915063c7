//! A database for each test: cloned from a template on PostgreSQL, copied from a file on SQLite. The template is migrated once per build.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use muster::platform::db::Db;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use uuid::Uuid;

/// The two databases every behaviour is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// The address of a migrated, empty database of the test's own. SQLite's lies in `folder`.
pub async fn fresh(database: Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => {
            let file = folder.join("muster.sqlite");
            std::fs::copy(sqlite_template().await, &file).unwrap();
            format!("sqlite://{}", file.display())
        }
        Database::Postgres => clone_of_template().await,
    }
}

/// The address of a database with nothing in it, not even a schema.
pub async fn empty(database: Database, folder: &Path) -> String {
    match database {
        Database::Sqlite => format!("sqlite://{}", folder.join("empty.sqlite").display()),
        Database::Postgres => {
            let server = postgres_server();
            let connection = sea_orm::Database::connect(&server).await.unwrap();
            let name = format!("muster_test_{}", Uuid::new_v4().simple());
            run(&connection, &format!("CREATE DATABASE {name}")).await;
            connection.close().await.unwrap();
            with_path(&server, &name)
        }
    }
}

/// Takes a test's database away: hundreds of them would fill a small disk.
pub async fn discard(database: Database, url: &str) {
    if database == Database::Sqlite {
        return;
    }
    let url: url::Url = url.parse().unwrap();
    let connection = sea_orm::Database::connect(&postgres_server()).await.unwrap();
    let name = url.path().trim_start_matches('/');
    run(
        &connection,
        &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await;
    connection.close().await.unwrap();
}

/// Names what this build of the tests migrates to.
fn build() -> u128 {
    let binary = std::fs::metadata(std::env::current_exe().unwrap()).unwrap();
    binary
        .modified()
        .unwrap()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos()
}

async fn sqlite_template() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let template = folder.join(format!("template-{}.sqlite", build()));
    if template.exists() {
        return template;
    }
    // Tests run in processes of their own: each may make the template, the first to rename it has made it.
    let draft = folder.join(format!("draft-{}.sqlite", Uuid::new_v4()));
    let db = Db::connect(&format!("sqlite://{}", draft.display()), 2)
        .await
        .unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    std::fs::rename(&draft, &template).unwrap();
    template
}

/// The PostgreSQL server that `scripts/test.sh` starts.
pub fn postgres_server() -> String {
    std::env::var("MUSTER_TEST_POSTGRES_URL")
        .expect("MUSTER_TEST_POSTGRES_URL names a PostgreSQL server; `make test` starts one")
}

async fn clone_of_template() -> String {
    let server = postgres_server();
    let template = format!("muster_template_{:x}", build());
    let connection = sea_orm::Database::connect(&server).await.unwrap();
    let name = format!("muster_test_{}", Uuid::new_v4().simple());
    // One at a time: a template must have no other visitor while it is copied.
    run(&connection, "SELECT pg_advisory_lock(77)").await;
    if !exists(&connection, &template).await {
        let draft = format!("{template}_draft");
        run(&connection, &format!("DROP DATABASE IF EXISTS {draft}")).await;
        run(&connection, &format!("CREATE DATABASE {draft}")).await;
        let db = Db::connect(&with_path(&server, &draft), 2).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        run(
            &connection,
            &format!("ALTER DATABASE {draft} RENAME TO {template}"),
        )
        .await;
    }
    run(
        &connection,
        &format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"),
    )
    .await;
    connection.close().await.unwrap();
    with_path(&server, &name)
}

#[expect(
    clippy::disallowed_methods,
    reason = "databases are made before there are commands on them"
)]
async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap();
}

async fn exists(connection: &DatabaseConnection, name: &str) -> bool {
    let backend = connection.get_database_backend();
    let found = Statement::from_sql_and_values(
        backend,
        "SELECT 1 FROM pg_database WHERE datname = $1",
        [name.into()],
    );
    connection.query_one_raw(found).await.unwrap().is_some()
}

fn with_path(server: &str, name: &str) -> String {
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(name);
    url.into()
}
