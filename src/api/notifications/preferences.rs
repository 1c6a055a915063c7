//! By which ways the viewer hears of what.

use async_graphql::Enum;
use graphql::{Object, Type, enum_leaf};

use super::NotificationKind;
use crate::api::accounts::Viewer;
use crate::error::Result;
use crate::notifications::{Preference, Way, read};
use crate::read::Scope;

/// A way to hear of something. More will be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Way")]
pub enum NotificationChannel {
    /// Listed among the viewer's notifications and counted as unread; on for every kind unless switched off.
    InApp,
    /// The mail that goes with a notification as soon as it is written; on unless switched off, for kinds that have one.
    Mail,
    /// One mail a day, in the morning (06:00 UTC), with what was not read by then; off unless switched on.
    Digest,
}

enum_leaf!(NotificationChannel);

impl Object for Preference {
    const NAME: &'static str = "NotificationPreference";
    const DOC: &'static str = "By which ways the viewer hears of one kind of thing.";

    fn describe(t: &mut Type<Self>) {
        t.value("kind", |preference| NotificationKind::from(preference.kind))
            .doc("Of what.");
        t.value("channels", |preference| {
            let chosen = Way::ALL.into_iter().filter(|way| preference.has(*way));
            chosen.map(NotificationChannel::from).collect::<Vec<_>>()
        })
        .doc("The ways that are on.");
        t.value("changeableChannels", |preference| {
            let free = Way::ALL
                .into_iter()
                .filter(|way| Preference::is_free(preference.kind, *way));
            free.map(NotificationChannel::from).collect::<Vec<_>>()
        })
        .doc(
            "The ways that can be switched on and off. A mail that is on and not among them is always sent.",
        );
    }
}

/// `Viewer.notificationPreferences`.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.many("notificationPreferences", preferences)
        .at_most(20)
        .doc("By which ways the viewer hears of what in this account: one for each kind.");
}

async fn preferences(scope: Scope) -> Result<Vec<Preference>> {
    read::preferences(&scope).await
}
