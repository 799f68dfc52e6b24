//! Where settings come from: a file, the environment, and the files that the environment names.
//!
//! Says only what is set; whether it can be right is for the sections to say. A file or a variable that cannot be read is a
//! [`ConfigError`] that names it and repeats nothing of what it holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config as Layers, File, FileFormat, Value, ValueKind};
use serde::de::DeserializeOwned;

use super::invalid::{ConfigError, mistake};

/// The file that is read from the working directory when none is named.
const DEFAULT_FILE: &str = "switchboard.toml";

/// The variables that other tools already set, and the settings they are for.
const WELL_KNOWN: &[(&str, &str)] = &[
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
const SECRETS: &[&str] = &[
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
const PREFIX: &str = "SWITCHBOARD__";

/// Reads `file` (or [`DEFAULT_FILE`], where it exists) and then `environment` into a tree.
///
/// # Errors
/// [`ConfigError`] when one of them cannot be read as the tree.
pub(super) fn read<T: DeserializeOwned>(
    file: Option<&Path>,
    environment: BTreeMap<String, String>,
) -> Result<T, ConfigError> {
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    // One that cannot be read is the reader's to report.
    if let Ok(text) = std::fs::read_to_string(path) {
        toml::from_str::<toml::Table>(&text).map_err(|error| ConfigError::Syntax {
            file: path.display().to_string(),
            mistake: mistake(&text, &error),
        })?;
    }
    let source = File::new(&path.to_string_lossy(), FileFormat::Toml).required(file.is_some());
    let mut layers = Layers::builder().add_source(source);
    for (setting, value) in settings_of(environment)? {
        layers = layers
            .set_override(setting, value)
            .map_err(ConfigError::Unreadable)?;
    }
    layers
        .build()
        .and_then(Layers::try_deserialize)
        .map_err(ConfigError::Unreadable)
}

/// Turns environment variables into `section.key` settings, reading the files that secrets name.
fn settings_of(environment: BTreeMap<String, String>) -> Result<Vec<(String, Value)>, ConfigError> {
    let mut settings = Vec::new();
    // Path variables first: a later override wins, and the well-known names have the last word.
    for (name, value) in environment.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let setting = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        let secret = setting
            .strip_suffix("_file")
            .filter(|stem| SECRETS.contains(stem));
        let (setting, value) = match secret {
            Some(stem) => (stem.to_owned(), read_secret(&environment, name, value)?),
            None => (setting, value.clone()),
        };
        settings.push((setting, environment_value(name, &value)));
    }
    for (name, setting) in WELL_KNOWN {
        if let Some(value) = environment.get(*name).filter(|value| !value.is_empty()) {
            settings.push(((*setting).to_owned(), environment_value(name, value)));
        }
        let file_name = format!("{name}_FILE");
        if let Some(path) = environment.get(&file_name).filter(|_| SECRETS.contains(setting)) {
            let value = read_secret(&environment, &file_name, path)?;
            settings.push(((*setting).to_owned(), environment_value(&file_name, &value)));
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

/// A variable's value, with the variable as its origin so that an error can name it. `[a, b]` is a list; everything else stays
/// text, which the typed tree then reads as what the field is. The line break at the end, which editors and `openssl rand` add to a file and a
/// secrets store then hands on as it is, is not part of it.
fn environment_value(variable: &str, value: &str) -> Value {
    let value = value.trim_end_matches(['\r', '\n']);
    let origin = format!("environment variable {variable}");
    let list = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let kind = match list {
        Some(items) => ValueKind::Array(
            items
                .split(',')
                .map(|item| item.trim().trim_matches('"'))
                .filter(|item| !item.is_empty())
                .map(|item| Value::new(Some(&origin), ValueKind::String(item.to_owned())))
                .collect(),
        ),
        None => ValueKind::String(value.to_owned()),
    };
    Value::new(Some(&origin), kind)
}
