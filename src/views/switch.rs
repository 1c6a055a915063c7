//! Going over to the other view, and seeing beforehand what would become of whom.

use std::collections::{BTreeMap, HashMap};

use entity::account::{self, View};
use entity::ids::Kind;
use entity::user::{self, Role, Status};
use entity::{contract, identity_provider, invitation};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::mapping::{Mapping, Present, mapping};
use crate::access::{Action, is_administrative};
use crate::accounts::roles::ROLES;
use crate::api_tokens::revoke_tokens_of;
use crate::command::{Command, Work};
use crate::contracts::managers;
use crate::error::{Code, Refusal, Result};
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::platform::events::Wake;
use crate::read::Scope;
use crate::sessions::end_sessions_of;
use crate::users::User;
use crate::users::lifecycle::{give_role, tell};

/// Moves the account to a view, with everybody's role.
#[derive(Clone, Copy, Debug)]
pub struct SwitchView {
    pub to: View,
}

/// What going over would do.
#[derive(Clone, Debug)]
pub struct Preview {
    pub to: View,
    /// Everybody whose role would change, as they are, with the role they would get; in the order they came into the account.
    pub people: Vec<(User, Role)>,
    /// Why it would be refused now.
    pub obstacles: Vec<Refusal>,
}

impl Preview {
    /// Of the reader's account.
    pub async fn of(scope: &Scope, to: View) -> Result<Self> {
        let account_id = scope.account_id()?;
        let present = present(scope.db(), account_id).await?;
        let planned = plan(scope.db(), account_id, to, &present).await?;
        let (mapping, obstacles) = match planned {
            Ok(mapping) => (mapping, Vec::new()),
            Err((mapping, refusal)) => (mapping, vec![refusal]),
        };
        let roles: HashMap<Uuid, Role> = mapping.roles.into_iter().collect();
        let people = present.administrators.into_iter().filter_map(|user| {
            let role = roles.get(&user.id).copied().filter(|role| *role != user.role)?;
            Some((user.into(), role))
        });
        Ok(Self {
            to,
            people: people.collect(),
            obstacles,
        })
    }
}

impl Command for SwitchView {
    /// Those whose role is another now, in the order they came into the account.
    type Output = Vec<user::Model>;
    const NAME: &'static str = "accounts.switch_view";

    fn action(&self) -> Action {
        Action::SwitchView
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<user::Model>> {
        let account_id = work.account_id()?;
        let before = work.account(account_id).await?;
        if before.view == self.to {
            return Ok(Vec::new());
        }
        let present = present(work.reader(), account_id).await?;
        let planned = plan(work.reader(), account_id, self.to, &present).await?;
        let mapping = planned.map_err(|(_, refusal)| refusal)?;
        for (manager, contracts) in &mapping.contracts {
            managers::appoint(work, account_id, *manager, contracts).await?;
        }
        if self.to == View::Classic {
            // Nobody sees or ends them there.
            let ids: Vec<Uuid> = present.administrators.iter().map(|user| user.id).collect();
            revoke_tokens_of(work, account_id, &ids).await?;
        }
        let turned = turn(work, &present, &mapping).await?;
        let update = account::Entity::update_many()
            .col_expr(account::Column::View, Expr::value(self.to))
            .col_expr(
                account::Column::Version,
                Expr::col(account::Column::Version).add(1),
            )
            .filter(account::Column::Id.eq(account_id));
        work.update(update).await?;
        work.wake(Wake::Account { id: account_id });
        work.touch(Kind::Account.text(account_id));
        work.changed("view", Some(before.view.to_value()), Some(self.to.to_value()));
        let ids: Vec<Uuid> = turned.iter().map(|user| user.id).collect();
        end_sessions_of(work, account_id, &ids).await?;
        tell::roles_changed(work, account_id, &turned).await?;
        Ok(turned)
    }
}

async fn present<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Present> {
    let administrative = ROLES.into_iter().filter(|role| is_administrative(*role));
    let administrators = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Role.is_in(administrative))
        .filter(user::Column::Status.ne_constant(Status::Removed))
        .order_by_asc(user::Column::CreatedAt)
        .order_by_asc(user::Column::Id)
        .all(db)
        .await?;
    let contracts = contract::Entity::find()
        .filter(contract::Column::AccountId.eq(account_id))
        .all(db)
        .await?;
    Ok(Present {
        administrators,
        contracts,
        managers: managers::all(db, account_id).await?,
    })
}

/// Who becomes what, or why nobody does; then what it would be all the same, for whoever looks beforehand.
async fn plan<C: ConnectionTrait>(
    db: &C,
    account_id: Uuid,
    to: View,
    present: &Present,
) -> Result<Result<Mapping, (Mapping, Refusal)>> {
    let Some(mapping) = mapping(to, present) else {
        let text = match to {
            View::Current => "No contract manager of this account could become its primary administrator.",
            View::Classic => "This account has no primary administrator who could manage its contracts.",
        };
        let refusal = Refusal::new(Code::Invalid, text).at("input.view");
        return Ok(Err((Mapping::default(), refusal)));
    };
    // Nobody looks after single sign-on in the classic view: people would be locked out with nobody to let them in.
    if to == View::Classic && is_sso_enabled(db, account_id).await? {
        let text = "People sign in by an identity provider, which nobody looks after in the classic view. Switch it off first.";
        return Ok(Err((
            mapping,
            Refusal::new(Code::SsoInUse, text).at("input.view"),
        )));
    }
    Ok(Ok(mapping))
}

async fn is_sso_enabled<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<bool> {
    let enabled = identity_provider::Entity::find()
        .filter(identity_provider::Column::AccountId.eq(account_id))
        .filter(identity_provider::Column::Status.eq_constant(identity_provider::Status::Enabled));
    Ok(enabled.one(db).await?.is_some())
}

/// Gives everybody their new role, and offers it to those who are invited: a statement each for every role.
async fn turn(work: &mut Work, present: &Present, mapping: &Mapping) -> Result<Vec<user::Model>> {
    let account_id = work.account_id()?;
    let roles: HashMap<Uuid, Role> = mapping.roles.iter().copied().collect();
    let mut of_role: BTreeMap<Role, Vec<&user::Model>> = BTreeMap::new();
    for user in &present.administrators {
        if let Some(role) = roles.get(&user.id) {
            of_role.entry(*role).or_default().push(user);
        }
    }
    let mut turned = Vec::with_capacity(roles.len());
    for (role, users) in of_role {
        turned.extend(give_role(work, account_id, &users, role).await?);
        let ids: Vec<Uuid> = users.iter().map(|user| user.id).collect();
        let offers = invitation::Entity::update_many()
            .col_expr(invitation::Column::Role, Expr::value(role))
            .filter(invitation::Column::AccountId.eq(account_id))
            .filter(among(work.backend(), invitation::Column::UserId, &ids))
            .filter(invitation::Column::Status.eq_constant(invitation::Status::Pending));
        work.update(offers).await?;
    }
    turned.sort_by_key(|user| (user.created_at, user.id));
    Ok(turned)
}
