//! The proof: a TXT record only the domain's owner can publish, with a value only we can compute.

use entity::domain;

use super::rules::Look;
use crate::app::App;
use crate::error::Result;
use crate::platform::secrets::{Claim, Purpose, Secrets};

/// The record to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    pub host: String,
    pub value: String,
}

impl Proof {
    /// The value is 256 bits computed from the claim's ids: another account's claim of the same name has another.
    pub fn of(secrets: &Secrets, domain: &domain::Model) -> Result<Self> {
        let claim = Claim {
            account_id: domain.account_id,
            id: domain.id,
            generation: 0,
        };
        Ok(Self {
            host: format!("_muster-challenge.{}", domain.name),
            value: format!(
                "muster-domain-verification={}",
                secrets.proof(Purpose::Domain, claim)?
            ),
        })
    }
}

/// Looks for the record. Takes as long as the DNS takes: never within a transaction.
pub async fn look(app: &App, domain: &domain::Model) -> Result<Look> {
    let proof = Proof::of(app.secrets(), domain)?;
    Ok(match app.resolver().texts(&proof.host).await {
        Ok(records) => Look::among(&records, &proof.value),
        Err(unanswered) => {
            tracing::info!(
                domain = domain.name,
                reason = unanswered.0,
                "the DNS did not answer"
            );
            Look::Unanswered
        }
    })
}
