//! The roots, put together from what the words bring.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::Stream;
use graphql::{Object, Type};
use uuid::Uuid;

use super::accounts::Viewer;
use super::guard::{self, Guard, Permission};
use super::node::{LOADERS, Node};
use crate::accounts::Account;
use crate::bulk_jobs::{BulkJob, BulkJobEvent};
use crate::contracts::Contract;
use crate::error::Result;
use crate::exports::Export;
use crate::exports::progress::ExportEvent;
use crate::groups::Group;
use crate::identity_providers::IdentityProvider;
use crate::imports::Import;
use crate::imports::event::ImportEvent;
use crate::products::Product;
use crate::read::{ById, Scope, follow};
use crate::subscriptions::Subscription as ProductSubscription;
use crate::subscriptions::watch::{self, SeatsChanged};
use crate::users::User;

/// Ids of one `nodes` call.
const MOST_NODES: usize = crate::limits::NODES;

pub type Schema = graphql::Schema;

/// The schema. Who asks comes with each request, as a [`Scope`].
pub fn schema() -> Schema {
    Schema::new::<Query, Mutation, Subscription>()
}

/// The public contract, as `schema.graphql` has it.
pub fn sdl() -> String {
    schema().sdl()
}

/// Reads.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query;

#[derive(InputObject, Debug)]
struct ImportEventsArgs {
    /// The import to follow.
    import_id: ID,
    /// Events up to this one are known already; 0 by default: none are.
    #[graphql(default)]
    after_sequence: i32,
}

impl Object for Query {
    const NAME: &'static str = "Query";
    const DOC: &'static str = "Reads. Safe to repeat.";

    fn describe(t: &mut Type<Self>) {
        t.with(guard::register);
        t.one_opt("viewer", viewer)
            .doc("Null when nobody is signed in: an API token is no person.")
            .guard(Guard::anonymous());
        t.one("account", account).doc("The account of the session.");
        t.node::<Node>("node", LOADERS)
            .doc("Null for what does not exist and for what is not yours.");
        t.nodes::<Node>("nodes", MOST_NODES, LOADERS)
            .doc("At most 100, in order, null for each id that does not resolve.");
        t.by_id::<User>("user").doc("One user of the account.");
        t.by_id::<Product>("product")
            .doc("One product of the catalogue.")
            .guard(Permission::ProductsRead);
        t.by_id::<ProductSubscription>("subscription")
            .doc("One subscription of the account.")
            .guard(Permission::ProductsRead);
        t.by_id::<Contract>("contract")
            .doc("One contract of the account.")
            .guard(Permission::ContractsRead);
        t.by_id::<Group>("group")
            .doc("One group of the account.")
            .guard(Permission::UsersRead);
        t.by_id::<Import>("import")
            .doc("One import of the account.")
            .guard(Permission::ImportsWrite);
        t.by_id::<Export>("export")
            .doc("One export of the account.")
            .guard(Permission::ExportsWrite);
        t.by_id::<BulkJob>("bulkJob")
            .doc("One job of the account that is done for many people.")
            .guard(Permission::UsersRead);
        t.by_id::<IdentityProvider>("identityProvider")
            .doc("One identity provider of the account.")
            .guard(Permission::SsoRead);
        t.many("importEvents", import_events)
            .at_most(follow::MOST_EVENTS)
            .doc("Polling twin of importProgress: the kept events after a sequence, at most 25; ask on after the last one.")
            .guard(Permission::ImportsWrite);
        t.many("bulkJobEvents", bulk_job_events)
            .at_most(follow::MOST_EVENTS)
            .doc("Polling twin of bulkJobProgress: the kept events after a sequence, at most 25; ask on after the last one.")
            .guard(Permission::UsersRead);
        super::subscriptions::on_query(t);
        t.guard_the_rest(&Guard::signed_in());
    }
}

async fn viewer(scope: Scope) -> Result<Option<Viewer>> {
    Ok(scope.actor().person().map(|_| Viewer))
}

async fn account(scope: Scope) -> Result<Option<Account>> {
    Ok(Account::by_ids(&scope, &[scope.account_id()?]).await?.pop())
}

async fn import_events(scope: Scope, args: ImportEventsArgs) -> Result<Vec<ImportEvent>> {
    follow::events::<Import>(&scope, import_id(&args.import_id), args.after_sequence).await
}

#[derive(InputObject, Debug)]
struct BulkJobEventsArgs {
    /// The job to follow.
    bulk_job_id: ID,
    /// Events up to this one are known already; 0 by default: none are.
    #[graphql(default)]
    after_sequence: i32,
}

async fn bulk_job_events(scope: Scope, args: BulkJobEventsArgs) -> Result<Vec<BulkJobEvent>> {
    follow::events::<BulkJob>(&scope, job_id(&args.bulk_job_id), args.after_sequence).await
}

/// Changes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mutation;

impl Object for Mutation {
    const NAME: &'static str = "Mutation";
    const DOC: &'static str = "Changes. POST only; root fields run one after the other.";

    fn describe(t: &mut Type<Self>) {
        super::accounts::on_mutation(t);
        super::users::on_mutation(t);
        super::contracts::on_mutation(t);
        super::subscriptions::on_mutation(t);
        super::invitations::on_mutation(t);
        super::assignments::on_mutation(t);
        super::groups::on_mutation(t);
        super::bulk_jobs::on_mutation(t);
        super::usage::on_mutation(t);
        super::credits::on_mutation(t);
        super::uploads::on_mutation(t);
        super::imports::on_mutation(t);
        super::exports::on_mutation(t);
        super::identity_providers::on_mutation(t);
        super::domains::on_mutation(t);
        super::sessions::on_mutation(t);
        super::api_tokens::on_mutation(t);
        super::notifications::on_mutation(t);
        super::access_requests::on_mutation(t);
        super::support::on_mutation(t);
        t.guard_the_rest(&Guard::signed_in());
    }
}

/// What is no id of an import names none: it is answered as not found.
fn import_id(given: &ID) -> Uuid {
    Kind::Import.parse(given).unwrap_or_default()
}

/// The same for jobs.
fn job_id(given: &ID) -> Uuid {
    Kind::BulkJob.parse(given).unwrap_or_default()
}

/// Live data over graphql-transport-ws.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subscription;

#[derive(InputObject, Debug)]
struct ImportProgressArgs {
    /// The import to follow.
    import_id: ID,
    /// Events up to this one are known already; null: begin with a snapshot.
    after_sequence: Option<i32>,
}

impl Object for Subscription {
    const NAME: &'static str = "Subscription";
    const DOC: &'static str = "Live data over graphql-transport-ws.";

    fn describe(t: &mut Type<Self>) {
        t.stream("importProgress", import_progress)
            .doc("A snapshot first, then every event after `afterSequence` (kept 7 days), then live ones: at most 4 a second, a heartbeat every 15 s, then isFinal.")
            .guard(Permission::ImportsWrite);
        t.stream("exportProgress", follow_export)
            .doc("The export as it is, then whenever it is further: at most 4 a second, a heartbeat every 15 s, then isFinal. Reading `export` again and again tells the same.")
            .guard(Permission::ExportsWrite);
        t.stream("bulkJobProgress", bulk_job_progress)
            .doc("As `importProgress`, of a job that is done for many people.")
            .guard(Permission::UsersRead);
        t.stream("seatsChanged", seats_changed)
            .doc("The seats of a product as they are, then whenever they are others: at most once a second.")
            .guard(Permission::ProductsRead);
        super::notifications::on_subscription(t);
    }
}

#[derive(InputObject, Debug)]
struct ExportProgressArgs {
    /// The export to follow.
    export_id: ID,
}

async fn follow_export(
    scope: Scope,
    args: ExportProgressArgs,
) -> Result<impl Stream<Item = Result<ExportEvent>> + Send + 'static> {
    let id = Kind::Export.parse(&args.export_id).unwrap_or_default();
    follow::follow::<Export>(scope, id, None).await
}

#[derive(InputObject, Debug)]
struct SeatsChangedArgs {
    /// A product the account has bought.
    product_id: ID,
}

async fn seats_changed(
    scope: Scope,
    args: SeatsChangedArgs,
) -> Result<impl Stream<Item = Result<SeatsChanged>> + Send + 'static> {
    watch::follow(scope, Kind::Product.parse(&args.product_id).unwrap_or_default()).await
}

async fn import_progress(
    scope: Scope,
    args: ImportProgressArgs,
) -> Result<impl Stream<Item = Result<ImportEvent>> + Send + 'static> {
    follow::follow::<Import>(scope, import_id(&args.import_id), args.after_sequence).await
}

#[derive(InputObject, Debug)]
struct BulkJobProgressArgs {
    /// The job to follow.
    bulk_job_id: ID,
    /// Events up to this one are known already; null: begin with a snapshot.
    after_sequence: Option<i32>,
}

async fn bulk_job_progress(
    scope: Scope,
    args: BulkJobProgressArgs,
) -> Result<impl Stream<Item = Result<BulkJobEvent>> + Send + 'static> {
    follow::follow::<BulkJob>(scope, job_id(&args.bulk_job_id), args.after_sequence).await
}
