//! Searches a Zendesk Help Center over HTTP: `GET /api/v2/help_center/articles/search.json`.
//!
//! Only redacted text may be searched for, cut to what a search box takes. The help centre ranks; how well an article fits is the share
//! of the question's words that it has, since no score comes with it. The answer is capped, timed on the service's clock, and turned
//! into what the embedded knowledge base answers too. A help centre that is slow, down or talks nonsense is an error, and the
//! workflow then suggests contact; after [`FAILURES`] in a row its breaker spares everybody the wait.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::breaker::Breaker;
use super::error::CallError;
use super::http_client::{HttpClient, HttpClientError};
use super::knowledge_base::{Alternative, Answer, SearchResult, share_of_words};
use crate::breaker_state::BreakerState;
use crate::clock::Clock;
use crate::config::KnowledgeSearchConfig;
use crate::privacy::Redacted;

/// Failures in a row after which the help centre is left alone.
const FAILURES: u32 = 5;
/// For how long: a customer's question now and then finds out whether it is back.
const OPEN_FOR: Duration = Duration::from_secs(15);
/// Most characters that are searched for: a search box takes a question, not a mail.
const MAX_QUESTION_CHARS: usize = 300;
/// Articles that are asked for: the answer and three others.
const ARTICLES: usize = 4;
/// Share of the question's words under which an article is not worth a mention.
const MIN_ALTERNATIVE: f64 = 0.25;
/// Most characters of an article's opening that are given where no passage matched.
const MAX_OPENING_CHARS: usize = 600;

/// Why there is no answer from the help centre.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// It was not asked: it failed too often.
    #[error("the help centre is left alone after failures")]
    BreakerOpen,
    /// It was asked.
    #[error("the help centre did not answer")]
    Failed(#[from] CallError),
}

/// A help centre. Callers share it.
#[derive(Debug)]
pub struct KnowledgeSearch {
    base: String,
    locale: String,
    min_score: f64,
    timeout: Duration,
    http: HttpClient,
    breaker: Mutex<Breaker>,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Article>,
}

#[derive(Deserialize)]
struct Article {
    id: u64,
    title: String,
    #[serde(default)]
    snippet: Option<String>,
    #[serde(default)]
    body: Option<String>,
    html_url: String,
    updated_at: Timestamp,
    #[serde(default)]
    draft: bool,
}

impl KnowledgeSearch {
    /// The help centre that `config` names; `None` when there is none.
    ///
    /// # Errors
    /// [`HttpClientError`].
    pub fn new(config: &KnowledgeSearchConfig, clock: Clock) -> Result<Option<Self>, HttpClientError> {
        let Some(url) = &config.url else {
            return Ok(None);
        };
        let timeout = Duration::from_millis(config.timeout_ms);
        Ok(Some(Self {
            base: url.trim_end_matches('/').to_owned(),
            locale: config.locale.clone(),
            min_score: config.min_score,
            timeout,
            http: HttpClient::new(clock, timeout)?,
            breaker: Mutex::new(Breaker::new(FAILURES, OPEN_FOR)),
        }))
    }

    /// How long a search may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The article that answers the part of `message` that `question` selects, and others that may help.
    ///
    /// # Errors
    /// [`SearchError`]; the caller answers without an article then.
    pub async fn search(
        &self,
        message: &Redacted,
        question: fn(&str) -> Cow<'_, str>,
    ) -> Result<SearchResult, SearchError> {
        let question = searchable(&question(message.as_str()));
        // A help centre refuses a search for nothing, which would be counted as its failure.
        if question.is_empty() {
            return Ok(SearchResult::nothing());
        }
        if !self.with_breaker(Breaker::admit) {
            return Err(SearchError::BreakerOpen);
        }
        let found = self.ask(&question).await;
        self.with_breaker(|breaker, now| match &found {
            Ok(_) => breaker.succeeded(),
            Err(error) => breaker.failed(now, error.retry_after()),
        });
        Ok(self.judge(&question, found?))
    }

    /// Published articles, best first as the help centre ranks them.
    async fn ask(&self, question: &str) -> Result<Vec<Article>, CallError> {
        let request = self
            .http
            .get(&format!("{}/api/v2/help_center/articles/search.json", self.base))
            .query(&[
                ("query", question),
                ("locale", &self.locale),
                ("per_page", &ARTICLES.to_string()),
            ]);
        let answer = self.http.send(request).await?.success(self.http.clock())?;
        let mut results: Results = answer.json()?;
        // A page links to the address: anything else than a web address has no place there.
        let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        results
            .results
            .retain(|article| !article.draft && is_web(&article.html_url));
        results.results.truncate(ARTICLES);
        Ok(results.results)
    }

    fn judge(&self, question: &str, articles: Vec<Article>) -> SearchResult {
        let mut fitting: Vec<(f64, String, Article)> = articles
            .into_iter()
            .map(|article| {
                let title = plain(&article.title);
                let html = [article.snippet.as_deref(), article.body.as_deref()];
                let text = html
                    .into_iter()
                    .flatten()
                    .map(plain)
                    .collect::<Vec<_>>()
                    .join("\n");
                let score = share_of_words(question, &format!("{title}\n{text}"));
                ((score * 100.0).round() / 100.0, title, article)
            })
            .collect();
        // Stable: among equals the help centre's order stands.
        fitting.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        let mut fitting = fitting.into_iter().peekable();
        let answer = fitting.next_if(|(score, ..)| *score >= self.min_score);
        SearchResult {
            answer: answer.map(|(score, title, article)| Answer {
                article_id: article.id.to_string(),
                title,
                heading: None,
                text: passage(&article),
                score,
                link: article.html_url,
                source: self.base.clone(),
                updated: article.updated_at.to_zoned(TimeZone::UTC).date(),
            }),
            alternatives: fitting
                .filter(|(score, ..)| *score >= MIN_ALTERNATIVE)
                .map(|(score, title, article)| Alternative {
                    article_id: article.id.to_string(),
                    title,
                    score,
                    link: article.html_url,
                })
                .collect(),
        }
    }

    /// Asks or tells the breaker, and logs when its state changed.
    fn with_breaker<T>(&self, act: impl FnOnce(&mut Breaker, Duration) -> T) -> T {
        let now = self.http.clock().elapsed();
        let (before, done, after) = {
            let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
            let before = breaker.state(now);
            let done = act(&mut breaker, now);
            (before, done, breaker.state(now))
        };
        // A probe that begins turns half-open into open for the others: no news.
        if before != after && before != BreakerState::HalfOpen {
            tracing::warn!(
                state = after.as_str(),
                "the help centre's breaker changed its state"
            );
        }
        done
    }
}

/// The question as a search box takes it: without placeholders, on one line, cut between words.
fn searchable(question: &str) -> String {
    let mut searched = String::new();
    for word in question.split_whitespace() {
        if word.contains("_REDACTED]") {
            continue;
        }
        if searched.chars().count() + 1 + word.chars().count() > MAX_QUESTION_CHARS {
            break;
        }
        if !searched.is_empty() {
            searched.push(' ');
        }
        searched.push_str(word);
    }
    searched
}

/// The passage that matched; the article's opening where the help centre names none.
fn passage(article: &Article) -> String {
    let snippet = article.snippet.as_deref().map(plain).unwrap_or_default();
    if !snippet.is_empty() {
        return snippet;
    }
    let body = article.body.as_deref().map(plain).unwrap_or_default();
    match body.char_indices().nth(MAX_OPENING_CHARS) {
        None => body,
        Some((end, _)) => {
            let opening = &body[..end];
            let end = opening.rfind(['.', '!', '?']).map_or(end, |at| at + 1);
            body[..end].to_owned()
        }
    }
}

/// Without tags such as the `<em>` around matched words, and without the entities that remain.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for part in html.split('<').enumerate() {
        match part {
            (0, words) => text.push_str(words),
            (_, tagged) => match tagged.split_once('>') {
                Some((tag, words)) => {
                    let name = tag.trim_start_matches('/');
                    // `<em>` stands inside a word or sentence; other tags part them.
                    if !["em", "b", "i", "strong", "a", "span"]
                        .contains(&name.split([' ', '/']).next().unwrap_or_default())
                    {
                        text.push(' ');
                    }
                    text.push_str(words);
                }
                None => text.push_str(tagged),
            },
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_lose_their_markup_but_not_their_words() {
        assert_eq!(plain("a <em>refund</em> &amp; more"), "a refund & more");
        assert_eq!(plain("5 &lt; 6"), "5 < 6");
        assert_eq!(
            plain("<p>One.</p><p class='x'>Two <em>thr</em>ee<br/>four</p>"),
            "One. Two three four"
        );
        assert_eq!(plain("a < b"), "a b");
    }

    #[test]
    fn a_question_fits_a_search_box() {
        assert_eq!(
            searchable("I am [NAME_REDACTED], where is\nmy order?"),
            "I am where is my order?"
        );
        let long = searchable(&"wörter ".repeat(200));
        assert!(long.chars().count() <= MAX_QUESTION_CHARS && long.ends_with("wörter"));
        let whole = format!("{} {}", "a".repeat(149), "b".repeat(150));
        assert_eq!(searchable(&whole), whole);
        assert_eq!(searchable(&format!("a{whole}")), "a".repeat(150));
    }

    #[test]
    fn without_a_passage_an_article_is_given_as_far_as_its_last_whole_sentence() {
        let article = |snippet: &str, body: &str| Article {
            id: 1,
            title: String::new(),
            snippet: Some(snippet.to_owned()),
            body: Some(body.to_owned()),
            html_url: String::new(),
            updated_at: Timestamp::UNIX_EPOCH,
            draft: false,
        };
        assert_eq!(passage(&article("<em>This</em>.", "That.")), "This.");
        assert_eq!(passage(&article("<p></p>", "<p>That.</p>")), "That.");
        let long = "Wörter. ".repeat(100);
        assert_eq!(passage(&article("", &long)), "Wörter. ".repeat(75).trim_end());
        let endless = "ö".repeat(MAX_OPENING_CHARS + 1);
        assert_eq!(passage(&article("", &endless)), "ö".repeat(MAX_OPENING_CHARS));
    }
}
