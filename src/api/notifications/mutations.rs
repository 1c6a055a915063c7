//! Marking notifications as read, and choosing by which ways to hear of what.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::notification;
use graphql::Type;

use super::NotificationKind;
use super::preferences::NotificationChannel;
use crate::api::Mutation;
use crate::api::accounts::Viewer;
use crate::api::bulk::{check_length, named};
use crate::api::guard::Guard;
use crate::error::{Code, Refusal, Result};
use crate::limits;
use crate::notifications::{MarkRead, Preference, UpdatePreferences, Way, Which};
use crate::read::Scope;
use crate::read::terms::{alternatives, time};

/// Which notifications were read: some by their ids, those until a time, or all there are.
#[derive(InputObject, Debug)]
struct MarkNotificationsReadInput {
    /// 1 to 100 of the viewer's; an id of no such notification is passed over. Null: see `before`.
    notification_ids: Option<Vec<ID>>,
    /// All that were sent until then, this moment included; years 1 to 9999. Not together with `notificationIds`. Null with null ids: all there are.
    before: Option<DateTime<Utc>>,
}

/// By which ways to hear of a kind of thing.
#[derive(InputObject, Debug)]
struct NotificationPreferenceInput {
    /// Of what.
    kind: NotificationKind,
    /// The ways that are to be on, at most 200, named twice is named once; the others are off. With none of `IN_APP` and `DIGEST` it is not told at all, but for a mail of its own.
    channels: Vec<NotificationChannel>,
}

/// By which ways to hear of what.
#[derive(InputObject, Debug)]
struct UpdateNotificationPreferencesInput {
    /// 1 to 50 kinds, each once; those not named stay as they are.
    preferences: Vec<NotificationPreferenceInput>,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("markNotificationsRead", mark)
        .doc("Marks notifications of the viewer as read. What was read is not told in the mail of the day.")
        .guard(Guard::oneself())
        .weight(10);
    t.mutation("updateNotificationPreferences", prefer)
        .doc("Chooses by which ways the viewer hears of what in this account, from now on. Mails about security (passwords, addresses, roles, sign-in) cannot be switched off.")
        .guard(Guard::oneself())
        .weight(10);
}

async fn mark(scope: Scope, input: MarkNotificationsReadInput) -> Result<Viewer> {
    let which = match (&input.notification_ids, input.before) {
        (Some(ids), None) => {
            let most = limits::NAMED_AT_ONCE;
            Which::These(named(Kind::Notification, ids, most, "input.notificationIds")?)
        }
        (None, Some(before)) => Which::Until(time(before)?),
        (None, None) => Which::All,
        (Some(_), Some(_)) => {
            let text = "Give notificationIds or before, not both.";
            return Err(Refusal::new(Code::Invalid, text).at("input.before").into());
        }
    };
    scope.run(MarkRead { which }).await?;
    Ok(Viewer)
}

async fn prefer(scope: Scope, input: UpdateNotificationPreferencesInput) -> Result<Viewer> {
    check_length(
        input.preferences.len(),
        limits::PREFERENCES_AT_ONCE,
        "input.preferences",
    )?;
    let preference = |given: NotificationPreferenceInput| {
        let ways = alternatives(&given.channels)?.iter().copied().map(Way::from);
        let ways: Vec<Way> = ways.collect();
        Ok(Preference {
            kind: notification::Kind::from(given.kind),
            in_app: ways.contains(&Way::InApp),
            mail: ways.contains(&Way::Mail),
            digest: ways.contains(&Way::Digest),
        })
    };
    let chosen: Result<Vec<Preference>> = input.preferences.into_iter().map(preference).collect();
    scope.run(UpdatePreferences { chosen: chosen? }).await?;
    Ok(Viewer)
}
