//! What a provider's configuration may say, and when it may be used. Pure.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::account::Plan;
use entity::identity_provider::{Enforcement, Model, Status};
use entity::lists::Texts;
use entity::{identity, user};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use uuid::Uuid;

use crate::access::{Member, is_administrative};
use crate::error::{Code, Detail, Refusal};
use crate::person::{is_forbidden, trim};
use crate::platform::outbound::OutboundError;
use crate::read::terms;
use crate::sso::{Denial, Rejection};

/// Characters of a provider's name.
const LONGEST_NAME: usize = crate::limits::PROVIDER_NAME;
const LONGEST_ISSUER: usize = crate::limits::ISSUER;
const LONGEST_CLIENT_ID: usize = crate::limits::CLIENT_ID;
const LONGEST_SECRET: usize = crate::limits::CLIENT_SECRET;
const LONGEST_CLAIM: usize = crate::limits::CLAIM_NAME;
const LONGEST_SCOPE: usize = crate::limits::SCOPE;
const MOST_SCOPES: usize = crate::limits::SCOPES;
const MOST_SUBSCRIPTIONS: usize = 20;
/// Without it a sign-in is no OpenID Connect (Core, section 3.1.2.1).
const OPENID: &str = "openid";
const USUAL_SCOPES: [&str; 3] = [OPENID, "email", "profile"];

/// What administrators call the provider.
pub fn name(given: &str) -> Result<String, Refusal> {
    let name = line(given, LONGEST_NAME).map_err(|refusal| refusal.at("input.name"))?;
    if name.chars().any(is_forbidden) {
        let text = "The name contains a character that has no place in one line of text.";
        return Err(Refusal::new(Code::NameInvalidCharacter, text).at("input.name"));
    }
    Ok(name)
}

/// Where the provider describes itself. An issuer has neither query nor fragment (OpenID Connect Discovery, section 3); it is kept as it was written,
/// because that is what tokens are compared with.
pub fn issuer(given: &str) -> Result<(String, Url), Refusal> {
    let refused = |code, text: &str| Refusal::new(code, text).at("input.issuer");
    let issuer = line(given, LONGEST_ISSUER).map_err(|refusal| refusal.at("input.issuer"))?;
    let url: Url = issuer
        .parse()
        .map_err(|_| refused(Code::SsoIssuerNotAllowed, "This is no https address."))?;
    if url.query().is_some() || url.fragment().is_some() {
        let text = "An issuer has no part behind \"?\" or \"#\".";
        return Err(refused(Code::SsoIssuerNotAllowed, text));
    }
    Ok((issuer, url))
}

/// What the provider calls us (RFC 6749, appendix A.1).
pub fn client_id(given: &str) -> Result<String, Refusal> {
    let id = line(given, LONGEST_CLIENT_ID).map_err(|refusal| refusal.at("input.clientId"))?;
    printable(id, "input.clientId")
}

/// What we prove ourselves with (RFC 6749, appendix A.2). Blanks around it were copied along.
pub fn client_secret(given: &SecretString) -> Result<SecretString, Refusal> {
    let at = |refusal: Refusal| refusal.at("input.clientSecret");
    let secret = line(given.expose_secret(), LONGEST_SECRET).map_err(at)?;
    printable(secret, "input.clientSecret").map(SecretString::from)
}

/// What we ask for when nothing is said.
pub fn usual_scopes() -> Texts {
    Texts(USUAL_SCOPES.map(str::to_owned).into())
}

/// What we ask for; `openid` in any case.
pub fn scopes(given: Vec<String>) -> Result<Texts, Refusal> {
    let refused = |code, text: &str| Err(Refusal::new(code, text).at("input.scopes"));
    if given.len() > MOST_SCOPES {
        return refused(Code::TooManyItems, "A provider is asked for at most 20 scopes.");
    }
    // The characters of a scope: RFC 6749, section 3.3.
    let is_scope = |scope: &String| {
        !scope.is_empty()
            && scope
                .bytes()
                .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
    };
    if !given.iter().all(is_scope) {
        return refused(Code::Invalid, "A scope is one word of plain characters.");
    }
    if given.iter().any(|scope| scope.len() > LONGEST_SCOPE) {
        return refused(Code::TooLong, "A scope has at most 200 characters.");
    }
    if !given.iter().any(|scope| scope == OPENID) {
        return refused(Code::Required, "The scope \"openid\" must be among them.");
    }
    Ok(Texts(given))
}

/// The name of a claim to read. `field` is its place in `input.claimMapping`.
pub fn claim(given: &str, field: &str) -> Result<String, Refusal> {
    let at = |refusal: Refusal| refusal.at(&format!("input.claimMapping.{field}"));
    let claim = line(given, LONGEST_CLAIM).map_err(at)?;
    if claim.chars().any(is_forbidden) {
        return Err(at(Refusal::new(Code::Invalid, "This is no name of a claim.")));
    }
    Ok(claim)
}

/// When the provider stops accepting the secret; a day that has passed is a slip.
pub fn secret_expiry(at: DateTime<Utc>, has_secret: bool, now: DateTime<Utc>) -> Result<(), Refusal> {
    let refused = |text: &str| Err(Refusal::new(Code::Invalid, text).at("input.secretExpiresAt"));
    match (has_secret, at > now) {
        (false, _) => refused("There is no secret that could expire."),
        _ if terms::time(at).is_err() => refused("A secret expires in the year 9999 at the latest."),
        (true, false) => refused("A secret that has expired cannot be used."),
        (true, true) => Ok(()),
    }
}

/// What somebody provisioned is given. Naming one twice gives it once.
pub fn default_subscriptions(given: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
    let mut seen = HashSet::new();
    let wanted: Vec<Uuid> = given.iter().copied().filter(|id| seen.insert(*id)).collect();
    if wanted.len() > MOST_SUBSCRIPTIONS {
        let text = "At most 20 subscriptions are given to everybody.";
        return Err(Refusal::new(Code::TooManyItems, text).at("input.jit.defaultSubscriptionIds"));
    }
    Ok(wanted)
}

/// What somebody provisioned comes into. Naming one twice names it once.
pub fn default_groups(given: &[Uuid]) -> Result<Vec<Uuid>, Refusal> {
    let mut seen = HashSet::new();
    let wanted: Vec<Uuid> = given.iter().copied().filter(|id| seen.insert(*id)).collect();
    if wanted.len() > crate::limits::GROUPS_AT_ONCE {
        let text = "Everybody comes into at most 20 groups.";
        return Err(Refusal::new(Code::TooManyItems, text).at("input.jit.defaultGroupIds"));
    }
    Ok(wanted)
}

/// Whether two providers would be one: the same client of the same issuer. One whose client id is not known yet is nobody's.
pub fn is_same_client(one: &Model, other: &Model) -> bool {
    one.issuer == other.issuer && one.client_id == other.client_id && !one.client_id.is_empty()
}

pub fn client_taken() -> Refusal {
    let text = "This client of this issuer is configured already.";
    Refusal::new(Code::AlreadyExists, text).at("input.clientId")
}

/// A round trip needs a client id; until it is known, a provider is only an address to register with.
pub fn may_test(provider: &Model) -> Result<(), Refusal> {
    if provider.client_id.is_empty() {
        let text = "Enter the client id that the provider gave to this redirect address; then test.";
        return Err(Refusal::new(Code::Required, text).at("input.identityProviderId"));
    }
    Ok(())
}

/// A configuration is used when a round trip with it has passed since its last change.
pub fn may_enable(provider: &Model) -> Result<(), Refusal> {
    match provider.status {
        Status::Tested | Status::Enabled | Status::Disabled => Ok(()),
        Status::Draft => {
            let text = "This configuration has not passed a test since its last change. Test it first.";
            Err(Refusal::new(Code::SsoNotTested, text))
        }
    }
}

/// Single sign-on is the premium plan's.
pub fn require_premium(member: &Member) -> Result<(), Refusal> {
    match member.plan {
        Plan::Premium => Ok(()),
        Plan::Standard => {
            let text = "Only the premium plan has single sign-on.";
            Err(Refusal::new(Code::PlanRequired, text).with(Detail::Plan(Plan::Premium)))
        }
    }
}

/// Where an issuer must not lie, in words.
pub fn not_allowed(error: &OutboundError) -> Refusal {
    let text = match error {
        OutboundError::NotAllowed(forbidden) => forbidden.reason(),
        OutboundError::Unreachable(_) | OutboundError::TooLarge | OutboundError::TimedOut => {
            "This address cannot be used."
        }
    };
    Refusal::new(Code::SsoIssuerNotAllowed, text).at("input.issuer")
}

/// Why a provider is of no use to us.
pub fn cannot_be_used(denial: Denial) -> Refusal {
    let text = match denial.rejection {
        Rejection::KeysUnavailable => {
            "The keys this issuer signs with cannot be fetched, or are none we can use."
        }
        _ => {
            "This issuer cannot be reached, or does not describe itself properly under /.well-known/openid-configuration; its name must be the same there, to the letter."
        }
    };
    let text = match denial.detail {
        Some(detail) => format!("{text} ({detail})"),
        None => text.to_owned(),
    };
    Refusal::new(Code::SsoDiscoveryFailed, text).at("input.issuer")
}

/// Nobody is made to come by a provider that signs nobody in, or without an administrator who can still get in when it fails.
pub fn may_require(provider: &Model) -> Result<(), Refusal> {
    if provider.status != Status::Enabled {
        let text = "Switch the identity provider on first; then single sign-on can be required.";
        return Err(Refusal::new(Code::SsoNotTested, text).at("input.enforcement"));
    }
    if provider.break_glass_user_id.is_none() {
        let text = "Name an administrator who keeps a password for the day the identity provider fails.";
        return Err(Refusal::new(Code::Required, text).at("input.breakGlassUserId"));
    }
    Ok(())
}

/// Whether people must come this way. A provider that is not enabled signs nobody in, so it keeps nobody from coming another way either.
pub fn is_in_force(provider: &Model) -> bool {
    provider.status == Status::Enabled && provider.enforcement == Enforcement::Required
}

/// Whether two configurations are the same to the provider: what a test has shown of one holds for the other.
pub fn talks_alike(one: &Model, other: &Model) -> bool {
    one.client_id == other.client_id
        && one.sealed_secret == other.sealed_secret
        && one.token_auth_method == other.token_auth_method
        && one.scopes == other.scopes
}

/// Whether somebody can get in when the provider cannot be reached, and mend things.
pub fn can_break_glass(user: &user::Model, identity: Option<&identity::Model>) -> bool {
    user.status == user::Status::Active
        && is_administrative(user.role)
        && identity.is_some_and(|identity| identity.password_hash.is_some())
}

/// One line of text that must be there.
fn line(given: &str, longest: usize) -> Result<String, Refusal> {
    let text = trim(given);
    if text.is_empty() {
        return Err(Refusal::new(Code::Required, "A value is needed here."));
    }
    if text.chars().count() > longest {
        return Err(Refusal::new(
            Code::TooLong,
            format!("This has at most {longest} characters."),
        ));
    }
    Ok(text.to_owned())
}

fn printable(text: String, field: &str) -> Result<String, Refusal> {
    match text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        true => Ok(text),
        false => {
            let message = "Only plain printable characters can stand here.";
            Err(Refusal::new(Code::Invalid, message).at(field))
        }
    }
}

#[cfg(test)]
mod tests;
