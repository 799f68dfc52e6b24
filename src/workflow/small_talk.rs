//! Greetings and thanks: messages that ask for nothing, so that "thanks, that solved it" is not told that no article answers it.
//!
//! A closed list, in the languages that are most written: one word outside it, or a question mark, and the message is searched for. A message
//! without a letter or digit ("." or a thumb) has nothing to search for either.

/// One of them has to be there.
const COURTESIES: &str = "hi hello hey hiya greetings morning afternoon evening thanks thank thx ty cheers ok okay great perfect awesome \
     wonderful excellent amazing bye goodbye welcome hola gracias adios bonjour bonsoir merci hallo danke servus moin \
     tschuss ciao grazie buongiorno ola olá obrigado obrigada tak bedankt dziekuje dziękuję привет спасибо здравствуйте 谢谢 bitte \
     你好 ありがとう gotcha appreciated solved resolved sorted dank \
     buenos buenas guten goedemorgen goedemiddag goedenavond dzień dzien cześć czesc merhaba selam günaydın teşekkürler teşekkür \
     salamat kumusta xin cảm cám halo terima здравствуй добрый доброе доброго благодарю дякую 您好 早上好 晚上好 谢谢你 谢谢您 多谢 謝謝 好的 \
     こんにちは こんばんは おはようございます ありがとうございます 안녕하세요 안녕 감사합니다 고맙습니다 고마워요 مرحبا أهلا شكرا السلام 是的 嗯";
/// What may stand with it.
const BESIDE: &str = "a again all also and appreciate arrived at bien buenas buenos bom boa day days dear dia dias did die \
     everyone everything fast fixed folks for from fine fur für good got guten guys has have helped help helpful here hilfe \
     i im is it its journee just kind lot lots madam me merry mil million morgen much muchas my nice night noches now of \
     once order package parcel por problem quick quickly really received refund reply response service sir so super \
     support sure tag tage abend tardes team that thats the there this to today very vielen was we week weekend well with work worked \
     works working yes yep you your youre \
     ja si sí oui да tak todo todos tudo bem dobry wieczór bardzo за помощь большое вам всем вечер утро день дня po maraming chào ơn nhiều shop ạ \
     kasih banyak çok ederim جزيلا لكم عليكم وسهلا zusammen tout toda toute gentilissimi mille";

/// Whether `text` is nothing but greetings and thanks.
pub(super) fn is_small_talk(text: &str) -> bool {
    if !text.is_empty() && !text.contains(char::is_alphanumeric) {
        return true;
    }
    // Longer than any of them.
    if text.len() > 160 || text.contains(['?', '¿', '？']) {
        return false;
    }
    let text = text.replace(['\'', '\u{2019}'], "").to_lowercase();
    let mut words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let is_one_of = |list: &str, word: &str| list.split_ascii_whitespace().any(|known| known == word);
    let mut courteous = false;
    let known = words.all(|word| {
        let courtesy = is_one_of(COURTESIES, word);
        courteous |= courtesy;
        courtesy || is_one_of(BESIDE, word)
    });
    known && courteous
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_and_thanks_ask_for_nothing() {
        for text in [
            "hello",
            "Good morning!",
            "thanks, that solved it!",
            "Thank you so much for your help, have a great day.",
            "ok great",
            "I got my refund, thanks a lot",
            "¡Muchas gracias!",
            ".",
            "👍",
            "...?",
            "Vielen Dank für die Hilfe, danke",
            "buenas tardes",
            "guten Abend zusammen",
            "ja bitte, danke",
            "привет",
            "доброе утро",
            "salamat po",
            "cảm ơn shop",
            "شكرا جزيلا",
            "감사합니다",
            "こんにちは",
            "çok teşekkür ederim",
        ] {
            assert!(is_small_talk(text), "{text}");
        }
        for text in [
            "",
            "hello, do you ship to Canada",
            "thanks but it still hurts",
            "no",
            "ok?",
            "it works",
            "good morning, insulin",
        ] {
            assert!(!is_small_talk(text), "{text}");
        }
    }
}
