//! A page of a search by the index.

use entity::rows::Row;
use entity::user::{self, Entity};
use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, UnionType, WithClause, WithQuery,
};
use sea_orm::{
    Condition, DatabaseBackend, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Select,
};

use crate::error::Result;
use crate::read::Scope;

/// How many rows are looked through in the order of the list before anything else. A page that every third person's name fills is found there, and looking costs a
/// tenth of what a search by the index costs (docs/performance.md).
const NEAR: u32 = 64;
/// How many are looked through if one of those first bears the words: that many others do is worth the guess.
const FAR: u32 = 1024;

/// A search of one page.
pub struct Paged<F> {
    /// Who is listed at all.
    pub everybody: Select<Entity>,
    pub matches: Condition,
    /// What the index is asked.
    pub narrows: Condition,
    /// Rows of a full page.
    pub length: u64,
    /// Brings a query into the order of the list, from the page's beginning, and to its length.
    pub narrow: F,
}

type Rows = Vec<Row<user::Model>>;

impl<F: Fn(Select<Entity>) -> Result<Select<Entity>>> Paged<F> {
    /// The first rows of the list are looked through, and more of them if that is promising; only if these do not fill the page the index is asked.
    pub async fn rows(&self, scope: &Scope) -> Result<Rows> {
        match scope.db().backend() {
            DatabaseBackend::Postgres => self.at_once(scope).await,
            _ => self.step_by_step(scope).await,
        }
    }

    /// In process a statement costs little, and SQLite would read what a guarded part of one does not need.
    async fn step_by_step(&self, scope: &Scope) -> Result<Rows> {
        let mut is_promising = true;
        for rows in [NEAR, FAR] {
            if is_promising {
                let first = self.first(rows)?.into_query();
                let hits = self.matching(within(first))?.into_model().all(scope.db()).await?;
                if hits.len() as u64 == self.length {
                    return Ok(hits);
                }
                is_promising = !hits.is_empty();
            }
        }
        let with = with([("found", self.found()?.into_query())]);
        read(scope, &(self.narrow)(from("found"))?.into_query().with(with)).await
    }

    /// Each statement is a journey, so that there is one. Its parts stand as such (`MATERIALIZED`), because the planner knows nothing of how common a word is
    /// in an account: it would walk through all of the list for a page that is never filled, or fetch and sort everybody for one that is full at once.
    async fn at_once(&self, scope: &Scope) -> Result<Rows> {
        let length = i64::try_from(self.length).unwrap_or(i64::MAX);
        let is_not_all = || counted("near").gte(i64::from(NEAR));
        let farther = is_not_all().and(counted("early").between(1_i64, length - 1));
        let deeper = is_not_all()
            .and(counted("early").lt(length))
            .and(counted("late").lt(length))
            .and(counted("far").is_in([0, i64::from(FAR)]));
        let with = with([
            ("near", self.first(NEAR)?.into_query()),
            ("early", self.matching(from("near"))?.into_query()),
            ("farther", one_if(farther)),
            ("far", self.first(FAR)?.filter(holds("farther")).into_query()),
            ("late", self.matching(from("far"))?.into_query()),
            ("deeper", one_if(deeper)),
            ("found", self.found()?.filter(holds("deeper")).into_query()),
        ]);
        let early = from("early")
            .filter(holds("farther").not())
            .filter(holds("deeper").not());
        let late = from("late").filter(holds("deeper").not());
        let either = early
            .into_query()
            .union(UnionType::All, late.into_query())
            .union(UnionType::All, from("found").into_query())
            .take();
        read(scope, &(self.narrow)(within(either))?.into_query().with(with)).await
    }

    /// So many of the list from the page's beginning.
    fn first(&self, rows: u32) -> Result<Select<Entity>> {
        Ok((self.narrow)(self.everybody.clone())?.limit(u64::from(rows)))
    }

    fn matching(&self, among: Select<Entity>) -> Result<Select<Entity>> {
        (self.narrow)(among.filter(self.matches.clone()))
    }

    /// All whom the index leads to, neither in order nor cut: they are sorted afterwards.
    fn found(&self) -> Result<Select<Entity>> {
        let matching = self.matching(self.everybody.clone())?;
        let mut found = matching.filter(self.narrows.clone());
        QuerySelect::query(&mut found).clear_order_by().reset_limit();
        Ok(found)
    }
}

async fn read(scope: &Scope, query: &WithQuery) -> Result<Rows> {
    let statement = scope.db().backend().build(query);
    Ok(Row::find_by_statement(statement).all(scope.db()).await?)
}

fn with<const N: usize>(parts: [(&str, SelectStatement); N]) -> WithClause {
    let mut with = WithClause::new();
    for (name, query) in parts {
        let mut part = CommonTableExpression::new();
        part.table_name(Alias::new(name)).query(query).materialized(true);
        with.cte(part);
    }
    with
}

fn one_if(condition: Expr) -> SelectStatement {
    Query::select().expr(Expr::cust("1")).and_where(condition).take()
}

/// How many rows a part of the statement has.
fn counted(part: &str) -> Expr {
    Expr::cust(format!("(SELECT COUNT(*) FROM \"{part}\")"))
}

/// Whether the condition that a part of the statement stands for holds.
fn holds(part: &str) -> Expr {
    Expr::cust(format!("EXISTS (SELECT 1 FROM \"{part}\")"))
}

/// Users as an earlier part of the statement found them.
fn from(part: &str) -> Select<Entity> {
    let mut select = Entity::find();
    QuerySelect::query(&mut select)
        .from_clear()
        .from_as(Alias::new(part), Entity);
    select
}

fn within(users: SelectStatement) -> Select<Entity> {
    let mut select = Entity::find();
    QuerySelect::query(&mut select)
        .from_clear()
        .from_subquery(users, Entity);
    select
}
