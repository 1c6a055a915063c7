//! What becomes of members when something else happens to them.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{activate, equip, group, has, join, leave, people, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, Team, add_product, team};

async fn change(team: &Team, mutation: &str, users: &[String]) -> Value {
    let query = format!(
        "mutation($input: UserIdsInput!) {{ {mutation}(input: $input) {{ summary {{ applied }} results {{ releasedSeats userErrors {{ code }} }} userErrors {{ code }} }} }}"
    );
    let answer = send(team, &query, json!({"userIds": users})).await;
    assert_eq!(answer["summary"]["applied"], users.len(), "{answer}");
    answer
}

async fn count(team: &Team, group: &str) -> i64 {
    let query = "query($id: ID!) { group(id: $id) { memberCount members(first: 0) { totalCount } } }";
    let answer = team.admin.ask(query, json!({"id": group})).await;
    let count = answer["group"]["memberCount"].as_i64().unwrap();
    assert_eq!(answer["group"]["members"]["totalCount"], count);
    count
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn disabled_members_hold_nothing_and_get_what_their_groups_give_when_they_are_enabled(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (draw, ink, clay) = (
        add_product(&house, "acme", "DRAW", 2).await,
        add_product(&house, "acme", "INK", 9).await,
        add_product(&house, "acme", "CLAY", 9).await,
    );
    let users = people(&team, "p", 4).await;
    activate(&house).await;
    let design = group(&team, "Design", &users[..2], &[&draw, &ink]).await;
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { results { status } userErrors { code } } }";
    let by_hand = json!({"sources": [{"subscriptionId": clay}], "userIds": users[..1]});
    send(&team, assign, by_hand).await;
    // Components are remembered, whoever gave the seat.
    let query = "query($id: ID!) { user(id: $id) { assignments { nodes { id product { code components { id code } } } } } }";
    let seats = team.admin.ask(query, json!({"id": users[0]})).await["user"]["assignments"]["nodes"].clone();
    let seat = seats
        .as_array()
        .unwrap()
        .iter()
        .find(|seat| seat["product"]["code"] == "INK")
        .unwrap();
    let parts = seat["product"]["components"].as_array().unwrap();
    let core = parts.iter().find(|part| part["code"] == "CORE").unwrap();
    let customise = "mutation($input: CustomizeAssignmentInput!) { customizeAssignment(input: $input) { assignment { source } userErrors { code } } }";
    let customised = send(
        &team,
        customise,
        json!({"assignmentId": seat["id"], "componentIds": [core["id"]]}),
    )
    .await;
    assert_eq!(
        customised["assignment"]["source"], "GROUP",
        "switching components moves no seat"
    );

    let gone = change(&team, "disableUsers", &users[..1]).await;
    assert_eq!(gone["results"][0]["releasedSeats"], 3);
    assert_eq!(count(&team, &design).await, 2, "they are in the group still");
    // Somebody else comes in and takes the seat; what the group gives changes meanwhile.
    join(&team, &design, &users[2..3]).await;
    let back = change(&team, "enableUsers", &users[..1]).await;
    assert_eq!(
        back["results"][0]["userErrors"],
        json!([]),
        "they wait, which is no shortfall"
    );
    assert_eq!(
        has(&team, &users[0]).await,
        ["CLAY MANUAL", "DRAW ...", "INK GROUP"]
    );
    let on = "query($id: ID!) { user(id: $id) { assignments { nodes { product { code } components { isEnabled component { code } } } } } }";
    let seats = team.admin.ask(on, json!({"id": users[0]})).await["user"]["assignments"]["nodes"].clone();
    let seat = seats
        .as_array()
        .unwrap()
        .iter()
        .find(|seat| seat["product"]["code"] == "INK")
        .unwrap();
    let enabled = seat["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["isEnabled"] == true);
    assert_eq!(enabled.count(), 1);
    assert_seats_agree(&house).await;

    // What the group does not give any more is not given again.
    change(&team, "disableUsers", &users[..1]).await;
    equip(&team, &design, &[&draw]).await;
    change(&team, "enableUsers", &users[..1]).await;
    assert_eq!(has(&team, &users[0]).await, ["CLAY MANUAL", "DRAW ..."]);
    // Whoever comes in disabled gets nothing, until they are enabled.
    change(&team, "disableUsers", &users[3..]).await;
    leave(&team, &design, &users[..3]).await;
    let came = join(&team, &design, &users[3..]).await;
    assert_eq!(
        (&came["summary"]["applied"], &came["seats"]),
        (&json!(1), &json!([]))
    );
    assert_eq!(has(&team, &users[3]).await, Vec::<String>::new());
    change(&team, "enableUsers", &users[3..]).await;
    assert_eq!(has(&team, &users[3]).await, ["DRAW GROUP"]);
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_removed_or_whose_invitation_is_revoked_is_in_no_group_any_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let users = people(&team, "p", 4).await;
    let design = group(&team, "Design", &users, &[&draw]).await;
    assert_eq!(
        team.seats(&draw).await,
        (2, 2, 2),
        "kept for people who have not joined"
    );
    change(&team, "removeUsers", &users[..1]).await;
    assert_eq!(count(&team, &design).await, 3);
    assert_eq!(
        has(&team, &users[2]).await,
        ["DRAW GROUP"],
        "whoever waited has it"
    );
    let query = "query($id: ID!) { user(id: $id) { invitation { id } } }";
    let invitation = team.admin.ask(query, json!({"id": users[1]})).await["user"]["invitation"]["id"].clone();
    let revoke =
        "mutation($input: InvitationIdsInput!) { revokeInvitations(input: $input) { summary { applied } } }";
    send(&team, revoke, json!({"invitationIds": [invitation]})).await;
    assert_eq!(count(&team, &design).await, 2);
    assert_eq!(has(&team, &users[1]).await, Vec::<String>::new());
    assert_seats_agree(&house).await;

    // The address added again is somebody new, who is in no group.
    let invited = team.invite("p0@acme.example").await;
    assert_ne!(invited, users[0]);
    let groups = "query($id: ID!) { user(id: $id) { groups { totalCount } } }";
    let seen = team.admin.ask(groups, json!({"id": invited})).await;
    assert_eq!(seen["user"]["groups"]["totalCount"], 0);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_joins_the_account_keeps_the_seat_and_reads_of_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let design = group(&team, "Design", &[], &[&draw]).await;
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { user { id status } } userErrors { code } } }";
    let staged =
        json!({"recipients": {"emails": ["new@acme.example"]}, "sendNow": false, "groupIds": [design]});
    let staged = send(&team, invite, staged).await;
    let user = staged["results"][0]["user"]["id"].as_str().unwrap().to_owned();
    assert_eq!(staged["results"][0]["user"]["status"], "STAGED");
    assert_eq!(team.seats(&draw).await, (5, 1, 1));
    let send_now =
        "mutation($input: SendInvitationsInput!) { sendInvitations(input: $input) { summary { applied } } }";
    send(&team, send_now, json!({"userIds": [user]})).await;
    let _client = crate::support::accept(&house, "new@acme.example").await;
    assert_eq!(team.seats(&draw).await, (5, 1, 0));
    assert_eq!(has(&team, &user).await, ["DRAW GROUP"]);
    let id = Kind::User.parse(&user).unwrap();
    assert_ne!(id, uuid::Uuid::nil());
    house.settle_mails().await;
    let mails = house.mails();
    assert!(
        mails
            .iter()
            .any(|mail| mail.contains("new@acme.example") && mail.contains("Product DRAW"))
    );
    assert_seats_agree(&house).await;
    house.close().await;
}
