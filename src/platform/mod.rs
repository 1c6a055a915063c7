//! The real parts the product stands on, each behind a small face of its own: object storage, mail.
//!
//! Nothing in here knows the domain. A part has an embedded default (nothing to install) and a production form, spoken to by the same
//! code; which one is used follows from the configuration.

pub mod mail;
pub mod storage;
