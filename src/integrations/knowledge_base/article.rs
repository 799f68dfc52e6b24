//! One article of the knowledge base: Markdown with TOML front matter between `+++` lines.
//!
//! [`Article::parse`] checks what one file can tell about itself; what only the whole set can tell (duplicate ids,
//! dead links) is checked in `super`. An article is cut into passages at its `##` headings: a passage is what answers
//! a question.

use jiff::civil::Date;
use serde::Deserialize;

/// The facts in front of an article.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    /// Stable name, `a-z`, `0-9` and `-`; also the last part of its public address.
    pub id: String,
    /// What the article is about, as a customer reads it.
    pub title: String,
    /// Who it is for.
    pub audience: String,
    /// Words and phrases by which people look for it.
    pub tags: Vec<String>,
    /// Ways in which people ask for it, in their own words; searched, never shown.
    #[serde(default)]
    pub questions: Vec<String>,
    /// Day of the last review.
    #[serde(deserialize_with = "toml_date")]
    pub updated: Date,
    /// Where its statements come from.
    pub source: String,
    /// BCP 47 language of the text, such as `en`.
    pub language: String,
}

/// TOML has dates of its own; `jiff` reads text.
fn toml_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let date = toml::value::Datetime::deserialize(deserializer)?;
    date.to_string().parse().map_err(serde::de::Error::custom)
}

/// A part of an article that stands for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Its heading; `None` for the part before the first heading.
    pub heading: Option<String>,
    /// Its text, Markdown without headings.
    pub text: String,
}

/// A checked article.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// The facts in front.
    pub front: FrontMatter,
    /// Its parts in reading order; at least one, none empty.
    pub passages: Vec<Passage>,
    /// Ids of the articles it links to.
    pub links: Vec<String>,
}

/// Why a file is no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArticleError {
    /// The `+++` lines are missing.
    #[error("does not start with front matter between two +++ lines")]
    NoFrontMatter,
    /// The front matter is not what it should be.
    #[error("front matter: {0}")]
    FrontMatter(String),
    /// The id could not be an address.
    #[error("id must be made of a-z, 0-9 and -, and must not be empty")]
    Id,
    /// A field that has to say something says nothing.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A heading with nothing under it.
    #[error("section {0:?} is empty")]
    EmptySection(String),
}

impl Article {
    /// Reads and checks one file.
    ///
    /// # Errors
    /// [`ArticleError`], saying what is wrong with it.
    pub fn parse(file: &str) -> Result<Self, ArticleError> {
        let file = file
            .strip_prefix('\u{feff}')
            .unwrap_or(file)
            .replace("\r\n", "\n");
        let (front, body) = file
            .strip_prefix("+++\n")
            .and_then(|rest| rest.split_once("\n+++\n"))
            .ok_or(ArticleError::NoFrontMatter)?;
        let front: FrontMatter =
            toml::from_str(front).map_err(|error| ArticleError::FrontMatter(error.message().to_owned()))?;
        let id_char = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if front.id.is_empty() || !front.id.chars().all(id_char) {
            return Err(ArticleError::Id);
        }
        for (name, text) in [
            ("title", &front.title),
            ("audience", &front.audience),
            ("source", &front.source),
            ("language", &front.language),
        ] {
            if text.trim().is_empty() {
                return Err(ArticleError::Empty(name));
            }
        }
        if front.questions.iter().any(|question| question.trim().is_empty()) {
            return Err(ArticleError::Empty("one of the questions"));
        }
        let passages = passages(body)?;
        let links = links(body).map(|(_, target)| target.to_owned()).collect();
        Ok(Self {
            front,
            passages,
            links,
        })
    }
}

fn passages(body: &str) -> Result<Vec<Passage>, ArticleError> {
    let mut passages = Vec::new();
    for (at, section) in format!("\n{body}").split("\n## ").enumerate() {
        let (heading, text) = match at {
            0 => (None, section),
            _ => {
                let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
                (Some(heading.trim().to_owned()), text)
            }
        };
        let text = text.trim().to_owned();
        match (heading, text.is_empty()) {
            (None, true) => {}
            (Some(heading), true) => return Err(ArticleError::EmptySection(heading)),
            (heading, false) => passages.push(Passage { heading, text }),
        }
    }
    if passages.is_empty() {
        return Err(ArticleError::Empty("the body"));
    }
    Ok(passages)
}

/// The links to other articles in a text, `[words](id.md)`, as (byte range of `id.md`, id).
pub(super) fn links(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, &str)> {
    text.match_indices("](").filter_map(|(at, _)| {
        let start = at + 2;
        let end = start + text[start..].find(')')?;
        let id = text[start..end].strip_suffix(".md")?;
        (!id.contains(':')).then_some((start..end, id))
    })
}

/// `text` with its links to other articles made absolute.
pub(super) fn with_absolute_links(text: &str, base_url: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, id) in links(text) {
        out.push_str(&text[copied..range.start]);
        out.push_str(base_url);
        out.push_str(id);
        copied = range.end;
    }
    out.push_str(&text[copied..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRONT: &str = "+++\nid = \"a-1\"\ntitle = \"A\"\naudience = \"customer\"\ntags = []\nupdated = 2026-01-31\n\
                         source = \"s\"\nlanguage = \"en\"\n+++\n";

    #[test]
    fn an_article_is_cut_into_passages_at_its_headings() {
        let article =
            Article::parse(&format!("{FRONT}\nIntro, see [B](b-2.md).\n\n## More\nText.\n")).unwrap();
        assert_eq!(article.front.updated, jiff::civil::date(2026, 1, 31));
        assert_eq!(article.passages.len(), 2);
        assert_eq!(article.passages[1].heading.as_deref(), Some("More"));
        assert_eq!(article.links, ["b-2"]);
        assert_eq!(
            with_absolute_links(&article.passages[0].text, "https://h/"),
            "Intro, see [B](https://h/b-2)."
        );
    }

    #[test]
    fn a_broken_article_says_what_is_wrong() {
        let error = |file: &str| Article::parse(file).unwrap_err();
        assert_eq!(error("hello"), ArticleError::NoFrontMatter);
        assert_eq!(error(FRONT), ArticleError::Empty("the body"));
        assert_eq!(
            error(&format!("{FRONT}x\n## Y\n")),
            ArticleError::EmptySection("Y".into())
        );
        assert_eq!(
            error(&format!("{}x", FRONT.replace("a-1", "A 1"))),
            ArticleError::Id
        );
        assert_eq!(
            error(&format!("{}x", FRONT.replace("\"s\"", "\" \""))),
            ArticleError::Empty("source")
        );
        assert_eq!(
            error(&format!(
                "{}x",
                FRONT.replace("tags = []", "tags = []\nquestions = [\" \"]")
            )),
            ArticleError::Empty("one of the questions")
        );
        assert!(matches!(
            error(&format!("{}x", FRONT.replace("title", "tittle"))),
            ArticleError::FrontMatter(_)
        ));
        assert!(matches!(
            error(&format!("{}x", FRONT.replace("01-31", "02-31"))),
            ArticleError::FrontMatter(_)
        ));
    }
}
