//! A real Redis server for a test, on a free port, that the test can kill and bring back.
//!
//! The server lives no longer than the test process: a shell holds the other end of a pipe, and when that closes (however the
//! process ended) it kills the server.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

/// The server.
pub(crate) struct Redis {
    port: u16,
    server: Option<Child>,
}

impl Redis {
    /// A new, empty server; `None`, said on standard error, where Redis is not installed.
    ///
    /// Fails the test instead when `CI=true`: there, a promise that was not checked must not look kept.
    pub(crate) fn start() -> Option<Self> {
        let installed = Command::new("redis-server")
            .arg("--version")
            .stdout(Stdio::null())
            .status();
        if installed.is_err() {
            assert!(
                std::env::var_os("CI").is_none_or(|ci| ci != "true"),
                "CI=true, but Redis is not installed (apt-get install redis-server)"
            );
            eprintln!("SKIPPED: Redis is not installed (apt-get install redis-server)");
            return None;
        }
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        drop(listener);
        let mut redis = Self { port, server: None };
        redis.restart();
        Some(redis)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://{}/0", self.address())
    }

    /// Ends the server at once; what it held is gone.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            drop(server.stdin.take());
            server.wait().expect("the shell ends");
        }
    }

    /// Brings the server up, empty, on the same port.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let script = r#"
            dir=$(mktemp -d /tmp/switchboard-redis.XXXXXX)
            trap 'rm -rf "$dir"' EXIT
            redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --dir "$dir" >"$dir/log" 2>&1 &
            server=$!
            until redis-cli -p "$1" ping >/dev/null 2>&1; do kill -0 "$server" || { cat "$dir/log" >&2; exit 1; }; sleep 0.02; done
            echo ready
            cat >/dev/null || true
            kill -KILL "$server"
            wait "$server" 2>/dev/null || true
        "#;
        let mut server = Command::new("sh")
            .args(["-c", script, "redis-for-tests", &self.port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        let mut said = std::io::BufReader::new(server.stdout.take().expect("piped"));
        std::io::BufRead::read_line(&mut said, &mut line).expect("a word from the server");
        assert_eq!(line, "ready\n", "Redis did not start");
        self.server = Some(server);
    }

    /// A connection for the test itself.
    pub(crate) async fn connect(&self) -> ::redis::aio::MultiplexedConnection {
        let client = ::redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}
