//! The keys providers sign with.
//!
//! One implementation for everything that is signed by a provider. Allowed are RS, PS and ES with 256, 384 and 512 bits, and Ed25519; never a shared
//! secret, never `none`, and no RSA key under 2048 bits (security catalogue, A2 and A13).

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{CoreJsonWebKeyType, CoreJsonWebKeyUse, CoreJwsSigningAlgorithm as Algorithm};
use openidconnect::{JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyId, SignatureVerificationError};
use serde::{Deserialize, Serialize};

/// Smallest RSA modulus, in bits (NIST SP 800-131A).
const MIN_RSA_BITS: usize = 2048;
/// Keys of one provider that are looked at: real ones publish a handful.
const MOST_KEYS: usize = crate::limits::PROVIDER_KEYS;

/// Signature algorithms a provider may use.
pub const ALLOWED: [Algorithm; 10] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EcdsaP521Sha512,
    Algorithm::EdDsa,
];

/// A public key as JSON web keys write it (RFC 7517, RFC 7518 section 6, RFC 8037).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    kty: CoreJsonWebKeyType,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<JsonWebKeyId>,
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    usage: Option<CoreJsonWebKeyUse>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alg: Option<KeyAlgorithm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<String>,
}

/// What a key says it is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum KeyAlgorithm {
    Signing(Algorithm),
    Other(String),
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
    pub fn is_for(&self, kid: Option<&str>, algorithm: &Algorithm) -> bool {
        use openidconnect::{JsonWebKeyUse, JwsSigningAlgorithm};
        let is_named = kid.is_none_or(|kid| self.kid.as_ref().is_some_and(|own| own.as_str() == kid));
        let may_sign = self.usage.as_ref().is_none_or(JsonWebKeyUse::allows_signature);
        let is_of_type = algorithm.key_type().as_ref() == Some(&self.kty);
        let is_of_algorithm = match &self.alg {
            None => true,
            Some(KeyAlgorithm::Signing(own)) => own == algorithm,
            Some(KeyAlgorithm::Other(_)) => false,
        };
        is_named && may_sign && is_of_type && is_of_algorithm
    }

    fn verify_rsa(
        &self,
        parameters: &signature::RsaParameters,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        let (n, e) = (part(self.n.as_ref())?, part(self.e.as_ref())?);
        if bits(&n) < MIN_RSA_BITS {
            return Err(unusable("an RSA key of less than 2048 bits"));
        }
        let key = RsaPublicKeyComponents {
            n: without_leading_zeros(&n),
            e: without_leading_zeros(&e),
        };
        key.verify(parameters, message, signature).map_err(|_| wrong())
    }

    fn verify_curve(
        &self,
        curve: &str,
        algorithm: &'static dyn signature::VerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        if self.crv.as_deref() != Some(curve) {
            return Err(unusable("a key of another curve"));
        }
        let mut point = part(self.x.as_ref())?;
        if curve != ED25519_CURVE {
            // SEC 1 section 2.3.3: an uncompressed point begins with 4.
            point.insert(0, 4);
            point.extend(part(self.y.as_ref())?);
        }
        UnparsedPublicKey::new(algorithm, point)
            .verify(message, signature)
            .map_err(|_| wrong())
    }
}

const ED25519_CURVE: &str = "Ed25519";

impl JsonWebKey for Key {
    type KeyUse = CoreJsonWebKeyUse;
    type SigningAlgorithm = Algorithm;

    fn key_id(&self) -> Option<&JsonWebKeyId> {
        self.kid.as_ref()
    }

    fn key_type(&self) -> &CoreJsonWebKeyType {
        &self.kty
    }

    fn key_use(&self) -> Option<&CoreJsonWebKeyUse> {
        self.usage.as_ref()
    }

    fn signing_alg(&self) -> JsonWebKeyAlgorithm<&Algorithm> {
        match &self.alg {
            None => JsonWebKeyAlgorithm::Unspecified,
            Some(KeyAlgorithm::Signing(algorithm)) => JsonWebKeyAlgorithm::Algorithm(algorithm),
            Some(KeyAlgorithm::Other(_)) => JsonWebKeyAlgorithm::Unsupported,
        }
    }

    /// A shared secret verifies nothing here: the key made of one is empty.
    fn new_symmetric(_key: Vec<u8>) -> Self {
        Self {
            kty: CoreJsonWebKeyType::Symmetric,
            kid: None,
            usage: None,
            alg: None,
            crv: None,
            x: None,
            y: None,
            n: None,
            e: None,
        }
    }

    fn verify_signature(
        &self,
        algorithm: &Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureVerificationError> {
        let rsa = |parameters| self.verify_rsa(parameters, message, signature);
        match algorithm {
            Algorithm::RsaSsaPkcs1V15Sha256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
            Algorithm::RsaSsaPkcs1V15Sha384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
            Algorithm::RsaSsaPkcs1V15Sha512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
            Algorithm::RsaSsaPssSha256 => rsa(&signature::RSA_PSS_2048_8192_SHA256),
            Algorithm::RsaSsaPssSha384 => rsa(&signature::RSA_PSS_2048_8192_SHA384),
            Algorithm::RsaSsaPssSha512 => rsa(&signature::RSA_PSS_2048_8192_SHA512),
            Algorithm::EcdsaP256Sha256 => {
                self.verify_curve("P-256", &ECDSA_P256_SHA256_FIXED, message, signature)
            }
            Algorithm::EcdsaP384Sha384 => {
                self.verify_curve("P-384", &ECDSA_P384_SHA384_FIXED, message, signature)
            }
            Algorithm::EcdsaP521Sha512 => {
                self.verify_curve("P-521", &ECDSA_P521_SHA512_FIXED, message, signature)
            }
            Algorithm::EdDsa => self.verify_curve(ED25519_CURVE, &ED25519, message, signature),
            _ => Err(SignatureVerificationError::UnsupportedAlg(
                "not on the list".to_owned(),
            )),
        }
    }

    fn hash_bytes(&self, bytes: &[u8], algorithm: &Algorithm) -> Result<Vec<u8>, String> {
        let hash = match algorithm {
            Algorithm::RsaSsaPkcs1V15Sha256 | Algorithm::RsaSsaPssSha256 | Algorithm::EcdsaP256Sha256 => {
                &digest::SHA256
            }
            Algorithm::RsaSsaPkcs1V15Sha384 | Algorithm::RsaSsaPssSha384 | Algorithm::EcdsaP384Sha384 => {
                &digest::SHA384
            }
            Algorithm::RsaSsaPkcs1V15Sha512
            | Algorithm::RsaSsaPssSha512
            | Algorithm::EcdsaP521Sha512
            | Algorithm::EdDsa => &digest::SHA512,
            _ => return Err("no hash goes with this algorithm".to_owned()),
        };
        Ok(digest::digest(hash, bytes).as_ref().to_vec())
    }
}

/// A number of the key, which must be there.
fn part(text: Option<&String>) -> Result<Vec<u8>, SignatureVerificationError> {
    text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
        .ok_or_else(|| unusable("a key with a part missing"))
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

fn unusable(reason: &str) -> SignatureVerificationError {
    SignatureVerificationError::InvalidKey(reason.to_owned())
}

fn wrong() -> SignatureVerificationError {
    SignatureVerificationError::CryptoError("the signature is not this key's".to_owned())
}
