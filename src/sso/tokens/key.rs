//! The keys providers sign with.
//!
//! One implementation for everything that is signed by a provider. Allowed are RS, PS and ES with 256, 384 and 512 bits, and Ed25519; never a shared
//! secret, never `none`, and no RSA key under 2048 bits (security catalogue, A2 and A13).

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::sso::Rejection;

/// Smallest RSA modulus, in bits (NIST SP 800-131A).
const MIN_RSA_BITS: usize = 2048;
/// Keys of one provider that are looked at: real ones publish a handful.
const MOST_KEYS: usize = crate::limits::PROVIDER_KEYS;
const ED25519_CURVE: &str = "Ed25519";

/// A signature algorithm a provider may use (RFC 7518 section 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    EdDsa,
}

impl Algorithm {
    const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The one of this name; any other is not allowed.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    const fn key_type(self) -> &'static str {
        match self {
            Self::Es256 | Self::Es384 | Self::Es512 => "EC",
            Self::EdDsa => "OKP",
            _ => "RSA",
        }
    }

    /// The left half of a text's hash, by which an ID token names the access token beside it (OpenID Connect Core section 3.1.3.6).
    pub fn half_hash(self, text: &str) -> String {
        let hash = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => &SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &SHA384,
            Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => &SHA512,
        };
        let hash = digest::digest(hash, text.as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
    }
}

/// A public key as JSON web keys write it (RFC 7517, RFC 7518 section 6, RFC 8037).
#[derive(Clone, Debug, Deserialize)]
pub struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

/// The keys in a JSON web key set; those we cannot read are passed over, as RFC 7517 section 5 wants it. `None`: it is no such set.
pub fn parse_set(document: &[u8]) -> Option<Vec<Key>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<serde_json::Value>,
    }
    let set: Set = serde_json::from_slice(document).ok()?;
    let keys = set.keys.into_iter().take(MOST_KEYS);
    Some(keys.filter_map(|key| serde_json::from_value(key).ok()).collect())
}

impl Key {
    /// Whether it could have made a signature with this key id and algorithm.
    pub fn is_for(&self, kid: Option<&str>, algorithm: Algorithm) -> bool {
        let is_named = kid.is_none_or(|kid| self.kid.as_deref() == Some(kid));
        let may_sign = self.usage.as_ref().is_none_or(|usage| usage == "sig");
        let is_of_algorithm = self.alg.as_ref().is_none_or(|own| own == algorithm.name());
        is_named && may_sign && is_of_algorithm && self.kty == algorithm.key_type()
    }

    /// Whether some signature could be verified with it.
    pub fn is_usable(&self) -> bool {
        let is_whole = |algorithm: Algorithm| match algorithm.key_type() {
            "RSA" => self.rsa().is_ok(),
            _ => self.point(algorithm).is_ok(),
        };
        Algorithm::ALL
            .into_iter()
            .any(|algorithm| self.is_for(None, algorithm) && is_whole(algorithm))
    }

    /// Whether it signed this message; if not, why it cannot be said or is not so.
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Rejection> {
        let rsa = |parameters| {
            let key = self.rsa()?;
            let verified = key.verify(parameters, message, signature);
            verified.map_err(|_| Rejection::IdTokenSignatureWrong)
        };
        let curve = |verification: &'static dyn signature::VerificationAlgorithm| {
            let key = UnparsedPublicKey::new(verification, self.point(algorithm)?);
            let verified = key.verify(message, signature);
            verified.map_err(|_| Rejection::IdTokenSignatureWrong)
        };
        match algorithm {
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::Ps256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::Ps384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Algorithm::Ps512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
            Algorithm::Es256 => curve(&ECDSA_P256_SHA256_FIXED),
            Algorithm::Es384 => curve(&ECDSA_P384_SHA384_FIXED),
            Algorithm::Es512 => curve(&ECDSA_P521_SHA512_FIXED),
            Algorithm::EdDsa => curve(&ED25519),
        }
    }

    fn rsa(&self) -> Result<RsaPublicKeyComponents<Vec<u8>>, Rejection> {
        let (n, e) = (part(self.n.as_ref())?, part(self.e.as_ref())?);
        if bits(&n) < MIN_RSA_BITS {
            return Err(Rejection::IdTokenKeyUnusable);
        }
        Ok(RsaPublicKeyComponents {
            n: without_leading_zeros(&n).to_vec(),
            e: without_leading_zeros(&e).to_vec(),
        })
    }

    fn point(&self, algorithm: Algorithm) -> Result<Vec<u8>, Rejection> {
        let curve = match algorithm {
            Algorithm::Es256 => "P-256",
            Algorithm::Es384 => "P-384",
            Algorithm::Es512 => "P-521",
            _ => ED25519_CURVE,
        };
        if self.crv.as_deref() != Some(curve) {
            return Err(Rejection::IdTokenKeyUnusable);
        }
        let mut point = part(self.x.as_ref())?;
        if curve != ED25519_CURVE {
            // SEC 1 section 2.3.3: an uncompressed point begins with 4.
            point.insert(0, 4);
            point.extend(part(self.y.as_ref())?);
        }
        Ok(point)
    }
}

/// A number of the key, which must be there.
fn part(text: Option<&String>) -> Result<Vec<u8>, Rejection> {
    text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or(Rejection::IdTokenKeyUnusable)
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

fn bits(number: &[u8]) -> usize {
    let number = without_leading_zeros(number);
    let unused = number.first().map_or(0, |byte| byte.leading_zeros());
    number.len() * 8 - usize::try_from(unused).unwrap_or_default()
}
