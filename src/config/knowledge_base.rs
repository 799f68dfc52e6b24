//! Settings of the knowledge base, section `[knowledge_base]`.
//!
//! Plain data: reading the folder is the work of `integrations::knowledge_base`. [`KnowledgeBaseConfig::validate`]
//! names the setting that is wrong.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{InvalidSetting, in_range};

/// Where the articles come from and when an answer is good enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KnowledgeBaseConfig {
    /// Folder of articles (`*.md`, searched recursively). Unset: the articles built into the program.
    pub path: Option<PathBuf>,
    /// A synonyms file (TOML) used instead of the built-in one.
    pub synonyms_path: Option<PathBuf>,
    /// Start of an article's public address; the article id is appended. Links between articles lead there too.
    pub link_base_url: String,
    /// The confidence, 0 to 1, under which "no article answers this" is said. Calibrated on the labelled query set
    /// (`tests/corpus/knowledge_queries.jsonl`); higher refuses more.
    pub min_confidence: f32,
    /// How many other articles are offered beside the answer, 0 to 3.
    pub max_alternatives: usize,
    /// Seconds between two looks at the folder for changes, 0 to 86,400; 0 looks only at SIGHUP.
    pub reload_check_s: u32,
}

impl Default for KnowledgeBaseConfig {
    fn default() -> Self {
        Self {
            path: None,
            synonyms_path: None,
            link_base_url: "https://help.example.com/articles/".to_owned(),
            min_confidence: 0.5,
            max_alternatives: 3,
            reload_check_s: 10,
        }
    }
}

impl KnowledgeBaseConfig {
    /// Time between two looks at the folder; zero: none.
    #[must_use]
    pub fn reload_check(&self) -> Duration {
        Duration::from_secs(self.reload_check_s.into())
    }

    /// Checks ranges; touches no file.
    ///
    /// # Errors
    /// [`InvalidSetting`] for the first setting that cannot be right.
    pub fn validate(&self) -> Result<(), InvalidSetting> {
        in_range("knowledge_base.min_confidence", self.min_confidence, 0.0..=1.0)?;
        in_range("knowledge_base.max_alternatives", self.max_alternatives, 0..=3)?;
        in_range("knowledge_base.reload_check_s", self.reload_check_s, 0..=86_400)?;
        let url = &self.link_base_url;
        if !(url.starts_with("https://") || url.starts_with("http://")) || !url.ends_with(['/', '=']) {
            let problem = "must start with https:// or http:// and end with / or =";
            return Err(InvalidSetting::new("knowledge_base.link_base_url", problem));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid_and_a_bad_setting_is_named() {
        assert_eq!(KnowledgeBaseConfig::default().validate(), Ok(()));
        let named = |config: KnowledgeBaseConfig| config.validate().unwrap_err().to_string();
        let default = KnowledgeBaseConfig::default;
        assert!(
            named(KnowledgeBaseConfig {
                min_confidence: f32::NAN,
                ..default()
            })
            .contains("min_confidence")
        );
        assert!(
            named(KnowledgeBaseConfig {
                max_alternatives: 4,
                ..default()
            })
            .contains("max_alternatives")
        );
        let link_base_url = "help.example.com".to_owned();
        assert!(
            named(KnowledgeBaseConfig {
                link_base_url,
                ..default()
            })
            .contains("link_base_url")
        );
        assert!(toml::from_str::<KnowledgeBaseConfig>("pth = 'x'").is_err());
    }
}
