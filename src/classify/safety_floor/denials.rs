//! Denials in other languages than English: "без боли в груди", "没有胸痛", "không bị khó thở".
//!
//! The reading knows what a negation of English and a few more reaches; here stand the words that deny the phrase right behind them, and, for the
//! languages that deny at the end, the one right before. Only what stands directly beside counts: who cannot sleep for pain in the chest has it.
//! Pure and cannot fail.

use std::ops::Range;

use regex::Regex;

use crate::classify::local::reading::Reading;

/// Words, of which the last before a phrase denies it. By language: Spanish, French, German, Italian, Portuguese, Dutch, Polish, Russian,
/// Vietnamese, Indonesian, Tagalog, Arabic, Korean. Those that also end a sentence ("es hilft nicht", "пульса нет", "có sao không") stand only with
/// what they do not end one with: many write without full stops, and the next sentence may be the emergency.
const DENYING: &str = "no sin nunca pas sans jamais kein keine keinen keinerlei ohne ist_nicht war_nicht bin_nicht nie non senza mai nao sem \
     geen is_niet was_niet ben_niet zonder nie_ma nie_mam bez не без không_bị không_có không_còn không_hề không_thấy chưa_bị tôi_không \
     em_không con_không bé_không tidak tanpa walang hindi لا ليس ليست بدون لا_يوجد لا_توجد ليس_لدي ليس_عندي ما_عندي 안";
/// What else denies between the two words of a pair.
const DENYING_BETWEEN: &str = "nicht niet không нет";
/// What may stand between: "không bị", "non ho", "nie ma".
const BETWEEN: &str = "e de ho ha hay tengo tiene tenho tem hat habe mehr meer plus piu mas mais la le el il o a die der das den mi mein meine już żadnych żadnego никакой никаких больше у_меня أي";
/// What a product is for: a cream against swollen lips.
const AGAINST: &str = "para contra contre gegen contro tegen przeciw против للتخفيف ضد";
/// Written without spaces.
const JOINED: &str = "没有 沒有 并没有 並沒有 并无 没 沒 不是 无 無 并不 不";
/// As the next word.
const BEHIND: &str = "değil 없 않 नहीं";

/// Anywhere within a phrase that denies by itself: "жить не хочу", "숨을 못".
const WITHIN: &str = "не 못 수 없 않 살기 nie niet";

/// The denials, compiled.
pub(super) struct Denials {
    before: Regex,
    against: Regex,
    between: Regex,
    behind: Regex,
    within: Regex,
}

impl Denials {
    pub(super) fn new() -> Self {
        let compile =
            |pattern: &str| Regex::new(pattern).expect("the lists are constants, compiled by the tests");
        let (words, between, joined) = (any_of(DENYING), any_of(BETWEEN), any_of(JOINED));
        Self {
            // "有没有" asks.
            before: compile(&format!(
                "(?:^| )(?:{words}) (?:(?:{between}) )?$|(?:^|[^有])(?:{joined})$"
            )),
            against: compile(&format!("(?:^| )(?:{}) (?:(?:{between}) )?$", any_of(AGAINST))),
            within: compile(&format!("(?:^| )(?:{})", any_of(WITHIN))),
            between: compile(&format!(" (?:{words}|{}) |没|沒|不|無", any_of(DENYING_BETWEEN))),
            // "胸の痛みはない", "痛くない".
            behind: compile(&format!(
                "^(?:は|も|くは?)(?:な[いくし]|ありません)|^[^ ]* (?:{})",
                any_of(BEHIND)
            )),
        }
    }

    /// Whether the words of `hit` in a folded clause are denied. Those of a pair may be denied between each other, too.
    pub(super) fn deny(&self, text: &str, hit: Range<usize>, pair: bool) -> bool {
        let to = text.floor_char_boundary((hit.end + FAR).min(text.len()));
        self.before.is_match(before(text, hit.start))
            || self.behind.is_match(&text[hit.end..to])
            || pair && (self.is_purpose(text, hit.start) || self.between.is_match(&text[hit]))
    }

    /// Whether what begins at `at` is what something helps against: "eine Creme gegen geschwollene Lippen".
    pub(super) fn is_purpose(&self, text: &str, at: usize) -> bool {
        self.against.is_match(before(text, at))
    }

    /// Whether a folded phrase denies by itself: 没有呼吸 is no breath, not no lack of it.
    pub(super) fn begins(&self, phrase: &str) -> bool {
        let first = phrase.find(' ').map_or(phrase, |end| &phrase[..=end]);
        self.before.is_match(first)
            || JOINED.split(' ').any(|word| phrase.starts_with(word))
            || self.within.is_match(phrase)
    }
}

/// The longest word with what may stand between, in bytes.
const FAR: usize = 48;

/// The words right before `at`, in the same sentence.
fn before(text: &str, at: usize) -> &str {
    let before = &text[text.floor_char_boundary(at.saturating_sub(FAR))..at];
    before.rsplit(['。', '،', '!', '?']).next().unwrap_or(before)
}

/// An expression for one of the words, folded.
fn any_of(words: &str) -> String {
    let folded = words.split_whitespace().map(|word| {
        let word = Reading::whole(&word.replace('_', " ")).text;
        word.trim_end().to_owned()
    });
    folded.collect::<Vec<_>>().join("|")
}
