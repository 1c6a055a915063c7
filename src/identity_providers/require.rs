//! What happens when an account requires single sign-on: whoever came another way comes again.

use entity::identity_provider;
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::rules;
use crate::command::Work;
use crate::error::Result;
use crate::platform::events::Wake;

/// Ends the sessions of those who must come by the provider from now on and came another way. The acting administrator keeps the one they are using.
pub async fn end_other_sessions(work: &mut Work, provider: &identity_provider::Model) -> Result<()> {
    if !rules::is_in_force(provider) {
        return Ok(());
    }
    let sql = "UPDATE sessions SET ended_at = $1, sealed_id_token = NULL \
               WHERE account_id = $2 AND ended_at IS NULL AND id <> $3 \
               AND (identity_provider_id IS NULL OR identity_provider_id <> $4) \
               AND user_id IN (SELECT u.id FROM users u \
                   JOIN identity_provider_domains r ON r.account_id = u.account_id AND r.identity_provider_id = $4 \
                   JOIN domains d ON d.account_id = r.account_id AND d.id = r.domain_id AND d.status = 'VERIFIED' \
                   WHERE u.account_id = $2 AND u.id NOT IN (SELECT p.break_glass_user_id FROM identity_providers p \
                       WHERE p.account_id = $2 AND p.status = 'ENABLED' AND p.enforcement = 'REQUIRED' \
                       AND p.break_glass_user_id IS NOT NULL) \
                   AND NOT (u.role = 'PRIMARY_ADMIN' AND NOT EXISTS (SELECT 1 FROM external_identities e \
                       WHERE e.account_id = $2 AND e.user_id = u.id AND e.identity_provider_id = $4)) \
                   AND u.email_key LIKE '%@' || d.name) \
               RETURNING user_id";
    let own = work.member()?.session_id;
    let values = [
        work.now().into(),
        provider.account_id.into(),
        own.into(),
        provider.id.into(),
    ];
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let ended: Vec<Ended> = work.fetch(statement).await?;
    for Ended { user_id } in ended {
        work.wake(Wake::User {
            account_id: provider.account_id,
            id: user_id,
        });
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Ended {
    user_id: Uuid,
}
