//! The proof: a TXT record only the domain's owner can publish, with a value only we can compute.

use entity::domain;

use super::rules::Look;
use crate::app::App;
use crate::error::Result;
use crate::platform::secrets::{Claim, Purpose, Secrets};

/// The record to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainProof {
    pub host: String,
    pub value: String,
}

impl DomainProof {
    /// The value is 256 bits computed from the claim's ids: another account's claim of the same name has another.
    pub fn of(secrets: &Secrets, domain: &domain::Model) -> Result<Self> {
        Ok(Self {
            host: host(domain),
            value: value(&secrets.proof(Purpose::Domain, claim(domain))?),
        })
    }
}

fn host(domain: &domain::Model) -> String {
    format!("_muster-challenge.{}", domain.name)
}

fn value(code: &str) -> String {
    format!("muster-domain-verification={code}")
}

fn claim(domain: &domain::Model) -> Claim {
    Claim {
        account_id: domain.account_id,
        id: domain.id,
        generation: 0,
    }
}

/// Looks for the record, as it is now or was under a former master key. Takes as long as the DNS takes: never within a transaction.
pub async fn look(app: &App, domain: &domain::Model) -> Result<Look> {
    let codes = app.secrets().proofs(Purpose::Domain, claim(domain))?;
    let values: Vec<String> = codes.iter().map(|code| value(code)).collect();
    Ok(match app.resolver().texts(&host(domain)).await {
        Ok(records) => Look::among(&records, &values),
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
