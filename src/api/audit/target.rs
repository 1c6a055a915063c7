//! What an event touched: its ids, and what there is still to be seen behind them.

use std::collections::{HashMap, HashSet};

use entity::ids::{self, Kind};
use graphql::{Load, Object, Rows, Type};
use uuid::Uuid;

use crate::accounts::Account;
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
use crate::users::User;

/// Something that was touched.
#[derive(Clone, Debug)]
struct AuditTarget {
    /// As it is stored.
    text: String,
    kind: Kind,
    id: Uuid,
}

/// How many of an event are looked up. Their ids are all told.
const MOST: u16 = 20;

impl AuditTarget {
    fn read(text: &str) -> Option<Self> {
        let (kind, id) = ids::parse(text)?;
        let text = text.to_owned();
        Some(Self { text, kind, id })
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
        t.node_link::<Node>("subject", LOADERS, |target| Some(target.text.clone()))
            .doc("The thing itself, while it is there and the reader's to see.");
    }
}

/// `AuditEvent.targetIds` and `targets`.
pub fn on_event(t: &mut Type<AuditEvent>) {
    t.value("targetIds", |event| -> Vec<GivenId> {
        event.0.targets.0.iter().cloned().map(GivenId).collect()
    })
    .doc("Global ids of all that was touched, in the order in which it was: people, seats, subscriptions, the account itself. `nodes` leads to what is there still.");
    t.children("targets", |event| {
        let known = event
            .0
            .targets
            .0
            .iter()
            .filter_map(|text| AuditTarget::read(text));
        known.take(usize::from(MOST)).collect()
    })
    .at_most(MOST)
    .doc("The first 20 of what was touched, with what each is called now.");
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
