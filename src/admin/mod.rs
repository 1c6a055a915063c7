//! What the operator does at the command line: accounts, the catalogue, what accounts bought. There is no shop in front of us.

mod account;
mod args;
mod catalogue;
mod cli;
mod contracts;
mod credits;
mod domain;
mod locale;
mod plan;
mod reseal;
mod subscription;

pub use account::CreateAccount;
pub use args::AdminArgs;
pub use catalogue::{ComponentSpec, DefineProduct};
pub use cli::{make_password, run};
pub use credits::{AdjustCredits, Booking, GrantCredits, SetOverdraft};
pub use domain::VouchForDomain;
pub use locale::SetLocale;
pub use plan::SetPlan;
pub use reseal::{ResealSecrets, Resealed, reseal_all};
pub use subscription::{CreateSubscription, SetSeats};
