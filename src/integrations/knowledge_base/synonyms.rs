//! Words that customers use for the words our articles use, from a reviewed file.
//!
//! `same` lists groups of words that may stand for each other; `phrases` turns several words into the term our
//! articles use, before anything is looked up. `kinds` says what names are names of: `portugal` also looks for `country`, while
//! `country` does not look for every country. Groups are not joined: `rx` may mean `medicine` in one group and
//! `prescription` in another without making these two equal.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::terms::Terms;
use crate::config::toml_mistake;

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    same: Vec<Vec<String>>,
    #[serde(default)]
    phrases: BTreeMap<String, String>,
    /// What the names of the list are names of -> the names.
    #[serde(default)]
    kinds: BTreeMap<String, Vec<String>>,
}

/// Why a synonyms file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SynonymsError {
    /// Not TOML of the right shape.
    #[error("{0}")]
    Syntax(String),
    /// A group that says nothing.
    #[error("group {0:?} needs at least two different single words")]
    Group(Vec<String>),
    /// A kind, or a name of it, that is not one word.
    #[error("kind {0:?}: {1:?} has to be a single word")]
    Kind(String, String),
    /// A phrase that is none.
    #[error("phrase {0:?} needs at least one word, and a replacement")]
    Phrase(String),
}

/// The words of a phrase after its first, and what stands for all of them.
type Phrase = (Vec<String>, Vec<String>);

/// Synonyms by stem.
#[derive(Debug, Default)]
pub(super) struct Synonyms {
    by_stem: HashMap<String, Vec<String>>,
    /// First word of a phrase -> the rest; longest first.
    phrases: HashMap<String, Vec<Phrase>>,
}

impl Synonyms {
    /// Reads and checks a file.
    pub(super) fn parse(text: &str, terms: Terms) -> Result<Self, SynonymsError> {
        let file: File =
            toml::from_str(text).map_err(|error| SynonymsError::Syntax(toml_mistake(text, &error)))?;
        let mut synonyms = Self::default();
        for group in file.same {
            let mut stems = Vec::new();
            for word in &group {
                let words = Terms::words(word);
                if words.len() != 1 {
                    return Err(SynonymsError::Group(group));
                }
                stems.push(terms.stem(&words[0]));
            }
            stems.sort();
            stems.dedup();
            if stems.len() < 2 {
                return Err(SynonymsError::Group(group));
            }
            for stem in &stems {
                let others = synonyms.by_stem.entry(stem.clone()).or_default();
                others.extend(stems.iter().filter(|other| *other != stem).cloned());
                others.sort();
                others.dedup();
            }
        }
        for (kind, names) in file.kinds {
            let one = |text: &str| match Terms::words(text).as_slice() {
                [word] => Ok(terms.stem(word)),
                _ => Err(SynonymsError::Kind(kind.clone(), text.to_owned())),
            };
            let of = one(&kind)?;
            for name in &names {
                let name = one(name)?;
                let others = synonyms.by_stem.entry(name.clone()).or_default();
                if name != of && !others.contains(&of) {
                    others.push(of.clone());
                    others.sort();
                }
            }
        }
        for (phrase, replacement) in file.phrases {
            let mut words = Terms::words(&phrase);
            let replacement = Terms::words(&replacement);
            if words.is_empty() || replacement.is_empty() {
                return Err(SynonymsError::Phrase(phrase));
            }
            let first = words.remove(0);
            let entry = synonyms.phrases.entry(first).or_default();
            entry.push((words, replacement));
            entry.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        Ok(synonyms)
    }

    /// Other stems that may stand for `stem`.
    pub(super) fn of(&self, stem: &str) -> &[String] {
        self.by_stem.get(stem).map_or(&[], Vec::as_slice)
    }

    /// `words` with each known phrase replaced by its term.
    pub(super) fn replace_phrases(&self, mut words: Vec<String>) -> Vec<String> {
        let mut out = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let found = self
                .phrases
                .get(&words[at])
                .and_then(|phrases| phrases.iter().find(|(rest, _)| words[at + 1..].starts_with(rest)));
            if let Some((rest, replacement)) = found {
                out.extend(replacement.iter().cloned());
                at += 1 + rest.len();
            } else {
                out.push(std::mem::take(&mut words[at]));
                at += 1;
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_expand_and_phrases_are_replaced() {
        let synonyms = Synonyms::parse(
            "same = [[\"parcel\", \"package\"], [\"rx\", \"drug\"], [\"rx\", \"script\"]]\n[phrases]\n\"money back\" = \"refund\"\n\
             [kinds]\ncountry = [\"portugal\", \"spain\"]",
            Terms::new(),
        )
        .unwrap();
        assert_eq!(synonyms.of("parcel"), ["packag"]);
        assert_eq!(synonyms.of("rx"), ["drug", "script"]);
        assert_eq!(synonyms.of("drug"), ["rx"], "groups are not joined");
        assert_eq!(synonyms.of("portug"), ["countri"]);
        assert!(
            synonyms.of("countri").is_empty(),
            "a kind does not stand for its names"
        );
        let words = |text: &str| synonyms.replace_phrases(Terms::words(text));
        assert_eq!(
            words("my money back, money now"),
            ["my", "refund", "money", "now"]
        );
    }

    #[test]
    fn a_broken_file_says_what_is_wrong() {
        let error = |text: &str| Synonyms::parse(text, Terms::new()).unwrap_err();
        assert!(matches!(error("sam = []"), SynonymsError::Syntax(_)));
        assert!(matches!(
            error("same = [[\"order\", \"orders\"]]"),
            SynonymsError::Group(_)
        ));
        assert!(matches!(
            error("same = []\n[kinds]\ncountry = [\"new zealand\"]"),
            SynonymsError::Kind(_, _)
        ));
        assert!(matches!(
            error("same = []\n[phrases]\n\"x\" = \"\""),
            SynonymsError::Phrase(_)
        ));
    }
}
