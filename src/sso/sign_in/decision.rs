//! Who is signed in, and how: the decision table of single sign-on as one pure function.
//!
//! It is asked after everything the provider said has been checked, under the account's lock, about the rows as they are. The rows are numbered as in
//! `docs/domain.md`; the first that matches decides.

use crate::sso::Rejection;
use crate::sso::tokens::claims::EmailClaim;

/// What the account knows of the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    Nobody,
    Staged,
    Invited,
    InvitationExpired,
    Active,
    Disabled,
    Removed,
}

/// How that person is tied to the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    None,
    /// To this very subject.
    ThisSubject,
    /// To somebody else there: the address was given to another person, or somebody pretends so.
    AnotherSubject,
}

/// Who has proven that the address's domain is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainOwner {
    Nobody,
    AnotherAccount,
    ThisAccount,
    /// This account, and the domain is one of this provider's.
    ThisProvider,
}

impl DomainOwner {
    pub const fn is_this_account(self) -> bool {
        matches!(self, Self::ThisAccount | Self::ThisProvider)
    }
}

/// Everything the decision rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one column of the table")]
pub struct Facts {
    pub is_enabled: bool,
    pub known: Known,
    pub link: Link,
    pub email: EmailClaim,
    pub domain: DomainOwner,
    /// The user is the primary administrator. Whoever configures a provider could have it speak of them, and be them.
    pub is_primary: bool,
    /// The person has just proven by the user's password that they are that user.
    pub is_confirmed: bool,
    /// The provider never sends `email_verified` and is believed for addresses of its verified domains.
    pub is_authoritative: bool,
    pub is_premium: bool,
    pub provisions: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    SignIn,
    Link,
    AcceptInvitation,
    /// The person had an invitation that has expired; it is closed.
    ProvisionInvited,
    Provision,
    Refuse(Rejection),
}

/// Whether the provider's word on the address counts.
fn is_vouched_for(facts: Facts) -> bool {
    match facts.email {
        EmailClaim::Verified => true,
        EmailClaim::Unsaid => facts.is_authoritative && facts.domain == DomainOwner::ThisProvider,
        EmailClaim::Missing | EmailClaim::Unverified | EmailClaim::VerifiedAsText => false,
    }
}

/// Whether the address of somebody who is linked may become the one the provider names. That of the primary administrator does so by their own word alone:
/// whoever configures a provider must not have their mail.
pub fn may_follow(facts: Facts) -> bool {
    let is_own_word = !facts.is_primary || facts.is_confirmed;
    is_vouched_for(facts) && facts.domain.is_this_account() && is_own_word
}

/// The first row that matches.
pub fn decide(facts: Facts) -> Decision {
    let may_provision = facts.is_premium && facts.provisions && facts.domain.is_this_account();
    let is_vouched_for = is_vouched_for(facts);
    match facts.known {
        // 1
        _ if !facts.is_enabled => Decision::Refuse(Rejection::SsoNotEnabled),
        // 2
        Known::Active if facts.link == Link::ThisSubject => Decision::SignIn,
        // 3
        Known::Disabled => Decision::Refuse(Rejection::UserDisabled),
        // 4
        Known::Removed => Decision::Refuse(Rejection::UserRemoved),
        // 5 and 6
        _ if !is_vouched_for => Decision::Refuse(Rejection::EmailNotVerified),
        // 7
        _ if facts.domain == DomainOwner::AnotherAccount => {
            Decision::Refuse(Rejection::DomainClaimedElsewhere)
        }
        // Rows 8 to 16 speak of people who are not linked. Whoever is, to somebody else, needs an administrator to undo that first.
        _ if facts.link == Link::AnotherSubject => Decision::Refuse(Rejection::LinkConfirmationRequired),
        // 8, and 9 once it is confirmed
        Known::Active if facts.is_confirmed || facts.domain.is_this_account() && !facts.is_primary => {
            Decision::Link
        }
        // 9, for the primary administrator whatever their domain
        Known::Active => Decision::Refuse(Rejection::LinkConfirmationRequired),
        // 10
        Known::Invited => Decision::AcceptInvitation,
        // 11
        Known::InvitationExpired if may_provision => Decision::ProvisionInvited,
        // 12
        Known::InvitationExpired => Decision::Refuse(Rejection::InvitationExpired),
        // 13
        Known::Nobody | Known::Staged if !facts.is_premium => Decision::Refuse(Rejection::SsoRequiresPremium),
        // 14
        Known::Nobody | Known::Staged if !facts.provisions => Decision::Refuse(Rejection::ProvisioningOff),
        // 15
        Known::Nobody | Known::Staged if !facts.domain.is_this_account() => {
            Decision::Refuse(Rejection::DomainNotVerified)
        }
        // 16
        Known::Nobody | Known::Staged => Decision::Provision,
    }
}

#[cfg(test)]
mod tests;
