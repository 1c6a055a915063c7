//! The keys that sign access tokens: one signs, the next is published before it does, the last is believed until what it signed has lapsed.
//!
//! A generation and the master key give the pair, so nothing secret is stored and all replicas sign alike. The operator makes a new generation
//! ([`RotateSigningKey`]). Every replica hears of it by a wake, long before the ten minutes are over after which it signs.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use entity::signing_key::{self, Column, Entity};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::access_token::{LEEWAY, LIFETIME};
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::events::Wake;
use crate::platform::secrets::Secrets;

const KEY_LABEL: &str = "muster/access-token";
/// Others may keep our published keys for some minutes; a key signs when all of them must have seen it.
pub const PUBLISHED_BEFORE: Duration = Duration::minutes(10);
const FIRST: i32 = 1;

/// One generation's pair.
pub struct SigningKey {
    generation: i32,
    /// The key's name: its RFC 7638 thumbprint, so that another key never has the same.
    pub id: String,
    /// The public key as JSON web keys write it.
    pub x: String,
    pub signing: EncodingKey,
    pub verifying: DecodingKey,
    signs_from: DateTime<Utc>,
    /// When the last token it signed has lapsed; `None` while no other follows.
    good_until: Option<DateTime<Utc>>,
}

/// The generations of a moment, oldest first; at least one.
pub struct KeyRing(Vec<SigningKey>);

impl KeyRing {
    /// Computes the keys that still count. `later` are the generations after the first, in order.
    pub fn new(secrets: &Secrets, later: &[signing_key::Model], now: DateTime<Utc>) -> Result<Self> {
        let first = (FIRST, DateTime::<Utc>::MIN_UTC);
        let terms = std::iter::once(first).chain(later.iter().map(|key| (key.generation, key.signs_from)));
        let terms: Vec<_> = terms.collect();
        let mut keys = Vec::new();
        for (place, (generation, signs_from)) in terms.iter().enumerate() {
            let successor = terms.get(place + 1);
            let good_until = successor.map(|(_, signs_from)| *signs_from + LIFETIME + LEEWAY);
            if good_until.is_none_or(|until| now < until) {
                keys.push(SigningKey::new(secrets, *generation, *signs_from, good_until)?);
            }
        }
        Ok(Self(keys))
    }

    /// The key that signs at a moment.
    pub(super) fn signing(&self, now: DateTime<Utc>) -> Result<&SigningKey> {
        let begun = self.0.iter().rev().find(|key| key.signs_from <= now);
        begun.ok_or_else(|| Error::internal("no key signs"))
    }

    /// The key of a name, if it is believed at a moment.
    pub(super) fn named(&self, id: &str, now: DateTime<Utc>) -> Option<&SigningKey> {
        self.good(now).find(|key| key.id == id)
    }

    /// The public keys as a JSON web key set (RFC 7517, RFC 8037).
    pub fn published(&self, now: DateTime<Utc>) -> Value {
        let keys = self.good(now).map(|key| {
            json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": key.id, "x": key.x})
        });
        json!({"keys": keys.collect::<Vec<_>>()})
    }

    /// Whether these are the same generations.
    pub fn is_like(&self, other: &Self) -> bool {
        let terms = |ring: &Self| -> Vec<_> {
            let term = |key: &SigningKey| (key.generation, key.signs_from, key.good_until);
            ring.0.iter().map(term).collect()
        };
        terms(self) == terms(other)
    }

    fn good(&self, now: DateTime<Utc>) -> impl Iterator<Item = &SigningKey> {
        let is_good = move |key: &&SigningKey| key.good_until.is_none_or(|until| now < until);
        self.0.iter().filter(is_good)
    }
}

impl SigningKey {
    fn new(
        secrets: &Secrets,
        generation: i32,
        signs_from: DateTime<Utc>,
        good_until: Option<DateTime<Utc>>,
    ) -> Result<Self> {
        let seed = secrets.derive(format!("{KEY_LABEL}/{generation}").as_bytes())?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(Error::internal)?;
        let pkcs8 = pair.to_pkcs8().map_err(|_| Error::internal("unusable key"))?;
        let public_key = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public_key);
        Ok(Self {
            generation,
            id: thumbprint(&x),
            x,
            signing: EncodingKey::from_ed_der(pkcs8.as_ref()),
            verifying: DecodingKey::from_ed_der(public_key),
            signs_from,
            good_until,
        })
    }
}

fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

/// Reads which generations there are.
pub async fn read(app: &App) -> Result<KeyRing> {
    let rows = Entity::find().order_by_asc(Column::Generation);
    KeyRing::new(app.secrets(), &rows.all(app.reader()).await?, app.clock().now())
}

/// Makes the next generation of the signing key. It is published at once and signs ten minutes later.
#[derive(Clone, Copy, Debug)]
pub struct RotateSigningKey;

impl Command for RotateSigningKey {
    type Output = signing_key::Model;
    const NAME: &'static str = "sessions.rotate_signing_key";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<signing_key::Model> {
        let latest = Entity::find().order_by_desc(Column::Generation);
        let latest = latest.one(work.reader()).await?;
        let key = signing_key::Model {
            id: work.new_id(),
            generation: latest.map_or(FIRST, |latest| latest.generation) + 1,
            created_at: work.now(),
            signs_from: work.now() + PUBLISHED_BEFORE,
        };
        let row = signing_key::ActiveModel {
            id: Set(key.id),
            generation: Set(key.generation),
            created_at: Set(key.created_at),
            signs_from: Set(key.signs_from),
        };
        let taken = OnConflict::column(Column::Generation).do_nothing().to_owned();
        if work.insert_new(vec![row], taken).await? == 0 {
            let message = "The signing key was rotated by somebody else in this very moment.";
            return Err(Refusal::new(Code::StaleVersion, message).into());
        }
        work.wake(Wake::SigningKeys);
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration, Utc};
    use entity::signing_key::Model;
    use uuid::Uuid;

    use super::{KeyRing, PUBLISHED_BEFORE, thumbprint};
    use crate::platform::secrets::Secrets;

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::days(20_000)
    }

    fn ring(later: &[Model]) -> KeyRing {
        KeyRing::new(&Secrets::new([7; 32]), later, now()).unwrap()
    }

    fn second() -> Model {
        Model {
            id: Uuid::from_u128(1),
            generation: 2,
            created_at: now(),
            signs_from: now() + PUBLISHED_BEFORE,
        }
    }

    #[test]
    fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_has_lapsed() {
        let ring = ring(&[second()]);
        let steps = |minutes| {
            let at = now() + Duration::minutes(minutes);
            let published = ring.published(at)["keys"].as_array().unwrap().len();
            (ring.signing(at).unwrap().generation, published)
        };
        assert_eq!(
            [0, 9, 10, 20, 21].map(steps),
            [(1, 2), (1, 2), (2, 2), (2, 2), (2, 1)]
        );
        let first = &ring.0[0];
        assert!(ring.named(&first.id, now()).is_some());
        assert!(ring.named(&first.id, now() + Duration::minutes(21)).is_none());
    }

    #[test]
    fn what_is_retired_for_good_is_not_even_computed() {
        let long_ago = Model {
            signs_from: now() - Duration::hours(1),
            ..second()
        };
        let ring = ring(&[long_ago]);
        assert_eq!(ring.0.len(), 1);
        assert_eq!(ring.signing(now()).unwrap().generation, 2);
    }

    #[test]
    fn generations_are_told_apart_and_are_the_same_everywhere() {
        assert_ne!(ring(&[second()]).0[0].x, ring(&[second()]).0[1].x);
        assert_eq!(ring(&[]).0[0].x, ring(&[second()]).0[0].x);
        assert!(ring(&[second()]).is_like(&ring(&[second()])));
        assert!(!ring(&[]).is_like(&ring(&[second()])));
    }

    #[test]
    fn the_published_keys_are_the_public_ones_and_nothing_more() {
        let published = ring(&[]).published(now());
        let key = published["keys"][0].as_object().unwrap();
        assert_eq!(key["kid"], ring(&[]).0[0].id.as_str());
        assert_eq!(key["alg"], "EdDSA");
        assert!(!key.contains_key("d"));
    }

    #[test]
    fn the_key_id_is_the_rfc_8037_thumbprint() {
        // RFC 8037 appendix A.3.
        assert_eq!(
            thumbprint("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
