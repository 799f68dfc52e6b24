//! Names in no list, told by a capital that nothing asks for; medicines and firms in no list are told from them by what stands beside them.

use std::cell::OnceCell;

use super::super::pattern::Hit;
use super::super::places::is_large;
use super::super::words::is_surname;
use super::foreign::is_foreign;
use super::german::is_said_of_oneself;
use super::namesakes::is_eponym;
use super::reading::read_name;
use super::word::{GOODS, is_after_place, word_at, word_before};
use crate::privacy::scan::Scan;

/// "parcel meant for Bazza": a capital within a sentence, where no rule of spelling asks for one, of a word that is in no list. Medicines and
/// firms that are in none either are told by what stands beside them.
pub(super) fn find(text: &str, scan: &Scan<'_>, hits: &mut Vec<Hit>) {
    let foreign = OnceCell::new();
    let is_foreign = || *foreign.get_or_init(|| is_foreign(text));
    for start in scan.capitals.iter().map(|start| *start as usize) {
        let Some(word) = word_at(text, start).filter(|word| {
            word.text.len() > 3
                && word.text.is_ascii()
                && !word.text.contains('-')
                && word.strange_capital()
                && !is_said_of_oneself(*word)
        }) else {
            continue;
        };
        let before = text[..start].trim_end_matches([' ', ',']);
        let previous = word_before(text, before.len());
        // "hier ist Okafor".
        let is_here = ["hier ist ", "Hier ist "]
            .iter()
            .any(|said| text[..start].ends_with(said));
        let ordinary = previous.is_some_and(|before| {
            before.text.starts_with(char::is_lowercase)
                && before.common()
                && !before.is(BEFORE_GOODS)
                && !(before.is(&["de"]) && is_after_measure(text, before.start))
                && (!before.is(&["para", "por", "con", "com", "avec"]) || is_after_parcel(text, before.start))
                && !before.is(BEFORE_ROMANCE_NOUNS)
                && (is_here || !before.is(BEFORE_GERMAN_NOUNS))
        });
        // "a rash from Bazzetor": a harm comes from a medicine, a letter from a person.
        let harms = previous.is_some_and(|previous| {
            previous.is(&["from", "after"])
                && word_before(text, text[..previous.start].trim_end().len())
                    .is_some_and(|before| before.is(HARMS))
        });
        let rest = &text[word.end..];
        let next = rest.strip_prefix(' ').and_then(|_| word_at(text, word.end + 1));
        let goods = next.is_some_and(|next| {
            next.product()
                || next.is(GOODS)
                || next.is(AFTER_GOODS)
                || next.text.starts_with(char::is_uppercase) && next.common()
        }) || rest.starts_with(['-', '@', '_', '/', '&'])
            || rest.starts_with(" &")
            || rest
                .strip_prefix(' ')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            // "meds for Parkinson's": who owns nothing gave a disease the name.
            || word.text.len() > word.stem().len()
                && (rest.is_empty()
                    || rest.starts_with([',', '.', '!', '?', ')'])
                    || next.is_some_and(|next| next.is(&["disease", "syndrome", "and", "or"])))
            // "if Bazzetor is covered".
            || next.is_some_and(|next| {
                next.is(&["is", "was"])
                    && word_at(text, next.end + 1).is_some_and(|said| said.is(SAID_OF_GOODS))
            })
            || harms;
        // "the Hendersons next door".
        let family = text[..start].ends_with("the ")
            && word.text.strip_suffix('s').is_some_and(is_surname)
            && !word.surname();
        if (ordinary || family)
            && !goods
            && !is_large(word.text)
            && !is_eponym(text, word)
            && !is_after_place(text, start)
            // In a German text a capital tells nothing, and in others what stands before it is no English word.
            && (family || is_here || !is_foreign())
        {
            hits.push(Hit::new(start, read_name(text, word, false, false), 0.5));
        }
    }
}

/// "cambio de Sintrom", "una caja de Enantyum": what stands before "de" is said of medicines.
fn is_after_measure(text: &str, start: usize) -> bool {
    word_before(text, text[..start].trim_end().len()).is_some_and(|before| {
        before.is(&[
            "cambio",
            "cambié",
            "cambiar",
            "dosis",
            "caja",
            "cajas",
            "pastilla",
            "pastillas",
            "comprimido",
            "comprimidos",
            "efecto",
            "efectos",
            "receta",
            "tratamiento",
            "sobredosis",
            "dose",
            "doses",
            "caixa",
            "comprimé",
            "comprimés",
            "scatola",
            "cápsulas",
        ])
    })
}

/// "un paquete para Okafor", "firmado por Okafor", "hablé con Okafor": what is for somebody, by them or with them.
fn is_after_parcel(text: &str, start: usize) -> bool {
    word_before(text, text[..start].trim_end().len()).is_some_and(|before| {
        before.is(&[
            "paquete",
            "pedido",
            "envío",
            "encomenda",
            "pacote",
            "receta",
            "medicina",
            "medicinas",
            "carta",
            "cita",
            "recibido",
            "recogido",
            "firmado",
            "enviado",
            "entregado",
            "recebido",
            "assinado",
            "recetado",
            "hablé",
            "hable",
            "hablar",
            "hablado",
            "hablamos",
            "contacté",
            "vivo",
            "vive",
            "falei",
            "falar",
            "parlé",
            "parlato",
            "vous",
            "es",
            "va",
            "está",
            "é",
        ])
    })
}

/// What somebody has from a medicine.
const HARMS: &[&str] = &[
    "effect",
    "effects",
    "reaction",
    "reactions",
    "rash",
    "hives",
    "sick",
    "ill",
    "dizzy",
    "nauseous",
    "nausea",
    "pain",
    "pains",
    "headache",
    "headaches",
    "symptoms",
    "swelling",
    "swollen",
    "itching",
    "itchy",
    "allergic",
    "allergy",
    "withdrawal",
    "vomiting",
    "bleeding",
    "cough",
    "worse",
    "seizure",
    "seizures",
    "insomnia",
    "constipation",
    "diarrhea",
    "drowsy",
    "tired",
    "problems",
    "trouble",
    "bruises",
    "bruising",
    "cramps",
    "fever",
    "better",
    "relief",
];
/// What is said of what is sold, and of nobody.
const SAID_OF_GOODS: &[&str] = &[
    "covered",
    "available",
    "safe",
    "approved",
    "generic",
    "discontinued",
    "recalled",
    "expensive",
    "prescribed",
    "backordered",
];

/// Words before what is sold or prescribed, and words of other languages that write every noun with a capital.
const BEFORE_GOODS: &[&str] = &[
    "the",
    "a",
    "an",
    "some",
    "any",
    "my",
    "your",
    "our",
    "this",
    "that",
    "these",
    "those",
    "new",
    "old",
    "take",
    "takes",
    "taking",
    "took",
    "taken",
    "on",
    "off",
    "use",
    "using",
    "used",
    "prescribed",
    "prescribe",
    "try",
    "tried",
    "trying",
    "start",
    "started",
    "starting",
    "stop",
    "stopped",
    "stopping",
    "generic",
    "brand",
    "like",
    "sell",
    "stock",
    "carry",
    "have",
    "has",
    "had",
    "get",
    "getting",
    "buy",
    "bought",
    "order",
    "ordered",
    "mg",
    "of",
    "or",
    "vs",
    "versus",
    "than",
    "is",
    "does",
    "do",
    "are",
    "can",
    "will",
    "put",
    "between",
    "need",
    "want",
    "cover",
    "covers",
    "covering",
    "accept",
    "accepts",
    "switch",
    "switched",
    "more",
    "no",
    "both",
    "and",
    "same",
    "silver",
    "blue",
    "black",
    "white",
    "red",
    "with",
    "to",
    "without",
    "as",
    "instead",
    "sin",
    "sem",
    "sans",
    "senza",
    "mit",
    "und",
    "der",
    "die",
    "das",
    "den",
    "dem",
    "ein",
    "eine",
    "mein",
    "meine",
    "meiner",
    "meinem",
    "beim",
    "zwei",
    "about",
    "by",
    "said",
    "says",
    "mentioned",
    "mentions",
    "recommended",
    "recommends",
    "suggested",
    "suggests",
    "gave",
    "gives",
    "wants",
    "made",
    "makes",
    "recalled",
    "swapped",
    "substituted",
    "replaced",
    "dispensed",
    "filled",
    "refilled",
    "renewed",
    "mix",
    "mixed",
    "mixing",
    "combine",
    "combining",
    "includes",
    "contains",
    "ran",
    // What somebody has, as reports tell it: "reports Tinnitus".
    "reports",
    "reported",
    "reporting",
    "developed",
    "develops",
    "experienced",
    "experiences",
    "experiencing",
    "suffers",
    "suffered",
    "suffering",
    "complains",
    "complained",
    "denies",
    "diagnosed",
];

/// Words of German, which writes every noun with a capital: what stands behind them is a symptom ("ich habe Atemnot") far more often than a
/// person, and a report must not lose it. Not those that people stand behind ("von", "bei", "für", "hier ist").
const BEFORE_GERMAN_NOUNS: &[&str] = &[
    "ich", "habe", "hab", "haben", "hat", "hast", "hatte", "hatten", "bekomme", "bekam", "bekommen",
    "bekommt", "kein", "keine", "keinen", "keiner", "viel", "mehr", "etwas", "starke", "starken", "starkes",
    "starker", "leichte", "leichten", "hohes", "wegen", "ohne", "gegen", "seit", "vor", "einen", "einem",
    "einer", "meinen", "zum", "zur", "sehr", "wieder", "noch", "schon", "jetzt", "sofort", "heute",
    "gestern", "drei", "alle", "diese", "dieser", "diesem", "am", "im", "vom", "ins", "ist", "sind", "war",
    "wird", "oder", "nur", "auch", "nicht", "des",
];

/// Articles of French, Spanish and Italian: what stands behind them is a thing.
const BEFORE_ROMANCE_NOUNS: &[&str] = &["la", "le", "les", "il", "lo", "gli", "el", "los", "las"];

/// Words behind what is sold or prescribed.
const AFTER_GOODS: &[&str] = &[
    "mg",
    "ml",
    "mcg",
    "generic",
    "brand",
    "dose",
    "doses",
    "strips",
    "strip",
    "kit",
    "pen",
    "pens",
    "capsules",
    "capsule",
    "tablet",
    "patch",
    "patches",
    "refill",
    "inhaler",
    "injection",
    "injections",
    "syringe",
    "syringes",
    "supplement",
    "gummies",
    "syrup",
    "store",
    "stores",
    "branch",
    "customer",
    "covers",
    "covered",
    "coverage",
    "interact",
    "interacts",
    "interaction",
    "safe",
    "ok",
    "okay",
    "cheaper",
    "available",
    "and",
    "or",
    "with",
    "anymore",
    "twice",
    "once",
    "daily",
    "pill",
    "packs",
    "pack",
    "box",
    "bottle",
    "prescription",
    "coupon",
    "disease",
];
