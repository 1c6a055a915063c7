//! What lists of users are ordered by, and where a page of one begins.

use std::fmt::Debug;

use chrono::DateTime;
use entity::user::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, DatabaseBackend, Select};
use uuid::Uuid;

use super::User;
use crate::accounts::Profile;
use crate::error::{Error, Result};
use crate::person::VERSION;
use crate::read::paging::{Direction, Page, PageRequest, Sorted, time_key};

/// What a list is ordered by; the id is always the last key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBy {
    CreatedAt,
    Email,
    /// As by given name: that is how names are shown.
    DisplayName,
    GivenName,
    FamilyName,
    /// Who never signed in comes before all others.
    LastSignedInAt,
    Role,
    Status,
}

impl OrderBy {
    const fn is_of_names(self) -> bool {
        matches!(self, Self::DisplayName | Self::GivenName | Self::FamilyName)
    }
}

/// How names are ordered at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// By the stored keys, which are all of this version and language.
    Collated { version: i32, locale: String },
    /// By the letters of the names as they are spelt, while the keys are being written. No rewriting moves anybody in it.
    Spelt,
}

impl Names {
    /// How the lists of an account are begun now.
    pub fn of(account: &Profile) -> Self {
        match account.names_version {
            VERSION => Self::Collated {
                version: VERSION,
                locale: account.default_locale.clone(),
            },
            _ => Self::Spelt,
        }
    }

    /// The page that is asked for, and the order of names it is of. `list` says what a cursor is bound to.
    ///
    /// A list that was begun while keys were being written is read to its end in the order it was begun in, so that nobody is met twice or left out. One that
    /// was begun by keys that are no more cannot be: its cursors are refused.
    pub fn open(
        request: &PageRequest,
        account: &Profile,
        list: impl Fn(&Self) -> String,
    ) -> Result<(Page, Self)> {
        for names in [Self::of(account), Self::Spelt] {
            match Page::new(request, account.id, &list(&names)) {
                Err(Error::InvalidCursor) => {}
                page => return Ok((page?, names)),
            }
        }
        Err(Error::InvalidCursor)
    }
}

/// The order of a list.
#[derive(Clone, Debug)]
pub struct Ordering {
    pub by: OrderBy,
    pub direction: Direction,
    names: Names,
}

impl Ordering {
    /// The page that is asked for, and the order it is of ([`Names::open`]).
    pub fn open(
        request: &PageRequest,
        account: &Profile,
        filter: &impl Debug,
        (by, direction): (OrderBy, Direction),
    ) -> Result<(Page, Self)> {
        let (page, names) = Names::open(request, account, |names| {
            let list = format!("users {filter:?} {by:?} {direction:?}");
            match by.is_of_names() {
                true => format!("{list} {names:?}"),
                false => list,
            }
        })?;
        Ok((page, Self { by, direction, names }))
    }

    /// Narrows a query to a page.
    pub fn narrow(
        &self,
        page: &Page,
        query: Select<user::Entity>,
        backend: DatabaseBackend,
    ) -> Result<Select<user::Entity>> {
        let sorted = match (self.by, &self.names) {
            // Ids are time-ordered: by creation is by id.
            (OrderBy::CreatedAt, _) => return Ok(page.narrow(query, Column::Id, self.direction)),
            (OrderBy::Email, _) => Sorted::Text(Column::EmailKey.into_expr()),
            (OrderBy::Role, _) => Sorted::Text(Column::Role.into_expr()),
            (OrderBy::Status, _) => Sorted::Text(Column::Status.into_expr()),
            (OrderBy::LastSignedInAt, _) => Sorted::Time(last_sign_in(backend)),
            (OrderBy::FamilyName, Names::Collated { .. }) => Sorted::Bytes(Column::FamilyKey.into_expr()),
            (_, Names::Collated { .. }) => Sorted::Bytes(Column::GivenKey.into_expr()),
            (OrderBy::FamilyName, Names::Spelt) => {
                Sorted::Text(Expr::cust(spelt("family_name", "given_name")))
            }
            (_, Names::Spelt) => Sorted::Text(Expr::cust(spelt("given_name", "family_name"))),
        };
        page.narrow_sorted(query, sorted, Column::Id, self.direction)
    }

    /// Where a user stands.
    pub fn place(&self, user: &User) -> (Vec<u8>, Uuid) {
        let user = &user.0;
        let (given, family) = (user.given_name.as_deref(), user.family_name.as_deref());
        let spelt = |first: Option<&str>, second: Option<&str>| {
            let parts = [first, second].map(Option::unwrap_or_default);
            parts.join(" ").into_bytes()
        };
        let key = match (self.by, &self.names) {
            (OrderBy::CreatedAt, _) => Vec::new(),
            (OrderBy::Email, _) => user.email_key.clone().into_bytes(),
            (OrderBy::Role, _) => user.role.to_value().into_bytes(),
            (OrderBy::Status, _) => user.status.to_value().into_bytes(),
            (OrderBy::LastSignedInAt, _) => time_key(user.last_signed_in_at.unwrap_or(DateTime::UNIX_EPOCH)),
            (OrderBy::FamilyName, Names::Collated { .. }) => user.family_key.clone(),
            (_, Names::Collated { .. }) => user.given_key.clone(),
            (OrderBy::FamilyName, Names::Spelt) => spelt(family, given),
            (_, Names::Spelt) => spelt(given, family),
        };
        (key, user.id)
    }

    /// Whether an index has this order: then looking at the first few is cheap.
    pub fn is_indexed(&self) -> bool {
        self.by != OrderBy::Role && !(self.by.is_of_names() && self.names == Names::Spelt)
    }
}

/// Two names as they are spelt. There is no index of it: it is asked for while keys are being written, and then no more.
fn spelt(first: &str, second: &str) -> String {
    format!("COALESCE({first}, '') || ' ' || COALESCE({second}, '')")
}

/// What lists of something else than users are sorted by where they are sorted by a user's name: bytes, in either order of names.
pub fn name_key(names: &Names, backend: DatabaseBackend) -> Expr {
    match (names, backend) {
        (Names::Collated { .. }, _) => Column::GivenKey.into_expr(),
        (Names::Spelt, DatabaseBackend::Postgres) => Expr::cust(format!(
            "convert_to({}, 'UTF8')",
            spelt("given_name", "family_name")
        )),
        (Names::Spelt, _) => Expr::cust(format!("CAST({} AS BLOB)", spelt("given_name", "family_name"))),
    }
}

/// The expression of the index `users_by_sign_in`, word for word: only so it is used.
pub fn last_sign_in(backend: DatabaseBackend) -> Expr {
    match backend {
        DatabaseBackend::Postgres => {
            Expr::cust("COALESCE(last_signed_in_at, TIMESTAMPTZ '1970-01-01 00:00:00+00')")
        }
        _ => Expr::cust("COALESCE(last_signed_in_at, '1970-01-01T00:00:00+00:00')"),
    }
}
