//! Contracts of the outside systems' clients, each against a real HTTP server.

use std::time::Duration;

use ring::hmac;
use serde_json::{Value, json};
use switchboard::clock::Clock;
use switchboard::config::{Config, KnowledgeSearchConfig, SystemKind};
use switchboard::delivery::Targets;
use switchboard::integrations::error::CallError;
use switchboard::integrations::event::{EVENT_VERSION, Event, EventRecord, EventType};
use switchboard::integrations::http_client::HttpClient;
use switchboard::integrations::knowledge_search_http::{KnowledgeSearch, SearchError};
use switchboard::integrations::request_tracker::RequestTracker;
use switchboard::integrations::webhook::{SIGNATURE_HEADER, Webhook};
use switchboard::integrations::zendesk::Zendesk;
use switchboard::lifecycle::Tasks;
use switchboard::privacy::Redactor;
use switchboard::store::Routes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::database::START;
use crate::llm_connections::TlsUpstream;
use crate::outside::{Outside, answer};
use crate::process::{Served, receive, switchboard};

fn clock() -> Clock {
    Clock::manual(START.parse().unwrap()).0
}

fn http() -> HttpClient {
    HttpClient::new(clock(), Duration::from_secs(10)).unwrap()
}

pub(crate) fn event(event_type: EventType, maybe_sent: bool) -> Event {
    Event {
        version: EVENT_VERSION,
        key: "SAF-1:ticketing:create".to_owned(),
        event_type,
        maybe_sent,
        record: EventRecord {
            reference: "SAF-1".to_owned(),
            kind: "compliance",
            queue: "pharmacovigilance".to_owned(),
            category: "safety_compliance".to_owned(),
            severity: Some("urgent".to_owned()),
            intent: None,
            channel: "chat".to_owned(),
            received_at: START.parse().unwrap(),
            due_at: Some("2026-03-02T09:15:00Z".parse().unwrap()),
            summary: "Reaction after a medicine".to_owned(),
            text: "[NAME_REDACTED] cannot breathe".to_owned(),
            details: json!({ "criteria": { "reporter": true } }),
        },
    }
}

#[tokio::test]
async fn a_webhook_is_signed_keyed_and_follows_its_schema() {
    let outside = Outside::start(|_| answer(202, json!({ "id": "X-7" }))).await;
    let webhook = Webhook::new(&format!("{}/hook", outside.url), "whsec".into(), http());
    for event_type in [EventType::Created, EventType::SlaBreached] {
        assert_eq!(webhook.deliver(&event(event_type, false)).await.unwrap(), "X-7");
    }
    let other = Outside::start(|_| answer(200, json!({ "id": 4711 }))).await;
    let webhook = Webhook::new(&other.url, "whsec".into(), http());
    let id = webhook.deliver(&event(EventType::Created, false)).await;
    assert_eq!(id.as_deref(), Ok("4711"));
    // A name of any length, of which a row of the outbox keeps so much.
    other.now(|_| answer(200, json!({ "id": "é".repeat(201) })));
    let id = webhook.deliver(&event(EventType::Created, false)).await;
    assert_eq!(id, Ok("é".repeat(200)));
    let schema: Value = serde_json::from_str(include_str!("../../docs/webhook-event.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for request in outside.received() {
        assert_eq!(request.path, "/hook");
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("idempotency-key"), "SAF-1:ticketing:create");
        let body = request.json();
        let wrong: Vec<String> = schema.iter_errors(&body).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        // What a receiver does.
        let (time, signature) = request.header(SIGNATURE_HEADER).split_once(",v1=").unwrap();
        let time = time.strip_prefix("t=").unwrap();
        assert_eq!(time, "1772442000");
        let signed = [time.as_bytes(), b".", &request.body].concat();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"whsec");
        hmac::verify(&key, &signed, &hex::decode(signature).unwrap()).unwrap();
    }
    let mut altered = outside.received()[0].json();
    altered["record"]["kind"] = json!("memo");
    assert!(!schema.is_valid(&altered), "the schema refuses what is wrong");
}

#[tokio::test]
async fn answers_are_capped_and_a_lost_connection_is_tried_again() {
    let outside = Outside::start(|_| answer(200, json!({ "id": "x".repeat(300 * 1024) }))).await;
    let webhook = Webhook::new(&outside.url, "s".into(), http());
    let taken = webhook.deliver(&event(EventType::Created, false)).await;
    assert_eq!(taken.as_deref(), Ok("accepted"), "whatever else it says");
    // A ticket's number cannot be told from half an answer: the next try finds the ticket.
    let zendesk = Zendesk::new(&outside.url, "agent".to_owned(), "s".into(), http());
    let error = zendesk
        .deliver(&event(EventType::Created, false))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), matches!(error, CallError::Retry { .. })),
        ("answer_too_large", true)
    );
    let nobody = Webhook::new("http://127.0.0.1:1/hook", "s".into(), http());
    let error = nobody
        .deliver(&event(EventType::Created, false))
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), matches!(error, CallError::Retry { .. })),
        ("connect", true)
    );
    let moved =
        Outside::start(|_| crate::outside::answer_with(307, ("location", "http://127.0.0.1:1/"))).await;
    let webhook = Webhook::new(&moved.url, "s".into(), http());
    let error = webhook
        .deliver(&event(EventType::Created, false))
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Reconfigure { .. }), "{error:?}");
}

/// A webhook of a server that reads the request and then says exactly this.
async fn webhook_that_says(answer: &'static str) -> Webhook {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    Tasks::default().spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            stream.read_buf(&mut request).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    Webhook::new(&url, "s".into(), http())
}

#[tokio::test]
async fn an_event_that_was_taken_is_not_sent_again_because_the_answer_broke_off() {
    for taken in [
        "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":",
        "HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n{",
        "HTTP/1.1 201 Created\r\nContent-Length: 21\r\n\r\n<html>taken</html>...",
        "HTTP/1.1 204 No Content\r\n\r\n",
    ] {
        let webhook = webhook_that_says(taken).await;
        let outcome = webhook.deliver(&event(EventType::Created, false)).await;
        assert_eq!(outcome.as_deref(), Ok("accepted"), "{taken}");
    }
    // A refusal whose page breaks off is a refusal.
    let webhook = webhook_that_says("HTTP/1.1 422 No\r\nContent-Length: 500\r\n\r\n<html>").await;
    let error = webhook
        .deliver(&event(EventType::Created, false))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "http_422");
}

#[tokio::test]
async fn a_connection_that_fails_says_whose_fault_it_is_and_a_private_authority_can_be_trusted() {
    let upstream = TlsUpstream::start(&[b"http/1.1"]).await;
    let url = format!("https://localhost:{}/hook", upstream.port);
    let failure = async |webhook: Webhook| {
        let outcome = webhook.deliver(&event(EventType::Created, false)).await;
        outcome.map_err(|error| error.code().to_owned())
    };
    let stranger = Webhook::new(&url, "s".into(), http());
    assert_eq!(failure(stranger).await, Err("tls".to_owned()));
    // A label of 64 characters: no resolver needs to be asked to know that there is no such name.
    let nameless = format!("http://{}.example/hook", "a".repeat(64));
    assert_eq!(
        failure(Webhook::new(&nameless, "s".into(), http())).await,
        Err("dns".to_owned())
    );

    let ca_file = Some(upstream.certificate.path());
    let trusting = HttpClient::trusting(clock(), Duration::from_secs(10), ca_file).unwrap();
    assert_eq!(
        failure(Webhook::new(&url, "s".into(), trusting)).await,
        Ok("accepted".to_owned())
    );

    let mut config = Config::default();
    let routes = |config: &Config| Targets::new(config, &clock()).unwrap().routes();
    assert_eq!(routes(&config), Routes::default());
    config.compliance.system = SystemKind::Webhook;
    config.compliance.url = Some(url);
    config.compliance.secret = Some("s".into());
    let compliance = Routes {
        compliance: true,
        ..Routes::default()
    };
    assert_eq!(
        routes(&config),
        compliance,
        "what is configured, and nothing else"
    );
    config.delivery.ca_file = Some("/nowhere/ca.pem".into());
    let refused = Targets::new(&config, &clock()).unwrap_err();
    assert_eq!(refused.setting, "delivery.ca_file", "{refused}");
}

/// A server that answers 200, and the paths and hosts that it is asked for.
async fn asked() -> (String, UnboundedReceiver<String>) {
    let (tell, asked) = unbounded_channel();
    let server = Outside::start(move |request| {
        let host = request.header("host").to_owned();
        tell.send(format!("{} {host}", request.method)).unwrap();
        answer(200, json!({}))
    })
    .await;
    (server.url, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_asked_for_a_tunnel_and_reads_nothing_that_goes_to_this_machine() {
    // In a process of its own, because proxies are read from the environment.
    let data = tempfile::tempdir().unwrap();
    let (proxy, mut by_proxy) = asked().await;
    let (local, mut directly) = asked().await;
    let mut command = switchboard(&data);
    for (name, value) in [
        ("HTTP_PROXY", proxy.as_str()),
        ("http_proxy", &proxy),
        ("HTTPS_PROXY", &proxy),
        ("SWITCHBOARD__SERVER__DRAIN_DELAY_MS", "0"),
        ("SWITCHBOARD__TICKETING__SYSTEM", "webhook"),
        ("SWITCHBOARD__TICKETING__URL", &local),
        ("SWITCHBOARD__TICKETING__SECRET", "s"),
        ("SWITCHBOARD__COMPLIANCE__SYSTEM", "webhook"),
        ("SWITCHBOARD__COMPLIANCE__URL", "https://safety.example/hook"),
        ("SWITCHBOARD__COMPLIANCE__SECRET", "s"),
    ] {
        command.env(name, value);
    }
    let served = Served::start(command);
    for message in ["refund order 4471", "my throat is swelling after the tablets"] {
        let mut stream = served.connect();
        let body = json!({ "message": message }).to_string();
        served.send(&mut stream, "POST", "/api/v1/classify", &body);
        assert_eq!(receive(&mut stream).0, 200);
    }
    assert_eq!(by_proxy.recv().await.unwrap(), "CONNECT safety.example:443");
    let local = local.strip_prefix("http://").unwrap();
    assert_eq!(directly.recv().await.unwrap(), format!("POST {local}"));
    served.signal("TERM");
    assert!(served.ended().0.success());
    while let Ok(asked) = by_proxy.try_recv() {
        assert_eq!(asked, "CONNECT safety.example:443");
    }
}

#[tokio::test]
async fn a_ticket_comes_with_its_priority_and_what_is_known() {
    let outside = Outside::start(|_| answer(201, json!({ "ticket": { "id": 1 }, "id": 1 }))).await;
    let zendesk = Zendesk::new(&outside.url, "agent".to_owned(), "s".into(), http());
    let tracker = RequestTracker::new(&outside.url, "General".to_owned(), None, "s".into(), http());
    let mut ticket = event(EventType::Created, false);
    ticket.record.severity = None;
    let priorities = [
        ("low", "low"),
        ("medium", "normal"),
        ("high", "high"),
        ("urgent", "urgent"),
    ];
    for (ours, theirs) in priorities {
        ticket.record.details = json!({ "priority": ours, "hold_until": "identity_verified" });
        zendesk.deliver(&ticket).await.unwrap();
        let sent = outside.received().pop().unwrap().json()["ticket"].clone();
        assert_eq!(sent["priority"], theirs);
        let body = sent["comment"]["body"].as_str().unwrap();
        assert!(body.contains("hold until: identity_verified\n"), "{body}");
    }
    tracker.deliver(&ticket).await.unwrap();
    let sent = outside.received().pop().unwrap().json();
    assert_eq!(sent["Due"], "2026-03-02T09:15:00Z");
    let content = sent["Content"].as_str().unwrap();
    assert!(content.contains("priority: urgent\n"), "{content}");
}

#[tokio::test]
async fn a_zendesk_ticket_is_made_once_found_again_and_marked_as_breached_once() {
    let mut tickets: Vec<Value> = Vec::new();
    let outside = Outside::start(
        move |request| match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/api/v2/tickets.json") => {
                let mut ticket = request.json()["ticket"].clone();
                ticket["id"] = json!(35_436 + tickets.len());
                tickets.push(ticket.clone());
                answer(201, json!({ "ticket": ticket }))
            }
            ("GET", "/api/v2/tickets.json") => {
                let found: Vec<&Value> = tickets
                    .iter()
                    .filter(|ticket| {
                        request.query == format!("external_id={}", ticket["external_id"].as_str().unwrap())
                    })
                    .collect();
                answer(200, json!({ "tickets": found, "count": found.len() }))
            }
            ("PUT", "/api/v2/tickets/35436.json") => {
                let change = request.json()["ticket"].clone();
                assert_eq!(change["priority"], "urgent");
                let said = "Nobody acknowledged SAF-1 before 2026-03-02T09:15:00Z.";
                assert_eq!(change["comment"], json!({ "body": said, "public": false }));
                tickets[0]["tags"] = change["tags"].clone();
                tickets[0]["priority"] = change["priority"].clone();
                answer(200, json!({ "ticket": tickets[0] }))
            }
            _ => answer(404, json!({})),
        },
    )
    .await;
    let zendesk = Zendesk::new(
        &format!("{}/", outside.url),
        "agent@example.com".to_owned(),
        "token".into(),
        http(),
    );
    let breach = zendesk
        .deliver(&event(EventType::SlaBreached, false))
        .await
        .unwrap_err();
    assert_eq!(breach.code(), "no_ticket");
    assert_eq!(
        zendesk.deliver(&event(EventType::Created, false)).await.unwrap(),
        "35436"
    );
    assert_eq!(
        zendesk.deliver(&event(EventType::Created, true)).await.unwrap(),
        "35436"
    );
    assert_eq!(
        zendesk
            .deliver(&event(EventType::SlaBreached, false))
            .await
            .unwrap(),
        "35436"
    );
    assert_eq!(
        zendesk
            .deliver(&event(EventType::SlaBreached, true))
            .await
            .unwrap(),
        "35436"
    );
    let received = outside.received();
    let of = |method: &str| {
        received
            .iter()
            .filter(|request| request.method == method)
            .collect::<Vec<_>>()
    };
    // It is asked for a ticket only where it may have one.
    assert_eq!((of("POST").len(), of("PUT").len(), of("GET").len()), (1, 1, 4));
    let create = of("POST")[0];
    assert_eq!(create.header("idempotency-key"), "SAF-1:ticketing:create");
    // agent@example.com/token:token
    assert_eq!(
        create.header("authorization"),
        "Basic YWdlbnRAZXhhbXBsZS5jb20vdG9rZW46dG9rZW4="
    );
    let ticket = &create.json()["ticket"];
    assert_eq!(ticket["priority"], "urgent");
    assert_eq!(ticket["comment"]["public"], false);
    assert_eq!(ticket["subject"], "[SAF-1] Reaction after a medicine");
    assert_eq!(ticket["type"], "incident");
    // Those that the ticket has already are kept.
    assert_eq!(
        of("PUT")[0].json()["ticket"]["tags"],
        json!([
            "switchboard",
            "switchboard_safety_compliance",
            "switchboard_sla_breached"
        ])
    );
    outside.now(|_| answer(200, json!({ "tickets": [{ "id": 1 }, { "id": 2 }] })));
    let twice = zendesk.deliver(&event(EventType::Created, true)).await;
    assert_eq!(twice.as_deref(), Ok("2"), "the one that a try before made last");
}

#[tokio::test]
async fn zendesk_errors_say_what_to_do() {
    let mut statuses = [429, 503, 401, 422].into_iter();
    let outside = Outside::start(move |_| answer(statuses.next().unwrap(), json!({}))).await;
    let zendesk = Zendesk::new(&outside.url, "a@example.com".to_owned(), "token".into(), http());
    let mut kinds = Vec::new();
    for _ in 0..4 {
        kinds.push(
            match zendesk
                .deliver(&event(EventType::Created, false))
                .await
                .unwrap_err()
            {
                CallError::Retry { .. } => "retry",
                CallError::GiveUp { .. } => "give up",
                CallError::Reconfigure { .. } => "reconfigure",
                CallError::NothingToSend { .. } => "nothing to send",
            },
        );
    }
    assert_eq!(kinds, ["retry", "retry", "reconfigure", "give up"]);
}

#[tokio::test]
async fn a_request_tracker_ticket_is_made_once_and_found_again() {
    let mut tickets = 0;
    let outside = Outside::start(
        move |request| match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/REST/2.0/ticket") => {
                tickets += 1;
                answer(201, json!({ "id": tickets.to_string(), "type": "ticket" }))
            }
            ("GET", "/REST/2.0/tickets") => {
                let items = match tickets {
                    0 => vec![],
                    _ => vec![json!({ "id": "1", "type": "ticket" })],
                };
                answer(200, json!({ "items": items, "total": tickets }))
            }
            ("POST", "/REST/2.0/ticket/1/comment") => answer(201, json!(["Comments added"])),
            ("GET", "/REST/2.0/ticket/1/attachments") => answer(
                200,
                json!({ "items": [
                    { "id": "8", "Subject": "An agent's comment" },
                    { "id": "9", "Subject": "Breached [SAF-1:ticketing:create]" },
                ] }),
            ),
            _ => answer(404, json!({})),
        },
    )
    .await;
    let tracker = RequestTracker::new(&outside.url, "General".to_owned(), None, "1-2-abc".into(), http());
    assert_eq!(
        tracker.deliver(&event(EventType::Created, false)).await.unwrap(),
        "1"
    );
    assert_eq!(
        tracker.deliver(&event(EventType::Created, true)).await.unwrap(),
        "1"
    );
    assert_eq!(
        tracker
            .deliver(&event(EventType::SlaBreached, false))
            .await
            .unwrap(),
        "1"
    );
    assert_eq!(
        tracker
            .deliver(&event(EventType::SlaBreached, true))
            .await
            .unwrap(),
        "1"
    );
    let received = outside.received();
    let posts: Vec<&str> = received
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(posts, ["/REST/2.0/ticket", "/REST/2.0/ticket/1/comment"]);
    assert_eq!(received[0].header("authorization"), "token 1-2-abc");
    let ticket = received[0].json();
    assert_eq!(ticket["Subject"], "[SAF-1] Reaction after a medicine");
    assert_eq!(
        (&ticket["Queue"], &ticket["ContentType"]),
        (&json!("General"), &json!("text/plain"))
    );
    let oldest = "&orderby=id&order=ASC&per_page=1";
    assert_eq!(
        received[1].query,
        format!("query=Subject+LIKE+%27%5BSAF-1%5D%27{oldest}")
    );
    // What another breach's comment says is not taken for this one's.
    let other = Event {
        key: "SAF-1:ticketing:sla_breached".to_owned(),
        ..event(EventType::SlaBreached, true)
    };
    assert_eq!(tracker.deliver(&other).await.unwrap(), "1");
    let last = outside.received().pop().unwrap();
    assert_eq!(last.method, "POST");
    let said = last.json();
    assert_eq!(said["Subject"], "Breached [SAF-1:ticketing:sla_breached]");
    assert_eq!(
        said["Content"],
        "Nobody acknowledged SAF-1 before 2026-03-02T09:15:00Z."
    );
    // A user's password; and a reference that would end the quotation, if one ever came.
    let by_user = RequestTracker::new(
        &outside.url,
        "General".to_owned(),
        Some("root".to_owned()),
        "password".into(),
        http(),
    );
    let mut quoting = event(EventType::Created, true);
    quoting.record.reference = "SAF-1' OR id > '0".to_owned();
    by_user.deliver(&quoting).await.unwrap();
    let asked = outside.received().pop().unwrap();
    // root:password
    assert_eq!(asked.header("authorization"), "Basic cm9vdDpwYXNzd29yZA==");
    assert_eq!(
        asked.query,
        format!("query=Subject+LIKE+%27%5BSAF-1ORid0%5D%27{oldest}")
    );
}

#[tokio::test]
async fn a_help_centre_is_searched_with_redacted_text_only() {
    let outside = Outside::start(|request| {
        assert_eq!(request.path, "/api/v2/help_center/articles/search.json");
        answer(200, json!({ "count": 2, "results": [
            { "id": 360_001, "title": "Refunds", "snippet": "How to get a <em>refund</em>", "draft": false,
              "html_url": "https://help.example.com/hc/en-us/articles/360001", "updated_at": "2026-01-15T08:30:00Z" },
            { "id": 360_002, "title": "Refund", "snippet": "", "draft": true, "html_url": "https://help.example.com/2",
              "updated_at": "2026-01-15T08:30:00Z" }
        ] }))
    })
    .await;
    let config = KnowledgeSearchConfig {
        url: Some(format!("{}/", outside.url)),
        ..KnowledgeSearchConfig::default()
    };
    let search = KnowledgeSearch::new(&config, clock()).unwrap().unwrap();
    let question = Redactor::default()
        .redact("how do I get a refund? I am ada@example.com")
        .text;
    let found = search.search(&question, |text| text.into()).await.unwrap();
    let answer_found = found.answer.unwrap();
    assert_eq!(
        (
            answer_found.title.as_str(),
            answer_found.text.as_str(),
            answer_found.score
        ),
        ("Refunds", "How to get a refund", 1.0)
    );
    assert!(found.alternatives.is_empty(), "a draft is not shown");
    assert_eq!(
        outside.received()[0].query,
        "query=how+do+I+get+a+refund%3F+I+am&locale=en-us&per_page=4"
    );
    let nothing = Redactor::default().redact("ada@example.com").text;
    let found = search.search(&nothing, |text| text.into()).await.unwrap();
    assert!(found.answer.is_none(), "there is nothing to search for");
    assert_eq!(outside.received().len(), 1, "and nobody is asked");
    outside.now(|_| answer(200, json!("<html>")));
    match search.search(&question, |text| text.into()).await {
        Err(SearchError::Failed(error)) => assert_eq!(error.code(), "bad_json"),
        other => panic!("{other:?}"),
    }
    // More than was asked for, and one that has just enough of the question's words.
    let article = |id: u64| {
        json!({ "id": id, "title": "Refunds", "snippet": "how you get one", "body": null,
                "html_url": format!("https://help.example.com/{id}"), "updated_at": "2026-01-15T08:30:00Z" })
    };
    let articles: Vec<Value> = (1..=6).map(article).collect();
    outside.now(move |_| answer(200, json!({ "results": articles })));
    let found = search.search(&question, |text| text.into()).await.unwrap();
    assert_eq!(found.answer.unwrap().article_id, "1");
    let others: Vec<&str> = found
        .alternatives
        .iter()
        .map(|other| other.article_id.as_str())
        .collect();
    assert_eq!(others, ["2", "3", "4"]);
}
