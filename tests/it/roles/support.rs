//! What the tests of this module share: the five mutations, and a look behind them.

use entity::account::Plan;
use entity::ids::Kind;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Database, House, Team, team};

const RESULTS: &str = "results { index userId status releasedSeats user { id status role } userErrors { code message field ... on SeatLimitError { available } } } summary { applied unchanged failed } userErrors { code field }";

/// An account on the premium plan, with its primary administrator.
pub async fn premium(database: Database) -> (House, Team) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    (house, team)
}

/// Calls `disableUsers`, `enableUsers` or `removeUsers`.
pub async fn call(client: &Client, mutation: &str, users: &[&str]) -> Value {
    call_with(client, mutation, json!({"userIds": users})).await
}

pub async fn call_with(client: &Client, mutation: &str, input: Value) -> Value {
    let query = format!("mutation($input: UserIdsInput!) {{ {mutation}(input: $input) {{ {RESULTS} }} }}");
    client.ask(&query, json!({"input": input})).await[mutation].clone()
}

pub async fn change_role(client: &Client, user: &str, role: &str) -> Value {
    let query = "mutation($input: ChangeUserRoleInput!) { changeUserRole(input: $input) { user { id role version } userErrors { __typename code field } } }";
    let input = json!({"userId": user, "role": role});
    client.ask(query, json!({"input": input})).await["changeUserRole"].clone()
}

pub const HAND_OVER: &str = "mutation($input: TransferPrimaryAdminInput!) { transferPrimaryAdmin(input: $input) {
    account { primaryAdmin { id } } newPrimaryAdmin { id role } formerPrimaryAdmin { id role } userErrors { code field } } }";

pub async fn hand_over(client: &Client, to: &str) -> Value {
    let answer = client.ask(HAND_OVER, json!({"input": {"toUserId": to}})).await;
    answer["transferPrimaryAdmin"].clone()
}

/// The id of whoever is signed in.
pub async fn id_of(client: &Client) -> String {
    let answer = client.ask("{ viewer { user { id } } }", json!({})).await;
    answer["viewer"]["user"]["id"].as_str().unwrap().to_owned()
}

/// Whether a client's token still opens anything.
pub async fn is_signed_in(client: &Client) -> bool {
    let (_, answer) = client.send("{ account { id } }", json!({})).await;
    match answer["errors"][0]["extensions"]["code"].as_str() {
        None => true,
        Some("SESSION_EXPIRED") => false,
        Some(other) => panic!("neither in nor out: {other}"),
    }
}

/// The code of the first problem a payload tells.
pub fn code(payload: &Value) -> &str {
    payload["userErrors"][0]["code"].as_str().unwrap_or("none")
}

pub fn uuid(id: &str) -> Uuid {
    Kind::User.parse(id).unwrap()
}

impl Team {
    /// Role and status of a user as they are stored.
    pub async fn stored(&self, house: &House, user: &str) -> (String, String) {
        use sea_orm::{ActiveEnum, EntityTrait};
        let found = entity::user::Entity::find_by_id((self.account_id, uuid(user)));
        let found = found.one(house.app.reader()).await.unwrap().unwrap();
        (found.role.to_value(), found.status.to_value())
    }

    /// The audit log's rows of an action that succeeded, as `targets changes`.
    pub async fn audited(&self, house: &House, action: &str) -> Vec<String> {
        use entity::audit_event::{AuditOutcome, Column, Entity};
        use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
        let rows = Entity::find()
            .filter(Column::AccountId.eq(self.account_id))
            .filter(Column::Action.eq(action))
            .filter(Column::Outcome.eq(AuditOutcome::Success))
            .order_by_asc(Column::Id);
        let rows = rows.all(house.app.reader()).await.unwrap();
        let text = |row: entity::audit_event::Model| {
            format!("{} {}", row.targets.0.join(" "), row.changes.unwrap_or_default())
        };
        rows.into_iter().map(text).collect()
    }

    /// How many primary administrators there are.
    pub async fn primaries(&self, house: &House) -> i64 {
        let account = house.literal(self.account_id);
        let sql =
            format!("SELECT COUNT(*) FROM users WHERE account_id = {account} AND role = 'PRIMARY_ADMIN'");
        house.number(&sql).await
    }
}
