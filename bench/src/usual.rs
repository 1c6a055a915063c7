//! The same page by async-graphql as its book teaches it: derived objects, a resolver a field, data loaders against the N+1 problem.
//!
//! It is spared what Muster also does: nobody is admitted, and rows have only the columns that are shown. The total comes from the counters,
//! so that what is compared is the way of answering and not the way of counting.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, Enum, ID, Object, Request, Schema, SimpleObject,
};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use axum::{Json, Router};
use entity::ids::Kind;
use sqlx::PgPool;
use uuid::Uuid;

use crate::page::{LENGTH, ProductRow, SELECT_SEATS, SELECT_TOTAL, SELECT_USERS, SeatRow, UserRow};
use crate::{Result, ServeArgs, cluster};

/// Names the account of a request.
pub const ACCOUNT_HEADER: &str = "x-account";

type Page = Schema<Query, EmptyMutation, EmptySubscription>;

pub async fn serve(args: &ServeArgs) -> Result<()> {
    let pool = cluster::pool(&args.database_url).await?;
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).finish();
    let router = Router::new()
        .route("/graphql", post(answer))
        .with_state((schema, pool));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", args.port)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn answer(
    State((schema, pool)): State<(Page, PgPool)>,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Json<async_graphql::Response> {
    let named = headers.get(ACCOUNT_HEADER).and_then(|value| value.to_str().ok());
    let account_id: Uuid = named.and_then(|text| text.parse().ok()).unwrap_or_default();
    let loader = DataLoader::new(Rows { pool, account_id }, tokio::spawn);
    Json(schema.execute(request.data(loader)).await)
}

struct Rows {
    pool: PgPool,
    account_id: Uuid,
}

type Loaders = DataLoader<Rows>;

/// An error as the library wants it: one that can be handed to everybody who waits for the same batch.
type Shared = Arc<sqlx::Error>;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct SeatsOf(Uuid);

impl Loader<SeatsOf> for Rows {
    type Value = Vec<Assignment>;
    type Error = Shared;

    async fn load(&self, keys: &[SeatsOf]) -> std::result::Result<HashMap<SeatsOf, Self::Value>, Shared> {
        let users: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows: Vec<SeatRow> = sqlx::query_as(SELECT_SEATS)
            .bind(self.account_id)
            .bind(users)
            .fetch_all(&self.pool)
            .await?;
        let mut found: HashMap<SeatsOf, Self::Value> = HashMap::new();
        for row in rows {
            found.entry(SeatsOf(row.user_id)).or_default().push(Assignment {
                id: Kind::Assignment.text(row.id).into(),
                product_id: row.product_id,
            });
        }
        Ok(found)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct ProductId(Uuid);

impl Loader<ProductId> for Rows {
    type Value = Product;
    type Error = Shared;

    async fn load(&self, keys: &[ProductId]) -> std::result::Result<HashMap<ProductId, Product>, Shared> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows: Vec<ProductRow> = sqlx::query_as("SELECT id, name FROM products WHERE id = ANY($1)")
            .bind(ids)
            .fetch_all(&self.pool)
            .await?;
        let product = |row: ProductRow| {
            let id = Kind::Product.text(row.id).into();
            (ProductId(row.id), Product { id, name: row.name })
        };
        Ok(rows.into_iter().map(product).collect())
    }
}

struct Query;

#[Object]
impl Query {
    async fn account(&self) -> Account {
        Account
    }
}

struct Account;

#[Object]
impl Account {
    async fn users(
        &self,
        context: &Context<'_>,
        first: Option<i64>,
    ) -> async_graphql::Result<UserConnection> {
        let rows = context.data::<Loaders>()?.loader();
        let length = first.unwrap_or(LENGTH);
        let mut users: Vec<UserRow> = sqlx::query_as(SELECT_USERS)
            .bind(rows.account_id)
            .bind(Uuid::nil())
            .bind(length + 1)
            .fetch_all(&rows.pool)
            .await?;
        let length = usize::try_from(length)?;
        let has_next_page = users.len() > length;
        users.truncate(length);
        Ok(UserConnection {
            nodes: users.into_iter().map(User::from).collect(),
            page_info: PageInfo { has_next_page },
        })
    }
}

#[derive(SimpleObject)]
#[graphql(complex)]
struct UserConnection {
    nodes: Vec<User>,
    page_info: PageInfo,
}

#[ComplexObject]
impl UserConnection {
    async fn total_count(&self, context: &Context<'_>) -> async_graphql::Result<i32> {
        let rows = context.data::<Loaders>()?.loader();
        Ok(sqlx::query_scalar(SELECT_TOTAL)
            .bind(rows.account_id)
            .fetch_one(&rows.pool)
            .await?)
    }
}

#[derive(SimpleObject)]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Role {
    PrimaryAdmin,
    SecondaryAdmin,
    User,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Status {
    Pending,
    Active,
}

#[derive(SimpleObject)]
#[graphql(complex)]
struct User {
    id: ID,
    #[graphql(skip)]
    key: Uuid,
    email: String,
    given_name: Option<String>,
    family_name: Option<String>,
    display_name: String,
    role: Role,
    status: Status,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: Kind::User.text(row.id).into(),
            key: row.id,
            display_name: row.display_name(),
            email: row.email,
            given_name: row.given_name,
            family_name: row.family_name,
            role: match row.role.as_str() {
                "PRIMARY_ADMIN" => Role::PrimaryAdmin,
                "SECONDARY_ADMIN" => Role::SecondaryAdmin,
                _ => Role::User,
            },
            status: match row.status.as_str() {
                "PENDING" => Status::Pending,
                _ => Status::Active,
            },
        }
    }
}

#[ComplexObject]
impl User {
    async fn assignments(
        &self,
        context: &Context<'_>,
        first: Option<usize>,
    ) -> async_graphql::Result<AssignmentConnection> {
        let found = context.data::<Loaders>()?.load_one(SeatsOf(self.key)).await?;
        let mut nodes = found.unwrap_or_default();
        nodes.truncate(first.unwrap_or(usize::MAX));
        Ok(AssignmentConnection { nodes })
    }
}

#[derive(SimpleObject)]
struct AssignmentConnection {
    nodes: Vec<Assignment>,
}

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Assignment {
    id: ID,
    #[graphql(skip)]
    product_id: Uuid,
}

#[ComplexObject]
impl Assignment {
    async fn product(&self, context: &Context<'_>) -> async_graphql::Result<Product> {
        let found = context
            .data::<Loaders>()?
            .load_one(ProductId(self.product_id))
            .await?;
        found.ok_or_else(|| "an unknown product".into())
    }
}

#[derive(SimpleObject, Clone)]
struct Product {
    id: ID,
    name: String,
}
