//! Who calls: a known API key, or else an address.
//!
//! Keys are compared by the SHA-256 of the whole secret, in constant time, so two keys that share their first characters are two
//! clients and a guess learns nothing from the time it takes. An unknown key never names a client: a caller who invents a new
//! one for each request stays in the bucket of its address, and gets 429 when it tries too many. A key that is known always gets in:
//! behind one shared address, somebody's wrong key must not keep somebody else's safety report out.
//!
//! The list of keys can be replaced while requests run; `keys_file.rs` does that. Expiry is by the service's clock.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use ring::digest;
use secrecy::SecretString;
use subtle::ConstantTimeEq;

use super::buckets::Buckets;
use super::key::{Key, Permission};
use super::keys_file::KeysFile;
use super::operator_key;
use super::rate::Rate;
use crate::clock::Clock;
use crate::config::{AuthConfig, AuthMode, Config, InvalidSetting, KeyConfig, Role};

/// Who sent a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    /// The client's identity, by which it is limited.
    pub id: ClientId,
    /// Its key, where it brought a known one.
    pub key: Option<Arc<Key>>,
}

/// What identifies a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClientId {
    /// The `id` of a known key.
    Key(Arc<str>),
    /// An address; of IPv6 only the /64, which is what one subscriber gets (RFC 6177).
    Address(IpAddr),
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(id) => f.write_str(id),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// Why a caller may not call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A key is asked for and none was brought.
    #[error("an API key is required")]
    NoKey,
    /// The key that was brought is not known.
    #[error("the API key is not known")]
    UnknownKey,
    /// The key that was brought has expired.
    #[error("the API key has expired")]
    ExpiredKey,
    /// The key is known, but not for this.
    #[error("the API key's role does not allow this")]
    WrongRole,
    /// This address tried too many keys that are not known.
    #[error("too many wrong API keys from this address")]
    TooManyFailures {
        /// When it may try again.
        retry_after: Duration,
    },
}

impl Refused {
    /// Stable name, for metrics and logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::UnknownKey => "unknown_key",
            Self::ExpiredKey => "expired_key",
            Self::WrongRole => "wrong_role",
            Self::TooManyFailures { .. } => "too_many_failures",
        }
    }
}

/// Addresses whose failures are counted one by one; a flood of more shares one bucket (some 100 bytes each).
const MAX_FAILING_ADDRESSES: usize = 10_000;

/// The callers that are known.
#[derive(Debug)]
pub struct Callers {
    required: bool,
    /// Those of the configuration, which a new keys file leaves alone.
    configured: Vec<Arc<Key>>,
    known: RwLock<Arc<[Arc<Key>]>>,
    failures: Buckets<IpAddr>,
    clock: Clock,
}

impl Callers {
    /// From a validated section, the keys of the configuration and those of the keys file.
    #[must_use]
    pub fn new(config: &AuthConfig, configured: &[KeyConfig], from_file: &[KeyConfig], clock: Clock) -> Self {
        let failures = Rate::per_minute(config.failures_per_minute, config.failures_per_minute);
        let callers = Self {
            required: config.mode == Some(AuthMode::Keys),
            configured: configured.iter().map(|key| Arc::new(Key::new(key))).collect(),
            known: RwLock::new(Arc::new([])),
            failures: Buckets::new(failures, MAX_FAILING_ADDRESSES, clock.clone()),
            clock,
        };
        callers.replace_file_keys(from_file);
        callers
    }

    /// Everybody who may call, by a validated configuration and its keys file. Where no operator is among them and only this machine can
    /// call, with a new operator key, valid until the process ends.
    ///
    /// # Errors
    /// [`InvalidSetting`] where that key cannot be made.
    pub fn configured(
        config: &Config,
        file: &KeysFile,
        clock: Clock,
    ) -> Result<(Self, Option<SecretString>), InvalidSetting> {
        let mut configured = config.auth.known(&config.operator);
        let operators = |keys: &[KeyConfig]| keys.iter().any(|key| key.role == Some(Role::Operator));
        let made = match operators(&configured) || operators(&file.keys) || !config.server.host.is_loopback()
        {
            true => None,
            false => {
                let (key, entry) = operator_key::make(&configured)?;
                configured.push(entry);
                Some(key)
            }
        };
        Ok((Self::new(&config.auth, &configured, &file.keys, clock), made))
    }

    /// From now on, these checked keys are known besides those of the configuration.
    pub fn replace_file_keys(&self, from_file: &[KeyConfig]) {
        let more = from_file.iter().map(|key| Arc::new(Key::new(key)));
        let all: Arc<[Arc<Key>]> = self.configured.iter().cloned().chain(more).collect();
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = all;
    }

    /// Whether anybody could get into the operator API.
    #[must_use]
    pub fn has_operators(&self) -> bool {
        self.known()
            .iter()
            .any(|key| Permission::Read.is_given_to(key.role))
    }

    /// The client behind a message that came from `address` with `secret` as its key. Where keys are not required, a caller without
    /// a known one is its address.
    ///
    /// # Errors
    /// [`Refused`] when keys are required and the caller has none that may send.
    pub fn sender(&self, secret: Option<&[u8]>, address: IpAddr) -> Result<Client, Refused> {
        if self.required {
            return self.require(Permission::Send, secret, address);
        }
        let key = secret
            .and_then(|secret| self.find(secret))
            .filter(|key| !self.is_over(key));
        Ok(match key {
            Some(key) => Client::with(key),
            None => Client {
                id: ClientId::Address(subscriber(address)),
                key: None,
            },
        })
    }

    /// The client with the key `secret`, if that key may do this.
    ///
    /// # Errors
    /// [`Refused`] when it may not, or is not known.
    pub fn require(
        &self,
        wanted: Permission,
        secret: Option<&[u8]>,
        address: IpAddr,
    ) -> Result<Client, Refused> {
        let secret = secret.ok_or(Refused::NoKey)?;
        match self.find(secret) {
            None => Err(self.failed(address, Refused::UnknownKey)),
            Some(key) if self.is_over(&key) => Err(self.failed(address, Refused::ExpiredKey)),
            Some(key) if !wanted.is_given_to(key.role) => Err(Refused::WrongRole),
            Some(key) => Ok(Client::with(key)),
        }
    }

    /// The id of the key with this secret, expired or not.
    #[must_use]
    pub fn id_of(&self, secret: &[u8]) -> Option<Arc<str>> {
        self.find(secret).map(|key| key.id.clone())
    }

    /// Counts a failure of this address: over its limit it hears no more than that.
    fn failed(&self, address: IpAddr, refused: Refused) -> Refused {
        let allowance = self.failures.take(&subscriber(address));
        if allowance.admitted {
            refused
        } else {
            Refused::TooManyFailures {
                retry_after: allowance.reset,
            }
        }
    }

    fn known(&self) -> Arc<[Arc<Key>]> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_over(&self, key: &Key) -> bool {
        key.expires.is_some_and(|at| self.clock.now() >= at)
    }

    /// The key whose hash is that of `secret`. Looks at every key, so that the time says nothing.
    fn find(&self, secret: &[u8]) -> Option<Arc<Key>> {
        let known = self.known();
        if known.is_empty() {
            return None;
        }
        let hash = digest::digest(&digest::SHA256, secret);
        let mut found = None;
        for key in known.iter() {
            if bool::from(key.hash[..].ct_eq(hash.as_ref())) {
                found = Some(key);
            }
        }
        found.cloned()
    }
}

impl Client {
    fn with(key: Arc<Key>) -> Self {
        Self {
            id: ClientId::Key(key.id.clone()),
            key: Some(key),
        }
    }
}

/// The part of an address that one subscriber holds.
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::config::Role;
    use jiff::Timestamp;

    const START: Timestamp = Timestamp::UNIX_EPOCH;
    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn key(id: &str, secret: &str, role: Role) -> KeyConfig {
        let hash = digest::digest(&digest::SHA256, secret.as_bytes());
        KeyConfig {
            role: Some(role),
            ..KeyConfig::new(id, hex::encode(hash))
        }
    }

    fn callers(mode: Option<AuthMode>) -> (Callers, ManualClock) {
        let config = AuthConfig {
            mode,
            failures_per_minute: 3,
            ..AuthConfig::default()
        };
        let keys = [
            key("widget", "sk-proj-aaaa", Role::Client),
            key("ivr", "sk-proj-bbbb", Role::Client),
            key("ann", "ann", Role::Operator),
            key("eve", "eve", Role::Auditor),
            KeyConfig {
                expires: Some(START + Duration::from_secs(60)),
                ..key("guest", "guest", Role::Client)
            },
        ];
        let (clock, hand) = Clock::manual(START);
        (Callers::new(&config, &keys, &[], clock), hand)
    }

    #[test]
    fn keys_that_share_their_first_characters_are_two_clients() {
        let (callers, _hand) = callers(None);
        let id = |secret: &str| {
            let client = callers.sender(Some(secret.as_bytes()), HOME).unwrap();
            client.id.to_string()
        };
        assert_eq!(id("sk-proj-aaaa"), "widget");
        assert_eq!(id("sk-proj-bbbb"), "ivr");
        assert_eq!(
            id("sk-proj-cccc"),
            "192.0.2.1",
            "an invented key stays with its address"
        );
    }

    #[test]
    fn a_key_is_asked_for_only_when_configured() {
        let (required, _hand) = callers(Some(AuthMode::Keys));
        assert_eq!(required.sender(None, HOME), Err(Refused::NoKey));
        assert_eq!(required.sender(Some(b"x"), HOME), Err(Refused::UnknownKey));
        assert!(callers(Some(AuthMode::Off)).0.sender(Some(b"x"), HOME).is_ok());
    }

    #[test]
    fn a_role_may_do_what_it_is_for() {
        use Permission::{Change, Read, Send};
        let (callers, _hand) = callers(Some(AuthMode::Keys));
        let may = |secret: &str| {
            [Send, Read, Change].map(|wanted| callers.require(wanted, Some(secret.as_bytes()), HOME).is_ok())
        };
        assert_eq!(may("sk-proj-aaaa"), [true, false, false]);
        assert_eq!(may("ann"), [false, true, true]);
        assert_eq!(may("eve"), [false, true, false]);
        assert_eq!(
            callers.require(Change, Some(b"eve"), HOME),
            Err(Refused::WrongRole)
        );
    }

    #[test]
    fn a_key_is_refused_from_its_expiry_on() {
        let (callers, hand) = callers(Some(AuthMode::Keys));
        hand.advance(Duration::from_secs(59));
        assert!(callers.sender(Some(b"guest"), HOME).is_ok());
        hand.advance(Duration::from_secs(1));
        assert_eq!(callers.sender(Some(b"guest"), HOME), Err(Refused::ExpiredKey));
    }

    #[test]
    fn where_no_key_is_asked_for_an_expired_one_names_nobody() {
        let (callers, hand) = callers(Some(AuthMode::Off));
        let sender = || callers.sender(Some(b"guest"), HOME).unwrap().id.to_string();
        assert_eq!(sender(), "guest");
        hand.advance(Duration::from_secs(60));
        assert_eq!(sender(), "192.0.2.1");
    }

    #[test]
    fn wrong_keys_are_limited_per_address_and_right_ones_are_not() {
        let (callers, hand) = callers(Some(AuthMode::Keys));
        for _ in 0..3 {
            assert_eq!(callers.sender(Some(b"x"), HOME), Err(Refused::UnknownKey));
        }
        let retry_after = Duration::from_secs(20);
        assert_eq!(
            callers.sender(Some(b"x"), HOME),
            Err(Refused::TooManyFailures { retry_after })
        );
        assert!(callers.sender(Some(b"sk-proj-aaaa"), HOME).is_ok());
        let elsewhere = "192.0.2.2".parse().unwrap();
        assert_eq!(callers.sender(Some(b"x"), elsewhere), Err(Refused::UnknownKey));
        hand.advance(retry_after);
        assert_eq!(callers.sender(Some(b"x"), HOME), Err(Refused::UnknownKey));
    }

    #[test]
    fn a_flood_of_failing_addresses_is_bounded_in_memory() {
        let (callers, _hand) = callers(Some(AuthMode::Keys));
        for n in 0..100_000 {
            let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(n));
            assert!(callers.sender(Some(b"x"), address).is_err());
        }
        assert!(callers.failures.len() < MAX_FAILING_ADDRESSES + 1_000);
    }

    #[test]
    fn new_file_keys_replace_the_old_and_leave_the_configured() {
        let (callers, _hand) = callers(Some(AuthMode::Keys));
        callers.replace_file_keys(&[key("a", "first", Role::Client)]);
        assert!(callers.sender(Some(b"first"), HOME).is_ok());
        callers.replace_file_keys(&[key("a", "second", Role::Client)]);
        assert!(callers.sender(Some(b"first"), HOME).is_err());
        assert!(callers.sender(Some(b"second"), HOME).is_ok());
        assert!(callers.sender(Some(b"sk-proj-aaaa"), HOME).is_ok());
    }

    #[test]
    fn an_ipv6_client_is_its_64_and_a_mapped_ipv4_is_that_ipv4() {
        let (callers, _hand) = callers(None);
        let of = |text: &str| callers.sender(None, text.parse().unwrap()).unwrap().id;
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
