//! The page to try a message, and the docs, as somebody sees them who opens them in a browser.

use serde_json::Value;

use crate::browser::Browser;
use crate::harness::TestApp;

/// Writes a message into the field, over what is there.
async fn write(browser: &mut Browser, message: &str) {
    browser
        .value("document.getElementById('message').focus(); document.getElementById('message').select()")
        .await;
    browser.write(message).await;
}

/// Has the page promise, as `answered`, that the next answer is drawn.
async fn await_answer(browser: &mut Browser) {
    browser
        .value(
            "window.answered = new Promise((done) => new MutationObserver((_, observer) => {
                 if (document.getElementById('answer').hasAttribute('aria-busy')) return;
                 observer.disconnect();
                 done(document.getElementById('answer').innerText);
             }).observe(document.getElementById('answer'), { attributeFilter: ['aria-busy'] })); 0",
        )
        .await;
}

/// Sends a message as most do by keyboard, and waits for what is drawn.
async fn ask(browser: &mut Browser, message: &str) -> String {
    write(browser, message).await;
    await_answer(browser).await;
    browser.control_enter().await;
    text(browser.value("answered").await)
}

fn text(value: Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn focused(browser: &mut Browser) -> String {
    text(browser.value("document.activeElement.id").await)
}

/// What a screen reader says.
async fn said(browser: &mut Browser) -> String {
    text(
        browser
            .value("document.querySelector('[role=status]').textContent")
            .await,
    )
}

#[tokio::test]
async fn a_message_is_sent_and_its_answer_read_by_keyboard_alone() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let app = TestApp::start().await;
    browser.open(&app.url("/")).await;
    assert_eq!(focused(&mut browser).await, "message");
    browser
        .write("My face is <b>swelling</b> since the new pill")
        .await;
    for _ in 0..6 {
        if focused(&mut browser).await != "send" {
            browser.tab().await;
        }
    }
    assert_eq!(focused(&mut browser).await, "send");
    await_answer(&mut browser).await;
    browser.enter().await;
    let answer = text(browser.value("answered").await);
    assert!(answer.contains("Safety and compliance"), "{answer}");
    assert_eq!(
        focused(&mut browser).await,
        "send",
        "the focus stays where it was"
    );
    let told = said(&mut browser).await;
    assert!(told.starts_with("Safety and compliance: "), "{told}");
    assert!(told.contains("call 911"), "{told}");
    let whole = text(
        browser
            .value("document.querySelector('#answer pre').textContent")
            .await,
    );
    assert!(whole.contains("<b>swelling</b>"), "{whole}");
    let markup = browser
        .value("document.querySelectorAll('#answer b').length")
        .await;
    assert_eq!(markup, 0, "a message is text, never markup");
    assert_eq!(browser.faults, [""; 0]);
    app.stop().await;
}

#[tokio::test]
async fn whatever_goes_wrong_the_page_says_what() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let app = TestApp::start_with(|config| config.rate_limit.burst = 4).await;
    browser.open(&app.url("/")).await;
    let too_long = ask(&mut browser, &"a".repeat(5001)).await;
    assert!(too_long.contains("must be at most 5000 characters"), "{too_long}");
    assert!(
        said(&mut browser)
            .await
            .contains("must be at most 5000 characters")
    );

    write(&mut browser, "When do you open?").await;
    await_answer(&mut browser).await;
    // Twice before an answer can come.
    browser
        .value("for (let i = 0; i < 2; i++) document.getElementById('send').click()")
        .await;
    let answer = text(browser.value("answered").await);
    assert!(answer.contains("Informational"), "{answer}");
    let sent =
        "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/classify')).length";
    assert_eq!(browser.value(sent).await, 2, "the long one, and this one once");

    browser
        .value("document.getElementById('key').value = 'ключ'; 0")
        .await;
    let bad_key = ask(&mut browser, "When do you open?").await;
    assert!(bad_key.contains("API key holds a character"), "{bad_key}");
    browser
        .value("document.getElementById('key').value = ''; 0")
        .await;

    let mut limited = String::new();
    for _ in 0..3 {
        limited = ask(&mut browser, "When do you open?").await;
    }
    assert!(limited.contains("Too Many Requests"), "{limited}");
    assert!(limited.contains("Try again in 1 s."), "{limited}");

    // A proxy's own page, with a status that says that all is well.
    browser
        .value("window.kept = window.fetch; window.fetch = async () => new Response('<html>'); 0")
        .await;
    let foreign = ask(&mut browser, "When do you open?").await;
    assert!(foreign.contains("no answer of this service"), "{foreign}");
    browser.value("window.fetch = window.kept; 0").await;

    app.stop().await;
    let away = ask(&mut browser, "When do you open?").await;
    assert!(away.contains("cannot be reached"), "{away}");
    assert_eq!(browser.faults, [""; 0]);
}

#[tokio::test]
async fn nothing_on_the_page_is_wider_than_a_phone() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let app = TestApp::start().await;
    browser.resize(320).await;
    browser.open(&app.url("/")).await;
    for message in [
        "What is your return policy for unopened items?",
        "I want a refund for order 45-20817, the thermometer never worked.",
        &format!("My face is swelling since the new pill {}", "w".repeat(300)),
    ] {
        ask(&mut browser, message).await;
        browser
            .value("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            .await;
        let width = browser.value("document.documentElement.scrollWidth").await;
        assert_eq!(width, 320, "{message}");
    }
    assert_eq!(browser.faults, [""; 0]);
    app.stop().await;
}

#[tokio::test]
async fn the_docs_draw_every_operation() {
    let Some(mut browser) = Browser::start().await else {
        return;
    };
    let app = TestApp::start().await;
    let document = app.get("/openapi.json").await.body;
    let paths = document["paths"].as_object().unwrap().values();
    let operations: usize = paths.map(|item| item.as_object().unwrap().len()).sum();
    browser.open(&app.url("/docs/")).await;
    let drawn = async |browser: &mut Browser, what: &str, times: usize| {
        let all = format!(
            "new Promise((done) => {{
                 const look = () => document.querySelectorAll('{what}').length === {times} && done({times});
                 new MutationObserver(look).observe(document, {{ subtree: true, childList: true }});
                 look();
             }})"
        );
        browser.value(&all).await
    };
    assert_eq!(drawn(&mut browser, ".opblock", operations).await, operations);
    // One of them whole: all together take half a minute.
    browser
        .value("document.querySelector('#operations-classify-classify .opblock-summary-control').click()")
        .await;
    let answers = "#operations-classify-classify .responses-table";
    assert_eq!(drawn(&mut browser, answers, 1).await, 1);
    let errors = browser
        .value("document.querySelectorAll('.errors-wrapper').length")
        .await;
    assert_eq!(errors, 0);
    assert_eq!(browser.faults, [""; 0]);
    app.stop().await;
}
