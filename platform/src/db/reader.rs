//! Reading, outside a transaction.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult, Statement,
};

use super::kept::Kept;

/// Reads; whatever would write is refused.
#[derive(Clone)]
pub struct Reader(Kind);

#[derive(Clone)]
enum Kind {
    /// In process, by the library's own pool.
    Library(DatabaseConnection),
    Kept(Arc<Kept>),
}

impl Reader {
    pub(super) fn of_library(connection: DatabaseConnection) -> Self {
        Self(Kind::Library(connection))
    }

    pub(super) fn kept(connections: Kept) -> Self {
        Self(Kind::Kept(Arc::new(connections)))
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.get_database_backend()
    }

    pub(super) async fn close(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Library(connection) => connection.close().await,
            Kind::Kept(kept) => {
                kept.close();
                Ok(())
            }
        }
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DatabaseBackend {
        match &self.0 {
            Kind::Library(connection) => connection.get_database_backend(),
            Kind::Kept(_) => DatabaseBackend::Postgres,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(writes())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(writes())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(connection) => connection.query_one_raw(statement).await,
            Kind::Kept(kept) => Ok(kept.rows(&statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(connection) => connection.query_all_raw(statement).await,
            Kind::Kept(kept) => kept.rows(&statement).await,
        }
    }
}

/// What is said to whoever would write where only reading is done.
pub(super) fn writes() -> DbErr {
    DbErr::Custom("what reads does not write".into())
}
