//! The dense part of a model file: word pieces, their vectors as int8, and the convolution over them.

use std::ops::Range;

use super::convolution::{Convolution, POOLED};
use super::format::{ModelError, ModelFile};
use super::heads::OUTPUTS;
use super::reading::{Kind, Reading, Token};
use super::stream::{Filters, Stream, Word, Words};
use super::words::{DIMENSIONS, MAX_PIECES, Pieces};

/// Sorted hashes of the word pieces.
pub(crate) const PIECES: &str = "pieces";
/// Their vectors, as int8.
pub(crate) const VECTORS: &str = "vectors";
/// Filters, their bias and the output weights, as f32.
pub(crate) const CONVOLUTION: &str = "convolution";
/// Numbers of the word pieces that messages are mostly made of, as u16, most frequent first.
pub(crate) const COMMON: &str = "common";
/// Most common pieces that are kept as the filters see them: 448 bytes each, 1.75 MiB for all.
pub(crate) const MOST_COMMON: usize = 4096;

/// The networks of a model; what they say is added up.
pub(crate) struct Dense {
    pieces: Pieces,
    /// By piece, its number among the common ones, or `u16::MAX`.
    slots: Vec<u16>,
    members: Vec<Member>,
}

/// Words that are looked up together before the filters see them: many reads of memory under way at once.
const BLOCK: usize = 8;

/// What a word is made of.
#[derive(Clone, Copy)]
struct Spelling {
    pieces: [u32; MAX_PIECES],
    count: u8,
    negated: bool,
    /// Whether it is the first word of a clause.
    opens: bool,
}

struct Member {
    vectors: Range<usize>,
    scales: [f32; DIMENSIONS],
    convolution: Convolution,
    filters: Filters,
    /// What a negated word and the first word of a clause add.
    negated: Word,
    opening: Word,
    /// The common pieces, computed once: a message of theirs costs additions only.
    kept: Vec<Word>,
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
        let common = common(file, &pieces)?;
        let mut slots = vec![u16::MAX; pieces.len()];
        for (slot, piece) in (0..).zip(&common) {
            slots[*piece] = slot;
        }
        let mut members = Vec::new();
        while let Some((vectors, scales)) = vectors(file, &pieces, members.len())? {
            let section = file.section(&section_of(members.len(), CONVOLUTION));
            let section = section.ok_or(ModelError::Content("it has word vectors without a convolution"))?;
            let convolution = convolution(&file.bytes()[section])?;
            let largest = scales.map(|scale| (scale * f32::from(i8::MIN)).abs());
            let filters = Filters::new(&convolution, &largest);
            let mut member = Member {
                vectors,
                scales,
                negated: filters.mark(&convolution, DIMENSIONS),
                opening: filters.mark(&convolution, DIMENSIONS + 1),
                filters,
                convolution,
                kept: Vec::new(),
            };
            member.kept = common.iter().map(|piece| member.word(file, *piece)).collect();
            members.push(member);
        }
        Ok(Some(Self {
            pieces,
            slots,
            members,
        }))
    }

    /// Adds what the networks say of a reading.
    pub(crate) fn add_logits(&self, file: &ModelFile, reading: &Reading, logits: &mut [f32; OUTPUTS]) {
        add_logits(self, file, &self.spell(reading), logits);
    }

    /// The words of a reading, each as its pieces.
    fn spell(&self, reading: &Reading) -> Vec<Spelling> {
        let mut clause = u32::MAX;
        let spell = |token: &Token| {
            let mut spelling = Spelling {
                pieces: [0; MAX_PIECES],
                count: 0,
                negated: token.negated && token.kind == Kind::Word,
                opens: token.clause != clause,
            };
            clause = token.clause;
            self.pieces.split(reading.word(token), |piece| {
                spelling.pieces[usize::from(spelling.count)] = piece as u32;
                spelling.count += 1;
            });
            spelling
        };
        reading.tokens.iter().map(spell).collect()
    }

    #[inline(always)]
    fn pool(
        &self,
        member: &Member,
        file: &ModelFile,
        words: &[Spelling],
        block: &mut [Word; BLOCK],
    ) -> [f32; POOLED] {
        let mut stream = Stream::new(&member.filters);
        for words in words.chunks(BLOCK) {
            for (word, spelling) in block.iter_mut().zip(words) {
                self.read(member, file, spelling, word);
            }
            for word in &block[..words.len()] {
                stream.push(word);
            }
        }
        stream.finish()
    }

    /// Writes what the filters see of a word.
    #[inline(always)]
    fn read(&self, member: &Member, file: &ModelFile, spelling: &Spelling, word: &mut Word) {
        let pieces = &spelling.pieces[..usize::from(spelling.count)];
        let kept = |piece: &u32| member.kept.get(usize::from(self.slots[*piece as usize]));
        match pieces {
            [piece] => match kept(piece) {
                Some(kept) => *word = *kept,
                None => *word = member.word(file, *piece as usize),
            },
            _ => {
                let mut words = Words::NONE;
                for piece in pieces {
                    match kept(piece) {
                        Some(kept) => words.add(kept),
                        None => words.add(&member.word(file, *piece as usize)),
                    }
                }
                *word = words.mean();
            }
        }
        if spelling.negated {
            word.mark(&member.negated);
        }
        if spelling.opens {
            word.mark(&member.opening);
        }
    }
}

/// Compiled for every machine, and again for those that add eight or sixteen numbers at a time; which this one is, is asked when it
/// runs. The order of the additions is written down, so all give the same figures. Everything it calls is inlined: a function of its
/// own would be compiled for every machine only.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_logits(dense: &Dense, file: &ModelFile, words: &[Spelling], logits: &mut [f32; OUTPUTS]) {
    let mut block = [Word::EMPTY; BLOCK];
    for member in &dense.members {
        let seen = member
            .convolution
            .seen(&dense.pool(member, file, words, &mut block));
        let more = member.convolution.outputs(&seen);
        logits
            .iter_mut()
            .zip(more)
            .for_each(|(logit, more)| *logit += more);
    }
}

impl Member {
    #[inline(always)]
    fn word(&self, file: &ModelFile, piece: usize) -> Word {
        let bytes = &file.bytes()[self.vectors.clone()][piece * DIMENSIONS..(piece + 1) * DIMENSIONS];
        let mut vector = [0.0; DIMENSIONS];
        for ((value, byte), scale) in vector.iter_mut().zip(bytes).zip(&self.scales) {
            *value = f32::from(*byte as i8) * scale;
        }
        self.filters.word(&self.convolution, &vector)
    }
}

/// Numbers of the common pieces; a model without that section has none.
fn common(file: &ModelFile, pieces: &Pieces) -> Result<Vec<usize>, ModelError> {
    let Some(section) = file.section(COMMON) else {
        return Ok(Vec::new());
    };
    let (numbers, rest) = file.bytes()[section].as_chunks::<2>();
    let numbers: Vec<usize> = numbers
        .iter()
        .map(|number| usize::from(u16::from_le_bytes(*number)))
        .collect();
    let fits = rest.is_empty()
        && numbers.len() <= MOST_COMMON
        && numbers.iter().all(|number| *number < pieces.len());
    fits.then_some(numbers).ok_or(ModelError::Content(
        "its common word pieces are not among its word pieces",
    ))
}

fn convolution(bytes: &[u8]) -> Result<Convolution, ModelError> {
    let (numbers, rest) = bytes.as_chunks::<4>();
    let mut numbers = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let mut convolution = Convolution::zeros();
    let expected: usize = convolution.arrays().iter().map(|array| array.len()).sum();
    if !rest.is_empty() || numbers.len() != expected || !numbers.clone().all(f32::is_finite) {
        return Err(ModelError::Content(
            "its convolution does not have the expected size",
        ));
    }
    for array in convolution.arrays_mut() {
        array
            .iter_mut()
            .zip(&mut numbers)
            .for_each(|(into, number)| *into = number);
    }
    Ok(convolution)
}
