//! Prompts: versioned files, checked when they are loaded, rendered once.
//!
//! A prompt file is TOML: `id`, `version`, `model`, `temperature`, `max_output_tokens`, `system` (plain text) and `user`
//! (a minijinja template over `channel`, `message` and `nonce`). Unknown variables, a duplicate or missing version, and a
//! message that does not stand between two nonces are start-up errors.
//!
//! The template is rendered at start-up, once per channel, with markers in place of message and nonce; a request only
//! fills in the two. So the template cannot look at the message (a message cannot reach the template engine at all),
//! and a request pays for no template.
//!
//! The message is data. It stands between delimiters that carry a nonce: a keyed hash of the text, with a key drawn at
//! start-up, chosen so that it does not occur in the text. A customer can therefore neither guess nor contain it; the
//! closing delimiter in the prompt is always ours.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior, context};
use serde::{Deserialize, Serialize};

use crate::config::llm::PromptConfig;
use crate::message::Channel;

/// The prompt files in the binary; what is used unless `llm.prompts.dir` is set.
const EMBEDDED: &[(&str, &str)] = &[(
    "triage-1.0.0.toml",
    include_str!("../../../prompts/triage-1.0.0.toml"),
)];

/// Stand in for message and nonce while the constant parts are rendered; private-use characters, refused in files.
pub(super) const MESSAGE_MARK: &str = "\u{F8F0}m\u{F8F1}";
pub(super) const NONCE_MARK: &str = "\u{F8F0}n\u{F8F1}";

const VARIABLES: [&str; 3] = ["channel", "message", "nonce"];

/// One prompt file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// What the prompt is for.
    pub id: String,
    /// Its version, `major.minor.patch`; appears in every answer.
    pub version: String,
    /// One line on what this version is or changes.
    pub description: String,
    /// The model it was written for; `llm.model` overrides it.
    pub model: String,
    /// Sampling temperature; not sent when absent (reasoning models refuse it).
    #[serde(default)]
    pub temperature: Option<f64>,
    /// Cap on the reply, in tokens.
    pub max_output_tokens: u32,
    /// The system message.
    pub system: String,
    /// Template of the user message.
    pub user: String,
}

/// Why prompts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The directory or a file cannot be read.
    #[error("llm.prompts.dir: cannot read {path}")]
    Read {
        /// Which one.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is no prompt file.
    #[error("llm.prompts.dir: no *.toml prompt file in it")]
    NoPrompts,
    /// A file is not a prompt file.
    #[error("prompt file {file} is not valid")]
    Syntax {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A field has a value that cannot work.
    #[error("prompt file {file}: {problem}")]
    Field {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// The user template does not compile or render.
    #[error("prompt file {file}: the user template fails")]
    Template {
        /// The file.
        file: String,
        /// Where and why.
        #[source]
        source: Box<minijinja::Error>,
    },
    /// Two files have the same version.
    #[error("prompt version {version} exists twice, the second time in {file}")]
    DuplicateVersion {
        /// The version.
        version: String,
        /// The second file.
        file: String,
    },
    /// The configuration names a version that does not exist.
    #[error("{setting}: there is no prompt version {version}; known are {known}")]
    UnknownVersion {
        /// The setting that names it.
        setting: &'static str,
        /// The version.
        version: String,
        /// The versions that exist.
        known: String,
    },
}

/// A prompt that is in use, and under which name.
#[derive(Debug, Clone)]
pub struct Variant {
    /// `active`, or the experiment's name for it.
    pub name: Arc<str>,
    /// The prompt.
    pub prompt: Prompt,
    /// Its share, relative to the others.
    pub weight: u32,
}

/// Every prompt known, and those in use.
#[derive(Debug, Clone)]
pub struct Prompts {
    all: Vec<Prompt>,
    variants: Vec<Variant>,
}

impl Prompts {
    /// Loads and checks the prompts that the configuration asks for.
    ///
    /// # Errors
    /// [`PromptError`] for the first thing that is wrong.
    pub fn load(config: &PromptConfig) -> Result<Self, PromptError> {
        let files = match &config.dir {
            Some(dir) => read_dir(dir)?,
            None => EMBEDDED
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect(),
        };
        Self::parse(&files, config)
    }

    fn parse(files: &[(String, String)], config: &PromptConfig) -> Result<Self, PromptError> {
        let mut all = Vec::<Prompt>::with_capacity(files.len());
        for (file, text) in files {
            let prompt: Prompt = toml::from_str(text).map_err(|source| PromptError::Syntax {
                file: file.clone(),
                source: Box::new(source),
            })?;
            prompt.check(file)?;
            if all.iter().any(|other| other.version == prompt.version) {
                return Err(PromptError::DuplicateVersion {
                    version: prompt.version,
                    file: file.clone(),
                });
            }
            all.push(prompt);
        }
        all.sort_by_key(|prompt| numbers(&prompt.version));
        let newest = all.last().ok_or(PromptError::NoPrompts)?;
        let variants = if config.variants.is_empty() {
            let version = config.active.as_ref().unwrap_or(&newest.version);
            vec![Variant {
                name: "active".into(),
                prompt: find(&all, version, "llm.prompts.active")?,
                weight: 1,
            }]
        } else {
            if let Some(version) = &config.active {
                find(&all, version, "llm.prompts.active")?;
            }
            let chosen = config.variants.iter().map(|variant| {
                Ok(Variant {
                    name: variant.name.as_str().into(),
                    prompt: find(&all, &variant.version, "llm.prompts.variants")?,
                    weight: variant.weight,
                })
            });
            chosen.collect::<Result<_, PromptError>>()?
        };
        Ok(Self { all, variants })
    }

    /// Every prompt known, oldest version first.
    #[must_use]
    pub fn all(&self) -> &[Prompt] {
        &self.all
    }

    /// The prompts in use: the active one, or the experiment's.
    #[must_use]
    pub fn variants(&self) -> &[Variant] {
        &self.variants
    }

    /// Which variant a conversation gets: always the same for the same key, on every replica, by weight.
    #[must_use]
    pub fn pick(&self, sticky_key: &str) -> usize {
        if self.variants.len() == 1 {
            return 0;
        }
        let total: u64 = self.variants.iter().map(|v| u64::from(v.weight)).sum();
        // SHA-256 because it is the same on every platform and version; the modulo's bias is below 2^-32.
        let digest = ring::digest::digest(&ring::digest::SHA256, sticky_key.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_ref()[..8]);
        let mut point = u64::from_be_bytes(first) % total.max(1);
        for (index, variant) in self.variants.iter().enumerate() {
            match point.checked_sub(u64::from(variant.weight)) {
                Some(rest) => point = rest,
                None => return index,
            }
        }
        0
    }
}

impl Prompt {
    fn check(&self, file: &str) -> Result<(), PromptError> {
        let field = |problem: &str| {
            Err(PromptError::Field {
                file: file.to_owned(),
                problem: problem.to_owned(),
            })
        };
        if self.id.is_empty() || self.model.is_empty() || self.system.trim().is_empty() {
            return field("id, model and system must not be empty");
        }
        if self.version.split('.').count() != 3 || numbers(&self.version).is_none() {
            return field("version must be major.minor.patch");
        }
        if !self.temperature.is_none_or(|t| (0.0..=2.0).contains(&t)) {
            return field("temperature must be from 0 to 2");
        }
        // The Responses API accepts no fewer than 16; a verdict needs about 60.
        if self.max_output_tokens < 60 {
            return field("max_output_tokens must be at least 60");
        }
        if [&self.system, &self.user]
            .iter()
            .any(|text| text.contains(['\u{F8F0}', '\u{F8F1}']))
        {
            return field("the characters U+F8F0 and U+F8F1 are reserved");
        }
        let template_error = |source| PromptError::Template {
            file: file.to_owned(),
            source: Box::new(source),
        };
        let env = environment();
        let template = env.template_from_str(&self.user).map_err(template_error)?;
        let unknown: Vec<_> = template
            .undeclared_variables(false)
            .into_iter()
            .filter(|name| !VARIABLES.contains(&name.as_str()))
            .collect();
        if !unknown.is_empty() {
            return field(&format!(
                "unknown variable {}; known are {}",
                unknown.join(", "),
                VARIABLES.join(", ")
            ));
        }
        for channel in Channel::ALL {
            let frame = self.frame(channel).map_err(template_error)?;
            let mut parts = frame.split(MESSAGE_MARK);
            let (before, after) = (parts.next().unwrap_or(""), parts.next());
            let delimited =
                before.contains(NONCE_MARK) && after.is_some_and(|text| text.contains(NONCE_MARK));
            if !delimited || parts.next().is_some() {
                return field("the user template must hold {{ message }} once, between two {{ nonce }}");
            }
        }
        Ok(())
    }

    /// The user message with markers where message and nonce go.
    pub(super) fn frame(&self, channel: Channel) -> Result<String, minijinja::Error> {
        let env = environment();
        let template = env.template_from_str(&self.user)?;
        template
            .render(context! { channel => channel.as_str(), message => MESSAGE_MARK, nonce => NONCE_MARK })
    }

    /// The user message as the model gets it.
    ///
    /// # Errors
    /// None for a prompt that came from [`Prompts`], which checked the template.
    pub fn render(&self, channel: Channel, nonces: &Nonces, text: &str) -> Result<String, minijinja::Error> {
        let nonce = nonces.for_text(text);
        Ok(self
            .frame(channel)?
            .replace(NONCE_MARK, &nonce)
            .replacen(MESSAGE_MARK, text, 1))
    }
}

fn environment() -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env
}

fn find(all: &[Prompt], version: &str, setting: &'static str) -> Result<Prompt, PromptError> {
    let known = || {
        all.iter()
            .map(|p| p.version.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let found = all.iter().find(|prompt| prompt.version == version).cloned();
    found.ok_or_else(|| PromptError::UnknownVersion {
        setting,
        version: version.to_owned(),
        known: known(),
    })
}

fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

fn read_dir(dir: &Path) -> Result<Vec<(String, String)>, PromptError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        |source| PromptError::Read { path, source }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed(dir))? {
        let path = entry.map_err(failed(dir))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(failed(&path))?;
            let name = path.file_name().unwrap_or_default();
            files.push((name.to_string_lossy().into_owned(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// Draws delimiters. The key is random per process and never leaves it.
#[derive(Debug, Clone, Default)]
pub struct Nonces(RandomState);

impl Nonces {
    /// Sixteen hexadecimal digits that do not occur in `text`, whatever their case there. The same text gives the same
    /// digits, so that identical requests are identical bytes.
    #[must_use]
    pub fn for_text(&self, text: &str) -> String {
        for round in 0u32.. {
            let nonce = format!("{:016x}", self.0.hash_one((round, text)));
            let found = text
                .as_bytes()
                .windows(nonce.len())
                .any(|window| window.eq_ignore_ascii_case(nonce.as_bytes()));
            if !found {
                return nonce;
            }
        }
        // 2^32 different nonces would need a text of 2^32 bytes.
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::llm::VariantConfig;

    fn file(version: &str, user: &str) -> (String, String) {
        let text = format!(
            "id = 'triage'\nversion = '{version}'\ndescription = 'd'\nmodel = 'm'\nmax_output_tokens = 100\n\
             system = 's'\nuser = '{user}'\n"
        );
        (format!("{version}.toml"), text)
    }

    const GOOD: &str = "{{ channel }} <{{ nonce }}>{{ message }}</{{ nonce }}>";

    fn error(files: &[(String, String)], config: &PromptConfig) -> String {
        let error = Prompts::parse(files, config).unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        format!("{error} {}", source.unwrap_or_default())
    }

    #[test]
    fn the_embedded_prompts_load_and_render() {
        let prompts = Prompts::load(&PromptConfig::default()).unwrap();
        let prompt = &prompts.variants()[0].prompt;
        let text = prompt
            .render(Channel::Mail, &Nonces::default(), "Hello {{ nonce }}")
            .unwrap();
        assert!(
            text.contains("mail") && text.contains("Hello {{ nonce }}"),
            "{text}"
        );
        // About four characters a token: 600-700 tokens.
        let chars = prompt.system.chars().count();
        assert!((2000..3400).contains(&chars), "{chars} characters");
    }

    #[test]
    fn mistakes_in_prompt_files_are_start_up_errors() {
        let config = PromptConfig::default();
        let says = |user: &str, words: &str| {
            let error = error(&[file("1.0.0", user)], &config);
            assert!(error.contains(words), "{error}");
        };
        says(
            "{{ nonce }}{{ message }}{{ nonce }}{{ name }}",
            "unknown variable name",
        );
        says("{{ message }}", "between two");
        says("{{ nonce }}{{ message }}", "between two");
        says("{{ nonce }}{{ message }}{{ message }}{{ nonce }}", "between two");
        says("{{ nonce }}{{ message|upper }}{{ nonce }}", "between two");
        says("{{ nonce", "template");
        let twice = error(&[file("1.0.0", GOOD), file("1.0.0", GOOD)], &config);
        assert!(twice.contains("1.0.0 exists twice"), "{twice}");
        assert!(error(&[], &config).contains("no *.toml"));
        let short = error(&[file("1.0", GOOD)], &config);
        assert!(short.contains("major.minor.patch"), "{short}");
        let missing = PromptConfig {
            active: Some("9.9.9".into()),
            ..config
        };
        let missing = error(&[file("1.0.0", GOOD)], &missing);
        assert!(
            missing.contains("llm.prompts.active") && missing.contains("9.9.9"),
            "{missing}"
        );
    }

    #[test]
    fn a_directory_replaces_the_embedded_prompts() {
        let dir = tempfile::tempdir().unwrap();
        let config = PromptConfig {
            dir: Some(dir.path().to_path_buf()),
            ..PromptConfig::default()
        };
        let says = |config: &PromptConfig| Prompts::load(config).unwrap_err().to_string();
        assert!(says(&config).contains("no *.toml"));
        std::fs::write(dir.path().join("mine.toml"), file("7.0.0", GOOD).1).unwrap();
        std::fs::write(dir.path().join("notes.md"), "not a prompt").unwrap();
        assert_eq!(Prompts::load(&config).unwrap().all()[0].version, "7.0.0");
        std::fs::write(dir.path().join("broken.toml"), "version = 1").unwrap();
        assert!(says(&config).contains("broken.toml"));
        let missing = PromptConfig {
            dir: Some("/nowhere".into()),
            ..config
        };
        assert!(says(&missing).contains("llm.prompts.dir"));
    }

    #[test]
    fn the_newest_version_is_active_by_number_not_by_spelling() {
        let files = [file("1.10.0", GOOD), file("1.9.0", GOOD)];
        let prompts = Prompts::parse(&files, &PromptConfig::default()).unwrap();
        assert_eq!(prompts.variants()[0].prompt.version, "1.10.0");
    }

    #[test]
    fn an_experiment_is_sticky_and_keeps_its_weights() {
        let variant = |name: &str, version: &str, weight| VariantConfig {
            name: name.into(),
            version: version.into(),
            weight,
        };
        let config = PromptConfig {
            variants: vec![variant("control", "1.0.0", 3), variant("shorter", "1.1.0", 1)],
            ..PromptConfig::default()
        };
        let prompts = Prompts::parse(&[file("1.0.0", GOOD), file("1.1.0", GOOD)], &config).unwrap();
        let keys: Vec<_> = (0..2000).map(|n| format!("customer-{n}")).collect();
        let second = keys.iter().filter(|key| prompts.pick(key) == 1).count();
        assert!((430..570).contains(&second), "{second} of 2000, 500 expected");
        assert!(
            keys.iter()
                .all(|key| prompts.pick(key) == prompts.clone().pick(key))
        );
    }

    #[test]
    fn a_nonce_never_occurs_in_the_text() {
        let nonces = Nonces::default();
        let mut text = String::from("hello");
        for _ in 0..50 {
            let nonce = nonces.for_text(&text);
            assert!(!text.contains(&nonce));
            text.push_str(&nonce);
        }
    }
}
