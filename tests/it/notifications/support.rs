//! What every test of notifications does: something happens, and somebody is told.

use entity::notification::{Kind, Severity};
use entity::user;
use muster::access::Action;
use muster::command::{Command, Work};
use muster::error::Result;
use muster::notifications::{Notice, notify_each};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, House, Team};

/// Something that happens, and is told to some users of the acting member's account.
pub struct Happen {
    pub told: Vec<(Uuid, Notice)>,
}

impl Command for Happen {
    type Output = ();
    const NAME: &'static str = "tests.happen";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account_id = work.account_id()?;
        notify_each(work, account_id, &self.told).await?;
        Ok(())
    }
}

pub fn notice(kind: Kind, title: &str) -> Notice {
    Notice {
        kind,
        severity: Severity::Info,
        title: title.to_owned(),
        body: format!("{title}, and what to do about it."),
        subject: None,
    }
}

pub async fn user_id(house: &House, email: &str) -> Uuid {
    let found = user::Entity::find().filter(user::Column::EmailKey.eq(email));
    found.one(house.app.reader()).await.unwrap().unwrap().id
}

/// Tells somebody, by their address, each of these.
pub async fn tell(house: &House, team: &Team, email: &str, told: &[(Kind, &str)]) {
    let user_id = user_id(house, email).await;
    let told = told.iter().map(|(kind, title)| (user_id, notice(*kind, title)));
    let happen = Happen { told: told.collect() };
    house.app.run(&team.actor(house).await, happen).await.unwrap();
}

pub const LIST: &str = "query($filter: NotificationFilter) { viewer { unreadNotificationCount notifications(filter: $filter) { totalCount nodes { id title kind readAt createdAt } } } }";
pub const MARK: &str = "mutation($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) { viewer { unreadNotificationCount } userErrors { code field } } }";
pub const PREFER: &str =
    "mutation($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) {
    viewer { notificationPreferences { kind channels changeableChannels } } userErrors { code field } } }";

/// The titles of what somebody is shown, the newest first, and how many of all are unread.
pub async fn shown(client: &Client, filter: Value) -> (Vec<String>, i64) {
    let seen = client.ask(LIST, json!({"filter": filter})).await;
    let viewer = &seen["viewer"];
    let nodes = viewer["notifications"]["nodes"].as_array().unwrap();
    assert_eq!(viewer["notifications"]["totalCount"], nodes.len());
    let titles = nodes
        .iter()
        .map(|node| node["title"].as_str().unwrap().to_owned());
    (
        titles.collect(),
        viewer["unreadNotificationCount"].as_i64().unwrap(),
    )
}

pub async fn mark(client: &Client, input: Value) -> Value {
    client.ask(MARK, json!({"input": input})).await["markNotificationsRead"].clone()
}

pub async fn prefer(client: &Client, kind: &str, channels: &[&str]) -> Value {
    let input = json!({"preferences": [{"kind": kind, "channels": channels}]});
    client.ask(PREFER, json!({"input": input})).await["updateNotificationPreferences"].clone()
}
