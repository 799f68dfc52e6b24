//! Requests that a message names without making them: "don't cancel it", "thank you for cancelling", "cancel 2 of the 3 boxes".
//!
//! A classifier reads the word and misses what stands around it, and a cancellation is passed on without a person. Where every mention
//! of one is denied, told of, hypothetical, or of a part only, or where the customer takes it back, an agent reads the message instead.
//! Where there is no mention (other words, other languages) the classifier is believed, except the embedded model where an English text speaks of
//! no end of anything. Only cancellations and refunds are looked at:
//! the other requests change nothing.

use std::sync::LazyLock;

use regex::Regex;

use super::patterns::regex;
use crate::classify::Intent;

/// A mention of a cancellation.
pub(super) static CANCEL: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bcancel\w*"));
static REFUND: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(?:refund\w*|money\s+back|reimburs\w*)"));

/// Behind a mention: it names a rule, and asks for nothing.
static A_RULE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^\s+(?:polic(?:y|ies)|terms|rules?|conditions|deadlines?|works?\b)"));
/// Just before a mention: it is not wanted. "I can't cancel it online" and "why didn't you cancel it" are none.
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)(?:\b(?:do|did|does|should|would|will|must|please|is|was|am|['’]m|im)\s+not\b",
        r"|\b(?:do|did|does|should|would|wo|must)n['’]?t\b|\bnever\b|\bwithout\b|\b(?:instead|in\s+place)\s+of\b|\brather\s+than\b",
        r"|\b(?:decided|advised|am|are)\s+against\b|\bbefore\s+you\b|\bno\s+(?:need|reason|intention|circumstances?\s+(?:should|must|are|may|do)\s+(?:you|we|they))\b|\bforget(?:\s+about)?\b|^\s*not\b)",
        r"(?:\s+(?:(?:want|need|wish|like|ask|tell|told|request|demand)(?:ed|ing)?(?:\s+you)?|mean|meant|try|trying|going|for|to|a|an|the|any",
        r"|my|your|full|get|have|be|it|really|even|ever|actually))*?\s+$",
    ))
});
/// A noun before which "no" denies.
static NO: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bno\s+(?:(?:full|partial)\s+)?$"));
/// Before "cancelling" or "cancelled": it is done, and somebody is thanked for it.
static THANKED_FOR_DOING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:thank(?:s|\s+you)|thx|grateful|appreciate)(?:\s+(?:so|very)\s+much|\s+a\s+lot|\s+again)?\s+(?:for\s+)?(?:(?:the|my|your|that|having)\s+)?(?:\w+\s+)?$",
    )
});
/// Before the name of it. "Thank you please cancel it" and "I would appreciate a refund" ask.
static THANKED_FOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)(?:\b(?:thank(?:s|\s+you)|thx|grateful)(?:\s+(?:so|very)\s+much|\s+a\s+lot|\s+again)?\s+for|(?:^|\bi\s+|really\s+|much\s+)appreciate)",
        r"\s+(?:the|my|your|that)\s+(?:\w+\s+)?$",
    ))
});
/// Behind a mention: it is told to be done, by its object.
static OBJECT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^\s+(?:(?:me|us|it|them|my|the|this|that|orders?|both)\b|#?\d)"));
/// Behind a cancellation: what is taken back is an earlier request.
static OF_A_REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s+(?:(?:the|my|this|that|our|a)\s+(?:cancel\w*|refund|returns?)\b|cancellation\b|refund\s+request\b)",
    )
});
/// Up to the mention of that request.
static TAKES_BACK: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:(?:cancel|undo|reverse|revoke|withdraw|stop|retract|ignore|disregard|scratch|forget)\w*|never\s*mind|nvm)(?:\s+about)?\s+(?:(?:the|my|this|that|our|a)\s+(?:cancel\w*|refund\w*|money\s+back|reimburs\w*)|cancellation)$|\bun-?cancel\w*$",
    )
});
/// Around a refund: it is awaited, and no second one is asked for.
static AWAITED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)(?:\bwhere(?:['’]?s|\s+is|\s+are)|\b(?:status|news|update|word)\s+(?:of|on|about)|\bwait(?:ing|ed)?\s+(?:for|on)|\b(?:track|check)(?:ing)?(?:\s+(?:on|up\s+on))?",
        r"|\bfollow(?:ing)?[\s-]+up\s+(?:on|about)|\b(?:has|is)\s+my|\bstill\s+(?:no|without|missing)",
        r"|\balready(?:\s+(?:been|got|had|received|requested|(?:asked|applied)\s+for))?",
        r"|\bwhen\s+(?:will|do|can|should|would|is|am|are)(?:\s+(?:i|we|you|it))?(?:\s+(?:going|supposed)\s+to)?(?:\s+(?:get|see|have|receive|expect|be|getting|send|process|issue|give))?(?:\s+me)?)",
        r"(?:\s+(?:my|the|a|our|that|this))?(?:\s+(?:full|partial|promised|other))?\s+$",
    ))
});
static STILL_AWAITED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s+(?:status|still|(?:has|have|is|was|did|does)(?:\s+not|n['’]?t)|never|is\s+(?:late|missing|taking)|taking)\b",
    )
});
/// Before "cancelled": it tells what somebody did.
static TOLD: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:says?|said|shows?|showing|marked|been|being|already|you(?:['’]ve)?|they(?:['’]ve)?|someone|somebody|automatically|i(?:['’]ve)?|not|(?:is|was|were|got|why)(?:\s+\S+){0,3})\s+(?:as\s+|it\s+)?$",
    )
});
static WISHED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\b(?:want|need|like|wish|get|have|please|pls)\b"));
/// "If it has not shipped by Friday, cancel": not now. "What if I cancel": not at all.
static CONDITIONAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\bif\b[^.!?\n]*(?:n['’]?t\b|\bnot\b)[^.!?\n]*\bby\b[^.!?\n]*$|\bif\s+(?:i|we)(?:\s+(?:were|was|had|have|would|want|wanted|need|needed|decide|decided|asked|ask|to|for|a|the))*\s*$",
    )
});
/// Behind a mention: not now.
static CONDITIONAL_AFTER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)^[^.!?\n]*\bif\b[^.!?\n]*(?:n['’]?t\b|\bnot\b)[^.!?\n]*\bby\b"));
/// Anywhere: the rest of the order is wanted.
static KEEPS_THE_REST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:keep|send|ship|leave|want|deliver)\s+(?:(?:me|us)\s+)?(?:the\s+(?:rest|others?|remaining)|everything\s+else|all\s+the\s+other)\b",
    )
});
/// Behind a mention: it is about a part.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s+(?:only\s+|just\s+)?(?:(?:\d{1,2}|one|two|three|four|five|some|part|half|a\s+few)\s+(?:of|items?|bottles?|box(?:es)?|packs?|tubes?)\b|(?:only|just)\s+(?:the|one)\b)",
    )
});
/// Just behind a mention: it is not wanted.
static NOT_NEEDED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s+(?:(?:is|was)\s+)?(?:not|isn['’]?t|wasn['’]?t|no\s+longer)\s+(?:really\s+)?(?:needed|necessary|required|wanted)\b",
    )
});
/// Behind the last mention: it is taken back.
static TAKEN_BACK: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?:never\s*mind|nvm|forget\s+(?:it|that)|leave\s+it|(?:i|we)(?:['’]?ll|\s+will|\s+want\s+to|\s+would\s+like\s+to)?\s+keep\s+(?:it|them|the\s+order)|scratch\s+that|(?:ignore|disregard)\s+(?:that|this|my)|on\s+second\s+thoughts?|(?:i|we)\s+(?:still|do)\s+want\s+(?:it|them)|still\s+want\s+it|go\s+ahead\s+and\s+(?:ship|send)|no[\s,]+wait|wait[\s,]+no|actually\b[^.!?\n]*\bkeep\s+(?:it|them|(?:the|my)\s+order))\b|[.!?;,]\s*(?:no[\s,]+)?(?:please\s+|just\s+)?keep\s+(?:it|them|(?:the|my)\s+order)\b",
    )
});
/// An order, and what is to be done with it, as a clause of its own; no question whether that can be done.
static TOLD_TO: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)(?:^|[.!?;,\n]|\b(?:and|also|please|pls|then|but))\s*(?:please\s+)?(cancel|refund)\s+(?:(?:my|the|orders?|number|no\.?|id)\s+|#\s?)*[A-Z]{0,4}-?\d[\dA-Z-]{3,18}\b",
    )
});
/// How people ask for a cancellation in English, with the word, misspelt, or in others: "scrap it", "I don't want it any more".
static ENDS_SOMETHING: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)can[cs]\w*l|cancl|canel|cacnel",
        r"|\b(?:stop|halt|abort|scrap|scratch|void|drop|kill|axe|nix|undo|withdraw|revoke|rescind|delete|remove|terminat|end|abandon|pull|unenrol|unsub|unbook",
        r"|disregard|forget|ignore|reverse|skip|pause|discontinu|discard|hold|quit)\w*|\bopt\w*\s+out\b|\bbin\b|\bget\s+rid\b|\bfree\s+up\b",
        r"|\b(?:take|get|knock|call|turn|switch|strike|cross)\w*\b[^.!?\n]{0,40}\boff\b|\btake\w*\b[^.!?\n]{0,30}\b(?:back|out)\b|\b(?:back|want|pull)\w*\s+out\b",
        r"|\b(?:no|any)\s*(?:longer|more)\b|\b(?:do|does|did)\s*(?:n['’]?t|not)\s+(?:really\s+|even\s+|ever\s+)?(?:want|need|wish|mean|ship|send|deliver|fill|refill|renew|process|order)\w*",
        r"|\b(?:wo|will)\s*(?:n['’]?t|not)\s+(?:be\s+)?(?:need|com|mak|go|tak|want)\w*|\bnot\s+(?:com|go|need|interest|want|mean|order)\w*|\bno\s+need\b|\brather\s+not\b",
        r"|\bmind\b|\bmistak\w*|\baccident\w*|\bduplicat\w*|\btwice\b|\bn(?:vm|ever\s*mind)\b|\bregret",
    ))
});
/// What is refused or to end there, beside an order that is wanted: "don't send it to my old house", "stop texting me about it".
static BESIDE_THE_ORDER: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"(?i)\b(?:do|does|did)\s*(?:n['’]?t|not)\s+(?:want|need)\s+(?:(?:a|an|any|the|your|to)\s+)?",
        r"(?:bag|express|gift|option|signature|receipt|invoice|substitut\w*|call\w*|text\w*|e-?mail\w*|doorbell|rush|insurance|sign)\b",
        r"|\b(?:do|does)\s*(?:n['’]?t|not)\s+(?:ship|send|deliver)\b[^.!?\n]{0,40}\b(?:to|by|via|with|until|till|before|through|at)\b",
        r"|\bstop\w*\s+(?:send|call|text|e-?mail|ring|spam|contact)\w*",
    ))
});
/// A text in another language may have a word for it that is not known here.
static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(?:the|my|your|please|pls|is|are|it|its|for|with|and|you|i|to|in|of|orders?)\b")
});
/// How far back is read, in bytes.
const BEFORE: usize = 80;

/// Whether `text` may ask for `intent`: false only where it names it and plainly does not ask for it.
pub(super) fn may_be_asked(intent: Intent, text: &str) -> bool {
    let mentioned = match intent {
        Intent::CancelOrder => &*CANCEL,
        Intent::RequestRefund => &*REFUND,
        _ => return true,
    };
    if intent == Intent::CancelOrder && KEEPS_THE_REST.is_match(text) {
        return false;
    }
    let mut any = None;
    let mut last_is_denied = false;
    let mut end = 0;
    for mention in mentioned.find_iter(text) {
        let before = before(text, mention.start());
        let clause = last_clause(before);
        last_is_denied = DENIED.is_match(clause)
            || NOT_NEEDED.is_match(&text[mention.end()..])
            || intent == Intent::RequestRefund && NO.is_match(clause);
        let asks = !last_is_denied
            && !A_RULE.is_match(&text[mention.end()..])
            && !is_thanked_for(clause, mention.as_str(), &text[mention.end()..])
            && !TAKES_BACK.is_match(&text[mention.start() - clause.len()..mention.end()])
            && (intent != Intent::CancelOrder || !OF_A_REQUEST.is_match(&text[mention.end()..]))
            && !CONDITIONAL.is_match(before)
            && !CONDITIONAL_AFTER.is_match(&text[mention.end()..])
            && !(intent == Intent::CancelOrder
                && (PART.is_match(&text[mention.end()..]) || is_told(clause, mention.as_str())));
        any = Some(any.unwrap_or(false) || asks);
        end = mention.end();
    }
    any.is_none_or(|asked| asked && !last_is_denied && !TAKEN_BACK.is_match(&text[end..]))
}

/// Whether a cancellation is guessed of an English text that speaks of no end of anything: the embedded model makes one of many a "don't" and "no".
pub(super) fn only_guesses_a_cancellation(text: &str) -> bool {
    ENGLISH.is_match(text) && !ENDS_SOMETHING.is_match(&BESIDE_THE_ORDER.replace_all(text, " "))
}

/// Whether `text` tells us to cancel or refund an order that it names, whatever else it is about.
pub(super) fn tells_what_to_do(text: &str) -> bool {
    TOLD_TO.captures_iter(text).any(|told| {
        let cancels = told[1].eq_ignore_ascii_case("cancel");
        let intent = if cancels {
            Intent::CancelOrder
        } else {
            Intent::RequestRefund
        };
        may_be_asked(intent, text)
    })
}

/// Whether all that `text` says of a refund is that one is awaited: "where is my refund".
pub(super) fn follows_up_a_refund(text: &str) -> bool {
    let mut mentions = REFUND.find_iter(text).peekable();
    mentions.peek().is_some()
        && mentions.all(|mention| {
            let clause = last_clause(before(text, mention.start()));
            AWAITED.is_match(clause) || STILL_AWAITED.is_match(&text[mention.end()..])
        })
}

fn is_thanked_for(clause: &str, mention: &str, after: &str) -> bool {
    let mention = mention.to_ascii_lowercase();
    if mention.ends_with("ing") || mention.ends_with("ed") {
        return THANKED_FOR_DOING.is_match(clause);
    }
    THANKED_FOR.is_match(clause) && !OBJECT.is_match(after)
}

fn is_told(clause: &str, mention: &str) -> bool {
    let past = mention.to_ascii_lowercase().ends_with("ed");
    past && TOLD.is_match(clause) && !WISHED.is_match(clause)
}

/// The sentence up to `at`, the last [`BEFORE`] bytes of it.
fn before(text: &str, at: usize) -> &str {
    let from = text.floor_char_boundary(at.saturating_sub(BEFORE));
    let before = &text[from..at];
    before.rsplit(['.', '!', '?', '\n']).next().unwrap_or(before)
}

/// The clause at the end of a sentence's beginning: what is denied in another says nothing about this one.
fn last_clause(before: &str) -> &str {
    before.rsplit([',', ';', ':']).next().unwrap_or(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_told_of_or_taken_back_is_not_asked_for() {
        for text in [
            "do not cancel my order 20018-44, I only want to know where it is",
            "please don't cancel it",
            "I don't want to cancel, I never asked you to cancel order 4471",
            "order 4471 says cancelled but I did NOT cancel it. What happened?",
            "was order 4471 cancelled?",
            "why was my order 4471 cancelled",
            "thank you for cancelling order 4471 so quickly",
            "what happens if I cancel order 4471",
            "if I cancelled order 4471 today would I still be charged?",
            "Could you cancel 2 of the 3 boxes in order 90011-8?",
            "cancel only the zinc in order 4471",
            "If order 4471 hasn't shipped by tomorrow cancel it",
            "please cancel order 4471-02. Actually no wait, leave it",
            "Under no circumstances should you cancel order 4471",
            "Cancel order 4471. No, sorry, don't cancel it, I'll keep it",
            "Cancel order 4471. Actually, on second thought, keep it.",
            "cancel my order 4471 no wait dont",
            "please cancel 4471 - actually we would rather keep the order",
            "Cancel order 4471. Keep it please, my wife wants it",
            "I don't want to cancel anything, I'd like to know what your cancellation policy is",
            "I do not want to cancel. Just tell me how cancelling works",
            "we decided against cancelling",
            "thank you for the cancellation",
            "please cancel the cancellation of order 4471",
            "undo my cancellation of order 4471",
            "cancel my refund",
            "cancel my refund for order 4471",
            "never mind about the cancel, go ahead and ship order 4471",
            "ignore my cancellation for 4471, still want it",
            "oops I clicked cancel on order 4471, I still want it",
            "please un-cancel order 4471",
            "tell me before you cancel order 4471",
            "cancel the vitamin d from order 4471, keep the rest",
            "drop the cough drops from order 4471 and ship everything else",
            "cancel my order 4471 if it wont get here by friday",
            "if it cant arrive by friday cancel order 4471",
        ] {
            assert!(!may_be_asked(Intent::CancelOrder, text), "{text}");
        }
        for text in [
            "no need to refund, just send me the missing gloves",
            "I don't want a refund, I want the item I ordered",
            "a replacement instead of a refund please",
            "thanks for the quick refund!",
            "no refund, a new bottle",
            "refund not needed, please just replace the cracked jar",
            "forget the refund, it arrived",
            "I will NOT be asking for a refund of order 66115",
            "I'm not requesting a refund",
            "cancel my refund",
            "please cancel the refund for order 4471",
            "I appreciate the quick refund",
        ] {
            assert!(!may_be_asked(Intent::RequestRefund, text), "{text}");
        }
    }

    #[test]
    fn a_cancellation_is_not_guessed_of_every_no() {
        for text in [
            "i have a cold so leave the package outside, order 55120250",
            "dont ring the bell for order 55120303, baby sleeping",
            "baby asleep so no doorbell, order 55120514",
            "i wont be home friday, order 55120405, can you deliver monday",
            "dont need a bag for order 55120511",
            "please dont leave order 55120407 with the neighbor",
            "please dont ship order 55120408 to my old house",
            "i dont want the express option on order 55120516",
            "order 55120606, please dont substitute the brand",
            "stop sending me texts about the order 55120608",
        ] {
            assert!(only_guesses_a_cancellation(text), "{text}");
        }
        for text in [
            "please cancle order 4471",
            "scrap the order, I found one",
            "I don't need it any more",
            "don't ship order 4471 please",
            "please stop shipping order 4471",
            "take the order off my account",
            "I changed my mind about order 4471",
            "kill it. and stop texting me about it",
            "ya no quiero el pedido 4471",
        ] {
            assert!(!only_guesses_a_cancellation(text), "{text}");
        }
    }

    #[test]
    fn a_refund_that_is_awaited_is_told_from_one_that_is_asked_for() {
        for text in [
            "where is my refund for order 10093552",
            "when will I get my refund",
            "when will you refund me",
            "where's my money back",
            "already refunded",
            "you already refunded me, what is this charge",
            "still no refund",
            "I am still waiting for the refund",
            "any news on my refund?",
            "my refund has not arrived",
            "has my refund been sent",
            "what is my refund status",
            "I already requested a refund for order 4471",
        ] {
            assert!(follows_up_a_refund(text), "{text}");
        }
        for text in [
            "refund me for 4471",
            "where is my order I want my money back",
            "where is my order, refund it",
            "where is my refund for order 4471, and please refund order 4472",
            "I have not been refunded",
            "I want a refund",
            "is a refund possible",
            "I asked when it comes and now I want a refund",
            "where is my order",
        ] {
            assert!(!follows_up_a_refund(text), "{text}");
        }
    }

    #[test]
    fn a_command_about_an_order_is_told_from_a_question() {
        for text in [
            "cancel my order 5551 and also what are your opening hours",
            "Do you ship to Canada? And refund order 10093-552 please",
            "what are your hours? please cancel #10093552",
        ] {
            assert!(tells_what_to_do(text), "{text}");
        }
        for text in [
            "can I cancel order 10093552 after it shipped?",
            "how do I cancel order 10093552",
            "do not cancel order 10093552, what are your hours",
            "what is your refund policy, and do you open at 10",
            "Do you refund 100 % of the price?",
            "cancel my order 5551. No wait, keep it. What are your hours?",
        ] {
            assert!(!tells_what_to_do(text), "{text}");
        }
    }

    #[test]
    fn what_is_asked_for_in_any_wording_stays_asked_for() {
        for text in [
            "cancel order 4471",
            "I don't want this anymore cancel order 4471",
            "I do not want it, cancel it",
            "I can't cancel my order online, can you do it",
            "why didn't you cancel my order 4471 yet",
            "I want order 4471 cancelled",
            "please get my order cancelled, it is late",
            "my order was placed by mistake, cancel it",
            "thanks in advance for cancelling order 4471",
            "thanks, cancel it",
            "thank you please cancel my order 4471",
            "thank you for your help cancel order 4471",
            "cancel order 4471 and cancel my refund for order 4472",
            "If it's not too late, please cancel order 4471",
            "please cancel if it has not shipped",
            "No. Cancel it.",
            "stop order 4471",
            "cancel order 4471, I do not want to keep it",
            "on second thought, cancel order 4471",
            "as your cancellation policy allows, cancel order 4471",
            "I changed my mind, cancel it",
            "annuler la commande 4471",
        ] {
            assert!(may_be_asked(Intent::CancelOrder, text), "{text}");
        }
        for text in [
            "refund me for 4471",
            "it never arrived, I want my money back",
            "I did not get it and want a refund",
            "I have not been refunded",
            "I'm not happy, refund me",
            "will you not refund me",
            "you never sent it refund me",
            "cancel order 4471 and refund it",
            "thanks for your help refund me",
            "I would appreciate a refund",
        ] {
            assert!(may_be_asked(Intent::RequestRefund, text), "{text}");
        }
        assert!(may_be_asked(Intent::TrackOrder, "don't track it"));
    }
}
