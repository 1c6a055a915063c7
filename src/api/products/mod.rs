//! Products as clients see them.

use crate::api::old::OldStyle as _;
use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::product;
use futures::FutureExt;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::error::Result;
use crate::limits;
use crate::products::{Component, Product};
use crate::read::paging::Page;
use crate::read::terms;
use crate::subscriptions::SeatCounts;
use graphql::Connection;
use graphql::{Links, Object, Type, enum_leaf};

/// Sort of product.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "product::Kind")]
pub enum ProductKind {
    Application,
    Collection,
    Service,
}

enum_leaf!(ProductKind);

impl Object for Product {
    const NAME: &'static str = "Product";
    const DOC: &'static str = "Something that is licensed.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |product| Gid(Kind::Product, product.0.model.id));
        t.text("code", |product| &product.0.model.code);
        t.text("name", |product| &product.0.model.name);
        t.value("kind", |product| ProductKind::from(product.0.model.kind));
        t.text_opt("description", |product| product.0.model.description.as_deref());
        t.children("components", |product| product.0.components.clone());
        t.old_one("seats", |ask, products, _: NoArgs| {
            async move {
                let ids: Vec<Uuid> = products.iter().map(|product| product.0.model.id).collect();
                Ok(Links::all(SeatCounts::of_products(ask.scope, &ids).await?))
            }
            .boxed()
        })
        .doc("Seats of all in-term subscriptions of this product in the viewer's account.")
        .guard(Permission::ProductsRead);
        crate::api::subscriptions::on_product(t);
    }
}

impl Object for Component {
    const NAME: &'static str = "ProductComponent";
    const DOC: &'static str = "A part of a product that can be switched per assignment.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |component| Gid(Kind::Component, component.0.id));
        t.text("code", |component| &component.0.code);
        t.text("name", |component| &component.0.name);
        t.text_opt("description", |component| component.0.description.as_deref());
        t.value("isRequired", |component| component.0.is_required);
        t.value("isEnabledByDefault", |component| {
            component.0.is_enabled_by_default
        });
    }
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
pub struct ProductFilter {
    pub search: Option<String>,
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
    filter: Option<ProductFilter>,
}

/// `Account.products`.
pub fn on_account(t: &mut Type<Account>) {
    t.old_page("products", |ask, accounts, args: ProductPageArgs| {
        async move {
            let given = args.page;
            let filter = args.filter.unwrap_or_default();
            filter.check()?;
            let page = Page::new(
                &given.into(),
                ask.scope.account_id()?,
                &format!("products {filter:?}"),
            )?;
            let catalogue = crate::products::catalogue(ask.scope.app()).await?;
            let listed = catalogue
                .all()
                .iter()
                .filter(|product| filter.matches(product))
                .cloned()
                .collect();
            let page: Connection<_> = page
                .cut(listed, |product: &Product| {
                    (product.0.model.name.as_str(), product.0.model.id)
                })
                .into();
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .guard(Permission::ProductsRead);
}
