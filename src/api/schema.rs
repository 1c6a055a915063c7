//! The roots, put together from what the slices bring.

use async_graphql::{ID, InputObject, SDLExportOptions};
use entity::ids::Kind;
use futures::{FutureExt, Stream, StreamExt};
use graphql::wire::Yielding;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::Linked;
use crate::api::accounts::Viewer;
use crate::api::imports::Job;
use crate::api::node::{self, Node, Versioned};
use crate::error::Result;
use crate::graphql::batch::{
    Declared, Entry, Guard, Guarded, Links, NoArgs, Object, Permission, Root, Type, Watched,
};
use crate::identity_providers::IdentityProvider;
use crate::imports::Import;
use crate::imports::progress::{self, ImportEvent};
use crate::products::{Catalogue, Product};
use crate::read::ById;
use crate::subscriptions::Subscription as ProductSubscription;
use crate::users::User;
use crate::{graphql::fault, read::Scope};

/// What a query may cost (`docs/decisions/0002-reading-in-batches.md`; the limits of the API).
const MOST_COMPLEXITY: usize = 5_000;
/// Ids of one `nodes` call.
const MOST_NODES: usize = crate::limits::NODES;

pub type Schema = async_graphql::Schema<Root<Query>, Root<Mutation>, Guarded<Subscription>>;

/// The schema. Who asks comes with each request, as a [`Scope`].
pub fn schema() -> Schema {
    async_graphql::Schema::build(Root(Query), Root(Mutation), Guarded(Subscription))
        .register_output_type::<Declared<Versioned>>()
        .register_output_type::<Declared<Job>>()
        .limit_complexity(MOST_COMPLEXITY)
        .extension(Yielding)
        .finish()
}

/// The public contract, as `schema.graphql` has it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().include_specified_by();
    let text = schema().sdl_with_options(options);
    format!("{}\n", text.trim_end())
}

/// Reads.
#[derive(Clone, Copy, Debug)]
pub struct Query;

#[derive(InputObject, Debug)]
struct IdArgs {
    id: ID,
}

#[derive(InputObject, Debug)]
struct IdsArgs {
    ids: Vec<ID>,
}

#[derive(InputObject, Debug)]
struct ImportEventsArgs {
    import_id: ID,
    #[graphql(default)]
    after_sequence: i32,
}

impl Object for Query {
    const NAME: &'static str = "Query";
    const DOC: &'static str = "Reads. Safe to repeat.";

    fn describe(t: &mut Type<Self>) {
        t.one_opt("viewer", |ask, _, _: NoArgs| {
            let viewer = ask.scope.actor().person().map(|_| Viewer);
            std::future::ready(Ok(Links::each(vec![viewer]))).boxed()
        })
        .doc("Null when nobody is signed in: an API token is no person.")
        .guard(Guard::anonymous());
        t.one("account", |ask, _, _: NoArgs| {
            async move { Account::linked(ask.scope, &[Some(ask.scope.account_id()?)]).await }.boxed()
        })
        .doc("The account of the session.");
        t.any_opt("node", |ask, _, args: IdArgs| {
            async move { node::find(ask.scope, &[args.id]).await }.boxed()
        })
        .doc("Null for what does not exist and for what is not yours.");
        t.any_many_opt("nodes", |ask, _, args: IdsArgs| {
            async move {
                super::bulk::check_length(args.ids.len(), MOST_NODES, "ids")?;
                Ok(vec![node::find(ask.scope, &args.ids).await?])
            }
            .boxed()
        })
        .doc("At most 100, in order, null for each id that does not resolve.")
        .per_id();
        by_id(t);
        sso_by_id(t);
        t.many("importEvents", |ask, _, args: ImportEventsArgs| {
            async move {
                let id = import_id(&args.import_id);
                let events = progress::events(ask.scope, id, args.after_sequence).await?;
                Ok::<Vec<Vec<ImportEvent>>, _>(vec![events])
            }
            .boxed()
        })
        .doc("Polling twin of importProgress: the kept events after a sequence, at most 100.")
        .guard(Permission::ImportsWrite);
    }
}

/// Fields that find one object of a kind.
fn by_id(t: &mut Type<Query>) {
    t.one_opt("user", |ask, _, args: IdArgs| {
        async move {
            let found = node::find(ask.scope, &[args.id]).await?.pop().flatten();
            Ok(Links::each(vec![match found {
                Some(Node::User(user)) => Some(user),
                _ => None::<User>,
            }]))
        }
        .boxed()
    });
    t.one_opt("product", |ask, _, args: IdArgs| {
        async move {
            let id = Kind::Product.parse(&args.id);
            let is_there = |known: &Catalogue| known.has(id);
            let catalogue = ask.scope.app().catalogue_holding(is_there).await?;
            let found = id.and_then(|id| catalogue.by_id(id).cloned());
            Ok(Links::each(vec![found])) as Result<Links<Product>>
        }
        .boxed()
    })
    .guard(Permission::ProductsRead);
    t.one_opt("subscription", |ask, _, args: IdArgs| {
        async move { ProductSubscription::linked(ask.scope, &[Kind::Subscription.parse(&args.id)]).await }
            .boxed()
    })
    .guard(Permission::ProductsRead);
    t.one_opt("import", |ask, _, args: IdArgs| {
        async move {
            let ids: Vec<_> = Kind::Import.parse(&args.id).into_iter().collect();
            Ok(Links::each(vec![Import::by_ids(ask.scope, &ids).await?.pop()]))
        }
        .boxed()
    })
    .guard(Permission::ImportsWrite);
}

/// As [`by_id`], for what only some may see.
fn sso_by_id(t: &mut Type<Query>) {
    t.one_opt("identityProvider", |ask, _, args: IdArgs| {
        async move { IdentityProvider::linked(ask.scope, &[Kind::IdentityProvider.parse(&args.id)]).await }
            .boxed()
    })
    .guard(Permission::SsoRead);
}

/// Changes.
#[derive(Clone, Copy, Debug)]
pub struct Mutation;

impl Object for Mutation {
    const NAME: &'static str = "Mutation";
    const DOC: &'static str = "Changes. POST only; root fields run one after the other.";

    fn describe(t: &mut Type<Self>) {
        super::users::on_mutation(t);
        super::invitations::on_mutation(t);
        super::assignments::on_mutation(t);
        super::uploads::on_mutation(t);
        super::imports::on_mutation(t);
        super::identity_providers::on_mutation(t);
        super::domains::on_mutation(t);
        super::sessions::on_mutation(t);
        super::api_tokens::on_mutation(t);
    }
}

/// What is no id of an import names none: it is answered as not found.
fn import_id(given: &ID) -> Uuid {
    Kind::Import.parse(given).unwrap_or(Uuid::nil())
}

/// Live data over graphql-transport-ws.
#[derive(Clone, Copy, Debug)]
pub struct Subscription;

impl Watched for Subscription {
    const GUARDS: &'static [(&'static str, Permission)] = &[("importProgress", Permission::ImportsWrite)];
}

/// Live data over graphql-transport-ws.
#[async_graphql::Subscription]
impl Subscription {
    /// A snapshot first, then every event after `afterSequence` (kept 7 days), then live ones: at most 4 a second, a heartbeat every 15 s, then isFinal.
    async fn import_progress(
        &self,
        context: &async_graphql::Context<'_>,
        import_id: ID,
        after_sequence: Option<i32>,
    ) -> async_graphql::Result<impl Stream<Item = async_graphql::Result<Entry<ImportEvent>>> + use<>> {
        let scope = context.data::<Scope>()?.clone();
        let followed = progress::follow(scope, self::import_id(&import_id), after_sequence).await;
        let events = followed.map_err(fault::graphql_error)?;
        Ok(events.map(|event| event.map(Entry).map_err(fault::graphql_error)))
    }
}
