//! Action templates: what the service does for each intent, as reviewed data.
//!
//! An operator changes wording, queues and questions in a file (`workflow.templates_path`), not in code. Everything
//! is checked when the file is read, including that every template renders; after that rendering cannot fail. Templates
//! see checked values only (order ids, amounts, dates, known product names, a reason from a closed list), never the
//! customer's words.

use std::collections::BTreeMap;

use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use super::priority::Priority;
use crate::classify::Intent;
use crate::config::toml_mistake;

/// The templates built into the program.
const BUILT_IN: &str = include_str!("data/actions.toml");
/// The entities that a template may require.
const KNOWN_ENTITIES: &[&str] = &["order_id"];
/// Where a ticket's payload has the request's facts, beside the template's own fields.
const ENTITIES: &str = "entities";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    action: Vec<ActionTemplate>,
}

/// What is done for one intent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionTemplate {
    /// The intent it is for.
    pub intent: Intent,
    /// Machine name of the step.
    pub action: String,
    /// How soon.
    pub priority: Priority,
    /// Place among several requests of one message; lower comes first.
    pub order: u16,
    /// The queue its ticket goes to.
    pub queue: String,
    /// Entities without which nothing is done.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Whether a person has to agree before anything happens.
    pub requires_human_review: bool,
    /// What has to happen before anybody acts on the ticket.
    #[serde(default)]
    pub hold_until: Option<String>,
    /// For the customer (minijinja).
    pub description: String,
    /// For the agent, one line (minijinja).
    pub summary: String,
    /// What the customer can expect or do (minijinja).
    #[serde(default)]
    pub next_steps: Vec<String>,
    /// Static fields for the target system.
    #[serde(default)]
    pub payload: BTreeMap<String, String>,
    /// The question for each required entity.
    #[serde(default)]
    pub questions: BTreeMap<String, String>,
}

/// Why a templates file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Not TOML of the right shape.
    #[error("{0}")]
    Syntax(String),
    /// An intent without a template, or with two.
    #[error("intent {intent} needs exactly one action, has {count}")]
    Count {
        /// The intent.
        intent: Intent,
        /// How many it has.
        count: usize,
    },
    /// An entity nobody can extract.
    #[error("action for {intent} requires {entity:?}; known are {KNOWN_ENTITIES:?}")]
    UnknownEntity {
        /// The intent.
        intent: Intent,
        /// The entity.
        entity: String,
    },
    /// Nothing to ask with.
    #[error("action for {intent} requires {entity:?} but has no question for it")]
    NoQuestion {
        /// The intent.
        intent: Intent,
        /// The entity.
        entity: String,
    },
    /// A text that says nothing.
    #[error("action for {intent}: {field} is empty")]
    Empty {
        /// The intent.
        intent: Intent,
        /// The field.
        field: &'static str,
    },
    /// A field of the payload that the facts have.
    #[error("action for {intent}: payload has a field {ENTITIES:?}, which is where the entities go")]
    ReservedField {
        /// The intent.
        intent: Intent,
    },
    /// A template that does not compile or render.
    #[error("action for {intent}: {field}: {problem}")]
    Template {
        /// The intent.
        intent: Intent,
        /// The field.
        field: String,
        /// What is wrong.
        problem: String,
    },
}

/// The checked values a template may use.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TemplateValues {
    /// Order ids, in the order they were written.
    pub order_ids: Vec<String>,
    /// All of them, joined by commas and "and".
    pub order_id: String,
    /// Amounts of money, such as `USD 12.50`.
    pub amounts: Vec<String>,
    /// Names from the list of known products.
    pub products: Vec<String>,
    /// Days, ISO 8601.
    pub dates: Vec<String>,
    /// Why, from a closed list, in words.
    pub reason: Option<String>,
    /// Where the message came from.
    pub channel: String,
}

/// A rendered template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For the customer.
    pub description: String,
    /// For the agent.
    pub summary: String,
    /// What the customer can expect or do.
    pub next_steps: Vec<String>,
}

/// A checked set of templates: exactly one for each intent.
#[derive(Debug)]
pub struct ActionTemplates {
    by_intent: BTreeMap<Intent, ActionTemplate>,
    environment: Environment<'static>,
}

impl ActionTemplates {
    /// The templates built into the program.
    ///
    /// # Errors
    /// None in a tested build.
    pub fn built_in() -> Result<Self, TemplateError> {
        Self::parse(BUILT_IN)
    }

    /// Reads and checks a templates file.
    ///
    /// # Errors
    /// [`TemplateError`], naming the intent and field.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let file: File =
            toml::from_str(text).map_err(|error| TemplateError::Syntax(toml_mistake(text, &error)))?;
        for intent in Intent::ALL.iter().copied() {
            let count = file
                .action
                .iter()
                .filter(|action| action.intent == intent)
                .count();
            if count != 1 {
                return Err(TemplateError::Count { intent, count });
            }
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        for action in &file.action {
            action.check()?;
            for (field, source) in action.sources() {
                environment
                    .add_template_owned(action.name(&field), source.clone())
                    .map_err(|error| action.broken(&field, &error))?;
            }
        }
        let templates = Self {
            by_intent: file
                .action
                .into_iter()
                .map(|action| (action.intent, action))
                .collect(),
            environment,
        };
        templates.check_rendering()?;
        Ok(templates)
    }

    /// The template for `intent`.
    #[must_use]
    pub fn of(&self, intent: Intent) -> &ActionTemplate {
        self.by_intent
            .get(&intent)
            .expect("every intent was found to have a template")
    }

    /// Fills in a template.
    #[must_use]
    pub fn render(&self, intent: Intent, values: &TemplateValues) -> Rendered {
        let template = self.of(intent);
        let values = minijinja::Value::from(minijinja::value::Serde(values));
        // Rendering was tried with none, one and several of every value. A template that still fails on some count
        // must not cost the customer the ticket.
        let text = |field: &str, source: &str| {
            self.try_render(template, field, source, &values)
                .unwrap_or_else(|_| "An agent takes care of it.".to_owned())
        };
        let steps = template.next_steps.iter().enumerate();
        Rendered {
            description: text("description", &template.description),
            summary: text("summary", &template.summary),
            next_steps: steps
                .map(|(at, step)| text(&format!("next_steps.{at}"), step))
                .collect(),
        }
    }

    fn try_render(
        &self,
        action: &ActionTemplate,
        field: &str,
        source: &str,
        values: &minijinja::Value,
    ) -> Result<String, TemplateError> {
        if is_static(source) {
            return Ok(without_last_line_break(source).to_owned());
        }
        self.environment
            .get_template(&action.name(field))
            .and_then(|template| template.render(values.clone()))
            .map_err(|error| action.broken(field, &error))
    }

    /// Tries every template with nothing, one and several of everything: what works now works always.
    fn check_rendering(&self) -> Result<(), TemplateError> {
        let values = |count: usize| TemplateValues {
            order_ids: (0..count).map(|at| format!("1000{at}")).collect(),
            order_id: "10000".to_owned(),
            amounts: (0..count).map(|at| format!("USD {at}.00")).collect(),
            products: (0..count).map(|at| format!("product {at}")).collect(),
            dates: (0..count).map(|_| "2026-01-31".to_owned()).collect(),
            reason: (count > 0).then(|| "damaged".to_owned()),
            channel: "chat".to_owned(),
        };
        for action in self.by_intent.values() {
            for (field, source) in action.sources() {
                for count in 0..4 {
                    let values = minijinja::Value::from(minijinja::value::Serde(&values(count)));
                    let text = self.try_render(action, &field, source, &values)?;
                    if text.trim().is_empty() || text.contains('\n') {
                        let problem = "must render to one line that is not empty".to_owned();
                        return Err(TemplateError::Template {
                            intent: action.intent,
                            field,
                            problem,
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a template is the same for every request: nothing in it is filled in.
fn is_static(source: &str) -> bool {
    !source.contains(['{', '}', '#'])
}

/// A static text as the template engine would give it: TOML's `"""` mostly leaves a line break at the end.
fn without_last_line_break(source: &str) -> &str {
    let line = source.strip_suffix('\n').unwrap_or(source);
    line.strip_suffix('\r').unwrap_or(line)
}

impl ActionTemplate {
    fn check(&self) -> Result<(), TemplateError> {
        let intent = self.intent;
        for entity in &self.requires {
            if !KNOWN_ENTITIES.contains(&entity.as_str()) {
                return Err(TemplateError::UnknownEntity {
                    intent,
                    entity: entity.clone(),
                });
            }
            if self
                .questions
                .get(entity)
                .is_none_or(|question| question.trim().is_empty())
            {
                return Err(TemplateError::NoQuestion {
                    intent,
                    entity: entity.clone(),
                });
            }
        }
        for (field, text) in [("action", &self.action), ("queue", &self.queue)] {
            if text.trim().is_empty() {
                return Err(TemplateError::Empty { intent, field });
            }
        }
        if self.payload.contains_key(ENTITIES) {
            return Err(TemplateError::ReservedField { intent });
        }
        Ok(())
    }

    fn sources(&self) -> impl Iterator<Item = (String, &String)> {
        [
            ("description".to_owned(), &self.description),
            ("summary".to_owned(), &self.summary),
        ]
        .into_iter()
        .chain(
            self.next_steps
                .iter()
                .enumerate()
                .map(|(at, step)| (format!("next_steps.{at}"), step)),
        )
    }

    fn name(&self, field: &str) -> String {
        format!("{}.{field}", self.intent)
    }

    fn broken(&self, field: &str, error: &minijinja::Error) -> TemplateError {
        TemplateError::Template {
            intent: self.intent,
            field: field.to_owned(),
            problem: error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_rendered_with_nothing_one_and_several_of_everything() {
        let templates = ActionTemplates::built_in().unwrap();
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let values = [
            TemplateValues::default(),
            TemplateValues {
                order_ids: list(&["10093552"]),
                order_id: "10093552".to_owned(),
                amounts: list(&["USD 12.50"]),
                reason: Some("damaged".to_owned()),
                ..TemplateValues::default()
            },
            TemplateValues {
                order_ids: list(&["10093552", "10093553"]),
                order_id: "10093552 and 10093553".to_owned(),
                amounts: list(&["USD 12.50", "EUR 3.00"]),
                ..TemplateValues::default()
            },
        ];
        let mut all = String::new();
        for intent in Intent::ALL.iter().copied() {
            let template = templates.of(intent);
            for values in &values {
                // What a template requires is there when it is rendered.
                if !template.requires.is_empty() && values.order_ids.is_empty() {
                    continue;
                }
                let rendered = templates.render(intent, values);
                all.push_str(&format!("{intent} -> {} ({})\n", template.action, template.queue));
                all.push_str(&format!("  {}\n  {}\n", rendered.description, rendered.summary));
                rendered
                    .next_steps
                    .iter()
                    .for_each(|step| all.push_str(&format!("  - {step}\n")));
            }
            template
                .questions
                .values()
                .for_each(|question| all.push_str(&format!("  ? {question}\n")));
        }
        insta::assert_snapshot!("every_template", all);
    }

    #[test]
    fn a_static_text_is_one_line_as_a_filled_in_one_is() {
        let with = |summary: &str| {
            let text = BUILT_IN.replacen("summary = \"", &format!("summary = \"{summary}\"\n# \""), 1);
            assert_ne!(text, BUILT_IN);
            let templates = ActionTemplates::parse(&text)?;
            let rendered = Intent::ALL
                .iter()
                .map(|intent| templates.render(*intent, &TemplateValues::default()));
            Ok::<_, TemplateError>(rendered.map(|rendered| rendered.summary).collect::<Vec<_>>())
        };
        for ending in ["", "\\n", "\\r\\n"] {
            let summaries = with(&format!("Looked at{ending}")).unwrap();
            assert!(summaries.contains(&"Looked at".to_owned()), "{summaries:?}");
        }
        for broken in ["Looked\\nat", "Looked at\\n\\n", "\\n"] {
            assert!(
                with(broken).unwrap_err().to_string().contains("one line"),
                "{broken}"
            );
        }
    }

    #[test]
    fn a_broken_file_names_the_intent_and_the_field() {
        assert!(ActionTemplates::built_in().is_ok());
        let broken = |from: &str, to: &str| {
            let text = BUILT_IN.replacen(from, to, 1);
            assert_ne!(text, BUILT_IN, "{from} is in the file");
            ActionTemplates::parse(&text).unwrap_err().to_string()
        };
        assert!(broken("intent = \"other\"", "intent = \"open_ticket\"").contains("needs exactly one"));
        assert!(broken("requires = [\"order_id\"]", "requires = [\"shoe_size\"]").contains("shoe_size"));
        assert!(broken("[action.questions]", "[action.answers]").contains("answers"));
        assert!(broken("{{ order_id }}", "{{ message }}").contains("cancel_order: description"));
        assert!(broken("{{ order_id }}", "{{ order_id").contains("cancel_order: description"));
        assert!(broken("queue = \"orders\"", "queue = \" \"").contains("queue is empty"));
        assert!(broken("type = \"refund\"", "entities = \"refund\"").contains("request_refund: payload"));
    }
}
