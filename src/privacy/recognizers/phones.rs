//! Telephone and fax numbers: North American (NANP) and international, with extensions.
//!
//! A formatted NANP number has an area code of 2 to 9; the exchange is not checked, because people invent and mistype.
//! Ten bare digits are a telephone number only beside a cue, or when they fit the numbering plan and no order, lot or tracking cue governs.

use super::pattern::{Family, Needs, Pattern, digit_count, digits};
use crate::privacy::kind::IdentifierKind::{Fax, Phone};
use crate::privacy::sense::Sense;

/// Area code and exchange as the plan allows them: neither begins with 0 or 1, the area's second digit is not 9, and
/// neither is an N11 service code.
fn nanp(text: &str) -> bool {
    let all: Vec<u32> = digits(text).collect();
    let number = match all.as_slice() {
        [1, rest @ ..] if rest.len() == 10 => rest,
        rest if rest.len() == 10 => rest,
        _ => return false,
    };
    number[0] > 1 && number[1] != 9 && number[3] > 1 && number[1..3] != [1, 1] && number[4..6] != [1, 1]
}

/// Most digits of an international number (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// The groups that one number can hold, where another follows it.
fn one_number(text: &str) -> &str {
    let mut seen = 0;
    let mut gap = 0;
    for (at, byte) in text.bytes().enumerate() {
        seen += usize::from(byte.is_ascii_digit());
        if seen > MAX_DIGITS {
            return &text[..gap];
        }
        if byte == b' ' {
            gap = at;
        }
    }
    text
}

fn international(text: &str) -> bool {
    (8..=MAX_DIGITS).contains(&digit_count(text))
}

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Phone),
            "ext, ext., extension, phone, phone number, phone no, phone #, phone#, telephone, telephone number, tel, tel., tel:, \
             cell, cell phone, cellphone, cell number, cell #, mobile, mobile number, mobile phone, mob, ph, \
             ph., ph#, ph:, call me, call me at, call me on, call me back, call back, callback, callback \
             number, call, reach me, reach me at, reach me on, text me, text me at, text, contact number, \
             contact me, contact me at, my number, my number is, number is, his number, her number, their \
             number, home number, work number, landline, home phone, work phone, whatsapp, ring me, ring me \
             on, ring, dial, sms, phonenumber, phone num, emergency contact, reach her, reach him, call her, \
             call him, call my, number on file, number to call, best number, day number, evening number, new \
             number, old number, voicemail, area code, direct line, office line, ext, extension, ext., give me a ring, give me a \
             call, telefono, celular, cell no, reached at, can be reached, leave a message, pager, beeper, my \
             cell, signal, telegram, viber, call us, movil, mi movil, móvil, mi móvil, teléfono, mi numero, mi número, llámame \
             al, llamame al, llámeme al, llamarme al, llámenme al, mi cel, mi cel es, mon portable, téléphone, mon numéro, mon numero, numéro de téléphone, appelez-moi au, me joindre au, tél, tél., joignable au, mein handy, \
             handynummer, meine handynummer, telefon, telefonnummer, rufnummer, meine nummer, handynr, erreichbar unter, mobil, meu zap, cellulare, mio numero, chiamatemi al, chiamami al, \
             celular é, ligue para, liga pra, liga pra mim, me liga, meu numero, meu número, telemóvel, mobiel, telefoonnummer, mijn nummer, bel me op, numer telefonu, mój numer, mój telefon, dzwonić pod, telefonum, cep telefonum, \
             telefon numaram, numaram, 手机, 手机号, 我的手机, 电话, 我的电话, \
             電話番号, 携帯, 전화번호, 휴대폰",
        ),
        (Sense::Suggests(Phone), "t:, m:, c:, p:, h:, w:"),
        (
            Sense::Confirms(Fax),
            "fax, fax number, fax no, fax #, fax:, faxed to, fax it to, facsimile, efax, faxnumber, fax me",
        ),
    ],
    patterns: &[
        Pattern {
            name: "phone_nanp_formatted",
            kind: Phone,
            shape: r"(?:\+? ?1 ?[-./ ]? ?)?(?:[(\[] ?[2-9]\d{2} ?[)\]] ?[-./ ]? ?|[2-9]\d{2} ?[-./ *~_|] ?)\d{3} ?[-./ *~_|] ?(?:\d{4}|\d{2}[ -]\d{2})(?:,? ?(?:ext(?:ension)?\.?|x|#) ?:?\d{1,6})?",
            needs: Needs::Digits(10),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.7,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_nanp_plain",
            kind: Phone,
            shape: r"(?:\+?1[-. ]?)?\d{10}(?:,? ?(?:ext(?:ension)?\.?|x|#) ?:?\d{1,6})?|(?:\+?1[-. ]?)?\(\d{3}\)\d{7}|\d{3}[-. ]\d{7}|\d{6}[-. ]\d{4}",
            needs: Needs::Digits(10),
            bare: 0.55,
            confirmed: 0.85,
            cues: &[Phone, Fax],
            valid: |text| nanp(text.split(['x', 'X', '#', 'e', 'E', ',']).next().unwrap_or(text)),
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_international",
            kind: Phone,
            shape: r"(?:\+|\b011[ -]) ?\d{1,3}[-./ ]{0,2}(?:\(\d{1,4}\)[-./ ]?)?\d{1,8}(?:[-./ ]{1,2}\d{1,8}){0,6}(?:,? ?(?:ext(?:ension)?\.?|x) ?\d{1,6})?|\+ ?\d{8,15}",
            needs: Needs::Digits(8),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Phone, Fax],
            fit: one_number,
            valid: international,
            ..Pattern::DEFAULT
        },
        // "0049 170 5550188"
        Pattern {
            name: "phone_international_by_zeros",
            kind: Phone,
            shape: r"00[1-9]\d{1,2} \d{2,4}(?: \d{2,8}){1,3}",
            needs: Needs::Digits(8),
            bare: 0.7,
            confirmed: 0.9,
            cues: &[Phone, Fax],
            fit: one_number,
            valid: international,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_national",
            kind: Phone,
            shape: concat!(
                r"\(?0\)?\d{2,4}\)?[-. ]\d{3,4}[-. ]?\d{3,4}|\(?0\d\)? \d{4} \d{4}|07\d{3}[- ]?\d{3}[- ]?\d{3}|0\d{9,10}|015\d{9}",
                // "06 39 98 01 42", "0532 555 01 42", "0470 12 34 56", "030/23125002".
                r"|0\d(?:[ .-]\d{2}){4}|0\d{2,3}[ .]\d{3}[ .]\d{2}[ .]\d{2}|04\d{2}(?:[ ./]\d{2}){3}|0\d{2,4} ?/ ?\d{5,8}"
            ),
            needs: Needs::Digits(9),
            bare: 0.6,
            confirmed: 0.9,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_labelled",
            kind: Phone,
            shape: r"\+?\(?\d(?:[-. ()/*~_|,]{0,3}\d){6,14}(?:,? ?(?:ext(?:ension)?\.?|x|#) ?:?\d{1,6})?",
            needs: Needs::Digits(7),
            confirmed: 0.8,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
        // "469-KID-0148"
        Pattern {
            name: "phone_vanity",
            kind: Phone,
            shape: r"(?:1[-. ])?\(?\d{3}\)?[-. ](?:[a-z]{3}[-. ]?\d{4}|\d{3}[-. ]?[a-z]{4}|(?-i:[A-Z]{3}[-. ]?[A-Z]{4}|[A-Z]{7}))",
            needs: Needs::CueAndDigits(3),
            confirmed: 0.7,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_local",
            kind: Phone,
            shape: r"555[-. ]\d{4}|\d{3}-\d{4}",
            needs: Needs::Digits(7),
            bare: 0.5,
            confirmed: 0.85,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_area_code",
            kind: Phone,
            shape: r"area code(?: is| was|'s)? ?:?(\d{3})",
            needs: Needs::CueAndDigits(3),
            bare: 0.6,
            confirmed: 0.7,
            denied: 0.6,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "phone_extension",
            kind: Phone,
            shape: r"(?:ext|extension)\.?(?: is| number)? ?:?#?(\d{1,6})",
            needs: Needs::CueAndDigits(2),
            bare: 0.6,
            confirmed: 0.8,
            denied: 0.6,
            cues: &[Phone, Fax],
            ..Pattern::DEFAULT
        },
    ],
};
