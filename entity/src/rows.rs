//! Reading whole rows by the position of their columns.
//!
//! A model's own reader looks each column up by its name, which for a page of fifty users is more work than decoding them. A [`Row`] takes the columns in the
//! order in which `Entity::find()` selects them: that of the model's fields, which a test holds against the entity.

use sea_orm::{DbErr, FromQueryResult, QueryResult};

/// A model, read by position: `Entity::find().into_model::<Row<Model>>()`.
#[derive(Clone, Debug)]
pub struct Row<M>(pub M);

macro_rules! by_position {
    ($entity:ident { $($field:ident),+ $(,)? }) => {
        impl FromQueryResult for Row<crate::$entity::Model> {
            fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
                let mut places = 0..;
                // The range has no end.
                let mut place = || places.next().unwrap_or_default();
                Ok(Self(crate::$entity::Model {
                    $($field: row.try_get_by_index(place())?),+
                }))
            }
        }

        #[cfg(test)]
        mod $entity {
            #[test]
            fn fields_stand_in_the_order_of_columns() {
                use sea_orm::{IdenStatic, Iterable};

                let columns = crate::$entity::Column::iter().map(|column| column.as_str().to_owned());
                let fields = [$(stringify!($field)),+];
                assert_eq!(columns.collect::<Vec<_>>(), fields);
            }
        }
    };
}

by_position!(access_request {
    account_id,
    id,
    user_id,
    product_id,
    status,
    note,
    answer,
    created_at,
    decided_at,
    decided_by,
});

by_position!(user {
    account_id,
    id,
    identity_id,
    version,
    email,
    email_key,
    email_verified,
    given_name,
    family_name,
    given_key,
    family_key,
    search_text,
    role,
    status,
    origin,
    locale,
    external_id,
    created_at,
    last_signed_in_at,
    disabled_at,
    removed_at,
});

by_position!(api_token {
    account_id,
    id,
    name,
    hint,
    secret_hash,
    scopes,
    created_by,
    created_at,
    expires_at,
    last_used_at,
    revoked_at,
});

by_position!(bulk_job {
    account_id,
    id,
    created_by,
    token_id,
    task,
    on_error,
    status,
    phase,
    sequence,
    processed,
    total,
    succeeded,
    failed,
    skipped,
    outcomes,
    failure_code,
    failure_message,
    created_at,
    started_at,
    updated_at,
    finished_at,
});

by_position!(bulk_job_item {
    account_id,
    id,
    bulk_job_id,
    place,
    user_id,
    outcome,
    problems,
});

by_position!(audit_event {
    account_id,
    id,
    occurred_at,
    action,
    actor_kind,
    actor_id,
    actor_label,
    ip_address,
    user_agent,
    request_id,
    outcome,
    targets,
    changes,
    seq,
    code,
    hash,
    seen_seq,
    seen_hash,
});

by_position!(contract {
    account_id,
    id,
    number,
    starts_on,
    ends_on,
    auto_renews,
    purchaser_name,
    reseller_name,
    terminated_at,
    created_at,
    version,
    renewal_months,
    next_term_on,
    told_for,
    told_days,
});

by_position!(credit_entry {
    account_id,
    id,
    number,
    kind,
    amount,
    balance_after,
    occurred_at,
    user_id,
    product_id,
    used_on,
    lot_id,
    expires_on,
    reference,
    note,
});

by_position!(domain {
    account_id,
    id,
    name,
    status,
    created_by,
    created_at,
    claim_ends_at,
    verified_at,
    last_checked_at,
    last_check_message,
    next_check_at,
    misses,
});

by_position!(export {
    account_id,
    id,
    created_by,
    kind,
    format,
    request,
    status,
    sequence,
    processed,
    total,
    row_count,
    byte_size,
    object_key,
    upload_id,
    failure_code,
    failure_message,
    created_at,
    started_at,
    updated_at,
    finished_at,
    objects_deleted_at,
    store_away_since,
});

by_position!(external_identity {
    account_id,
    id,
    user_id,
    identity_provider_id,
    issuer,
    subject,
    linked_at,
    last_used_at,
    told_email_key,
});

by_position!(group {
    account_id,
    id,
    version,
    name,
    name_key,
    description,
    source,
    member_count,
    created_at,
});

by_position!(identity_provider {
    account_id,
    id,
    version,
    name,
    status,
    issuer,
    client_id,
    token_auth_method,
    scopes,
    sealed_secret,
    secret_updated_at,
    secret_expires_at,
    enforcement,
    break_glass_user_id,
    is_authoritative,
    verifies_as_text,
    trusts_prompt,
    provisions,
    allows_without_seat,
    default_subscription_ids,
    default_group_ids,
    email_claim,
    given_name_claim,
    family_name_claim,
    groups_claim,
    last_sign_in_at,
    created_at,
});

by_position!(import {
    account_id,
    id,
    upload_id,
    created_by,
    kind,
    sources,
    mode,
    on_error,
    send_invitations,
    status,
    phase,
    filename,
    object_key,
    encoding,
    sequence,
    processed,
    total,
    succeeded,
    failed,
    skipped,
    outcomes,
    preview,
    failure_code,
    failure_message,
    failure_field,
    created_at,
    started_at,
    updated_at,
    finished_at,
    objects_deleted_at,
    store_away_since,
    undo,
    mapping,
    header_key,
    waits,
    expires_on,
});

by_position!(import_row {
    account_id,
    id,
    import_id,
    line,
    outcome,
    is_planned,
    cells,
    user_id,
    problems,
    effects,
    undo,
    undo_problems,
});

by_position!(invitation {
    account_id,
    id,
    user_id,
    role,
    status,
    generation,
    token_hash,
    invited_by,
    message,
    created_at,
    expires_at,
    last_sent_at,
    send_count,
    accepted_at,
    revoked_at,
    delivery_status,
    delivery_at,
    delivery_reason,
});

by_position!(sso_test {
    account_id,
    id,
    identity_provider_id,
    identity_provider_version,
    started_by,
    status,
    started_at,
    expires_at,
    finished_at,
    steps,
    claims,
});

by_position!(subscription {
    account_id,
    id,
    version,
    product_id,
    contract_id,
    state,
    seats,
    seats_used,
    seats_reserved,
    starts_on,
    ends_on,
    created_at,
    next_seats,
    next_term_on,
    told_for,
    told_days,
});

by_position!(upload {
    account_id,
    id,
    created_by,
    purpose,
    status,
    filename,
    content_type,
    byte_size,
    sha256,
    object_key,
    created_at,
    expires_at,
});

by_position!(waitlist_entry {
    account_id,
    id,
    user_id,
    product_id,
    rank,
    components,
    source,
    requested_by,
    created_at,
    expires_on,
});
