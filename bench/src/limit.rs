//! The limit: plain rows by prepared statements, written as JSON by serde. No GraphQL, nobody to be admitted, only the columns that are
//! shown, and the products kept in memory. What a server on this machine can hardly be faster than.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::post;
use entity::ids::Kind;
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use crate::page::{
    FOUND, Gid, LENGTH, ProductRow, SEATS, SELECT_SEATS, SELECT_TOTAL, SELECT_USERS, SeatRow, UserRow,
};
use crate::{Result, ServeArgs, cluster};

const SELECT_FOUND: &str = "SELECT id, email, given_name, family_name, role, status FROM users \
     WHERE account_id = $1 AND status <> 'REMOVED' AND search_text LIKE $2 AND search_text LIKE $3 ORDER BY id LIMIT $4";

#[derive(Clone)]
struct Shelf {
    pool: PgPool,
    products: Arc<HashMap<Uuid, ProductRow>>,
}

pub async fn serve(args: &ServeArgs) -> Result<()> {
    let pool = cluster::pool(&args.database_url).await?;
    let products: Vec<ProductRow> = sqlx::query_as("SELECT id, name FROM products")
        .fetch_all(&pool)
        .await?;
    let products = products
        .into_iter()
        .map(|product| (product.id, product))
        .collect();
    let shelf = Shelf {
        pool,
        products: Arc::new(products),
    };
    let router = Router::new()
        .route("/page", post(page))
        .route("/search", post(search))
        .with_state(shelf);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", args.port)).await?;
    Ok(axum::serve(listener, router).await?)
}

#[derive(Deserialize)]
struct Wanted {
    account: Uuid,
    /// Nil: the first page.
    #[serde(default)]
    after: Uuid,
    /// Two words.
    #[serde(default)]
    search: String,
}

async fn page(State(shelf): State<Shelf>, Query(wanted): Query<Wanted>) -> impl IntoResponse {
    reply(shelf.page(&wanted).await)
}

async fn search(State(shelf): State<Shelf>, Query(wanted): Query<Wanted>) -> impl IntoResponse {
    reply(shelf.search(&wanted).await)
}

fn reply(json: Result<String>) -> impl IntoResponse {
    let (status, body) = match json {
        Ok(json) => (StatusCode::OK, json),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    };
    (status, [(CONTENT_TYPE, "application/json")], body)
}

impl Shelf {
    async fn page(&self, wanted: &Wanted) -> Result<String> {
        let total = sqlx::query_scalar::<_, i32>(SELECT_TOTAL)
            .bind(wanted.account)
            .fetch_one(&self.pool);
        let rows = async {
            let users: Vec<UserRow> = sqlx::query_as(SELECT_USERS)
                .bind(wanted.account)
                .bind(wanted.after)
                .bind(LENGTH + 1)
                .fetch_all(&self.pool)
                .await?;
            let ids: Vec<Uuid> = users.iter().map(|user| user.id).collect();
            let seats: Vec<SeatRow> = sqlx::query_as(SELECT_SEATS)
                .bind(wanted.account)
                .bind(ids)
                .fetch_all(&self.pool)
                .await?;
            Ok((users, seats))
        };
        let (total, (users, seats)) = futures::try_join!(total, rows)?;
        let mut of_user: HashMap<Uuid, Vec<Seat<'_>>> = HashMap::new();
        for seat in &seats {
            let product = self.products.get(&seat.product_id).ok_or("an unknown product")?;
            of_user.entry(seat.user_id).or_default().push(Seat {
                id: Gid(Kind::Assignment, seat.id),
                product: Product {
                    id: Gid(Kind::Product, product.id),
                    name: &product.name,
                },
            });
        }
        let nodes = users.iter().take(usize::try_from(LENGTH)?).map(|user| {
            let mut nodes = of_user.remove(&user.id).unwrap_or_default();
            nodes.truncate(SEATS);
            Person::of(user, Some(Seats { nodes }))
        });
        written(
            Some(total),
            users.len() > usize::try_from(LENGTH)?,
            nodes.collect(),
        )
    }

    async fn search(&self, wanted: &Wanted) -> Result<String> {
        let (first, second) = wanted.search.split_once(' ').ok_or("two words are needed")?;
        let users: Vec<UserRow> = sqlx::query_as(SELECT_FOUND)
            .bind(wanted.account)
            .bind(format!("%{first}%"))
            .bind(format!("%{second}%"))
            .bind(FOUND + 1)
            .fetch_all(&self.pool)
            .await?;
        let length = usize::try_from(FOUND)?;
        let nodes = users.iter().take(length).map(|user| Person::of(user, None));
        written(None, users.len() > length, nodes.collect())
    }
}

fn written(total_count: Option<i32>, has_next_page: bool, nodes: Vec<Person<'_>>) -> Result<String> {
    let users = Users {
        total_count,
        page_info: PageInfo { has_next_page },
        nodes,
    };
    let data = Data {
        account: Account { users },
    };
    Ok(serde_json::to_string(&Answer { data })?)
}

#[derive(Serialize)]
struct Answer<'a> {
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    account: Account<'a>,
}

#[derive(Serialize)]
struct Account<'a> {
    users: Users<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Users<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    total_count: Option<i32>,
    page_info: PageInfo,
    nodes: Vec<Person<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Person<'a> {
    id: Gid,
    email: &'a str,
    given_name: Option<&'a str>,
    family_name: Option<&'a str>,
    display_name: String,
    role: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignments: Option<Seats<'a>>,
}

impl<'a> Person<'a> {
    fn of(user: &'a UserRow, assignments: Option<Seats<'a>>) -> Self {
        Self {
            id: Gid(Kind::User, user.id),
            email: &user.email,
            given_name: user.given_name.as_deref(),
            family_name: user.family_name.as_deref(),
            display_name: user.display_name(),
            role: &user.role,
            status: &user.status,
            assignments,
        }
    }
}

#[derive(Serialize)]
struct Seats<'a> {
    nodes: Vec<Seat<'a>>,
}

#[derive(Serialize)]
struct Seat<'a> {
    id: Gid,
    product: Product<'a>,
}

#[derive(Serialize)]
struct Product<'a> {
    id: Gid,
    name: &'a str,
}
