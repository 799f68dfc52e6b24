//! Requests in the languages that the embedded model hardly reads: it knows that something is asked for, and guesses what.
//!
//! "где мой заказ" became a refund and "annuler ma commande" the question where an order is. Where a message has the word of one request and
//! of no other, that is the request; where it is denied, an agent's. Stems of the twelve languages that are most written; English is not among them,
//! nor is anything asked here where a language model decided.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use super::patterns::regex;
use crate::classify::Intent;

/// How each request is named.
#[rustfmt::skip]
const NAMED: [(Intent, &str); 3] = [
    (Intent::CancelOrder, r"(?i)\b(?:cancelar|cancel[ae]n?\b|canceles\b|cancelem|ann?ul[aeoiu]|annull[ai]\b|annullare|anulow|stornier|отмени|отмен[аы]|iptal)|取消|キャンセル|취소"),
    (Intent::RequestRefund, r"(?i)\b(?:reembols|devoluci[oó]n|rembours|(?:zur(?:ü|ue)ck)?erstatt|geld\s+zur(?:ü|ue)ck|rimbors|terugbeta|zwrot|возврат|верн\S*\s+деньги|iade\b)|退款|返金|환불"),
    (Intent::TrackOrder, r"(?i)\b(?:d[oó]nde\s+est[aá]|cu[aá]ndo\s+(?:llega|recib)|où\s+(?:est|en)|ou\s+est\s+(?:ma|mon)|quand\s+(?:arrive|sera)|wo\s+(?:ist|sind|bleib)|wann\s+(?:kommt|kommen|wird)|dov['’]?\s?[eè]\b|onde\s+est[aá]|cad[eê]\s+(?:o\s+)?meu|где|gdzie\s+jest|waar\s+(?:is|blijft)|nerede)|在哪|どこ|어디"),
];
/// All of them, looked for in one pass: most messages have none.
static ANY: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(NAMED.map(|(_, words)| words)).expect("the patterns are constants, compiled by the tests")
});
static EACH: LazyLock<[Regex; 3]> = LazyLock::new(|| NAMED.map(|(_, words)| regex(words)));
/// Just before the word: it is not wanted.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)(?:\b(?:no|nicht|kein|keine|non|não|nao|nie|ne|не|niet|geen)\s+(?:\S+\s+)?|\bn['’]|不要|不想|别)$",
    )
});
/// How far back that is looked for, in bytes.
const BEFORE: usize = 24;

/// What the words of `text` ask for, if they name one request and no other.
pub(super) fn read(text: &str) -> Option<Intent> {
    let found = ANY.matches(text);
    let mut named = found.iter();
    let only = named.next()?;
    if named.next().is_some() {
        return None;
    }
    let (intent, at) = (NAMED[only].0, EACH[only].find(text)?.start());
    let from = text.floor_char_boundary(at.saturating_sub(BEFORE));
    let denied = intent != Intent::TrackOrder && DENIED.is_match(&text[from..at]);
    Some(if denied { Intent::OpenTicket } else { intent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_in_another_language_is_known_by_its_word() {
        use Intent::{CancelOrder, OpenTicket, RequestRefund, TrackOrder};
        for (text, intent) in [
            ("quiero cancelar mi pedido", Some(CancelOrder)),
            ("je voudrais annuler ma commande", Some(CancelOrder)),
            ("annulla l'ordine per favore", Some(CancelOrder)),
            ("Proszę anulować zamówienie", Some(CancelOrder)),
            ("отмените мой заказ", Some(CancelOrder)),
            ("我要取消订单", Some(CancelOrder)),
            ("no cancelen el pedido", Some(OpenTicket)),
            ("no canceles mi pedido", Some(OpenTicket)),
            ("bitte nicht stornieren", Some(OpenTicket)),
            ("n'annulez pas la commande", Some(OpenTicket)),
            ("где мой заказ", Some(TrackOrder)),
            ("où est ma commande", Some(TrackOrder)),
            ("wo bleibt meine Bestellung", Some(TrackOrder)),
            ("Ich möchte mein Geld zurück", Some(RequestRefund)),
            ("vorrei un rimborso", Some(RequestRefund)),
            ("cancelar y reembolso por favor", None),
            ("please cancel my order", None),
            ("cancel order 4471, you can refund it", None),
            ("where is my order, I annulled nothing", None),
        ] {
            assert_eq!(read(text), intent, "{text}");
        }
    }
}
