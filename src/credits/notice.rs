//! Telling the administrators that few credits are left, or none: once per crossing, in the app and by mail.

use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::{account, user};
use uuid::Uuid;

use super::Credits;
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify, who_may};

/// Tells that so many percent of the pot are gone. The entry by which they are names the crossing: the next one is another.
pub async fn tell(
    work: &mut Work,
    account: &account::Model,
    percent: i32,
    left: Credits,
    pot: i64,
    entry_id: Uuid,
) -> Result<()> {
    // Whoever can buy credits or sees to it, in either view.
    let administrators = who_may(work, account.id, Action::ReadContracts).await?;
    let ids: Vec<Uuid> = administrators.iter().map(|user| user.id).collect();
    let is_used_up = left <= Credits::default();
    let pot = Credits(pot);
    let (kind, title, body) = match is_used_up {
        true => (
            notification::Kind::CreditsExhausted,
            "All cloud credits are used up".to_owned(),
            format!(
                "Of the {pot} credits that there were when credits were last added, none are left. What needs credits may be refused until there are more."
            ),
        ),
        false => (
            notification::Kind::CreditsRunningOut,
            format!("{percent} % of the cloud credits are used up"),
            format!(
                "{left} of the {pot} credits are left that there were when credits were last added. What needs credits may be refused when they are used up."
            ),
        ),
    };
    let notice = Notice {
        kind,
        severity: Severity::Warning,
        title,
        body,
        subject: Some(Kind::CreditEntry.text(entry_id)),
    };
    let told = notify(work, account.id, &ids, &notice).await?;
    let mail = |user: user::Model| Mail {
        key: format!("credits:{entry_id}:{}", user.id),
        to_address: user.email,
        to_name: user.given_name,
        letter: Letter::CreditsLow {
            account_name: account.name.clone(),
            left: left.to_string(),
            of: pot.to_string(),
            is_used_up,
        },
    };
    let wanted = administrators
        .into_iter()
        .filter(|user| told.wants_mail(user.id, kind));
    outbox::write(work, account.id, wanted.map(mail).collect()).await
}
