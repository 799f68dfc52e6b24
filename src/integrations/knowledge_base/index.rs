//! The search index: BM25F over passages, in memory.
//!
//! **Why our own and not FTS5 or tantivy.** A question is answered in microseconds without leaving the thread or
//! holding a connection, and the index knows how much of the *question* a passage covers, by information content.
//! That coverage, unlike a raw BM25 score, is comparable between questions, so that "no article answers this" can be
//! calibrated. tantivy would be the choice above some 100,000 articles.
//!
//! **Ranking** (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.6):
//! per term, field frequencies are weighted and length-normalised, summed, saturated, and multiplied by the inverse
//! document frequency. A word of the question and its synonyms are one term with the frequency of the best of them. An article ranks
//! by its best passage and a share of what its other passages add; the passage shown is the one whose own words fit best.
//!
//! **Confidence** is a logistic of coverage and strength ([`Hit::confidence`]). Nothing here fails.

use std::borrow::Cow;
use std::collections::HashMap;

use super::article::Article;
use super::spelling::Spelling;
use super::synonyms::Synonyms;
use super::terms::{Term, Terms};

/// Saturation of the term frequency; the usual value of the literature (1.2 to 2).
const K1: f32 = 1.2;
/// Weight and length normalisation of each field: title, tags, questions, heading, body. Chosen on the labelled query set.
const FIELDS: [Field; 5] = [
    Field { weight: 3.0, b: 0.3 },
    Field { weight: 2.5, b: 0.3 },
    Field { weight: 1.8, b: 0.3 },
    Field { weight: 2.0, b: 0.3 },
    Field { weight: 1.0, b: 0.6 },
];
/// What a synonym's occurrence is worth beside the word itself.
const SYNONYM_WEIGHT: f32 = 0.75;
/// What a corrected word's occurrence is worth beside the word itself.
const CORRECTED_WEIGHT: f32 = 0.85;
/// Share of the article-wide score added to that of its best passage.
const ARTICLE_SHARE: f32 = 0.6;
/// What the passage before the first heading is worth more: it is the short answer, the others are special cases.
const OPENING_BONUS: f32 = 1.3;
/// What a word of the title is worth in telling the passages of the article apart.
const TITLED_SHARE: f32 = 0.3;
/// Most different terms of a question that are looked at; longer texts are not questions.
const MAX_TERMS: usize = 48;

/// The first of them say what an article is about.
const SUBJECT_FIELDS: usize = 3;
/// What a tag of several words that stands whole in the question adds, as a share of its information.
const TAG_SHARE: f32 = 0.6;

struct Field {
    weight: f32,
    b: f32,
}

/// An article that may answer a question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// Index of the article.
    pub(super) article: usize,
    /// Index of the passage that answers.
    pub(super) passage: usize,
    /// BM25F score, 0 upwards; comparable within one search only.
    pub(super) score: f32,
    /// How much of the question the article covers, 0..=1 by information content.
    pub(super) coverage: f32,
    /// Score over the best one possible for the question, 0..=1.
    pub(super) strength: f32,
    /// Information of the question that stands in the article's title or tags, in unknown words' worth.
    pub(super) subject: f32,
    /// The same of the best tag of several words that stands whole in the question.
    pub(super) tag: f32,
    /// 0..=1: how likely the article answers the question.
    pub(super) confidence: f32,
}

/// An inverted index of passages.
#[derive(Debug)]
pub(super) struct Index {
    terms: Terms,
    synonyms: Synonyms,
    spelling: Spelling,
    /// Stem -> its postings.
    postings: HashMap<String, Vec<Posting>>,
    /// Passage -> (article, passage within it).
    places: Vec<(u32, u32)>,
    /// Tags of several words: their stems, and the article.
    tags: Vec<(Vec<String>, u32)>,
}

#[derive(Debug, Clone, Copy)]
struct Posting {
    passage: u32,
    /// Weighted, length-normalised frequency.
    frequency: f32,
    /// The part of it that stands in the passage itself rather than in what all passages of the article share.
    own: f32,
    /// Whether the term stands in the title or the tags: what the article is about, not only mentions.
    subject: bool,
}

impl Index {
    /// Indexes articles.
    pub(super) fn build(articles: &[Article], synonyms: Synonyms, terms: Terms) -> Self {
        let mut places = Vec::new();
        let mut phrases = Vec::new();
        // Per passage and field: the stems in it.
        let mut texts: Vec<[Vec<Term>; 5]> = Vec::new();
        for (a, article) in articles.iter().enumerate() {
            let title = terms.of(&article.front.title);
            let tags: Vec<Vec<Term>> = article
                .front
                .tags
                .iter()
                .map(|tag| terms.of_words(synonyms.replace_phrases(Terms::words(tag))))
                .collect();
            for tag in tags.iter().filter(|tag| tag.len() > 1) {
                phrases.push((tag.iter().map(|term| term.stem.clone()).collect(), number(a)));
            }
            let tags = tags.concat();
            let questions =
                terms.of_words(synonyms.replace_phrases(Terms::words(&article.front.questions.join(" / "))));
            for (p, passage) in article.passages.iter().enumerate() {
                places.push((number(a), number(p)));
                let heading = passage
                    .heading
                    .as_deref()
                    .map_or_else(Vec::new, |heading| terms.of(heading));
                let body = terms.of_words(synonyms.replace_phrases(Terms::words(&passage.text)));
                texts.push([title.clone(), tags.clone(), questions.clone(), heading, body]);
            }
        }
        let mut average = [0.0_f32; 5];
        for fields in &texts {
            for (sum, field) in average.iter_mut().zip(fields) {
                *sum += field.len() as f32 / texts.len() as f32;
            }
        }
        let mut postings: HashMap<String, Vec<Posting>> = HashMap::new();
        let mut words: HashMap<String, u32> = HashMap::new();
        for (passage, fields) in texts.iter().enumerate() {
            let mut frequencies: HashMap<&str, (f32, f32, bool)> = HashMap::new();
            for (at, ((field, text), average)) in FIELDS.iter().zip(fields).zip(average).enumerate() {
                let length = 1.0 - field.b + field.b * text.len() as f32 / average.max(1.0);
                for term in text {
                    let (frequency, own, subject) = frequencies.entry(&term.stem).or_default();
                    *frequency += field.weight / length;
                    if at >= SUBJECT_FIELDS {
                        // What the title says, every passage is about: it tells them little apart.
                        let titled = fields[0].iter().any(|in_title| in_title.stem == term.stem);
                        *own += field.weight / length * if titled { TITLED_SHARE } else { 1.0 };
                    }
                    *subject |= at < SUBJECT_FIELDS;
                    *words.entry(term.word.clone()).or_default() += 1;
                }
            }
            for (stem, (frequency, own, subject)) in frequencies {
                let posting = Posting {
                    passage: number(passage),
                    frequency,
                    own,
                    subject,
                };
                postings.entry(stem.to_owned()).or_default().push(posting);
            }
        }
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort();
        Self {
            terms,
            synonyms,
            spelling: Spelling::new(words),
            postings,
            places,
            tags: phrases,
        }
    }

    /// The best `limit` articles for `question`, best first. Empty when no term of it is known.
    pub(super) fn search(&self, question: &str, limit: usize) -> Vec<Hit> {
        let concepts = self.concepts(question);
        let total: f32 = concepts.iter().map(|concept| concept.idf).sum();
        if total <= 0.0 {
            return Vec::new();
        }
        let rarest = inverse_document_frequency(self.places.len(), 0);
        let mut passages = vec![0.0_f32; self.places.len()];
        let mut own = vec![0.0_f32; self.places.len()];
        // Per article: what it gets for each term wherever in it the term stands, and the information it covers.
        let articles = self.places.last().map_or(0, |(article, _)| *article as usize + 1);
        let mut whole = vec![Whole::default(); articles];
        let mut best_in_article = vec![0.0_f32; articles];
        let mut subject_of = vec![false; articles];
        let mut touched = Vec::new();
        for concept in &concepts {
            for posting in concept.postings.iter() {
                let saturated = posting.frequency / (K1 + posting.frequency);
                let gain = concept.idf * saturated * (K1 + 1.0);
                passages[posting.passage as usize] += gain;
                own[posting.passage as usize] += concept.idf * posting.own / (K1 + posting.own);
                let article = self.places[posting.passage as usize].0 as usize;
                if best_in_article[article] == 0.0 {
                    touched.push(article);
                }
                best_in_article[article] = best_in_article[article].max(gain);
                subject_of[article] |= posting.subject;
            }
            for article in touched.drain(..) {
                let gain = std::mem::take(&mut best_in_article[article]);
                whole[article].gain += gain;
                whole[article].shared += concept.idf;
                if std::mem::take(&mut subject_of[article]) {
                    whole[article].subject += concept.idf;
                }
            }
        }
        let information = |stem: &String| {
            concepts
                .iter()
                .find(|concept| concept.stems.contains(stem))
                .map(|concept| concept.idf)
        };
        for (stems, article) in &self.tags {
            if let Some(information) = stems.iter().map(information).sum::<Option<f32>>() {
                let tag = &mut whole[*article as usize].tag;
                *tag = tag.max(information);
            }
        }
        let mut hits: Vec<Hit> = Vec::new();
        let mut best_fit = 0.0;
        for (at, (article, passage)) in self.places.iter().enumerate() {
            if passages[at] <= 0.0 {
                continue;
            }
            let all = whole[*article as usize];
            let fits = own[at] * if *passage == 0 { OPENING_BONUS } else { 1.0 };
            let score = passages[at] + ARTICLE_SHARE * all.gain + TAG_SHARE * all.tag;
            let coverage = (all.shared / total).min(1.0);
            let strength = all.gain / (total * (K1 + 1.0));
            let subject = all.subject / rarest;
            let tag = all.tag / rarest;
            let hit = Hit {
                article: *article as usize,
                passage: *passage as usize,
                score,
                coverage,
                strength,
                subject,
                tag,
                confidence: confidence(coverage, strength, subject, tag),
            };
            match hits.last_mut() {
                // The article ranks by its best passage; what is shown is the passage that fits by its own words.
                Some(last) if last.article == hit.article => {
                    if hit.score > last.score {
                        *last = Hit {
                            passage: last.passage,
                            ..hit
                        };
                    }
                    if fits > best_fit {
                        last.passage = hit.passage;
                        best_fit = fits;
                    }
                }
                _ => {
                    hits.push(hit);
                    best_fit = fits;
                }
            }
        }
        let order = |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then(a.article.cmp(&b.article));
        if hits.len() > limit && limit > 0 {
            hits.select_nth_unstable_by(limit - 1, order);
            hits.truncate(limit);
        }
        hits.sort_by(order);
        hits
    }

    /// The different terms of a question, each with its synonyms' postings joined to its own.
    fn concepts(&self, question: &str) -> Vec<Concept<'_>> {
        let words = self.synonyms.replace_phrases(Terms::words(question));
        let mut seen: Vec<String> = Vec::new();
        let mut concepts = Vec::new();
        for term in self.terms.of_words(words) {
            if seen.contains(&term.stem) {
                continue;
            }
            seen.push(term.stem.clone());
            concepts.push(self.concept(&term));
            if concepts.len() == MAX_TERMS {
                break;
            }
        }
        concepts
    }

    fn concept(&self, term: &Term) -> Concept<'_> {
        let mut members: Vec<(f32, &[Posting])> = Vec::new();
        if let Some(own) = self.postings.get(&term.stem) {
            members.push((1.0, own));
        }
        let mut corrected = None;
        if members.is_empty() && self.synonyms.of(&term.stem).is_empty() {
            corrected = self
                .spelling
                .correct(&term.word)
                .map(|word| self.terms.stem(word));
            if let Some(own) = corrected.as_ref().and_then(|stem| self.postings.get(stem)) {
                members.push((CORRECTED_WEIGHT, own));
            }
        }
        let synonyms = self.synonyms.of(corrected.as_ref().unwrap_or(&term.stem));
        for synonym in synonyms {
            if let Some(postings) = self.postings.get(synonym) {
                members.push((SYNONYM_WEIGHT, postings));
            }
        }
        let postings = match members.as_slice() {
            [(weight, only)] if *weight >= 1.0 => Cow::Borrowed(*only),
            several => Cow::Owned(joined(several)),
        };
        Concept {
            idf: inverse_document_frequency(self.places.len(), postings.len()),
            stems: [&term.stem]
                .into_iter()
                .chain(&corrected)
                .chain(synonyms)
                .cloned()
                .collect(),
            postings,
        }
    }
}

/// What an article has of a question.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    gain: f32,
    shared: f32,
    subject: f32,
    tag: f32,
}

struct Concept<'a> {
    idf: f32,
    /// The stems that stand for it.
    stems: Vec<String>,
    postings: Cow<'a, [Posting]>,
}

/// The postings of a word and its synonyms as those of one: per passage, the best of them.
fn joined(members: &[(f32, &[Posting])]) -> Vec<Posting> {
    let weighted = members.iter().flat_map(|(weight, postings)| {
        postings.iter().map(move |posting| Posting {
            frequency: posting.frequency * weight,
            own: posting.own * weight,
            ..*posting
        })
    });
    let mut all: Vec<Posting> = weighted.collect();
    if members.len() > 1 {
        // Each list is in order of passages, so this merges runs.
        all.sort_by_key(|posting| posting.passage);
        all.dedup_by(|next, kept| {
            let same = next.passage == kept.passage;
            if same {
                kept.frequency = kept.frequency.max(next.frequency);
                kept.own = kept.own.max(next.own);
                kept.subject |= next.subject;
            }
            same
        });
    }
    all
}

/// Robertson's inverse document frequency, kept positive by the 1 inside the logarithm. A word that no article knows has
/// the highest: it is the strongest sign that the question is about something else.
fn inverse_document_frequency(passages: usize, with_term: usize) -> f32 {
    let (n, df) = (passages as f32, with_term as f32);
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
}

/// How likely an article answers a question: a logistic regression fitted on the labelled query set (ten-fold
/// cross-validated; `tests/corpus/knowledge_queries.jsonl`).
fn confidence(coverage: f32, strength: f32, subject: f32, tag: f32) -> f32 {
    let logit = 4.42 * coverage + 3.25 * strength + 5.39 * subject.ln_1p() + 3.88 * tag.ln_1p() - 7.06;
    1.0 / (1.0 + (-logit).exp())
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a knowledge base has fewer than 4 billion passages")
}
