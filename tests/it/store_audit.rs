//! The audit trail: whatever is done to it behind the store's back is found, and the first bad entry is named.

use std::collections::BTreeMap;

use ring::digest;
use switchboard::store::{Change, Decision, Fault, Head, Settlement, Store, TICKETING, Unsound};

use crate::database::{Database, job, on_both_engines, report, unit};

on_both_engines! {
    an_export_is_checked_without_the_service,
    a_flipped_byte_is_named,
    a_removed_entry_is_named,
    swapped_entries_are_named,
    a_removed_end_is_named,
    a_removed_chain_is_named,
    a_record_of_the_newest_chain_is_missed,
    an_added_entry_is_named,
    a_head_that_disagrees_is_named,
    every_column_is_covered,
    a_record_that_was_altered_or_removed_is_named,
    a_record_whose_standing_was_changed_is_named,
    a_delivery_that_was_made_away_with_is_named,
    what_is_done_to_a_record_fits_its_entries,
    what_cannot_be_read_any_more_is_named,
    of_two_faults_the_first_is_named,
    ends_that_were_kept_show_what_was_cut_or_rewritten_as_a_whole,
    what_is_about_one_record_is_found_and_has_an_index,
}

/// Two processes one after the other, with three records each: two chains of four entries.
async fn two_chains(database: &Database) -> (Store, String, String) {
    for n in 0..2 {
        let store = database.open().await;
        for m in 0..3 {
            let record = report(&format!("C-{n}{m}"), database.clock.now());
            store.commit(unit([record])).await.unwrap();
        }
        store.close().await;
        database.hand.advance(std::time::Duration::from_secs(60));
    }
    let store = database.open().await;
    let verified = store.audit_verify().await.unwrap().unwrap();
    assert_eq!((verified.entries, verified.heads.len()), (8, 2));
    let (first, second) = (verified.heads[0].chain.clone(), verified.heads[1].chain.clone());
    (store, first, second)
}

/// As docs/records.md says.
async fn an_export_is_checked_without_the_service(database: Database) {
    let (store, _, _) = two_chains(&database).await;
    let mut last: BTreeMap<String, (i64, Vec<u8>)> = BTreeMap::new();
    for entry in store.audit_page("", 0).await.unwrap() {
        let (seq, hash) = last.get(&entry.chain).cloned().unwrap_or((0, vec![0; 32]));
        assert_eq!(entry.seq, seq + 1);
        let mut bytes = b"switchboard audit 1\0".to_vec();
        bytes.extend(&hash);
        bytes.extend(entry.seq.to_be_bytes());
        bytes.extend(entry.at.as_microsecond().to_be_bytes());
        for text in [
            &entry.chain,
            &entry.actor,
            &entry.action,
            &entry.subject,
            &entry.detail,
        ] {
            bytes.extend((text.len() as u64).to_be_bytes());
            bytes.extend(text.as_bytes());
        }
        let hash = digest::digest(&digest::SHA256, &bytes);
        assert_eq!(entry.hash, hex::encode(hash));
        last.insert(entry.chain, (entry.seq, hash.as_ref().to_vec()));
    }
    assert_eq!(last.values().map(|(seq, _)| seq).sum::<i64>(), 8);
    store.close().await;
}

async fn ends_that_were_kept_show_what_was_cut_or_rewritten_as_a_whole(database: Database) {
    let (store, _, second) = two_chains(&database).await;
    let kept = store.audit_verify().await.unwrap().unwrap().heads;
    // It goes on, and holds still.
    let record = report("C-3", database.clock.now());
    store.commit(unit([record])).await.unwrap();
    let verified = store.audit_verify_against(&kept).await.unwrap().unwrap();
    assert_eq!((verified.entries, verified.heads.len()), (10, 3));
    let bad = async |kept: &[Head]| match store.audit_verify_against(kept).await.unwrap() {
        Err(Unsound::Entry(bad)) => (bad.chain, bad.seq, bad.fault),
        other => panic!("{other:?}"),
    };
    // Another history at the same place, such as that of a database made anew under the same names.
    let mut other = kept.clone();
    other[1].hash = "00".repeat(32);
    assert_eq!(bad(&other).await, (second.clone(), 4, Fault::Replaced));
    let mut gone = kept.clone();
    gone[0].chain = "another-chain".to_owned();
    assert_eq!(bad(&gone).await, ("another-chain".to_owned(), 1, Fault::Missing));
    // Cut so that everything in it fits: the newest chain as if it had never been, and the one before without its end.
    let cut = format!(
        "DELETE FROM audit_entries WHERE chain > '{second}' OR (chain = '{second}' AND seq = 4);
         DELETE FROM audit_chains WHERE chain > '{second}';
         UPDATE audit_chains SET joined_seq = 0, seq = 3, hash =
             (SELECT hash FROM audit_entries WHERE chain = '{second}' AND seq = 3) WHERE chain = '{second}';
         DELETE FROM records WHERE reference IN ('C-12', 'C-3')"
    );
    database.tamper(&cut).await;
    store.audit_verify().await.unwrap().unwrap();
    assert_eq!(bad(&kept).await, (second, 4, Fault::Missing));
    store.close().await;
}

async fn what_is_about_one_record_is_found_and_has_an_index(database: Database) {
    let store = database.open().await;
    for reference in ["C-1", "C-10", "C-1!", "C-2"] {
        let mut record = report(reference, database.clock.now());
        record.jobs.push(job(TICKETING));
        store.commit(unit([record])).await.unwrap();
    }
    for leased in store
        .lease_jobs(TICKETING, 9, std::time::Duration::from_secs(60))
        .await
        .unwrap()
    {
        let error = "http_422".to_owned();
        store.settle(&leased, Settlement::Dead { error }).await.unwrap();
    }
    store
        .change("C-1", None, "operator:ada", Change::Acknowledge)
        .await
        .unwrap();
    store
        .decide("C-1:ticketing:create", Decision::Retry, "operator:ada")
        .await
        .unwrap();
    let all = store.audit_page("", 0).await.unwrap();
    let about: Vec<_> = all
        .iter()
        .filter(|entry| entry.subject == "C-1" || entry.subject.starts_with("C-1:"))
        .cloned()
        .collect();
    let actions: Vec<&str> = about.iter().map(|entry| entry.action.as_str()).collect();
    for action in ["record.created", "record.acknowledged", "outbox.retried"] {
        assert!(actions.contains(&action), "{actions:?}");
    }
    let listed = async |reference: &str, chain: &str, seq| {
        let (entries, more) = store.audit_listed(Some(reference), chain, seq).await.unwrap();
        assert!(!more);
        entries
    };
    assert_eq!(listed("C-1", "", 0).await, about);
    let (first, rest) = about.split_first().unwrap();
    assert_eq!(listed("C-1", &first.chain, first.seq).await, rest);
    assert_eq!(listed("C-", "", 0).await, []);
    assert_eq!(listed("C-%", "", 0).await, []);
    // Fails where there is none.
    database.tamper("DROP INDEX audit_entries_subject").await;
    store.close().await;
}

/// PostgreSQL gives up a statement after ten seconds, which a trail of some million entries takes to be read as a whole.
#[tokio::test]
async fn a_trail_of_any_length_is_verified() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let (store, _, _) = two_chains(&database).await;
    // Whatever reads all deliveries fails, unless it may take as long as it needs.
    database
        .tamper(
            "CREATE FUNCTION is_patient() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                 IF current_setting('statement_timeout') <> '0' THEN RAISE 'it would be given up'; END IF;
                 RETURN true;
             END $$;
             ALTER TABLE outbox RENAME TO all_deliveries;
             CREATE VIEW outbox AS SELECT * FROM all_deliveries WHERE is_patient();
             INSERT INTO all_deliveries (job_key, reference, target, kind, payload, state, created_at, run_at)
                 VALUES ('C-00:ticketing:create', 'C-00', 'ticketing', 'create', '', 'done', 0, 0),
                        ('C-01:ticketing:create', 'C-01', 'ticketing', 'create', '', 'dead', 0, 0)",
        )
        .await;
    let verified = store.audit_verify().await.unwrap();
    assert!(matches!(verified, Err(Unsound::Changed { .. })), "{verified:?}");
    // Its connection is none that waits for ever afterwards.
    let ordinary = store.outbox_depth().await;
    assert!(ordinary.is_err(), "{ordinary:?}");
    store.close().await;
}

async fn first_bad(store: &Store) -> (String, i64, Fault) {
    let Unsound::Entry(bad) = store.audit_verify().await.unwrap().unwrap_err() else {
        panic!("an entry is wrong");
    };
    (bad.chain, bad.seq, bad.fault)
}

async fn a_flipped_byte_is_named(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    let sql = format!(
        "UPDATE audit_entries SET detail = replace(detail, 'urgent', 'urgenT') WHERE chain = '{chain}' AND seq = 3"
    );
    assert_eq!(database.tamper(&sql).await, 1);
    assert_eq!(first_bad(&store).await, (chain, 3, Fault::Altered));
    store.close().await;
}

async fn what_cannot_be_read_any_more_is_named(database: Database) {
    let (store, chain, second) = two_chains(&database).await;
    // A time that is none; and, where the engine takes it, text that is none.
    let time =
        format!("UPDATE audit_entries SET at = 9223372036854775807 WHERE chain = '{second}' AND seq = 2");
    assert_eq!(database.tamper(&time).await, 1);
    assert_eq!(first_bad(&store).await, (second, 2, Fault::Altered));
    if database.is_sqlite() {
        let text = "UPDATE records SET summary = CAST(x'C3' AS TEXT) WHERE reference = 'C-02'";
        assert_eq!(database.tamper(text).await, 1);
        assert_eq!(first_bad(&store).await, (chain.clone(), 4, Fault::RecordAltered));
        for column in ["action", "detail"] {
            let text = format!(
                "UPDATE audit_entries SET {column} = CAST(x'C3' AS TEXT) WHERE chain = '{chain}' AND seq = 3"
            );
            assert_eq!(database.tamper(&text).await, 1);
            assert_eq!(
                first_bad(&store).await,
                (chain.clone(), 3, Fault::Altered),
                "{column}"
            );
        }
    }
    store.close().await;
}

async fn of_two_faults_the_first_is_named(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    let entry = format!("UPDATE audit_entries SET actor = 'x' WHERE chain = '{chain}' AND seq = 4");
    assert_eq!(database.tamper(&entry).await, 1);
    assert_eq!(first_bad(&store).await, (chain.clone(), 4, Fault::Altered));
    let record = "UPDATE records SET summary = 'another' WHERE reference = 'C-00'";
    assert_eq!(database.tamper(record).await, 1);
    assert_eq!(first_bad(&store).await, (chain, 2, Fault::RecordAltered));
    store.close().await;
}

async fn a_removed_entry_is_named(database: Database) {
    let (store, _, chain) = two_chains(&database).await;
    let sql = format!("DELETE FROM audit_entries WHERE chain = '{chain}' AND seq = 2");
    assert_eq!(database.tamper(&sql).await, 1);
    assert_eq!(first_bad(&store).await, (chain, 2, Fault::Missing));
    store.close().await;
}

async fn swapped_entries_are_named(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    for (from, to) in [(2, 99), (3, 2), (99, 3)] {
        let sql = format!("UPDATE audit_entries SET seq = {to} WHERE chain = '{chain}' AND seq = {from}");
        assert_eq!(database.tamper(&sql).await, 1);
    }
    assert_eq!(first_bad(&store).await, (chain, 2, Fault::Altered));
    store.close().await;
}

async fn a_removed_end_is_named(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    let sql = format!("DELETE FROM audit_entries WHERE chain = '{chain}' AND seq >= 3");
    assert_eq!(database.tamper(&sql).await, 2);
    assert_eq!(first_bad(&store).await, (chain.clone(), 3, Fault::Missing));
    // Making the head agree does not help: the next chain vouches for the entry that is gone.
    let sql = format!(
        "UPDATE audit_chains SET seq = 2, hash = (SELECT hash FROM audit_entries WHERE chain = '{chain}' AND seq = 2)
         WHERE chain = '{chain}'"
    );
    assert_eq!(database.tamper(&sql).await, 1);
    assert_eq!(first_bad(&store).await, (chain, 3, Fault::Missing));
    store.close().await;
}

async fn a_removed_chain_is_named(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    for table in ["audit_entries", "audit_chains"] {
        let sql = format!("DELETE FROM {table} WHERE chain = '{chain}'");
        assert!(database.tamper(&sql).await > 0);
    }
    assert_eq!(first_bad(&store).await, (chain, 1, Fault::Missing));
    store.close().await;
}

/// No later chain vouches for the newest one: its records do.
async fn a_record_of_the_newest_chain_is_missed(database: Database) {
    let (store, _, newest) = two_chains(&database).await;
    for table in ["audit_entries", "audit_chains"] {
        let sql = format!("DELETE FROM {table} WHERE chain = '{newest}'");
        assert!(database.tamper(&sql).await > 0);
    }
    let unsound = store.audit_verify().await.unwrap().unwrap_err();
    assert_eq!(
        unsound,
        Unsound::Record {
            record: "C-10".into()
        }
    );
    assert!(unsound.to_string().contains("record C-10"), "{unsound}");
    store.close().await;
}

async fn an_added_entry_is_named(database: Database) {
    let (store, chain, second) = two_chains(&database).await;
    let copied = |to: &str| {
        format!(
            "INSERT INTO audit_entries SELECT '{to}', 5, at, actor, action, subject, detail, hash FROM audit_entries
             WHERE chain = '{chain}' AND seq = 4"
        )
    };
    assert_eq!(database.tamper(&copied(&second)).await, 1);
    assert_eq!(first_bad(&store).await, (second.clone(), 5, Fault::Altered));
    // An entry with the right hash for its place, beyond the end that the head names.
    let entry = format!("DELETE FROM audit_entries WHERE chain = '{second}' AND seq = 5");
    assert_eq!(database.tamper(&entry).await, 1);
    let shorter = format!(
        "UPDATE audit_chains SET seq = 3, hash = (SELECT hash FROM audit_entries WHERE chain = '{second}' AND seq = 3)
         WHERE chain = '{second}'"
    );
    assert_eq!(database.tamper(&shorter).await, 1);
    assert_eq!(first_bad(&store).await, (second, 4, Fault::Added));
    store.close().await;
}

async fn a_head_that_disagrees_is_named(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    let sql = format!(
        "UPDATE audit_chains SET hash = (SELECT hash FROM audit_entries WHERE chain = '{chain}' AND seq = 3)
         WHERE chain = '{chain}'"
    );
    assert_eq!(database.tamper(&sql).await, 1);
    assert_eq!(first_bad(&store).await, (chain, 4, Fault::Replaced));
    store.close().await;
}

async fn every_column_is_covered(database: Database) {
    let (store, chain, _) = two_chains(&database).await;
    let changes = [
        ("at", "at = at + 1", "at = at - 1"),
        ("actor", "actor = actor || 'x'", "actor = 'client:shop'"),
        ("action", "action = action || 'x'", "action = 'record.created'"),
        ("subject", "subject = subject || 'x'", "subject = 'C-00'"),
    ];
    for (column, change, undo) in changes {
        let set = |what: &str| format!("UPDATE audit_entries SET {what} WHERE chain = '{chain}' AND seq = 2");
        assert_eq!(database.tamper(&set(change)).await, 1);
        assert_eq!(
            first_bad(&store).await,
            (chain.clone(), 2, Fault::Altered),
            "{column}"
        );
        assert_eq!(database.tamper(&set(undo)).await, 1);
        store.audit_verify().await.unwrap().unwrap();
    }
    store.close().await;
}

async fn a_record_that_was_altered_or_removed_is_named(database: Database) {
    let (store, _, second) = two_chains(&database).await;
    let altered = "UPDATE records SET redacted_text = 'all is well' WHERE reference = 'C-11'";
    assert_eq!(database.tamper(altered).await, 1);
    assert_eq!(first_bad(&store).await, (second.clone(), 3, Fault::RecordAltered));
    assert_eq!(
        database
            .tamper("DELETE FROM records WHERE reference = 'C-10'")
            .await,
        1
    );
    assert_eq!(first_bad(&store).await, (second, 2, Fault::RecordMissing));
    store.close().await;
}

async fn a_record_whose_standing_was_changed_is_named(database: Database) {
    let (store, _, second) = two_chains(&database).await;
    // What its first entry holds.
    for (change, undo) in [
        ("kind = 'ticket'", "kind = 'compliance'"),
        ("queue = 'nobody'", "queue = 'pharmacovigilance'"),
        ("severity = 'standard'", "severity = 'urgent'"),
        ("due_at = due_at + 1", "due_at = due_at - 1"),
        ("client_id = 'ivr'", "client_id = 'shop'"),
        ("category = 'informational'", "category = 'safety_compliance'"),
        ("request_id = 'another'", "request_id = 'request-C-11'"),
    ] {
        let set = |what: &str| format!("UPDATE records SET {what} WHERE reference = 'C-11'");
        assert_eq!(database.tamper(&set(change)).await, 1);
        assert_eq!(
            first_bad(&store).await,
            (second.clone(), 3, Fault::RecordAltered),
            "{change}"
        );
        assert_eq!(database.tamper(&set(undo)).await, 1);
        store.audit_verify().await.unwrap().unwrap();
    }
    // What later entries would say, and none does.
    for (change, undo) in [
        ("status = 'resolved'", "status = 'open'"),
        ("breached_at = 1", "breached_at = NULL"),
        ("due_soon_at = 1", "due_soon_at = NULL"),
        ("review = '{\"category\":\"informational\"}'", "review = NULL"),
        ("erased_at = 1", "erased_at = NULL"),
        ("clock_at = NULL", "clock_at = due_at"),
    ] {
        let set = |what: &str| format!("UPDATE records SET {what} WHERE reference = 'C-11'");
        assert_eq!(database.tamper(&set(change)).await, 1);
        let changed = "C-11".to_owned();
        assert_eq!(
            store.audit_verify().await.unwrap().unwrap_err(),
            Unsound::Changed { changed },
            "{change}"
        );
        assert_eq!(database.tamper(&set(undo)).await, 1);
        store.audit_verify().await.unwrap().unwrap();
    }
    // The customer's words, made away with as an erasure does it, but for its entry.
    let destroyed = "UPDATE records SET verbatim = NULL WHERE reference = 'C-11'";
    assert_eq!(database.tamper(destroyed).await, 1);
    let changed = "C-11".to_owned();
    assert_eq!(
        store.audit_verify().await.unwrap().unwrap_err(),
        Unsound::Changed { changed }
    );
    store.close().await;
}

async fn a_delivery_that_was_made_away_with_is_named(database: Database) {
    let store = database.open().await;
    let mut record = report("C-02", database.clock.now());
    record.jobs = vec![job("compliance")];
    store.commit(unit([record])).await.unwrap();
    let chain = store.audit_verify().await.unwrap().unwrap().heads[0]
        .chain
        .clone();
    let key = "C-02:compliance:create";
    let set = |what: &str| format!("UPDATE outbox SET {what} WHERE job_key = '{key}'");
    for state in ["done", "discarded"] {
        assert_eq!(database.tamper(&set(&format!("state = '{state}'"))).await, 1);
        let changed = key.to_owned();
        assert_eq!(
            store.audit_verify().await.unwrap().unwrap_err(),
            Unsound::Changed { changed }
        );
    }
    assert_eq!(database.tamper(&set("state = 'pending'")).await, 1);
    store.audit_verify().await.unwrap().unwrap();
    let gone = format!("DELETE FROM outbox WHERE job_key = '{key}'");
    assert_eq!(database.tamper(&gone).await, 1);
    assert_eq!(first_bad(&store).await, (chain, 2, Fault::DeliveryMissing));
    store.close().await;
}

async fn what_is_done_to_a_record_fits_its_entries(database: Database) {
    let (store, ..) = two_chains(&database).await;
    let resolve = Change::Resolve {
        note: "called back".into(),
    };
    for (reference, change) in [
        ("C-00", Change::Acknowledge),
        ("C-00", resolve.clone()),
        ("C-01", resolve),
        ("C-02", Change::Acknowledge),
    ] {
        store
            .change(reference, None, "operator:ann", change)
            .await
            .unwrap()
            .unwrap();
        store.audit_verify().await.unwrap().unwrap();
    }
    store.erase("C-10", "operator:ann").await.unwrap();
    store.audit_verify().await.unwrap().unwrap();
    store.close().await;
}
