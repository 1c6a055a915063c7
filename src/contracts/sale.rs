//! Who changes what an account has bought: one of its own who may, or the operator, who names the account. What is done is the same.

use entity::account;
use entity::ids::Kind;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::directory::slugs;
use crate::error::Result;

/// A change of contracts or subscriptions of an account, under its lock.
pub trait Change: Send + Sized {
    type Output: Send;

    /// As it stands in the audit log.
    const NAME: &'static str;

    fn make(
        self,
        work: &mut Work,
        account: &account::Model,
    ) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// A change as a command.
#[derive(Clone, Debug)]
pub struct Sale<C> {
    /// The slug of the account, where it is the operator's.
    account: Option<String>,
    change: C,
}

impl<C: Change> Sale<C> {
    /// In the account of whoever acts.
    pub fn own(change: C) -> Self {
        Self {
            account: None,
            change,
        }
    }

    /// By the operator.
    pub fn of(account: &str, change: C) -> Self {
        Self {
            account: Some(account.to_owned()),
            change,
        }
    }
}

impl<C: Change> Command for Sale<C> {
    type Output = C::Output;
    const NAME: &'static str = C::NAME;

    fn action(&self) -> Action {
        match self.account {
            Some(_) => Action::Operate,
            None => Action::ManageContracts,
        }
    }

    async fn apply(self, work: &mut Work) -> Result<C::Output> {
        let account = match &self.account {
            Some(slug) => {
                let named = slugs::lock(work, slug).await?;
                work.touch(Kind::Account.text(named.id));
                named
            }
            None => work.account(work.account_id()?).await?,
        };
        self.change.make(work, &account).await
    }
}
