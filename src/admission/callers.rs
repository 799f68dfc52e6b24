//! Who calls: a known API key, or else an address.
//!
//! Keys are compared by the SHA-256 of the whole secret, in constant time, so two keys that share their first characters are two
//! clients and a guess learns nothing from the time it takes. An unknown key never names a client: a caller who invents a new
//! one for each request stays in the bucket of its address.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use ring::digest;
use subtle::ConstantTimeEq;

use crate::config::{AuthConfig, AuthMode};

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The client's identity, by which it is limited.
    pub id: ClientId,
}

/// What identifies a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClientId {
    /// The `id` of a configured key.
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
}

/// The callers that the configuration knows.
#[derive(Debug)]
pub struct Callers {
    required: bool,
    keys: Vec<(Arc<str>, [u8; digest::SHA256_OUTPUT_LEN])>,
}

impl Callers {
    /// From a validated section.
    ///
    /// # Panics
    /// When the section was not validated and a hash is not 64 hexadecimal digits.
    #[must_use]
    pub fn new(config: &AuthConfig) -> Self {
        let keys = config
            .keys
            .iter()
            .map(|key| (Arc::from(key.id.as_str()), sha256_of_hex(&key.sha256)))
            .collect();
        Self {
            required: config.mode == Some(AuthMode::Keys),
            keys,
        }
    }

    /// The client behind a request that came from `address` with `secret` as its key.
    ///
    /// # Errors
    /// [`Refused`] when keys are required and the caller has none that is known.
    pub fn identify(&self, secret: Option<&[u8]>, address: IpAddr) -> Result<Client, Refused> {
        if let Some(id) = secret
            .filter(|_| !self.keys.is_empty())
            .and_then(|secret| self.known(secret))
        {
            return Ok(Client {
                id: ClientId::Key(id),
            });
        }
        match (self.required, secret) {
            (false, _) => Ok(Client {
                id: ClientId::Address(subscriber(address)),
            }),
            (true, None) => Err(Refused::NoKey),
            (true, Some(_)) => Err(Refused::UnknownKey),
        }
    }

    /// The id of the key whose hash is that of `secret`. Looks at every key, so that the time says nothing.
    fn known(&self, secret: &[u8]) -> Option<Arc<str>> {
        let hash = digest::digest(&digest::SHA256, secret);
        let mut found = None;
        for (id, known) in &self.keys {
            if bool::from(known[..].ct_eq(hash.as_ref())) {
                found = Some(id.clone());
            }
        }
        found
    }
}

/// The configuration has checked that there are 64 digits.
fn sha256_of_hex(digits: &str) -> [u8; digest::SHA256_OUTPUT_LEN] {
    let mut bytes = [0; digest::SHA256_OUTPUT_LEN];
    hex::decode_to_slice(digits, &mut bytes).expect("validated: 64 hexadecimal digits");
    bytes
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
    use crate::config::KeyConfig;

    fn callers(mode: Option<AuthMode>) -> Callers {
        let key = |id: &str, secret: &str| {
            let hash = digest::digest(&digest::SHA256, secret.as_bytes());
            let sha256 = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            KeyConfig {
                id: id.into(),
                sha256,
            }
        };
        Callers::new(&AuthConfig {
            mode,
            keys: vec![key("widget", "sk-proj-aaaa"), key("ivr", "sk-proj-bbbb")],
        })
    }

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn keys_that_share_their_first_characters_are_two_clients() {
        let callers = callers(None);
        let id = |secret: &str| {
            callers
                .identify(Some(secret.as_bytes()), HOME)
                .unwrap()
                .id
                .to_string()
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
        assert_eq!(
            callers(Some(AuthMode::Keys)).identify(None, HOME),
            Err(Refused::NoKey)
        );
        assert_eq!(
            callers(Some(AuthMode::Keys)).identify(Some(b"x"), HOME),
            Err(Refused::UnknownKey)
        );
        assert!(callers(Some(AuthMode::Off)).identify(Some(b"x"), HOME).is_ok());
    }

    #[test]
    fn an_ipv6_client_is_its_64_and_a_mapped_ipv4_is_that_ipv4() {
        let of = |text: &str| callers(None).identify(None, text.parse().unwrap()).unwrap().id;
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }
}
