//! Telling users that they are about to lose seats: one mail for all that end for one reason on one day, and a message in the app.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::user::{self, Status};
use entity::{account, assignment};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

pub use crate::background::outbox::SeatEnds as Why;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify_each};
use crate::platform::arrays::among;
use crate::products::{Catalogue, catalogue_holding};

/// Who is told what.
pub struct Told {
    account_id: Uuid,
    mails: Vec<(Uuid, Mail)>,
    notices: Vec<(Uuid, Notice)>,
}

impl Told {
    /// Of these seats; `why` they end, and when.
    pub async fn of(
        work: &Work,
        account: &account::Model,
        seats: &[assignment::Model],
        why: impl Fn(&assignment::Model, Status) -> (Why, NaiveDate),
    ) -> Result<Self> {
        let ids: Vec<Uuid> = seats.iter().map(|seat| seat.user_id).collect();
        let users = user::Entity::find()
            .filter(user::Column::AccountId.eq(account.id))
            .filter(among(work.backend(), user::Column::Id, &ids))
            .all(work.reader())
            .await?;
        let users: HashMap<Uuid, user::Model> = users.into_iter().map(|user| (user.id, user)).collect();
        let is_there = |known: &Catalogue| known.has(seats.iter().map(|seat| seat.product_id));
        let catalogue = catalogue_holding(work.app(), is_there).await?;
        let mut ends: BTreeMap<(Uuid, Why, NaiveDate), (Uuid, Vec<String>)> = BTreeMap::new();
        for seat in seats {
            let Some(user) = users.get(&seat.user_id) else {
                continue;
            };
            let (why, day) = why(seat, user.status);
            let product = catalogue.by_id(seat.product_id);
            let name = product.map(|product| product.0.model.name.clone());
            let (_, names) = ends
                .entry((user.id, why, day))
                .or_insert_with(|| (seat.id, Vec::new()));
            names.extend(name);
        }
        let (mut mails, mut notices) = (Vec::new(), Vec::new());
        for ((user_id, why, day), (first, products)) in ends {
            let Some(user) = users.get(&user_id) else {
                continue;
            };
            if user.status == Status::Active {
                notices.push((user_id, notice(why, day, &products, first)));
            }
            let mail = Mail {
                key: format!("seat-ends:{}:{first}:{day}", word(why)),
                to_address: user.email.clone(),
                to_name: user.given_name.clone(),
                letter: Letter::SeatEnding {
                    account_name: account.name.clone(),
                    products,
                    why,
                    day,
                },
            };
            mails.push((user_id, mail));
        }
        Ok(Self {
            account_id: account.id,
            mails,
            notices,
        })
    }

    pub async fn write(self, work: &mut Work) -> Result<()> {
        let told = notify_each(work, self.account_id, &self.notices).await?;
        let wanted = self.mails.into_iter();
        let wanted = wanted.filter(|(user_id, _)| told.wants_mail(*user_id, notification::Kind::SeatEnding));
        outbox::write(work, self.account_id, wanted.map(|(_, mail)| mail).collect()).await
    }
}

/// Two reasons may fall on one seat and one day.
const fn word(why: Why) -> &'static str {
    match why {
        Why::LastDay => "last-day",
        Why::Idle => "idle",
        Why::NotAccepted => "not-accepted",
    }
}

fn notice(why: Why, day: NaiveDate, products: &[String], seat: Uuid) -> Notice {
    let (what, day) = (products.join(", "), day.format("%-d %B %Y"));
    let body = match why {
        Why::LastDay => format!("{day} is its last day. If you need it for longer, ask an administrator."),
        _ => format!(
            "You have not been here for a while. It will be taken back on {day}, so that somebody else can have it. Use it before then, and you keep it."
        ),
    };
    Notice {
        kind: notification::Kind::SeatEnding,
        severity: Severity::Warning,
        title: format!("Your access to {what} ends"),
        body,
        subject: Some(Kind::Assignment.text(seat)),
    }
}
