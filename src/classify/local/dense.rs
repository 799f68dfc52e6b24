//! The dense part of a model file: word pieces, their vectors as int8, and the convolution over them.

use std::ops::Range;

use super::convolution::{Convolution, FIELD, FILTERS, Inputs, POOLED};
use super::format::{ModelError, ModelFile};
use super::linear::OUTPUTS;
use super::reading::Reading;
use super::words::{DIMENSIONS, Pieces};

/// Sorted hashes of the word pieces.
pub(crate) const PIECES: &str = "pieces";
/// Their vectors, as int8.
pub(crate) const VECTORS: &str = "vectors";
/// Filters, their bias and the output weights, as f32.
pub(crate) const CONVOLUTION: &str = "convolution";

/// The networks of a model; what they say is added up.
pub(crate) struct Dense {
    pieces: Pieces,
    members: Vec<Member>,
}

struct Member {
    vectors: Range<usize>,
    scales: [f32; DIMENSIONS],
    convolution: Convolution,
}

/// The name of a section of one member: `vectors`, `vectors.1`, `vectors.2` and so on.
pub(crate) fn section_of(member: usize, section: &str) -> String {
    if member == 0 {
        section.to_owned()
    } else {
        format!("{section}.{member}")
    }
}

/// Word vectors to start training from.
#[derive(Debug, Clone)]
pub struct WordTable {
    pub(crate) pieces: Pieces,
    /// By piece, then by dimension.
    pub(crate) vectors: Vec<f32>,
}

impl WordTable {
    /// The word vectors of the model built into the program.
    ///
    /// # Errors
    /// [`ModelError`] when that has none.
    pub fn embedded() -> Result<Self, ModelError> {
        Self::parse(super::EMBEDDED.to_vec())
    }

    /// The word vectors of a model file, or of a file that holds nothing else.
    ///
    /// # Errors
    /// [`ModelError`], which names what is wrong with it.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let file = ModelFile::parse(bytes.into())?;
        let pieces = pieces(&file)?.ok_or(ModelError::Content("it has no word vectors"))?;
        let (vectors, scales) =
            vectors(&file, &pieces, 0)?.ok_or(ModelError::Content("it has no word vectors"))?;
        let bytes = &file.bytes()[vectors];
        let vectors = bytes
            .iter()
            .zip(scales.iter().cycle())
            .map(|(byte, scale)| f32::from(*byte as i8) * scale);
        Ok(Self {
            pieces,
            vectors: vectors.collect(),
        })
    }
}

fn pieces(file: &ModelFile) -> Result<Option<Pieces>, ModelError> {
    file.section(PIECES)
        .map(|section| Pieces::parse(&file.bytes()[section]))
        .transpose()
}

type Vectors = (Range<usize>, [f32; DIMENSIONS]);

/// The word vectors of a member and what a step of each dimension is worth.
fn vectors(file: &ModelFile, pieces: &Pieces, member: usize) -> Result<Option<Vectors>, ModelError> {
    let Some(vectors) = file.section(&section_of(member, VECTORS)) else {
        return Ok(None);
    };
    let scales = file
        .header
        .vector_scales
        .get(member * DIMENSIONS..(member + 1) * DIMENSIONS);
    let scales: [f32; DIMENSIONS] = scales
        .and_then(|scales| scales.try_into().ok())
        .ok_or(VECTOR_SHAPE)?;
    if vectors.len() != pieces.len() * DIMENSIONS || !scales.iter().all(|scale| scale.is_finite()) {
        return Err(VECTOR_SHAPE);
    }
    Ok(Some((vectors, scales)))
}

const VECTOR_SHAPE: ModelError = ModelError::Content("its word vectors do not fit its word pieces");

impl Dense {
    /// `None` when the file has no network: a linear model.
    pub(crate) fn new(file: &ModelFile) -> Result<Option<Self>, ModelError> {
        let Some(pieces) = pieces(file)? else {
            return Ok(None);
        };
        let mut members = Vec::new();
        while let Some((vectors, scales)) = vectors(file, &pieces, members.len())? {
            let section = file.section(&section_of(members.len(), CONVOLUTION));
            let section = section.ok_or(ModelError::Content("it has word vectors without a convolution"))?;
            let convolution = convolution(&file.bytes()[section])?;
            members.push(Member {
                vectors,
                scales,
                convolution,
            });
        }
        Ok(Some(Self { pieces, members }))
    }

    pub(crate) fn add_logits(&self, file: &ModelFile, reading: &Reading, logits: &mut [f32; OUTPUTS]) {
        for member in &self.members {
            let vectors = &file.bytes()[member.vectors.clone()];
            let inputs = Inputs::new(reading, &self.pieces, |piece, values, share| {
                let vector = &vectors[piece * DIMENSIONS..(piece + 1) * DIMENSIONS];
                for ((value, byte), scale) in values.iter_mut().zip(vector).zip(&member.scales) {
                    *value += f32::from(*byte as i8) * scale * share;
                }
            });
            let more = member
                .convolution
                .outputs(&member.convolution.pool(&inputs).values);
            logits
                .iter_mut()
                .zip(more)
                .for_each(|(logit, more)| *logit += more);
        }
    }
}

fn convolution(bytes: &[u8]) -> Result<Convolution, ModelError> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    let numbers: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let [filters, bias, head] = [FIELD * FILTERS, FILTERS, OUTPUTS * POOLED];
    if !rest.is_empty() || numbers.len() != filters + bias + head || !numbers.iter().all(|n| n.is_finite()) {
        return Err(ModelError::Content(
            "its convolution does not have the expected size",
        ));
    }
    Ok(Convolution {
        filters: numbers[..filters].to_vec(),
        bias: numbers[filters..filters + bias].to_vec(),
        head: numbers[filters + bias..].to_vec(),
    })
}
