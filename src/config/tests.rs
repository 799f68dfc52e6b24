//! What is read from files and variables, and how what is wrong is told.

use super::*;

fn from_environment(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Config::from_sources(None, environment)
}

#[test]
fn the_defaults_are_valid_and_print_as_toml_that_reads_back() {
    let defaults = from_environment(&[]).unwrap();
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), defaults.to_toml()).unwrap();
    let again = Config::from_sources(Some(file.path()), BTreeMap::new()).unwrap();
    assert_eq!(again.to_toml(), defaults.to_toml());
    let unset = defaults.unset();
    for setting in [
        "auth.keys_file",
        "knowledge_base.path",
        "llm.prices",
        "store.database_url",
    ] {
        assert!(unset.iter().any(|name| name == setting), "{setting}: {unset:?}");
    }
    assert!(!unset.iter().any(|name| name == "server.port"), "{unset:?}");
}

#[test]
fn the_line_break_at_the_end_of_a_secret_is_not_part_of_it() {
    use secrecy::ExposeSecret as _;
    let keys = format!("[shop:{}]\n", "ab".repeat(32));
    let config = from_environment(&[
        ("SWITCHBOARD__AUTH__KEYS", &keys),
        ("OPENAI_API_KEY", "sk-1\r\n"),
        ("SWITCHBOARD__TICKETING__SYSTEM", "zendesk\n"),
        ("SWITCHBOARD__TICKETING__URL", "https://x.zendesk.com\n"),
        ("SWITCHBOARD__TICKETING__USER", "agent@example.com\n"),
        ("SWITCHBOARD__TICKETING__SECRET", " t oken \n"),
    ])
    .unwrap();
    assert_eq!(config.auth.keys[0].sha256, "ab".repeat(32));
    assert_eq!(config.llm.api_key.unwrap().expose_secret(), "sk-1");
    assert_eq!(config.ticketing.secret.unwrap().expose_secret(), " t oken ");
    assert_eq!(config.ticketing.url.as_deref(), Some("https://x.zendesk.com"));
}

#[test]
fn the_environment_beats_the_file_and_well_known_names_beat_both() {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    std::fs::write(file.path(), "[server]\nport = 1\n[rate_limit]\nper_minute = 7\n").unwrap();
    let environment =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
    let read = |pairs| Config::from_sources(Some(file.path()), environment(pairs)).unwrap();
    assert_eq!(read(&[]).server.port, 1);
    assert_eq!(read(&[("SWITCHBOARD__SERVER__PORT", "2")]).server.port, 2);
    assert_eq!(
        read(&[("SWITCHBOARD__SERVER__PORT", "2"), ("PORT", "3")])
            .server
            .port,
        3
    );
    assert_eq!(read(&[("PORT", "3")]).rate_limit.per_minute, 7);
    let keys = format!("[shop:{}, chat:{}]", "ab".repeat(32), "cd".repeat(32));
    let operators = format!("[ann:{}]", "ef".repeat(32));
    let variables = [
        ("SWITCHBOARD__AUTH__KEYS", keys.as_str()),
        ("SWITCHBOARD__OPERATOR__KEYS", operators.as_str()),
    ];
    let config = Config::from_sources(None, environment(&variables)).unwrap();
    let keys = &config.auth.keys;
    assert_eq!(
        (keys[0].id.as_str(), keys[1].sha256.as_str()),
        ("shop", "cd".repeat(32).as_str())
    );
    let ann = config.auth.known(&config.operator).pop().unwrap();
    assert_eq!((ann.id.as_str(), ann.role), ("ann", Some(Role::Operator)));
    let origins = read(&[(
        "SWITCHBOARD__CORS__ALLOWED_ORIGINS",
        "[https://a.example, https://b.example]",
    )]);
    assert_eq!(
        origins.cors.allowed_origins,
        ["https://a.example", "https://b.example"]
    );
}

#[test]
fn whatever_is_wrong_is_named() {
    let message = |variables: &[(&str, &str)]| from_environment(variables).unwrap_err().to_string();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("PORT", "eighty")], "PORT"),
        (&[("SWITCHBOARD__SERVER__PROT", "80")], "prot"),
        (&[("SWITCHBOARD__SRVER__PORT", "80")], "srver"),
        (
            &[("SWITCHBOARD__RATE_LIMIT__PER_MINUTE", "0")],
            "rate_limit.per_minute",
        ),
        (
            &[("SWITCHBOARD__CLASSIFIER__MIN_CONFIDENCE", "1.5")],
            "classifier.min_confidence",
        ),
        (
            &[("SWITCHBOARD__CLASSIFIER__ON_LLM_FAILURE", "explode")],
            "explode",
        ),
        (&[("SWITCHBOARD__SERVER__HOST", "0.0.0.0")], "auth.mode"),
        (
            &[("SWITCHBOARD__CORS__ALLOWED_ORIGINS", "[example.com/path]")],
            "cors.allowed_origins",
        ),
    ];
    for (variables, named) in cases {
        let text = message(variables);
        assert!(
            text.to_lowercase().contains(&named.to_lowercase()),
            "{variables:?}: {text}"
        );
    }
    // What would be right is told, too.
    let choices: &[(&str, &str, &str)] = &[
        ("SWITCHBOARD__AUTH__MODE", "auth.mode", "`off` or `keys`"),
        (
            "SWITCHBOARD__CLASSIFIER__MODE",
            "classifier.mode",
            "`llm`, `local`, `cascade`",
        ),
        (
            "SWITCHBOARD__CLASSIFIER__ON_LLM_FAILURE",
            "classifier.on_llm_failure",
            "`local` or `reject`",
        ),
        ("SWITCHBOARD__LLM__API", "llm.api", "`responses`"),
        ("SWITCHBOARD__LLM__AUTH", "llm.auth", "`bearer` or `api_key`"),
        (
            "SWITCHBOARD__LLM__OUTPUT_FORMAT",
            "llm.output_format",
            "`json_schema`, `json_object_schema`, `json_object`, `none`",
        ),
        (
            "SWITCHBOARD__LLM__TOKEN_LIMIT_FIELD",
            "llm.token_limit_field",
            "`max_completion_tokens` or `max_tokens`",
        ),
        (
            "SWITCHBOARD__LLM__BREAKER__WINDOW",
            "llm.breaker.window",
            "`time` or `count`",
        ),
        (
            "SWITCHBOARD__LLM__BREAKER__FORCED",
            "llm.breaker.forced",
            "`open` or `closed`",
        ),
        (
            "SWITCHBOARD__TICKETING__SYSTEM",
            "ticketing.system",
            "`embedded`, `webhook`, `zendesk`, `request_tracker`",
        ),
        ("SWITCHBOARD_LOG", "log.format", "`auto`, `json`, `pretty`"),
        ("OTEL_TRACES_EXPORTER", "otel.traces_exporter", "`otlp` or `none`"),
        (
            "OTEL_TRACES_SAMPLER",
            "otel.sampler",
            "`parentbased_traceidratio`",
        ),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "otel.protocol", "`http/protobuf`"),
        ("SWITCHBOARD__SERVER__HOST", "server.host", "0.0.0.0"),
        (
            "SWITCHBOARD__MANAGEMENT__ADDR",
            "management.addr",
            "127.0.0.1:9464",
        ),
    ];
    for (variable, setting, right) in choices {
        let text = message(&[(variable, "nonsense")]);
        assert!(
            text.contains(setting) && text.contains(right),
            "{variable}: {text}"
        );
    }
    let missing = Config::from_sources(Some(Path::new("/nowhere.toml")), BTreeMap::new()).unwrap_err();
    assert!(missing.to_string().contains("/nowhere.toml"), "{missing}");
}

#[test]
fn a_value_of_another_form_is_not_quoted_and_what_is_right_is_said() {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    let in_file = format!("(in {})", file.path().display());
    for (text, told) in [
        (
            "[server]\nport = 70000",
            "server.port must be a whole number, 0 to 65535",
        ),
        (
            "[server]\nport = -1",
            "server.port must be a whole number from 0 up",
        ),
        ("server = 1", "server must be a table of settings"),
        (
            "[server]\nprot = 1",
            "server.prot is not known; known there: `host`, `port`",
        ),
        ("[srver]\nport = 1", "srver is not known; known there: `server`"),
        ("[llm]\napi_key = [\"sk-secret\"]", "llm.api_key must be a text"),
        (
            "[operator]\nkeys = \"sk-secret, expected \"",
            "operator.keys must be a list",
        ),
        (
            "[rate_limit]\nenabled = \"sk-secret\"",
            "rate_limit.enabled must be true or false",
        ),
        (
            "[llm.retry]\nbudget_ratio = \"sk-secret\"",
            "llm.retry.budget_ratio must be a number",
        ),
        (
            "[auth]\nmode = \"sk-secret\"",
            "auth.mode must be `off` or `keys`",
        ),
        ("[llm.prompts]\nactive = [1]", "llm.prompts.active must be a text"),
        (
            "[[llm.prompts.variants]]\nname = \"a\"",
            "llm.prompts.variants[0].version has to be set",
        ),
        (
            "[workflow.safety]\nday_zero_utc_offset_hours = 300",
            "workflow.safety.day_zero_utc_offset_hours must be a whole number, -128 to 127",
        ),
    ] {
        std::fs::write(file.path(), text).unwrap();
        let error = Config::from_sources(Some(file.path()), BTreeMap::new()).unwrap_err();
        let error = error.to_string();
        assert!(error.starts_with(&format!("configuration: {told}")), "{error}");
        assert!(
            error.ends_with(&in_file) && !error.contains("sk-secret"),
            "{error}"
        );
    }
    for (variable, value, told) in [
        ("PORT", "sk-secret", "server.port must be a whole number"),
        (
            "SWITCHBOARD__OPERATOR__KEYS",
            "sk-secret",
            "operator.keys must be a list",
        ),
        (
            "SWITCHBOARD__OPERATOR__KEYS",
            "[sk-secret]",
            "operator.keys[0] must be \"id:sha256\"",
        ),
        ("SWITCHBOARD__SERVER", "1", "server must be a table of settings"),
        ("SWITCHBOARD__SERVER__PROT", "1", "server.prot is not known"),
        ("SWITCHBOARD__SRVER__PORT", "1", "srver is not known"),
        (
            "SWITCHBOARD__SERVER__HOST",
            "sk-secret",
            "server.host must be an IP address",
        ),
    ] {
        let error = from_environment(&[(variable, value)]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("configuration: {told}")), "{error}");
        assert!(
            error.ends_with(&format!("(environment variable {variable})")),
            "{error}"
        );
        assert!(!error.contains("sk-secret"), "{error}");
    }
}

#[test]
fn brackets_make_a_list_only_where_the_setting_is_one() {
    use secrecy::ExposeSecret as _;
    let config = from_environment(&[
        ("OPENAI_API_KEY", "[sk]"),
        ("SWITCHBOARD__WORKFLOW__EMERGENCY__ANIMAL_POISON", "[none]"),
        ("SWITCHBOARD__CORS__ALLOWED_ORIGINS", "[https://a.example]"),
    ])
    .unwrap();
    assert_eq!(config.llm.api_key.unwrap().expose_secret(), "[sk]");
    assert_eq!(config.workflow.emergency.animal_poison, "[none]");
    assert_eq!(config.cors.allowed_origins, ["https://a.example"]);
}

#[test]
fn settings_that_would_be_taken_for_something_else_are_refused() {
    for (variables, setting) in [
        (
            &[
                ("SWITCHBOARD__DELIVERY__BACKOFF_BASE_MS", "60000"),
                ("SWITCHBOARD__DELIVERY__BACKOFF_MAX_MS", "1000"),
            ][..],
            "delivery.backoff_max_ms must be at least delivery.backoff_base_ms, which is 60000",
        ),
        (
            &[("SWITCHBOARD__LLM__CONNECTION__PROXY", "sk-secret")],
            "llm.connection.proxy must start with http://",
        ),
        (
            &[("OTEL_EXPORTER_OTLP_HEADERS", "sk-secret")],
            "otel.headers must be name=value pairs",
        ),
        (
            &[("SWITCHBOARD__STORE__DATA_DIR", "")],
            "store.data_dir must not be empty",
        ),
        (
            &[
                ("SWITCHBOARD__TICKETING__SYSTEM", "webhook"),
                ("SWITCHBOARD__TICKETING__URL", "https://a.example"),
            ],
            "ticketing.secret must be set when ticketing.system is not \"embedded\" (or SWITCHBOARD__TICKETING__SECRET_FILE",
        ),
    ] {
        let error = from_environment(variables).unwrap_err().to_string();
        assert!(error.contains(setting), "{error}");
        assert!(!error.contains("sk-secret"), "{error}");
    }
    let proxy = [(
        "SWITCHBOARD__LLM__CONNECTION__PROXY",
        "http://user@proxy.example:3128",
    )];
    assert!(from_environment(&proxy).is_ok());
}

#[test]
fn a_file_that_is_there_and_cannot_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let told = |file: &Path| {
        let error = Config::from_sources(Some(file), BTreeMap::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains(file.to_str().unwrap()), "{error}");
        error
    };
    assert!(told(folder.path()).contains("cannot be read: Is a directory"));
    assert!(told(&folder.path().join("none.toml")).contains("cannot be read: No such file"));
    let file = folder.path().join("latin1.toml");
    std::fs::write(&file, b"# caf\xe9\n[llm]\napi_key = \"sk-secret\n").unwrap();
    let error = told(&file);
    assert!(
        error.contains("is not UTF-8 text") && !error.contains("sk-secret"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_variable_of_ours_that_is_not_text_is_an_error() {
    use std::os::unix::ffi::OsStringExt as _;
    let value = || std::ffi::OsString::from_vec(b"sk-\xe9".to_vec());
    let read = |name: &str| sources::texts([(name.into(), value())].into_iter());
    assert_eq!(read("SOMEBODY_ELSES").unwrap(), BTreeMap::new());
    for name in [
        "OPENAI_API_KEY",
        "SWITCHBOARD__SERVER__PORT",
        "SWITCHBOARD_DATA_KEY_FILE",
    ] {
        let error = read(name).unwrap_err().to_string();
        assert_eq!(error, format!("configuration: {name} is not UTF-8 text"));
    }
}

#[test]
fn a_file_that_is_not_toml_is_not_quoted() {
    let file = tempfile::NamedTempFile::with_suffix(".toml").unwrap();
    for text in [
        "[llm]\napi_key = sk-secret\n",
        "[llm]\napi_key = \"sk-secret\n",
        "[llm]\napi_key = \"a\"\napi_key = \"sk-secret\"\n",
    ] {
        std::fs::write(file.path(), text).unwrap();
        let told = Config::from_sources(Some(file.path()), BTreeMap::new())
            .unwrap_err()
            .to_string();
        assert!(!told.contains("sk-secret"), "{told}");
        let name = file.path().to_str().unwrap();
        assert!(told.contains(name) && told.contains("line "), "{told}");
    }
}

#[test]
fn the_two_listeners_are_kept_apart() {
    let together = |host: &str, management: &str| {
        let variables = [
            ("PORT", "9464"),
            ("SWITCHBOARD__SERVER__HOST", host),
            ("SWITCHBOARD__AUTH__MODE", "off"),
            ("SWITCHBOARD__MANAGEMENT__ADDR", management),
        ];
        from_environment(&variables).err().map(|error| error.to_string())
    };
    for (host, management) in [
        ("127.0.0.1", "127.0.0.1:9464"),
        ("0.0.0.0", "127.0.0.1:9464"),
        ("127.0.0.1", "0.0.0.0:9464"),
        ("::", "[::1]:9464"),
    ] {
        let told = together(host, management).unwrap_or_default();
        assert!(told.contains("management.addr"), "{host}, {management}: {told}");
    }
    for (host, management) in [
        ("0.0.0.0", "127.0.0.1:9465"),
        ("127.0.0.1", "127.0.0.2:9464"),
        ("0.0.0.0", "[::1]:9464"),
    ] {
        assert_eq!(together(host, management), None, "{host}, {management}");
    }
}

#[test]
fn settings_that_hang_together_are_checked_together() {
    let told = |variables: &[(&str, &str)]| from_environment(variables).unwrap_err().to_string();
    // A hold that ends while its request runs would let a second one run beside it.
    let hold = "SWITCHBOARD__STORE__IDEMPOTENCY_HOLD_S";
    let limit = "SWITCHBOARD__SERVER__REQUEST_TIMEOUT_MS";
    for (seconds, milliseconds, right) in [
        ("10", "10000", false),
        ("11", "10000", true),
        ("1", "999", true),
        ("60", "60000", false),
    ] {
        let variables = [(hold, seconds), (limit, milliseconds)];
        assert_eq!(from_environment(&variables).is_ok(), right, "{variables:?}");
    }
    let text = told(&[(hold, "10")]);
    assert!(
        text.contains("store.idempotency_hold_s") && text.contains("server.request_timeout_ms"),
        "{text}"
    );
    // The LLM would never be asked.
    let short = |more: &[(&str, &str)]| {
        from_environment(&[&[(limit, "900"), ("OPENAI_API_KEY", "sk")], more].concat())
    };
    let centre = ("SWITCHBOARD__KNOWLEDGE_SEARCH__URL", "https://help.example.com");
    assert!(short(&[]).is_ok());
    assert!(short(&[centre, ("SWITCHBOARD__CLASSIFIER__MODE", "local")]).is_ok());
    let text = short(&[centre]).unwrap_err().to_string();
    assert!(
        text.contains("server.request_timeout_ms") && text.contains("1300"),
        "{text}"
    );
    // A key that is there and blank would be refused by the LLM at every call.
    for variable in ["OPENAI_API_KEY", "SWITCHBOARD__LLM__API_KEY"] {
        assert!(told(&[(variable, " ")]).contains("llm.api_key"), "{variable}");
    }
    assert!(told(&[("SWITCHBOARD__LLM__API_KEY", "")]).contains("llm.api_key"));
    for url in ["http://", "https:///v1", "http://?x"] {
        assert!(
            told(&[("OPENAI_BASE_URL", url)]).contains("llm.base_url"),
            "{url}"
        );
    }
}
