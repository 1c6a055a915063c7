//! Asking for help: a mail to the support address with what whoever reads it needs to know.

mod contact;

pub use contact::ContactSupport;
