//! Telling people what they are now: by mail and in the app, in the transaction that changed it.

use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::user::{self, Status};
use uuid::Uuid;

use super::rules::in_words;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::Work;
use crate::error::Result;
use crate::notifications::{Notice, notify_each};
use crate::person::display_name;

/// Tells those who have joined of their new role. `users` are as they are afterwards.
pub async fn roles_changed(work: &mut Work, account_id: Uuid, users: &[user::Model]) -> Result<()> {
    let joined: Vec<&user::Model> = users
        .iter()
        .filter(|user| user.status == Status::Active)
        .collect();
    if joined.is_empty() {
        return Ok(());
    }
    let account_name = work.account(account_id).await?.name;
    let (mut mails, mut notices) = (Vec::with_capacity(joined.len()), Vec::with_capacity(joined.len()));
    for user in joined {
        let role = in_words(user.role);
        notices.push((user.id, notice(user, format!("Your role is now {role}"))));
        let letter = Letter::RoleChanged {
            account_name: account_name.clone(),
            role: role.to_owned(),
        };
        mails.push(mail(user, letter));
    }
    // The mail is always sent.
    notify_each(work, account_id, &notices).await?;
    outbox::write(work, account_id, mails).await
}

/// Tells both people of a hand-over.
pub async fn handed_over(work: &mut Work, former: &user::Model, primary: &user::Model) -> Result<()> {
    let account_id = primary.account_id;
    let account_name = work.account(account_id).await?.name;
    let (mut mails, mut notices) = (Vec::with_capacity(2), Vec::with_capacity(2));
    for (user, other) in [(primary, former), (former, primary)] {
        let is_primary = user.id == primary.id;
        let title = match is_primary {
            true => "You are the primary administrator now".to_owned(),
            false => format!("{} is the primary administrator now", name(other)),
        };
        notices.push((user.id, notice(user, title)));
        let letter = Letter::PrimaryHandedOver {
            account_name: account_name.clone(),
            other_name: name(other),
            is_primary,
            role: in_words(user.role).to_owned(),
        };
        mails.push(mail(user, letter));
    }
    notify_each(work, account_id, &notices).await?;
    outbox::write(work, account_id, mails).await
}

fn notice(user: &user::Model, title: String) -> Notice {
    Notice {
        kind: notification::Kind::RoleChanged,
        severity: Severity::Info,
        title,
        body: format!(
            "Your role in this account is {} now. What you may do has changed with it.",
            in_words(user.role)
        ),
        subject: Some(Kind::User.text(user.id)),
    }
}

/// The version tells this change from the next one.
fn mail(user: &user::Model, letter: Letter) -> Mail {
    Mail {
        key: format!("role:{}:{}", user.id, user.version),
        to_address: user.email.clone(),
        to_name: user.given_name.clone(),
        letter,
    }
}

fn name(user: &user::Model) -> String {
    display_name(
        user.given_name.as_deref(),
        user.family_name.as_deref(),
        &user.email,
    )
}
