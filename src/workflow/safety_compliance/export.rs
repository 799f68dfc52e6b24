//! A case in the words of E2B(R3) elements, as JSON, and one line of CSV.
//!
//! The element names and code lists are those of the ICH E2B(R3) implementation guide. Codes that only a qualified
//! person or a licensed dictionary can give (MedDRA terms, seriousness, causality, product codes) are `null`: no
//! MedDRA term is shipped, and no suggestion is turned into a decision. This is a hand-over format for a safety
//! database, not a message ready for an authority.

use serde_json::{Value, json};

use super::case_report::{CaseReport, Outcome};

/// The case as E2B(R3)-worded JSON. `linked`: references of reports that may tell of the same event. `verbatim`: the narrative as
/// received, where the caller may read it; otherwise the redacted one is given.
#[must_use]
pub fn e2b_json(report: &CaseReport, linked: &[String], verbatim: Option<&str>) -> Value {
    let suggestion = |e2b: &str| {
        report
            .seriousness
            .iter()
            .any(|found| found.e2b.as_deref() == Some(e2b))
    };
    let seriousness =
        |name: &str, e2b: &str| json!({ "name": name, "value": null, "suggested": suggestion(e2b) });
    let date = report.regulatory.day_zero.to_string().replace('-', "");
    json!({
        "format": "E2B(R3) elements, JSON",
        "C.1.1_senders_safety_report_unique_identifier": report.reference,
        "C.1.2_date_of_creation": report.received_at.strftime("%Y%m%d%H%M%S+0000").to_string(),
        // 1: spontaneous report.
        "C.1.3_type_of_report": "1",
        "C.1.4_date_report_was_first_received": date,
        "C.1.5_date_of_most_recent_information": date,
        "C.1.7_fulfils_expedited_criteria": null,
        "C.1.10.r_linked_reports": linked,
        "C.2.r_primary_source": [{
            "C.2.r.4_qualification": qualification(report),
            "C.2.r.5_primary_source_for_regulatory_purposes": "1",
        }],
        "D_patient": {
            "D.1_patient": if report.patient.identifiable { json!({ "nullFlavor": "MSK" }) } else { json!({ "nullFlavor": "UNK" }) },
            "D.2.2a_age_at_onset": report.patient.age.as_ref().map(|age| age.value),
            "D.2.2b_age_unit": report.patient.age.as_ref().map(|age| match age.unit.as_str() {
                "years" => "a",
                "months" => "mo",
                "weeks" => "wk",
                _ => "d",
            }),
            "D.2.3_age_group": age_group(report),
            "D.5_sex": match report.patient.sex.as_deref() {
                Some("male") => json!("1"),
                Some("female") => json!("2"),
                _ => Value::Null,
            },
        },
        "E.i_reactions": report.events.iter().map(|event| json!({
            "E.i.1.1a_reaction_as_reported": event,
            "E.i.2.1b_meddra_code": null,
            "E.i.3.2_seriousness": {
                "E.i.3.2a": seriousness("results in death", "E.i.3.2a"),
                "E.i.3.2b": seriousness("life threatening", "E.i.3.2b"),
                "E.i.3.2c": seriousness("caused or prolonged hospitalisation", "E.i.3.2c"),
                "E.i.3.2d": seriousness("disabling or incapacitating", "E.i.3.2d"),
                "E.i.3.2e": seriousness("congenital anomaly or birth defect", "E.i.3.2e"),
                "E.i.3.2f": seriousness("other medically important condition", "E.i.3.2f"),
            },
            "E.i.4_start": report.onset.as_ref().and_then(|onset| onset.date).map(|date| date.to_string().replace('-', "")),
            "E.i.7_outcome": outcome(report.outcome),
        })).collect::<Vec<_>>(),
        "G.k_drugs": report.products.iter().map(|product| json!({
            // 1: suspect.
            "G.k.1_characterisation": "1",
            "G.k.2.2_name_as_reported": product.name,
            "G.k.2.3.r_strength_as_reported": product.strength,
            "G.k.4.r.4_start": report.exposure.as_ref().and_then(|moment| moment.date).map(|date| date.to_string().replace('-', "")),
            "G.k.4.r.7_batch_lot_number": report.lot,
            "G.k.4.r.8_dosage_text": report.dose,
            "G.k.8_action_taken": null,
            "G.k.9.i.2.r_causality": null,
            "G.k.10.r_additional_information": additional_information(report),
        })).collect::<Vec<_>>(),
        "H.1_case_narrative": verbatim.unwrap_or(&report.narrative),
        "H.4_senders_comments": null,
        "x_switchboard": {
            "narrative_is_redacted": verbatim.is_none(),
            "severity": report.severity.level,
            "channel": report.channel,
            "minimum_criteria": report.minimum_criteria,
            "special_situations": report.special_situations,
            "seriousness_suggestions": report.seriousness,
            "regulatory_dates": report.regulatory,
            "exposure_as_reported": report.exposure.as_ref().map(|moment| &moment.text),
            "onset_as_reported": report.onset.as_ref().map(|onset| &onset.text),
            "product_described": report.product_described,
        },
    })
}

/// E2B(R3) C.2.r.4: 1 physician, 2 pharmacist, 3 other health professional, 4 lawyer, 5 consumer or other.
fn qualification(report: &CaseReport) -> Value {
    match report.reporter.qualification.as_deref() {
        Some("physician") => json!("1"),
        Some("pharmacist") => json!("2"),
        Some("other_health_professional") => json!("3"),
        Some("consumer") => json!("5"),
        _ => Value::Null,
    }
}

/// E2B(R3) D.2.3: 0 foetus, 1 neonate, 2 infant, 3 child, 4 adolescent, 5 adult, 6 elderly. Only what was said.
fn age_group(report: &CaseReport) -> Value {
    let group = |name: &str| report.patient.groups.iter().any(|group| group == name);
    match &report.patient.age {
        Some(_) => Value::Null,
        None if group("elderly") => json!("6"),
        None => Value::Null,
    }
}

/// E2B(R3) E.i.7: 1 recovered, 2 recovering, 3 not recovered, 4 recovered with sequelae, 5 fatal, 0 unknown.
fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Recovered => "1",
        Outcome::Recovering => "2",
        Outcome::NotRecovered => "3",
        Outcome::RecoveredWithSequelae => "4",
        Outcome::Fatal => "5",
        Outcome::Unknown => "0",
    }
}

/// E2B(R3) G.k.10.r: 1 counterfeit, 2 overdose, 3 drug taken by father, 4 drug taken beyond expiry date, 5 batch and lot
/// tested and found within specifications, 6 ... not within specifications, 7 medication error, 8 misuse, 9 abuse,
/// 10 occupational exposure, 11 off label use. Those that were suggested.
fn additional_information(report: &CaseReport) -> Vec<Value> {
    let codes = [
        ("falsified_product", "1"),
        ("overdose", "2"),
        ("medication_error", "7"),
        ("misuse", "8"),
    ];
    codes
        .into_iter()
        .filter(|(name, _)| report.special_situations.iter().any(|found| found.code == *name))
        .map(|(name, code)| json!({ "value": null, "suggested": code, "name": name }))
        .collect()
}

/// The columns of [`csv_line`].
pub const CSV_HEADER: &str = "reference,received_at,day_zero,channel,severity,due_at,products,lot,dose,events,onset,outcome,\
patient_age,patient_sex,patient_groups,criteria_complete,criteria_missing,seriousness_suggested,special_situations,\
requires_expedited_review,serious_unexpected_due,other_due,linked_reports,narrative_redacted";

/// One case as one line of CSV (RFC 4180), without the line break. Cells that a spreadsheet would run as a formula
/// are given as text.
#[must_use]
pub fn csv_line(report: &CaseReport, linked: &[String]) -> String {
    let list = |items: &[String]| items.join("; ");
    let codes = |found: &[super::case_report::Suggestion]| {
        found
            .iter()
            .map(|one| one.code.clone())
            .collect::<Vec<_>>()
            .join("; ")
    };
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = [
        report.reference.clone(),
        report.received_at.to_string(),
        report.regulatory.day_zero.to_string(),
        report.channel.to_string(),
        report.severity.level.to_string(),
        report.due_at.to_string(),
        list(
            &report
                .products
                .iter()
                .map(|product| product.name.clone())
                .collect::<Vec<_>>(),
        ),
        optional(&report.lot),
        optional(&report.dose),
        list(&report.events),
        report
            .onset
            .as_ref()
            .map(|onset| onset.text.clone())
            .unwrap_or_default(),
        json!(report.outcome).as_str().unwrap_or_default().to_owned(),
        report
            .patient
            .age
            .as_ref()
            .map(|age| format!("{} {}", age.value, age.unit))
            .unwrap_or_default(),
        optional(&report.patient.sex),
        list(&report.patient.groups),
        report.minimum_criteria.complete.to_string(),
        list(&report.minimum_criteria.missing),
        codes(&report.seriousness),
        codes(&report.special_situations),
        report.requires_expedited_review.to_string(),
        report.regulatory.serious_unexpected_due.to_string(),
        report.regulatory.other_due.to_string(),
        list(linked),
        report.narrative.clone(),
    ];
    cells
        .iter()
        .map(|cell| csv_cell(cell))
        .collect::<Vec<_>>()
        .join(",")
}

/// What spreadsheets take for the start of a formula, also full-width (OWASP, "CSV Injection").
const FORMULA: &[char] = &['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

fn csv_cell(text: &str) -> String {
    let text = text.replace(|c: char| c.is_control(), " ");
    // White space in front is dropped by some programs before they look.
    let formula = text.trim_start().starts_with(FORMULA);
    if formula || text.contains([',', ';', '"', '\'']) {
        let mark = if formula { "'" } else { "" };
        format!("\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Severity;
    use crate::message::Channel;
    use crate::workflow::tests::{decide_at, safety};

    fn report(text: &str) -> CaseReport {
        let metadata = json!({ "customer_id": "C-1" });
        let decision = decide_at(text, metadata, &safety(Severity::High), Channel::Mail);
        serde_json::from_str(&decision.records[0].details.to_json()).unwrap()
    }

    const TEXT: &str = "My husband, 71, took Lipitor 20 mg since November 3rd, lot AX99. He was hospitalized with \"bad\" \
                        muscle pain, and still has pain.";

    #[test]
    fn a_case_is_exported_in_the_words_of_e2b_and_nothing_is_decided() {
        let case = e2b_json(&report(TEXT), &["SAF-7Q2M9ZK4XWB1".to_owned()], None);
        insta::assert_json_snapshot!("e2b_case", case);
        // What only a qualified person or a licensed dictionary can say stays null.
        let reaction = &case["E.i_reactions"][0];
        assert!(reaction["E.i.2.1b_meddra_code"].is_null());
        assert!(reaction["E.i.3.2_seriousness"]["E.i.3.2c"]["value"].is_null());
        assert_eq!(reaction["E.i.3.2_seriousness"]["E.i.3.2c"]["suggested"], true);
        assert_eq!(reaction["E.i.3.2_seriousness"]["E.i.3.2a"]["suggested"], false);
        assert!(case["G.k_drugs"][0]["G.k.9.i.2.r_causality"].is_null());
        assert!(case["C.1.7_fulfils_expedited_criteria"].is_null());
    }

    #[test]
    fn the_verbatim_narrative_is_given_only_when_handed_in() {
        let report = report(TEXT);
        assert_eq!(
            e2b_json(&report, &[], None)["H.1_case_narrative"],
            report.narrative
        );
        assert_eq!(
            e2b_json(&report, &[], None)["x_switchboard"]["narrative_is_redacted"],
            true
        );
        assert_eq!(
            e2b_json(&report, &[], Some("word for word"))["H.1_case_narrative"],
            "word for word"
        );
    }

    #[test]
    fn an_empty_report_exports_nulls_and_unknown() {
        let case = e2b_json(&report("hello"), &[], None);
        assert_eq!(case["D_patient"]["D.1_patient"]["nullFlavor"], "UNK");
        assert!(case["D_patient"]["D.5_sex"].is_null());
        assert_eq!(case["E.i_reactions"], json!([]));
        assert_eq!(case["G.k_drugs"], json!([]));
    }

    #[test]
    fn csv_has_a_cell_for_every_column_and_no_formulas() {
        let line = csv_line(&report(TEXT), &[]);
        insta::assert_snapshot!("csv_line", format!("{CSV_HEADER}\n{line}"));
        assert_eq!(csv_cell("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        for formula in [
            "=1+1",
            "+1",
            "-1+1",
            "@SUM(1)",
            "\t=1",
            "\r\n=1",
            "  =1",
            "\u{ff1d}1",
        ] {
            assert!(csv_cell(formula).starts_with("\"'"), "{formula:?}");
        }
        assert_eq!(csv_cell("a,\"b\"\nc"), "\"a,\"\"b\"\" c\"");
        // Quotes removed, commas outside of them count the cells.
        let mut quoted = false;
        let commas = line.chars().filter(|c| {
            quoted ^= *c == '"';
            *c == ',' && !quoted
        });
        assert_eq!(commas.count(), CSV_HEADER.matches(',').count());
    }
}
