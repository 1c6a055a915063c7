//! Handing over a contract: one transaction, one winner, as with the primary role (`users::lifecycle`).

use entity::ids::Kind;
use entity::user::{self, Role, Status};
use entity::{contract, contract_manager};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::managers;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::sessions::end_sessions_of;
use crate::users::lifecycle::{give_role, tell};

/// Makes somebody else the manager of a contract.
#[derive(Clone, Debug)]
pub struct TransferContract {
    pub contract_id: Uuid,
    pub to: Uuid,
    /// Who managed it when this was asked for.
    seen: Option<Uuid>,
}

/// Everybody whose role it touched, as they are afterwards.
#[derive(Clone, Debug)]
pub struct Transferred {
    pub contract: contract::Model,
    pub manager: user::Model,
    /// Who managed it before, if anybody did.
    pub former: Option<user::Model>,
}

impl TransferContract {
    pub fn new(contract_id: Uuid, to: Uuid) -> Self {
        Self {
            contract_id,
            to,
            seen: None,
        }
    }

    async fn manager<C: ConnectionTrait>(&self, db: &C, account_id: Uuid) -> Result<Option<Uuid>> {
        let found = contract_manager::Entity::find_by_id((account_id, self.contract_id));
        Ok(found.one(db).await?.map(|row| row.user_id))
    }
}

impl Command for TransferContract {
    type Output = Transferred;
    const NAME: &'static str = "contracts.transfer";

    fn action(&self) -> Action {
        Action::HandOverContract
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        if let Some(account_id) = actor.account_id() {
            self.seen = self.manager(app.reader(), account_id).await?;
        }
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Transferred> {
        let account_id = work.account_id()?;
        let contract = contract::Entity::find_by_id((account_id, self.contract_id))
            .one(work.reader())
            .await?
            .ok_or_else(|| {
                Refusal::new(Code::NotFound, "There is no such contract.").at("input.contractId")
            })?;
        let present = self.manager(work.reader(), account_id).await?;
        if self.seen != present {
            let text = "Somebody handed the contract over meanwhile. Look again who manages it.";
            return Err(Refusal::new(Code::StaleVersion, text).into());
        }
        let heir = find(work, account_id, self.to)
            .await?
            .filter(|user| user.status != Status::Removed)
            .ok_or_else(|| Refusal::new(Code::NotFound, "There is no such user.").at("input.toUserId"))?;
        check_heir(&heir).map_err(|refusal| refusal.at("input.toUserId"))?;
        let former = match present.filter(|present| *present != heir.id) {
            Some(id) => find(work, account_id, id).await?,
            None => None,
        };
        if present == Some(heir.id) {
            return Ok(Transferred {
                contract,
                manager: heir,
                former: None,
            });
        }
        managers::appoint(work, account_id, heir.id, &[contract.id]).await?;
        work.touch(Kind::Contract.text(contract.id));
        let mut turned = give_role(work, account_id, &[&heir], Role::ContractManager).await?;
        let manager = turned.first().cloned().unwrap_or(heir);
        let former = match former {
            // What is left to them is read behind the change, which has taken this contract from them.
            Some(former) if manages_none(work, &former).await? => {
                let retreated = give_role(work, account_id, &[&former], Role::SoftwareCoordinator).await?;
                turned.extend(retreated.iter().cloned());
                Some(retreated.into_iter().next().unwrap_or(former))
            }
            other => other,
        };
        let ids: Vec<Uuid> = turned.iter().map(|user| user.id).collect();
        end_sessions_of(work, account_id, &ids).await?;
        tell::roles_changed(work, account_id, &turned).await?;
        Ok(Transferred {
            contract,
            manager,
            former,
        })
    }
}

/// Whether a contract may go to a user.
fn check_heir(user: &user::Model) -> Result<(), Refusal> {
    match (user.status, user.role) {
        (Status::Disabled, _) => Err(Refusal::new(
            Code::UserDisabled,
            "This person is disabled. Enable the user first.",
        )),
        (Status::Active, Role::SoftwareCoordinator | Role::ContractManager) => Ok(()),
        _ => Err(Refusal::new(
            Code::RoleNotAssignable,
            "A contract goes to an active software coordinator or contract manager.",
        )),
    }
}

async fn find(work: &Work, account_id: Uuid, id: Uuid) -> Result<Option<user::Model>> {
    let found = user::Entity::find_by_id((account_id, id));
    Ok(found.one(work.reader()).await?)
}

async fn manages_none(work: &Work, user: &user::Model) -> Result<bool> {
    let managed = contract_manager::Entity::find()
        .filter(contract_manager::Column::AccountId.eq(user.account_id))
        .filter(contract_manager::Column::UserId.eq(user.id));
    Ok(managed.one(work.reader()).await?.is_none())
}
