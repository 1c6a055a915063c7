//! Grants and records, and whether the books agree.

use chrono::NaiveDate;
use entity::credit_entry::Kind;
use entity::{credit_book, credit_entry, credit_lot};
use muster::access::Actor;
use muster::admin::{AdjustCredits, Booking, GrantCredits, SetOverdraft};
use muster::credits::Credits;
use muster::error::Result;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::{Client, House, Team};

pub const RECORD: &str = "mutation($input: RecordUsageInput!) { recordUsage(input: $input) {
    summary { applied unchanged failed }
    results { status userErrors { code field ... on CreditLimitError { requestedCredits availableCredits } } } userErrors { code field } } }";
const CREDITS: &str = "{ account { cloudCredits { balance granted consumed expired adjusted overdraftAllowed noticePercents nextExpiry { amount expiresOn } } } }";

pub fn amount(text: &str) -> Credits {
    text.parse().unwrap()
}

pub fn booking(slug: &str, credits: &str, expires_on: Option<NaiveDate>) -> Booking {
    Booking {
        account: slug.to_owned(),
        amount: amount(credits),
        expires_on,
        reference: None,
        note: None,
    }
}

pub async fn grant(house: &House, credits: &str, expires_on: Option<NaiveDate>) {
    let grant = GrantCredits(booking("acme", credits, expires_on));
    house.app.run(&Actor::Operator, grant).await.unwrap();
}

pub async fn adjust(house: &House, credits: &str) -> Result<bool> {
    let mut booking = booking("acme", credits, None);
    booking.note = Some("a slip".into());
    house.app.run(&Actor::Operator, AdjustCredits(booking)).await
}

pub async fn overdraft(house: &House, is_allowed: bool) {
    let account = "acme".to_owned();
    let set = SetOverdraft { account, is_allowed };
    house.app.run(&Actor::Operator, set).await.unwrap();
}

/// A record of ten minutes that spends credits.
pub fn spend(person: usize, product: &str, day: &str, credits: &str, key: &str) -> Value {
    json!({"email": format!("p{person}@acme.example"), "productCode": product, "day": day, "minutes": 10, "launches": 1, "credits": credits, "key": key})
}

pub async fn record(client: &Client, records: &[Value]) -> Value {
    client.ask(RECORD, json!({"input": {"records": records}})).await["recordUsage"].clone()
}

/// How the account's credits stand, for its administrator.
pub async fn credits(team: &Team) -> Value {
    team.admin.ask(CREDITS, json!({})).await["account"]["cloudCredits"].clone()
}

/// The ledger of an account, the first entry first: kind, amount, balance after it.
pub async fn ledger(house: &House, team: &Team) -> Vec<(String, String, String)> {
    let entries = credit_entry::Entity::find()
        .filter(credit_entry::Column::AccountId.eq(team.account_id))
        .order_by_asc(credit_entry::Column::Id)
        .all(house.app.reader())
        .await
        .unwrap();
    let shown = |entry: credit_entry::Model| {
        let texts = [entry.amount, entry.balance_after].map(|figure| Credits(figure).to_string());
        let [amount, after] = texts;
        (entry.kind.to_value(), amount, after)
    };
    entries.into_iter().map(shown).collect()
}

/// The sum of the entries is the balance, is what each entry says in its turn, and is what is left of the lots.
pub async fn assert_books_agree(house: &House, team: &Team) {
    let of = team.account_id;
    let reader = house.app.reader();
    let book = credit_book::Entity::find_by_id((of, of))
        .one(reader)
        .await
        .unwrap();
    let entries = credit_entry::Entity::find()
        .filter(credit_entry::Column::AccountId.eq(of))
        .order_by_asc(credit_entry::Column::Number)
        .all(reader)
        .await
        .unwrap();
    let Some(book) = book else {
        assert!(entries.is_empty());
        return;
    };
    let (mut balance, mut sums) = (0, [0; 4]);
    for (place, entry) in entries.iter().enumerate() {
        assert_eq!(usize::try_from(entry.number).unwrap(), place + 1, "{entry:?}");
        balance += entry.amount;
        assert_eq!(entry.balance_after, balance, "{entry:?}");
        match entry.kind {
            Kind::Grant => sums[0] += entry.amount,
            Kind::Consumption => sums[1] -= entry.amount,
            Kind::Expiry => sums[2] -= entry.amount,
            Kind::Adjustment => sums[3] += entry.amount,
        }
    }
    assert!(entries.is_sorted_by_key(|entry| entry.id), "ids are in its order");
    assert_eq!(usize::try_from(book.entries).unwrap(), entries.len());
    assert_eq!(book.balance, balance);
    assert_eq!([book.granted, book.consumed, book.expired, book.adjusted], sums);
    let lots = credit_lot::Entity::find()
        .filter(credit_lot::Column::AccountId.eq(of))
        .all(reader)
        .await
        .unwrap();
    let rest: i64 = lots.iter().map(|lot| lot.rest).sum();
    assert_eq!(rest, balance.max(0), "what is left of the lots");
    assert!(book.allows_overdraft || balance >= book.least, "{book:?}");
}
