//! Medicine names that are looked for in messages: a reviewed list, not a coding dictionary.
//!
//! A name that is not on the list, or misspelt, is not found: a product is asked for rather than guessed.

use std::sync::LazyLock;

/// A name on the list of known products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownProduct {
    /// Lower case.
    pub(super) name: &'static str,
    /// Sold on prescription only or too.
    pub(super) prescription: bool,
}

/// Shortest and longest name on the list, in bytes; held to it by a test.
const MIN_BYTES: usize = 3;
const MAX_BYTES: usize = 24;
const PRODUCTS: &str = include_str!("data/products.txt");

static KNOWN_PRODUCTS: LazyLock<Vec<KnownProduct>> = LazyLock::new(|| {
    PRODUCTS
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .filter_map(|line| line.split_once('|'))
        .map(|(name, kind)| KnownProduct {
            name: name.trim(),
            prescription: matches!(kind.trim(), "rx" | "both"),
        })
        .collect()
});

/// Known products named in a text, in order, each once.
pub(super) fn products(text: &str) -> Vec<&'static KnownProduct> {
    let mut found: Vec<&KnownProduct> = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()) {
        // Lower case only where it can be a name at all.
        if !(MIN_BYTES..=MAX_BYTES).contains(&word.len()) {
            continue;
        }
        let lower = |name: &str| {
            let letters = name
                .bytes()
                .zip(word.bytes().map(|byte| byte.to_ascii_lowercase()));
            let differ = letters.map(|(a, b)| a.cmp(&b)).find(|order| order.is_ne());
            differ.unwrap_or(name.len().cmp(&word.len()))
        };
        if let Ok(at) = KNOWN_PRODUCTS.binary_search_by(|product| lower(product.name))
            && !found.contains(&&KNOWN_PRODUCTS[at])
        {
            found.push(&KNOWN_PRODUCTS[at]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_products_are_sorted_so_that_they_are_found() {
        let mut names: Vec<_> = KNOWN_PRODUCTS.iter().map(|product| product.name).collect();
        let as_written = names.clone();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, as_written);
        let lengths = names.iter().map(|name| name.len());
        assert!(names.iter().all(|name| name.is_ascii()) && lengths.clone().min() >= Some(MIN_BYTES));
        assert!(lengths.max() <= Some(MAX_BYTES));
        let found: Vec<_> = products("my Lipitor and lipitor, ADVIL")
            .iter()
            .map(|product| (product.name, product.prescription))
            .collect();
        assert_eq!(found, [("lipitor", true), ("advil", false)]);
    }
}
