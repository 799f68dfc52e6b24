//! Names a message without telling it: a keyed hash, so that a short message cannot be guessed by hashing guesses.

use std::fmt;

use ring::hmac;

/// Makes keyed hashes of texts. `Debug` prints nothing of the key.
pub struct MessageHasher(hmac::Key);

impl MessageHasher {
    /// A hasher with a key of its own; equal texts hash alike only under the same key.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// HMAC-SHA-256 of the text, as 64 lower case hexadecimal digits.
    #[must_use]
    pub fn hash(&self, text: &str) -> String {
        use std::fmt::Write as _;
        let tag = hmac::sign(&self.0, text.as_bytes());
        tag.as_ref()
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}

impl fmt::Debug for MessageHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageHasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_follow_rfc_4231_and_the_key() {
        // RFC 4231, test case 2.
        assert_eq!(
            MessageHasher::new(b"Jefe").hash("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_ne!(
            MessageHasher::new(b"a").hash("help"),
            MessageHasher::new(b"b").hash("help")
        );
        assert_eq!(format!("{:?}", MessageHasher::new(b"a")), "MessageHasher");
    }
}
