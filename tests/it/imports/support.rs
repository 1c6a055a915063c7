//! What every test of imports does: upload a file, wait for its end, read what became of each row, and look at what else changed.

use std::collections::BTreeMap;
use std::time::Duration;

use entity::user::{Role, Status};
use entity::{mail, user};
use muster::access::{Action, Actor};
use muster::command::{Command, Work};
use muster::error::Result;
use muster::platform::events::Wake;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, House, Team};

pub const HEADER: &str = "First Name,Last Name,Email,Role,Products,External ID\n";

const IMPORT: &str = "id status isCancellable progress { sequence phase processed total succeeded failed skipped percent }
    failure { code message } outcomeCounts { outcome count } errorReport { url filename byteSize expiresAt }
    preview { detectedEncoding delimiter rowCount mailCount columns { header mappedTo } outcomeCounts { outcome count }
        seatNeeds { subscription { id } required available } sampleRows { lineNumber status outcome user { id } } }";

/// A file of people with nothing but names and addresses.
pub fn people(team: &str, count: usize) -> String {
    let row = |number| format!("Person,Number {number},person{number}@{team}.example,,,\n");
    HEADER.to_owned() + &(0..count).map(row).collect::<String>()
}

/// Sends `startImport`; answers its payload.
pub async fn start(client: &Client, upload: &str, options: Value) -> Value {
    let mut input = json!({"uploadId": upload, "mode": "APPLY"});
    for (name, value) in options.as_object().unwrap() {
        input[name] = value.clone();
    }
    let query = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id status } userErrors { code message field } } }";
    client.ask(query, json!({"input": input})).await["startImport"].clone()
}

/// Uploads a file and starts its import; answers the import's id.
pub async fn begin(client: &Client, csv: &[u8], options: Value) -> String {
    let upload = client.upload("people.csv", csv).await;
    let payload = start(client, &upload, options).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["import"]["id"].as_str().unwrap().to_owned()
}

/// Uploads a file, imports it and waits for the end, or for a dry run to be confirmed.
pub async fn run(client: &Client, csv: &[u8], options: Value) -> Value {
    let id = begin(client, csv, options).await;
    settled(client, &id).await
}

pub async fn look(client: &Client, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ import(id: $id) {{ {IMPORT} }} }}");
    client.ask(&query, json!({"id": id})).await["import"].clone()
}

/// Waits until an import is in a state that `is_awaited` accepts.
pub async fn wait_for(client: &Client, id: &str, is_awaited: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..3_000 {
        let import = look(client, id).await;
        if is_awaited(&import) {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the import never came so far: {:#}", look(client, id).await);
}

/// Waits for the end, or for a dry run to be confirmed.
pub async fn settled(client: &Client, id: &str) -> Value {
    let waits = ["QUEUED", "RUNNING", "CANCELLING"];
    wait_for(client, id, |import| {
        !waits.contains(&import["status"].as_str().unwrap())
    })
    .await
}

/// `confirmImport` or `cancelImport`; answers the payload.
pub async fn decide(client: &Client, mutation: &str, id: &str) -> Value {
    let input = match mutation {
        "confirmImport" => "ConfirmImportInput",
        _ => "CancelImportInput",
    };
    let query = format!(
        "mutation($input: {input}!) {{ {mutation}(input: $input) {{ import {{ id status }} userErrors {{ code field }} }} }}"
    );
    client.ask(&query, json!({"input": {"importId": id}})).await[mutation].clone()
}

/// All rows with one of the statuses, page after page.
pub async fn rows(client: &Client, id: &str, statuses: Value) -> Vec<Value> {
    let query = "query($id: ID!, $status: [ImportRowStatus!], $after: String) { import(id: $id) { rows(first: 100, after: $after, filter: {status: $status}) {
        nodes { lineNumber status outcome cells user { id email status } userErrors { code message field } } pageInfo { hasNextPage endCursor } } } }";
    let (mut rows, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({"id": id, "status": statuses, "after": after});
        let page = client.ask(query, variables).await["import"]["rows"].clone();
        rows.extend(page["nodes"].as_array().unwrap().iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return rows;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Rows by outcome, as the import counts them.
pub fn outcomes(counts: &Value) -> BTreeMap<String, i64> {
    let counts = counts.as_array().unwrap().iter();
    counts
        .map(|count| {
            (
                count["outcome"].as_str().unwrap().to_owned(),
                count["count"].as_i64().unwrap(),
            )
        })
        .collect()
}

/// The counters of an import agree with one another, and with the rows that are kept.
pub async fn assert_sums(client: &Client, import: &Value) {
    let progress = &import["progress"];
    let number = |name: &str| progress[name].as_i64().unwrap();
    let sum = number("succeeded") + number("failed") + number("skipped");
    assert_eq!(number("processed"), sum);
    assert_eq!(progress["processed"], progress["total"]);
    assert_eq!(outcomes(&import["outcomeCounts"]).values().sum::<i64>(), sum);
    let kept = rows(client, import["id"].as_str().unwrap(), Value::Null).await;
    assert_eq!(kept.len(), usize::try_from(sum).unwrap());
    let failed = kept.iter().filter(|row| row["status"] == "FAILED").count();
    assert_eq!(failed, usize::try_from(number("failed")).unwrap());
}

/// Everything in an account that an import could change, apart from the mail and the notification that it ended.
#[derive(Debug, PartialEq)]
pub struct Standing {
    counts: Value,
    users: Vec<(String, String, i32)>,
    seats: Vec<(Uuid, i32, i32)>,
    invitations: Vec<(Uuid, i32)>,
    assignments: usize,
    mails: Vec<String>,
}

pub async fn standing(house: &House, team: &Team) -> Standing {
    use entity::{assignment, invitation, subscription};
    let (db, account) = (house.app.reader(), team.account_id);
    let users = user::Entity::find().filter(user::Column::AccountId.eq(account));
    let seats = subscription::Entity::find().filter(subscription::Column::AccountId.eq(account));
    let invitations = invitation::Entity::find().filter(invitation::Column::AccountId.eq(account));
    let assignments = assignment::Entity::find().filter(assignment::Column::AccountId.eq(account));
    let mut standing = Standing {
        counts: team.counts().await,
        users: users
            .all(db)
            .await
            .unwrap()
            .into_iter()
            .map(|user| (user.email_key, user.status.to_value(), user.version))
            .collect(),
        seats: seats
            .all(db)
            .await
            .unwrap()
            .into_iter()
            .map(|found| (found.id, found.seats_used, found.seats_reserved))
            .collect(),
        invitations: invitations
            .all(db)
            .await
            .unwrap()
            .into_iter()
            .map(|found| (found.id, found.generation))
            .collect(),
        assignments: assignments.all(db).await.unwrap().len(),
        mails: mails(house, team)
            .await
            .into_iter()
            .filter(|mail| mail.kind != "import_finished")
            .map(|mail| mail.key)
            .collect(),
    };
    standing.users.sort();
    standing.seats.sort();
    standing.invitations.sort();
    standing.mails.sort();
    standing
}

/// The mails of an account, as written.
pub async fn mails(house: &House, team: &Team) -> Vec<mail::Model> {
    mail::Entity::find()
        .filter(mail::Column::AccountId.eq(team.account_id))
        .all(house.app.reader())
        .await
        .unwrap()
}

/// Mails of a kind, by address.
pub async fn mails_of(house: &House, team: &Team, kind: &str) -> Vec<(String, Value)> {
    let mut found: Vec<_> = mails(house, team)
        .await
        .into_iter()
        .filter(|mail| mail.kind == kind)
        .map(|mail| (mail.to_address, mail.payload))
        .collect();
    found.sort_by(|left, right| left.0.cmp(&right.0));
    found
}

/// Gives somebody another role or status behind everybody's back.
#[derive(Debug)]
pub struct Alter {
    pub account_id: Uuid,
    pub email: &'static str,
    pub role: Role,
    pub status: Status,
}

impl Command for Alter {
    type Output = ();
    const NAME: &'static str = "test.alter";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let altered = user::Entity::update_many()
            .col_expr(user::Column::Role, Expr::value(self.role))
            .col_expr(user::Column::Status, Expr::value(self.status))
            .filter(user::Column::AccountId.eq(self.account_id))
            .filter(user::Column::EmailKey.eq(self.email));
        for user in work.update_returning(altered).await? {
            work.wake(Wake::User {
                account_id: user.account_id,
                id: user.id,
            });
        }
        Ok(())
    }
}

pub async fn alter(house: &House, team: &Team, email: &'static str, role: Role, status: Status) {
    let alter = Alter {
        account_id: team.account_id,
        email,
        role,
        status,
    };
    house.app.run(&Actor::Platform, alter).await.unwrap();
}
