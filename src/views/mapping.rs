//! Who becomes what in the other view. Pure.

use std::collections::{HashMap, HashSet};

use entity::account::View;
use entity::user::{self, Role, Status};
use entity::{contract, contract_manager};
use uuid::Uuid;

/// What the other view makes of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Administrators with the role they get, in the order they came into the account.
    pub roles: Vec<(Uuid, Role)>,
    /// Manager → contracts that become theirs by it.
    pub contracts: HashMap<Uuid, Vec<Uuid>>,
}

/// The administrators of an account, its contracts, and who manages or managed them.
#[derive(Clone, Debug)]
pub struct Present {
    /// In the order they came into the account.
    pub administrators: Vec<user::Model>,
    pub contracts: Vec<contract::Model>,
    pub managers: Vec<contract_manager::Model>,
}

/// What becomes of the account's administrators in a view; `None` if nobody could lead it there.
///
/// To the current view: the contract manager who has been in the account longest is the primary administrator, everybody else a secondary one (domain, section 2).
/// To the classic view: the primary administrator manages every contract but those whose former manager is an active administrator still; everybody else
/// is a software coordinator.
pub fn mapping(to: View, present: &Present) -> Option<Mapping> {
    match to {
        View::Current => to_current(present),
        View::Classic => to_classic(present),
    }
}

fn to_current(present: &Present) -> Option<Mapping> {
    let is_manager =
        |user: &&user::Model| user.status == Status::Active && user.role == Role::ContractManager;
    let primary = present.administrators.iter().find(is_manager)?.id;
    let role = |user: &user::Model| match user.id == primary {
        true => Role::PrimaryAdmin,
        false => Role::SecondaryAdmin,
    };
    Some(Mapping {
        roles: each(present, role),
        contracts: HashMap::new(),
    })
}

fn to_classic(present: &Present) -> Option<Mapping> {
    let administrators = &present.administrators;
    let primary = administrators
        .iter()
        .find(|user| user.role == Role::PrimaryAdmin)?
        .id;
    let active: HashSet<Uuid> = administrators
        .iter()
        .filter(|user| user.status == Status::Active)
        .map(|user| user.id)
        .collect();
    let remembered: HashMap<Uuid, Uuid> = present
        .managers
        .iter()
        .filter(|row| active.contains(&row.user_id))
        .map(|row| (row.id, row.user_id))
        .collect();
    let managers: HashSet<Uuid> = remembered.values().copied().chain([primary]).collect();
    let role = |user: &user::Model| match managers.contains(&user.id) {
        true => Role::ContractManager,
        false => Role::SoftwareCoordinator,
    };
    let orphaned = present.contracts.iter().map(|contract| contract.id);
    let orphaned: Vec<Uuid> = orphaned.filter(|id| !remembered.contains_key(id)).collect();
    Some(Mapping {
        roles: each(present, role),
        contracts: HashMap::from([(primary, orphaned)]),
    })
}

fn each(present: &Present, role: impl Fn(&user::Model) -> Role) -> Vec<(Uuid, Role)> {
    let administrators = present.administrators.iter();
    administrators.map(|user| (user.id, role(user))).collect()
}
