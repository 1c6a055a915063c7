//! Roles and standing: who may sign in, as what, and who decides it.

mod changing;
mod handing_over;
mod lists;
mod plans;
mod standing;
mod support;
