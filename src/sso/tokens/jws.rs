//! A signed token in compact form (RFC 7515): read, and believed once a key of its provider has signed it. What it says is for whoever wanted it to judge.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::claims::Claims;
use super::key::{Algorithm, Key};
use crate::sso::Rejection;

/// A token as it was read; nothing of it is believed yet.
pub struct Jws<'a> {
    header: Header,
    signed: &'a str,
    signature: Vec<u8>,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    cty: Option<Value>,
    kid: Option<String>,
    crit: Option<Value>,
}

impl<'a> Jws<'a> {
    /// `None`: it is no such token, or one that wants something understood of which we know nothing.
    pub fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        let is_plain = header.crit.is_none() && header.cty.is_none();
        is_plain.then_some(())?;
        Some(Self {
            header,
            signed,
            signature: decode(signature)?,
            claims: serde_json::from_slice(&decode(payload)?).ok()?,
        })
    }

    /// What it says it is, in lower case, without the part that may be left out (RFC 7515, section 4.1.9).
    pub fn kind(&self) -> Option<String> {
        let kind = self.header.typ.as_ref()?.to_ascii_lowercase();
        Some(
            kind.strip_prefix("application/")
                .map(str::to_owned)
                .unwrap_or(kind),
        )
    }

    /// What it says of one thing, believed or not.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// What it says, if one of these keys signed it. A token that names no key may be of any.
    pub fn verify(self, keys: &[Key]) -> Result<(Claims, Algorithm), Rejection> {
        let algorithm = Algorithm::named(&self.header.alg).ok_or(Rejection::IdTokenAlgorithmNotAllowed)?;
        let mut outcome = Err(Rejection::IdTokenKeyUnknown);
        for key in keys {
            if key.is_for(self.header.kid.as_deref(), algorithm) {
                outcome = key.verify(algorithm, self.signed.as_bytes(), &self.signature);
            }
            if outcome.is_ok() {
                return Ok((self.claims, algorithm));
            }
        }
        Err(outcome.err().unwrap_or(Rejection::IdTokenKeyUnknown))
    }
}
