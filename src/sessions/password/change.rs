//! Changing one's password while signed in: needs the present one, and ends all other sessions of the person.

use entity::ids::Kind;
use secrecy::{ExposeSecret, SecretString};

use super::hash::hash;
use super::names;
use super::proof::{PasswordProof, Unproven};
use super::rules::check_password;
use super::set::set_password;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::{Error, Result};
use crate::person::EmailAddress;

/// Replaces the password of whoever this session belongs to.
pub struct ChangePassword {
    present: PasswordProof,
    new: SecretString,
    hash: Option<String>,
}

impl ChangePassword {
    pub fn new(present: SecretString, new: SecretString) -> Self {
        Self {
            present: PasswordProof::new(present),
            new,
            hash: None,
        }
    }
}

impl Command for ChangePassword {
    type Output = Result<(), Unproven>;
    const NAME: &'static str = "sessions.change_password";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        self.present.look(app, actor).await?;
        if let Some(identity) = self.present.identity() {
            let email = EmailAddress::parse(&identity.email)?;
            let names = names::of_identity(app, identity).await?;
            check_password(self.new.expose_secret(), &email, names.iter().map(String::as_str))?;
            self.hash = Some(hash(self.new.clone()).await?);
        }
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let member = work.member()?.clone();
        work.touch(Kind::User.text(member.user_id));
        let identity = match self.present.judge(work).await? {
            Ok(identity) => identity,
            Err(unproven) => return Ok(Err(unproven)),
        };
        let hash = self
            .hash
            .ok_or_else(|| Error::internal("a password was not hashed"))?;
        set_password(work, &identity, hash, Some(member.session_id)).await?;
        Ok(Ok(()))
    }
}
