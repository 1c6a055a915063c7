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

/// What an API token may be for. Whoever holds one is called by its scope.
pub static SCOPES: [&str; 7] = [
    "USERS_READ",
    "USERS_WRITE",
    "ASSIGNMENTS_READ",
    "ASSIGNMENTS_WRITE",
    "AUDIT_READ",
    "USAGE_READ",
    "USAGE_WRITE",
];

/// The scopes that cover a permission: reading and writing of users, of seats and of usage, reading the audit log, and nothing else.
fn covering(permission: &str) -> &'static [&'static str] {
    match permission {
        "USERS_READ" => &SCOPES[..2],
        "USERS_WRITE" | "GROUPS_WRITE" => &SCOPES[1..2],
        "PRODUCTS_READ" => &SCOPES[2..4],
        "ASSIGNMENTS_WRITE" => &SCOPES[3..4],
        "AUDIT_READ" => &SCOPES[4..5],
        "USAGE_READ" => &SCOPES[5..6],
        "USAGE_WRITE" => &SCOPES[6..],
        _ => &[],
    }
}

/// The roles that have a permission.
pub fn holders(permission: &str) -> &'static [&'static str] {
    match permission {
        "USERS_READ" | "USERS_WRITE" | "PRODUCTS_READ" | "ASSIGNMENTS_WRITE" | "GROUPS_WRITE"
        | "EXPORTS_WRITE" | "AUDIT_READ" | "USAGE_READ" => &ROLES[..5],
        "ROLES_WRITE" | "USAGE_WRITE" => &ROLES[..4],
        "IMPORTS_WRITE" => &ROLES[..3],
        "ACCOUNT_WRITE" | "CONTRACTS_WRITE" => &["PRIMARY_ADMIN", "SECONDARY_ADMIN", "CONTRACT_MANAGER"],
        "ACCOUNT_VIEW_SWITCH" => &["PRIMARY_ADMIN", "CONTRACT_MANAGER"],
        "CONTRACTS_TRANSFER" => &["CONTRACT_MANAGER"],
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

/// Whether a rule lets a role or a scope pass, on the premium plan, for what is not its own.
pub fn may(who: &str, rule: &Rule) -> bool {
    rule.permission
        .as_ref()
        .is_none_or(|permission| holders(permission).contains(&who) || covering(permission).contains(&who))
}

/// As [`may`], for a mutation or a subscription: what people may also do to themselves is for people only.
pub fn may_call(who: &str, rule: &Rule) -> bool {
    may(who, rule) && !(rule.is_self_allowed && SCOPES.contains(&who))
}

/// A member with a role, or a script with a token of one scope.
pub struct Person {
    /// The role, or the scope.
    pub role: &'static str,
    email: String,
    pub client: Client,
}

impl Person {
    /// A script is nobody: it has nothing of its own.
    pub fn is_script(&self) -> bool {
        SCOPES.contains(&self.role)
    }

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
    // Enough for everybody: who has nothing of their own shows no guard at work.
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
    for scope in SCOPES {
        members.push(script(&house, &team, scope).await);
    }
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

/// A script of the primary administrator, who may everything: what it may not is kept from it by its scope.
async fn script(house: &House, team: &Team, scope: &'static str) -> Person {
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let until = house.app.clock().now() + chrono::Duration::days(30);
    let input = json!({"name": scope, "scopes": [scope], "expiresAt": until.to_rfc3339()});
    let made = team.admin.ask(create, json!({"input": input})).await;
    let mut client = team.admin.clone();
    client.token = Some(made["createApiToken"]["secret"].as_str().unwrap().to_owned());
    Person {
        role: scope,
        email: "admin@acme.example".into(),
        client,
    }
}

fn user_ids(answer: &Value) -> Vec<String> {
    let nodes = answer["account"]["users"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Gives everybody a seat and puts them into a group, so that everybody has something of their own to read; then disables one.
async fn give_seats(team: &Team, disabled: &Client) {
    let asked = "{ account { users(first: 50) { nodes { id } } subscriptions { nodes { id } } groups(first: 1) { nodes { id } } } }";
    let seen = team.admin.ask(asked, json!({})).await;
    let group = &seen["account"]["groups"]["nodes"][0]["id"];
    let join =
        "mutation($input: GroupMembersInput!) { addGroupMembers(input: $input) { userErrors { code } } }";
    let input = json!({"groupId": group, "userIds": user_ids(&seen)});
    team.admin.ask(join, json!({"input": input})).await;
    let subscription = &seen["account"]["subscriptions"]["nodes"][0]["id"];
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { userErrors { code } } }";
    let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": user_ids(&seen), "onError": "SKIP_FAILED"});
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
