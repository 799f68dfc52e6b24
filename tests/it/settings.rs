//! `docs/settings.md` names every setting, with what the configuration says of it: the page is made here of the doc comments in `src/config`
//! and of the defaults, and compared.
//!
//! Where it is another the test leaves the new page beside the build and says how to take it over.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use switchboard::config::Config;
use syn::{Attribute, Expr, ExprLit, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

const ABOUT: &str = "# Settings

Every setting, its default and what it means. [README.md](../README.md) has the few that most need; `switchboard config show` prints what a
configuration comes to, and `switchboard config check` says whether it is right.

A setting stands in `switchboard.toml` (or `--config FILE`) under its section: `server.port` is `port` below `[server]`. Each is a variable of the environment
too, which wins over the file: `SWITCHBOARD__` and its name in capitals, with `__` for each dot, such as `SWITCHBOARD__SERVER__PORT`. Variables that other tools
know as well are named with their setting, and win over both. A list is written `[a, b]` there. What has `[]` in its name stands in a table of a list, such as
`[[auth.keys]]`: such tables, and lists of lists, stand in the file only.

What a name ends in is its unit: `_ms` milliseconds, `_s` seconds, `_minutes`, `_hours`, `_days`, `_bytes`. A **secret** can come from a file, whose path is in its
variable with `_FILE` added (`OPENAI_API_KEY_FILE`), and is never printed. A default \"none\" is nothing: leave the setting out. A wrong value, or a name that is not here, ends the
start with exit code 64.

This page is made of the source. To change it, change the comments in `src/config` and run `cargo test --test it settings`, which says how to take over the new one.
";

/// What a field's type comes to.
#[derive(Clone, Default)]
struct Kind {
    optional: bool,
    list: bool,
    name: String,
}

struct Field {
    name: String,
    doc: String,
    kind: Kind,
    /// May be left out where it stands in a table of a list.
    has_default: bool,
}

/// The sources of the configuration, read.
#[derive(Default)]
struct Sources {
    tables: BTreeMap<String, Vec<Field>>,
    /// The words of a closed set, each with what it means.
    words: BTreeMap<String, Vec<(String, String)>>,
    /// Settings by their variables that other tools know.
    well_known: Vec<(String, String)>,
    secrets: BTreeSet<String>,
    /// Setting, lowest and highest value, as `validate` has them.
    ranges: Vec<(String, String, String)>,
}

/// One row of the page.
struct Row {
    name: String,
    default: String,
    doc: String,
    secret: bool,
    /// One of a table that a list or an option holds: not there by default.
    inner: bool,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn doc_of(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// What serde is told of an item: the value of `name`, or empty for a bare word.
fn serde_says(attributes: &[Attribute], name: &str) -> Option<String> {
    let mut said = None;
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        attribute
            .parse_nested_meta(|meta| {
                let value = match meta.value() {
                    Ok(value) => value.parse::<syn::LitStr>()?.value(),
                    Err(_) => String::new(),
                };
                if meta.path.is_ident(name) {
                    said = Some(value);
                }
                Ok(())
            })
            .unwrap();
    }
    said
}

fn kind_of(kind: &Type) -> Kind {
    let Type::Path(path) = kind else {
        return Kind::default();
    };
    let last = path.path.segments.last().unwrap();
    let name = last.ident.to_string();
    let inner = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => kind_of(inner),
            _ => Kind::default(),
        },
        _ => Kind::default(),
    };
    match name.as_str() {
        "Option" => Kind {
            optional: true,
            ..inner
        },
        "Vec" => Kind { list: true, ..inner },
        _ => Kind {
            name,
            ..Kind::default()
        },
    }
}

/// A variant as it is written: serde's two ways to change it that are used here.
fn word(variant: &syn::Variant, rule: Option<&str>) -> String {
    let name = variant.ident.to_string();
    serde_says(&variant.attrs, "rename").unwrap_or_else(|| match rule {
        Some("lowercase") => name.to_lowercase(),
        Some("snake_case") => {
            let mut words = String::new();
            for c in name.chars() {
                if c.is_uppercase() && !words.is_empty() {
                    words.push('_');
                }
                words.extend(c.to_lowercase());
            }
            words
        }
        other => panic!("{name} is written {other:?}"),
    })
}

impl Sources {
    fn read() -> Self {
        let mut files = vec![root().join("src/config.rs")];
        let folder = std::fs::read_dir(root().join("src/config")).unwrap();
        files.extend(folder.map(|entry| entry.unwrap().path()));
        files.sort();
        let mut sources = Self::default();
        for file in files {
            sources.add(&file);
        }
        sources
    }

    fn add(&mut self, file: &Path) {
        let text = std::fs::read_to_string(file).unwrap();
        for item in syn::parse_file(&text).unwrap().items {
            match item {
                Item::Struct(table) => {
                    let Fields::Named(fields) = table.fields else {
                        continue;
                    };
                    let fields = fields.named.iter().map(|field| Field {
                        name: field.ident.as_ref().unwrap().to_string(),
                        doc: doc_of(&field.attrs),
                        kind: kind_of(&field.ty),
                        has_default: serde_says(&field.attrs, "default").is_some(),
                    });
                    self.tables.insert(table.ident.to_string(), fields.collect());
                }
                Item::Enum(set) => {
                    // Only what is written in a file has such words.
                    let rule = serde_says(&set.attrs, "rename_all");
                    let renamed = |variant: &syn::Variant| serde_says(&variant.attrs, "rename").is_some();
                    if rule.is_none() && !set.variants.iter().all(renamed) {
                        continue;
                    }
                    let words = set.variants.iter();
                    let words = words.map(|variant| (word(variant, rule.as_deref()), doc_of(&variant.attrs)));
                    self.words.insert(set.ident.to_string(), words.collect());
                }
                _ => {}
            }
        }
        if file.ends_with("sources.rs") {
            let listed = |name: &str| {
                let list = text.split_once(&format!("const {name}: ")).unwrap().1;
                let list = list.split_once("];").unwrap().0.to_owned();
                list.split('"')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            let pairs = listed("WELL_KNOWN");
            let pairs = pairs.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone()));
            self.well_known = pairs.collect();
            self.secrets = listed("SECRETS").into_iter().collect();
        }
        let bounds = text.split("in_range(").skip(1).filter_map(|call| {
            let call = call.split_once(";").map_or(call, |(call, _)| call);
            let setting = call.trim_start().strip_prefix('"')?.split_once('"')?.0;
            let (before, after) = call.split_once("..=")?;
            let number = |c: char| !(c.is_ascii_digit() || "_.-".contains(c));
            let lowest = before.rsplit(number).next()?;
            let highest = after.split(number).next()?;
            Some((setting.to_owned(), for_people(lowest), for_people(highest)))
        });
        self.ranges.extend(bounds);
    }

    /// The rows of a table, those of the tables in it behind them.
    fn rows(&self, prefix: &str, table: &str, inner: bool, told: &mut BTreeMap<String, String>) -> Vec<Row> {
        let defaults = serde_json::to_value(Config::default()).unwrap();
        let mut rows = Vec::new();
        for field in &self.tables[table] {
            let (kind, name) = (&field.kind, format!("{prefix}{}", field.name));
            let is_table = self.tables.contains_key(&kind.name);
            if is_table && !kind.list && !kind.optional {
                rows.extend(self.rows(&format!("{name}."), &kind.name, inner, told));
                continue;
            }
            let mut row = Row {
                default: match (inner, kind.optional || field.has_default) {
                    (false, _) => default(defaults.pointer(&format!("/{}", name.replace('.', "/"))).unwrap()),
                    (true, true) => "none".to_owned(),
                    (true, false) => "has to be set".to_owned(),
                },
                doc: self.meaning(&name, field),
                secret: kind.name == "SecretString",
                inner,
                name: name.clone(),
            };
            if !is_table {
                rows.push(row);
                continue;
            }
            // The same table stands in two lists: it is told of once.
            match told.get(&kind.name) {
                Some(first) => {
                    let _ = write!(row.doc, " Written as `{first}`.");
                    rows.push(row);
                }
                None => {
                    told.insert(kind.name.clone(), name.clone());
                    rows.push(row);
                    let prefix = if kind.list {
                        format!("{name}[].")
                    } else {
                        format!("{name}.")
                    };
                    rows.extend(self.rows(&prefix, &kind.name, true, told));
                }
            }
        }
        rows
    }

    /// The comment, the words that may stand there, and the variables that are not named yet.
    fn meaning(&self, name: &str, field: &Field) -> String {
        let mut doc = field.doc.clone();
        if field.kind.name == "SecretString" {
            doc.push_str(" **Secret.**");
        }
        let variables = self.well_known.iter().filter(|(_, setting)| setting == name);
        for (variable, _) in variables {
            if !doc.contains(&format!("`{variable}`")) {
                let _ = write!(doc, " Also `{variable}`.");
            }
        }
        for (word, means) in self.words.get(&field.kind.name).into_iter().flatten() {
            let _ = write!(doc, "<br>`{word}`: {means}");
        }
        doc.replace('|', "\\|")
    }
}

/// `6_000_000` as 6,000,000, and `0.0` as 0.
fn for_people(number: &str) -> String {
    let plain = number.replace('_', "");
    if let Some((whole, fraction)) = plain.split_once('.') {
        return if fraction == "0" { whole.to_owned() } else { plain };
    }
    let (sign, digits) = plain
        .strip_prefix('-')
        .map_or(("", plain.as_str()), |digits| ("-", digits));
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}")
}

/// A default as it would be written.
fn default(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Array(tables) if tables.iter().any(Value::is_object) => {
            "as `switchboard config show` prints them".to_owned()
        }
        // A number of 32 bits is shown as the one that was meant.
        Value::Number(number) if number.is_f64() => {
            let value = number.as_f64().unwrap();
            #[expect(clippy::cast_possible_truncation, reason = "used where nothing is lost")]
            let short = value as f32;
            match f64::from(short).to_bits() == value.to_bits() {
                true => format!("`{short}`"),
                false => format!("`{value}`"),
            }
        }
        value => format!("`{value}`"),
    }
}

/// Every section with its rows.
fn sections(sources: &Sources) -> Vec<(&Field, Vec<Row>)> {
    let mut told = BTreeMap::new();
    let sections = sources.tables["Config"].iter();
    sections
        .map(|section| {
            let prefix = format!("{}.", section.name);
            (
                section,
                sources.rows(&prefix, &section.kind.name, false, &mut told),
            )
        })
        .collect()
}

fn page(sources: &Sources) -> String {
    let mut page = ABOUT.to_owned();
    for (section, rows) in sections(sources) {
        let _ = write!(page, "\n## {}\n\n{}\n\n", section.name, section.doc);
        page.push_str("| Setting | Default | Meaning |\n| --- | --- | --- |\n");
        for row in rows {
            let _ = writeln!(page, "| `{}` | {} | {} |", row.name, row.default, row.doc);
        }
    }
    page
}

#[test]
fn the_page_of_the_settings_is_what_the_configuration_says() {
    let file = root().join("docs/settings.md");
    let made = page(&Sources::read());
    if std::fs::read_to_string(&file).is_ok_and(|page| page == made) {
        return;
    }
    let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("settings.md");
    std::fs::write(&new, made).unwrap();
    panic!(
        "docs/settings.md is not what src/config says; to take over what it says: cp {} {}",
        new.display(),
        file.display()
    );
}

#[test]
fn every_setting_is_there_with_its_meaning_and_the_range_that_is_checked() {
    fn leaves(path: &str, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(table) => {
                for (name, value) in table {
                    let dot = if path.is_empty() { "" } else { "." };
                    leaves(&format!("{path}{dot}{name}"), value, found);
                }
            }
            _ => {
                found.insert(path.to_owned());
            }
        }
    }
    let sources = Sources::read();
    let rows: Vec<Row> = sections(&sources)
        .into_iter()
        .flat_map(|(_, rows)| rows)
        .collect();
    let mut settings = BTreeSet::new();
    leaves(
        "",
        &serde_json::to_value(Config::default()).unwrap(),
        &mut settings,
    );
    let named: BTreeSet<String> = rows
        .iter()
        .filter(|row| !row.inner)
        .map(|row| row.name.clone())
        .collect();
    assert_eq!(named, settings);
    let secrets: BTreeSet<String> = rows
        .iter()
        .filter(|row| row.secret)
        .map(|row| row.name.clone())
        .collect();
    assert_eq!(
        secrets, sources.secrets,
        "what is hidden may come from a file, and nothing else"
    );
    for row in &rows {
        assert!(
            row.doc.len() > 10 && row.doc.contains(' '),
            "{}: {:?}",
            row.name,
            row.doc
        );
        // How the source writes ranges and links is not how people do.
        assert!(
            !row.doc.contains("..=") && !row.doc.contains("[`"),
            "{}: {}",
            row.name,
            row.doc
        );
    }
    assert!(sources.ranges.len() > 40, "{:?}", sources.ranges);
    for (setting, lowest, highest) in &sources.ranges {
        let row = rows.iter().find(|row| row.name == *setting);
        let doc = &row.unwrap_or_else(|| panic!("{setting} is no setting")).doc;
        let range = format!("{lowest} to {highest}");
        assert!(doc.contains(&range), "{setting} does not say {range}: {doc}");
    }
}
