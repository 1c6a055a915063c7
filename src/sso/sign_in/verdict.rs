//! What a real sign-in would come to, for a trial: the decision table is asked as if the provider were enabled, and nothing is written.

use entity::{account, identity_provider};

use super::before::Before;
use super::decision::{Decision, Facts, Known, Link, decide};
use super::recognise::recognise;
use crate::command::Work;
use crate::error::Result;
use crate::person::EmailAddress;
use crate::sso::provider::round_trip::Assertion;
use crate::sso::tokens::claims::EmailClaim;
use crate::sso::{Denial, Rejection};

/// Whether the person of a trial would be signed in, and why or why not, in the words of whoever configures the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub is_passed: bool,
    pub message: String,
}

/// What a sign-in of the very person would meet now, if the provider were enabled.
pub async fn verdict(
    work: &Work,
    account: &account::Model,
    provider: &identity_provider::Model,
    assertion: &Assertion,
    before: Option<Before>,
) -> Result<Verdict> {
    let person = recognise(work, account, provider, assertion, before).await?;
    let facts = Facts {
        is_enabled: true,
        ..person.facts
    };
    let explain = |rejection| explain(rejection, facts, provider, assertion).explained();
    Ok(match decide(facts) {
        Decision::Refuse(rejection) => Verdict {
            is_passed: is_for_the_person_to_mend(rejection, facts),
            message: explain(rejection),
        },
        _ if person.belongs_elsewhere => Verdict {
            is_passed: false,
            message: explain(Rejection::AnotherProviderRequired),
        },
        granted => {
            let mut message = in_words(granted).to_owned();
            if let Some(rejection) = of_others(facts) {
                message += " Somebody who is not known here yet would be refused. ";
                message += &explain(rejection);
            }
            Verdict {
                is_passed: true,
                message,
            }
        }
    })
}

/// A refusal with what was seen of its cause.
pub fn explain(
    rejection: Rejection,
    facts: Facts,
    provider: &identity_provider::Model,
    assertion: &Assertion,
) -> Denial {
    let address = assertion.profile.address.as_ref();
    let domain = address.map(EmailAddress::domain).unwrap_or_default();
    let claim = &provider.email_claim;
    let because = |detail: &str| Denial::because(rejection, detail);
    match (rejection, facts.email) {
        (Rejection::EmailNotVerified, EmailClaim::Missing) => match &assertion.unsaid {
            Some(denial) => denial.clone(),
            None => because(&format!(
                "it sends no claim “{claim}” that is one plain address; name the right claim in the mapping, and ask for the scope that brings it"
            )),
        },
        (Rejection::EmailNotVerified, EmailClaim::Unverified) => {
            because("its email_verified is not true; have the address verified there")
        }
        (Rejection::EmailNotVerified, EmailClaim::VerifiedAsText) => because(
            "it sends email_verified as the text “true”; mark the provider so (verifiesAsText) to accept that",
        ),
        (Rejection::EmailNotVerified, _) if facts.is_authoritative => because(&format!(
            "it is believed for its own verified domains, and “{domain}” is none of them; verify the domain and give it to this provider"
        )),
        (Rejection::EmailNotVerified, _) => because(&format!(
            "it does not say whether the claim “{claim}” is verified (email_verified); have it say so, or mark the provider as authoritative for its verified domains (isAuthoritative)"
        )),
        (Rejection::DomainNotVerified | Rejection::DomainClaimedElsewhere, _) => {
            because(&format!("the domain is “{domain}”"))
        }
        _ => rejection.into(),
    }
}

/// A primary administrator proves themselves once by their password, whatever the provider says; so does whoever another person of the provider is tied to. Both
/// say nothing of the configuration, unless nobody else of the domain would come in either.
fn is_for_the_person_to_mend(rejection: Rejection, facts: Facts) -> bool {
    let another = Facts {
        is_primary: false,
        link: Link::None,
        ..facts
    };
    rejection == Rejection::LinkConfirmationRequired && !matches!(decide(another), Decision::Refuse(_))
}

/// Why somebody like this person would be refused of whom the account knows nothing.
fn of_others(facts: Facts) -> Option<Rejection> {
    let stranger = Facts {
        known: Known::Nobody,
        link: Link::None,
        is_primary: false,
        is_confirmed: false,
        ..facts
    };
    match decide(stranger) {
        Decision::Refuse(rejection) => Some(rejection),
        _ => None,
    }
}

const fn in_words(decision: Decision) -> &'static str {
    match decision {
        Decision::SignIn => "The person is linked, and would be signed in.",
        Decision::Link => "The person is a user here, and would be linked and signed in.",
        Decision::AcceptInvitation => {
            "The person's invitation would be accepted, and they would be signed in."
        }
        Decision::ProvisionInvited | Decision::Provision => {
            "The person would become a user, and be signed in."
        }
        Decision::Refuse(_) => "The person would be refused.",
    }
}

#[cfg(test)]
mod tests {
    use super::super::decision::DomainOwner;
    use super::*;

    fn facts() -> Facts {
        Facts {
            is_enabled: true,
            known: Known::Active,
            link: Link::None,
            email: EmailClaim::Verified,
            domain: DomainOwner::ThisProvider,
            is_primary: true,
            is_confirmed: false,
            is_authoritative: false,
            is_premium: true,
            provisions: true,
        }
    }

    #[test]
    fn what_the_person_alone_can_mend_fails_no_trial_unless_nobody_could_come_in() {
        let is_mended = |facts| is_for_the_person_to_mend(Rejection::LinkConfirmationRequired, facts);
        assert!(is_mended(facts()));
        assert!(is_mended(Facts {
            link: Link::AnotherSubject,
            is_primary: false,
            ..facts()
        }));
        for domain in [DomainOwner::Nobody, DomainOwner::AnotherAccount] {
            assert!(!is_mended(Facts { domain, ..facts() }), "{domain:?}");
        }
        assert!(!is_for_the_person_to_mend(Rejection::UserDisabled, facts()));
    }

    #[test]
    fn a_trial_that_passes_says_what_strangers_would_meet() {
        assert_eq!(of_others(facts()), None);
        for (others, rejection) in [
            (
                Facts {
                    provisions: false,
                    ..facts()
                },
                Rejection::ProvisioningOff,
            ),
            (
                Facts {
                    email: EmailClaim::Unsaid,
                    link: Link::ThisSubject,
                    ..facts()
                },
                Rejection::EmailNotVerified,
            ),
            (
                Facts {
                    is_premium: false,
                    ..facts()
                },
                Rejection::SsoRequiresPremium,
            ),
            (
                Facts {
                    domain: DomainOwner::Nobody,
                    is_confirmed: true,
                    ..facts()
                },
                Rejection::DomainNotVerified,
            ),
        ] {
            assert_eq!(of_others(others), Some(rejection), "{others:?}");
        }
    }
}
