//! A refusal with what was seen, for those who configure the provider: what stands in its trials and in the audit log.

use super::Rejection;
use crate::person::is_forbidden;

/// Characters of a detail. What a provider says of its errors may be long, and is somebody else's text.
const LONGEST: usize = 300;

/// Why somebody was not signed in, and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    pub rejection: Rejection,
    /// One line; a provider's own words are quoted in it.
    pub detail: Option<String>,
}

impl From<Rejection> for Denial {
    fn from(rejection: Rejection) -> Self {
        Self {
            rejection,
            detail: None,
        }
    }
}

impl Denial {
    pub fn because(rejection: Rejection, detail: &str) -> Self {
        let clean = |c: char| if c.is_control() || is_forbidden(c) { ' ' } else { c };
        Self {
            rejection,
            detail: Some(detail.chars().map(clean).take(LONGEST).collect()),
        }
    }

    /// The same without what nobody is to read, should a provider have quoted it.
    pub fn without(self, secrets: &[&str]) -> Self {
        let hide = |detail: String| {
            let known = secrets.iter().filter(|secret| !secret.is_empty());
            known.fold(detail, |detail, secret| detail.replace(secret, "…"))
        };
        Self {
            detail: self.detail.map(hide),
            ..self
        }
    }

    /// What happened and what to change, in the words of whoever configures the provider.
    pub fn explained(&self) -> String {
        let (code, mending) = (self.rejection.code(), mending(self.rejection));
        match &self.detail {
            Some(detail) => format!("{code}: {mending} ({detail})"),
            None => format!("{code}: {mending}"),
        }
    }
}

/// What is to be changed so that it does not happen again, and where.
const fn mending(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::ProviderDenied => {
            "The provider refused to sign the person in. Look up its code there; of a scope it does not know, change the scopes here."
        }
        Rejection::ResponseIssuerWrong => {
            "The answer names another issuer than this provider, or none though the provider announces it. Compare the issuer with the one the provider uses."
        }
        Rejection::CodeMissing => {
            "The provider answered without a code. Allow it the response type \"code\"."
        }
        Rejection::DiscoveryFailed => {
            "The provider's description of itself cannot be read. Open the issuer followed by /.well-known/openid-configuration, and compare."
        }
        Rejection::KeysUnavailable => "The keys the provider signs with cannot be read. Open its jwks_uri.",
        Rejection::TokenRequestFailed => {
            "The provider gave no tokens for the code. If it names an error, look that up there; else see whether its token endpoint can be reached."
        }
        Rejection::ClientNotAccepted => {
            "The provider does not accept the client id, the secret or the way of proving them. Enter what it shows for this client, and the method it expects."
        }
        Rejection::TokenTypeNotBearer => {
            "The provider gives tokens of another kind than Bearer. Change that there."
        }
        Rejection::UserinfoFailed => {
            "The provider's userinfo endpoint gave nothing, and the address is not in the ID token. Mend the endpoint, or have the provider put the address into the ID token."
        }
        Rejection::UserinfoSubjectMismatch => {
            "The userinfo endpoint speaks of another subject than the ID token. Both must name people alike; ask whoever runs the provider."
        }
        Rejection::IdTokenMalformed => {
            "The ID token is missing, encrypted, or lacks what every one must have. Have the provider send a signed one."
        }
        Rejection::IdTokenIssuerWrong => {
            "The ID token names another issuer than this provider. Compare the two to the letter."
        }
        Rejection::IdTokenAudienceWrong | Rejection::IdTokenAuthorizedPartyWrong => {
            "The ID token is meant for another client. Compare the client id."
        }
        Rejection::IdTokenAlgorithmNotAllowed => {
            "The ID token is not signed with RS, PS, ES or EdDSA. Have the provider sign with one of them."
        }
        Rejection::IdTokenKeyUnknown => {
            "The ID token is signed with a key that the provider does not publish. See whether its jwks_uri shows the keys it uses."
        }
        Rejection::IdTokenKeyUnusable => "The provider's key is too weak or not whole: RSA needs 2048 bits.",
        Rejection::IdTokenSignatureWrong => {
            "The ID token's signature is not of the key the provider publishes under its name."
        }
        Rejection::IdTokenExpired | Rejection::IdTokenIssuedInFuture | Rejection::IdTokenNotYetValid => {
            "The provider's clock and ours differ by more than a minute. Set the clocks."
        }
        Rejection::IdTokenNonceWrong => {
            "The provider does not send back the nonce it was given. Ask whoever runs it."
        }
        Rejection::IdTokenAccessTokenHashWrong => {
            "The ID token speaks of another access token than the one beside it. Ask whoever runs the provider."
        }
        Rejection::IdTokenSubjectUnusable => {
            "The claim sub must be a text of 1 to 255 bytes on one line. Choose another attribute for it at the provider."
        }
        Rejection::SignInNotRecent => {
            "The provider does not say when the person signed in (auth_time), or let them through without asking. Have it send auth_time; or trust its asking anew (trustsPrompt)."
        }
        Rejection::UserDisabled => {
            "This person is switched off here. Enable them, or test with somebody else."
        }
        Rejection::UserRemoved => "This person was removed here. Add them again, or test with somebody else.",
        Rejection::EmailNotVerified => "The provider does not vouch for the person's e-mail address.",
        Rejection::DomainClaimedElsewhere => {
            "Another account has proven that the domain is its own. Its people come by that account's provider."
        }
        Rejection::LinkConfirmationRequired => {
            "There is a user with this address who is not tied to this person of the provider. They sign in with their password first and come by the provider within ten minutes; or an administrator unlinks the other one."
        }
        Rejection::InvitationExpired => "The person's invitation has expired. Send it again.",
        Rejection::SsoRequiresPremium => {
            "Only the premium plan lets people in whom nobody invited. Invite them, or change the plan."
        }
        Rejection::ProvisioningOff => {
            "The person is no user here, and the provider adds nobody. Switch on adding people (jit.isEnabled), or invite them."
        }
        Rejection::DomainNotVerified => {
            "The domain of the address is not proven to be this account's. Claim and verify it, and give it to this provider."
        }
        Rejection::SeatsExhausted => {
            "No default subscription has a seat left. Free or add one, or let people in without (jit.allowsWithoutSeat)."
        }
        Rejection::AnotherProviderRequired => {
            "The account has people of this domain come by another of its providers. Give the domain to this one, or test that one."
        }
        Rejection::SsoNotEnabled => "The provider is switched off. Switch it on.",
        other => other.advice(),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;

    use super::{Denial, LONGEST};
    use crate::sso::Rejection;

    #[test]
    fn a_providers_words_are_one_line_of_bounded_length() {
        let denial = Denial::because(
            Rejection::ProviderDenied,
            &format!("invalid_scope: a\nb\u{1b}[31m\u{202e}{}", "x".repeat(1_000)),
        );
        let detail = denial.detail.clone().unwrap();
        assert!(detail.starts_with("invalid_scope: a b [31m "), "{detail}");
        assert_eq!(detail.chars().count(), LONGEST);
        assert!(
            denial
                .explained()
                .starts_with("PROVIDER_DENIED: The provider refused")
        );
    }

    #[test]
    fn nobody_who_configures_is_sent_to_ask_their_administrator() {
        for rejection in Rejection::iter() {
            let explained = Denial::from(rejection).explained();
            let is_for_them =
                !explained.contains("administrator") || rejection == Rejection::LinkConfirmationRequired;
            assert!(is_for_them, "{explained}");
        }
    }
}
