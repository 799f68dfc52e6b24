//! A request that is refused before its body is read: the answer says whether the connection goes on, and what it says is true.

use std::time::Duration;

use switchboard::clock::Clock;
use switchboard::config::AuthMode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::TestApp;
use crate::limits::key;

async fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.auth.mode = Some(AuthMode::Keys);
        config.auth.keys = vec![key("shop", "shop-key")];
    })
    .await
}

fn post(path: &str, headers: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n{headers}\r\n")
}

/// Reads one answer; its head, and whether it says that the connection ends. `None` at the end of the connection.
async fn answer(stream: &mut TcpStream) -> Option<(u16, bool)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return None,
        }
    }
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let field = |name: &str| {
        head.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let mut body = vec![0; field("content-length").unwrap().parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some((status, field("connection") == Some("close")))
}

const REFUSED: [(&str, &str, u16); 6] = [
    ("/api/v1/classify", "content-type: application/json\r\n", 401),
    ("/api/v1/records/SAF-1/resolve", "x-api-key: shop-key\r\n", 403),
    ("/nowhere", "", 404),
    ("/api/v1/health", "", 405),
    (
        "/api/v1/classify",
        "x-api-key: shop-key\r\ncontent-type: text/plain\r\n",
        415,
    ),
    (
        "/api/v1/classify",
        "x-api-key: shop-key\r\ncontent-type: application/json\r\n",
        413,
    ),
];

#[tokio::test]
async fn an_answer_that_leaves_a_large_body_unread_says_that_the_connection_ends() {
    let app = start().await;
    for (path, headers, status) in REFUSED {
        let length = if status == 413 { 100_000 } else { 50_000 };
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        let request = post(path, headers, length);
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.write_all(&vec![b' '; length]).await.unwrap();
        assert_eq!(answer(&mut stream).await, Some((status, true)), "{path}");
        assert_eq!(answer(&mut stream).await, None, "{path} {status}");
    }
    // Neither is a body of unknown length waited for, nor a client that waits itself asked to send for nothing.
    for headers in [
        "transfer-encoding: chunked",
        "content-length: 5\r\nexpect: 100-continue",
    ] {
        let mut stream = TcpStream::connect(app.address).await.unwrap();
        let request = format!("POST /nowhere HTTP/1.1\r\nhost: a\r\n{headers}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await, Some((404, true)), "{headers}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_connection_survives_a_small_body_that_nobody_asked_for() {
    let app = start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    for (path, headers, status) in REFUSED.into_iter().filter(|(_, _, status)| *status != 413) {
        let request = post(path, headers, 6_000);
        stream.write_all(request.as_bytes()).await.unwrap();
        // Not in one piece with its head.
        Clock::system().sleep(Duration::from_millis(5)).await;
        stream.write_all(&[b' '; 6_000]).await.unwrap();
        assert_eq!(answer(&mut stream).await, Some((status, false)), "{path}");
    }
    // One that does not come is not waited for.
    let request = post("/nowhere", "", 6_000);
    stream.write_all(request.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut stream).await, Some((404, true)));
    app.stop().await;
}

#[tokio::test]
async fn a_body_that_was_read_leaves_the_connection_open() {
    let app = start().await;
    let mut stream = TcpStream::connect(app.address).await.unwrap();
    let body = format!("{{\"message\": \"What are your hours?{}\"}}", " ".repeat(40_000));
    for _ in 0..2 {
        let headers = "x-api-key: shop-key\r\ncontent-type: application/json\r\n";
        let request = post("/api/v1/classify", headers, body.len()) + &body;
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await, Some((200, false)));
    }
    app.stop().await;
}
