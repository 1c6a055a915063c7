//! A request has one id, by which answer, log and audit log know it.

use entity::account::Plan;
use entity::audit_event;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::support::{Database, House, PASSWORD, team};

#[rstest]
#[case::a_plain_one(Some("from-a_proxy.42"), true)]
#[case::one_with_a_blank(Some("a b"), false)]
#[case::one_that_is_too_long(
    Some("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    false
)]
#[case::none(None, false)]
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_names_the_id_the_audit_log_has(#[case] sent: Option<&str>, #[case] is_kept: bool) {
    let house = House::open(Database::Sqlite).await;
    team(&house, "acme", Plan::Standard).await;
    let request = reqwest::Client::new().post(format!("{}/auth/sign-in", house.url));
    let mut request = request.json(&json!({"email": "admin@acme.example", "password": PASSWORD}));
    if let Some(id) = sent {
        request = request.header("x-request-id", id);
    }
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let told = response.headers()["x-request-id"].to_str().unwrap();
    assert_eq!(Some(told) == sent, is_kept, "{told}");
    let noted = audit_event::Entity::find().filter(audit_event::Column::RequestId.eq(told));
    let noted = noted.all(house.app.reader()).await.unwrap();
    assert_eq!(noted.len(), 1, "{told}");
    assert_eq!(noted[0].action, "sessions.sign_in");
    house.close().await;
}
