//! Hashing passwords, away from the threads that answer requests.
//!
//! One hash takes tens of milliseconds of a core and 19 MiB, by intention. So at most as many run as there are cores, and whoever waits too long is
//! told to come back instead of piling up.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::rules::normalised;
use crate::error::{Error, Result};

/// Memory in KiB, passes and lanes: the OWASP Password Storage Cheat Sheet's setting for argon2id.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT_LENGTH: usize = 16;
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A hash of nothing anybody knows (random bytes), with the parameters of the real ones: verifying against it takes as long.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bpPVuuLjv1ts4oHabednJg$HHoNwJNOH1UNeVe2v+bJMhaVDeZlB4FDlhEvDRg0pkQ";

static TURNS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// Hashes a password for keeping, in PHC form.
pub async fn hash(password: SecretString) -> Result<String> {
    in_turn(move || {
        let mut salt = [0; SALT_LENGTH];
        aws_lc_rs::rand::fill(&mut salt).map_err(|_| Error::internal("no randomness for a salt"))?;
        let salt = SaltString::encode_b64(&salt).map_err(Error::internal)?;
        let password = normalised(password.expose_secret());
        let hash = hasher()?.hash_password(password.as_bytes(), &salt);
        Ok(hash.map_err(Error::internal)?.to_string())
    })
    .await
}

/// Whether this is the password that was hashed. Where there is no hash (no such person, or one without a password) it takes as long to say no.
pub async fn verify(password: SecretString, hash: Option<String>) -> Result<bool> {
    in_turn(move || {
        let stored = hash.as_deref().unwrap_or(NOBODYS_HASH);
        let stored = PasswordHash::new(stored).map_err(Error::internal)?;
        let password = normalised(password.expose_secret());
        let is_right = hasher()?.verify_password(password.as_bytes(), &stored).is_ok();
        Ok(is_right && hash.is_some())
    })
    .await
}

fn hasher() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(Error::internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The turn goes with the work and not with the request: a client that hangs up does not make room for one hash more than there are cores.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let turn = tokio::time::timeout(LONGEST_WAIT, TURNS.acquire())
        .await
        .map_err(|waited| Error::Unavailable(Box::new(waited)))?
        .map_err(Error::internal)?;
    let working = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    working.await.map_err(Error::internal)?
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use argon2::password_hash::PasswordHash;

    use super::{NOBODYS_HASH, hash, verify};
    use crate::error::Error;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() -> Result<(), Error> {
        let first = hash("correct horse battery".into()).await?;
        let second = hash("correct horse battery".into()).await?;
        assert_ne!(first, second, "salted");
        assert!(!first.contains("horse"));
        assert!(verify("correct horse battery".into(), Some(first.clone())).await?);
        assert!(!verify("Correct horse battery".into(), Some(first.clone())).await?);
        assert!(!verify(String::new().into(), Some(first)).await?);
        assert!(!verify("correct horse battery".into(), None).await?);
        Ok(())
    }

    #[tokio::test]
    async fn composed_and_decomposed_letters_are_the_same_password() -> Result<(), Error> {
        let composed = hash("caf\u{e9} au lait".into()).await?;
        assert!(verify("cafe\u{301} au lait".into(), Some(composed)).await?);
        Ok(())
    }

    #[tokio::test]
    async fn nobodys_hash_costs_what_a_real_one_costs() -> Result<(), Error> {
        let real = hash("correct horse battery".into()).await?;
        let real = PasswordHash::new(&real).unwrap();
        let nobodys = PasswordHash::new(NOBODYS_HASH).unwrap();
        assert_eq!(nobodys.algorithm, real.algorithm);
        assert_eq!(nobodys.version, real.version);
        assert_eq!(nobodys.params, real.params);
        assert_eq!(
            nobodys.hash.map(|hash| hash.len()),
            real.hash.map(|hash| hash.len())
        );
        Ok(())
    }

    #[tokio::test]
    async fn saying_no_to_nobody_takes_as_long_as_to_somebody() -> Result<(), Error> {
        let real = hash("correct horse battery".into()).await?;
        let mut quickest = [Duration::MAX; 2];
        for _ in 0..5 {
            for (who, hash) in [Some(real.clone()), None].into_iter().enumerate() {
                let begun = Instant::now();
                assert!(!verify("a guess".into(), hash).await?);
                quickest[who] = quickest[who].min(begun.elapsed());
            }
        }
        let [somebody, nobody] = quickest;
        assert!(nobody * 2 > somebody, "{nobody:?} {somebody:?}");
        Ok(())
    }
}
