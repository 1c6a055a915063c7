//! `Node`, `Versioned`, and finding anything by its global id.
//!
//! What is not there and what is not yours are answered alike: null. The prefix says where to look; the look is always within the reader's account.

use entity::ids::{self, Kind};
use uuid::Uuid;

use crate::access::permit;
use crate::accounts::Account;
use crate::api_tokens::ApiToken;
use crate::assignments::Assignment;
use crate::domains::Domain;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{Permission, interface};
use crate::identity_providers::{ExternalIdentity, IdentityProvider, SsoTest};
use crate::imports::{Import, ImportRow};
use crate::invitations::Invitation;
use crate::notifications::Notification;
use crate::products::{Catalogue, Component, Product};
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
    let search = Search {
        scope,
        wanted: given.iter().map(|id| ids::parse(id)).collect(),
    };
    let mut found = search.people().await?;
    found.extend(search.products().await?);
    found.extend(search.imports().await?);
    found.extend(search.sign_ins().await?);
    let node = |wanted: &Option<(Kind, Uuid)>| {
        let wanted = wanted.as_ref()?;
        let of_id = found
            .iter()
            .find(|(kind, id, _)| (kind, id) == (&wanted.0, &wanted.1));
        of_id.map(|(_, _, node)| node.clone())
    };
    Ok(search.wanted.iter().map(node).collect())
}

/// Nodes with what they are found by.
type Found = Vec<(Kind, Uuid, Node)>;

/// What is looked for, and by whom.
struct Search<'a> {
    scope: &'a Scope,
    wanted: Vec<Option<(Kind, Uuid)>>,
}

impl Search<'_> {
    fn of(&self, kind: Kind) -> Vec<Uuid> {
        let of_kind = self.wanted.iter().flatten().filter(|(found, _)| *found == kind);
        of_kind.map(|(_, id)| *id).collect()
    }

    fn may(&self, permission: Permission) -> bool {
        permit(self.scope.actor(), permission.action()).is_ok()
    }

    fn is_own(&self, user_id: Uuid) -> bool {
        let person = self.scope.actor().person();
        person.is_some_and(|person| person.user_id == user_id)
    }

    async fn people(&self) -> Result<Found> {
        let scope = self.scope;
        let mut found = Found::new();
        if !self.of(Kind::Account).is_empty() {
            let own = Account::own(scope).await?;
            found.extend(own.map(|account| (Kind::Account, account.0.id, Node::Account(account))));
        }
        for user in crate::users::by_ids(scope, self.of(Kind::User).into_iter()).await? {
            if user.is_listed() && (self.may(Permission::UsersRead) || self.is_own(user.0.id)) {
                found.push((Kind::User, user.0.id, Node::User(user)));
            }
        }
        if self.may(Permission::UsersRead) {
            for invitation in Invitation::by_ids(scope, &self.of(Kind::Invitation)).await? {
                found.push((Kind::Invitation, invitation.0.id, Node::Invitation(invitation)));
            }
        }
        for notification in Notification::by_ids(scope, &self.of(Kind::Notification)).await? {
            let id = notification.0.id;
            found.push((Kind::Notification, id, Node::Notification(notification)));
        }
        Ok(found)
    }

    async fn products(&self) -> Result<Found> {
        let scope = self.scope;
        let (products, parts) = (self.of(Kind::Product), self.of(Kind::Component));
        let is_there = |known: &Catalogue| {
            known.has(products.iter().copied()) && parts.iter().all(|id| known.component(*id).is_some())
        };
        let catalogue = scope.app().catalogue_holding(is_there).await?;
        let mut found = Found::new();
        for id in products {
            let product = catalogue.by_id(id);
            found.extend(product.map(|product| (Kind::Product, id, Node::Product(product.clone()))));
        }
        for id in parts {
            let part = catalogue.component(id);
            found.extend(part.map(|part| (Kind::Component, id, Node::Component(part.clone()))));
        }
        if self.may(Permission::ProductsRead) {
            for subscription in Subscription::by_ids(scope, &self.of(Kind::Subscription)).await? {
                let id = subscription.0.id;
                found.push((Kind::Subscription, id, Node::Subscription(subscription)));
            }
        }
        for seat in Assignment::by_ids(scope, &self.of(Kind::Assignment)).await? {
            if self.may(Permission::ProductsRead) || self.is_own(seat.0.user_id) {
                found.push((Kind::Assignment, seat.0.id, Node::Assignment(seat)));
            }
        }
        Ok(found)
    }

    async fn imports(&self) -> Result<Found> {
        let scope = self.scope;
        let mut found = Found::new();
        if !self.may(Permission::ImportsWrite) {
            return Ok(found);
        }
        for upload in Upload::by_ids(scope, &self.of(Kind::Upload)).await? {
            found.push((Kind::Upload, upload.0.id, Node::Upload(upload)));
        }
        for import in Import::by_ids(scope, &self.of(Kind::Import)).await? {
            found.push((Kind::Import, import.0.id, Node::Import(import)));
        }
        for row in ImportRow::by_ids(scope, &self.of(Kind::ImportRow)).await? {
            found.push((Kind::ImportRow, row.0.id, Node::ImportRow(row)));
        }
        Ok(found)
    }

    /// Sessions, tokens and what belongs to single sign-on.
    async fn sign_ins(&self) -> Result<Found> {
        let scope = self.scope;
        let mut found = Found::new();
        for session in Session::by_ids(scope, &self.of(Kind::Session)).await? {
            found.push((Kind::Session, session.0.id, Node::Session(session)));
        }
        if self.may(Permission::ApiTokensWrite) {
            for token in ApiToken::by_ids(scope, &self.of(Kind::ApiToken)).await? {
                found.push((Kind::ApiToken, token.0.id, Node::ApiToken(token)));
            }
        }
        if self.may(Permission::SsoRead) {
            for domain in Domain::by_ids(scope, &self.of(Kind::Domain)).await? {
                found.push((Kind::Domain, domain.0.id, Node::Domain(domain)));
            }
            for provider in IdentityProvider::by_ids(scope, &self.of(Kind::IdentityProvider)).await? {
                let id = provider.0.id;
                found.push((Kind::IdentityProvider, id, Node::IdentityProvider(provider)));
            }
            for test in SsoTest::by_ids(scope, &self.of(Kind::SsoTest)).await? {
                found.push((Kind::SsoTest, test.0.id, Node::SsoTest(test)));
            }
        }
        for link in ExternalIdentity::by_ids(scope, &self.of(Kind::ExternalIdentity)).await? {
            if self.may(Permission::SsoRead) || self.is_own(link.0.user_id) {
                found.push((Kind::ExternalIdentity, link.0.id, Node::ExternalIdentity(link)));
            }
        }
        Ok(found)
    }
}
