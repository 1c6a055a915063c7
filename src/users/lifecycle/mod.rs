//! What a user is in the account: whether they may sign in at all, and with which role.
//!
//! Disabling and removing free the seats and end the sessions in the same transaction; a removed user leaves a tombstone. Rules this module keeps:
//!
//! - There is one primary administrator, always. They are not disabled, removed or demoted; they hand over, in one transaction. So it is
//!   with the manager of a contract in the classic view.
//! - Nobody changes themselves: not their role, not their standing.
//! - Nobody gives or takes a role they have no right to, and the SSO administrator needs the premium plan.
//! - The administrator who keeps a password while single sign-on is required stays one, or nobody could mend a broken provider.
//! - Whose rights change signs in again, so that no session, socket or open page works on with the old ones.

mod change_role;
mod disable;
mod enable;
mod give_role;
mod hand_over;
mod named;
mod remove;
pub mod rules;
mod take_out;
pub mod tell;
pub mod ties;

pub use change_role::ChangeUserRole;
pub use disable::DisableUsers;
pub use enable::EnableUsers;
pub use give_role::give_role;
pub use hand_over::{HandOverPrimary, HandedOver};
pub use named::UserOutcome;
pub use remove::RemoveUsers;
