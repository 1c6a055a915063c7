//! By which names others know a person: what no password is made of.

use entity::identity;
use entity::user::{self, Status};
use sea_orm::{EntityTrait, QueryFilter};

use crate::accounts::read::profiles;
use crate::app::App;
use crate::directory::people;
use crate::error::Result;
use crate::platform::constants::Constants;

/// The names of everybody whom an identity opens, or may open from now on, and of their accounts. They have a handful of accounts at most.
pub(super) async fn of_identity(app: &App, identity: &identity::Model) -> Result<Vec<String>> {
    let mut places = people::of_identity(app.reader(), identity.id).await?;
    places.extend(people::without_identity(app.reader(), &identity.email_key).await?);
    let Some(which) = people::users(&places) else {
        return Ok(Vec::new());
    };
    let users = user::Entity::find()
        .filter(which)
        .filter(user::Column::Status.ne_constant(Status::Removed))
        .all(app.reader())
        .await?;
    let accounts = profiles(app.reader(), users.iter().map(|user| user.account_id)).await?;
    let own = users
        .into_iter()
        .flat_map(|user| [user.given_name, user.family_name]);
    let of_accounts = accounts.into_iter().map(|account| account.0.name.clone());
    Ok(own.flatten().chain(of_accounts).collect())
}
