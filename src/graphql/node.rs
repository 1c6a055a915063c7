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
use crate::products::{Component, Product};
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
        | IdentityProvider(IdentityProvider) | SsoTest(SsoTest) | ExternalIdentity(ExternalIdentity) | Session(Session)
        | ApiToken(ApiToken)
}

interface! {
    /// What a user-initiated change of an object must carry so as not to overwrite someone else's change: the `version` that was read.
    Versioned {
        "version": "Int!" => "",
    } = Account(Account) | User(User) | Subscription(Subscription) | Assignment(Assignment) | IdentityProvider(IdentityProvider)
}

/// Finds objects by id, in order; `None` for whatever the reader cannot see. One look per kind, however many ids.
pub async fn find(scope: &Scope, given: &[async_graphql::ID]) -> Result<Vec<Option<Node>>> {
    let wanted: Vec<Option<(Kind, Uuid)>> = given.iter().map(|id| ids::parse(id)).collect();
    let of = |kind: Kind| -> Vec<Uuid> {
        wanted
            .iter()
            .flatten()
            .filter(|(found, _)| *found == kind)
            .map(|(_, id)| *id)
            .collect()
    };
    let may = |permission: Permission| permit(scope.actor(), permission.action()).is_ok();
    let mut found: Vec<(Kind, Uuid, Node)> = Vec::with_capacity(given.len());
    let own = scope.actor().person().map(|person| person.user_id);

    if let Some(account) = Account::own(scope)
        .await?
        .filter(|_| !of(Kind::Account).is_empty())
    {
        found.push((Kind::Account, account.0.id, Node::Account(account)));
    }
    let users = crate::users::by_ids(scope, of(Kind::User).into_iter()).await?;
    let visible = users
        .into_iter()
        .filter(|user| user.is_listed() && (may(Permission::UsersRead) || Some(user.0.id) == own));
    found.extend(visible.map(|user| (Kind::User, user.0.id, Node::User(user))));
    let catalogue = scope.app().catalogue().await?;
    for id in of(Kind::Product) {
        found.extend(
            catalogue
                .by_id(id)
                .map(|product| (Kind::Product, id, Node::Product(product.clone()))),
        );
    }
    for id in of(Kind::Component) {
        found.extend(
            catalogue
                .component(id)
                .map(|part| (Kind::Component, id, Node::Component(part.clone()))),
        );
    }
    for notification in Notification::by_ids(scope, &of(Kind::Notification)).await? {
        found.push((
            Kind::Notification,
            notification.0.id,
            Node::Notification(notification),
        ));
    }
    for session in Session::by_ids(scope, &of(Kind::Session)).await? {
        found.push((Kind::Session, session.0.id, Node::Session(session)));
    }
    if may(Permission::UsersRead) {
        for invitation in Invitation::by_ids(scope, &of(Kind::Invitation)).await? {
            found.push((Kind::Invitation, invitation.0.id, Node::Invitation(invitation)));
        }
    }
    if may(Permission::ProductsRead) {
        for subscription in Subscription::by_ids(scope, &of(Kind::Subscription)).await? {
            found.push((
                Kind::Subscription,
                subscription.0.id,
                Node::Subscription(subscription),
            ));
        }
    }
    if may(Permission::ApiTokensWrite) {
        for token in ApiToken::by_ids(scope, &of(Kind::ApiToken)).await? {
            found.push((Kind::ApiToken, token.0.id, Node::ApiToken(token)));
        }
    }
    let assignments = Assignment::by_ids(scope, &of(Kind::Assignment)).await?;
    let visible = assignments
        .into_iter()
        .filter(|seat| may(Permission::ProductsRead) || Some(seat.0.user_id) == own);
    found.extend(visible.map(|seat| (Kind::Assignment, seat.0.id, Node::Assignment(seat))));
    if may(Permission::ImportsWrite) {
        for upload in Upload::by_ids(scope, &of(Kind::Upload)).await? {
            found.push((Kind::Upload, upload.0.id, Node::Upload(upload)));
        }
        for import in Import::by_ids(scope, &of(Kind::Import)).await? {
            found.push((Kind::Import, import.0.id, Node::Import(import)));
        }
        for row in ImportRow::by_ids(scope, &of(Kind::ImportRow)).await? {
            found.push((Kind::ImportRow, row.0.id, Node::ImportRow(row)));
        }
    }
    if may(Permission::SsoRead) {
        for domain in Domain::by_ids(scope, &of(Kind::Domain)).await? {
            found.push((Kind::Domain, domain.0.id, Node::Domain(domain)));
        }
        for provider in IdentityProvider::by_ids(scope, &of(Kind::IdentityProvider)).await? {
            found.push((
                Kind::IdentityProvider,
                provider.0.id,
                Node::IdentityProvider(provider),
            ));
        }
        for test in SsoTest::by_ids(scope, &of(Kind::SsoTest)).await? {
            found.push((Kind::SsoTest, test.0.id, Node::SsoTest(test)));
        }
    }
    let links = ExternalIdentity::by_ids(scope, &of(Kind::ExternalIdentity)).await?;
    let visible = links
        .into_iter()
        .filter(|link| may(Permission::SsoRead) || Some(link.0.user_id) == own);
    found.extend(visible.map(|link| (Kind::ExternalIdentity, link.0.id, Node::ExternalIdentity(link))));
    let node = |wanted: Option<(Kind, Uuid)>| {
        let (kind, id) = wanted?;
        found
            .iter()
            .find(|(its_kind, its_id, _)| *its_kind == kind && *its_id == id)
            .map(|(_, _, node)| node.clone())
    };
    Ok(wanted.into_iter().map(node).collect())
}
