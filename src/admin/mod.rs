//! What the operator does at the command line: accounts, the catalogue, what accounts bought. There is no shop in front of us.

mod account;
mod catalogue;
mod cli;
mod reseal;
mod subscription;

pub use account::CreateAccount;
pub use catalogue::{ComponentSpec, DefineProduct};
pub use cli::{AdminArgs, make_password, run};
pub use reseal::{ResealSecrets, Resealed, reseal_all};
pub use subscription::CreateSubscription;
