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
//! An article's `questions` count twice: their words as a field like the others, and the one of them that is most like the
//! question as a whole, so that three words that one customer said together are worth more than three from three questions.
//!
//! **Confidence** is a logistic of coverage and strength ([`Hit::confidence`]). Nothing here fails.

use std::cell::RefCell;
use std::collections::HashMap;

use thread_local::ThreadLocal;

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
    Field { weight: 1.0, b: 0.3 },
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
/// What a question of the article that is exactly the one asked adds, as a share of the information of the question.
const ASKED_SHARE: f32 = 0.5;
/// In fewer passages than this a word's rarity is taken as if there were as many: of two articles, one word is in half.
const FEW_PASSAGES: usize = 50;
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

/// An inverted index of passages. Stems are numbered, so that a search compares numbers.
#[derive(Debug)]
pub(super) struct Index {
    terms: Terms,
    synonyms: Synonyms,
    spelling: Spelling,
    numbers: HashMap<String, u32>,
    /// By the stem's number: its postings, in the order of passages.
    postings: Vec<Vec<Posting>>,
    /// By the stem's number: the numbers of its synonyms that are indexed.
    alike: Vec<Vec<u32>>,
    /// Passage -> (article, passage within it).
    places: Vec<(u32, u32)>,
    articles: usize,
    /// By the number of their rarest stem: tags of several words, as (all their stems, the article).
    tags: Vec<Vec<(Vec<u32>, u32)>>,
    /// The articles' own questions.
    asked: Vec<Asked>,
    /// By the stem's number: the own questions it stands in, as indexes into `asked`.
    asked_with: Vec<Vec<u32>>,
    /// By thread, what a search adds up in: thousands of numbers that need not be made and cleared for each.
    sums: ThreadLocal<RefCell<Sums>>,
}

/// A way in which an article says that people ask for it.
#[derive(Debug, Clone, Copy)]
struct Asked {
    article: u32,
    /// Information of its words.
    information: f32,
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
        let mut phrases: Vec<(Vec<String>, u32)> = Vec::new();
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
        let asked = articles.iter().enumerate().flat_map(|(a, article)| {
            let stems = |question: &String| stems_of(question, &synonyms, terms);
            article
                .front
                .questions
                .iter()
                .map(move |question| (number(a), stems(question)))
        });
        let asked: Vec<(u32, Vec<String>)> = asked.collect();
        let mut average = [0.0_f32; 5];
        for fields in &texts {
            for (sum, field) in average.iter_mut().zip(fields) {
                *sum += field.len() as f32 / texts.len() as f32;
            }
        }
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut postings: Vec<Vec<Posting>> = Vec::new();
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
                let at = match numbers.get(stem) {
                    Some(at) => *at as usize,
                    None => {
                        numbers.insert(stem.to_owned(), number(postings.len()));
                        postings.push(Vec::new());
                        postings.len() - 1
                    }
                };
                postings[at].push(posting);
            }
        }
        let mut tags: Vec<Vec<(Vec<u32>, u32)>> = vec![Vec::new(); postings.len()];
        for (stems, article) in phrases {
            let stems: Vec<u32> = stems
                .iter()
                .map(|stem| *numbers.get(stem).expect("the words of tags are indexed"))
                .collect();
            let rarest = stems.iter().min_by_key(|stem| postings[**stem as usize].len());
            if let Some(rarest) = rarest {
                tags[*rarest as usize].push((stems.clone(), article));
            }
        }
        let mut alike = vec![Vec::new(); postings.len()];
        for (stem, at) in &numbers {
            let indexed = synonyms.of(stem).iter().filter_map(|other| numbers.get(other));
            alike[*at as usize] = indexed.copied().collect();
        }
        let mut asked_with: Vec<Vec<u32>> = vec![Vec::new(); postings.len()];
        let asked = asked.into_iter().enumerate().map(|(at, (article, stems))| {
            let mut information = 0.0;
            for stem in stems {
                let stem = *numbers.get(&stem).expect("the words of questions are indexed") as usize;
                asked_with[stem].push(number(at));
                information += inverse_document_frequency(places.len(), postings[stem].len());
            }
            Asked { article, information }
        });
        let asked = asked.collect();
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort();
        Self {
            terms,
            synonyms,
            spelling: Spelling::new(words),
            numbers,
            postings,
            alike,
            places,
            articles: articles.len(),
            tags,
            asked,
            asked_with,
            sums: ThreadLocal::new(),
        }
    }

    /// The best `limit` articles for `question`, best first. Empty when no term of it is known.
    pub(super) fn search(&self, question: &str, limit: usize) -> Vec<Hit> {
        let sums = self.sums.get_or(|| RefCell::new(Sums::of(self)));
        let mut sums = sums.borrow_mut();
        sums.clear();
        let (concepts, total) = self.gather(question, &mut sums);
        if total <= 0.0 {
            return Vec::new();
        }
        let Sums {
            passages,
            articles,
            asked,
            ..
        } = &mut *sums;
        let information = |stem: &u32| {
            let concept = concepts.iter().find(|concept| concept.stems.contains(stem));
            concept.map(|concept| concept.idf)
        };
        for stem in concepts.iter().flat_map(|concept| &concept.stems) {
            for (stems, article) in &self.tags[*stem as usize] {
                if let Some(information) = stems.iter().map(information).sum::<Option<f32>>() {
                    let tag = &mut articles[*article as usize].tag;
                    *tag = tag.max(information);
                }
            }
        }
        for at in &asked.touched {
            let own = &self.asked[*at as usize];
            // What both share over the geometric mean of what each says: 1 for the same words, in any order.
            let likeness = asked.each[*at as usize].shared / (total * own.information).sqrt();
            let asked = &mut articles[own.article as usize].asked;
            *asked = asked.max(likeness);
        }
        let mut best: Vec<Candidate> = Vec::new();
        let mut best_fit = 0.0;
        for ((article, passage), gain) in self.places.iter().zip(&*passages) {
            if gain.all <= 0.0 {
                continue;
            }
            let whole = &articles[*article as usize];
            let candidate = Candidate {
                article: *article,
                passage: *passage,
                score: gain.all
                    + ARTICLE_SHARE * whole.gain
                    + TAG_SHARE * whole.tag
                    + ASKED_SHARE * total * whole.asked,
            };
            let fits = gain.own * if *passage == 0 { OPENING_BONUS } else { 1.0 };
            match best.last_mut() {
                // The article ranks by its best passage; what is shown is the passage that fits by its own words.
                Some(last) if last.article == candidate.article => {
                    last.score = last.score.max(candidate.score);
                    if fits > best_fit {
                        last.passage = candidate.passage;
                        best_fit = fits;
                    }
                }
                _ => {
                    best.push(candidate);
                    best_fit = fits;
                }
            }
        }
        let order =
            |a: &Candidate, b: &Candidate| b.score.total_cmp(&a.score).then(a.article.cmp(&b.article));
        if best.len() > limit && limit > 0 {
            best.select_nth_unstable_by(limit - 1, order);
            best.truncate(limit);
        }
        best.sort_by(order);
        let rarest = inverse_document_frequency(self.places.len(), 0);
        let hit = |candidate: Candidate| {
            let whole = &articles[candidate.article as usize];
            let coverage = (whole.shared / total).min(1.0);
            let strength = whole.gain / (total * (K1 + 1.0));
            let (subject, tag) = (whole.subject / rarest, whole.tag / rarest);
            Hit {
                article: candidate.article as usize,
                passage: candidate.passage as usize,
                score: candidate.score,
                coverage,
                strength,
                subject,
                tag,
                confidence: confidence(coverage, strength, subject, tag),
            }
        };
        best.into_iter().map(hit).collect()
    }

    /// Adds up what each passage, article and own question has of the question, concept by concept; the concepts, and the
    /// information of all of them.
    fn gather(&self, question: &str, sums: &mut Sums) -> (Vec<Concept>, f32) {
        let Sums {
            passages,
            articles,
            asked,
            of_concept,
        } = sums;
        let words = self.synonyms.replace_phrases(Terms::words(question));
        let mut seen: Vec<String> = Vec::new();
        let mut concepts: Vec<Concept> = Vec::new();
        let mut total = 0.0;
        let mut touched: Vec<u32> = Vec::new();
        for term in self.terms.of_words(words) {
            if seen.contains(&term.stem) {
                continue;
            }
            let (members, stems) = self.members(&term);
            seen.push(term.stem);
            for (weight, stem) in &members {
                for posting in &self.postings[*stem as usize] {
                    let slot = &mut of_concept[posting.passage as usize];
                    if slot.0 == 0.0 {
                        touched.push(posting.passage);
                    }
                    slot.0 = slot.0.max(posting.frequency * weight);
                    slot.1 = slot.1.max(posting.own * weight);
                    slot.2 |= posting.subject;
                }
            }
            let idf = inverse_document_frequency(self.places.len(), touched.len());
            total += idf;
            let concept = number(concepts.len() + 1);
            for (weight, stem) in &members {
                for own in &self.asked_with[*stem as usize] {
                    asked.add(*own, concept, idf * weight);
                }
            }
            for passage in touched.drain(..) {
                let (frequency, own, subject) = std::mem::take(&mut of_concept[passage as usize]);
                let gain = idf * (frequency / (K1 + frequency)) * (K1 + 1.0);
                let slot = &mut passages[passage as usize];
                slot.all += gain;
                slot.own += idf * own / (K1 + own);
                articles[self.places[passage as usize].0 as usize].add(concept, idf, gain, subject);
            }
            concepts.push(Concept { idf, stems });
            if concepts.len() == MAX_TERMS {
                break;
            }
        }
        (concepts, total)
    }

    /// The stems that stand for a term of a question: those that are indexed with what an occurrence of each is worth.
    fn members(&self, term: &Term) -> (Vec<(f32, u32)>, Vec<u32>) {
        let mut members: Vec<(f32, u32)> = Vec::new();
        if let Some(own) = self.numbers.get(&term.stem) {
            members.push((1.0, *own));
            members.extend(
                self.alike[*own as usize]
                    .iter()
                    .map(|stem| (SYNONYM_WEIGHT, *stem)),
            );
        } else {
            let known = self.synonyms.of(&term.stem);
            let corrected = match known {
                [] => self
                    .spelling
                    .correct(&term.word)
                    .map(|word| self.terms.stem(word)),
                _ => None,
            };
            if let Some(own) = corrected.as_ref().and_then(|stem| self.numbers.get(stem)) {
                members.push((CORRECTED_WEIGHT, *own));
            }
            let synonyms = corrected.as_ref().map_or(known, |stem| self.synonyms.of(stem));
            let indexed = synonyms.iter().filter_map(|stem| self.numbers.get(stem));
            members.extend(indexed.map(|stem| (SYNONYM_WEIGHT, *stem)));
        }
        let stems = members.iter().map(|(_, stem)| *stem).collect();
        (members, stems)
    }
}

/// What a passage has of a question.
#[derive(Debug, Clone, Copy, Default)]
struct Gain {
    all: f32,
    /// By its own words.
    own: f32,
}

/// What an article has of a question, wherever in it the terms stand.
#[derive(Debug, Clone, Copy, Default)]
struct Whole {
    /// Per concept the best of its passages, summed.
    gain: f32,
    /// Information of the concepts it has.
    shared: f32,
    subject: f32,
    tag: f32,
    /// How like the question the most similar of its own questions is.
    asked: f32,
    /// The concept that is being added, from 1, with what it brought so far.
    concept: u32,
    best: f32,
    about: bool,
}

impl Whole {
    /// Adds a passage's gain from a concept; passages of one concept come one after the other.
    fn add(&mut self, concept: u32, idf: f32, gain: f32, subject: bool) {
        if self.concept != concept {
            self.concept = concept;
            self.shared += idf;
            (self.best, self.about) = (0.0, false);
        }
        if gain > self.best {
            self.gain += gain - self.best;
            self.best = gain;
        }
        if subject && !self.about {
            self.subject += idf;
            self.about = true;
        }
    }
}

/// What a search adds up in.
#[derive(Debug)]
struct Sums {
    /// By passage.
    passages: Vec<Gain>,
    /// By article.
    articles: Vec<Whole>,
    asked: Overlaps,
    /// By passage, for one concept: the best posting of a word and its synonyms.
    of_concept: Vec<(f32, f32, bool)>,
}

impl Sums {
    fn of(index: &Index) -> Self {
        Self {
            passages: vec![Gain::default(); index.places.len()],
            articles: vec![Whole::default(); index.articles],
            asked: Overlaps::of(index.asked.len()),
            of_concept: vec![(0.0, 0.0, false); index.places.len()],
        }
    }

    /// Forgets the search before.
    fn clear(&mut self) {
        self.passages.fill(Gain::default());
        self.articles.fill(Whole::default());
        self.asked.clear();
        // Empty already, but after a panic.
        self.of_concept.fill(Default::default());
    }
}

/// What the articles' own questions have of a question.
#[derive(Debug)]
struct Overlaps {
    /// By own question.
    each: Vec<Overlap>,
    /// Those that have anything, of thousands.
    touched: Vec<u32>,
}

/// What one of them has.
#[derive(Debug, Clone, Copy, Default)]
struct Overlap {
    shared: f32,
    /// The concept that is being added, from 1, with what it brought so far.
    concept: u32,
    best: f32,
}

impl Overlaps {
    fn of(questions: usize) -> Self {
        Self {
            each: vec![Overlap::default(); questions],
            touched: Vec::new(),
        }
    }

    fn clear(&mut self) {
        for own in self.touched.drain(..) {
            self.each[own as usize] = Overlap::default();
        }
    }

    /// Adds a concept's worth; a word and its synonyms in one question count once, as the best of them.
    fn add(&mut self, own: u32, concept: u32, worth: f32) {
        let overlap = &mut self.each[own as usize];
        if overlap.concept == 0 {
            self.touched.push(own);
        }
        if overlap.concept != concept {
            (overlap.concept, overlap.best) = (concept, 0.0);
        }
        if worth > overlap.best {
            overlap.shared += worth - overlap.best;
            overlap.best = worth;
        }
    }
}

/// An article on its way to becoming a [`Hit`].
#[derive(Debug, Clone, Copy)]
struct Candidate {
    article: u32,
    passage: u32,
    score: f32,
}

/// A term of the question.
struct Concept {
    idf: f32,
    /// The indexed stems that stand for it.
    stems: Vec<u32>,
}

/// The different stems of one of an article's questions.
fn stems_of(question: &str, synonyms: &Synonyms, terms: Terms) -> Vec<String> {
    let words = synonyms.replace_phrases(Terms::words(question));
    let mut stems: Vec<String> = terms.of_words(words).into_iter().map(|term| term.stem).collect();
    stems.sort();
    stems.dedup();
    stems
}

/// Robertson's inverse document frequency, kept positive by the 1 inside the logarithm. A word that no article knows has
/// the highest: it is the strongest sign that the question is about something else.
fn inverse_document_frequency(passages: usize, with_term: usize) -> f32 {
    let (n, df) = (passages.max(FEW_PASSAGES) as f32, with_term as f32);
    (1.0 + (n - df + 0.5) / (df + 0.5)).ln()
}

/// How likely an article answers a question: a logistic regression. It was fitted on the articles' own questions, each asked of an
/// index that lacked it, and on the unanswerable queries of `tests/corpus/knowledge_queries.jsonl`: on queries that the articles
/// were widened for, every right answer looks surer than it would to the next customer. Coverage counts against an article
/// because strength, which says the same more finely, counts for it.
fn confidence(coverage: f32, strength: f32, subject: f32, tag: f32) -> f32 {
    let logit = -1.48 * coverage + 5.67 * strength + 3.47 * subject.ln_1p() + 2.35 * tag.ln_1p() - 4.2;
    1.0 / (1.0 + (-logit).exp())
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("a knowledge base has fewer than 4 billion passages")
}
