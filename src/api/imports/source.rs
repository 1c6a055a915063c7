//! What everybody of a file of assignments is given.

use entity::import::Source;

use crate::error::Result;
use crate::imports::Import;
use crate::products::{Component, Product, catalogue};
use crate::read::Scope;
use crate::subscriptions::Subscription;
use graphql::{Object, Rows, Type};

/// A seat that everybody of a file is given.
#[derive(Clone, Debug)]
pub struct ImportSource(Source);

impl Object for ImportSource {
    const NAME: &'static str = "ImportSource";
    const DOC: &'static str = "What everybody of a file of assignments is given.";

    fn describe(t: &mut Type<Self>) {
        t.link::<Product, _>("product", |source| source.0.product_id)
            .doc("A seat of this product.");
        t.link::<Subscription, _>("subscription", |source| source.0.subscription_id)
            .doc("Out of this subscription; null: out of any in-term one of the product.");
        t.many("components", components)
            .doc("The components that are on; empty where none was named: the product's defaults for a new seat, and those of now for one that is held.");
    }
}

async fn components(scope: Scope, sources: Rows<ImportSource>) -> Result<Vec<Vec<Component>>> {
    let catalogue = catalogue(scope.app()).await?;
    let on = |source: &ImportSource| {
        let named = source.0.components.iter().flatten();
        named.filter_map(|id| catalogue.component(*id).cloned()).collect()
    };
    Ok(sources.iter().map(on).collect())
}

/// `Import.sources`.
pub fn on_import(t: &mut Type<Import>) {
    t.children("sources", |import| {
        let sources = import.0.sources.iter().flat_map(|sources| &sources.0);
        sources.cloned().map(ImportSource).collect()
    })
    .doc("What everybody of the file is given; empty for a file of users, which says it itself.");
}
