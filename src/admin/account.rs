//! A new account with its first administrator.

use entity::ids::Kind;
use entity::lists::Texts;
use entity::user::{Origin, Role, Status};
use entity::{account, identity, user};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};

use crate::access::{Action, Actor};
use crate::accounts::counters::Delta;
use crate::app::App;
use crate::command::{Command, Work};
use crate::directory::{people, slugs};
use crate::error::{Code, Refusal, Result};
use crate::limits;
use crate::person::{Collation, EmailAddress, Findable, VERSION, locale};
use crate::sessions::password;
use crate::sessions::password::check_password;

/// How long invitations are good, unless the account says otherwise (domain, section 1).
pub const INVITATION_LIFETIME_DAYS: i32 = 90;
/// Where an account does not say otherwise, from which share of its seats taken on a subscription is told of.
pub const SEAT_NOTICE_PERCENT: i32 = 90;
/// For how many days its audit log is kept: more than a year, so that the same month of last year is there.
pub const AUDIT_KEPT_DAYS: i32 = 400;
/// The language of an account for which none is said.
pub const DEFAULT_LOCALE: &str = "en";
/// For how many days after a term access goes on.
pub const GRACE_DAYS: i32 = 30;

/// Makes an account and its first administrator, who can sign in at once: the primary one, or in the classic view a contract manager.
#[derive(Clone, Debug)]
pub struct CreateAccount {
    pub name: String,
    /// Short name, unique: lower-case letters, digits and hyphens.
    pub slug: String,
    pub plan: account::Plan,
    /// In the classic view the first administrator is a contract manager.
    pub view: account::View,
    pub email: EmailAddress,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// Days from sending to expiry, 1 to 365.
    pub invitation_lifetime_days: i32,
    /// The language whose order lists by name have, as a tag: `de`, `sv-SE`.
    pub locale: String,
    /// The password of a new identity. Somebody who is known by this e-mail keeps their own.
    pub password: SecretString,
    password_hash: Option<String>,
}

impl CreateAccount {
    pub fn new(
        name: &str,
        slug: &str,
        plan: account::Plan,
        email: EmailAddress,
        password: SecretString,
    ) -> Self {
        Self {
            name: name.to_owned(),
            slug: slug.to_owned(),
            plan,
            view: account::View::Current,
            email,
            given_name: None,
            family_name: None,
            invitation_lifetime_days: INVITATION_LIFETIME_DAYS,
            locale: DEFAULT_LOCALE.to_owned(),
            password,
            password_hash: None,
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.slug.is_empty() || self.slug.len() > 60 || !self.slug.chars().all(is_plain) {
            let text = "A slug has 1 to 60 lower-case letters, digits and hyphens.";
            return Err(Refusal::new(Code::Invalid, text));
        }
        if self.name.trim().is_empty() {
            return Err(Refusal::new(Code::Required, "An account needs a name."));
        }
        if !usize::try_from(self.invitation_lifetime_days)
            .is_ok_and(|days| (1..=limits::INVITATION_DAYS).contains(&days))
        {
            let text = format!("Invitations are good for 1 to {} days.", limits::INVITATION_DAYS);
            return Err(Refusal::new(Code::Invalid, text));
        }
        read_locale(&self.locale)?;
        let own = [&self.given_name, &self.family_name];
        let names = own.into_iter().filter_map(Option::as_deref);
        let names = names.chain([&*self.name, &*self.slug]);
        check_password(self.password.expose_secret(), &self.email, names)
    }
}

impl Command for CreateAccount {
    type Output = (account::Model, user::Model);
    const NAME: &'static str = "accounts.create";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn prepare(&mut self, _app: &App, _actor: &Actor) -> Result<()> {
        self.check()?;
        self.password_hash = Some(password::hash(self.password.clone()).await?);
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let account = account::Model {
            id: work.new_id(),
            version: 1,
            name: self.name.trim().to_owned(),
            slug: self.slug.clone(),
            plan: self.plan,
            view: self.view,
            invitation_lifetime_days: self.invitation_lifetime_days,
            allowed_invite_domains: Texts::default(),
            default_locale: read_locale(&self.locale)?,
            names_version: VERSION,
            seat_notice_percent: SEAT_NOTICE_PERCENT,
            audit_kept_days: AUDIT_KEPT_DAYS,
            reclaim_idle_days: None,
            grace_days: GRACE_DAYS,
            contracts_looked_after_on: None,
            seats_looked_after_on: None,
            users_staged: 0,
            users_pending: 0,
            users_active: 0,
            users_disabled: 0,
            users_admin: 0,
            created_at: work.now(),
        };
        if !slugs::take(work, &self.slug, account.id).await? {
            let text = format!("There is an account \"{}\" already.", self.slug);
            return Err(Refusal::new(Code::AlreadyExists, text).into());
        }
        work.insert(vec![account::ActiveModel::from(account.clone())])
            .await?;
        let user = self.first(work, &account).await?;
        work.insert(vec![user::ActiveModel::from(user.clone())]).await?;
        people::note(work, std::slice::from_ref(&user)).await?;
        let mut delta = Delta::default();
        delta.gains(Status::Active, user.role);
        delta.write(work, account.id).await?;
        work.touch(Kind::Account.text(account.id));
        work.touch(Kind::User.text(user.id));
        Ok((account, user))
    }
}

/// A language tag that has to be there.
pub(super) fn read_locale(tag: &str) -> Result<String, Refusal> {
    locale(tag, "locale")?.ok_or_else(|| Refusal::new(Code::Required, "An account needs a language."))
}

/// The account that the operator names by its slug, locked.
pub(super) async fn lock_named(work: &Work, slug: &str) -> Result<account::Model> {
    slugs::lock(work, slug).await
}

impl CreateAccount {
    /// The first administrator.
    async fn first(&self, work: &Work, account: &account::Model) -> Result<user::Model> {
        let collation = Collation::of(&account.default_locale)?;
        let findable = Findable::of(
            &collation,
            self.given_name.as_deref(),
            self.family_name.as_deref(),
            self.email.as_typed(),
            self.email.key(),
        );
        Ok(user::Model {
            account_id: account.id,
            id: work.new_id(),
            identity_id: Some(self.identity(work).await?),
            version: 1,
            email: self.email.as_typed().to_owned(),
            email_key: self.email.key().to_owned(),
            email_verified: true,
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            given_key: findable.given_key,
            family_key: findable.family_key,
            search_text: findable.search_text,
            role: match self.view {
                account::View::Current => Role::PrimaryAdmin,
                account::View::Classic => Role::ContractManager,
            },
            status: Status::Active,
            origin: Origin::Api,
            locale: None,
            external_id: None,
            created_at: work.now(),
            last_signed_in_at: None,
            disabled_at: None,
            removed_at: None,
        })
    }

    async fn identity(&self, work: &Work) -> Result<uuid::Uuid> {
        let known = identity::Entity::find().filter(identity::Column::EmailKey.eq(self.email.key()));
        if let Some(known) = known.one(work.reader()).await? {
            return Ok(known.id);
        }
        let row = identity::ActiveModel {
            id: Set(work.new_id()),
            email: Set(self.email.as_typed().to_owned()),
            email_key: Set(self.email.key().to_owned()),
            password_hash: Set(self.password_hash.clone()),
            created_at: Set(work.now()),
            password_changed_at: Set(Some(work.now())),
        };
        let id = *row.id.as_ref();
        work.insert(vec![row]).await?;
        Ok(id)
    }
}
