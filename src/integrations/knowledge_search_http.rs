//! Searches a Zendesk Help Center over HTTP: `GET /api/v2/help_center/articles/search.json`.
//!
//! Only redacted text may be searched for. The answer is capped, timed on the service's clock, and turned into plain hits; a
//! help centre that is slow, down or talks nonsense is an error, and the workflow then suggests contact.

use std::time::Duration;

use serde::Deserialize;

use super::http_client::{HttpClient, HttpClientError};
use super::outbound::DeliverError;
use crate::clock::Clock;
use crate::config::KnowledgeSearchConfig;
use crate::privacy::Redacted;

/// An article that the help centre found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The help centre's id.
    pub id: String,
    /// Title.
    pub title: String,
    /// The passage that matched, without markup.
    pub text: String,
    /// Public address.
    pub link: String,
}

/// A help centre.
#[derive(Debug)]
pub struct KnowledgeSearch {
    base: String,
    locale: String,
    http: HttpClient,
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
    html_url: String,
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
        Ok(Some(Self {
            base: url.trim_end_matches('/').to_owned(),
            locale: config.locale.clone(),
            http: HttpClient::new(clock, Duration::from_millis(config.timeout_ms))?,
        }))
    }

    /// Up to `limit` published articles, best first as the help centre ranks them.
    ///
    /// # Errors
    /// [`DeliverError`]; the caller answers without an article then.
    pub async fn search(&self, question: &Redacted, limit: u32) -> Result<Vec<Hit>, DeliverError> {
        let request = self
            .http
            .get(&format!("{}/api/v2/help_center/articles/search.json", self.base))
            .query(&[
                ("query", question.as_str()),
                ("locale", &self.locale),
                ("per_page", &limit.to_string()),
            ]);
        let answer = self.http.send(request).await?.success(self.http.clock())?;
        let results: Results =
            serde_json::from_slice(&answer.body).map_err(|_| DeliverError::retry("bad_json"))?;
        let hits = results
            .results
            .into_iter()
            .filter(|article| !article.draft)
            .map(|article| Hit {
                id: article.id.to_string(),
                title: plain(&article.title),
                text: plain(&article.snippet.unwrap_or_default()),
                link: article.html_url,
            });
        Ok(hits.take(limit as usize).collect())
    }
}

/// Without tags such as the `<em>` around matched words, and without the entities that remain.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if !in_tag => text.push(c),
            _ => {}
        }
    }
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
    .trim()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_lose_their_markup_but_not_their_words() {
        assert_eq!(plain("a <em>refund</em> &amp; more"), "a refund & more");
        assert_eq!(plain("5 &lt; 6"), "5 < 6");
    }
}
