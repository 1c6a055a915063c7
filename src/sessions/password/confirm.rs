//! Proving once more who one is: what is dangerous asks for a proof of the last ten minutes.

use entity::ids::Kind;
use entity::session::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;

use super::proof::{PasswordProof, Unproven};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::events::Wake;

/// Renews the time at which the person of this session proved who they are.
pub struct ConfirmSession(PasswordProof);

impl ConfirmSession {
    pub fn new(password: SecretString) -> Self {
        Self(PasswordProof::new(password))
    }
}

impl Command for ConfirmSession {
    type Output = Result<(), Unproven>;
    const NAME: &'static str = "sessions.confirm";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        self.0.look(app, actor).await
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let member = work.member()?.clone();
        work.touch(Kind::Session.text(member.session_id));
        if let Err(unproven) = self.0.judge(work).await? {
            return Ok(Err(unproven));
        }
        let renewed = Entity::update_many()
            .col_expr(Column::AuthenticatedAt, Expr::value(work.now()))
            .filter(Column::AccountId.eq(member.account_id))
            .filter(Column::Id.eq(member.session_id));
        work.update(renewed).await?;
        work.wake(Wake::User {
            account_id: member.account_id,
            id: member.user_id,
        });
        Ok(Ok(()))
    }
}
