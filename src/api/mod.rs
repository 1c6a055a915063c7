//! Everything clients see over GraphQL, one folder a word: types, inputs, mutations. What happens is in the folder of the same word beside this one.

pub mod access_requests;
pub mod accounts;
pub mod api_tokens;
pub mod assignments;
pub mod audit;
pub mod bulk;
pub mod bulk_jobs;
pub mod contracts;
pub mod credits;
pub mod domains;
pub mod errors;
pub mod exports;
mod fault;
pub mod groups;
pub mod guard;
pub mod identity_providers;
pub mod ids;
pub mod imports;
pub mod invitations;
pub mod jobs;
pub mod node;
pub mod notifications;
mod paging;
pub mod products;
mod schema;
pub mod sessions;
pub mod subscriptions;
pub mod support;
pub mod uploads;
pub mod usage;
pub mod users;

pub use paging::{OrderDirection, PageArguments};
pub use schema::{Mutation, Query, Schema, Subscription, schema, sdl};
