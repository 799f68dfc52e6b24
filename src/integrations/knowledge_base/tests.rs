//! The knowledge base as built in, against the labelled queries, and as read from a folder.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Query {
    query: String,
    /// The articles that answer it, any of them; none for a question that no article answers.
    articles: Vec<String>,
    /// `own`: written for this set; `messages`: taken from the labelled messages, by other authors; `held_out`: taken
    /// from there too, labelled after everything was tuned, and used for nothing but this measurement. `fresh_1` to `fresh_3`: written
    /// without a look at the articles' questions, measured, then learnt from; `fresh_4`: measured after all of them,
    /// and written in words that the articles avoid. `fresh_5` to `fresh_10`: written one after the other in different voices, each
    /// measured before it was learnt from; `fresh_11`: measured once, after all of them, and nothing was changed for it.
    source: String,
}

fn queries() -> Vec<Query> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/corpus/knowledge_queries.jsonl"
    );
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[derive(Default)]
struct Counts {
    answerable: usize,
    first: usize,
    among_three: usize,
    answered_right: usize,
    answered_wrong: usize,
    unanswerable: usize,
    refused: usize,
}

impl Counts {
    fn share(part: usize, whole: usize) -> f64 {
        part as f64 / whole as f64
    }

    fn report(&self, name: &str) -> [f64; 3] {
        let hit1 = Self::share(self.first, self.answerable);
        let hit3 = Self::share(self.among_three, self.answerable);
        let refused = Self::share(self.refused, self.unanswerable);
        println!(
            "{name}: hit@1 {hit1:.3}, hit@3 {hit3:.3} of {}; answered right {:.3}, wrong {:.3}; refused {refused:.3} of {}",
            self.answerable,
            Self::share(self.answered_right, self.answerable),
            Self::share(self.answered_wrong, self.answerable),
            self.unanswerable
        );
        [hit1, hit3, refused]
    }
}

fn measure(knowledge_base: &KnowledgeBase, source: Option<&str>) -> Counts {
    let mut counts = Counts::default();
    let library = knowledge_base.library();
    let id = |hit: &index::Hit| library.articles[hit.article].front.id.clone();
    for Query {
        query,
        articles,
        source: from,
    } in queries()
    {
        if source.is_some_and(|source| source != from) {
            continue;
        }
        let hits = library.index.search(&query, 3);
        let answer = knowledge_base
            .search(&query)
            .answer
            .map(|answer| answer.article_id);
        let right = answer.as_ref().is_some_and(|answer| articles.contains(answer));
        if articles.is_empty() {
            counts.unanswerable += 1;
            counts.refused += usize::from(answer.is_none());
        } else {
            let at = hits.iter().position(|hit| articles.contains(&id(hit)));
            counts.answerable += 1;
            counts.first += usize::from(at == Some(0));
            counts.among_three += usize::from(at.is_some());
            counts.answered_right += usize::from(right);
            counts.answered_wrong += usize::from(answer.is_some() && !right);
        }
        let surprising = if articles.is_empty() {
            answer.is_some()
        } else {
            !right
        };
        if surprising {
            let found: Vec<_> = hits
                .iter()
                .map(|hit| format!("{} {:.2}", id(hit), hit.confidence))
                .collect();
            println!("{query:?} -> {articles:?}: {found:?}");
        }
    }
    counts
}

#[test]
fn the_labelled_queries_find_their_articles_and_the_others_are_refused() {
    let knowledge_base = KnowledgeBase::open(KnowledgeBaseConfig::default()).unwrap();
    for source in ["own", "messages"] {
        measure(&knowledge_base, Some(source)).report(source);
    }
    for set in 1..=10 {
        let source = format!("fresh_{set}");
        measure(&knowledge_base, Some(&source)).report(&source);
    }
    let counts = measure(&knowledge_base, None);
    let [hit1, hit3, refused] = counts.report("all");
    assert!(counts.answerable >= 150 && counts.unanswerable >= 40);
    assert!(hit1 >= 0.93 && hit3 >= 0.96 && refused >= 0.87);
    // What is asked of queries that nothing was tuned on.
    let [hit1, hit3, refused] = measure(&knowledge_base, Some("fresh_11")).report("fresh_11");
    assert!(hit1 >= 0.85 && hit3 >= 0.93 && refused >= 0.85);
    // Written by people who had shops in mind, not this set of articles: harder, and the honest figure.
    let [hit1, hit3, refused] = measure(&knowledge_base, Some("held_out")).report("held_out");
    assert!(hit1 >= 0.75 && hit3 >= 0.90 && refused >= 0.83);
}

#[test]
fn a_question_that_customers_asked_as_a_whole_wins_over_its_words_here_and_there() {
    let folder = tempfile::tempdir().unwrap();
    let write = |id: &str, questions: &str| {
        let front = format!("tags = []\nquestions = [{questions}]");
        let file = article(id, "Text.").replace("tags = []", &front);
        std::fs::write(folder.path().join(format!("{id}.md")), file).unwrap();
    };
    write(
        "scattered",
        "\"green lamps\", \"kettle noises\", \"broken window\"",
    );
    write("together", "\"broken green kettle\", \"chairs\", \"tables\"");
    let knowledge_base = KnowledgeBase::open(in_folder(&folder)).unwrap();
    let hits = knowledge_base
        .library()
        .index
        .search("my green kettle is broken", 2);
    let ids: Vec<_> = hits
        .iter()
        .map(|hit| knowledge_base.library().articles[hit.article].front.id.clone())
        .collect();
    assert_eq!(ids, ["together", "scattered"]);
    assert!(hits[0].score > 1.1 * hits[1].score);
}

#[test]
fn the_articles_say_how_customers_ask() {
    let knowledge_base = KnowledgeBase::open(KnowledgeBaseConfig::default()).unwrap();
    for article in &knowledge_base.library().articles {
        assert!(article.front.questions.len() >= 25, "{}", article.front.id);
    }
}

fn article(id: &str, body: &str) -> String {
    format!(
        "+++\nid = \"{id}\"\ntitle = \"About {id}\"\naudience = \"customer\"\ntags = []\nupdated = 2026-01-31\nsource = \"s\"\nlanguage = \"en\"\n+++\n{body}\n"
    )
}

fn in_folder(folder: &tempfile::TempDir) -> KnowledgeBaseConfig {
    KnowledgeBaseConfig {
        path: Some(folder.path().to_owned()),
        ..KnowledgeBaseConfig::default()
    }
}

#[test]
fn a_broken_set_is_refused_and_the_file_or_article_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || KnowledgeBase::open(in_folder(&folder)).unwrap_err().to_string();
    assert!(refused().contains("no article"));
    std::fs::write(folder.path().join("a.md"), article("a", "")).unwrap();
    assert!(refused().contains("a.md: the body is empty"));
    std::fs::write(folder.path().join("a.md"), article("a", "See [b](b.md).")).unwrap();
    assert!(refused().contains("\"a\" links to \"b\""));
    std::fs::create_dir(folder.path().join("more")).unwrap();
    std::fs::write(folder.path().join("more/b.md"), article("b", "Bees.")).unwrap();
    assert_eq!(
        KnowledgeBase::open(in_folder(&folder))
            .unwrap()
            .library()
            .articles
            .len(),
        2
    );
    std::fs::write(folder.path().join("c.md"), article("b", "Cats.")).unwrap();
    assert!(refused().contains("\"b\" is used twice"));
    let missing = KnowledgeBaseConfig {
        path: Some(folder.path().join("nowhere")),
        ..KnowledgeBaseConfig::default()
    };
    assert!(
        KnowledgeBase::open(missing)
            .unwrap_err()
            .to_string()
            .contains("nowhere")
    );
    let broken = folder.path().join("synonyms.toml");
    std::fs::write(&broken, "same = 1").unwrap();
    std::fs::remove_file(folder.path().join("c.md")).unwrap();
    let config = KnowledgeBaseConfig {
        synonyms_path: Some(broken),
        ..in_folder(&folder)
    };
    assert!(
        KnowledgeBase::open(config)
            .unwrap_err()
            .to_string()
            .contains("synonyms")
    );
}

#[test]
fn a_changed_folder_is_swapped_in_whole_and_a_broken_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.md"),
        article("unicorns", "Unicorns are shipped on Mondays."),
    )
    .unwrap();
    let knowledge_base = KnowledgeBase::open(in_folder(&folder)).unwrap();
    let found = |question| {
        knowledge_base
            .search(question)
            .answer
            .map(|answer| answer.article_id)
    };
    assert_eq!(found("unicorns").as_deref(), Some("unicorns"));
    assert!(knowledge_base.reload_if_changed().unwrap().is_none());

    let old = knowledge_base.library();
    std::fs::write(folder.path().join("b.md"), article("dragons", "Dragons fly.")).unwrap();
    assert_eq!(knowledge_base.reload_if_changed().unwrap(), Some(2));
    assert_eq!(found("dragons").as_deref(), Some("dragons"));
    assert_eq!(
        old.articles.len(),
        1,
        "a search that was running finishes on the old set"
    );

    std::fs::write(folder.path().join("b.md"), "broken").unwrap();
    assert!(knowledge_base.reload_if_changed().is_err());
    assert_eq!(found("dragons").as_deref(), Some("dragons"));

    std::fs::remove_file(folder.path().join("b.md")).unwrap();
    assert_eq!(knowledge_base.reload().unwrap(), 1);
    assert_eq!(found("dragons"), None);
}

#[test]
fn misspelt_words_and_synonyms_find_their_article() {
    let knowledge_base = KnowledgeBase::open(KnowledgeBaseConfig::default()).unwrap();
    for (question, article) in [
        ("how long do refnuds take", "refund-times"),
        ("perscription trasnfer", "prescription-transfer"),
        ("do you offer reimbursement to my card, how long", "refund-times"),
        ("which paymnet methods are there", "payment-methods"),
    ] {
        let found = knowledge_base
            .search(question)
            .answer
            .map(|answer| answer.article_id);
        assert_eq!(found.as_deref(), Some(article), "{question}");
    }
    assert!(knowledge_base.search("").answer.is_none());
    assert!(knowledge_base.search("the of and to").alternatives.is_empty());
    let long = "delivery ".repeat(550);
    assert!(!knowledge_base.search(&long).alternatives.is_empty());
}
