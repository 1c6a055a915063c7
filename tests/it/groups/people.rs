//! People who come into groups as they are invited.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{group, has, people, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, add_product, team};

const INVITE: &str = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { user { id groups { nodes { name } } } userErrors { code field } } }";
const INVITE_ALL: &str = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { status user { id } userErrors { code } } userErrors { code field } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_invited_come_into_groups_with_what_these_give_and_their_mail_names_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let known = people(&team, "known", 1).await;
    let design = group(&team, "Design", &[], &[&draw]).await;
    let support = group(&team, "Support", &[], &[]).await;
    house.settle_mails().await;
    let before = house.mails().len();
    let made = send(
        &team,
        INVITE,
        json!({"email": "one@acme.example", "groupIds": [design, support, design]}),
    )
    .await;
    assert_eq!(made["userErrors"], json!([]));
    assert_eq!(
        made["user"]["groups"]["nodes"],
        json!([{"name": "Design"}, {"name": "Support"}])
    );
    house.settle_mails().await;
    let mails = house.mails();
    assert_eq!(mails.len(), before + 1);
    assert!(
        mails
            .iter()
            .any(|mail| mail.contains("one@acme.example") && mail.contains("Product DRAW"))
    );

    // Somebody known comes in too; with too few seats the last wait, and that fails nobody.
    let list = json!({"recipients": {"emails": ["known0@acme.example", "two@acme.example"]}, "groupIds": [design], "onError": "REJECT_ALL"});
    let all = send(&team, INVITE_ALL, list).await;
    assert_eq!(all["userErrors"], json!([]));
    let two = all["results"][1]["user"]["id"].as_str().unwrap().to_owned();
    let waiting: Vec<Vec<String>> = [has(&team, &known[0]).await, has(&team, &two).await].into();
    assert_eq!(waiting, [["DRAW GROUP"], ["DRAW ..."]]);
    assert_seats_agree(&house).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_not_there_or_too_many_of_them_invite_nobody() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let design = group(&team, "Design", &[], &[]).await;
    let other = team_of_another(&house).await;
    let before = team.counts().await;
    let list = |groups: Value| json!({"recipients": {"emails": ["one@acme.example"]}, "groupIds": groups});
    for (groups, code, field) in [
        (
            json!([design, other]),
            "NOT_FOUND",
            json!(["input", "groupIds", "1"]),
        ),
        (
            json!(["grp_nonsense"]),
            "NOT_FOUND",
            json!(["input", "groupIds", "0"]),
        ),
        (
            json!(vec![&design; 21]),
            "TOO_MANY_ITEMS",
            json!(["input", "groupIds"]),
        ),
    ] {
        let refused = send(&team, INVITE_ALL, list(groups.clone())).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": field}]),
            "{groups}"
        );
        let one = json!({"email": "one@acme.example", "groupIds": groups});
        let refused = send(&team, INVITE, one).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": field}]),
            "{groups}"
        );
    }
    assert_eq!(team.counts().await, before);
    house.close().await;
}

async fn team_of_another(house: &House) -> String {
    let other = team(house, "other", Plan::Standard).await;
    group(&other, "Design", &[], &[]).await
}
