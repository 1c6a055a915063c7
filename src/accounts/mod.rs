//! Accounts: the customer, its plan and view, and which roles it has.

pub mod counters;
mod memory;
mod naming;
mod profile;
pub mod read;
pub mod roles;
mod settings;
mod update;

pub use naming::{Naming, write_anew};
pub use profile::Profile;
pub use read::{Account, Counts};
pub use settings::Settings;
pub use update::UpdateAccount;
