//! The same event by chat and by mail: two records, each naming the other, in the answer, the operator API, the terminal and the trail.

use reqwest::Method;
use serde_json::{Value, json};
use switchboard::store::{Page, RecordFilter, RecordKind};

use crate::harness::{Reply, TestApp};

async fn tell(app: &TestApp, channel: &str, message: &str, metadata: Value) -> (String, Reply) {
    let reply = app
        .classify(json!({ "message": message, "channel": channel, "metadata": metadata }))
        .await;
    assert_eq!(reply.at("/category"), "safety_compliance", "{}", reply.text);
    let reference = reply.at("/next_step/reference").as_str().unwrap().to_owned();
    (reference, reply)
}

const CHAT: &str = "the amoxicillin gave me hives all over, i am itching like crazy";
const MAIL: &str = "Dear team, I got hives after taking amoxicillin yesterday. What should I do? Regards";

#[tokio::test]
async fn the_same_event_by_chat_and_by_mail_is_two_records_that_name_each_other() {
    let app = TestApp::start().await;
    let (chat, first) = tell(&app, "chat", CHAT, json!({ "customer_id": "C-1001" })).await;
    assert_eq!(first.at("/next_step/details/linked_reports"), &Value::Null);
    let (mail, second) = tell(&app, "mail", MAIL, json!({ "customer_id": "C-1001" })).await;
    assert_eq!(second.at("/next_step/details/linked_reports"), &json!([chat]));
    assert!(
        second
            .at("/decision_path")
            .as_str()
            .unwrap()
            .contains(&format!("may be the same event as {chat}"))
    );
    let (other, unrelated) = tell(&app, "mail", MAIL, json!({ "customer_id": "C-2002" })).await;
    assert_eq!(unrelated.at("/next_step/details/linked_reports"), &Value::Null);

    let store = app.running().store();
    let links = async |reference: &str| store.record(reference).await.unwrap().unwrap().linked_reports;
    assert_eq!(links(&chat).await, std::slice::from_ref(&mail));
    assert_eq!(links(&mail).await, std::slice::from_ref(&chat));
    assert_eq!(links(&other).await, Vec::<String>::new());
    let filter = RecordFilter {
        kind: Some(RecordKind::Compliance),
        ..RecordFilter::default()
    };
    let all = store.list_records(&filter, Page::default()).await.unwrap().items;
    assert_eq!(all.len(), 3, "none is dropped");
    let trail = store.audit_page("", 0).await.unwrap();
    let says_of = |reference: &str, other: &str| {
        let mut entries = trail.iter();
        entries.any(|entry| entry.subject == reference && entry.detail.contains(other))
    };
    assert!(
        says_of(&mail, &chat) && says_of(&chat, &mail),
        "each record's own entries name the other"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_mail_that_quotes_the_reference_is_linked_whoever_sends_it() {
    let app = TestApp::start().await;
    let (chat, _) = tell(&app, "chat", CHAT, json!({ "customer_id": "C-1001" })).await;
    let message = format!("About my report {chat}: the rash is worse and now my face is swelling.");
    let (mail, reply) = tell(&app, "mail", &message, json!({ "email": "ada@example.com" })).await;
    assert_eq!(reply.at("/next_step/details/linked_reports"), &json!([chat]));
    let row = app.running().store().record(&chat).await.unwrap().unwrap();
    assert_eq!(row.linked_reports, [mail]);
    app.stop().await;
}

#[tokio::test]
async fn a_reply_is_linked_by_its_subject() {
    let app = TestApp::start().await;
    let (chat, _) = tell(&app, "chat", CHAT, json!({})).await;
    let message = format!("Re: {chat}\n\nThe hives are worse and now my face is swelling.");
    let (_, reply) = tell(&app, "mail", &message, json!({})).await;
    assert_eq!(reply.at("/next_step/details/linked_reports"), &json!([chat]));
    app.stop().await;
}

#[tokio::test]
async fn reports_of_one_event_that_arrive_at_once_are_linked() {
    let app = TestApp::start().await;
    let metadata = || json!({ "email": "Ada Example <ada@example.com>" });
    let ((chat, to_chat), (mail, to_mail)) = tokio::join!(
        tell(&app, "chat", CHAT, metadata()),
        tell(&app, "mail", MAIL, metadata())
    );
    // The one that was kept later names the other in its answer.
    let named = |reply: &Reply| reply.at("/next_step/details/linked_reports").clone();
    let named = [named(&to_chat), named(&to_mail)];
    assert!(
        named == [json!([mail]), Value::Null] || named == [Value::Null, json!([chat])],
        "{named:?}"
    );
    let store = app.running().store();
    assert_eq!(
        store.record(&chat).await.unwrap().unwrap().linked_reports,
        std::slice::from_ref(&mail)
    );
    assert_eq!(store.record(&mail).await.unwrap().unwrap().linked_reports, [chat]);
    app.stop().await;
}

#[tokio::test]
async fn the_answer_that_is_kept_for_an_idempotency_key_names_the_earlier_report() {
    let app = TestApp::start().await;
    let metadata = json!({ "customer_id": "C-1001" });
    let (chat, _) = tell(&app, "chat", CHAT, metadata.clone()).await;
    let body = json!({ "message": MAIL, "channel": "mail", "metadata": metadata });
    let post = async || {
        let request = app.request(Method::POST, "/api/v1/classify");
        let request = request.header("idempotency-key", "mail-1").json(&body);
        Reply::of(request.send().await.unwrap()).await
    };
    let first = post().await;
    assert_eq!(first.at("/next_step/details/linked_reports"), &json!([chat]));
    let again = post().await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.text, first.text, "byte for byte");
    app.stop().await;
}

#[tokio::test]
async fn the_answer_to_our_question_is_linked_to_its_report() {
    let app = TestApp::start().await;
    let metadata = || json!({ "customer_id": "C-1001" });
    let (report, first) = tell(&app, "chat", "the antibiotic gave me hives all over", metadata()).await;
    assert_eq!(first.at("/next_step/details/question/missing"), "product");
    let (_, answer) = tell(&app, "chat", "Amoxil 250 mg/5 ml suspension", metadata()).await;
    assert_eq!(answer.at("/next_step/details/linked_reports"), &json!([report]));
    let (_, stranger) = tell(
        &app,
        "chat",
        "Amoxil 250 mg/5 ml suspension",
        json!({ "customer_id": "C-2002" }),
    )
    .await;
    assert_eq!(stranger.at("/next_step/details/linked_reports"), &Value::Null);
    app.stop().await;
}
