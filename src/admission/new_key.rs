//! New API keys: a secret that nobody guesses, and the entry that makes it known by its hash.
//!
//! The secret is whoever's who asked for it, to show once; nothing is kept or written. It fails where the system gives no random bytes.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::SecureRandom;
use secrecy::SecretString;

use crate::config::{KeyConfig, Role};

/// What every secret begins with, so that people and secret scanners recognise one.
const PREFIX: &str = "swb_";

/// The system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoRandomBytes;

/// A secret of 256 random bits, and its entry, which says nothing but the name and the role.
///
/// # Errors
/// [`NoRandomBytes`].
pub fn new_key(
    random: &dyn SecureRandom,
    id: String,
    role: Role,
) -> Result<(SecretString, KeyConfig), NoRandomBytes> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes).map_err(|_| NoRandomBytes)?;
    let secret = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    let entry = KeyConfig {
        role: Some(role),
        ..KeyConfig::new(id, hex::encode(digest(&SHA256, secret.as_bytes())))
    };
    Ok((secret.into(), entry))
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn every_secret_is_another_known_by_its_hash_and_recognised_by_how_it_begins() {
        let made = || new_key(&SystemRandom::new(), "shop".to_owned(), Role::Auditor).unwrap();
        let ((one, entry), (two, _)) = (made(), made());
        let (one, two) = (one.expose_secret(), two.expose_secret());
        assert_ne!(one, two);
        assert!(one.starts_with("swb_"));
        assert_eq!(one.len(), PREFIX.len() + 43, "256 bits");
        assert_eq!(entry.sha256, hex::encode(digest(&SHA256, one.as_bytes())));
        assert_eq!((entry.id.as_str(), entry.role), ("shop", Some(Role::Auditor)));
    }
}
