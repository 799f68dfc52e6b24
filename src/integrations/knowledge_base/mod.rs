//! The knowledge base: articles in memory, searched in microseconds, replaced whole when they change.
//!
//! Articles come from a folder (`knowledge_base.path`) or, unset, from the copy built into the program. They are
//! checked before they are used: duplicate ids, empty bodies and dead links refuse the whole set. [`KnowledgeBase::reload`]
//! reads the folder again and swaps the new set in; searches that run meanwhile finish on the old one, and when the
//! new one is broken the old one stays. Reading blocks: call `open` and `reload` off the async threads, as [`keep_current`] does.

mod article;
mod index;
mod spelling;
mod synonyms;
mod terms;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

pub use article::{Article, ArticleError, FrontMatter, Passage};
pub use synonyms::SynonymsError;
pub use watch::keep_current;

use crate::config::KnowledgeBaseConfig;
use index::Index;
use synonyms::Synonyms;
use terms::Terms;

#[derive(rust_embed::Embed)]
#[folder = "knowledge_base/"]
struct Embedded;

/// The name of the synonyms file inside the embedded folder.
const SYNONYMS_FILE: &str = "synonyms.toml";

/// The confidence under which an article is not worth a mention.
const MIN_ALTERNATIVE: f32 = 0.11;

/// Why a set of articles cannot be used. Each names the file or the id.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeBaseError {
    /// The folder or a file in it cannot be read.
    #[error("{setting}: cannot read {path}")]
    Read {
        /// The setting that leads there.
        setting: &'static str,
        /// What could not be read.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is no article.
    #[error("knowledge_base.path: article {path}: {source}")]
    Article {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: ArticleError,
    },
    /// Two files with the same id.
    #[error("knowledge_base.path: id {id:?} is used twice")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// A link to an article that does not exist.
    #[error("knowledge_base.path: article {id:?} links to {target:?}, which does not exist")]
    DeadLink {
        /// The article with the link.
        id: String,
        /// Where it leads.
        target: String,
    },
    /// No article at all.
    #[error("knowledge_base.path: no article (*.md) in {0}")]
    Empty(String),
    /// The synonyms file is broken.
    #[error("{place}: {source}")]
    Synonyms {
        /// The setting and the file.
        place: String,
        /// What is wrong with it.
        source: SynonymsError,
    },
}

/// A passage that answers a question.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Answer {
    /// The article's stable name.
    pub article_id: String,
    /// The article's title.
    pub title: String,
    /// The heading of the section that fits best; null when it is the article's opening passage.
    pub heading: Option<String>,
    /// The article's opening passage, its short answer, then the section that fits best where there is one; Markdown,
    /// links absolute.
    pub text: String,
    /// How likely it answers the question, 0..=1.
    pub score: f64,
    /// The article's public address.
    pub link: String,
    /// Where its statements come from.
    pub source: String,
    /// Day of its last review.
    #[schema(value_type = String, format = Date)]
    pub updated: Date,
}

/// Another article that may help.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Alternative {
    /// The article's stable name.
    pub article_id: String,
    /// The article's title.
    pub title: String,
    /// How likely it answers the question, 0..=1.
    pub score: f64,
    /// The article's public address.
    pub link: String,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// The best passage, when it is likely enough to answer the question (`knowledge_base.min_confidence`).
    pub answer: Option<Answer>,
    /// Up to `knowledge_base.max_alternatives` others, best first; without an answer, the closest ones.
    pub alternatives: Vec<Alternative>,
}

impl SearchResult {
    /// What is found where nothing is looked for.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            answer: None,
            alternatives: Vec::new(),
        }
    }
}

/// The share, 0..=1, of the words that carry `question` which `text` has too, by their stems: how well an article found elsewhere fits.
pub(in crate::integrations) fn share_of_words(question: &str, text: &str) -> f64 {
    let terms = Terms::new();
    let stems = |text| {
        terms
            .of(text)
            .into_iter()
            .map(|term| term.stem)
            .collect::<HashSet<_>>()
    };
    let (asked, there) = (stems(question), stems(text));
    if asked.is_empty() {
        return 0.0;
    }
    asked.intersection(&there).count() as f64 / asked.len() as f64
}

/// One checked set of articles with its index.
#[derive(Debug)]
struct Library {
    articles: Vec<Article>,
    index: Index,
    /// What was read, to notice a change: (file, length, time of change).
    stamp: Vec<(PathBuf, u64, Option<std::time::SystemTime>)>,
}

/// The knowledge base. Share it in an `Arc`; searches run at the same time.
#[derive(Debug)]
pub struct KnowledgeBase {
    config: KnowledgeBaseConfig,
    current: RwLock<Arc<Library>>,
}

impl KnowledgeBase {
    /// Reads and checks the articles that `config` names.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`], naming the file or article.
    pub fn open(config: KnowledgeBaseConfig) -> Result<Self, KnowledgeBaseError> {
        let library = Library::read(&config)?;
        Ok(Self {
            config,
            current: RwLock::new(Arc::new(library)),
        })
    }

    /// A knowledge base of these articles; `reload` turns to what `config` names.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`], naming the article.
    pub fn of_articles(
        config: KnowledgeBaseConfig,
        articles: Vec<Article>,
    ) -> Result<Self, KnowledgeBaseError> {
        let library = Library::new(articles, &synonyms_file(&config)?, Vec::new())?;
        Ok(Self {
            config,
            current: RwLock::new(Arc::new(library)),
        })
    }

    /// Reads the articles again and swaps them in; returns how many there are now. Nothing changes on an error.
    ///
    /// # Errors
    /// [`KnowledgeBaseError`], naming the file or article.
    pub fn reload(&self) -> Result<usize, KnowledgeBaseError> {
        let library = Library::read(&self.config)?;
        let articles = library.articles.len();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(library);
        Ok(articles)
    }

    /// Reloads if a file was added, removed or changed since it was read; returns how many articles there are then.
    ///
    /// # Errors
    /// As [`Self::reload`].
    pub fn reload_if_changed(&self) -> Result<Option<usize>, KnowledgeBaseError> {
        let Some(path) = &self.config.path else {
            return Ok(None);
        };
        let stamp = stamp(&files(path)?, self.config.synonyms_path.as_deref());
        if stamp == self.library().stamp {
            return Ok(None);
        }
        self.reload().map(Some)
    }

    /// The passage that answers `question`, and other articles that may help.
    #[must_use]
    pub fn search(&self, question: &str) -> SearchResult {
        let library = self.library();
        let hits = library.index.search(question, 1 + self.config.max_alternatives);
        let answered = hits
            .first()
            .is_some_and(|hit| hit.confidence >= self.config.min_confidence);
        let (best, others) = hits.split_at(usize::from(answered));
        SearchResult {
            answer: best.first().map(|hit| self.answer(&library, hit)),
            alternatives: others
                .iter()
                .filter(|hit| hit.confidence >= MIN_ALTERNATIVE)
                .take(self.config.max_alternatives)
                .map(|hit| {
                    let front = &library.articles[hit.article].front;
                    Alternative {
                        article_id: front.id.clone(),
                        title: front.title.clone(),
                        score: rounded(hit.confidence),
                        link: format!("{}{}", self.config.link_base_url, front.id),
                    }
                })
                .collect(),
        }
    }

    fn answer(&self, library: &Library, hit: &index::Hit) -> Answer {
        let article = &library.articles[hit.article];
        let passage = &article.passages[hit.passage];
        let opening = &article.passages[0];
        // A section is a special case of the short answer that opens the article: it is given with it, not instead.
        let text = match passage.heading {
            Some(_) if opening.heading.is_none() => format!("{}\n\n{}", opening.text, passage.text),
            _ => passage.text.clone(),
        };
        Answer {
            article_id: article.front.id.clone(),
            title: article.front.title.clone(),
            heading: passage.heading.clone(),
            text: article::with_absolute_links(&text, &self.config.link_base_url),
            score: rounded(hit.confidence),
            link: format!("{}{}", self.config.link_base_url, article.front.id),
            source: article.front.source.clone(),
            updated: article.front.updated,
        }
    }

    fn library(&self) -> Arc<Library> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Library {
    fn read(config: &KnowledgeBaseConfig) -> Result<Self, KnowledgeBaseError> {
        let mut articles = Vec::new();
        let mut read = Vec::new();
        let mut parse = |path: String, text: &str| match Article::parse(text) {
            Ok(article) => {
                articles.push(article);
                Ok(())
            }
            Err(source) => Err(KnowledgeBaseError::Article { path, source }),
        };
        if let Some(folder) = &config.path {
            let paths = files(folder)?;
            // Taken before the files are read: a change while reading is then seen as one afterwards.
            read = stamp(&paths, config.synonyms_path.as_deref());
            for path in paths {
                parse(
                    path.display().to_string(),
                    &read_file("knowledge_base.path", &path)?,
                )?;
            }
        } else {
            for path in Embedded::iter().filter(|path| path.ends_with(".md")) {
                let file = Embedded::get(&path).expect("the name was listed a line above");
                parse(path.to_string(), &String::from_utf8_lossy(&file.data))?;
            }
        }
        if articles.is_empty() {
            let place = config
                .path
                .as_ref()
                .map_or("the built-in set".into(), |path| path.display().to_string());
            return Err(KnowledgeBaseError::Empty(place));
        }
        Self::new(articles, &synonyms_file(config)?, read)
    }

    fn new(
        mut articles: Vec<Article>,
        synonyms: &SynonymsFile,
        stamp: Vec<(PathBuf, u64, Option<std::time::SystemTime>)>,
    ) -> Result<Self, KnowledgeBaseError> {
        articles.sort_by(|a, b| a.front.id.cmp(&b.front.id));
        if let Some(pair) = articles
            .windows(2)
            .find(|pair| pair[0].front.id == pair[1].front.id)
        {
            return Err(KnowledgeBaseError::DuplicateId {
                id: pair[0].front.id.clone(),
            });
        }
        let ids: HashSet<&str> = articles.iter().map(|article| article.front.id.as_str()).collect();
        for article in &articles {
            if let Some(target) = article.links.iter().find(|target| !ids.contains(target.as_str())) {
                return Err(KnowledgeBaseError::DeadLink {
                    id: article.front.id.clone(),
                    target: target.clone(),
                });
            }
        }
        let terms = Terms::new();
        let synonyms = Synonyms::parse(&synonyms.text, terms).map_err(|source| {
            let place = synonyms.place.clone();
            KnowledgeBaseError::Synonyms { place, source }
        })?;
        let index = Index::build(&articles, synonyms, terms);
        Ok(Self {
            articles,
            index,
            stamp,
        })
    }
}

/// The articles' files under `folder`, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, KnowledgeBaseError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        let setting = "knowledge_base.path";
        move |source| KnowledgeBaseError::Read {
            setting,
            path,
            source,
        }
    };
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(failed(&folder))? {
            let entry = entry.map_err(failed(&folder))?;
            let path = entry.path();
            // Symbolic links to folders are not followed: they could lead in circles.
            if entry.file_type().map_err(failed(&path))?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn stamp(files: &[PathBuf], synonyms: Option<&Path>) -> Vec<(PathBuf, u64, Option<std::time::SystemTime>)> {
    let paths = files.iter().map(PathBuf::as_path).chain(synonyms);
    paths
        .map(|path| {
            let metadata = std::fs::metadata(path).ok();
            let changed = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
            (
                path.to_owned(),
                metadata.map_or(0, |metadata| metadata.len()),
                changed,
            )
        })
        .collect()
}

fn read_file(setting: &'static str, path: &Path) -> Result<String, KnowledgeBaseError> {
    std::fs::read_to_string(path).map_err(|source| KnowledgeBaseError::Read {
        setting,
        path: path.to_owned(),
        source,
    })
}

/// The synonyms as they are written, and where: the setting and the file.
struct SynonymsFile {
    place: String,
    text: String,
}

fn synonyms_file(config: &KnowledgeBaseConfig) -> Result<SynonymsFile, KnowledgeBaseError> {
    let setting = "knowledge_base.synonyms_path";
    match &config.synonyms_path {
        Some(path) => Ok(SynonymsFile {
            place: format!("{setting}: {}", path.display()),
            text: read_file(setting, path)?,
        }),
        None => {
            let file = Embedded::get(SYNONYMS_FILE).expect("the synonyms file is built into the program");
            Ok(SynonymsFile {
                place: format!("{setting}: the built-in synonyms"),
                text: String::from_utf8_lossy(&file.data).into_owned(),
            })
        }
    }
}

/// Two decimals: more would pretend to know more.
fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0).round() / 100.0
}
