//! Mails of all kinds, and what is said in them.

use super::*;

fn said(text: &str) -> String {
    Mail::read(text)
        .said()
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

#[test]
fn quoted_history_is_left_out_and_forwards_are_kept() {
    for (text, own) in [
        (
            "All good now, thanks.\n\nOn Tue, 3 March 2026 at 10:12, Jo wrote:\n> I can't breathe",
            "All good now, thanks.",
        ),
        (
            "All good.\n\nOn Tue, 3 March 2026 at 10:12,\nJo wrote:\n> I can't breathe\n\nbut now a rash",
            "All good.\n\n\nbut now a rash",
        ),
        ("Fine.\n-----Original Message-----\nchest pain", "Fine."),
        ("Gut.\n-----Ursprüngliche Nachricht-----\nAtemnot", "Gut."),
        (
            "Fine.\nFrom: Example Pharmacy\nSent: Monday\nSubject: x\nchest pain",
            "Fine.",
        ),
        (
            "Gut.\nVon: Beispiel-Apotheke\nGesendet: Montag\nBetreff: x\nStorno 4471",
            "Gut.",
        ),
        (
            "Gut.\nAm 23.11.2026 um 10:12 schrieb Jo <[EMAIL_REDACTED]>:\nStorno 4471",
            "Gut.",
        ),
        (
            "Bien.\nLe lun. 23 nov. 2026 à 10:12, Jo a écrit :\nAnnuler 4471",
            "Bien.",
        ),
        (
            "Bien.\nEl lun, 23 nov 2026, Jo\n<[EMAIL_REDACTED]> escribió:\nAnnuler 4471",
            "Bien.",
        ),
        (
            "Хорошо.\nпн, 23 нояб. 2026 г. в 09:12, Jo <jo@example.com>:\n> боль в груди",
            "Хорошо.",
        ),
        ("> chest pain\n> since noon\nthat is over", "that is over"),
        ("Hi\n-- \nDr. A. Example, chest pain clinic", "Hi"),
    ] {
        assert_eq!(own_words(text), own);
        assert_eq!(said(text), own);
    }
}

#[test]
fn what_is_no_mail_or_handed_over_stays_whole() {
    for text in [
        "Am 3. Mai schrieb ich Ihnen schon:\nmein Hals schwillt zu",
        "Bitte.\n-------- Weitergeleitete Nachricht --------\nVon: Jo\nDatum: Montag\nAtemnot",
        "> chest pain",
        "> a line alone\nmay be anything",
        "Please act.\n---------- Forwarded message ---------\nFrom: Jo\nDate: Monday\n> chest pain",
        "On 3 days I had chest pain, I wrote: help",
        "I broke out in hives and my doctor wrote:\nplease send another one",
        // Handed over, by what is said above.
        "Please help her!!!\n\nOn Sun, Nov 29, 2026 at 7:00 PM Ruth <ruth@example.com> wrote:\n\n> I took the whole bottle",
        "???\n\nOn Sun, Nov 29, 2026 at 7:00 PM Ruth <ruth@example.com> wrote:\n\n> I took the whole bottle",
        "Any update on this?\n\nOn Sun, Nov 29, 2026 Ruth <ruth@example.com> wrote:\n> the new pills give me hives",
        "Can someone look at this please\n\n-----Original Message-----\nFrom: Ruth\nSent: Sunday\n\nmy mother took 20",
        "Siehe unten.\n\nAm 23.11.2026 um 10:12 schrieb Jo <jo@example.com>:\n> alle Tabletten auf einmal",
        // Whatever is said, a person's letter below.
        "Hi, Kim here.\n\nFrom: Ruth <ruth@example.com>\nSent: Sunday\nSubject: pills\n\nMy husband vomits blood.",
        // Answers within the service's own letter.
        "See my answers below.\n\n-----Original Message-----\nFrom: Example Pharmacy\nSent: Monday\n\nAny side effects? YES",
        "I answered under each question.\n\nOn Mon, Nov 23, 2026 Example Pharmacy <care@example.com> wrote:\n> Pain?\n>> Yes",
        // A mail server's letter about one that it could not deliver.
        "Delivery has failed to these recipients: oncall@example.com.\n\n----- Original message -----\nHe is not waking up",
        "Your ticket could not be routed.\n\n----- Original message -----\ni took all of them",
    ] {
        assert_eq!(own_words(text), text);
        assert_eq!(said(text), text);
    }
}

#[test]
fn the_services_own_letter_is_history_though_the_writer_asks_for_help() {
    for own in [
        "Please help, I need the invoice.",
        "Just checking on my order, was supposed to be here Monday. I look forward to hearing from you.",
        "Any update on my order 50117?",
    ] {
        for letter in [
            "On Mon, Nov 23, 2026 at 9:01 AM Example Pharmacy <care@example.com> wrote:\n> Your throat swelled up.",
            "From: Example Pharmacy <care@example.com>\nSent: Monday\nTo: Bob\nSubject: x\n\nTrouble breathing? Call us.",
        ] {
            let text = format!("{own}\n\n{letter}");
            assert_eq!(said(&text), own);
            assert_eq!(own_words(&text), own);
        }
    }
}

#[test]
fn a_signature_ends_where_somebody_goes_on() {
    for (text, own) in [
        ("Where is it?\nCheers\nMom has hives now", None),
        ("Where is it?\n\nBest,\nLee\nthe cream burned me", None),
        ("Where is it?\n\nThanks\nLee\nPS itchy since Tuesday", None),
        ("Where is it?\n\nThanks,\nLee\nalso my tongue tingles", None),
        ("WHERE IS IT?\nTHANKS\nMOM HAS HIVES", None),
        (
            "Where is it?\nKind regards,\nAnna Payne\nPain Clinic",
            Some("Where is it?"),
        ),
        (
            "Where is it?\n\nKind regards,\n\nAnna Payne\n+1 312 555 0144",
            Some("Where is it?"),
        ),
        (
            "Thanks,\nAnn\nps since the new tablets my chest hurts when I climb stairs",
            None,
        ),
    ] {
        assert_eq!(said(text), own.unwrap_or(text).trim());
        // The reporter's name is there.
        assert_eq!(own_words(text), text);
        assert!(Mail::read(text).said_and_signed().eq(text.lines()));
    }
    for below in [
        "PS. my son broke out in hives",
        "He said that I should tell you about my rash",
    ] {
        let text = format!("Where is it?\n-- \nJane Pell\n\n{below}");
        assert_eq!(said(&text), format!("Where is it?\n{below}"));
    }
    let forward = "---------- Forwarded message ---------\nFrom: Jo\n> chest pain";
    assert_eq!(
        said(&format!("Please see below\n-- \nJo\n\n{forward}")),
        format!("Please see below\n{forward}")
    );
}

#[test]
fn notices_and_footers_are_nobodys_words() {
    for notice in [
        "This email and any attachments are confidential. Overdose, death or hospitalization: report within 24 hours.",
        "NOTICE: This message may contain PHI.\nIf you think you are having chest pain, do not use email, call 911.",
        "IMPORTANT SAFETY INFORMATION: Examplin may cause serious and fatal bleeding.",
        "ADVERSE EVENT REPORTING: If you have experienced an overdose, please contact us.",
        "If you are having a medical emergency, please dial 911 or go to the nearest emergency room.",
        "Bei einem Notfall wie Brustschmerzen, Atemnot wählen Sie bitte 112.",
        "Para emergencias médicas llame al 911.",
        "Bot: If this is a medical emergency call 911.",
        "Sent from my iPhone",
    ] {
        let text = format!("Please change the date to Friday.\n\n{notice}");
        assert_eq!(said(&text), "Please change the date to Friday.", "{notice}");
    }
    assert_eq!(
        said("I am out until Monday. If you are having an emergency please dial 911. Back soon."),
        "I am out until Monday. \nBack soon."
    );
    for report in [
        "Notice: my son took the whole bottle.",
        "ADVERSE EVENT REPORTING: patient developed hives.",
        "If I take all of them, call 911.",
        "If he does not wake up, shall I call 911?",
        "In case of an overdose do we call 911?",
        "Sent from my iPhone while sitting in the bathroom throwing up",
        "If you don't answer I will go to the emergency room.",
    ] {
        let text = format!("Please change the date to Friday.\n\n{report}");
        assert_eq!(said(&text), text);
    }
}

#[test]
fn a_history_of_any_length_is_walked_once() {
    // To look at every line again for each would take hours.
    let text = format!("where is my order\nOn 1 wrote:\n{}x", "\n".repeat(1_000_000));
    assert_eq!(own_words(&text), "where is my order");
    let forward = format!("see below\n{}Fwd: x", "-- \n".repeat(100_000));
    assert!(own_words(&forward).ends_with("Fwd: x"));
    let quoted = format!("where is it\n{}", "> x\n".repeat(100_000));
    assert_eq!(own_words(&quoted), "where is it");
    let headers = "From: Jo\nFrom: Jo\n".repeat(100_000);
    assert_eq!(own_words(&headers), headers);
}
