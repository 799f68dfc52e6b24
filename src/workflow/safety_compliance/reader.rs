//! Everything by which the safety workflow reads a report, compiled once, behind one prefilter.

use std::sync::LazyLock;

use super::facts::Facts;
use super::people::People;
use super::severity::SeverityRules;
use super::terms::Terms;
use crate::workflow::patterns::{PatternSet, Prefilter, Scan};

/// The expressions, and what says which of them are worth running on a text.
#[derive(Debug)]
pub(in crate::workflow) struct Reader {
    pub(super) prefilter: Prefilter,
    pub(super) terms: Terms,
    pub(super) people: People,
    pub(super) facts: Facts,
    pub(super) severity: SeverityRules,
}

impl Reader {
    /// The built-in one, compiled at its first use.
    pub(in crate::workflow) fn built_in() -> &'static Self {
        static READER: LazyLock<Reader> = LazyLock::new(Reader::compile);
        &READER
    }

    fn compile() -> Self {
        let mut patterns = PatternSet::default();
        Self {
            terms: Terms::built_in(&mut patterns),
            people: People::new(&mut patterns),
            facts: Facts::new(&mut patterns),
            severity: SeverityRules::new(&mut patterns),
            prefilter: patterns.prefilter(),
        }
    }

    /// A scan of `part`, which is what is left of a scanned text; mostly all of it.
    pub(super) fn rescan<'t>(&self, scan: &Scan<'t>, part: &'t str) -> Scan<'t> {
        match part.len() == scan.text().len() && part.as_ptr() == scan.text().as_ptr() {
            true => scan.clone(),
            false => self.prefilter.scan(part),
        }
    }
}
