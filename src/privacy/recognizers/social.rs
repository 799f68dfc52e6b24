//! Social security and taxpayer numbers.
//!
//! Ranges: an SSN's area is not 000, 666 or 900 to 999, its group not 00, its serial not 0000 (SSA, POMS RM 10201.035);
//! an ITIN begins with 9 and its group is 50-65, 70-88, 90-92 or 94-99 (IRS). Beside its cue, any nine digits count: people
//! mistype, and a wrong SSN is still somebody's.

use super::pattern::{Family, Needs, Pattern, Place, digits};
use crate::privacy::kind::IdentifierKind::{Itin, Ssn};
use crate::privacy::sense::Sense;

/// Area, group and serial of a nine-digit match.
fn parts(text: &str) -> Option<(u32, u32, u32)> {
    let n: Vec<u32> = digits(text).collect();
    let join = |part: &[u32]| part.iter().fold(0, |sum, digit| sum * 10 + digit);
    (n.len() == 9).then(|| (join(&n[..3]), join(&n[3..5]), join(&n[5..])))
}

fn ssn(text: &str) -> bool {
    parts(text)
        .is_some_and(|(area, group, serial)| !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0)
}

fn itin(text: &str) -> bool {
    parts(text)
        .is_some_and(|(area, group, _)| area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99))
}

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Ssn),
            "soc, my soc, soc is, s.s., s.s. number, s.s. #, ssn, ssn#, s.s.n., s.s.n, s s n, ssns, social security, social security number, social security \
             no, soc sec, soc. sec., social sec, socialsecurity, socialsecuritynumber, ss#, ss #, ss number, \
             ss no, my social, the social, his social, her social, their social, your social, social is, \
             social number, social #, social#, social:, son's social, daughter's social, wife's social, \
             husband's social, mom's social, dad's social, mother's social, father's social, social ends, \
             sosh, social insurance number, sin number, national insurance number, ni number, tax id, \
             taxpayer id, tin, social for, last four of social, last 4 of social, my last four, my last 4, last four is, last 4 is, full social, seguro social",
        ),
        (Sense::Suggests(Ssn), "social, socials, sosh"),
        (
            Sense::Confirms(Itin),
            "itin, individual taxpayer, taxpayer identification number",
        ),
    ],
    patterns: &[
        Pattern {
            name: "ssn_formatted",
            kind: Ssn,
            shape: r"\d{3}(?: ?- ?\d{2} ?- ?|[. _/~*]{1,2}\d{2}[. _/~*]{1,2})\d{4}",
            needs: Needs::Digits(9),
            bare: 0.85,
            confirmed: 0.95,
            denied: 0.85,
            cues: &[Ssn, Itin],
            valid: ssn,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "itin_formatted",
            kind: Itin,
            shape: r"9\d{2}(?: ?- ?\d{2} ?- ?|[. _]\d{2}[. _])\d{4}",
            needs: Needs::Digits(9),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Ssn, Itin],
            valid: itin,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "ssn_labelled",
            kind: Ssn,
            shape: r"\(?\d(?:[ ._/~*,|()-]{0,3}\d){8}",
            needs: Needs::Digits(9),
            confirmed: 0.9,
            cues: &[Ssn, Itin],
            ..Pattern::DEFAULT
        },
        // Wrapped by a mail program, between its groups.
        Pattern {
            name: "ssn_wrapped",
            kind: Ssn,
            shape: r"\d{3}[ .-]{0,2}\n\d{2}[ .-]{0,2}\n?\d{4}|\d{3}[ .-]{1,2}\d{2}[ .-]{0,2}\n\d{4}",
            needs: Needs::Digits(9),
            confirmed: 0.9,
            cues: &[Ssn, Itin],
            ..Pattern::DEFAULT
        },
        // Nobody reads nine digits aloud that are not an identifier: orders and parcels come with their cue.
        Pattern {
            name: "ssn_said",
            kind: Ssn,
            shape: r"\d{9}",
            needs: Needs::SaidRun(9),
            bare: 0.55,
            confirmed: 0.9,
            cues: &[Ssn, Itin],
            valid: ssn,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "ssn_last4",
            kind: Ssn,
            shape: r"(?:[x*#•-]{3}[ -]?[x*#•-]{2}[ -]?)?\d{4}",
            needs: Needs::Digits(4),
            confirmed: 0.75,
            cues: &[Ssn, Itin],
            ..Pattern::DEFAULT
        },
        // A message that a sender's own limit cut inside the number.
        Pattern {
            name: "ssn_cut_off",
            kind: Ssn,
            shape: r"(?:[ :#=,-]|\b(?:is|was|number|no|it's|its)\b)*(\d[0-9 ._/-]{0,12})$",
            needs: Needs::CueAndDigits(1),
            place: Place::AfterCue,
            confirmed: 0.6,
            cues: &[Ssn, Itin],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "ssn_masked",
            kind: Ssn,
            shape: r"[x*#]{3}[ -][x*#]{2}[ -]\d{4}",
            needs: Needs::Masked,
            place: Place::Unbounded,
            bare: 0.8,
            confirmed: 0.9,
            denied: 0.8,
            cues: &[Ssn, Itin],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "national_insurance_labelled",
            kind: Ssn,
            shape: r"[a-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[a-d]",
            needs: Needs::CueAndDigits(6),
            confirmed: 0.9,
            cues: &[Ssn],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "national_insurance_number",
            kind: Ssn,
            shape: r"[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]",
            needs: Needs::Digits(6),
            bare: 0.7,
            confirmed: 0.9,
            denied: 0.0,
            cues: &[Ssn],
            ..Pattern::DEFAULT
        },
    ],
};
