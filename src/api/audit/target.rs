//! What an event touched: its ids, and what there is still to be seen behind them.

use std::collections::{HashMap, HashSet};

use async_graphql::InputObject;
use entity::ids::{self, Kind};
use graphql::{Connection, Load, Object, Rows, Type};
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::ids::GivenId;
use crate::api::node::{LOADERS, Node};
use crate::api_tokens::ApiToken;
use crate::audit::AuditEvent;
use crate::audit::masking::{MASK, Masking};
use crate::contracts::Contract;
use crate::domains::Domain;
use crate::error::{Error, Result};
use crate::identity_providers::IdentityProvider;
use crate::imports::Import;
use crate::products::Product;
use crate::read::Scope;
use crate::read::paging::{Page, PageRequest};
use crate::users::User;

/// Something that was touched.
#[derive(Clone, Debug)]
struct AuditTarget {
    /// As it is stored.
    text: String,
    kind: Kind,
    id: Uuid,
}

impl AuditTarget {
    /// In the order in which a page is cut: by kind, then by id.
    fn of(event: &AuditEvent) -> Vec<Self> {
        let read = |text: &String| {
            let (kind, id) = ids::parse(text)?;
            let text = text.clone();
            Some(Self { text, kind, id })
        };
        let mut targets: Vec<Self> = event.0.targets.0.iter().filter_map(read).collect();
        targets.sort_unstable_by_key(|target| (target.kind.prefix(), target.id));
        targets.dedup_by_key(|target| (target.kind, target.id));
        targets
    }
}

impl Object for AuditTarget {
    const NAME: &'static str = "AuditTarget";
    const DOC: &'static str = "Something that an event touched.";

    fn describe(t: &mut Type<Self>) {
        t.value("id", |target| GivenId(target.text.clone()))
            .doc("Its global id, whether or not it is there still.");
        t.values("label", labels)
            .doc("What it is called now; `(removed user)` of who was removed. Null for what has no name, is not there any more, or is not the reader's to see.");
        t.node_link::<Node>("node", LOADERS, |target| Some(target.text.clone()))
            .doc("The thing itself, while it is there and the reader's to see.");
    }
}

#[derive(InputObject, Debug)]
struct TargetPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `AuditEvent.targets`.
pub fn on_event(t: &mut Type<AuditEvent>) {
    t.page("targets", targets).doc(
        "What was touched: people, seats, subscriptions, the account itself. By kind, each as it was added.",
    );
}

async fn targets(
    scope: Scope,
    events: Rows<AuditEvent>,
    args: TargetPageArgs,
) -> Result<Vec<Connection<AuditTarget>>> {
    let request: PageRequest = args.page.into();
    let account_id = scope.account_id()?;
    let of_event = |event: &AuditEvent| {
        let page = Page::new(&request, account_id, &format!("targets of {}", event.0.id))?;
        let cut = page.cut(AuditTarget::of(event), |target| (target.kind.prefix(), target.id));
        Ok::<_, Error>(cut.into())
    };
    events.iter().map(of_event).collect()
}

/// What things are called, by kind and id.
#[derive(Default)]
struct Names(HashMap<(Kind, Uuid), String>);

impl Names {
    /// Adds those of one type that the reader may see, if any are asked for.
    async fn add<T>(
        &mut self,
        scope: &Scope,
        kind: Kind,
        targets: &[AuditTarget],
        name: fn(&T) -> String,
    ) -> Result<()>
    where
        T: Load<Scope = Scope, Key = Uuid, Error = Error>,
    {
        let ids: HashSet<Uuid> = of_kind(targets, kind).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let mut found = T::load(scope.clone(), ids.into_iter().collect()).await?;
        found.retain(|thing| thing.is_shown(scope));
        self.0
            .extend(found.iter().map(|thing| ((kind, thing.key()), name(thing))));
        Ok(())
    }
}

fn of_kind(targets: &[AuditTarget], kind: Kind) -> impl Iterator<Item = Uuid> {
    let wanted = targets.iter().filter(move |target| target.kind == kind);
    wanted.map(|target| target.id)
}

/// One statement for each kind of thing, however many there are.
async fn labels(scope: Scope, targets: Rows<AuditTarget>) -> Result<Vec<Option<String>>> {
    let people: HashSet<Uuid> = of_kind(&targets, Kind::User).collect();
    let masking = Masking::among(&scope, people).await?;
    let mut names = Names::default();
    names
        .add::<User>(&scope, Kind::User, &targets, User::display_name)
        .await?;
    names
        .add::<Account>(&scope, Kind::Account, &targets, |account| account.0.name.clone())
        .await?;
    names
        .add::<Product>(&scope, Kind::Product, &targets, |product| {
            product.0.model.name.clone()
        })
        .await?;
    names
        .add::<Contract>(&scope, Kind::Contract, &targets, |contract| {
            contract.0.number.clone()
        })
        .await?;
    names
        .add::<Import>(&scope, Kind::Import, &targets, |import| import.0.filename.clone())
        .await?;
    names
        .add::<Domain>(&scope, Kind::Domain, &targets, |domain| domain.0.name.clone())
        .await?;
    names
        .add::<IdentityProvider>(&scope, Kind::IdentityProvider, &targets, |provider| {
            provider.0.name.clone()
        })
        .await?;
    names
        .add::<ApiToken>(&scope, Kind::ApiToken, &targets, |token| token.0.name.clone())
        .await?;
    let label = |target: &AuditTarget| match target.kind == Kind::User && masking.hides(target.id) {
        true => Some(MASK.to_owned()),
        false => names.0.get(&(target.kind, target.id)).cloned(),
    };
    Ok(targets.iter().map(label).collect())
}
