//! Keys of every kind a provider may sign with, and of those it must not.

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use uuid::Uuid;

use super::CLIENT_SECRET;

/// How a token is signed.
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
    /// With the client's secret, which is nobody's signature.
    Hs256,
    None,
    /// RS256 with a key of 1024 bits.
    Weak,
}

/// A key to sign with.
pub struct Key {
    pub id: String,
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Curve(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
    Nothing,
}

impl Key {
    pub fn new(algorithm: Algorithm) -> Self {
        let pair = match algorithm {
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())),
            Algorithm::Es256 => {
                Pair::Curve(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
            }
            Algorithm::Es384 => {
                Pair::Curve(EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap())
            }
            Algorithm::Es512 => {
                Pair::Curve(EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).unwrap())
            }
            Algorithm::EdDsa => Pair::Edwards(Ed25519KeyPair::generate().unwrap()),
            Algorithm::Hs256 | Algorithm::None | Algorithm::Weak => Pair::Nothing,
        };
        Self {
            id: Uuid::new_v4().to_string(),
            algorithm,
            pair,
        }
    }

    /// As a token's header names the algorithm.
    pub fn name(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Rs256 | Algorithm::Weak => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::Ps256 => "PS256",
            Algorithm::Ps384 => "PS384",
            Algorithm::Ps512 => "PS512",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::Es512 => "ES512",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Hs256 => "HS256",
            Algorithm::None => "none",
        }
    }

    /// The key as it is published.
    pub fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let n = public.modulus().big_endian_without_leading_zero().to_vec();
                let e = public.exponent().big_endian_without_leading_zero().to_vec();
                json!({"kty": "RSA", "n": encode(&n), "e": encode(&e)})
            }
            Pair::Curve(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let curve = match self.algorithm {
                    Algorithm::Es256 => "P-256",
                    Algorithm::Es384 => "P-384",
                    _ => "P-521",
                };
                json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)})
            }
            Pair::Edwards(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key().as_ref())})
            }
            Pair::Nothing if self.algorithm == Algorithm::Weak => {
                json!({"kty": "RSA", "n": encode(&weak::bytes(weak::N)), "e": "AQAB"})
            }
            Pair::Nothing => json!({"kty": "oct", "k": encode(CLIENT_SECRET.as_bytes())}),
        };
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk["alg"] = json!(self.name());
        jwk
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &'static dyn signature::RsaEncoding = match self.algorithm {
                    Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
                    Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
                    Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
                    Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
                    Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut made = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut made).unwrap();
                made
            }
            Pair::Curve(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Edwards(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Nothing => match self.algorithm {
                Algorithm::Hs256 => {
                    let secret = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
                    hmac::sign(&secret, message).as_ref().to_vec()
                }
                Algorithm::Weak => weak::sign(message),
                _ => Vec::new(),
            },
        }
    }

    /// The left half of a hash, as `at_hash` has it (OpenID Connect Core, section 3.1.3.6).
    pub fn half_hash(&self, bytes: &[u8]) -> String {
        let hash = match self.algorithm {
            Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &digest::SHA384,
            Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::Es512 | Algorithm::EdDsa => &digest::SHA512,
            _ => &digest::SHA256,
        };
        let whole = digest(hash, bytes);
        URL_SAFE_NO_PAD.encode(&whole.as_ref()[..whole.as_ref().len() / 2])
    }
}

/// RSA with a modulus of 1024 bits, which no library makes any more: made for these tests, and good for nothing else.
mod weak {
    use aws_lc_rs::digest::{SHA256, digest};

    pub const N: &str = "add90d7d5c23af6c2ba45ec305c4c1799d579a4f41b4f7c44b643b93862c6d5f912968c3c4639ec47dcd95d7a33a3eabee00ae8192a28f581f9b9b08346df68c626f9bec609823f8f40f3793b62dd5a245f3106b60ebaa7bf39fc9658b97fb0e2b7a8f8057d6572a593d7c504b99fc6794ed9ac39fc306240c1e623cfdaadb25";
    const D: &str = "494e745cbf24a10d18de07c36ec447dd3356c44fd5622cf40de26728cef41eeea47474a3d0453da69771c0549c94abe6adc685cf4778dabf0b1cff639750231cdf226c73ff1fc608daa4558a7a75e0bf3adbcef1569d70483c47f1341c08ed784d3779864d794b27189391fd234e6770acf7a5ab440c9d077695739cf7096605";
    /// The prefix of a SHA-256 in PKCS #1 (RFC 8017, section 9.2, note 1).
    const SHA256_PREFIX: &str = "3031300d060960864801650304020105000420";
    const LIMBS: usize = 32;

    /// A number of 1024 bits, the low end first.
    type Number = [u32; LIMBS];

    pub fn bytes(hex: &str) -> Vec<u8> {
        let digits = (0..hex.len()).step_by(2);
        digits
            .map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap())
            .collect()
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256.
    pub fn sign(message: &[u8]) -> Vec<u8> {
        let made = power(&padded(message), &bytes(D));
        made.iter().rev().flat_map(|limb| limb.to_be_bytes()).collect()
    }

    fn padded(message: &[u8]) -> Number {
        let mut tail = vec![0];
        tail.extend(bytes(SHA256_PREFIX));
        tail.extend(digest(&SHA256, message).as_ref());
        let mut padded = vec![0, 1];
        padded.resize(LIMBS * 4 - tail.len(), 0xff);
        padded.extend(tail);
        number(&padded)
    }

    fn number(bytes: &[u8]) -> Number {
        let mut number = [0; LIMBS];
        for (place, byte) in bytes.iter().rev().enumerate() {
            number[place / 4] |= u32::from(*byte) << (8 * (place % 4));
        }
        number
    }

    /// base to the power of an exponent mod N, by squaring, in Montgomery's form.
    fn power(base: &Number, exponent: &[u8]) -> Number {
        let n = number(&bytes(N));
        let one = number(&[1]);
        // R² mod n, with R = 2^1024: what brings a number into the form.
        let square = (0..2 * LIMBS * 32).fold(one, |sum, _| plus(&sum, &sum, &n));
        let base = times(base, &square, &n);
        let mut made = times(&one, &square, &n);
        for bit in exponent
            .iter()
            .flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1))
        {
            made = times(&made, &made, &n);
            if bit == 1 {
                made = times(&made, &base, &n);
            }
        }
        times(&made, &one, &n)
    }

    /// a · b / R mod n (Montgomery's multiplication, a limb of b at a time).
    fn times(a: &Number, b: &Number, n: &Number) -> Number {
        // -1/n mod 2^32, by Newton's method: each step doubles the bits that are right.
        let inverse = (0..5).fold(1u32, |guess, _| {
            guess.wrapping_mul(2u32.wrapping_sub(n[0].wrapping_mul(guess)))
        });
        let mut product = [0; LIMBS];
        let mut over = 0;
        for limb in b {
            over = added(&mut product, a, *limb, over);
            let factor = product[0].wrapping_mul(inverse).wrapping_neg();
            over = added(&mut product, n, factor, over);
            // The lowest limb is zero now, and falls off.
            product.rotate_left(1);
            product[LIMBS - 1] = low(over);
            over >>= 32;
        }
        if over == 1 || product.iter().rev().ge(n.iter().rev()) {
            subtract(&mut product, n);
        }
        product
    }

    /// Adds a · factor to a sum; answers what does not fit any more.
    fn added(sum: &mut Number, a: &Number, factor: u32, over: u64) -> u64 {
        let mut carry = 0;
        for (sum, a) in sum.iter_mut().zip(a) {
            carry += u64::from(*sum) + u64::from(*a) * u64::from(factor);
            *sum = low(carry);
            carry >>= 32;
        }
        over + carry
    }

    /// a + b mod n, for a and b below n.
    fn plus(a: &Number, b: &Number, n: &Number) -> Number {
        let mut sum = *a;
        let over = added(&mut sum, b, 1, 0);
        if over == 1 || sum.iter().rev().ge(n.iter().rev()) {
            subtract(&mut sum, n);
        }
        sum
    }

    fn subtract(from: &mut Number, n: &Number) {
        let mut borrow = 0;
        for (from, n) in from.iter_mut().zip(n) {
            let left = u64::from(*from).wrapping_sub(u64::from(*n)).wrapping_sub(borrow);
            *from = low(left);
            borrow = left >> 63;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the low half is what is wanted")]
    const fn low(value: u64) -> u32 {
        value as u32
    }

    #[test]
    fn a_weak_signature_is_a_real_one() {
        let signature = number(&sign(b"message"));
        assert_eq!(power(&signature, &[1, 0, 1]), padded(b"message"));
    }
}
