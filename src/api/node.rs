//! `Node`, `Versioned`, and finding anything by its global id.
//!
//! What is not there and what is not yours are answered alike: null. The prefix says where to look; the look is always within the reader's account.

use std::collections::HashMap;

use entity::ids::{self, Kind};
use uuid::Uuid;

use crate::access::permit;
use crate::accounts::Account;
use crate::api_tokens::ApiToken;
use crate::assignments::Assignment;
use crate::domains::Domain;
use crate::error::Result;
use crate::graphql::batch::{Permission, interface};
use crate::identity_providers::{ExternalIdentity, IdentityProvider, SsoTest};
use crate::imports::{Import, ImportRow};
use crate::invitations::Invitation;
use crate::notifications::Notification;
use crate::products::{Component, Product};
use crate::read::ById;
use crate::read::Scope;
use crate::sessions::Session;
use crate::subscriptions::Subscription;
use crate::uploads::Upload;
use crate::users::User;

interface! {
    /// An object that can be fetched again by its global id.
    Node {
        "id": "ID!" => "",
    } = Account(Account) | User(User) | Invitation(Invitation) | Product(Product) | Component(Component) | Subscription(Subscription)
        | Assignment(Assignment) | Upload(Upload) | Import(Import) | ImportRow(ImportRow) | Notification(Notification) | Domain(Domain)
        | Session(Session) | ApiToken(ApiToken) | IdentityProvider(IdentityProvider) | SsoTest(SsoTest) | ExternalIdentity(ExternalIdentity)
}

interface! {
    /// What a user-initiated change of an object must carry so as not to overwrite someone else's change: the `version` that was read.
    Versioned {
        "version": "Int!" => "",
    } = Account(Account) | User(User) | Subscription(Subscription) | Assignment(Assignment) | IdentityProvider(IdentityProvider)
}

/// Finds objects by id, in order; `None` for whatever the reader cannot see. One look per kind, however many ids.
pub async fn find(scope: &Scope, given: &[async_graphql::ID]) -> Result<Vec<Option<Node>>> {
    let mut search = Search {
        scope,
        wanted: given.iter().map(|id| ids::parse(id)).collect(),
        found: HashMap::new(),
    };
    search.people().await?;
    search.products().await?;
    search.imports().await?;
    search.sign_ins().await?;
    let node = |wanted: &Option<(Kind, Uuid)>| search.found.get(wanted.as_ref()?).cloned();
    Ok(search.wanted.iter().map(node).collect())
}

/// What is looked for, by whom, and what was found.
struct Search<'a> {
    scope: &'a Scope,
    wanted: Vec<Option<(Kind, Uuid)>>,
    found: HashMap<(Kind, Uuid), Node>,
}

impl Search<'_> {
    async fn people(&mut self) -> Result<()> {
        let users = self.may(Permission::UsersRead);
        let own = self.own();
        self.look(Kind::Account, Node::Account, |_| true).await?;
        self.look(Kind::User, Node::User, |user: &User| {
            user.is_listed() && (users || own == Some(user.0.id))
        })
        .await?;
        self.look(Kind::Invitation, Node::Invitation, |_| users).await?;
        self.look(Kind::Notification, Node::Notification, |_| true).await
    }

    async fn products(&mut self) -> Result<()> {
        let products = self.may(Permission::ProductsRead);
        let own = self.own();
        self.look(Kind::Product, Node::Product, |_| true).await?;
        self.look(Kind::Component, Node::Component, |_| true).await?;
        self.look(Kind::Subscription, Node::Subscription, |_| products)
            .await?;
        self.look(Kind::Assignment, Node::Assignment, |seat: &Assignment| {
            products || own == Some(seat.0.user_id)
        })
        .await
    }

    async fn imports(&mut self) -> Result<()> {
        let imports = self.may(Permission::ImportsWrite);
        self.look(Kind::Upload, Node::Upload, |_| imports).await?;
        self.look(Kind::Import, Node::Import, |_| imports).await?;
        self.look(Kind::ImportRow, Node::ImportRow, |_| imports).await
    }

    /// Sessions, tokens and what belongs to single sign-on.
    async fn sign_ins(&mut self) -> Result<()> {
        let (sso, tokens) = (
            self.may(Permission::SsoRead),
            self.may(Permission::ApiTokensWrite),
        );
        let own = self.own();
        self.look(Kind::Session, Node::Session, |_| true).await?;
        self.look(Kind::ApiToken, Node::ApiToken, |_| tokens).await?;
        self.look(Kind::Domain, Node::Domain, |_| sso).await?;
        self.look(Kind::IdentityProvider, Node::IdentityProvider, |_| sso)
            .await?;
        self.look(Kind::SsoTest, Node::SsoTest, |_| sso).await?;
        let is_visible = |link: &ExternalIdentity| sso || own == Some(link.0.user_id);
        self.look(Kind::ExternalIdentity, Node::ExternalIdentity, is_visible)
            .await
    }

    /// Looks for what is wanted of a kind, and keeps what the reader may see.
    async fn look<T: ById>(
        &mut self,
        kind: Kind,
        node: fn(T) -> Node,
        is_visible: impl Fn(&T) -> bool + Send,
    ) -> Result<()> {
        let wanted = self.wanted.iter().flatten().filter(|(of, _)| *of == kind);
        let ids: Vec<Uuid> = wanted.map(|(_, id)| *id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        for object in T::by_ids(self.scope, &ids).await? {
            if is_visible(&object) {
                self.found.insert((kind, object.id()), node(object));
            }
        }
        Ok(())
    }

    fn may(&self, permission: Permission) -> bool {
        permit(self.scope.actor(), permission.action()).is_ok()
    }

    fn own(&self) -> Option<Uuid> {
        self.scope.actor().person().map(|person| person.user_id)
    }
}
