//! Imports point down the request: the table of `docs/architecture.md`, held against every `use crate::` line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What each part may import besides itself. A part that is not listed (the composition root and the command line) may
/// import anything.
const ALLOWED: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("closed_set", &[]),
    ("cohort", &[]),
    ("config", &[]),
    ("message", &[]),
    ("lifecycle", &["clock"]),
    ("lanes", &["clock", "lifecycle"]),
    ("telemetry", &["clock", "config"]),
    ("privacy", &["clock", "config", "message"]),
    ("admission", &["clock", "config", "lifecycle", "telemetry"]),
    ("store", &["clock", "config", "message", "privacy", "telemetry"]),
    (
        "integrations",
        &["clock", "config", "message", "privacy", "telemetry"],
    ),
    (
        "classify",
        &["clock", "config", "message", "privacy", "telemetry"],
    ),
    (
        "workflow",
        &[
            "classify",
            "clock",
            "config",
            "integrations",
            "message",
            "privacy",
            "telemetry",
        ],
    ),
    (
        "delivery",
        &[
            "clock",
            "config",
            "integrations",
            "lifecycle",
            "store",
            "telemetry",
        ],
    ),
    (
        "triage",
        &[
            "classify",
            "clock",
            "cohort",
            "config",
            "message",
            "privacy",
            "store",
            "telemetry",
            "workflow",
        ],
    ),
    (
        "operator",
        &["classify", "clock", "config", "privacy", "store", "telemetry"],
    ),
    (
        "http",
        &[
            "admission",
            "clock",
            "config",
            "lanes",
            "lifecycle",
            "message",
            "operator",
            "telemetry",
            "triage",
        ],
    ),
];

/// Parts that nothing restricts: they put the others together.
const UNRESTRICTED: &[&str] = &["app", "cli", "lib", "main"];

#[test]
fn imports_point_down_the_request() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, source) in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let part = part_of(&file);
        seen.insert(part.clone());
        if UNRESTRICTED.contains(&part.as_str()) {
            continue;
        }
        let Some(may) = allowed.get(part.as_str()) else {
            wrong.push(format!("{file}: the part `{part}` is not in the table"));
            continue;
        };
        for imported in imports(&source) {
            if imported != part && !may.contains(&imported.as_str()) {
                wrong.push(format!("{file}: `{part}` may not import `{imported}`"));
            }
        }
    }
    assert!(
        seen.contains("http") && seen.contains("triage"),
        "the sources were not found: {seen:?}"
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    for (file, source) in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        assert!(
            source.starts_with("//! "),
            "{file} does not open with a `//!` comment"
        );
    }
}

#[test]
fn the_table_refuses_what_it_should() {
    let source = "use crate::http::Problem;\n    use crate::{clock::Clock, store};\nlet x = crate::triage::f();\n// crate::cli\n";
    let found: Vec<String> = imports(source).into_iter().collect();
    assert_eq!(found, ["clock", "http", "store", "triage"]);
}

/// Every source file below `root`, by its path relative to it.
fn sources(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The top-level module a file belongs to.
fn part_of(file: &str) -> String {
    file.split('/').next().unwrap().trim_end_matches(".rs").to_owned()
}

/// The top-level modules that a source names with `crate::`, comments left out.
fn imports(source: &str) -> BTreeSet<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = &group[..group.find(';').unwrap_or(group.len())];
                found.extend(top_level(group).map(|item| word(item.trim())));
            }
            None => {
                found.insert(word(rest));
            }
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

/// The items of a `{a::B, c::{D, E}}` group, split at the commas that are not nested.
fn top_level(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    group.split(move |c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    })
}
