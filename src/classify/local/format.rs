//! The model file: versioned, checksummed, and refused by the name of its fault.
//!
//! Layout, little-endian: magic `SWBLOCAL`, format version (u32), length of the header (u32), header (JSON), the
//! sections the header lists one after another (raw bytes), SHA-256 of everything before it. The embedded model is read
//! in place; nothing is copied but the header.

use std::borrow::Cow;
use std::ops::Range;

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::reading::READING_VERSION;

/// Sizes of the hashed space that a model may have: 2^n features.
pub(crate) const FEATURE_BITS: std::ops::RangeInclusive<u32> = 8..=22;
const MAGIC: &[u8; 8] = b"SWBLOCAL";
/// Version of the layout and of the arithmetic that reads it.
pub const FORMAT_VERSION: u32 = 2;
const FIXED: usize = MAGIC.len() + 8;
const DIGEST: usize = 32;

/// Why a model was refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The file could not be read.
    #[error("the model cannot be read")]
    Read(#[source] std::io::Error),
    /// Not a model of this program.
    #[error("not a switchboard model: it does not start with SWBLOCAL")]
    Foreign,
    /// A model of another version of this program.
    #[error("the model has format {found}, this program reads format {FORMAT_VERSION}: train it again")]
    Version {
        /// The version in the file.
        found: u32,
    },
    /// Trained with other rules of reading a message.
    #[error(
        "the model was trained with reading rules {found}, this program has {READING_VERSION}: train it again"
    )]
    Reading {
        /// The version in the file.
        found: u32,
    },
    /// Shorter than it says.
    #[error("the model is truncated: {found} bytes of {expected}")]
    Truncated {
        /// Bytes there are.
        found: usize,
        /// Bytes the header announces.
        expected: usize,
    },
    /// Longer than it says.
    #[error("the model has {0} bytes too many at its end")]
    Trailing(usize),
    /// The bytes are not those that were written.
    #[error("the model is damaged: its SHA-256 does not match")]
    Checksum,
    /// The checksum is right but the content makes no sense.
    #[error("the model's content is not valid: {0}")]
    Content(&'static str),
}

/// What a model file says of itself, besides its weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Header {
    /// For example `local-1.0.0`.
    pub(crate) name: String,
    /// [`READING_VERSION`] at training.
    pub(crate) reading: u32,
    /// The hashed space has 2^bits features.
    pub(crate) bits: u32,
    /// Added to every output.
    pub(crate) bias: Vec<f32>,
    /// What one step of an output's int8 weights is worth.
    pub(crate) scales: Vec<f32>,
    /// What one step of each dimension of the int8 word vectors is worth.
    #[serde(default)]
    pub(crate) vector_scales: Vec<f32>,
    /// What each head's logits are divided by, so that probabilities mean what they say.
    pub(crate) temperatures: [f32; 3],
    /// Name and length of each section.
    pub(crate) sections: Vec<(String, usize)>,
}

/// A checked model file.
pub(crate) struct ModelFile {
    pub(crate) header: Header,
    bytes: Cow<'static, [u8]>,
    sections: usize,
}

impl ModelFile {
    pub(crate) fn parse(bytes: Cow<'static, [u8]>) -> Result<Self, ModelError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ModelError::Foreign);
        }
        let number = |at: usize| -> Result<u32, ModelError> {
            let raw = bytes.get(at..at + 4).and_then(|raw| raw.try_into().ok());
            raw.map(u32::from_le_bytes).ok_or(ModelError::Truncated {
                found: bytes.len(),
                expected: FIXED + DIGEST,
            })
        };
        let version = number(8)?;
        if version != FORMAT_VERSION {
            return Err(ModelError::Version { found: version });
        }
        let sections = FIXED + number(12)? as usize;
        let truncated = |expected| ModelError::Truncated {
            found: bytes.len(),
            expected,
        };
        let header = bytes.get(FIXED..sections).ok_or(truncated(sections + DIGEST))?;
        let header: Header =
            serde_json::from_slice(header).map_err(|_| ModelError::Content("its header is not JSON"))?;
        let total = header
            .sections
            .iter()
            .fold(sections + DIGEST, |sum, (_, len)| sum.saturating_add(*len));
        if bytes.len() < total {
            return Err(truncated(total));
        }
        if bytes.len() > total {
            return Err(ModelError::Trailing(bytes.len() - total));
        }
        let (content, checksum) = bytes.split_at(total - DIGEST);
        if digest(&SHA256, content).as_ref() != checksum {
            return Err(ModelError::Checksum);
        }
        if header.reading != READING_VERSION {
            return Err(ModelError::Reading {
                found: header.reading,
            });
        }
        Ok(Self {
            header,
            bytes,
            sections,
        })
    }

    /// Where a section is in the file.
    pub(crate) fn section(&self, name: &str) -> Option<Range<usize>> {
        let mut at = self.sections;
        for (section, len) in &self.header.sections {
            if section == name {
                return Some(at..at + len);
            }
            at += len;
        }
        None
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The first eight hexadecimal digits of the checksum.
    pub(crate) fn short_hash(&self) -> String {
        self.bytes[self.bytes.len() - DIGEST..]
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// The bytes of a model file.
pub(crate) fn write(mut header: Header, sections: &[(&str, &[u8])]) -> Vec<u8> {
    header.sections = sections
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.len()))
        .collect();
    let json = serde_json::to_vec(&header).expect("a header of numbers and strings serialises");
    let mut file =
        Vec::with_capacity(FIXED + json.len() + sections.iter().map(|s| s.1.len()).sum::<usize>() + DIGEST);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    file.extend_from_slice(&(json.len() as u32).to_le_bytes());
    file.extend_from_slice(&json);
    for (_, bytes) in sections {
        file.extend_from_slice(bytes);
    }
    let checksum = digest(&SHA256, &file);
    file.extend_from_slice(checksum.as_ref());
    file
}
