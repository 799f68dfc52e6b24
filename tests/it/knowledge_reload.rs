//! Articles that change while the service runs: answered from the new ones, without a request lost; a broken folder changes nothing.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tempfile::TempDir;

use crate::harness::TestApp;
use crate::upstream::{Step, Upstream, verdict};

const QUESTION: &str = "What are your opening hours?";

fn write(folder: &TempDir, hours: &str) {
    let article = format!(
        "+++\nid = \"opening-hours\"\ntitle = \"Opening hours\"\naudience = \"customer\"\ntags = [\"opening hours\"]\nupdated = 2026-01-31\n\
         source = \"Store handbook\"\nlanguage = \"en\"\n+++\nWe are open {hours}.\n"
    );
    fs::write(folder.path().join("hours.md"), article).unwrap();
}

/// An app whose folder says that we are open from eight.
async fn app(folder: &TempDir, upstream: &Upstream) -> TestApp {
    write(folder, "from eight");
    upstream.answer(verdict("informational", 0.95));
    TestApp::start_with(|config| {
        crate::harness::use_llm(config, upstream);
        config.knowledge_base.path = Some(folder.path().to_owned());
    })
    .await
}

async fn hours(app: &TestApp) -> String {
    let reply = app.say(QUESTION).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    text(reply.at("/next_step/details/answer/text"))
}

fn text(answer: &Value) -> String {
    answer.as_str().unwrap_or_default().to_owned()
}

/// Asks until the answer is `expected`: reading again happens in the background.
async fn until(app: &TestApp, expected: &str) {
    for _ in 0..5_000 {
        if hours(app).await == expected {
            return;
        }
    }
    panic!("the answer never became {expected:?}");
}

/// Reads the metrics until a reading again with this outcome is counted.
async fn until_counted(app: &TestApp, outcome: &str) {
    let series = format!("switchboard_knowledge_base_reloads_total{{outcome=\"{outcome}\"}}");
    for _ in 0..5_000 {
        if app.metric(&series).await == 1.0 {
            return;
        }
    }
    panic!("{outcome} was never counted");
}

#[tokio::test]
async fn a_changed_folder_is_answered_from_without_a_restart() {
    let (folder, upstream) = (TempDir::new().unwrap(), Upstream::start().await);
    let app = app(&folder, &upstream).await;
    assert_eq!(hours(&app).await, "We are open from eight.");
    write(&folder, "from nine to five");
    assert_eq!(
        hours(&app).await,
        "We are open from eight.",
        "nobody has looked yet"
    );
    app.hand.advance_once_awaited(Duration::from_secs(10)).await;
    until(&app, "We are open from nine to five.").await;
    app.stop().await;
}

#[tokio::test]
async fn reading_again_loses_no_request_in_flight() {
    let (folder, upstream) = (TempDir::new().unwrap(), Upstream::start().await);
    let app = app(&folder, &upstream).await;
    // Requests that were received before the change and are answered after it.
    upstream.always(Step::Held);
    let in_flight = async {
        let asked = (0..16).map(|_| app.say(QUESTION));
        join_all(asked).await
    };
    let change = async {
        upstream.wait_for_requests(1).await;
        write(&folder, "never");
        app.running().reload();
        upstream.release();
    };
    let (replies, ()) = tokio::join!(in_flight, change);
    for reply in replies {
        assert_eq!(reply.status, 200, "{}", reply.text);
        let answer = text(reply.at("/next_step/details/answer/text"));
        assert!(
            answer == "We are open from eight." || answer == "We are open never.",
            "{answer}"
        );
    }
    until(&app, "We are open never.").await;
    app.stop().await;
}

#[tokio::test]
async fn a_broken_folder_keeps_the_articles_that_were_there() {
    let (folder, upstream) = (TempDir::new().unwrap(), Upstream::start().await);
    let app = app(&folder, &upstream).await;
    fs::write(folder.path().join("broken.md"), "no front matter").unwrap();
    app.running().reload();
    assert_eq!(hours(&app).await, "We are open from eight.");
    until_counted(&app, "failed").await;
    fs::remove_file(folder.path().join("broken.md")).unwrap();
    write(&folder, "again");
    app.running().reload();
    until(&app, "We are open again.").await;
    until_counted(&app, "ok").await;
    app.stop().await;
}
