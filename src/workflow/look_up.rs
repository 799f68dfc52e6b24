//! Asks the configured help centre before a case is decided, so that deciding itself waits for nobody.
//!
//! Only cases whose workflow searches are looked up, with redacted text. A help centre that is down, slow or broken costs the customer an
//! article, not the answer: the workflow then suggests contact.

use std::sync::Arc;
use std::time::Duration;

use crate::integrations::knowledge_base::SearchResult;
use crate::integrations::knowledge_search_http::{KnowledgeSearch, SearchError};
use crate::mail::own_words;
use crate::privacy::Redacted;
use crate::telemetry::metrics::Metrics;

/// What the help centre said.
#[derive(Debug, Clone, PartialEq)]
pub enum LookedUp {
    /// It answered, perhaps with nothing.
    Found(SearchResult),
    /// It did not answer.
    Unavailable,
}

/// A help centre that is asked instead of the articles in memory.
#[derive(Debug)]
pub(super) struct HelpCentre {
    search: KnowledgeSearch,
    metrics: Arc<Metrics>,
}

impl HelpCentre {
    pub(super) fn new(search: KnowledgeSearch, metrics: Arc<Metrics>) -> Self {
        Self { search, metrics }
    }

    /// The longest that [`Self::look_up`] takes.
    pub(super) fn timeout(&self) -> Duration {
        self.search.timeout()
    }

    /// What the help centre says to a message.
    pub(super) async fn look_up(&self, redacted: &Redacted) -> LookedUp {
        let (outcome, looked_up) = match self.search.search(redacted, own_words).await {
            Ok(found) if found.answer.is_some() => ("found", LookedUp::Found(found)),
            Ok(found) => ("not_found", LookedUp::Found(found)),
            Err(SearchError::BreakerOpen) => ("breaker_open", LookedUp::Unavailable),
            Err(SearchError::Failed(error)) => {
                tracing::debug!(code = error.code(), "the help centre did not answer");
                ("failed", LookedUp::Unavailable)
            }
        };
        self.metrics.knowledge_search(outcome);
        looked_up
    }
}
