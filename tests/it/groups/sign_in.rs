//! Who signs in for the first time comes into the default groups of their identity provider.

use entity::ids::Kind;
use rstest::rstest;
use serde_json::json;

use super::support::{group, has, people, send};
use crate::sso_sign_in::setting::Setting;
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, add_product};

#[rstest]
#[case(Database::Sqlite)]
#[case(Database::Postgres)]
#[tokio::test]
async fn somebody_provisioned_comes_into_the_groups_and_waits_where_no_seat_is_left(
    #[case] database: Database,
) {
    let setting = Setting::open(database).await;
    let (house, team) = (&setting.house, &setting.team);
    let draw = add_product(house, "acme", "DRAW", 5).await;
    let ink = add_product(house, "acme", "INK", 1).await;
    let users = people(team, "p", 1).await;
    let design = group(team, "Design", &users, &[&ink, &draw]).await;
    let gone = group(team, "Gone", &[], &[]).await;
    let update = "mutation($input: UpdateIdentityProviderInput!) { updateIdentityProvider(input: $input) {
        identityProvider { jit { defaultGroups { name } } } userErrors { code field } } }";
    let provider = Kind::IdentityProvider.text(setting.idp);
    let settings = |groups: serde_json::Value| json!({"identityProviderId": provider, "jit": {"defaultGroupIds": groups}});
    for (groups, code, field) in [
        (
            json!(["grp_nonsense"]),
            "NOT_FOUND",
            json!(["input", "jit", "defaultGroupIds", "0"]),
        ),
        (
            json!([design, Kind::Group.text(uuid::Uuid::nil())]),
            "NOT_FOUND",
            json!(["input", "jit", "defaultGroupIds", "1"]),
        ),
    ] {
        let refused = send(team, update, settings(groups)).await;
        assert_eq!(refused["userErrors"], json!([{"code": code, "field": field}]));
    }
    let set = send(team, update, settings(json!([design, gone]))).await;
    assert_eq!(set["userErrors"], json!([]));
    assert_eq!(
        set["identityProvider"]["jit"]["defaultGroups"],
        json!([{"name": "Design"}, {"name": "Gone"}])
    );
    send(team, super::support::DELETE, json!({"groupId": gone})).await;

    setting.provider.seat("subject-1", "grace@acme.example");
    let (_, page) = setting.sign_in().await;
    assert_eq!(page.location(), "/", "{page:?}");
    let grace = Kind::User.text(setting.user("grace@acme.example").await.id);
    assert_eq!(has(team, &grace).await, ["DRAW GROUP", "INK ..."]);
    house.settle_mails().await;
    let mails = house.mails();
    let of_grace: Vec<&String> = mails
        .iter()
        .filter(|mail| mail.contains("To: ") && mail.contains("grace@acme.example"))
        .collect();
    assert_eq!(
        of_grace.len(),
        1,
        "the welcome names the product, and there is no second mail"
    );
    assert!(of_grace[0].contains("Product DRAW") && !of_grace[0].contains("Product INK"));
    assert_seats_agree(house).await;
    setting.close().await;
}
