//! A database for one test, of either engine, and records to put into it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use switchboard::clock::{Clock, ManualClock};
use switchboard::config::StoreConfig;
use switchboard::privacy::Sealer;
use switchboard::store::{NewJob, NewRecord, RecordKind, Store, Unit};
use switchboard::telemetry::metrics::Metrics;

pub(crate) use crate::harness::START;

/// A database that exists as long as this does.
pub(crate) struct Database {
    pub(crate) config: StoreConfig,
    pub(crate) clock: Clock,
    pub(crate) hand: ManualClock,
    _dir: tempfile::TempDir,
}

/// For a store whose metrics nobody reads.
pub(crate) fn uncounted() -> Arc<Metrics> {
    Arc::new(Metrics::off())
}

impl Database {
    fn new(database_url: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(START.parse().unwrap());
        let config = StoreConfig {
            database_url: database_url.map(SecretString::from),
            data_dir: dir.path().join("data"),
            data_key: Some(data_key(1)),
            // The test's clock and a real PostgreSQL's are months apart.
            max_clock_skew_s: 0,
            ..StoreConfig::default()
        };
        Self {
            config,
            clock,
            hand,
            _dir: dir,
        }
    }

    /// A SQLite file in a temporary directory.
    pub(crate) async fn sqlite() -> Option<Self> {
        Some(Self::new(None))
    }

    /// A database on the tests' PostgreSQL; `None` where it is not installed.
    pub(crate) async fn postgres() -> Option<Self> {
        Some(Self::new(Some(super::postgres::database().await?)))
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.config.database_url.is_none()
    }

    /// Opens the store, as a process does.
    pub(crate) async fn open(&self) -> Store {
        self.open_counted(uncounted()).await
    }

    /// The same, with its operations counted in `metrics`.
    pub(crate) async fn open_counted(&self, metrics: Arc<Metrics>) -> Store {
        let sealer = Sealer::configured(&self.config).unwrap();
        Store::open(&self.config, sealer, self.clock.clone(), metrics)
            .await
            .unwrap()
    }

    /// Runs a statement behind the store's back, as somebody with access to the database could.
    pub(crate) async fn tamper(&self, sql: &str) -> u64 {
        use secrecy::ExposeSecret as _;
        use sqlx::Connection as _;
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        match &self.config.database_url {
            Some(url) => {
                let mut connection = sqlx::PgConnection::connect(url.expose_secret()).await.unwrap();
                sqlx::raw_sql(sql)
                    .execute(&mut connection)
                    .await
                    .unwrap()
                    .rows_affected()
            }
            None => {
                let mut connection = self.another_connection().await;
                sqlx::raw_sql(sql)
                    .execute(&mut connection)
                    .await
                    .unwrap()
                    .rows_affected()
            }
        }
    }

    /// A connection to the SQLite file beside those of the store.
    pub(crate) async fn another_connection(&self) -> sqlx::SqliteConnection {
        use sqlx::Connection as _;
        let file = self.config.data_dir.join(switchboard::store::DATABASE_FILE);
        sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display()))
            .await
            .unwrap()
    }
}

/// A PostgreSQL role that may use one database, and can be shut out of it.
pub(crate) struct OwnRole {
    name: String,
    /// The database's, as this role.
    pub(crate) url: String,
}

impl OwnRole {
    pub(crate) async fn of(database: &Database) -> Self {
        use secrecy::ExposeSecret as _;
        let url = database.config.database_url.as_ref().unwrap().expose_secret();
        // Roles are the whole server's: named like the database, which no other test has.
        let name = format!("role_of_{}", url.rsplit('/').next().unwrap());
        database
            .tamper(&format!(
                "CREATE ROLE {name} LOGIN; GRANT ALL ON SCHEMA public TO {name}"
            ))
            .await;
        let url = url.replacen("postgres@", &format!("{name}@"), 1);
        Self { name, url }
    }

    /// Lets it have so many connections at once.
    pub(crate) async fn limit(&self, database: &Database, connections: u32) {
        let name = &self.name;
        database
            .tamper(&format!("ALTER ROLE {name} CONNECTION LIMIT {connections}"))
            .await;
    }

    /// Ends its connections and refuses new ones.
    pub(crate) async fn shut_out(&self, database: &Database) {
        let name = &self.name;
        database
            .tamper(&format!(
                "ALTER ROLE {name} NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'"
            ))
            .await;
    }

    pub(crate) async fn let_in(&self, database: &Database) {
        database.tamper(&format!("ALTER ROLE {} LOGIN", self.name)).await;
    }
}

/// A data key for tests.
pub(crate) fn data_key(byte: u8) -> SecretString {
    SecretString::from(base64::engine::general_purpose::STANDARD.encode([byte; 32]))
}

/// A safety report, due after 15 minutes.
pub(crate) fn report(reference: &str, received_at: Timestamp) -> NewRecord {
    NewRecord {
        reference: reference.to_owned(),
        kind: RecordKind::Compliance,
        queue: "pharmacovigilance".to_owned(),
        received_at,
        due_at: Some(received_at + Duration::from_secs(15 * 60)),
        severity: Some("urgent"),
        category: "safety_compliance",
        intent: None,
        channel: "chat",
        request_id: format!("request-{reference}"),
        client_id: "shop".to_owned(),
        summary: "Reaction after a medicine".to_owned(),
        redacted_text: "[NAME_REDACTED] cannot breathe".to_owned(),
        verbatim: SecretString::from("Ada Example cannot breathe"),
        details: json!({ "criteria": { "reporter": true } }).to_string(),
        jobs: Vec::new(),
        same_event: None,
    }
}

/// A delivery of that record.
pub(crate) fn job(target: &'static str) -> NewJob {
    NewJob {
        target,
        kind: "create",
    }
}

/// A unit of these records.
pub(crate) fn unit(records: impl IntoIterator<Item = NewRecord>) -> Unit {
    Unit {
        records: records.into_iter().collect(),
        ..Unit::default()
    }
}

/// Runs each test once on SQLite and once on PostgreSQL.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite { $(
            #[tokio::test]
            async fn $test() {
                if let Some(database) = crate::database::Database::sqlite().await { super::$test(database).await }
            }
        )+ }
        mod postgres { $(
            #[tokio::test]
            async fn $test() {
                if let Some(database) = crate::database::Database::postgres().await { super::$test(database).await }
            }
        )+ }
    };
}
pub(crate) use on_both_engines;
