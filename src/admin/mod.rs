//! What the operator does at the command line: accounts, the catalogue, what accounts bought. There is no shop in front of us.

mod account;
mod catalogue;
mod cli;
mod plan;
mod subscription;

pub use account::CreateAccount;
pub use catalogue::{ComponentSpec, DefineProduct};
pub use cli::{AdminArgs, make_password, run};
pub use plan::SetPlan;
pub use subscription::CreateSubscription;
