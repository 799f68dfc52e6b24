//! Asks the configured help centre before a case is decided, so that deciding itself waits for nobody.
//!
//! Only cases whose workflow searches are looked up, with redacted text. A help centre that is down, slow or broken costs the customer an
//! article, not the answer: the workflow then suggests contact.

use std::sync::Arc;
use std::time::Duration;

use super::{Case, Workflows, own_words};
use crate::classify::Category;
use crate::integrations::knowledge_base::SearchResult;
use crate::integrations::knowledge_search_http::{KnowledgeSearch, SearchError};
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

impl Workflows {
    /// With a help centre that is asked instead of the articles in memory.
    #[must_use]
    pub fn with_help_centre(self, search: KnowledgeSearch, metrics: Arc<Metrics>) -> Self {
        Self {
            help_centre: Some(HelpCentre { search, metrics }),
            ..self
        }
    }

    /// The longest that [`Self::look_up`] takes: time that nobody else may use up.
    #[must_use]
    pub fn look_up_limit(&self) -> Duration {
        self.help_centre
            .as_ref()
            .map_or(Duration::ZERO, |help_centre| help_centre.search.timeout())
    }

    /// What the help centre says to this case; `None` where there is none, or where nothing is searched for.
    pub async fn look_up(&self, case: &Case<'_>) -> Option<LookedUp> {
        let help_centre = self.help_centre.as_ref()?;
        let searches = match case.classification.category {
            Category::SafetyCompliance => false,
            Category::Informational => true,
            // Only the hand-over of an unsure one names articles.
            Category::ServiceAction => !self.is_sure(case),
        };
        if !searches {
            return None;
        }
        // Apart, so that a message which nobody is asked about does not carry the room for it along.
        let search = Box::pin(help_centre.search.search(case.redacted, own_words));
        let (outcome, looked_up) = match search.await {
            Ok(found) if found.answer.is_some() => ("found", LookedUp::Found(found)),
            Ok(found) => ("not_found", LookedUp::Found(found)),
            Err(SearchError::BreakerOpen) => ("breaker_open", LookedUp::Unavailable),
            Err(SearchError::Failed(error)) => {
                tracing::debug!(code = error.code(), "the help centre did not answer");
                ("failed", LookedUp::Unavailable)
            }
        };
        help_centre.metrics.knowledge_search(outcome);
        Some(looked_up)
    }
}
