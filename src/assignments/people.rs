//! Whom seats may be given to, with the seats they hold: one statement, however many they are.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::assignment::Source;
use entity::lists::Uuids;
use entity::user::{self, Status};
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::read::Seat;
use super::rules::is_same_set;
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::listed;

/// A user, as far as giving seats needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub id: Uuid,
    pub status: Status,
    pub email: String,
    pub given_name: Option<String>,
}

impl From<&user::Model> for Holder {
    fn from(user: &user::Model) -> Self {
        Self {
            id: user.id,
            status: user.status,
            email: user.email.clone(),
            given_name: user.given_name.clone(),
        }
    }
}

/// Some users and their seats.
pub struct People {
    pub holders: HashMap<Uuid, Holder>,
    /// By user and product.
    pub seats: HashMap<(Uuid, Uuid), Held>,
}

/// A seat somebody has, with the components that are on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub seat: Seat,
    pub components: Vec<Uuid>,
}

impl Held {
    /// Whether just these components are on.
    pub fn has_on(&self, components: &[Uuid]) -> bool {
        is_same_set(&self.components, components)
    }
}

/// A user with one of their seats, or with none.
#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    status: Status,
    email: String,
    given_name: Option<String>,
    #[sea_orm(nested)]
    seat: Option<FoundSeat>,
}

#[derive(FromQueryResult)]
struct FoundSeat {
    seat_id: Uuid,
    version: i32,
    subscription_id: Uuid,
    product_id: Uuid,
    source: Source,
    assigned_by: Option<Uuid>,
    assigned_at: DateTime<Utc>,
    expires_on: Option<NaiveDate>,
    components: Uuids,
}

const FIND: &str = "SELECT u.id, u.status, u.email, u.given_name, s.id AS seat_id, s.version, s.subscription_id, s.product_id, s.source, \
    s.assigned_by, s.assigned_at, s.expires_on, s.components FROM users u LEFT JOIN assignments s ON s.account_id = u.account_id AND s.user_id = u.id \
    WHERE u.account_id = $1 AND u.id ";

impl People {
    /// Looks at users; whoever is among the newcomers need not be looked for.
    pub async fn look(
        work: &Work,
        account_id: Uuid,
        users: HashSet<Uuid>,
        newcomers: Vec<Holder>,
    ) -> Result<Self> {
        let mut people = Self {
            holders: newcomers.into_iter().map(|user| (user.id, user)).collect(),
            seats: HashMap::new(),
        };
        let wanted: Vec<Uuid> = users
            .into_iter()
            .filter(|id| !people.holders.contains_key(id))
            .collect();
        if wanted.is_empty() {
            return Ok(people);
        }
        let mut values = vec![account_id.into()];
        let sql = format!("{FIND}{}", listed(work.backend(), wanted, &mut values));
        let statement = Statement::from_sql_and_values(work.backend(), sql, values);
        for found in work.fetch::<Found>(statement).await? {
            people.take_in(found);
        }
        Ok(people)
    }

    fn take_in(&mut self, found: Found) {
        if let Some(seat) = found.seat {
            let components = seat.components.0;
            let seat = Seat {
                id: seat.seat_id,
                version: seat.version,
                user_id: found.id,
                subscription_id: seat.subscription_id,
                product_id: seat.product_id,
                source: seat.source,
                assigned_by: seat.assigned_by,
                assigned_at: seat.assigned_at,
                expires_on: seat.expires_on,
            };
            self.seats
                .insert((found.id, seat.product_id), Held { seat, components });
        }
        self.holders.insert(
            found.id,
            Holder {
                id: found.id,
                status: found.status,
                email: found.email,
                given_name: found.given_name,
            },
        );
    }
}
