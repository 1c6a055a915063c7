//! The page everybody answers: 50 users with role, status, names and e-mail, each with the first ten assignments and their product, and the total.

use entity::ids::Kind;
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;

/// Users of a page.
pub const LENGTH: i64 = 50;
/// Users a search shows.
pub const FOUND: i64 = 20;
/// Assignments shown of a user.
pub const SEATS: usize = 10;

const PERSON: &str = "id email givenName familyName displayName role status";

/// A page of users; the first, or the one behind a cursor.
pub fn users(after: Option<&str>) -> String {
    let after = after.map_or_else(String::new, |cursor| format!(r#", after: "{cursor}""#));
    format!(
        "{{ account {{ users(first: {LENGTH}{after}) {{ totalCount pageInfo {{ hasNextPage }} \
         nodes {{ {PERSON} assignments(first: {SEATS}) {{ nodes {{ id product {{ id name }} }} }} }} }} }} }}"
    )
}

/// The first users found.
pub fn search(words: &str) -> String {
    format!(
        r#"{{ account {{ users(first: {FOUND}, filter: {{ search: "{words}" }}) {{ pageInfo {{ hasNextPage }} nodes {{ {PERSON} }} }} }} }}"#
    )
}

/// A hundred people, as [`holders`] shows them.
pub fn people() -> String {
    format!(
        "{{ account {{ users(first: 100) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ {PERSON} }} }} }} }}"
    )
}

/// A hundred seats of a product with who holds them.
pub fn holders(product: &str) -> String {
    format!(
        r#"{{ product(id: "{product}") {{ assignments(first: 100) {{ totalCount pageInfo {{ hasNextPage }} nodes {{ id assignedAt user {{ {PERSON} }} }} }} }} }}"#
    )
}

/// A user, as read from the database by the two servers of this crate.
#[derive(Clone, Debug)]
pub struct UserRow {
    pub id: Uuid,
    pub email: String,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub role: String,
    pub status: String,
}

impl FromRow<'_, PgRow> for UserRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            email: row.try_get(1)?,
            given_name: row.try_get(2)?,
            family_name: row.try_get(3)?,
            role: row.try_get(4)?,
            status: row.try_get(5)?,
        })
    }
}

impl UserRow {
    pub fn display_name(&self) -> String {
        match (&self.given_name, &self.family_name) {
            (Some(given), Some(family)) => format!("{given} {family}"),
            (Some(name), None) | (None, Some(name)) => name.clone(),
            (None, None) => self.email.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct SeatRow {
    pub id: Uuid,
    pub user_id: Uuid,
    pub product_id: Uuid,
}

impl FromRow<'_, PgRow> for SeatRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            user_id: row.try_get(1)?,
            product_id: row.try_get(2)?,
        })
    }
}

#[derive(Clone, Debug)]
pub struct ProductRow {
    pub id: Uuid,
    pub name: String,
}

impl FromRow<'_, PgRow> for ProductRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
        })
    }
}

pub const SELECT_USERS: &str = "SELECT id, email, given_name, family_name, role, status FROM users \
     WHERE account_id = $1 AND status <> 'REMOVED' AND id > $2 ORDER BY id LIMIT $3";
pub const SELECT_SEATS: &str = "SELECT id, user_id, product_id FROM assignments \
     WHERE account_id = $1 AND user_id = ANY($2) ORDER BY id";
pub const SELECT_TOTAL: &str =
    "SELECT users_staged + users_pending + users_active + users_disabled FROM accounts WHERE id = $1";

/// An id as clients see it.
#[derive(Clone, Copy)]
pub struct Gid(pub Kind, pub Uuid);

impl Serialize for Gid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.text(self.1))
    }
}
