//! How sure the LLM is, as a number that means something.
//!
//! Where the API returns token log-probabilities, P(category) is read off the tokens that spell the category: at each of them, the
//! probability of alternatives that still lead to the chosen category, among those that lead to any category (the schema allows no other;
//! what the listed alternatives leave unseen counts against it), multiplied until the category is decided. Because the category is the
//! first field of the reply, this is P(category | message), not conditioned on the model's own justification. Otherwise the number that the
//! model states is taken.
//!
//! Models are overconfident; a [`Calibration`] curve fitted on labelled messages corrects that.

use std::borrow::Cow;
use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer as _};

use crate::classify::label::Category;

/// One token of the reply; the same in both wire protocols.
#[derive(Debug, Deserialize)]
pub(super) struct Token<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
    logprob: f32,
    #[serde(borrow, default)]
    top_logprobs: Vec<Alternative<'a>>,
}

#[derive(Debug, Deserialize)]
struct Alternative<'a> {
    #[serde(borrow)]
    token: Cow<'a, str>,
    logprob: f32,
}

/// The first tokens of a JSON array of them, up to those that cover `until` bytes of the reply's text. The rest, most of
/// it, is not worth reading: only the category's tokens count.
pub(super) fn tokens_until(json: &str, until: usize) -> Vec<Token<'_>> {
    struct First<'t, 'a> {
        tokens: &'t mut Vec<Token<'a>>,
        until: usize,
    }
    impl<'a> Visitor<'a> for First<'_, 'a> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array of tokens")
        }

        fn visit_seq<A: SeqAccess<'a>>(self, mut all: A) -> Result<(), A::Error> {
            let mut covered = 0;
            while covered < self.until
                && let Some(token) = all.next_element::<Token<'a>>()?
            {
                covered += token.token.len();
                self.tokens.push(token);
            }
            Ok(())
        }
    }
    let mut tokens = Vec::new();
    let first = First {
        tokens: &mut tokens,
        until,
    };
    // An error is how serde_json says that there is more, or that a token is none: what was read until then counts.
    let _ = serde_json::Deserializer::from_str(json).deserialize_seq(first);
    tokens
}

/// P(`category`), from the reply's tokens. `start` is the byte offset of the category's first letter in the reply's
/// text. `None` when the tokens do not spell the text (then the caller falls back to the stated number).
pub(super) fn category_probability(tokens: &[Token<'_>], start: usize, category: Category) -> Option<f32> {
    let chosen = category.as_str();
    let mut offset = 0;
    let mut spelled = String::new();
    let mut probability = 1.0;
    for token in tokens {
        let end = offset + token.token.len();
        if end <= start {
            offset = end;
            continue;
        }
        // The first token may begin before the category, with the opening quote: `lead` is that part.
        let lead = token.token.get(..start.saturating_sub(offset))?;
        probability *= step(token, lead, &spelled, chosen)?;
        spelled.push_str(&token.token[lead.len()..]);
        offset = end;
        if !leads_to(&spelled, chosen) {
            return None;
        }
        if open_categories(&spelled) == 1 {
            return Some(probability);
        }
    }
    None
}

/// The probability that this token keeps to `chosen`, among tokens that keep to any category.
fn step(token: &Token<'_>, lead: &str, spelled: &str, chosen: &str) -> Option<f32> {
    if token.top_logprobs.is_empty() {
        return Some(mass(token.logprob));
    }
    let emitted = Alternative {
        token: Cow::Borrowed(&token.token),
        logprob: token.logprob,
    };
    // The emitted token is not always among its own alternatives.
    let missing = token.top_logprobs.iter().all(|other| other.token != token.token);
    let (mut ours, mut all, mut unseen) = (0.0, 0.0, 1.0);
    for other in token.top_logprobs.iter().chain(missing.then_some(&emitted)) {
        let mass = mass(other.logprob);
        unseen -= mass;
        let Some(part) = other.token.strip_prefix(lead).filter(|part| !part.is_empty()) else {
            continue; // another way to cut the text into tokens; says nothing about the category
        };
        let so_far = format!("{spelled}{part}");
        let open = open_categories(&so_far);
        if open == 0 {
            continue;
        }
        all += mass;
        if other.token == token.token {
            ours += mass; // what it leaves open, the next tokens decide
        } else if leads_to(&so_far, chosen) {
            ours += mass / open as f32; // not taken, so nobody knows: equal parts
        }
    }
    // What the listed alternatives leave over may lead to another category, so it counts against the chosen one: a model
    // that had to be forced into the schema is not sure of anything.
    let of_all = all + f32::max(unseen, 0.0);
    (all > 0.0).then(|| (ours / of_all).clamp(0.0, 1.0))
}

/// The probability behind a logarithm, which is at most 0 wherever it is one.
fn mass(logprob: f32) -> f32 {
    logprob.min(0.0).exp()
}

fn open_categories(text: &str) -> usize {
    Category::ALL
        .iter()
        .filter(|category| leads_to(text, category.as_str()))
        .count()
}

/// Whether `text` is a beginning of `category` in the reply, or has all of it and goes on with the closing quote.
fn leads_to(text: &str, category: &str) -> bool {
    match text.strip_prefix(category) {
        Some(rest) => rest.is_empty() || rest.starts_with('"'),
        None => category.starts_with(text),
    }
}

/// A monotone curve from the confidence a model shows to the share of such answers that are right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calibration(Vec<[f32; 2]>);

impl Calibration {
    /// From points `[shown, true]`, ascending in both (`LlmConfig::validate` checks); no points: no change.
    #[must_use]
    pub fn new(points: &[[f32; 2]]) -> Self {
        Self(points.to_vec())
    }

    /// The calibrated confidence, by linear interpolation; constant beyond the outermost points.
    #[must_use]
    pub fn apply(&self, shown: f32) -> f32 {
        let [Some(first), Some(last)] = [self.0.first(), self.0.last()] else {
            return shown;
        };
        if shown <= first[0] {
            return first[1];
        }
        let segment = self.0.windows(2).find(|pair| shown <= pair[1][0]);
        segment.map_or(last[1], |pair| {
            let [[x0, y0], [x1, y1]] = [pair[0], pair[1]];
            y0 + (y1 - y0) * (shown - x0) / (x1 - x0)
        })
    }

    /// Fits the curve to answers, each a shown confidence and whether the answer was right: isotonic regression by
    /// pooling adjacent violators (Barlow et al., 1972), one point per pool. Fewer than two pools give no curve.
    #[must_use]
    pub fn fit(answers: &[(f32, bool)]) -> Vec<[f32; 2]> {
        struct Pool {
            shown: f64,
            right: f64,
            count: f64,
        }
        let mut sorted: Vec<_> = answers.iter().filter(|(shown, _)| shown.is_finite()).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut pools: Vec<Pool> = Vec::new();
        for (shown, right) in sorted {
            let (shown, right) = (f64::from(*shown), f64::from(u8::from(*right)));
            pools.push(Pool {
                shown,
                right,
                count: 1.0,
            });
            while let [.., low, high] = pools.as_slice() {
                let same = high.shown / high.count <= low.shown / low.count;
                if !same && low.right / low.count < high.right / high.count {
                    break;
                }
                if let (Some(high), Some(low)) = (pools.pop(), pools.last_mut()) {
                    low.shown += high.shown;
                    low.right += high.right;
                    low.count += high.count;
                }
            }
        }
        let points: Vec<_> = pools
            .iter()
            .map(|pool| [(pool.shown / pool.count) as f32, (pool.right / pool.count) as f32])
            .collect();
        if points.len() < 2 { Vec::new() } else { points }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn probability(tokens: serde_json::Value, start: usize, category: Category) -> Option<f32> {
        let text = tokens.to_string();
        let tokens: Vec<Token<'_>> = serde_json::from_str(&text).unwrap();
        category_probability(&tokens, start, category)
    }

    fn top(token: &str, p: f64) -> serde_json::Value {
        json!({ "token": token, "logprob": p.ln(), "bytes": null })
    }

    fn token(alternatives: &[(&str, f64)]) -> serde_json::Value {
        let all: Vec<_> = alternatives.iter().map(|(token, p)| top(token, *p)).collect();
        json!({ "token": alternatives[0].0, "logprob": alternatives[0].1.ln(), "bytes": null, "top_logprobs": all })
    }

    #[test]
    fn the_probability_is_taken_among_the_categories_only() {
        // `{"category":"` then `inform` 0.6, `service` 0.2, something the schema forbids 0.2.
        let tokens = json!([
            token(&[("{\"category\":\"", 1.0)]),
            token(&[("inform", 0.6), ("service", 0.2), ("banana", 0.2)]),
            token(&[("ational", 1.0)]),
        ]);
        let p = probability(tokens, 13, Category::Informational).unwrap();
        assert!((p - 0.75).abs() < 1e-5, "{p}");
    }

    #[test]
    fn a_category_is_decided_over_several_tokens_and_a_leading_quote() {
        // `"s` leaves service and safety open; the next token decides.
        let tokens = json!([
            token(&[("{\"category\":", 1.0)]),
            token(&[("\"s", 0.9), ("\"inform", 0.1)]),
            token(&[("afety", 0.8), ("ervice", 0.2)]),
            token(&[("_compliance\"", 1.0)]),
        ]);
        let p = probability(tokens, 13, Category::SafetyCompliance).unwrap();
        assert!((p - 0.72).abs() < 1e-5, "{p}");
    }

    #[test]
    fn a_logarithm_that_is_none_makes_no_number_that_is_none() {
        // Servers that are not OpenAI's have sent such; a NaN is less than no bound, so that nobody would look at the message.
        let odd = |logprob: f64| json!({ "token": "inform", "logprob": logprob, "top_logprobs": [{ "token": "inform", "logprob": logprob }] });
        for logprob in [1e3, 1.0, -1e30] {
            let tokens = json!([token(&[("{\"category\":\"", 1.0)]), odd(logprob)]);
            let p = probability(tokens, 13, Category::Informational);
            assert!(p.is_none_or(|p| (0.0..=1.0).contains(&p)), "{logprob}: {p:?}");
        }
    }

    #[test]
    fn only_the_tokens_up_to_the_category_are_read() {
        let json = json!([token(&[("abc", 1.0)]), token(&[("def", 1.0)]), "not a token"]).to_string();
        assert_eq!(tokens_until(&json, 3).len(), 1);
        assert_eq!(tokens_until(&json, 4).len(), 2);
        assert_eq!(tokens_until(&json, 100).len(), 2);
        assert_eq!(tokens_until("null", 100).len(), 0);
    }

    #[test]
    fn a_model_that_was_forced_into_the_schema_is_not_sure() {
        // The grammar forbade what the model wanted; its own first choice among the allowed is hardly on the list.
        let forced = json!({ "token": "s", "logprob": -9.0, "top_logprobs": [top(",", 0.5), top("}", 0.4)] });
        let tokens = json!([
            token(&[("{\"category\":\"", 1.0)]),
            forced,
            token(&[("ervice", 1.0)])
        ]);
        let p = probability(tokens, 13, Category::ServiceAction).unwrap();
        assert!(p < 0.01, "{p}");
    }

    #[test]
    fn without_alternatives_the_tokens_own_probability_counts() {
        let tokens = json!([
            { "token": "{\"category\":\"", "logprob": 0.0 },
            { "token": "service", "logprob": -0.5 },
            { "token": "_action", "logprob": -0.1 },
        ]);
        let p = probability(tokens, 13, Category::ServiceAction).unwrap();
        assert!((p - (-0.5f32).exp()).abs() < 1e-5, "{p}");
    }

    #[test]
    fn tokens_that_do_not_spell_the_category_give_nothing() {
        let tokens = json!([token(&[("{\"category\":\"", 1.0)]), token(&[("banana", 1.0)])]);
        assert_eq!(probability(tokens, 13, Category::Informational), None);
        assert_eq!(probability(json!([]), 13, Category::Informational), None);
    }

    #[test]
    fn calibration_interpolates_and_a_fit_is_monotone() {
        let curve = Calibration::new(&[[0.5, 0.4], [0.9, 0.6], [1.0, 0.9]]);
        assert!((curve.apply(0.7) - 0.5).abs() < 1e-6);
        assert!((curve.apply(0.2) - 0.4).abs() < 1e-6 && (curve.apply(1.0) - 0.9).abs() < 1e-6);
        assert!((Calibration::default().apply(0.7) - 0.7).abs() < 1e-6);
        // Shown 0.9 is right 7 times of 10, shown 0.6 is right 5 times of 10.
        let answers: Vec<_> = (0..20)
            .map(|n| if n % 2 == 0 { (0.9, n < 14) } else { (0.6, n < 10) })
            .collect();
        let points = Calibration::fit(&answers);
        assert!(
            points.windows(2).all(|p| p[0][0] < p[1][0] && p[0][1] <= p[1][1]),
            "{points:?}"
        );
        assert!(
            (Calibration::new(&points).apply(0.9) - 0.7).abs() < 1e-6,
            "{points:?}"
        );
    }
}
