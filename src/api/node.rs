//! `Node`, `Versioned`, and finding anything by its global id.
//!
//! What is not there and what is not yours are answered alike: null. The prefix says where to look; the look is always within the reader's account.

use entity::ids::Kind;
use uuid::Uuid;

use crate::access::permit;
use crate::access_requests::AccessRequest;
use crate::accounts::Account;
use crate::api::guard::Permission;
use crate::api_tokens::ApiToken;
use crate::assignments::Assignment;
use crate::assignments::waitlist::WaitlistEntry;
use crate::audit::AuditEvent;
use crate::bulk_jobs::{BulkJob, BulkJobItem};
use crate::contracts::Contract;
use crate::credits::read::CreditEntry;
use crate::domains::Domain;
use crate::error::{Error, Result};
use crate::exports::Export;
use crate::groups::Group;
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
use graphql::{Load, Loader, interface};

interface! {
    /// An object that can be fetched again by its global id.
    Node {
        "id": "ID!" => "Global id: what it is and which, opaque.",
    } = Account(Account) | User(User) | Invitation(Invitation) | Product(Product) | Component(Component) | Subscription(Subscription)
        | Assignment(Assignment) | Upload(Upload) | Import(Import) | ImportRow(ImportRow) | Export(Export) | Notification(Notification) | Domain(Domain)
        | Session(Session) | ApiToken(ApiToken) | IdentityProvider(IdentityProvider) | SsoTest(SsoTest) | ExternalIdentity(ExternalIdentity)
        | Contract(Contract)
        | Group(Group)
        | WaitlistEntry(WaitlistEntry) | BulkJob(BulkJob) | BulkJobItem(BulkJobItem) | AuditEvent(AuditEvent)
        | CreditEntry(CreditEntry) | AccessRequest(AccessRequest)
}

interface! {
    /// What a user-initiated change of an object must carry so as not to overwrite someone else's change: the `version` that was read.
    Versioned {
        "version": "Int!" => "Grows with every change; send back what you read.",
    } = Account(Account) | User(User) | Subscription(Subscription) | Assignment(Assignment) | IdentityProvider(IdentityProvider)
        | Group(Group) | Contract(Contract)
}

/// Whether the reader has a permission.
fn may(scope: &Scope, permission: Permission) -> bool {
    permit(scope.actor(), permission.action()).is_ok()
}

fn is_own(scope: &Scope, user_id: Uuid) -> bool {
    scope
        .actor()
        .person()
        .is_some_and(|person| person.user_id == user_id)
}

/// What is found by its id: for each type its kind of id, and whom it shows itself to when nothing but the id leads to it.
macro_rules! nodes {
    ($($object:ident, |$found:ident, $scope:ident| $is_shown:expr;)+) => {
        $(impl Load for $object {
            type Scope = Scope;
            type Key = Uuid;
            type Error = Error;

            fn parse(id: &str) -> Option<Uuid> {
                Kind::$object.parse(id)
            }

            fn key(&self) -> Uuid {
                ById::id(self)
            }

            fn id_text(key: Uuid) -> String {
                Kind::$object.text(key)
            }

            async fn load(scope: Scope, keys: Vec<Uuid>) -> Result<Vec<Self>> {
                Self::by_ids(&scope, &keys).await
            }

            fn is_shown(&self, $scope: &Scope) -> bool {
                let $found = self;
                $is_shown
            }
        })+

        /// Finds objects of every type.
        pub const LOADERS: &[Loader] = &[$(Loader::of::<$object>()),+];
    };
}

nodes! {
    Account, |_found, _scope| true;
    User, |user, scope| user.is_listed() && (may(scope, Permission::UsersRead) || is_own(scope, user.0.id));
    Invitation, |_found, scope| may(scope, Permission::UsersRead);
    Notification, |_found, _scope| true;
    Product, |_found, _scope| true;
    Component, |_found, _scope| true;
    Subscription, |_found, scope| may(scope, Permission::ProductsRead);
    Contract, |_found, scope| may(scope, Permission::ContractsRead);
    Assignment, |seat, scope| may(scope, Permission::ProductsRead) || is_own(scope, seat.0.user_id);
    Group, |_found, scope| may(scope, Permission::UsersRead);
    Upload, |_found, scope| may(scope, Permission::ImportsWrite);
    Import, |_found, scope| may(scope, Permission::ImportsWrite);
    ImportRow, |_found, scope| may(scope, Permission::ImportsWrite);
    Export, |_found, scope| may(scope, Permission::ExportsWrite);
    BulkJob, |_found, scope| may(scope, Permission::UsersRead);
    BulkJobItem, |_found, scope| may(scope, Permission::UsersRead);
    Session, |_found, _scope| true;
    ApiToken, |_found, scope| may(scope, Permission::ApiTokensWrite);
    Domain, |_found, scope| may(scope, Permission::SsoRead);
    IdentityProvider, |_found, scope| may(scope, Permission::SsoRead);
    SsoTest, |_found, scope| may(scope, Permission::SsoRead);
    WaitlistEntry, |_found, scope| may(scope, Permission::ProductsRead);
    AuditEvent, |_found, scope| may(scope, Permission::AuditRead);
    CreditEntry, |_found, scope| may(scope, Permission::UsageRead);
    AccessRequest, |request, scope| may(scope, Permission::AssignmentsWrite) || is_own(scope, request.0.user_id);
    ExternalIdentity, |link, scope| may(scope, Permission::SsoRead) || is_own(scope, link.0.user_id);
}
