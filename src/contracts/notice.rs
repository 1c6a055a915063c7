//! Saying in time that a contract or a subscription ends: 30 days, 7 days and 1 day before, once each, in the app and by mail, to those who can do something about it.
//!
//! What was told is a matter of the row, noted in the transaction that writes the mails. Another last day is told anew.

use chrono::NaiveDate;
use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::{account, contract, subscription, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify_each, who_may};
use crate::platform::arrays::among;
use crate::products::{Catalogue, catalogue_holding};

/// Days before the end, the nearest first.
const DAYS: [i32; 3] = [1, 7, 30];

/// What ends, and on how many days before it is told now.
struct Ending {
    id: Uuid,
    /// Of a contract, or of one subscription that ends on another day.
    is_contract: bool,
    number: String,
    product: Option<String>,
    day: NaiveDate,
    renews: bool,
    days: i32,
}

/// Which of the three is told today: the nearest that has come, unless it or a nearer one was told of this last day.
fn due(ends_on: NaiveDate, today: NaiveDate, told: (Option<NaiveDate>, Option<i32>)) -> Option<i32> {
    let left = i32::try_from((ends_on - today).num_days()).ok()?;
    let days = DAYS.into_iter().find(|days| (0..=*days).contains(&left))?;
    let is_told = told.0 == Some(ends_on) && told.1.is_some_and(|told| told <= days);
    (!is_told).then_some(days)
}

/// Tells of what ends within thirty days. `subscriptions` are those of the account that are not over.
pub async fn tell_of_ends(
    work: &mut Work,
    account: &account::Model,
    subscriptions: &[subscription::Model],
) -> Result<()> {
    let today = work.now().date_naive();
    let contracts = contract::Entity::find()
        .filter(contract::Column::AccountId.eq(account.id))
        .all(work.reader())
        .await?;
    let mut endings: Vec<Ending> = Vec::new();
    for one in &contracts {
        let days = due(one.ends_on, today, (one.told_for, one.told_days));
        endings.extend(days.map(|days| Ending {
            id: one.id,
            is_contract: true,
            number: one.number.clone(),
            product: None,
            day: one.ends_on,
            renews: one.auto_renews,
            days,
        }));
    }
    let of = |id: Uuid| contracts.iter().find(|contract| contract.id == id);
    let is_there = |known: &Catalogue| known.has(subscriptions.iter().map(|one| one.product_id));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    for one in subscriptions {
        // What ends with its contract is told of with it.
        let Some(contract) = of(one.contract_id).filter(|contract| one.ends_on != contract.ends_on) else {
            continue;
        };
        if one.state == subscription::State::Cancelled {
            continue;
        }
        let product = catalogue.by_id(one.product_id);
        let days = due(one.ends_on, today, (one.told_for, one.told_days));
        endings.extend(days.map(|days| Ending {
            id: one.id,
            is_contract: false,
            number: contract.number.clone(),
            product: product.map(|product| product.0.model.name.clone()),
            day: one.ends_on,
            renews: false,
            days,
        }));
    }
    if endings.is_empty() {
        return Ok(());
    }
    note(work, account.id, &endings).await?;
    let told = who_may(work, account.id, Action::ManageContracts).await?;
    write(work, account, &told, &endings).await
}

/// Notes what is told, by one statement for each of the three.
async fn note(work: &Work, account_id: Uuid, endings: &[Ending]) -> Result<()> {
    for days in DAYS {
        let ids = |is_contract: bool| -> Vec<Uuid> {
            let those = endings
                .iter()
                .filter(|one| one.days == days && one.is_contract == is_contract);
            those.map(|one| one.id).collect()
        };
        let (contracts, subscriptions) = (ids(true), ids(false));
        if !contracts.is_empty() {
            let noted = contract::Entity::update_many()
                .col_expr(contract::Column::ToldFor, Expr::col(contract::Column::EndsOn))
                .col_expr(contract::Column::ToldDays, Expr::value(days))
                .filter(contract::Column::AccountId.eq(account_id))
                .filter(among(work.backend(), contract::Column::Id, &contracts));
            work.update(noted).await?;
        }
        if !subscriptions.is_empty() {
            let noted = subscription::Entity::update_many()
                .col_expr(
                    subscription::Column::ToldFor,
                    Expr::col(subscription::Column::EndsOn),
                )
                .col_expr(subscription::Column::ToldDays, Expr::value(days))
                .filter(subscription::Column::AccountId.eq(account_id))
                .filter(among(work.backend(), subscription::Column::Id, &subscriptions));
            work.update(noted).await?;
        }
    }
    Ok(())
}

async fn write(
    work: &mut Work,
    account: &account::Model,
    told: &[user::Model],
    endings: &[Ending],
) -> Result<()> {
    let today = work.now().date_naive();
    let (mut notices, mut mails) = (Vec::new(), Vec::new());
    for ending in endings {
        let left = i32::try_from((ending.day - today).num_days()).unwrap_or(i32::MAX);
        let notice = ending.notice(left, account.grace_days);
        for user in told {
            notices.push((user.id, notice.clone()));
            let mail = Mail {
                key: format!(
                    "term-ends:{}:{}:{}:{}",
                    ending.id, ending.day, ending.days, user.id
                ),
                to_address: user.email.clone(),
                to_name: user.given_name.clone(),
                letter: Letter::TermEnding {
                    account_name: account.name.clone(),
                    contract: ending.number.clone(),
                    product: ending.product.clone(),
                    day: ending.day,
                    left,
                    renews: ending.renews,
                    grace_days: account.grace_days,
                },
            };
            mails.push((user.id, mail));
        }
    }
    let told = notify_each(work, account.id, &notices).await?;
    let wanted = mails
        .into_iter()
        .filter(|(user_id, _)| told.wants_mail(*user_id, notification::Kind::ContractEnding));
    outbox::write(work, account.id, wanted.map(|(_, mail)| mail).collect()).await
}

impl Ending {
    fn notice(&self, left: i32, grace_days: i32) -> Notice {
        let what = match &self.product {
            Some(product) => format!("{product} (contract {})", self.number),
            None => format!("Contract {}", self.number),
        };
        let day = self.day.format("%-d %B %Y");
        let (verb, body) = match (self.renews, grace_days) {
            (true, _) => (
                "is renewed",
                format!(
                    "{day} is the last day of its term, and another one follows by itself. If it is not to, say so before then."
                ),
            ),
            (false, 0) => (
                "ends",
                format!("{day} is its last day. Whoever holds a seat is shown as lapsed from the day after."),
            ),
            (false, days) => (
                "ends",
                format!(
                    "{day} is its last day. No seat is given from the day after; whoever holds one has access for {days} days more."
                ),
            ),
        };
        Notice {
            kind: notification::Kind::ContractEnding,
            severity: match left <= 1 && !self.renews {
                true => Severity::Critical,
                false => Severity::Warning,
            },
            title: format!("{what} {verb} {}", in_days(left)),
            body,
            subject: Some(match self.is_contract {
                true => Kind::Contract.text(self.id),
                false => Kind::Subscription.text(self.id),
            }),
        }
    }
}

fn in_days(left: i32) -> String {
    match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        left => format!("in {left} days"),
    }
}

/// Tells of new terms that have more seats than were asked for, because more are held.
pub async fn tell_of_seats_kept(
    work: &mut Work,
    account: &account::Model,
    short: &[(subscription::Model, i32)],
) -> Result<()> {
    if short.is_empty() {
        return Ok(());
    }
    let is_there = |known: &Catalogue| known.has(short.iter().map(|(one, _)| one.product_id));
    let catalogue = catalogue_holding(work.app(), is_there).await?;
    let told = who_may(work, account.id, Action::ManageContracts).await?;
    let notices = short.iter().flat_map(|(one, asked)| {
        let product = catalogue.by_id(one.product_id);
        let product = product.map_or("", |product| &product.0.model.name);
        let notice = Notice {
            kind: notification::Kind::ContractEnding,
            severity: Severity::Warning,
            title: format!("{product} keeps {} seats", one.seats),
            body: format!(
                "Its new term was to have {asked}, but {} are held. Take some back, and change the number of seats.",
                one.seats_used
            ),
            subject: Some(Kind::Subscription.text(one.id)),
        };
        told.iter().map(move |user| (user.id, notice.clone()))
    });
    let notices: Vec<(Uuid, Notice)> = notices.collect();
    notify_each(work, account.id, &notices).await.map(drop)
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::due;

    #[test]
    fn three_days_are_told_each_once_and_another_last_day_anew() {
        let end = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
        let on = |before: u64| end - Days::new(before);
        let nothing = (None, None);
        let first: Vec<Option<i32>> = [31, 30, 8, 7, 2, 1, 0]
            .map(|days| due(end, on(days), nothing))
            .into();
        assert_eq!(
            first,
            [None, Some(30), Some(30), Some(7), Some(7), Some(1), Some(1)]
        );
        assert_eq!(due(end, end + Days::new(1), nothing), None, "it is over");
        for (told, expected) in [
            (30, [None, None, Some(7), Some(1)]),
            (7, [None, None, None, Some(1)]),
            (1, [None; 4]),
        ] {
            let seen = [30, 8, 7, 1].map(|days| due(end, on(days), (Some(end), Some(told))));
            assert_eq!(seen, expected, "{told}");
        }
        assert_eq!(due(end, on(7), (Some(on(5)), Some(1))), Some(7));
    }
}
