//! How long a search takes: on the built-in articles, and on 10,000.

use switchboard::config::KnowledgeBaseConfig;
use switchboard::integrations::knowledge_base::{Article, KnowledgeBase};

fn main() {
    divan::main();
}

const QUESTIONS: [&str; 6] = [
    "how long does standard delivery take",
    "perscription trasnfer from walgreens",
    "is there a discount if I get vitamins every month",
    "who won the football match last night",
    "Hi there, quick question: are you open on Labor Day? And does the drive-through keep the same hours? Thanks, Keisha",
    "what do i do with old pills is there a box there to drop them in",
];

/// Ten thousand articles in the words of an invented language of 20,000 words, some words common and most rare, as in a
/// real one, plus the words of the questions: one word in forty, so that each stands in some 5 % of the articles.
fn many() -> KnowledgeBase {
    let words: Vec<&str> = QUESTIONS
        .iter()
        .flat_map(|question| question.split_whitespace())
        .collect();
    // A small linear congruential generator: the same articles on every run.
    let mut state = 42_u64;
    let mut next = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut text = |count: usize| -> String {
        let mut text = String::new();
        for _ in 0..count {
            let rank = next(20_000) * next(20_000) / 20_000;
            if next(40) == 0 {
                text.push_str(
                    words[next(words.len() as u64) as usize].trim_matches(|c: char| !c.is_alphanumeric()),
                );
            } else {
                text.push_str(&format!("w{}x{}", rank % 141, rank / 141));
            }
            text.push(' ');
        }
        text
    };
    let articles = (0..10_000)
        .map(|at| {
            let file = format!(
                "+++\nid = \"a{at}\"\ntitle = \"{}\"\naudience = \"customer\"\ntags = [\"{}\"]\nupdated = 2026-01-31\nsource = \"s\"\nlanguage = \"en\"\n+++\n{}\n\n## {}\n{}\n",
                text(5), text(3), text(60), text(4), text(60)
            );
            Article::parse(&file).expect("the text is made of words")
        })
        .collect();
    KnowledgeBase::of_articles(KnowledgeBaseConfig::default(), articles).expect("ids are numbered")
}

#[divan::bench(args = QUESTIONS)]
fn built_in(bencher: divan::Bencher<'_, '_>, question: &str) {
    let knowledge_base =
        KnowledgeBase::open(KnowledgeBaseConfig::default()).expect("the built-in articles are tested");
    bencher.bench_local(|| knowledge_base.search(divan::black_box(question)));
}

#[divan::bench(args = QUESTIONS)]
fn ten_thousand(bencher: divan::Bencher<'_, '_>, question: &str) {
    static MANY: std::sync::LazyLock<KnowledgeBase> = std::sync::LazyLock::new(many);
    let knowledge_base = &*MANY;
    bencher.bench_local(|| knowledge_base.search(divan::black_box(question)));
}

#[divan::bench]
fn reload(bencher: divan::Bencher<'_, '_>) {
    let knowledge_base =
        KnowledgeBase::open(KnowledgeBaseConfig::default()).expect("the built-in articles are tested");
    bencher.bench_local(|| knowledge_base.reload());
}
