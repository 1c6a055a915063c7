//! Recording what was used.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use entity::ids::Kind;
use entity::user::{self, Status};
use entity::{usage_day, usage_month, usage_total};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::book::{Book, Written};
use super::concerned::{Concerned, Use};
use super::judge::Recordable;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Work};
use crate::credits::{Credits, Purse, Short, Used};
use crate::error::{Code, Detail, Refusal, Result};
use crate::person::EmailAddress;
use crate::platform::arrays::{among, among_texts};
use crate::platform::constants::Constants;
use crate::products::{Catalogue, Product, catalogue_holding};

/// What somebody used of a product on a day, or a part of it.
#[derive(Clone, Debug)]
pub struct UsageRecord {
    pub email: String,
    /// Code or name of the product, as in files.
    pub product: String,
    pub day: NaiveDate,
    pub minutes: i32,
    pub launches: i32,
    pub credits: Credits,
    /// Tells the record from others of the same person, product and day.
    pub key: String,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Recorded {
    Added,
    /// It was added before.
    Known,
    Refused(Refusal),
}

/// Adds records to the days they are of.
#[derive(Clone, Debug)]
pub struct RecordUsage {
    records: Vec<UsageRecord>,
    catalogue: Arc<Catalogue>,
}

impl RecordUsage {
    pub fn new(records: Vec<UsageRecord>) -> Self {
        Self {
            records,
            catalogue: Arc::default(),
        }
    }
}

impl Command for RecordUsage {
    /// One for each record, in order. A refusal names the member of its record.
    type Output = Vec<Recorded>;
    const NAME: &'static str = "usage.record";

    fn action(&self) -> Action {
        Action::RecordUsage
    }

    async fn prepare(&mut self, app: &App, _: &Actor) -> Result<()> {
        let words: BTreeSet<&str> = self
            .records
            .iter()
            .map(|record| record.product.as_str())
            .collect();
        let is_there = |known: &Catalogue| words.iter().all(|word| !known.by_word(word).is_empty());
        let catalogue = catalogue_holding(app, is_there).await?;
        self.catalogue = catalogue;
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Recorded>> {
        let account_id = work.account_id()?;
        let judged = self.judged(work);
        let emails = judged.iter().flatten().map(|(email, _)| email.key());
        let people = people(work, account_id, emails).await?;
        let used = |(record, judged): (&UsageRecord, Result<(EmailAddress, Uuid), Refusal>)| {
            let (email, product_id) = judged?;
            let unknown = || Refusal::new(Code::NotFound, "The account has nobody with this address.");
            let user_id = people.get(email.key()).copied();
            Ok(Use {
                user_id: user_id.ok_or_else(|| unknown().at("email"))?,
                product_id,
                day: record.day,
            })
        };
        let uses: Vec<Result<Use, Refusal>> = self.records.iter().zip(judged).map(used).collect();
        let mut book = open(work, account_id, uses.iter().flatten().copied()).await?;
        let tells_of_credits = |record: &UsageRecord| record.credits > Credits::default();
        let mut purse = match self.records.iter().any(tells_of_credits) {
            true => Purse::open(work, account_id).await?,
            false => None,
        };
        let add = |(place, (record, one)): (usize, (&UsageRecord, Result<Use, Refusal>))| {
            let added =
                one.and_then(|one| book.add(one, record, |credits| pay(purse.as_mut(), one, credits)));
            match added {
                Ok(true) => Recorded::Added,
                Ok(false) => Recorded::Known,
                Err(refusal) => Recorded::Refused(located(refusal, place)),
            }
        };
        let outcomes: Vec<Recorded> = self.records.iter().zip(uses).enumerate().map(add).collect();
        write(work, book.written()).await?;
        if let Some(purse) = purse {
            let account = work.account(account_id).await?;
            purse.write(work, &account).await?;
        }
        Ok(outcomes)
    }
}

/// Takes the credits of a use. Where none are kept for the account there is nothing to take them from.
fn pay(purse: Option<&mut Purse>, one: Use, credits: Credits) -> Result<(), Refusal> {
    let Some(purse) = purse.filter(|_| credits > Credits::default()) else {
        return Ok(());
    };
    let used = Used {
        user_id: one.user_id,
        product_id: one.product_id,
        day: one.day,
    };
    let short = |Short { requested, available }: Short| {
        let text = format!(
            "{requested} credits are needed and {available} left. The use is recorded; send the record again when there are more."
        );
        let detail = Detail::Credits {
            requested: requested.0,
            available: available.0,
        };
        Refusal::new(Code::CreditsExhausted, text)
            .at("credits")
            .with(detail)
    };
    purse.consume(used, credits).map_err(short)
}

/// A refusal that names a member of a record names it in the call.
fn located(mut refusal: Refusal, place: usize) -> Refusal {
    let member = refusal.field.take().unwrap_or_default().join(".");
    refusal.at(&format!("input.records.{place}.{member}"))
}

impl RecordUsage {
    /// Whose each record is and of what product, as far as it says by itself.
    fn judged(&self, work: &Work) -> Vec<Result<(EmailAddress, Uuid), Refusal>> {
        let kept = work.app().settings().retention.usage;
        let recordable = Recordable::of(work.now().date_naive(), kept);
        let judge = |record: &UsageRecord| {
            let email = recordable.judge(record)?;
            Ok((email, self.product(&record.product)?.0.model.id))
        };
        self.records.iter().map(judge).collect()
    }

    fn product(&self, word: &str) -> Result<&Product, Refusal> {
        let unknown = |text: &str| Refusal::new(Code::ProductUnknown, text).at("productCode");
        match self.catalogue.by_word(word).as_slice() {
            [one] => Ok(one),
            [] => Err(unknown("There is no product of this code.")),
            _ => Err(unknown("Several products have this name. Send the code.")),
        }
    }
}

/// E-mail → user, of those of an account that are named. Who was removed is not there.
async fn people<'a>(
    work: &Work,
    account_id: Uuid,
    emails: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, Uuid>> {
    let emails: BTreeSet<&str> = emails.collect();
    if emails.is_empty() {
        return Ok(HashMap::new());
    }
    let found = user::Entity::find()
        .select_only()
        .columns([user::Column::EmailKey, user::Column::Id])
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.ne_constant(Status::Removed))
        .filter(among_texts(
            work.backend(),
            user::Column::EmailKey,
            emails.into_iter(),
        ))
        .into_tuple::<(String, Uuid)>()
        .all(work.reader())
        .await?;
    Ok(found.into_iter().collect())
}

/// The rows that are concerned. Commands of an account take turns, so that they stay as they are until they are written.
async fn open(work: &Work, account_id: Uuid, uses: impl Iterator<Item = Use>) -> Result<Book> {
    let concerned = Concerned::by(uses);
    macro_rules! rows {
        ($table:ident, $ids:expr) => {
            match $ids.is_empty() {
                true => Vec::new(),
                false => {
                    $table::Entity::find()
                        .filter($table::Column::AccountId.eq(account_id))
                        .filter(among(work.backend(), $table::Column::Id, &$ids))
                        .all(work.reader())
                        .await?
                }
            }
        };
    }
    let days = rows!(usage_day, concerned.days);
    let months = rows!(usage_month, concerned.months);
    let totals = rows!(usage_total, concerned.totals);
    Ok(Book::open(account_id, work.now(), days, months, totals))
}

async fn write(work: &mut Work, written: Written) -> Result<()> {
    if written.days.is_empty() {
        return Ok(());
    }
    let products: BTreeSet<Uuid> = written.totals.iter().map(|total| total.product_id).collect();
    for id in products {
        work.touch(Kind::Product.text(id));
    }
    macro_rules! replace {
        ($table:ident, $rows:expr, $($column:ident),+) => {
            let as_they_are = OnConflict::columns([$table::Column::AccountId, $table::Column::Id])
                .update_columns([$($table::Column::$column),+])
                .to_owned();
            let rows = $rows.into_iter().map(IntoActiveModel::into_active_model);
            work.insert_or(rows.collect::<Vec<$table::ActiveModel>>(), as_they_are).await?;
        };
    }
    replace!(usage_day, written.days, Minutes, Launches, Credits, Records);
    replace!(
        usage_month,
        written.months,
        DaysUsed,
        Days,
        LastDay,
        Minutes,
        Launches,
        Credits
    );
    replace!(
        usage_total,
        written.totals,
        ActiveUsers,
        Minutes,
        Launches,
        Credits,
        UpdatedAt
    );
    Ok(())
}
