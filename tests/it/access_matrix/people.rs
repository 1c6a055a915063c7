//! Who asks: one of each role, and those who must get nothing. What each role may do is written down here once more, by hand, after the table of the domain.

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::SetPlan;
use serde_json::{Value, json};

use super::contract::Rule;
use super::paths::Known;
use crate::support::{Client, Database, House, PASSWORD, Team, team as new_team};
use crate::tenancy::{ids_of, lived_in};

/// The roles, in the order of the table.
pub static ROLES: [&str; 6] = [
    "PRIMARY_ADMIN",
    "SECONDARY_ADMIN",
    "SSO_ADMIN",
    "CONTRACT_MANAGER",
    "SOFTWARE_COORDINATOR",
    "USER",
];

/// The roles that have a permission.
pub fn holders(permission: &str) -> &'static [&'static str] {
    match permission {
        "USERS_READ" | "USERS_WRITE" | "PRODUCTS_READ" | "ASSIGNMENTS_WRITE" => &ROLES[..5],
        "ROLES_WRITE" | "IMPORTS_WRITE" => &ROLES[..3],
        "PRIMARY_ADMIN_TRANSFER" => &["PRIMARY_ADMIN", "SECONDARY_ADMIN"],
        "CONTRACTS_READ" => &[
            "PRIMARY_ADMIN",
            "SECONDARY_ADMIN",
            "CONTRACT_MANAGER",
            "SOFTWARE_COORDINATOR",
        ],
        "SSO_READ" | "SSO_WRITE" | "API_TOKENS_WRITE" => &["PRIMARY_ADMIN", "SSO_ADMIN"],
        other => panic!("the matrix has no row for the permission {other}"),
    }
}

/// Whether a rule lets a role pass, on the premium plan, for what is not its own.
pub fn may(role: &str, rule: &Rule) -> bool {
    rule.permission
        .as_ref()
        .is_none_or(|permission| holders(permission).contains(&role))
}

/// A member with a role.
pub struct Person {
    pub role: &'static str,
    email: String,
    pub client: Client,
}

impl Person {
    /// Signs in again: a mutation may have ended the session.
    pub async fn return_to(&mut self, house: &House) {
        self.client = house.sign_in(&self.email, PASSWORD).await;
    }
}

/// Everybody there is.
pub struct People {
    pub members: Vec<Person>,
    pub disabled: Client,
    pub foreign: Team,
    /// An id of each type of the account.
    pub known: Known,
}

/// Ties somebody to the account's provider, as the administrator is.
async fn link(house: &House, email: &str) {
    let id = house.literal(entity::ids::new(house.app.clock().now()));
    let linked = format!(
        "INSERT INTO external_identities (account_id, id, user_id, identity_provider_id, issuer, subject, linked_at) \
         SELECT e.account_id, {id}, u.id, e.identity_provider_id, e.issuer, u.email_key, e.linked_at \
         FROM external_identities e JOIN users u ON u.account_id = e.account_id AND u.email_key = '{email}' LIMIT 1"
    );
    assert_eq!(house.force(&linked).await.unwrap(), 1, "{email} is not linked");
}

/// An account with a row in every table and somebody of every role; and another account.
pub async fn gather(database: Database) -> (House, People) {
    let house = House::open(database).await;
    let team = lived_in(&house, "acme", Plan::Standard).await;
    let premium = SetPlan {
        account: "acme".into(),
        plan: Plan::Premium,
    };
    house.app.run(&Actor::Operator, premium).await.unwrap();
    // Enough for everybody: who has nothing of his own shows no guard at work.
    house.force("UPDATE subscriptions SET seats = 100").await.unwrap();
    let mut members = vec![Person {
        role: ROLES[0],
        email: "admin@acme.example".into(),
        client: team.admin.clone(),
    }];
    for role in &ROLES[1..] {
        let email = format!("{}@acme.example", role.to_lowercase());
        team.join(&house, &email, "USER").await;
        // The classic roles are none of this account's view; their rights are the same in any.
        let forced = format!("UPDATE users SET role = '{role}' WHERE email_key = '{email}'");
        house.force(&forced).await.unwrap();
        link(&house, &email).await;
        let client = house.sign_in(&email, PASSWORD).await;
        members.push(Person { role, email, client });
    }
    let disabled = team
        .join(&house, "disabled@acme.example", "SECONDARY_ADMIN")
        .await;
    give_seats(&team, &disabled).await;
    house.settle_mails().await;
    let foreign = new_team(&house, "foreign", Plan::Premium).await;
    let known = known(&house, &team).await;
    let people = People {
        members,
        disabled,
        foreign,
        known,
    };
    (house, people)
}

fn user_ids(answer: &Value) -> Vec<String> {
    let nodes = answer["account"]["users"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Gives everybody a seat, so that everybody has something of his own to read; then disables one.
async fn give_seats(team: &Team, disabled: &Client) {
    let asked = "{ account { users(first: 50) { nodes { id } } subscriptions { nodes { id } } } }";
    let seen = team.admin.ask(asked, json!({})).await;
    let subscription = &seen["account"]["subscriptions"]["nodes"][0]["id"];
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { userErrors { code } } }";
    let input = json!({"source": {"subscriptionId": subscription}, "userIds": user_ids(&seen), "onError": "SKIP_FAILED"});
    team.admin.ask(assign, json!({"input": input})).await;
    let own = disabled.ask("{ viewer { user { id } } }", json!({})).await;
    let disable = "mutation($input: UserIdsInput!) { disableUsers(input: $input) { summary { applied } } }";
    let input = json!({"userIds": [own["viewer"]["user"]["id"]]});
    let answer = team.admin.ask(disable, json!({"input": input})).await;
    assert_eq!(answer["disableUsers"]["summary"]["applied"], 1);
}

/// What the ids of an account's rows are called in the schema.
async fn known(house: &House, team: &Team) -> Known {
    let mut known = Known::new();
    for (_, id) in ids_of(house, team).await {
        let query = "query($id: ID!) { node(id: $id) { __typename } }";
        let seen = team.admin.ask(query, json!({"id": id})).await;
        if let Some(kind) = seen["node"]["__typename"].as_str() {
            known.entry(kind.to_owned()).or_insert(id);
        }
    }
    known
}
