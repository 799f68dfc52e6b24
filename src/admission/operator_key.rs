//! The operator key that is made where none is configured and only this machine can call: whoever starts the service on its defaults can look
//! at its records at once.
//!
//! It is never written down, and valid until the process ends. It fails where the system gives no random bytes.

use ring::digest;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;

use crate::config::{InvalidSetting, KeyConfig, Role};

/// A new key with the operator's role, and its entry among those that are known. Its id is none of `taken`.
///
/// # Errors
/// [`InvalidSetting`] for `operator.keys` where the system gives no random bytes.
pub(super) fn make(taken: &[KeyConfig]) -> Result<(SecretString, KeyConfig), InvalidSetting> {
    let mut random = [0; 24];
    SystemRandom::new().fill(&mut random).map_err(|_| {
        InvalidSetting::new(
            "operator.keys",
            "must be set: the system gave no random bytes to make one",
        )
    })?;
    let key = format!("op_{}", hex::encode(random));
    let sha256 = hex::encode(digest::digest(&digest::SHA256, key.as_bytes()));
    // Its own name, whatever clients are called: it stands in the audit trail.
    let mut id = "operator".to_owned();
    while taken.iter().any(|key| key.id == id) {
        id.push('_');
    }
    let entry = KeyConfig {
        role: Some(Role::Operator),
        ..KeyConfig::new(id, sha256)
    };
    Ok((key.into(), entry))
}
