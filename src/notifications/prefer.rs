//! Choosing by which ways one hears of things.

use entity::notification;
use entity::notification::Kind;
use entity::notification_preference::{ActiveModel, Column};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::ways::{Preference, Way};
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::{Code, Refusal, Result};

/// Sets the ways of some kinds, for whoever asks. Those that are not named stay as they are.
#[derive(Clone, Debug)]
pub struct UpdatePreferences {
    pub chosen: Vec<Preference>,
}

impl Command for UpdatePreferences {
    type Output = ();
    const NAME: &'static str = "notifications.prefer";
    /// Whether somebody likes mails is nobody else's business.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        check(&self.chosen)?;
        let member = work.member()?;
        let (account_id, user_id) = (member.account_id, member.user_id);
        let row = |preference: &Preference| ActiveModel {
            account_id: Set(account_id),
            id: Set(work.new_id()),
            user_id: Set(user_id),
            kind: Set(preference.kind),
            in_app: Set(preference.in_app),
            mail: Set(preference.mail),
            digest: Set(preference.digest),
        };
        let rows: Vec<ActiveModel> = self.chosen.iter().map(row).collect();
        let again = OnConflict::columns([Column::AccountId, Column::UserId, Column::Kind])
            .update_columns([Column::InApp, Column::Mail, Column::Digest])
            .to_owned();
        work.insert_or(rows, again).await?;
        // What waits for the mail of the day is not told by whoever does not want it any more.
        let unwanted = self.chosen.iter().filter(|preference| !preference.digest);
        let unwanted: Vec<Kind> = unwanted.map(|preference| preference.kind).collect();
        if unwanted.is_empty() {
            return Ok(());
        }
        let dropped = notification::Entity::update_many()
            .col_expr(notification::Column::InDigest, Expr::value(false))
            .filter(notification::Column::AccountId.eq(account_id))
            .filter(notification::Column::UserId.eq(user_id))
            .filter(notification::Column::Kind.is_in(unwanted))
            .filter(Expr::cust("in_digest"));
        work.update(dropped).await?;
        Ok(())
    }
}

fn check(chosen: &[Preference]) -> Result<()> {
    for (place, preference) in chosen.iter().enumerate() {
        let refuse = |code, text: &str, member: &str| {
            let field = format!("input.preferences.{place}.{member}");
            Err(Refusal::new(code, text).at(&field).into())
        };
        let before = &chosen[..place];
        if before.iter().any(|earlier| earlier.kind == preference.kind) {
            return refuse(Code::DuplicateInput, "This kind is named before.", "kind");
        }
        let usual = Preference::usual(preference.kind);
        if !Preference::is_free(preference.kind, Way::Mail) && preference.mail != usual.mail {
            let text = match usual.mail {
                true => "The mail about this is always sent.",
                false => "No mail of its own goes with this; it can be in the mail of the day (DIGEST).",
            };
            return refuse(Code::Invalid, text, "channels");
        }
    }
    Ok(())
}
