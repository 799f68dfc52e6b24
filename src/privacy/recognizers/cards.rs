//! Payment cards, bank accounts and what comes with them.
//!
//! Issuer ranges: Visa 4; Mastercard 51-55, 2221-2720; American Express 34, 37; Discover 6011, 644-649, 65; Diners 300-305, 36,
//! 38, 39; JCB 3528-3589; UnionPay 62, 81; Maestro 50, 56-58, 63, 67; RuPay 60, 65, 81, 82; Mir 2200-2204; Troy 9792.

use super::checksums::{aba, luhn, mod97};
use super::pattern::{Family, Needs, Pattern, Place, digit_count, digits};
use crate::privacy::kind::IdentifierKind::{Account, Card, CardExpiry, Cvv, Iban, Routing};
use crate::privacy::sense::Sense;

/// Whether the number begins in an issuer's range and has a length that the issuer gives out.
fn issued(text: &str) -> bool {
    let length = digit_count(text);
    let head = digits(text).take(4).fold(0, |sum, digit| sum * 10 + digit);
    match (head, head / 10, head / 100) {
        (4000..=4999, _, _) => matches!(length, 13 | 16 | 19),
        (2221..=2720, _, _) | (_, _, 51..=55) => length == 16,
        (_, _, 34 | 37) => length == 15,
        (_, 300..=305, _) | (_, _, 36 | 38 | 39) => (14..=19).contains(&length),
        (3528..=3589 | 2200..=2204 | 9792, _, _) | (_, 644..=649, _) => (16..=19).contains(&length),
        (_, _, 60 | 62 | 65 | 81 | 82) => (16..=19).contains(&length),
        (_, _, 50 | 56..=58 | 63 | 67) => (12..=19).contains(&length),
        _ => false,
    }
}

fn card(text: &str) -> bool {
    issued(text) && luhn(text)
}

/// Whether `id` is the number of a payment card and nothing else: digits, perhaps in groups, of a known issuer, with the right check digit.
#[must_use]
pub fn is_card_number(id: &str) -> bool {
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let grouped = id
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'.' | b'/'));
    grouped && (12..=19).contains(&digits) && card(id)
}

/// Grouped like a card (4-4-4-4 or 4-6-5) and of a known issuer, with a wrong check digit: mistyped, or partly made up.
fn mistyped_card(text: &str) -> bool {
    issued(text)
}

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Card),
            "card number, card no, card #, card#, credit card, debit card, cc#, cc number, ccnum, mastercard, \
             master card, amex, american express, card ending, card ending in, ending in, card ends in, ends \
             in, ends with, ending with, credit card number, cardnumber, creditcard, fsa card, hsa card, last \
             four of my card, last 4 of my card, last four of the card, last 4 of the card, card that ends, \
             tarjeta, kreditkarte, kreditkartennummer, kartennummer, carte bancaire, carte de crédit, carte bleue, numéro de carte, carta di credito, \
             carta di debito, karta kredytowa, karta płatnicza, karty kredytowej, numer karty, cartão de crédito, cartão, kredi kartı, charged to my card, gift card number, my card, the card, new card, old card, card on \
             file",
        ),
        (
            Sense::Suggests(Card),
            "card, cards, visa, discover, pan, cc, jcb, diners, diners club, unionpay, maestro, debit, mc",
        ),
        (
            Sense::Product,
            "test, tests, kit, kits, test kit, bottle, bottles, box, boxes, lot, pills, tablets, pill, tablet, pack, insulin, milk, cream, \
             medicine, medication, meds, take it, use it, drops, inhaler, epipen, vial, pen, coupon, rx, \
             prescription, batch, food, formula, vitamins, discount, points, policy, strips, capsules, label, label says, label reads, bottle says, bottle reads, box says, \
             expired, test kit, promo, still good, syrup, ointment, product, tablette, tabletten, packung, saft, salbe, tropfen, flasche, lote, \
             frasco, pastillas, jarabe, pomada, comprimé, comprimés, flacon, sirop, lotto, compresse, flacone, sciroppo, comprimidos, xarope, medicijn, \
             pillen, zalf, lek, leku, tabletki, syrop, ilaç, ilacın, şurup, medicamento, médicament, farmaco",
        ),
        (
            Sense::Confirms(Cvv),
            "cvv, cvv2, cvc, cvc2, cid, csc, security code, security number, sec code, three digit code, 3 digit code, four digit code, 4 digit code, card code, verification code, three digits on the \
             back, 3 digits on the back, number on the back, code on the back, on the back is, cvv code, cvv \
             number, cvn, c v v, c v c, digits on back, on the back, on back, back of the card, digits on the back, seccode, prüfziffer, prüfnummer, \
             kartenprüfnummer, cryptogramme, código de seguridad, codice di sicurezza",
        ),
        (
            Sense::Confirms(CardExpiry),
            "exp, exp., expiry, expires, expiration, exp date, expiry date, expiration date, valid thru, \
             valid through, good thru, expiring, valid until, gültig bis, caduca, vence, fecha de caducidad, fecha de vencimiento, expire \
             le, date d'expiration, scadenza, scade, validade, geldig tot, ważna do, son kullanma",
        ),
        (
            Sense::Confirms(Account),
            "bank account, acc, acc no, bank account number, account number, account no, account #, account#, acct, acct., \
             acct #, acct#, acct no, acct number, acct num, a/c, a/c no, checking account, savings account, \
             accountnumber, account num, account is, account ending in, patient account, patient account \
             number, guarantor account, kontonummer, konto-nr, kontonr, numéro de compte, número de cuenta, numero de cuenta, cuenta número, cuenta numero, numero di conto, \
             rekeningnummer, blz, bankleitzahl",
        ),
        (
            Sense::Confirms(Routing),
            "routing, routing number, routing no, routing #, routing#, aba number, transit number, rtn, sort \
             code, sortcode, bsb",
        ),
        (Sense::Confirms(Iban), "iban, i b a n"),
        (
            Sense::Suggests(Cvv),
            "three digits, 3 digits, three digits are, 3 digits are",
        ),
        (Sense::Suggests(CardExpiry), "thru, through"),
        (Sense::Suggests(Account), "checking, savings, my account, account"),
        (Sense::Suggests(Routing), "aba, swift, swift code, bic, transit"),
    ],
    patterns: &[
        Pattern {
            name: "card_number",
            kind: Card,
            shape: r"\d(?:[ .,_/-]{0,2}\d){11,18}",
            needs: Needs::Digits(12),
            bare: 0.9,
            confirmed: 0.98,
            denied: 0.3,
            cues: &[Card],
            valid: card,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_number_grouped",
            kind: Card,
            shape: r"\d{4}[ ./-]{1,2}(?:\d{4}[ ./-]{1,2}\d{4}[ ./-]{1,2}\d{1,4}|\d{6}[ ./-]{1,2}\d{4,5})",
            needs: Needs::Digits(13),
            bare: 0.6,
            confirmed: 0.9,
            denied: 0.3,
            cues: &[Card],
            valid: mistyped_card,
            ..Pattern::DEFAULT
        },
        // Nobody reads so many digits aloud that are not a card's: orders and parcels come with their cue.
        Pattern {
            name: "card_number_said",
            kind: Card,
            shape: r"\d{15,16}",
            needs: Needs::SaidRun(15),
            bare: 0.55,
            confirmed: 0.9,
            cues: &[Card],
            valid: issued,
            ..Pattern::DEFAULT
        },
        // Wrapped by a mail program, between its groups.
        Pattern {
            name: "card_number_wrapped",
            kind: Card,
            shape: r"\d{4}(?:[ -]{1,2}\n?|\n)\d{4}(?:[ -]{1,2}\n?|\n)\d{4}(?:[ -]{1,2}\n?|\n)\d{4}",
            needs: Needs::Digits(16),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.3,
            cues: &[Card],
            valid: card,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_number_labelled",
            kind: Card,
            shape: r"\d(?:[ ._/-]{0,3}\d){11,18}",
            needs: Needs::Digits(12),
            confirmed: 0.85,
            cues: &[Card],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_last4",
            kind: Card,
            shape: r"(?:[x*#•]{1,12}[ -]?){0,4}\d{4,5}",
            needs: Needs::Digits(4),
            confirmed: 0.7,
            cues: &[Card],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_masked",
            kind: Card,
            shape: r"(?:[x*#.]{4}[ -]?){1,3}\d{4}",
            needs: Needs::Masked,
            place: Place::Unbounded,
            bare: 0.7,
            confirmed: 0.8,
            denied: 0.7,
            cues: &[Card],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_security_code",
            kind: Cvv,
            shape: r"\d{3,4}",
            needs: Needs::Digits(3),
            confirmed: 0.8,
            cues: &[Cvv],
            ..Pattern::DEFAULT
        },
        // "4111 1111 1111 1111, 12/28, 123"
        Pattern {
            name: "card_expiry_in_turn",
            kind: CardExpiry,
            shape: r"\d{4}[ -]?\d{4,6}[ -]?\d{4,5}(?:[ -]?\d{4})?[,;|/ ]{1,3}(?:exp(?:ires|iry|\.)?:? ?)?((?:0?[1-9]|1[0-2]) ?[/-] ?(?:20)?[2-4]\d(?:[,;|/ ]{1,3}\d{3,4})?)",
            needs: Needs::Digits(16),
            bare: 0.7,
            confirmed: 0.7,
            denied: 0.7,
            ..Pattern::DEFAULT
        },
        // "1228 code 612": after an expiry date, any code is the card's.
        Pattern {
            name: "card_security_code_in_turn",
            kind: Cvv,
            shape: r"\d{2,4}[,;. ]{1,3}(?:and |with )?(?:the )?(?:sec(?:urity)? )?(?:code|sec|back|cv)[ :#]*(?:is |on the back )?(\d{3,4})",
            needs: Needs::Digits(5),
            bare: 0.7,
            confirmed: 0.7,
            denied: 0.7,
            beside: &[CardExpiry],
            ..Pattern::DEFAULT
        },
        // "3714 4963 5398 431 and the code 9012"
        Pattern {
            name: "card_security_code_after_number",
            kind: Cvv,
            shape: r"(?:\d{4}[ -]?\d{4,6}[ -]?\d{4,5}(?:[ -]?\d{4})?|\x01)[,;. ]{1,3}(?:and |with )?(?:the |my |its )?(?:sec(?:urity)? )?(?:code|cid|cvv?2?|cvc)[ :#]*(?:is )?(\d{3,4})",
            needs: Needs::CueAndDigits(3),
            bare: 0.7,
            confirmed: 0.7,
            denied: 0.7,
            cues: &[Card],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_expiry",
            kind: CardExpiry,
            shape: r"(?:0?[1-9]|1[0-2]) ?[/. -] ?(?:20)?[2-4]\d|(?:0[1-9]|1[0-2])(?:20)?[2-4]\d|[1-9][2-4]\d",
            needs: Needs::Digits(3),
            confirmed: 0.7,
            cues: &[CardExpiry],
            beside: &[Card, Cvv],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_expiry_written",
            kind: CardExpiry,
            shape: r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?: of)? (?:20)?(?:\d{2}|twenty[ -]\w{3,5})",
            needs: Needs::Cue,
            confirmed: 0.7,
            cues: &[CardExpiry],
            beside: &[Card, Cvv],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "card_expiry_alone",
            kind: CardExpiry,
            shape: r"(?:0?[1-9]|1[0-2]) ?[/-] ?[2-4]\d|(?:0[1-9]|1[0-2])[2-4]\d",
            needs: Needs::Digits(3),
            confirmed: 0.6,
            cues: &[CardExpiry],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "bank_identifier_code",
            kind: Routing,
            shape: r"(?-i:[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)",
            needs: Needs::Cue,
            confirmed: 0.8,
            cues: &[Routing],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "iban",
            kind: Iban,
            shape: r"[a-z]{2} ?\d{2}(?:[ .-]?(?-i:[A-Z0-9])){11,30}|[a-z]{2}\d{2}[a-z0-9]{11,30}|[a-z]{2} ?\d{2}(?: [a-z0-9]{4}){2,7}(?: [a-z0-9]{1,3}\b)?",
            needs: Needs::Digits(6),
            bare: 0.95,
            confirmed: 0.98,
            denied: 0.8,
            cues: &[Iban, Account],
            valid: mod97,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "iban_labelled",
            kind: Iban,
            shape: r"[a-z]{2} ?\d{2}(?:[ -]?[a-z]{0,4}\d{1,12}){2,8}[a-z]?",
            needs: Needs::Digits(6),
            confirmed: 0.9,
            cues: &[Iban],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "routing_number",
            kind: Routing,
            shape: r"\d{9}|\d{3}[ -]\d{3}[ -]\d{3}|\d{4}[ -]\d{4}[ -]\d",
            needs: Needs::Digits(9),
            confirmed: 0.9,
            cues: &[Routing, Account],
            valid: aba,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "routing_labelled",
            kind: Routing,
            shape: r"\d{2}[ -]?\d{2}[ -]?\d{2}|\d{3}[ -]?\d{3}(?:[ -]?\d{3})?",
            needs: Needs::Digits(6),
            confirmed: 0.8,
            cues: &[Routing],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "account_number",
            kind: Account,
            shape: r"(?:[x*#]{2,12}[ -]?)?[a-z]{0,4}-?\d(?:[ -]?\d){3,16}",
            needs: Needs::Digits(4),
            confirmed: 0.75,
            cues: &[Account],
            ..Pattern::DEFAULT
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn what_is_said_of_a_card_is_masked_number_by_number() {
        let redactor = Redactor::new();
        for (text, redacted) in [
            (
                "card expiring oh nine twenty eight and the three digits are five one seven",
                "card expiring [CARD_EXPIRY_REDACTED] and the three digits are [CVV_REDACTED]",
            ),
            (
                "visa ending six six one two the security number is two oh eight",
                "visa ending [CARD_REDACTED] the security number is [CVV_REDACTED]",
            ),
            (
                "the long number on the front is five four three two one oh nine eight seven six five four three two one oh",
                "the long number on the front is [CARD_REDACTED]",
            ),
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), redacted);
        }
        for text in [
            "the last three digits of order 66115 are one one five",
            "tracking is nine four zero zero one one one eight nine nine two two three three four four",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
    }
}
