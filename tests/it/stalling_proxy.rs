//! A proxy before a real server that passes everything on, or, while it is stalled, nothing that the server says.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// The proxy.
pub(crate) struct StallingProxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    _tasks: JoinSet<()>,
}

#[derive(Clone, Copy, Default)]
struct State {
    stalled: bool,
    /// What the server says that stalls it.
    trigger: Option<&'static [u8]>,
}

impl StallingProxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = watch::Sender::default();
        let shared = state.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                connections.spawn(pass_on(client, server, shared.clone()));
            }
        });
        Self {
            address,
            state,
            _tasks: tasks,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn stall(&self, stalled: bool) {
        self.state.send_replace(State {
            stalled,
            trigger: None,
        });
    }

    /// From when the server says `words`, nothing that it says is passed on.
    pub(crate) fn stall_at(&self, words: &'static [u8]) {
        self.state.send_replace(State {
            stalled: false,
            trigger: Some(words),
        });
    }

    /// Waits until it is stalled.
    pub(crate) async fn stalled(&self) {
        let mut state = self.state.subscribe();
        state.wait_for(|state| state.stalled).await.unwrap();
    }
}

async fn pass_on(client: TcpStream, server: SocketAddr, state: watch::Sender<State>) {
    let server = TcpStream::connect(server).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut watched = state.subscribe();
    let up = async {
        tokio::io::copy(&mut from_client, &mut to_server)
            .await
            .map(|_| ())
    };
    let down = async {
        let mut buffer = [0; 4096];
        loop {
            let n = from_server.read(&mut buffer).await?;
            state.send_if_modified(|state| {
                let mut parts = state
                    .trigger
                    .iter()
                    .flat_map(|words| buffer[..n].windows(words.len()));
                let triggered = parts.any(|part| Some(part) == state.trigger);
                state.stalled |= triggered;
                triggered
            });
            if n == 0 || watched.wait_for(|state| !state.stalled).await.is_err() {
                return Ok::<(), std::io::Error>(());
            }
            to_client.write_all(&buffer[..n]).await?;
        }
    };
    tokio::select! { _ = up => {} _ = down => {} }
}
