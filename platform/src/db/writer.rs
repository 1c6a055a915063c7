//! Writing: transactions, and single statements that need none around them.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Mutex;

use super::kept::{Kept, Lent};

/// Opens transactions.
#[derive(Clone)]
pub enum Writer {
    /// In process, by the library's own pool.
    Library(DatabaseConnection),
    Kept(Arc<Kept>),
}

impl Writer {
    #[expect(
        clippy::disallowed_methods,
        reason = "called by commands only, which is what the ban protects"
    )]
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        let kind = match self {
            Self::Library(connection) => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                Kind::Library(connection.begin_with_options(options).await?)
            }
            Self::Kept(kept) => Kind::Kept(kept.clone(), Mutex::new(kept.begin().await?)),
        };
        Ok(Transaction(kind))
    }

    /// The same, and what its first statement, whose values are ids, answers: on PostgreSQL in the same round trip.
    pub async fn begin_with(&self, first: Statement) -> Result<(Transaction, Vec<QueryResult>), DbErr> {
        match self {
            Self::Library(_) => {
                let transaction = self.begin().await?;
                let rows = transaction.query_all_raw(first).await?;
                Ok((transaction, rows))
            }
            Self::Kept(kept) => {
                let (rows, lent) = kept.begin_with(&first).await?;
                Ok((Transaction(Kind::Kept(kept.clone(), Mutex::new(lent))), rows))
            }
        }
    }

    /// What is executed on it commits by itself.
    pub async fn alone(&self) -> Result<Transaction, DbErr> {
        let kind = match self {
            Self::Library(connection) => Kind::Alone(connection.clone()),
            Self::Kept(kept) => Kind::Kept(kept.clone(), Mutex::new(kept.take().await?)),
        };
        Ok(Transaction(kind))
    }

    pub async fn close(self) -> Result<(), DbErr> {
        match self {
            Self::Library(connection) => connection.close().await,
            Self::Kept(kept) => {
                kept.close();
                Ok(())
            }
        }
    }
}

/// An open transaction. Dropped, it is rolled back.
pub struct Transaction(Kind);

enum Kind {
    Library(DatabaseTransaction),
    Alone(DatabaseConnection),
    Kept(Arc<Kept>, Mutex<Lent>),
}

impl Transaction {
    pub async fn commit(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Library(transaction) => transaction.commit().await,
            Kind::Alone(_) => Ok(()),
            Kind::Kept(_, lent) => lent.into_inner().held()?.end("COMMIT").await,
        }
    }

    pub async fn rollback(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Library(transaction) => transaction.rollback().await,
            Kind::Alone(_) => Ok(()),
            Kind::Kept(_, lent) => lent.into_inner().held()?.end("ROLLBACK").await,
        }
    }
}

#[async_trait]
#[expect(
    clippy::disallowed_methods,
    reason = "called by commands only, which is what the ban protects"
)]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DatabaseBackend {
        match &self.0 {
            Kind::Library(transaction) => transaction.get_database_backend(),
            Kind::Alone(connection) => connection.get_database_backend(),
            Kind::Kept(..) => DatabaseBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Kind::Library(transaction) => transaction.execute_raw(statement).await,
            Kind::Alone(connection) => connection.execute_raw(statement).await,
            Kind::Kept(kept, lent) => {
                kept.count(&statement.sql);
                lent.lock().await.held()?.execute(statement).await
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Kind::Library(transaction) => transaction.execute_unprepared(sql).await,
            Kind::Alone(connection) => connection.execute_unprepared(sql).await,
            Kind::Kept(kept, lent) => {
                kept.count(sql);
                lent.lock().await.held()?.execute_unprepared(sql).await
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(transaction) => transaction.query_one_raw(statement).await,
            Kind::Alone(connection) => connection.query_one_raw(statement).await,
            Kind::Kept(..) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(transaction) => transaction.query_all_raw(statement).await,
            Kind::Alone(connection) => connection.query_all_raw(statement).await,
            Kind::Kept(kept, lent) => {
                kept.count(&statement.sql);
                lent.lock().await.held()?.rows(statement).await
            }
        }
    }
}
