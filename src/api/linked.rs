//! Objects that rows refer to, found for all rows at once.

use std::future::Future;

use uuid::Uuid;

use crate::error::Result;
use crate::read::{ById, Scope};
use graphql::Links;

/// What is found by id can be linked to.
pub trait Linked: ById {
    /// The object each row refers to.
    fn linked(scope: &Scope, ids: &[Option<Uuid>]) -> impl Future<Output = Result<Links<Self>>> + Send;
}

impl<T: ById> Linked for T {
    async fn linked(scope: &Scope, ids: &[Option<Uuid>]) -> Result<Links<Self>> {
        let mut wanted: Vec<Uuid> = ids.iter().flatten().copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        let found = Self::by_ids(scope, &wanted).await?;
        Ok(Links::by_key(ids.iter().copied(), found, Self::id))
    }
}
