//! Products as clients see them.

use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::product;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::Result;
use crate::limits;
use crate::products::{Component, Product};
use crate::read::paging::Page;
use crate::read::{Scope, terms};
use crate::subscriptions::SeatCounts;
use graphql::{Connection, Object, Rows, Type, enum_leaf};

/// Sort of product.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "product::Kind")]
pub enum ProductKind {
    /// One program.
    Application,
    /// Several programs that are licensed together.
    Collection,
    /// Something that is used online.
    Service,
}

enum_leaf!(ProductKind);

impl Object for Product {
    const NAME: &'static str = "Product";
    const DOC: &'static str = "Something that is licensed.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |product| Gid(Kind::Product, product.0.model.id))
            .doc("Global id.");
        t.text("code", |product| &product.0.model.code)
            .doc("Short name that stays, as it stands in CSV files.");
        t.text("name", |product| &product.0.model.name)
            .doc("Its name, for people.");
        t.value("kind", |product| ProductKind::from(product.0.model.kind))
            .doc("What sort of thing it is.");
        t.text_opt("description", |product| product.0.model.description.as_deref())
            .doc("What it is for; null if nothing is said.");
        t.children("components", |product| product.0.components.clone())
            .doc("The parts that can be switched for each seat; empty if there are none.");
        t.one("seats", seats)
            .doc("Seats of all in-term subscriptions of this product in the viewer's account.")
            .guard(Permission::ProductsRead);
        crate::api::subscriptions::on_product(t);
        crate::api::assignments::on_product(t);
        crate::api::usage::on_product(t);
    }
}

async fn seats(scope: Scope, products: Rows<Product>) -> Result<Vec<SeatCounts>> {
    let ids: Vec<Uuid> = products.iter().map(|product| product.0.model.id).collect();
    SeatCounts::of_products(&scope, &ids).await
}

impl Object for Component {
    const NAME: &'static str = "ProductComponent";
    const DOC: &'static str = "A part of a product that can be switched per assignment.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |component| Gid(Kind::Component, component.0.id))
            .doc("Global id.");
        t.text("code", |component| &component.0.code)
            .doc("Short name that stays; unique in its product.");
        t.text("name", |component| &component.0.name)
            .doc("Its name, for people.");
        t.text_opt("description", |component| component.0.description.as_deref())
            .doc("What it is for; null if nothing is said.");
        t.value("isRequired", |component| component.0.is_required)
            .doc("Whether it is on in every seat and cannot be switched off.");
        t.value("isEnabledByDefault", |component| {
            component.0.is_enabled_by_default
        })
        .doc("Whether it is on in a seat for which nothing else was said.");
        t.many("dependsOn", needed)
            .doc("Components of the same product that must be on for this one to be on.");
    }
}

async fn needed(scope: Scope, components: Rows<Component>) -> Result<Vec<Vec<Component>>> {
    let catalogue = crate::products::catalogue(scope.app()).await?;
    let of_one = |component: &Component| {
        let needs = component.0.needs.0.iter();
        needs.filter_map(|id| catalogue.component(*id)).cloned().collect()
    };
    Ok(components.iter().map(of_one).collect())
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct ProductFilter {
    /// Part of the name or the code, in any case; at most 100 characters.
    pub search: Option<String>,
    /// Of one of these sorts; at most 200.
    pub kind: Option<Vec<ProductKind>>,
}

impl ProductFilter {
    fn check(&self) -> Result<()> {
        terms::compared(self.search.as_deref().unwrap_or_default(), limits::SEARCH_WORD)?;
        terms::alternatives(self.kind.as_deref().unwrap_or_default()).map(drop)
    }

    fn matches(&self, product: &Product) -> bool {
        let model = &product.0.model;
        let search = self.search.as_ref().map(|search| search.trim().to_lowercase());
        search.is_none_or(|search| {
            model.name.to_lowercase().contains(&search) || model.code.to_lowercase().contains(&search)
        }) && self
            .kind
            .as_ref()
            .is_none_or(|kinds| kinds.contains(&ProductKind::from(model.kind)))
    }
}

#[derive(InputObject, Debug)]
struct ProductPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which products; null: all.
    filter: Option<ProductFilter>,
}

/// `Account.products`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("products", products)
        .doc("The products of the catalogue, by name.")
        .guard(Permission::ProductsRead);
}

async fn products(scope: Scope, args: ProductPageArgs) -> Result<Connection<Product>> {
    let filter = args.filter.unwrap_or_default();
    filter.check()?;
    let list = format!("products {filter:?}");
    let page = Page::new(&args.page.into(), scope.account_id()?, &list)?;
    let catalogue = crate::products::catalogue(scope.app()).await?;
    let listed = catalogue.all().iter().filter(|product| filter.matches(product));
    let listed = listed.cloned().collect();
    let cut = page.cut(listed, |product: &Product| {
        (product.0.model.name.as_str(), product.0.model.id)
    });
    Ok(cut.into())
}
