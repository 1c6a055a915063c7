//! Trying a configuration out: a link that takes a browser through a whole sign-in and makes no session.

use chrono::Duration;
use entity::ids::Kind;
use entity::sso_test::{self, Claims, Status, Steps};
use url::Url;
use uuid::Uuid;

use super::rules;
use super::update::find;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::secrets::{Claim, Purpose};
use crate::rate_limit::{self, of_account, rates};
use crate::sso::test_url;

/// How long the link is good.
const LIFETIME: Duration = Duration::minutes(10);

/// Starts a trial of a provider as it is configured now.
#[derive(Clone, Debug)]
pub struct StartSsoTest {
    pub provider_id: Uuid,
}

/// A trial that waits for a browser.
#[derive(Clone, Debug)]
pub struct Started {
    pub test: sso_test::Model,
    pub url: Url,
}

impl Command for StartSsoTest {
    type Output = Started;
    const NAME: &'static str = "identity_providers.start_test";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<Started> {
        let member = work.member()?;
        rules::require_premium(member)?;
        let started_by = member.user_id;
        let provider = find(work, self.provider_id).await?;
        rules::may_test(&provider)?;
        rate_limit::take(work, &of_account(rates::TRIALS, provider.account_id)).await?;
        let test = sso_test::Model {
            account_id: provider.account_id,
            id: work.new_id(),
            identity_provider_id: provider.id,
            identity_provider_version: provider.version,
            started_by,
            status: Status::Started,
            started_at: work.now(),
            expires_at: work.now() + LIFETIME,
            finished_at: None,
            steps: Steps::default(),
            claims: Claims::default(),
        };
        work.insert(vec![sso_test::ActiveModel::from(test.clone())])
            .await?;
        work.touch(Kind::IdentityProvider.text(provider.id));
        work.touch(Kind::SsoTest.text(test.id));
        let claim = Claim {
            account_id: test.account_id,
            id: test.id,
            generation: 0,
        };
        let token = work.app().secrets().token(Purpose::SsoTest, claim)?;
        let url = test_url(work.app(), &token);
        Ok(Started { test, url })
    }
}
