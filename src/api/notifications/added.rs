//! Notifications as they come, over a socket.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::Stream;
use graphql::{Object, Type};
use uuid::Uuid;

use crate::api::Subscription;
use crate::api::guard::Guard;
use crate::api::ids::Gid;
use crate::error::{Error, Result};
use crate::notifications::watch::{self, NotificationAdded};
use crate::read::Scope;

impl Object for NotificationAdded {
    const NAME: &'static str = "NotificationAddedEvent";
    const DOC: &'static str = "A notification that came, or another number of unread ones.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("notification", |added| added.notification.clone())
            .doc("What came; null where only the number is another, and in the first event if nothing was missed.");
        t.value("unreadCount", |added| added.unread)
            .doc("How many are unread, counted up to 1,000: that number means so many or more.");
        t.value("resumeAfter", |added| Gid(Kind::Notification, added.last))
            .doc("Give it as `after` when you come back: everything behind it is told then.");
        t.value("occurredAt", |added| added.at)
            .doc("When the event was made.");
    }
}

#[derive(InputObject, Debug)]
struct NotificationAddedArgs {
    /// `resumeAfter` of the last event that was seen, or the id of a notification: begins with what came behind it, the oldest first. Null: begins with the number of unread ones.
    after: Option<ID>,
}

/// The subscriptions of this word.
pub fn on_subscription(t: &mut Type<Subscription>) {
    t.stream("notificationAdded", follow)
        .doc("The viewer's own notifications in this account as they come, and how many are unread whenever that changes, here or on another device: at most 4 times a second. The first event comes at once.")
        .guard(Guard::oneself());
}

async fn follow(
    scope: Scope,
    args: NotificationAddedArgs,
) -> Result<impl Stream<Item = Result<NotificationAdded>> + Send + 'static> {
    let after = args.after.as_ref().map(read).transpose()?;
    watch::follow(scope, after).await
}

fn read(after: &ID) -> Result<Uuid> {
    let wrong = || Error::BadInput("`after` is no id of a notification.".into());
    Kind::Notification.parse(after).ok_or_else(wrong)
}
