//! A real PostgreSQL server for the tests: one per test run, on a free port, in a temporary directory, with a database of its own
//! for every test.
//!
//! The server lives as long as the test process: a shell holds the other end of a pipe, and when that closes (however the
//! process ended) it stops the server and removes the directory.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

use sqlx::{Connection as _, PgConnection};

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    port: u16,
    /// Closing it, which the end of this process does, stops the server.
    _alive: Mutex<std::process::Child>,
}

/// URL of a new, empty database; `None`, said on standard error, where PostgreSQL is not installed.
///
/// Fails the test instead when `CI=true`: there, a promise that was not checked must not look kept.
pub(crate) async fn database() -> Option<String> {
    let server = SERVER.get_or_init(start).as_ref()?;
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let url = |database: &str| format!("postgres://postgres@127.0.0.1:{}/{database}", server.port);
    let mut admin = PgConnection::connect(&url("postgres"))
        .await
        .expect("the server answers");
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut admin)
        .await
        .expect("a new database");
    admin.close().await.expect("a goodbye");
    Some(url(&name))
}

fn start() -> Option<Server> {
    let Some(bin) = installed() else {
        assert!(
            std::env::var_os("CI").is_none_or(|ci| ci != "true"),
            "CI=true, but PostgreSQL is not installed (apt-get install postgresql)"
        );
        eprintln!(
            "SKIPPED: PostgreSQL is not installed (apt-get install postgresql), its half of the store's tests did not run"
        );
        return None;
    };
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a free port")
        .local_addr()
        .expect("its address")
        .port();
    // fsync=off: these tests kill this process, never the server.
    let script = r#"
        set -e
        dir=$(mktemp -d /tmp/switchboard-postgres.XXXXXX)
        trap 'rm -rf "$dir"' EXIT
        "$1/initdb" --pgdata="$dir/data" --username=postgres --auth=trust --encoding=UTF8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
        "$1/postgres" -D "$dir/data" -p "$2" -k "$dir" -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=300 \
            -c shared_buffers=64MB >"$dir/log" 2>&1 &
        server=$!
        until "$1/pg_isready" -q -h 127.0.0.1 -p "$2"; do kill -0 "$server" || { cat "$dir/log" >&2; exit 1; }; sleep 0.05; done
        echo ready
        cat >/dev/null || true
        kill -QUIT "$server"
        wait "$server" || true
    "#;
    let mut command = match is_root() {
        // PostgreSQL refuses to run as root.
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "sh"]);
            command
        }
        false => Command::new("sh"),
    };
    let mut child = command
        .args(["-c", script, "postgres-for-tests"])
        .arg(&bin)
        .arg(port.to_string())
        .current_dir("/tmp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut line = String::new();
    let mut said = std::io::BufReader::new(child.stdout.take().expect("piped"));
    std::io::BufRead::read_line(&mut said, &mut line).expect("a word from the server");
    assert_eq!(line, "ready\n", "PostgreSQL did not start");
    Some(Server {
        port,
        _alive: Mutex::new(child),
    })
}

/// The newest installed server's programs: Debian's place, or where `postgres` is on the PATH.
fn installed() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut versions: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let everywhere = versions.into_iter().rev().chain(std::env::split_paths(&path));
    everywhere
        .filter(|bin| bin.join("postgres").is_file() && bin.join("initdb").is_file())
        .find(|bin| bin.is_dir())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(Path::new("/proc/self")).is_ok_and(|this| this.uid() == 0)
}
