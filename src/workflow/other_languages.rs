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
    (Intent::CancelOrder, r"(?i)\b(?:cancelar|cancel[ae]n?\b|canceles\b|cancelem|ann?ul[aeoiu]|annull[ai]\b|annullare|anulow|stornier|отмени|отмен[аы]|iptal|h[ủu][ỷy]\s+(?:đơn|don)|إلغاء|الغاء)|取消|キャンセル|취소"),
    (Intent::RequestRefund, r"(?i)\b(?:reembols|devoluci[oó]n|rembours|(?:zur(?:ü|ue)ck)?erstatt|geld\s+zur(?:ü|ue)ck|rimbors|terugbeta|zwrot|возврат|верн\S*\s+деньги|iade\b|hoàn\s+tiền|استرداد)|退款|返金|환불"),
    (Intent::TrackOrder, r"(?i)\b(?:d[oó]nde\s+est[aá]|cu[aá]ndo\s+(?:llega|recib)|où\s+(?:est|en)|ou\s+est\s+(?:ma|mon)|quand\s+(?:arrive|sera)|wo\s+(?:ist|sind|bleib)|wann\s+(?:kommt|kommen|wird)|dov['’]?\s?[eè]\b|onde\s+est[aá]|cad[eê]\s+(?:o\s+)?meu|где|gdzie\s+jest|waar\s+(?:is|blijft)|nerede|no\s+(?:me\s+|nos\s+)?(?:ha\s+llegado|llega|llegó)|(?:pas|rien)\s+(?:encore\s+)?(?:arrivée?|reçue?)|nicht\s+(?:angekommen|eingetroffen|da\b)|non\s+(?:è|e)\s+(?:ancora\s+)?arrivat|n[ãa]o\s+cheg|niet\s+(?:aangekomen|bezorgd)|nie\s+(?:do|przy)sz|nie\s+dotar|kiedy\s+(?:przyjdzie|dotrze|będzie)|не\s+при(?:шл|ш[её]л|ход|ехал)|когда\s+(?:прид|приед|привез)|gelmedi|ulaşmadı|ne\s+zaman\s+gel|ở\s+đâu|chưa\s+(?:giao|tới|đến)|(?:khi\s+nào|bao\s+giờ)\s+(?:giao|tới|đến)|nasaan|kahan\s+hai|لم\s+(?:يصل|تصل)|أين\s|متى\s+(?:يصل|تصل))|在哪|没到|沒到|没收到|什么时候到|什麼時候到|快递到|查(?:一下)?(?:我的)?(?:订单|快递|物流)|どこ|届きません|届いてい(?:ない|ません)|어디|안\s왔|안\s와|언제\s(?:와|오|도착)"),
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
    if NAMED[only].0 == Intent::TrackOrder && OTHER_THINGS.is_match(text) {
        return None;
    }
    let (intent, at) = (NAMED[only].0, EACH[only].find(text)?.start());
    let from = text.floor_char_boundary(at.saturating_sub(BEFORE));
    let denied = intent != Intent::TrackOrder && DENIED.is_match(&text[from..at]);
    Some(if denied { Intent::OpenTicket } else { intent })
}

/// Papers and messages that have not come are no order that is on its way.
static OTHER_THINGS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)factur|rechnung|fattura|faktur|fatura|сч[её]т|чек\b|发票|hóa\s+đơn|영수증|領収書|e-?mail|correo\b|código|reembolso|erstattung|rembours|zwrot|возврат|退款|환불|返金",
    )
});

/// What a message may hold that asks for a cancellation or a refund in a language of which [`NAMED`] has not every word.
const MEANT: [(Intent, &str); 2] = [
    (
        Intent::CancelOrder,
        r"(?i)\b(?:annul|anul|cancel|zrezygn|rezygn|откаж|отказ|vazgeç|hủy|huỷ|huy\b|batal|afzegg|widerruf|disdi|storn|iptal|отмен|no\s+quiero|will\s+(?:\S+\s+)?nicht)|取消|不要|不想要|キャンセル|やめ|취소|إلغاء|الغاء|ألغ",
    ),
    (
        Intent::RequestRefund,
        r"(?i)\b(?:refund|devolv|devoluci|dinero|reembols|retourn|rembours|argent|zurück|zurueck|umtausch|geld|erstatt|r(?:ü|ue)ckerstatt|pienią|pienia|zwr[óo]|вернут|верн|деньг|возвра|soldi|restitu|rimbors|dinheiro|retour|terug|para\b|paramı|iade|hoàn|trả\s+lại|uang)|退|钱|錢|返金|返品|돈|반품|환불|إرجاع|ارجاع|استرداد|فلوس|المال",
    ),
];

/// Whether a cancellation or refund is only guessed: the text is in letters that English is not written with, or in words of another language,
/// and has no word for it.
pub(super) fn only_guesses(intent: Intent, text: &str) -> bool {
    static MEANT_OF: LazyLock<[(Intent, Regex); 2]> =
        LazyLock::new(|| MEANT.map(|(intent, words)| (intent, regex(words))));
    static FOREIGN: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i)\b(?:nie|jest|moje|moja|zam[oó]wieni[ea]|paczka|pedido|mi|bestellung|bestelling|paket|meine?|het|een|commande|colis|mon|ma|ordine|pacco|encomenda|meu|minha|sipariş\S*|kargom|đơn|hàng)\b|[\u{370}-\u{1fff}\u{2e80}-\u{9fff}\u{ac00}-\u{d7af}]",
        )
    });
    static ENGLISH: LazyLock<Regex> =
        LazyLock::new(|| regex(r"(?i)\b(?:the|my|please|order|refund|money|you|your|want|i)\b"));
    MEANT_OF.iter().any(|(of, words)| {
        *of == intent && FOREIGN.is_match(text) && !words.is_match(text) && !ENGLISH.is_match(text)
    })
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
            ("zamówienie nr 30991 jeszcze nie dotarło", Some(TrackOrder)),
            ("kiedy przyjdzie moja paczka", Some(TrackOrder)),
            ("订单号 30991 还没到", Some(TrackOrder)),
            ("查一下订单", Some(TrackOrder)),
            ("посылка не пришла", Some(TrackOrder)),
            ("siparişim hâlâ gelmedi", Some(TrackOrder)),
            ("đơn hàng chưa giao", Some(TrackOrder)),
            ("주문한 게 아직 안 왔어요", Some(TrackOrder)),
            ("طلبي لم يصل", Some(TrackOrder)),
            ("荷物が届きません", Some(TrackOrder)),
            ("je n'ai rien reçu", Some(TrackOrder)),
            ("أريد إلغاء الطلب", Some(CancelOrder)),
            ("no me ha llegado la factura", None),
            ("发票没收到", None),
            ("cancelar y reembolso por favor", None),
            ("please cancel my order", None),
            ("cancel order 4471, you can refund it", None),
            ("where is my order, I annulled nothing", None),
        ] {
            assert_eq!(read(text), intent, "{text}");
        }
    }

    #[test]
    fn a_cancellation_without_a_word_for_it_is_a_guess() {
        for (intent, text, guess) in [
            (Intent::CancelOrder, "zamówienie 30991 ciągle w drodze", true),
            (Intent::RequestRefund, "订单 30991", true),
            (Intent::CancelOrder, "zrezygnowałam, moje zamówienie 30991", false),
            (Intent::RequestRefund, "退货", false),
            (Intent::RequestRefund, "wo bleibt meine Rückerstattung", false),
            (Intent::CancelOrder, "I changed my mind about 30991", false),
            (Intent::CancelOrder, "stop 30991", false),
            (Intent::TrackOrder, "订单 30991", false),
        ] {
            assert_eq!(only_guesses(intent, text), guess, "{text}");
        }
    }
}
