//! Variables of the environment that look like a setting's, and are none.
//!
//! A misspelt name below `SWITCHBOARD__` ends the start. Others may be meant for somebody else, so they are only told of: the service
//! runs without what they were to set. Nothing of their values is told.

use super::sources::{PREFIX, SECRETS, WELL_KNOWN};

/// What a name begins with that is surely meant for this program.
const OURS: &str = "SWITCHBOARD_";
/// What `scripts/smoke.sh` and the tests read.
const OF_SCRIPTS: &[&str] = &[
    "SWITCHBOARD_API_KEY",
    "SWITCHBOARD_OPERATOR_KEY",
    "SWITCHBOARD_LIVE_LLM",
];

/// A variable that sets nothing, in one line: which, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlooked {
    /// Its name.
    pub variable: String,
    /// Why it sets nothing, and what would.
    pub why: String,
}

/// Those among `names`, in their order.
pub(super) fn overlooked<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Overlooked> {
    let told = names.filter_map(|name| {
        why(name).map(|why| Overlooked {
            variable: name.to_owned(),
            why,
        })
    });
    told.collect()
}

fn why(name: &str) -> Option<String> {
    let setting_of = |name| WELL_KNOWN.iter().find(|(known, _)| *known == name);
    if name.starts_with(PREFIX) || setting_of(name).is_some() || OF_SCRIPTS.contains(&name) {
        return None;
    }
    if let Some((known, setting)) = name.strip_suffix("_FILE").and_then(setting_of) {
        return (!SECRETS.contains(setting)).then(|| format!("only a secret comes from a file: set {known}"));
    }
    let capitals = name.to_ascii_uppercase();
    let rest = capitals.strip_prefix(OURS)?;
    if setting_of(&capitals).is_some() || capitals.starts_with(PREFIX) {
        return Some(format!("it has to be written {capitals}"));
    }
    if is_service_link(rest) {
        return None;
    }
    Some(match rest.contains("__") {
        true => format!("if it is to set something, write {PREFIX}{rest}"),
        false => format!("a setting's variable begins with {PREFIX}, such as {PREFIX}SERVER__PORT"),
    })
}

/// What Kubernetes tells every container of a service named `switchboard`, or `switchboard-...`:
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>.
fn is_service_link(rest: &str) -> bool {
    let rest = format!("_{rest}");
    let numbered = rest.split_once("_PORT_").map(|(_, port)| port);
    rest.ends_with("_SERVICE_HOST")
        || rest.contains("_SERVICE_PORT")
        || rest.ends_with("_PORT")
        || numbered.is_some_and(|port| port.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_was_meant_to_set_something_is_told_of() {
        let told = |name: &str| overlooked([name].into_iter()).pop().map(|one| one.why);
        for (name, part) in [
            ("SWITCHBOARD_AUTH__MODE", "write SWITCHBOARD__AUTH__MODE"),
            ("SWITCHBOARD_FOO", "begins with SWITCHBOARD__"),
            ("OPENAI_MODEL_FILE", "set OPENAI_MODEL"),
            ("SWITCHBOARD_LOG_FILE", "set SWITCHBOARD_LOG"),
            ("switchboard__server__port", "written SWITCHBOARD__SERVER__PORT"),
            ("Switchboard_Data_Key", "written SWITCHBOARD_DATA_KEY"),
        ] {
            let why = told(name).unwrap_or_else(|| panic!("{name} is passed over"));
            assert!(why.contains(part), "{name}: {why}");
        }
        for name in [
            "SWITCHBOARD__SERVER__PORT",
            "SWITCHBOARD_DATA_KEY_FILE",
            "OPENAI_API_KEY_FILE",
            "SWITCHBOARD_SERVICE_HOST",
            "SWITCHBOARD_SERVICE_PORT_HTTP",
            "SWITCHBOARD_PORT",
            "SWITCHBOARD_PORT_8000_TCP_ADDR",
            "SWITCHBOARD_METRICS_SERVICE_HOST",
            "SWITCHBOARD_API_KEY",
            "PATH",
            "PORT_FILE_NAME",
        ] {
            assert_eq!(told(name), None, "{name}");
        }
    }
}
