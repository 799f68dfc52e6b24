//! Imports point down the request: the table of `docs/architecture.md`, held against every `use crate::` line; and no files import each other
//! in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The table of `docs/architecture.md`: what each part may import besides itself; `None` where it may import anything.
fn table(document: &str) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let (_, after) = document
        .split_once("| Part | May import, besides itself |\n|---|---|\n")
        .expect("the table's head");
    let names = |cell: &str| -> BTreeSet<String> {
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted.map(str::to_owned).collect()
    };
    let mut table = BTreeMap::new();
    for row in after.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [parts, imports] = cells[..] else {
            panic!("two cells: {row}");
        };
        let imports = (!imports.contains("anything")).then(|| names(imports));
        for part in names(parts) {
            assert!(
                table.insert(part.clone(), imports.clone()).is_none(),
                "`{part}` is there twice"
            );
        }
    }
    table
}

#[test]
fn imports_point_down_the_request() {
    let table = table(include_str!("../../docs/architecture.md"));
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for (file, source) in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let part = part_of(&file);
        seen.insert(part.clone());
        let Some(may) = table.get(&part) else {
            wrong.push(format!("{file}: the part `{part}` is not in the table"));
            continue;
        };
        let Some(may) = may else { continue };
        for imported in imports(&source) {
            if imported != part && !may.contains(&imported) {
                wrong.push(format!("{file}: `{part}` may not import `{imported}`"));
            }
        }
    }
    assert!(
        seen.contains("http") && seen.contains("triage"),
        "the sources were not found: {seen:?}"
    );
    let named = table
        .iter()
        .flat_map(|(part, may)| may.iter().flatten().chain([part]));
    for part in named.filter(|part| !seen.contains(*part)) {
        wrong.push(format!("the table names `{part}`, which is no part"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut files: BTreeMap<Vec<String>, String> = BTreeMap::new();
    for (file, source) in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let path = file.trim_end_matches(".rs").trim_end_matches("/mod");
        files.insert(path.split('/').map(str::to_owned).collect(), source);
    }
    let imports: BTreeMap<&Vec<String>, BTreeSet<Vec<String>>> = files
        .iter()
        .map(|(file, source)| (file, imported_files(file, source, &files)))
        .collect();
    assert!(
        imports.values().map(BTreeSet::len).sum::<usize>() > 500,
        "imports were read"
    );
    // Whatever imports nothing that is left, or is imported by nothing that is left, is in no circle.
    let mut left: BTreeSet<&Vec<String>> = files.keys().collect();
    loop {
        let before = left.len();
        let imported: BTreeSet<&Vec<String>> = left.iter().flat_map(|file| &imports[*file]).collect();
        let may_be = |file: &&Vec<String>| {
            imported.contains(*file) && imports[*file].iter().any(|imported| left.contains(imported))
        };
        left = left.iter().copied().filter(may_be).collect();
        if left.len() == before {
            break;
        }
    }
    let circles: Vec<String> = left.iter().map(|file| file.join("/")).collect();
    assert!(circles.is_empty(), "in circles, or between them: {circles:#?}");
}

/// The files that `file` takes names from. What it hands on (`pub use`) and what its tests take are not counted.
fn imported_files(
    file: &[String],
    source: &str,
    files: &BTreeMap<Vec<String>, String>,
) -> BTreeSet<Vec<String>> {
    let mut paths = Vec::new();
    for item in syn::parse_file(source).unwrap().items {
        match item {
            syn::Item::Use(import) if matches!(import.vis, syn::Visibility::Inherited) => {
                paths_of(&import.tree, &mut Vec::new(), &mut paths);
            }
            _ => {}
        }
    }
    let absolute = paths.into_iter().map(|path| {
        let mut from: Vec<String> = match path[0].as_str() {
            "crate" => Vec::new(),
            _ => file.to_vec(),
        };
        for name in path {
            match name.as_str() {
                "crate" | "self" => {}
                "super" => drop(from.pop()),
                _ => from.push(name),
            }
        }
        from
    });
    let is_other = |path: &&[String]| files.contains_key(*path) && *path != file;
    let nearest = |path: Vec<String>| {
        let within = (1..=path.len()).rev().map(|length| &path[..length]);
        within
            .take_while(|within| *within != file)
            .find(is_other)
            .map(<[String]>::to_vec)
    };
    absolute.filter_map(nearest).collect()
}

/// The paths that a `use` names, each with all its parts.
fn paths_of(tree: &syn::UseTree, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let mut end = |name: String| paths.push([&before[..], &[name]].concat());
    match tree {
        syn::UseTree::Path(path) => {
            before.push(path.ident.to_string());
            paths_of(&path.tree, before, paths);
            before.pop();
        }
        syn::UseTree::Name(name) => end(name.ident.to_string()),
        syn::UseTree::Rename(name) => end(name.ident.to_string()),
        syn::UseTree::Glob(_) => end("*".to_owned()),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| paths_of(tree, before, paths)),
    }
}

#[test]
fn files_that_the_docs_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut docs = vec![root.join("README.md")];
    docs.extend(
        fs::read_dir(root.join("docs"))
            .unwrap()
            .map(|entry| entry.unwrap().path()),
    );
    let named = regex::Regex::new(
        r"`((?:src|tests|scripts|deploy|models|prompts|knowledge_base|terraform)/[\w./-]*)`",
    )
    .unwrap();
    let mut seen = 0;
    for path in docs {
        let text = fs::read_to_string(&path).unwrap();
        for captures in named.captures_iter(&text) {
            seen += 1;
            assert!(
                root.join(&captures[1]).exists(),
                "{}: {}",
                path.display(),
                &captures[1]
            );
        }
    }
    assert!(seen > 20, "the docs name files: {seen}");
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
    let rows = "| Part | May import, besides itself |\n|---|---|\n| `app`, `main` | anything |\n| `store` | `clock` (for time), `config` |\n\n| `x` | `y` |\n";
    let read = table(rows);
    assert_eq!(read.keys().collect::<Vec<_>>(), ["app", "main", "store"]);
    assert_eq!((&read["app"], &read["main"]), (&None, &None));
    let may: Vec<_> = read["store"].iter().flatten().collect();
    assert_eq!(may, ["clock", "config"]);
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
