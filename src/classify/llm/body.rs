//! Request bodies: all that is constant is serialised once and shared, a request writes only what stands around its message.
//!
//! A body is three parts, sent one after the other: the constant text before the message (the system prompt, some kilobytes), what a
//! request fills in, and the constant text after it (the verdict's schema). The filled part's exact length is computed first, so a
//! request costs one allocation of the size of its message.

use bytes::buf::Chain;
use bytes::{Buf as _, Bytes};

use super::prompt::{MESSAGE_MARK, NONCE_MARK};

/// A JSON body with places for message and nonce.
#[derive(Debug)]
pub(super) struct BodyTemplate {
    before: Bytes,
    pieces: Vec<Piece>,
    after: Bytes,
    constant_bytes: usize,
    nonces: usize,
}

#[derive(Debug)]
enum Piece {
    Constant(Box<str>),
    Message,
    Nonce,
}

/// The body of one request. Cheap to clone: its parts are shared.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct RequestBody {
    before: Bytes,
    filled: Bytes,
    after: Bytes,
}

/// The parts of a body, as they go on the wire.
pub(super) type Parts = Chain<Chain<Bytes, Bytes>, Bytes>;

impl RequestBody {
    /// The parts one after the other, not copied.
    pub(super) fn into_parts(self) -> Parts {
        self.before.chain(self.filled).chain(self.after)
    }

    /// All of it in one piece.
    pub(super) fn to_bytes(&self) -> Bytes {
        [&*self.before, &self.filled, &self.after].concat().into()
    }
}

impl BodyTemplate {
    /// Splits serialised JSON at the markers, which must stand inside a JSON string.
    pub(super) fn new(json: &str) -> Self {
        let mut pieces = Vec::new();
        let mut before = None;
        let mut rest = json;
        while let Some(at) = rest.find('\u{F8F0}') {
            let (constant, from) = rest.split_at(at);
            let (piece, mark) = if from.starts_with(MESSAGE_MARK) {
                (Piece::Message, MESSAGE_MARK)
            } else {
                (Piece::Nonce, NONCE_MARK)
            };
            match before {
                None => before = Some(constant),
                Some(_) => pieces.push(Piece::Constant(constant.into())),
            }
            pieces.push(piece);
            rest = from.get(mark.len()..).unwrap_or("");
        }
        let constant = |piece: &Piece| match piece {
            Piece::Constant(text) => text.len(),
            _ => 0,
        };
        Self {
            before: Bytes::copy_from_slice(before.unwrap_or_default().as_bytes()),
            after: Bytes::copy_from_slice(rest.as_bytes()),
            constant_bytes: pieces.iter().map(constant).sum(),
            nonces: pieces
                .iter()
                .filter(|piece| matches!(piece, Piece::Nonce))
                .count(),
            pieces,
        }
    }

    /// The body for one message.
    pub(super) fn fill(&self, text: &str, nonce: &str) -> RequestBody {
        let capacity = self.constant_bytes + self.nonces * nonce.len() + escaped_len(text);
        let mut filled = Vec::with_capacity(capacity);
        for piece in &self.pieces {
            match piece {
                Piece::Constant(constant) => filled.extend_from_slice(constant.as_bytes()),
                Piece::Nonce => filled.extend_from_slice(nonce.as_bytes()),
                Piece::Message => escape_into(&mut filled, text),
            }
        }
        debug_assert_eq!(filled.len(), capacity, "one allocation, exactly filled");
        RequestBody {
            before: self.before.clone(),
            filled: filled.into(),
            after: self.after.clone(),
        }
    }
}

/// What a byte becomes inside a JSON string: its extra bytes, 0 for most. Bytes above 0x7f are parts of UTF-8 and pass.
const fn extra(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..=0x1f => 5,
        _ => 0,
    }
}

fn escaped_len(text: &str) -> usize {
    text.len() + text.bytes().map(extra).sum::<usize>()
}

/// Appends `text` as the inside of a JSON string (RFC 8259, section 7). serde_json can only write whole strings.
fn escape_into(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if extra(*byte) == 0 {
            continue;
        }
        out.extend_from_slice(&bytes[plain_from..at]);
        plain_from = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control => {
                let (high, low) = (HEX[usize::from(control >> 4)], HEX[usize::from(control & 15)]);
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain_from..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    proptest! {
        /// Any text at all comes out of a JSON parser as it went in, and changes nothing beside it.
        #[test]
        fn any_text_survives(text in any::<String>(), nonce in "[0-9a-f]{16}") {
            let user = format!("<{NONCE_MARK}>{MESSAGE_MARK}</{NONCE_MARK}>");
            let template = BodyTemplate::new(&json!({ "a": "x\"", "user": user, "z": [1] }).to_string());
            let body: Value = serde_json::from_slice(&template.fill(&text, &nonce).to_bytes()).unwrap();
            let expected = json!({ "a": "x\"", "user": format!("<{nonce}>{text}</{nonce}>"), "z": [1] });
            prop_assert_eq!(body, expected);
        }
    }
}
