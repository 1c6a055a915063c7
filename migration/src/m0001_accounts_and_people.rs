//! Accounts, the people in them, their invitations and sessions.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(Debug, DeriveMigrationName)]
pub struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}

const TABLES: &str = "
CREATE TABLE accounts (
    id {uuid} NOT NULL PRIMARY KEY,
    version integer NOT NULL,
    name {text} NOT NULL,
    slug {text} NOT NULL UNIQUE,
    plan {text} NOT NULL CHECK (plan IN ('STANDARD', 'PREMIUM')),
    view {text} NOT NULL CHECK (view IN ('CURRENT', 'CLASSIC')),
    invitation_lifetime_days integer NOT NULL CHECK (invitation_lifetime_days BETWEEN 1 AND 365),
    allowed_invite_domains {json} NOT NULL,
    default_locale {text} NOT NULL,
    users_staged integer NOT NULL CHECK (users_staged >= 0),
    users_pending integer NOT NULL CHECK (users_pending >= 0),
    users_active integer NOT NULL CHECK (users_active >= 0),
    users_disabled integer NOT NULL CHECK (users_disabled >= 0),
    users_admin integer NOT NULL CHECK (users_admin >= 0),
    created_at {time} NOT NULL
)
;;
CREATE TABLE identities (
    id {uuid} NOT NULL PRIMARY KEY,
    email {text} NOT NULL,
    email_key {text} NOT NULL UNIQUE,
    password_hash {text},
    created_at {time} NOT NULL,
    password_changed_at {time}
)
;;
CREATE TABLE users (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    identity_id {uuid} REFERENCES identities (id),
    version integer NOT NULL,
    email {text} NOT NULL,
    email_key {text} NOT NULL,
    email_verified {bool} NOT NULL,
    given_name {text},
    family_name {text},
    sort_name {text} NOT NULL,
    search_text {text} NOT NULL,
    role {text} NOT NULL CHECK (role IN ('PRIMARY_ADMIN', 'SECONDARY_ADMIN', 'SSO_ADMIN', 'CONTRACT_MANAGER', 'SOFTWARE_COORDINATOR', 'USER')),
    status {text} NOT NULL CHECK (status IN ('STAGED', 'PENDING', 'ACTIVE', 'DISABLED', 'REMOVED')),
    origin {text} NOT NULL,
    locale {text},
    external_id {text},
    created_at {time} NOT NULL,
    last_signed_in_at {time},
    disabled_at {time},
    removed_at {time},
    PRIMARY KEY (account_id, id),
    CHECK (role <> 'PRIMARY_ADMIN' OR status = 'ACTIVE' OR status = 'PENDING')
)
;;
CREATE UNIQUE INDEX users_by_email ON users (account_id, email_key) WHERE status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_one_primary ON users (account_id) WHERE role = 'PRIMARY_ADMIN' AND status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_by_external_id ON users (account_id, external_id) WHERE external_id IS NOT NULL AND status <> 'REMOVED'
;;
CREATE UNIQUE INDEX users_by_name ON users (account_id, sort_name, id) WHERE status <> 'REMOVED'
;;
CREATE INDEX users_by_identity ON users (identity_id) WHERE identity_id IS NOT NULL
;;
CREATE TABLE invitations (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    role {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('PENDING', 'ACCEPTED', 'REVOKED')),
    generation integer NOT NULL,
    token_hash {bytes} NOT NULL,
    invited_by {uuid},
    message {text},
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    last_sent_at {time},
    send_count integer NOT NULL,
    accepted_at {time},
    revoked_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, invited_by) REFERENCES users (account_id, id)
)
;;
CREATE UNIQUE INDEX invitations_one_pending ON invitations (account_id, user_id) WHERE status = 'PENDING'
;;
CREATE INDEX invitations_by_user ON invitations (account_id, user_id, id)
;;
CREATE TABLE sessions (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    identity_id {uuid} NOT NULL REFERENCES identities (id),
    user_id {uuid} NOT NULL,
    auth_method {text} NOT NULL,
    generation integer NOT NULL,
    rotated_at {time} NOT NULL,
    authenticated_at {time} NOT NULL,
    created_at {time} NOT NULL,
    last_seen_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    ended_at {time},
    ip_address {text},
    user_agent {text},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id)
)
;;
CREATE INDEX sessions_by_user ON sessions (account_id, user_id) WHERE ended_at IS NULL
";
