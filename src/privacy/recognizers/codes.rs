//! Numbers and codes that somebody assigned to a person: medical record, health plan, prescription, licence, passport,
//! vehicle, device.
//!
//! Few have a shape of their own, so most need their cue: [`CODE`] is any token with a digit in it. Those with a
//! checksum (NPI, DEA, NHS, VIN) or a rare shape (Medicare) are known without.

use super::checksums::{dea, nhs, npi, vin};
use super::pattern::{Family, Needs, Pattern, digit_count};
use crate::privacy::kind::IdentifierKind::{
    Biometric, Dea, Device, DriversLicense, HealthPlan, Id, License, Medicare, Mrn, Nhs, Npi, Passport, Rx,
    Vehicle,
};
use crate::privacy::sense::Sense;

/// A code in its usual groupings: letters and digits, hyphenated, or in groups of digits or capitals apart.
const CODE: &str = r"(?:(?-i:[A-Z]{1,4}) )?(?:\(\d{2}\))?[a-z]{0,12}[-_/.]?\d[a-z0-9]*(?:[-./_][a-z0-9]+| \d{2,12}| (?-i:[A-Z0-9]{1,4}\b))*|(?:[a-z]{1,8}-)+[a-z0-9]*\d[a-z0-9]*(?:-[a-z0-9]{1,12})*";

/// Enough of a code: five characters with a digit among letters, or four digits that are no year.
fn coded(text: &str) -> bool {
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic());
    let count = digit_count(text);
    if letters {
        return count >= 1 && text.bytes().filter(u8::is_ascii_alphanumeric).count() >= 4;
    }
    let year = text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    count >= 4 && !year
}

fn has_four_digits(text: &str) -> bool {
    digit_count(text) >= 4
}

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Mrn),
            "mrn, mrn#, mrn:, m.r.n., medical record, medical record number, medical record no, med rec, med \
             rec no, med record, chart, chart number, chart no, chart #, patient id, patient number, patient \
             no, patient #, patient id number, hospital number, record number, medicalrecordnumber, \
             patientid, medical records number, medical number, hospital id, pt id, pt #, unit number, epic \
             id, mychart id, urn, medical chart, medical rec, health record, health record number, mrns, \
             medrec, patient identifier, wristband, hospital record, hospital record number, hospital file, health id, hosp, hosp no, m r n, \
             patientennummer, patienten-nr, patientennr, fallnummer, numéro de dossier, n° de dossier, dossier patient, \
             numéro de patient, historia clínica, número de historia, número de paciente, cartella clinica, \
             numero paziente, patiëntnummer",
        ),
        (
            Sense::Confirms(HealthPlan),
            "member id, member id number, member number, member no, member #, memberid, subscriber id, \
             subscriber number, policy number, policy no, policy #, policy id, insurance id, insurance \
             number, insurance member id, group number, group no, group #, group id, grp, grp#, plan id, plan \
             number, beneficiary number, beneficiary id, medicaid id, medicaid number, rxbin, rx bin, rxpcn, \
             rxgrp, rx group, pcn, hicn, ohip, enrollee id, dependent id, dbn, benefits number, medi-cal, insurance policy, \
             membership number, membership id, membership no, healthcare number, insured id, member i d, \
             subscriber #, member's id, rx grp, health card number, aetna id, cigna id, kaiser number, \
             versicherten-nr, versichertennr, kvnr, krankenkasse, krankenkassennummer, numéro d'adhérent, n° d'adhérent, mutuelle, \
             n° de mutuelle, id de miembro, número de miembro, numero de miembro, número de afiliado, número de póliza, póliza, apólice, número de asegurado, numero di polizza, polizza, polisnummer",
        ),
        (
            Sense::Confirms(Medicare),
            "medicare number, medicare id, mbi, m b i, medicare i d, medicare #, medicare beneficiary, medicare no",
        ),
        (
            Sense::Confirms(Rx),
            "rx, r x, rx#, rx #, rx:, rx no, rx number, rx num, rx id, prescription number, prescription no, \
             prescription #, prescription#, script number, script #, script no, refill number, rxnumber, \
             prescription id, refill #, refill rx, prescription num, rezeptnummer, rezept-nr, rezeptnr, numéro d'ordonnance, \
             ordonnance n°, ordonnance numéro, número de receta, receta número, numero di ricetta, ricetta numero, ricetta n., \
             receptnummer, recepta nr, numer recepty, receita n., número da receita",
        ),
        (
            Sense::Confirms(Dea),
            "dea, d e a, dea number, dea #, dea no, dea#, dea registration",
        ),
        (
            Sense::Confirms(Npi),
            "npi, n p i, npi number, npi #, npi#, npi no, provider id, provider number, national provider \
             identifier, provider identifier",
        ),
        (Sense::Confirms(Nhs), "nhs, n h s, nhs number, nhs no, nhs #"),
        (
            Sense::Confirms(DriversLicense),
            "driver's license, driver's licence, drivers license, drivers licence, driver license, driver \
             licence, driving licence, driving license, dl, dl#, dl #, dl number, dl no, d/l, license number, \
             licence number, license no, licence no, license #, licence #, license#, my license, my licence, \
             state id, state id number, state id card, license is, licence is, driver's license number, \
             drivers license number, driving licence number, operator's license, driver's licence number, \
             driver licence number, driver license number, drivers licence number, drivers lisence, driver's \
             lisence, drivers licens, liscense, licence num, driverslicense, driver's lic, drivers lic, lic \
             #, lic no, lic., lic, license:, licence:, dln, cdl, permit number, driving permit, dmv, \
             permis de conduire, führerschein, führerscheinnummer, carnet de conducir, permiso de conducir, patente di guida, prawo jazdy, \
             rijbewijs, carta de condução",
        ),
        (Sense::Suggests(DriversLicense), "license, licence, lic"),
        (
            Sense::Confirms(Passport),
            "passport, passport number, passport no, passport #, passport#, pass port, passport num, \
             passportnumber, passport card, passport id, pasaporte, reisepass, passnummer, passeport, paszport, passaporto, passaporte, paspoort, travel document, pasport, passprt, \
             pass-port, passort, passports",
        ),
        (Sense::Suggests(License), "cert, certificate, certification"),
        (
            Sense::Confirms(License),
            "nursing license, rn license, medical license, state license, pharmacist license, certificate \
             number, certificate no, certification number, certificate #, license cert, birth certificate, \
             alien number, a-number, alien registration, green card, uscis, uscis number, visa number, \
             naturalization, professional license, registration number, pharmacy license, concealed carry, \
             permit no, hunting license, cert no, cert #, pilot license, teaching license",
        ),
        (
            Sense::Confirms(Vehicle),
            "vin, v i n, vin#, vin number, vehicle identification, vehicle identification number, chassis number, \
             chassis, license plate, licence plate, plate number, number plate, license plate number, tag \
             number, registration plate, car reg, plate #, plate no, vehicle reg, vehicle registration, \
             license tag, reg plate, car tag, reg number, my plates, my plate, plate is, plates are, kennzeichen, nummernschild, \
             immatriculation, plaque d'immatriculation, rego, autokennzeichen, matrícula, targa, kenteken",
        ),
        (Sense::Suggests(Vehicle), "plaque"),
        (
            Sense::Confirms(Device),
            "serial, serial number, serial no, serial #, serial#, s/n, sn, sn#, sn:, imei, meid, iccid, imsi, \
             udid, udi, device id, device number, device serial, device identifier, serialnumber, pump \
             serial, pacemaker serial, glucose monitor serial, meter serial, deviceid, esn, android id, \
             advertising id, idfa, implant serial, device sn, hearing aid serial, transmitter id, sensor id, \
             model/serial, device #, serial:, s.n.",
        ),
        (
            Sense::Confirms(Biometric),
            "fingerprint id, fingerprint template, retina scan, retinal scan, iris scan, voiceprint, voice \
             print, voiceprint id, face id, faceid, faceprint, face template, biometric, biometric id, biometric \
             template, palm print, palm scan, dna sample, dna profile, genetic profile, finger print, \
             thumbprint, voice id, facial recognition, palm vein, fingerprint scan, fingerprint file, \
             fingerprint hash, fingerprint record, fingerprint number, iris code, iris template, retina id, \
             iris id, voiceprint reference",
        ),
        (
            Sense::Suggests(Biometric),
            "fingerprint, retina, iris, dna, fingerprints",
        ),
        (
            Sense::Suggests(Id),
            "id, employee, student number, veteran id, va number, va file number, va file, claim, badge, specimen, caseworker, my id, accession, photo id",
        ),
        (
            Sense::Confirms(Id),
            "ein, fein, employer identification number, national id, national id number, national identification, student id, employee id, employee number, badge number, military id, dod id, id \
             number, id no, id #, identification number, id card, tribal id, inmate number, case worker id, \
             study id, subject id, trial id, edipi, staff id, accession number, claim number, claim #, \
             claim no, claim id, uuid, guid, specimen id, carte d'identité, carta d'identità, carta d'identita, personalausweis, \
             ausweisnummer, dowód, dowód osobisty, numéro fiscal, abha, ihi, dva number, pan card, pan number",
        ),
        (
            Sense::Suggests(HealthPlan),
            "member, subscriber, policy, insurance, insurance card, health plan, beneficiary, health \
             insurance, medicaid, bcbs, ramq, blue cross, blue shield, aetna, cigna, humana, unitedhealthcare, \
             united healthcare, kaiser, tricare, health card, insurance is, my insurance, certificate holder, \
             enrollee, group, plan, anthem, bin",
        ),
        (Sense::Suggests(Medicare), "medicare, medicare card"),
        (
            Sense::Suggests(Rx),
            "prescription, script, prescriptions, scripts, presc, refill, rezept, ordonnance, receta, ricetta, recept, receita, recepta",
        ),
        (
            Sense::Suggests(Vehicle),
            "plate, plates, registration, reg, my car, my truck, my van, plated, tag, tags",
        ),
        (
            Sense::Suggests(Device),
            "pacemaker, implant, transmitter, sensor, cpap, insulin pump, device, pump, hearing aid",
        ),
    ],
    patterns: &[
        Pattern {
            name: "code_labelled",
            kind: Id,
            shape: CODE,
            needs: Needs::Digits(2),
            confirmed: 0.65,
            cues: &[
                Mrn,
                HealthPlan,
                Medicare,
                Dea,
                Npi,
                Nhs,
                DriversLicense,
                Passport,
                License,
                Device,
                Biometric,
                Id,
            ],
            valid: coded,
            ..Pattern::DEFAULT
        },
        // The processor's names on a card are often letters alone: "PCN ADV".
        Pattern {
            name: "plan_processor",
            kind: HealthPlan,
            shape: r"(?:(?:rx)?pcn|(?:rx)?grp|rxgroup)(?: ?[:#]| is| no\.?)? ?((?-i:[A-Z0-9]{2,12}))",
            needs: Needs::Cue,
            bare: 0.0,
            confirmed: 0.8,
            denied: 0.0,
            cues: &[HealthPlan],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "prescription_number",
            kind: Rx,
            shape: r"(?:rx)?[a-z]?-?\d{2,}(?:[- ]\d{2,}){0,4}",
            needs: Needs::Digits(5),
            confirmed: 0.75,
            cues: &[Rx],
            valid: |text| digit_count(text) >= 5,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "prescription_number_marked",
            kind: Rx,
            shape: r"rx ?(?:#|:|no\.?|number|num|-)? ?(?:is )?#?([a-z]?\d{4,}(?:-\d{2,})*)",
            needs: Needs::CueAndDigits(4),
            bare: 0.8,
            confirmed: 0.8,
            denied: 0.8,
            cues: &[Rx],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "medicare_beneficiary_identifier",
            kind: Medicare,
            shape: r"[1-9][ac-hj-kmnp-rt-y][0-9ac-hj-kmnp-rt-y]\d[- ]?[ac-hj-kmnp-rt-y][0-9ac-hj-kmnp-rt-y]\d[- ]?[ac-hj-kmnp-rt-y]{2}\d{2}",
            needs: Needs::Mixed(11),
            bare: 0.85,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Medicare, HealthPlan],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "dea_number",
            kind: Dea,
            shape: r"[abcdefghjklmprstux][a-z9]-?\d{7}",
            needs: Needs::Digits(7),
            bare: 0.7,
            confirmed: 0.95,
            cues: &[Dea],
            valid: dea,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "npi_number",
            kind: Npi,
            shape: r"[12]\d{9}",
            needs: Needs::Digits(10),
            confirmed: 0.95,
            cues: &[Npi],
            valid: npi,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "nhs_number",
            kind: Nhs,
            shape: r"\d{3}[ -]\d{3}[ -]\d{4}",
            needs: Needs::Digits(10),
            bare: 0.7,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Nhs],
            valid: nhs,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "vehicle_identification_number",
            kind: Vehicle,
            shape: r"[a-hj-npr-z0-9]{17}",
            needs: Needs::Mixed(17),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.5,
            cues: &[Vehicle],
            valid: vin,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "vehicle_labelled",
            kind: Vehicle,
            shape: r"[a-hj-npr-z0-9]{17}|(?-i:[A-Z0-9]{1,4}[- ][A-Z0-9]{2,4}(?:[- ][A-Z0-9]{1,4})?)|[a-z]{0,4}-?\d+[a-z0-9]*(?:[- ][a-z]{0,3}\d+)?|[a-z]{2,3} ?\d{2,4} ?[a-z]{0,3}",
            needs: Needs::Digits(1),
            confirmed: 0.7,
            cues: &[Vehicle],
            valid: |text| digit_count(text) >= 1 && text.len() >= 4,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "passport_number",
            kind: Passport,
            shape: r"[a-z]{1,2}[ -]?\d(?:[ -]?\d){5,8}|\d{9}",
            needs: Needs::Digits(6),
            confirmed: 0.9,
            cues: &[Passport],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "drivers_license_number",
            kind: DriversLicense,
            shape: r"[a-z]{1,3}[ -]?\d{2,}(?:[ -]\d{2,})*|\d{5,}|[a-z]{5}\d{6}[a-z0-9]{5}|\d{3}[ -]\d{3}[ -]\d{3}",
            needs: Needs::Digits(4),
            confirmed: 0.85,
            cues: &[DriversLicense],
            valid: has_four_digits,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "uk_drivers_license",
            kind: DriversLicense,
            shape: r"[a-z9]{5}\d[0156]\d[0-3]\d\d[a-z9]{2}\d[a-z]{2}",
            needs: Needs::Mixed(16),
            bare: 0.8,
            confirmed: 0.9,
            denied: 0.6,
            cues: &[DriversLicense],
            ..Pattern::DEFAULT
        },
    ],
};
