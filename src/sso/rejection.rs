//! Why somebody was not signed in: one closed list, for the audit log and for the page the person sees.
//!
//! The code is stable and goes into the audit log. The advice is our own words; nothing a provider wrote is part of it. What was seen, the provider's own code and
//! text among it, is a [`Denial`]'s detail: it stands in trials and in the audit log, where administrators read it, and on no page for anybody else.

/// A reason to turn somebody away. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(test, derive(sea_orm::EnumIter))]
pub enum Rejection {
    // What the browser brought back.
    StateUnknown,
    StateExpired,
    StateUsed,
    BrowserMismatch,
    ProviderMismatch,
    ResponseIssuerWrong,
    ProviderDenied,
    CodeMissing,
    // What the provider's servers answered.
    DiscoveryFailed,
    KeysUnavailable,
    TokenRequestFailed,
    ClientNotAccepted,
    TokenTypeNotBearer,
    UserinfoFailed,
    UserinfoSubjectMismatch,
    // What the ID token says.
    IdTokenMalformed,
    IdTokenIssuerWrong,
    IdTokenAudienceWrong,
    IdTokenAuthorizedPartyWrong,
    IdTokenAlgorithmNotAllowed,
    IdTokenKeyUnknown,
    IdTokenKeyUnusable,
    IdTokenSignatureWrong,
    IdTokenExpired,
    IdTokenIssuedInFuture,
    IdTokenNotYetValid,
    IdTokenNonceWrong,
    IdTokenAccessTokenHashWrong,
    IdTokenSubjectUnusable,
    SignInNotRecent,
    // What the account says: the rows of the decision table.
    SsoNotEnabled,
    UserDisabled,
    UserRemoved,
    EmailNotVerified,
    DomainClaimedElsewhere,
    LinkConfirmationRequired,
    InvitationExpired,
    SsoRequiresPremium,
    ProvisioningOff,
    DomainNotVerified,
    SeatsExhausted,
    AnotherProviderRequired,
    // What a logout token says.
    LogoutTokenMalformed,
    LogoutTokenTypeWrong,
    LogoutTokenEventMissing,
    LogoutTokenHasNonce,
    LogoutTokenNamesNobody,
    LogoutTokenTooOld,
    LogoutTokenReplayed,
}

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The person, by beginning anew.
    StartAgain,
    /// Whoever runs the identity provider or its configuration here.
    AskAdministrator,
    /// The person, in the way the advice says.
    FollowAdvice,
}

impl Rejection {
    /// Stable: the audit log and its readers match on it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::StateUnknown => "STATE_UNKNOWN",
            Self::StateExpired => "STATE_EXPIRED",
            Self::StateUsed => "STATE_USED",
            Self::BrowserMismatch => "BROWSER_MISMATCH",
            Self::ProviderMismatch => "PROVIDER_MISMATCH",
            Self::ResponseIssuerWrong => "RESPONSE_ISSUER_WRONG",
            Self::ProviderDenied => "PROVIDER_DENIED",
            Self::CodeMissing => "CODE_MISSING",
            Self::DiscoveryFailed => "DISCOVERY_FAILED",
            Self::KeysUnavailable => "KEYS_UNAVAILABLE",
            Self::TokenRequestFailed => "TOKEN_REQUEST_FAILED",
            Self::ClientNotAccepted => "CLIENT_NOT_ACCEPTED",
            Self::TokenTypeNotBearer => "TOKEN_TYPE_NOT_BEARER",
            Self::UserinfoFailed => "USERINFO_FAILED",
            Self::UserinfoSubjectMismatch => "USERINFO_SUBJECT_MISMATCH",
            Self::IdTokenMalformed => "ID_TOKEN_MALFORMED",
            Self::IdTokenIssuerWrong => "ID_TOKEN_ISSUER_WRONG",
            Self::IdTokenAudienceWrong => "ID_TOKEN_AUDIENCE_WRONG",
            Self::IdTokenAuthorizedPartyWrong => "ID_TOKEN_AUTHORIZED_PARTY_WRONG",
            Self::IdTokenAlgorithmNotAllowed => "ID_TOKEN_ALGORITHM_NOT_ALLOWED",
            Self::IdTokenKeyUnknown => "ID_TOKEN_KEY_UNKNOWN",
            Self::IdTokenKeyUnusable => "ID_TOKEN_KEY_UNUSABLE",
            Self::IdTokenSignatureWrong => "ID_TOKEN_SIGNATURE_WRONG",
            Self::IdTokenExpired => "ID_TOKEN_EXPIRED",
            Self::IdTokenIssuedInFuture => "ID_TOKEN_ISSUED_IN_FUTURE",
            Self::IdTokenNotYetValid => "ID_TOKEN_NOT_YET_VALID",
            Self::IdTokenNonceWrong => "ID_TOKEN_NONCE_WRONG",
            Self::IdTokenAccessTokenHashWrong => "ID_TOKEN_ACCESS_TOKEN_HASH_WRONG",
            Self::IdTokenSubjectUnusable => "ID_TOKEN_SUBJECT_UNUSABLE",
            Self::SignInNotRecent => "SIGN_IN_NOT_RECENT",
            Self::SsoNotEnabled => "SSO_NOT_ENABLED",
            Self::UserDisabled => "USER_DISABLED",
            Self::UserRemoved => "USER_REMOVED",
            Self::EmailNotVerified => "EMAIL_NOT_VERIFIED",
            Self::DomainClaimedElsewhere => "DOMAIN_CLAIMED_ELSEWHERE",
            Self::LinkConfirmationRequired => "LINK_CONFIRMATION_REQUIRED",
            Self::InvitationExpired => "INVITATION_EXPIRED",
            Self::SsoRequiresPremium => "SSO_REQUIRES_PREMIUM",
            Self::ProvisioningOff => "PROVISIONING_OFF",
            Self::DomainNotVerified => "DOMAIN_NOT_VERIFIED",
            Self::SeatsExhausted => "SEATS_EXHAUSTED",
            Self::AnotherProviderRequired => "ANOTHER_PROVIDER_REQUIRED",
            Self::LogoutTokenMalformed => "LOGOUT_TOKEN_MALFORMED",
            Self::LogoutTokenTypeWrong => "LOGOUT_TOKEN_TYPE_WRONG",
            Self::LogoutTokenEventMissing => "LOGOUT_TOKEN_EVENT_MISSING",
            Self::LogoutTokenHasNonce => "LOGOUT_TOKEN_HAS_NONCE",
            Self::LogoutTokenNamesNobody => "LOGOUT_TOKEN_NAMES_NOBODY",
            Self::LogoutTokenTooOld => "LOGOUT_TOKEN_TOO_OLD",
            Self::LogoutTokenReplayed => "LOGOUT_TOKEN_REPLAYED",
        }
    }

    /// What to do, in the person's words.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::StateUnknown | Self::CodeMissing | Self::ResponseIssuerWrong => {
                "This answer does not belong to a sign-in that is under way here. Begin again, and use no saved link."
            }
            Self::StateUsed => "This sign-in has come to its end already. Begin again.",
            Self::StateExpired => "The sign-in took longer than ten minutes. Begin again.",
            Self::BrowserMismatch => {
                "The sign-in was begun in another browser, or cookies are switched off. Begin again in this one."
            }
            Self::ProviderMismatch => {
                "The answer comes from another identity provider than the one you were sent to. Begin again."
            }
            Self::ProviderDenied => {
                "Your identity provider did not sign you in. Begin again, or ask your administrator for access."
            }
            Self::SignInNotRecent => {
                "Your identity provider did not ask you to sign in anew, or does not say so, which is needed here. Begin again, or have a code sent to you by mail instead."
            }
            Self::SsoNotEnabled => {
                "Single sign-on is not switched on for this account. Sign in with your password, or ask your administrator."
            }
            Self::UserDisabled => {
                "Your access is switched off. Ask your administrator to switch it on again."
            }
            Self::UserRemoved => {
                "You are no longer a member of this account. Ask your administrator to add you again."
            }
            Self::EmailNotVerified => {
                "Your identity provider does not vouch for an e-mail address of yours. Ask your administrator to have it verified there."
            }
            Self::DomainClaimedElsewhere => {
                "Your e-mail address belongs to another account. Sign in with the identity provider of that account."
            }
            Self::LinkConfirmationRequired => {
                "There is a user with your e-mail address who is not tied to this sign-in. Sign in with your password, or ask your administrator to tie the two together."
            }
            Self::InvitationExpired => {
                "Your invitation has expired. Ask your administrator to send it again."
            }
            Self::SsoRequiresPremium => {
                "The account's plan does not let new people in by single sign-on. Ask your administrator for an invitation."
            }
            Self::ProvisioningOff => {
                "You are not a member of this account yet. Ask your administrator for an invitation."
            }
            Self::DomainNotVerified => {
                "The account has not proven that your e-mail domain is its own. Ask your administrator for an invitation."
            }
            Self::SeatsExhausted => "No seat is left for you. Ask your administrator to free or add one.",
            Self::AnotherProviderRequired => {
                "Your account has you sign in with another identity provider. Begin again with your e-mail address, and you are sent to it."
            }
            Self::DiscoveryFailed
            | Self::KeysUnavailable
            | Self::TokenRequestFailed
            | Self::TokenTypeNotBearer
            | Self::UserinfoFailed
            | Self::UserinfoSubjectMismatch => {
                "Your identity provider could not be reached, or its answer cannot be used. Try again in a minute, then ask your administrator."
            }
            Self::ClientNotAccepted => {
                "Your identity provider does not accept how this service is set up with it. Tell your administrator the code below."
            }
            Self::IdTokenMalformed
            | Self::IdTokenIssuerWrong
            | Self::IdTokenAudienceWrong
            | Self::IdTokenAuthorizedPartyWrong
            | Self::IdTokenAlgorithmNotAllowed
            | Self::IdTokenKeyUnknown
            | Self::IdTokenKeyUnusable
            | Self::IdTokenSignatureWrong
            | Self::IdTokenExpired
            | Self::IdTokenIssuedInFuture
            | Self::IdTokenNotYetValid
            | Self::IdTokenNonceWrong
            | Self::IdTokenAccessTokenHashWrong
            | Self::IdTokenSubjectUnusable => {
                "What your identity provider says about you cannot be trusted as it is. Begin again, then tell your administrator the code below."
            }
            Self::LogoutTokenMalformed
            | Self::LogoutTokenTypeWrong
            | Self::LogoutTokenEventMissing
            | Self::LogoutTokenHasNonce
            | Self::LogoutTokenNamesNobody
            | Self::LogoutTokenTooOld
            | Self::LogoutTokenReplayed => "The logout token cannot be used.",
        }
    }

    /// Who can do something about it.
    pub const fn remedy(self) -> Remedy {
        match self {
            Self::StateUnknown
            | Self::StateExpired
            | Self::StateUsed
            | Self::BrowserMismatch
            | Self::ProviderMismatch
            | Self::ResponseIssuerWrong
            | Self::ProviderDenied
            | Self::CodeMissing
            | Self::SignInNotRecent => Remedy::StartAgain,
            Self::SsoNotEnabled
            | Self::UserDisabled
            | Self::UserRemoved
            | Self::EmailNotVerified
            | Self::DomainClaimedElsewhere
            | Self::LinkConfirmationRequired
            | Self::InvitationExpired
            | Self::SsoRequiresPremium
            | Self::ProvisioningOff
            | Self::DomainNotVerified
            | Self::SeatsExhausted
            | Self::AnotherProviderRequired => Remedy::FollowAdvice,
            _ => Remedy::AskAdministrator,
        }
    }
}
