//! Encrypts a customer's verbatim text for storage, so that a stolen database or backup reads nothing and erasing one
//! person's text is erasing one key.
//!
//! Envelope encryption with AES-256-GCM (`ring::aead`): each text has a key of its own, used once, and that key is
//! stored wrapped by the data key. Both layers bind the record's reference as associated data, so a sealed text copied
//! to another record does not open. Without the wrapped key the text is gone for good.
//!
//! Rotation: new texts use the current data key, earlier ones open with the previous data keys, and
//! [`Sealer::rewrap`] moves a wrapped key over without touching the text.
//!
//! Random 96-bit nonces under one data key stay within NIST SP 800-38D's bound (2^32 invocations) for four thousand
//! million texts; rotate before that. Fails closed: a wrong key, a flipped bit or a swapped record is
//! [`EncryptionError::Refused`], never a partial text.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{digest, hmac};
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::{InvalidSetting, StoreConfig};

/// Length of a data key and of a text's own key, in bytes: AES-256.
pub const KEY_BYTES: usize = 32;
/// Length of a keyed hash, in bytes: a chance hit among a million million facts is one in 10^14.
pub const HASH_BYTES: usize = 16;
/// Sets the hashing key apart from the data key it is derived from.
const HASHING: &[u8] = b"switchboard keyed hashes of facts";
/// File name of the data key that is made under the data directory when none is configured.
pub const KEY_FILE: &str = "data.key";

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum EncryptionError {
    /// A configured data key is not 32 bytes of base64.
    #[error("a data key must be {KEY_BYTES} bytes in base64 (make one with `openssl rand -base64 32`)")]
    BadKey,
    /// The key file could not be read or made.
    #[error("the data key file {path} could not be {what}")]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// "read" or "made".
        what: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// The text was sealed under a data key that is not configured.
    #[error("the text was sealed under data key {key_id}, which is not among the configured keys")]
    UnknownKey {
        /// The key's fingerprint.
        key_id: String,
    },
    /// The ciphertext, the key or the record it belongs to is not the one it was sealed with.
    #[error("the sealed text does not open: wrong key, wrong record or altered bytes")]
    Refused,
    /// The operating system gave no random bytes.
    #[error("no random bytes from the operating system")]
    NoRandomness,
}

/// A text under its own key, and that key under the data key. Safe to store.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Nonce, ciphertext and tag of the text.
    pub text: Vec<u8>,
    /// Nonce, ciphertext and tag of the text's key.
    pub key: Vec<u8>,
    /// Fingerprint of the data key that wraps `key`.
    pub key_id: String,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes under {})", self.text.len(), self.key_id)
    }
}

struct DataKey {
    id: String,
    aead: LessSafeKey,
    /// Derived from the data key, for [`Sealer::keyed_hashes`].
    hashing: hmac::Key,
}

impl DataKey {
    fn parse(key: &SecretString) -> Result<Self, EncryptionError> {
        let bytes = BASE64
            .decode(key.expose_secret().trim())
            .map_err(|_| EncryptionError::BadKey)?;
        Self::new(&bytes)
    }

    fn new(bytes: &[u8]) -> Result<Self, EncryptionError> {
        Ok(Self {
            id: fingerprint(bytes),
            aead: aead(bytes)?,
            hashing: hmac::Key::new(
                hmac::HMAC_SHA256,
                hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, bytes), HASHING).as_ref(),
            ),
        })
    }
}

/// What a setting that holds a data key must be.
const A_KEY: &str = "must be 32 bytes in base64 (make one with `openssl rand -base64 32`)";

/// The previous data keys, each of which is one.
fn previous_keys(config: &StoreConfig) -> Result<Vec<SecretString>, InvalidSetting> {
    let keys = config.previous_keys();
    match keys.iter().try_for_each(|key| DataKey::parse(key).map(drop)) {
        Ok(()) => Ok(keys),
        Err(_) => Err(InvalidSetting::new(
            "store.previous_data_keys",
            "must hold data keys only, each 32 bytes in base64",
        )),
    }
}

/// The data key that is kept in `dir`; `None` where there is none yet.
fn read_kept(dir: &Path) -> Result<Option<SecretString>, EncryptionError> {
    let path = dir.join(KEY_FILE);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EncryptionError::KeyFile {
            path,
            what: "read",
            source,
        }),
    }
}

/// The data key's file in the data directory, where it counts and others than its owner may read or write it.
#[must_use]
pub fn exposed_key_file(config: &StoreConfig) -> Option<PathBuf> {
    let path = config.data_dir.join(KEY_FILE);
    let mode = fs::metadata(&path).ok()?.permissions().mode();
    (config.data_key.is_none() && mode & 0o077 != 0).then_some(path)
}

fn unusable_dir(error: &EncryptionError) -> InvalidSetting {
    let problem = match error {
        EncryptionError::KeyFile { source, .. } => format!("cannot be used: {error}: {source}"),
        EncryptionError::BadKey => format!("cannot be used: its {KEY_FILE} {A_KEY}"),
        _ => format!("cannot be used: {error}"),
    };
    InvalidSetting::new("store.data_dir", problem)
}

/// Seals and opens verbatim texts. Cheap to clone.
#[derive(Clone)]
pub struct Sealer(Arc<Keys>);

struct Keys {
    current: DataKey,
    previous: Vec<DataKey>,
    random: SystemRandom,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sealer({} and {} previous)",
            self.0.current.id,
            self.0.previous.len()
        )
    }
}

impl Sealer {
    /// With the configured data keys, or the one that is kept in the data directory.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the setting that holds what [`Sealer::new`] or [`Sealer::kept_in`] refused.
    pub fn configured(config: &StoreConfig) -> Result<Self, InvalidSetting> {
        match Self::existing(config)? {
            Some(sealer) => Ok(sealer),
            None => {
                Self::kept_in(&config.data_dir, &previous_keys(config)?).map_err(|error| unusable_dir(&error))
            }
        }
    }

    /// The same, without making a data key: `None` where none is configured and none is kept yet.
    ///
    /// # Errors
    /// As [`Sealer::configured`].
    pub fn existing(config: &StoreConfig) -> Result<Option<Self>, InvalidSetting> {
        let previous = previous_keys(config)?;
        if let Some(key) = &config.data_key {
            let sealer = Self::new(key, &previous);
            return sealer
                .map(Some)
                .map_err(|_| InvalidSetting::new("store.data_key", A_KEY));
        }
        let kept = read_kept(&config.data_dir).map_err(|error| unusable_dir(&error))?;
        kept.map(|key| Self::new(&key, &previous))
            .transpose()
            .map_err(|error| unusable_dir(&error))
    }

    /// Seals with `current`; opens with `current` and every one of `previous`. Keys are base64 of 32 bytes.
    ///
    /// # Errors
    /// [`EncryptionError::BadKey`] when a key has another form.
    pub fn new(current: &SecretString, previous: &[SecretString]) -> Result<Self, EncryptionError> {
        Ok(Self(Arc::new(Keys {
            current: DataKey::parse(current)?,
            previous: previous.iter().map(DataKey::parse).collect::<Result<_, _>>()?,
            random: SystemRandom::new(),
        })))
    }

    /// Seals with the key in `dir/data.key`, which is made (mode 0600, directory 0700) when it does not exist.
    ///
    /// # Errors
    /// [`EncryptionError::KeyFile`] when the file can be neither read nor made; [`EncryptionError::BadKey`] when it
    /// holds something else than a key.
    pub fn kept_in(dir: &Path, previous: &[SecretString]) -> Result<Self, EncryptionError> {
        let path = dir.join(KEY_FILE);
        let failed = |what| {
            let path = path.clone();
            move |source| EncryptionError::KeyFile { path, what, source }
        };
        let key = match read_kept(dir)? {
            Some(key) => key,
            None => {
                let mut bytes = [0; KEY_BYTES];
                SystemRandom::new()
                    .fill(&mut bytes)
                    .map_err(|_| EncryptionError::NoRandomness)?;
                make_private_dir(dir).map_err(failed("made"))?;
                match write_private_file(&path, &BASE64.encode(bytes)) {
                    // Another process that starts at the same time was first: its key is the key.
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    made => made.map_err(failed("made"))?,
                }
                fs::read_to_string(&path).map_err(failed("read"))?.into()
            }
        };
        Self::new(&key, previous)
    }

    /// Fingerprint of the key that new texts are sealed under.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.0.current.id
    }

    /// Whether texts that were sealed under this key can be opened.
    #[must_use]
    pub fn knows(&self, key_id: &str) -> bool {
        self.0.current.id == key_id || self.0.previous.iter().any(|key| key.id == key_id)
    }

    /// Seals `text` for the record `reference`.
    ///
    /// # Errors
    /// [`EncryptionError::NoRandomness`].
    pub fn seal(&self, reference: &str, text: &str) -> Result<Sealed, EncryptionError> {
        // One call for the text's key and both nonces: each call is a system call.
        let mut random = [0; KEY_BYTES + 2 * NONCE_LEN];
        self.fill(&mut random)?;
        let (own_key, nonces) = random.split_at(KEY_BYTES);
        let (text_nonce, key_nonce) = nonces.split_at(NONCE_LEN);
        Ok(Sealed {
            text: encrypt(&aead(own_key)?, text_nonce, reference, text.as_bytes())?,
            key: encrypt(&self.0.current.aead, key_nonce, reference, own_key)?,
            key_id: self.0.current.id.clone(),
        })
    }

    /// Opens what was sealed for `reference`.
    ///
    /// # Errors
    /// [`EncryptionError::UnknownKey`] or [`EncryptionError::Refused`].
    pub fn open(&self, reference: &str, sealed: &Sealed) -> Result<SecretString, EncryptionError> {
        let own_key = decrypt(&self.key(&sealed.key_id)?.aead, reference, &sealed.key)?;
        let text = decrypt(&aead(&own_key)?, reference, &sealed.text)?;
        String::from_utf8(text)
            .map(SecretString::from)
            .map_err(|_| EncryptionError::Refused)
    }

    /// Wraps a text's key (`wrapped`, under data key `key_id`) again under the current data key.
    ///
    /// # Errors
    /// [`EncryptionError::UnknownKey`] or [`EncryptionError::Refused`].
    pub fn rewrap(&self, reference: &str, key_id: &str, wrapped: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        let own_key = decrypt(&self.key(key_id)?.aead, reference, wrapped)?;
        let mut nonce = [0; NONCE_LEN];
        self.fill(&mut nonce)?;
        encrypt(&self.0.current.aead, &nonce, reference, &own_key)
    }

    /// Keyed hashes of a fact, by which records that share it are found without holding it: under the current data key,
    /// then under each previous one. [`HASH_BYTES`] long each.
    #[must_use]
    pub fn keyed_hashes(&self, fact: &str) -> Vec<Vec<u8>> {
        std::iter::once(&self.0.current)
            .chain(&self.0.previous)
            .map(|key| hmac::sign(&key.hashing, fact.as_bytes()).as_ref()[..HASH_BYTES].to_vec())
            .collect()
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), EncryptionError> {
        self.0
            .random
            .fill(bytes)
            .map_err(|_| EncryptionError::NoRandomness)
    }

    fn key(&self, id: &str) -> Result<&DataKey, EncryptionError> {
        std::iter::once(&self.0.current)
            .chain(&self.0.previous)
            .find(|key| key.id == id)
            .ok_or_else(|| EncryptionError::UnknownKey {
                key_id: id.to_owned(),
            })
    }
}

/// The public name of a key: the first 8 bytes of a domain-separated SHA-256, in hexadecimal.
fn fingerprint(key: &[u8]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"switchboard data key\0");
    context.update(key);
    hex::encode(&context.finish().as_ref()[..8])
}

fn aead(key: &[u8]) -> Result<LessSafeKey, EncryptionError> {
    // Fails only on another length than 32.
    UnboundKey::new(&AES_256_GCM, key)
        .map(LessSafeKey::new)
        .map_err(|_| EncryptionError::BadKey)
}

fn encrypt(
    key: &LessSafeKey,
    nonce: &[u8],
    reference: &str,
    plain: &[u8],
) -> Result<Vec<u8>, EncryptionError> {
    let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    out.extend_from_slice(nonce);
    out.extend_from_slice(plain);
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| EncryptionError::Refused)?;
    let tag = key
        .seal_in_place_separate_tag(nonce, Aad::from(reference), &mut out[NONCE_LEN..])
        .map_err(|_| EncryptionError::Refused)?;
    out.extend_from_slice(tag.as_ref());
    Ok(out)
}

fn decrypt(key: &LessSafeKey, reference: &str, sealed: &[u8]) -> Result<Vec<u8>, EncryptionError> {
    let (nonce, rest) = sealed
        .split_at_checked(NONCE_LEN)
        .ok_or(EncryptionError::Refused)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| EncryptionError::Refused)?;
    let mut buffer = rest.to_vec();
    let length = key
        .open_in_place(nonce, Aad::from(reference), &mut buffer)
        .map_err(|_| EncryptionError::Refused)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

/// Makes `dir` and its parents; a directory made here is for its owner only (0700).
///
/// # Errors
/// What the operating system said.
pub fn make_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes an empty file that only its owner can read (0600); one that is there stays as it is, and is not opened.
///
/// # Errors
/// What the operating system said.
pub fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Writes a file that only its owner can read (0600), whole or not at all: under another name first, then linked into
/// place, so that a second process never reads half a key.
fn write_private_file(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::hard_link(&draft, path)
    });
    // The draft is only ever this process's own.
    let _ = fs::remove_file(&draft);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SecretString {
        SecretString::from(BASE64.encode([byte; KEY_BYTES]))
    }

    #[test]
    fn a_text_opens_only_with_its_key_for_its_record_and_unaltered() {
        let sealer = Sealer::new(&key(1), &[]).unwrap();
        let sealed = sealer.seal("C-1", "I took twelve").unwrap();
        assert!(!sealed.text.windows(6).any(|window| window == b"twelve"));
        assert_eq!(
            sealer.open("C-1", &sealed).unwrap().expose_secret(),
            "I took twelve"
        );
        assert!(matches!(
            sealer.open("C-2", &sealed),
            Err(EncryptionError::Refused)
        ));
        for at in 0..sealed.text.len() {
            let mut altered = sealed.clone();
            altered.text[at] ^= 1;
            assert!(matches!(
                sealer.open("C-1", &altered),
                Err(EncryptionError::Refused)
            ));
        }
        let other = Sealer::new(&key(2), &[]).unwrap();
        assert!(matches!(
            other.open("C-1", &sealed),
            Err(EncryptionError::UnknownKey { .. })
        ));
        let again = sealer.seal("C-1", "I took twelve").unwrap();
        assert!(again.text != sealed.text && again.key != sealed.key);
    }

    #[test]
    fn rotation_moves_the_wrapped_key_and_keeps_the_text() {
        let mut sealed = Sealer::new(&key(1), &[]).unwrap().seal("C-1", "text").unwrap();
        let rotated = Sealer::new(&key(2), &[key(1)]).unwrap();
        assert_eq!(rotated.open("C-1", &sealed).unwrap().expose_secret(), "text");
        sealed.key = rotated.rewrap("C-1", &sealed.key_id, &sealed.key).unwrap();
        sealed.key_id = rotated.key_id().to_owned();
        let alone = Sealer::new(&key(2), &[]).unwrap();
        assert_eq!(alone.open("C-1", &sealed).unwrap().expose_secret(), "text");
    }

    #[test]
    fn a_keyed_hash_tells_facts_and_keys_apart_and_survives_a_rotation() {
        let old = Sealer::new(&key(1), &[]).unwrap();
        let rotated = Sealer::new(&key(2), &[key(1)]).unwrap();
        let one = |sealer: &Sealer, fact| sealer.keyed_hashes(fact)[0].clone();
        assert_eq!(one(&old, "C-1"), one(&old, "C-1"));
        assert_ne!(one(&old, "C-1"), one(&old, "C-2"));
        assert_ne!(one(&old, "C-1"), one(&rotated, "C-1"));
        assert_eq!(rotated.keyed_hashes("C-1")[1], one(&old, "C-1"));
        assert_eq!(one(&old, "C-1").len(), HASH_BYTES);
    }

    #[test]
    fn a_kept_key_is_private_and_the_same_again() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let first = Sealer::kept_in(&data, &[]).unwrap();
        let again = Sealer::kept_in(&data, &[]).unwrap();
        assert_eq!(first.key_id(), again.key_id());
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&data), mode(&data.join(KEY_FILE))), (0o700, 0o600));
        }
        fs::write(data.join(KEY_FILE), "short").unwrap();
        assert!(matches!(
            Sealer::kept_in(&data, &[]),
            Err(EncryptionError::BadKey)
        ));
    }
}
