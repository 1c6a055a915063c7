//! Signing in on a provider's word, as a command: decided under the account's lock on the rows as they are, so that two first
//! sign-ins at once make one user.

mod address;
pub mod before;
mod decision;
mod link;
mod names;
mod provision;
mod recognise;
pub mod verdict;

use chrono::{DateTime, Duration, Utc};
use entity::ids::Kind;
use entity::{account, identity_provider, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use self::before::Before;
use self::decision::{Decision, decide};
use self::link::{dispossess_unproven, link, note_use, tell_linked};
use self::provision::{accept, provision};
use self::recognise::{Recognised, recognise};
use self::verdict::explain;
use crate::access::{Action, RECENT};
use crate::command::{Command, Work};
use crate::error::{Error, Result};
use crate::rate_limit;
use crate::sessions::attempts::starting_sso;
use crate::sessions::{Begun, Ground, begin_session};
use crate::sso::attempt::note_session;
use crate::sso::lookup::{acting, acting_ids};
use crate::sso::provider::round_trip::Assertion;
use crate::sso::{Denial, Rejection};

/// What the audit log calls a sign-in through a provider, whether it came to something or not.
const NAME: &str = "sso.sign_in";

/// Begins a session for whom the acting provider vouches for, if the decision table grants it.
#[derive(Debug)]
pub struct SsoSignIn {
    pub assertion: Assertion,
    /// The session this browser had until now: a fresh one of the very user confirms that the provider speaks of them.
    pub before: Option<Before>,
    /// The way this browser went to the provider and back.
    pub attempt_id: Uuid,
}

impl Command for SsoSignIn {
    type Output = Result<Begun, Rejection>;
    const NAME: &'static str = NAME;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let (account, provider) = acting(work).await?;
        let person = recognise(work, &account, &provider, &self.assertion, self.before).await?;
        if let Some(user) = &person.user {
            work.touch(Kind::User.text(user.id));
        }
        match self.admit(work, &account, &provider, &person).await? {
            Err(denial) => {
                refuse(work, &denial);
                Ok(Err(denial.rejection))
            }
            Ok(user) => Ok(Ok(self.enter(work, &provider, &user).await?)),
        }
    }
}

impl SsoSignIn {
    /// Does what the table says.
    async fn admit(
        &self,
        work: &mut Work,
        account: &account::Model,
        provider: &identity_provider::Model,
        person: &Recognised,
    ) -> Result<Result<user::Model, Denial>> {
        let assertion = &self.assertion;
        let decision = decide(person.facts);
        if person.belongs_elsewhere && !matches!(decision, Decision::Refuse(_)) {
            return Ok(Err(Rejection::AnotherProviderRequired.into()));
        }
        let user = match (decision, &person.user) {
            (Decision::Refuse(rejection), _) => {
                return Ok(Err(explain(rejection, person.facts, provider, assertion)));
            }
            (Decision::SignIn, Some(user)) => {
                note_use(work, user, provider.id, assertion).await?;
                let user = address::follow(work, account, provider, user, person.facts, assertion).await?;
                names::follow(work, account, &user, &assertion.profile).await?;
                return Ok(Ok(user));
            }
            (Decision::Link, Some(user)) => {
                dispossess_unproven(work, user).await?;
                tell_linked(work, account, provider, user).await?;
                user.clone()
            }
            (Decision::AcceptInvitation, _) => accept(work, account, person, assertion).await?,
            (Decision::Provision | Decision::ProvisionInvited, _) => {
                let user = provision(work, account, provider, person, assertion).await?;
                if person.user.is_none() {
                    work.touch(Kind::User.text(user.id));
                }
                user
            }
            (Decision::SignIn | Decision::Link, None) => {
                return Err(Error::internal("a sign-in was granted to nobody"));
            }
        };
        link(work, &user, provider.id, assertion).await?;
        work.changed("linked", None, Some(assertion.subject.clone()));
        Ok(Ok(user))
    }

    async fn enter(
        self,
        work: &mut Work,
        provider: &identity_provider::Model,
        user: &user::Model,
    ) -> Result<Begun> {
        let proven_at = proven_at(&self.assertion, work.now());
        let ground = Ground::provider(provider.id, self.assertion.provider_session, proven_at);
        let ground = ground.with_id_token(self.assertion.id_token.into());
        let begun = begin_session(work, user, ground).await?;
        note_session(
            work,
            provider.account_id,
            self.attempt_id,
            begun.bearer.session_id,
        )
        .await?;
        let used = identity_provider::Entity::update_many()
            .col_expr(identity_provider::Column::LastSignInAt, Expr::value(work.now()))
            .filter(identity_provider::Column::AccountId.eq(provider.account_id))
            .filter(identity_provider::Column::Id.eq(provider.id));
        work.update(used).await?;
        Ok(begun)
    }
}

/// A provider that does not say when the person proved who they are may have let them through without asking. Then it was not recently.
fn proven_at(assertion: &Assertion, now: DateTime<Utc>) -> DateTime<Utc> {
    assertion
        .authenticated_at
        .unwrap_or(now - RECENT - Duration::seconds(1))
}

/// Leaves the reason in the audit log, and nothing else anywhere.
fn refuse(work: &mut Work, denial: &Denial) {
    work.refuse();
    work.changed("reason", None, Some(denial.rejection.code().to_owned()));
    if denial.detail.is_some() {
        work.changed("detail", None, denial.detail.clone());
    }
}

/// Notes a sign-in refused before the table was asked: what came back from the provider was not to be believed.
/// Counted for the network, so that nobody fills an account's audit log from outside.
#[derive(Debug)]
pub struct RefuseSignIn {
    pub denial: Denial,
}

impl Command for RefuseSignIn {
    type Output = ();
    const NAME: &'static str = NAME;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        rate_limit::take(work, &starting_sso(&work.actor().origin())).await?;
        let (_, id) = acting_ids(work)?;
        work.touch(Kind::IdentityProvider.text(id));
        refuse(work, &self.denial);
        Ok(())
    }
}
