//! Where settings come from: a file, the environment, and the files that the environment names.
//!
//! Says only what is set; whether it can be right is for the sections to say. A file or a variable that cannot be read is a
//! [`ConfigError`] that names it and repeats nothing of what it holds. Only the default file may be missing: one that is there and
//! cannot be read is never passed over, for nobody would notice that the service runs without its settings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use config::{Config as Layers, File, FileFormat, Value, ValueKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::wrong_form;
use super::invalid::{ConfigError, InvalidSetting, toml_mistake};

/// The file that is read from the working directory when none is named.
const DEFAULT_FILE: &str = "switchboard.toml";

/// The variables that other tools already set, and the settings they are for.
pub(super) const WELL_KNOWN: &[(&str, &str)] = &[
    ("PORT", "server.port"),
    ("RUST_LOG", "log.level"),
    ("SWITCHBOARD_LOG", "log.format"),
    ("SWITCHBOARD_MODEL", "classifier.model"),
    ("OPENAI_API_KEY", "llm.api_key"),
    ("OPENAI_BASE_URL", "llm.base_url"),
    ("OPENAI_MODEL", "llm.model"),
    ("DATABASE_URL", "store.database_url"),
    ("REDIS_URL", "redis.url"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "otel.endpoint"),
    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "otel.traces_endpoint"),
    ("OTEL_EXPORTER_OTLP_HEADERS", "otel.headers"),
    ("OTEL_EXPORTER_OTLP_PROTOCOL", "otel.protocol"),
    ("OTEL_EXPORTER_OTLP_TIMEOUT", "otel.timeout_ms"),
    ("OTEL_EXPORTER_OTLP_CERTIFICATE", "otel.certificate"),
    ("OTEL_TRACES_EXPORTER", "otel.traces_exporter"),
    ("OTEL_SERVICE_NAME", "otel.service_name"),
    ("OTEL_RESOURCE_ATTRIBUTES", "otel.resource_attributes"),
    ("OTEL_TRACES_SAMPLER", "otel.sampler"),
    ("OTEL_TRACES_SAMPLER_ARG", "otel.sampler_arg"),
    ("OTEL_BSP_MAX_QUEUE_SIZE", "otel.max_queue_size"),
    ("OTEL_SDK_DISABLED", "otel.disabled"),
    ("SWITCHBOARD_DATA_KEY", "store.data_key"),
    ("SWITCHBOARD_PREVIOUS_DATA_KEYS", "store.previous_data_keys"),
];

/// Settings that hold a secret: these may come from a file, and are never printed.
pub(super) const SECRETS: &[&str] = &[
    "llm.api_key",
    "llm.connection.proxy",
    "redis.url",
    "otel.headers",
    "store.database_url",
    "store.data_key",
    "store.previous_data_keys",
    "ticketing.secret",
    "compliance.secret",
];

/// Prefix of the variables that name a setting by its path.
pub(super) const PREFIX: &str = "SWITCHBOARD__";

/// The variables of this process. Those of other programs need not be text; ours have to be.
///
/// # Errors
/// [`ConfigError`] for a variable of ours that is not UTF-8.
pub(super) fn texts(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut texts = BTreeMap::new();
    for (name, value) in variables {
        let Ok(name) = name.into_string() else {
            continue;
        };
        match value.into_string() {
            Ok(value) => {
                texts.insert(name, value);
            }
            Err(_) if is_ours(&name) => return Err(ConfigError::NotText { name }),
            Err(_) => {}
        }
    }
    Ok(texts)
}

fn is_ours(name: &str) -> bool {
    let stem = name.strip_suffix("_FILE").unwrap_or(name);
    name.starts_with(PREFIX) || WELL_KNOWN.iter().any(|(known, _)| *known == stem)
}

/// Reads `file` (or [`DEFAULT_FILE`], where it exists) and then `environment` into a tree.
///
/// # Errors
/// [`ConfigError`] when one of them cannot be read as the tree.
pub(super) fn read<T: DeserializeOwned + Default + Serialize>(
    file: Option<&Path>,
    environment: BTreeMap<String, String>,
) -> Result<T, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    let text = text_of(path, file.is_some())?;
    let mut layers = Layers::builder();
    if let Some(text) = &text {
        toml::from_str::<toml::Table>(text).map_err(|error| ConfigError::Syntax {
            file: path.display().to_string(),
            mistake: toml_mistake(text, &error),
        })?;
        layers = layers.add_source(File::from_str(text, FileFormat::Toml));
    }
    let defaults = serde_json::to_value(T::default()).expect("a tree of tables, strings and numbers is JSON");
    let is_list = |setting: &str| {
        let pointer = format!("/{}", setting.replace('.', "/"));
        defaults
            .pointer(&pointer)
            .is_some_and(serde_json::Value::is_array)
    };
    let mut variables = Vec::new();
    for (setting, variable, value) in settings_of(&environment)? {
        let value = environment_value(&value, is_list(&setting));
        layers = layers
            .set_override(&setting, value)
            .map_err(|_| InvalidSetting::new(&variable, "names no setting"))?;
        variables.push((setting, variable));
    }
    layers.build().and_then(Layers::try_deserialize).map_err(|error| {
        let InvalidSetting { setting, problem } = wrong_form(error);
        let whence = match variable_of(&setting, &variables) {
            Some(variable) => format!(" (environment variable {variable})"),
            None if text.is_some() => format!(" (in {})", path.display()),
            None => String::new(),
        };
        InvalidSetting::new(setting, problem + &whence).into()
    })
}

/// Why a text is not what it ought to hold.
#[derive(Debug)]
pub(super) enum Unread {
    /// It is not TOML: where and why, in the words of [`toml_mistake`].
    Syntax(String),
    /// A setting in it has not its form.
    Form(InvalidSetting),
}

/// Reads a text of TOML for itself.
///
/// # Errors
/// [`Unread`]; it repeats nothing of the text but names.
pub(super) fn from_toml<T: DeserializeOwned>(text: &str) -> Result<T, Unread> {
    toml::from_str::<toml::Table>(text).map_err(|error| Unread::Syntax(toml_mistake(text, &error)))?;
    let layers = Layers::builder().add_source(File::from_str(text, FileFormat::Toml));
    layers
        .build()
        .and_then(Layers::try_deserialize)
        .map_err(|error| Unread::Form(wrong_form(error)))
}

/// The text of the file; `None` where the default one is not there.
fn text_of(path: &Path, named: bool) -> Result<Option<String>, ConfigError> {
    let file = || path.display().to_string();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        // A link that leads nowhere is there: what it led to is gone.
        Err(error) if !named && error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(source) => return Err(ConfigError::File { file: file(), source }),
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(ConfigError::NotText { name: file() }),
    }
}

/// The variable that set `setting`, something in it, or what it is in.
fn variable_of<'v>(setting: &str, variables: &'v [(String, String)]) -> Option<&'v str> {
    let within = |part: &str, whole: &str| {
        part.strip_prefix(whole)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    // The last one won.
    let mut variables = variables.iter().rev();
    variables
        .find(|(set, _)| within(setting, set) || within(set, setting))
        .map(|(_, variable)| variable.as_str())
}

/// Turns environment variables into settings, each as `section.key`, variable and value, reading the files that secrets name.
fn settings_of(environment: &BTreeMap<String, String>) -> Result<Vec<(String, String, String)>, ConfigError> {
    let mut settings = Vec::new();
    // Path variables first: a later override wins, and the well-known names have the last word.
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let setting = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        let secret = setting
            .strip_suffix("_file")
            .filter(|stem| SECRETS.contains(stem));
        let (setting, value) = match secret {
            Some(stem) => (stem.to_owned(), read_secret(environment, name, value)?),
            None => (setting, value.clone()),
        };
        settings.push((setting, name.clone(), value));
    }
    for (name, setting) in WELL_KNOWN {
        if let Some(value) = environment.get(*name).filter(|value| !value.is_empty()) {
            settings.push(((*setting).to_owned(), (*name).to_owned(), value.clone()));
        }
        let file_name = format!("{name}_FILE");
        if let Some(path) = environment.get(&file_name).filter(|_| SECRETS.contains(setting)) {
            let value = read_secret(environment, &file_name, path)?;
            settings.push(((*setting).to_owned(), file_name, value));
        }
    }
    Ok(settings)
}

/// The content of the file that `variable` names.
fn read_secret(
    environment: &BTreeMap<String, String>,
    variable: &str,
    path: &str,
) -> Result<String, ConfigError> {
    let name = &variable[..variable.len() - "_FILE".len()];
    if environment.get(name).is_some_and(|value| !value.is_empty()) {
        return Err(ConfigError::SecretTwice {
            name: name.to_owned(),
        });
    }
    let content = std::fs::read_to_string(PathBuf::from(path)).map_err(|source| ConfigError::SecretFile {
        variable: variable.to_owned(),
        source,
    })?;
    Ok(content)
}

/// A variable's value. `[a, b]` is a list where the setting is one; everything else stays text, which the typed tree then reads as what the
/// field is. The line break at the end, which editors and `openssl rand` add to a file and a secrets store then hands on as it is, is not
/// part of it.
fn environment_value(value: &str, is_list: bool) -> Value {
    let value = value.trim_end_matches(['\r', '\n']);
    let text = |text: &str| Value::new(None, ValueKind::String(text.to_owned()));
    let items = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match items.filter(|_| is_list) {
        Some(items) => {
            let items = items
                .split(',')
                .map(|item| item.trim().trim_matches('"'))
                .filter(|item| !item.is_empty());
            Value::new(None, ValueKind::Array(items.map(text).collect()))
        }
        None => text(value),
    }
}
