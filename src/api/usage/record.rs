//! Recording usage over GraphQL.

use async_graphql::InputObject;
use graphql::{Bulk, Date, Object, Sent, Type};

use super::decimal::Decimal;
use crate::api::Mutation;
use crate::api::bulk::{BulkItemStatus, check_length, item};
use crate::api::guard::Permission;
use crate::error::Result;
use crate::idempotency::Once;
use crate::limits;
use crate::read::Scope;
use crate::usage::{RecordUsage, Recorded, UsageRecord};

/// The mutation of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("recordUsage", record)
        .doc("Adds what people used of products, at most 1,000 records a call, to the days they are of. A record that was added before is `UNCHANGED`: the same person, product, day and key count once, for as long as days are kept. Each record is judged by itself; those that are refused leave the others alone. The credits of a record are taken from the account's (`Account.cloudCredits`), where any are kept for it; a record for whose credits there are not enough is `FAILED` (`CREDITS_EXHAUSTED`), its minutes and launches are recorded all the same, and sent again it adds its credits, once there are enough.")
        .guard(Permission::UsageWrite)
        .weight(50);
}

/// What somebody used of a product on a day, or a part of it; records of one day with different keys are added up.
#[derive(InputObject, Debug)]
struct UsageRecordInput {
    /// Whose use it is: the e-mail address of somebody in the account, in any case, at most 254 bytes.
    email: String,
    /// Code of the product, in any case; a name that no other product has does as well.
    product_code: String,
    /// The day, in the time zone of whoever used it: no later than tomorrow (UTC), and no older than days are kept (800 unless the operator says otherwise).
    day: Date,
    /// Minutes used: 0 to 1,440.
    #[graphql(default = 0)]
    minutes: i32,
    /// Sessions: how often the product was launched, 0 to 10,000.
    #[graphql(default = 0)]
    launches: i32,
    /// Cloud credits spent: "0" to "1000000", with four decimals at most; null: none. All of them are taken from the account's, or none.
    credits: Option<Decimal>,
    /// Tells the record from others of the same person, product and day: 1 to 200 bytes.
    key: String,
}

/// What was used.
#[derive(InputObject, Debug)]
struct RecordUsageInput {
    /// 1 to 1,000 records.
    records: Vec<UsageRecordInput>,
    /// Makes the call safe to repeat for 24 hours: the same call under the same key is answered as the first one. 1 to 200 bytes; null: no key, and records that were added are
    /// told as `UNCHANGED`.
    idempotency_key: Option<String>,
}

async fn record(scope: Scope, input: RecordUsageInput, sent: Sent) -> Result<Bulk<RecordUsageResult>> {
    check_length(input.records.len(), limits::RECORDS_AT_ONCE, "input.records")?;
    let record = |given: UsageRecordInput| UsageRecord {
        email: given.email,
        product: given.product_code,
        day: given.day.0,
        minutes: given.minutes,
        launches: given.launches,
        credits: given.credits.map(|amount| amount.0).unwrap_or_default(),
        key: given.key,
    };
    let command = RecordUsage::new(input.records.into_iter().map(record).collect());
    let done = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    let result = |recorded: Recorded| {
        let ended = match recorded {
            Recorded::Added => Ok(BulkItemStatus::Applied),
            Recorded::Known => Ok(BulkItemStatus::Unchanged),
            Recorded::Refused(refusal) => Err(refusal),
        };
        item(ended, RecordUsageResult)
    };
    Ok(Bulk::of(done.output.into_iter().map(result)))
}

#[derive(Clone)]
struct RecordUsageResult;

impl Object for RecordUsageResult {
    const NAME: &'static str = "RecordUsageResult";
    const DOC: &'static str =
        "Outcome for one record: `APPLIED` if it was added, `UNCHANGED` if it was there already.";

    fn describe(_: &mut Type<Self>) {}
}
