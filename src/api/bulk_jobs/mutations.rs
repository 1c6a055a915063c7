//! Stopping jobs over GraphQL. They are begun by the mutations that do the same at once for a few people.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;

use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::bulk_jobs::{BulkJob, CancelBulkJob};
use crate::error::Result;
use crate::read::Scope;
use graphql::Type;

/// Which job to stop.
#[derive(InputObject, Debug)]
struct CancelBulkJobInput {
    /// A job that has not come to its end.
    bulk_job_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("cancelBulkJob", cancel)
        .doc("Stops between two batches of 500 people; what was done stays done. Needs the permission that asking for the job needs, too.")
        .guard(Permission::UsersRead)
        .weight(10);
}

async fn cancel(scope: Scope, input: CancelBulkJobInput) -> Result<BulkJob> {
    let job_id = require_id(Kind::BulkJob, &input.bulk_job_id, "input.bulkJobId")?;
    scope.run(CancelBulkJob { job_id }).await
}
