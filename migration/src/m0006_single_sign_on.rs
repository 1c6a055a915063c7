//! Domains, identity providers, and the people they sign in. A session may begin at an identity provider, and then belongs to no identity.

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

/// SQLite cannot make a column nullable, so `sessions` is built anew; its rows come along.
const TABLES: &str = "
CREATE TABLE domains (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    name {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('PENDING', 'VERIFIED', 'FAILED', 'LAPSED')),
    created_by {uuid},
    created_at {time} NOT NULL,
    claim_ends_at {time} NOT NULL,
    verified_at {time},
    last_checked_at {time},
    last_check_message {text},
    next_check_at {time},
    misses integer NOT NULL CHECK (misses >= 0),
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, created_by) REFERENCES users (account_id, id)
)
;;
CREATE UNIQUE INDEX domains_by_name ON domains (account_id, name)
;;
CREATE UNIQUE INDEX domains_one_owner ON domains (name) WHERE status = 'VERIFIED'
;;
CREATE INDEX domains_to_check ON domains (next_check_at) WHERE status = 'VERIFIED'
;;
CREATE TABLE identity_providers (
    account_id {uuid} NOT NULL REFERENCES accounts (id),
    id {uuid} NOT NULL,
    version integer NOT NULL,
    name {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('DRAFT', 'TESTED', 'ENABLED', 'DISABLED')),
    issuer {text} NOT NULL,
    client_id {text} NOT NULL,
    token_auth_method {text} NOT NULL CHECK (token_auth_method IN ('CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'PRIVATE_KEY_JWT')),
    scopes {json} NOT NULL,
    sealed_secret {bytes},
    secret_updated_at {time},
    secret_expires_at {time},
    enforcement {text} NOT NULL CHECK (enforcement IN ('OPTIONAL', 'REQUIRED')),
    break_glass_user_id {uuid},
    is_authoritative {bool} NOT NULL,
    provisions {bool} NOT NULL,
    allows_without_seat {bool} NOT NULL,
    default_subscription_ids {json} NOT NULL,
    email_claim {text} NOT NULL,
    given_name_claim {text} NOT NULL,
    family_name_claim {text} NOT NULL,
    groups_claim {text},
    last_sign_in_at {time},
    created_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, break_glass_user_id) REFERENCES users (account_id, id),
    CHECK (enforcement <> 'REQUIRED' OR break_glass_user_id IS NOT NULL)
)
;;
CREATE INDEX identity_providers_by_id ON identity_providers (id)
;;
CREATE TABLE identity_provider_domains (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    identity_provider_id {uuid} NOT NULL,
    domain_id {uuid} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, domain_id),
    FOREIGN KEY (account_id, identity_provider_id) REFERENCES identity_providers (account_id, id),
    FOREIGN KEY (account_id, domain_id) REFERENCES domains (account_id, id)
)
;;
CREATE INDEX identity_provider_domains_by_provider ON identity_provider_domains (account_id, identity_provider_id)
;;
CREATE TABLE external_identities (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    user_id {uuid} NOT NULL,
    identity_provider_id {uuid} NOT NULL,
    issuer {text} NOT NULL,
    subject {text} NOT NULL,
    linked_at {time} NOT NULL,
    last_used_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, identity_provider_id) REFERENCES identity_providers (account_id, id)
)
;;
CREATE UNIQUE INDEX external_identities_by_subject ON external_identities (account_id, identity_provider_id, issuer, subject)
;;
CREATE UNIQUE INDEX external_identities_by_user ON external_identities (account_id, user_id, identity_provider_id)
;;
CREATE TABLE sso_tests (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    identity_provider_id {uuid} NOT NULL,
    identity_provider_version integer NOT NULL,
    started_by {uuid} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('STARTED', 'PASSED', 'FAILED')),
    started_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    finished_at {time},
    steps {json} NOT NULL,
    claims {json} NOT NULL,
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, identity_provider_id) REFERENCES identity_providers (account_id, id),
    FOREIGN KEY (account_id, started_by) REFERENCES users (account_id, id)
)
;;
CREATE INDEX sso_tests_by_provider ON sso_tests (account_id, identity_provider_id, id)
;;
CREATE TABLE sso_attempts (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    identity_provider_id {uuid} NOT NULL,
    purpose {text} NOT NULL CHECK (purpose IN ('SIGN_IN', 'TEST')),
    sso_test_id {uuid},
    return_to {text} NOT NULL,
    started_at {time} NOT NULL,
    expires_at {time} NOT NULL,
    used_at {time},
    PRIMARY KEY (account_id, id),
    FOREIGN KEY (account_id, identity_provider_id) REFERENCES identity_providers (account_id, id),
    FOREIGN KEY (account_id, sso_test_id) REFERENCES sso_tests (account_id, id)
)
;;
CREATE INDEX sso_attempts_by_end ON sso_attempts (expires_at)
;;
CREATE TABLE logout_tokens (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    identity_provider_id {uuid} NOT NULL,
    jti_hash {bytes} NOT NULL,
    expires_at {time} NOT NULL,
    PRIMARY KEY (account_id, id),
    UNIQUE (account_id, identity_provider_id, jti_hash),
    FOREIGN KEY (account_id, identity_provider_id) REFERENCES identity_providers (account_id, id)
)
;;
CREATE TABLE sessions_with_providers (
    account_id {uuid} NOT NULL,
    id {uuid} NOT NULL,
    identity_id {uuid} REFERENCES identities (id),
    identity_provider_id {uuid},
    provider_session {text},
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
    FOREIGN KEY (account_id, user_id) REFERENCES users (account_id, id),
    FOREIGN KEY (account_id, identity_provider_id) REFERENCES identity_providers (account_id, id),
    CHECK (identity_id IS NOT NULL OR identity_provider_id IS NOT NULL)
)
;;
INSERT INTO sessions_with_providers
    (account_id, id, identity_id, user_id, auth_method, generation, rotated_at, authenticated_at, created_at, last_seen_at, expires_at, ended_at, ip_address, user_agent)
SELECT account_id, id, identity_id, user_id, auth_method, generation, rotated_at, authenticated_at, created_at, last_seen_at, expires_at, ended_at, ip_address, user_agent
FROM sessions
;;
DROP TABLE sessions
;;
ALTER TABLE sessions_with_providers RENAME TO sessions
;;
CREATE INDEX sessions_by_user ON sessions (account_id, user_id) WHERE ended_at IS NULL
";
