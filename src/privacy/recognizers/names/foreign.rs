//! What keeps ordinary words of other languages apart from the names that they are in the lists: "dolores de cabeza", "der Magen tut weh",
//! "karın ağrısı", "la pastilla blanca".
//!
//! The lists of names are of all the world, and half of them are words somewhere. Written in lower case, or as German writes its nouns, such a
//! word is let go where the text speaks its language, told by small words that no English text has; beside "my name is", a title or a
//! surname it stays a name. Only a word that would be masked is looked up, so that other texts cost nothing.

use std::sync::LazyLock;

use super::super::words::{WordSet, word_set};
use super::word::{Word, word_at, word_before};
use crate::privacy::normalise::View;

/// A language, as far as names have to be told from its words.
struct Language {
    /// Small words that stand in most of its texts and in hardly any English one.
    telling: WordSet,
    /// Words that the lists have as given names and that nobody bears in this language.
    small: WordSet,
    /// The same, of words that people bear as well: a name beside a person's cue, otherwise a colour, a pain, a month.
    borne: WordSet,
}

/// The words of a list, as a text is read: a Turkish ı is an i there.
fn as_read(words: &str) -> WordSet {
    word_set(View::fold(words).text())
}

/// German nouns that are given names or towns elsewhere.
static NOUNS: LazyLock<WordSet> = LazyLock::new(|| {
    word_set(
        "boote bord eimer essen ferne gabel helle lage leiden magen melodie mitte mord morgen perle rad rand regen saal sommer sterne tage tod \
         wald wille",
    )
});

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    let language = |telling: &str, small: &str, borne: &str| Language {
        telling: as_read(telling),
        small: as_read(small),
        borne: as_read(borne),
    };
    vec![
        // German.
        language(
            "ich habe hab und mit nehmen zwischen doch nicht mir mich mein meine meinem meinen meiner seit bitte wann kann nach vielen wurde sind ist eine einen einem einer auf \
             für das der beim zum zur vom haben warum gibt wie wer sehr auch schon noch oder aber weil wenn weh sich sie wir ihr statt",
            "allen anders beste boote davon davor darin döner eimer einer ferne fügen griff harmonie kader leider magen mathe melodie morgen \
             nachname perle regen reine solange sterne tage vorname wilden wille",
            "ernst prima rosa",
        ),
        // Spanish.
        language(
            "que el los las la una mi mis para por tengo muy más está están esta cuando porque del duele tiene desde hace es lo un cabeza fiebre \
             pastilla pastillas puedo estoy tomar llegó",
            "toma tomas tomo tomó uso buena casar charla cielo cinta corazon dejan gusta gustas hasta inocencia justa justas justo linea mato meta mira nada nombre \
             nombres patria pero querida quinta reino segun segundo sirena tenis terra tierra tomé verla vivan amargo apellido apellidos calla \
             delicia harto refugio remedios",
            "abril blanca celeste clara cristal dolores domingo dulce esperanza milagro norma rosa rubia vera violeta",
        ),
        // French.
        language(
            "je et les une pas avec vous nous depuis que sur du au ce cette dans prends un suis votre elle mon le la à",
            "alias amie avis celle celles chante colline demi deviner fleur lois maire maison malle maman mamie marge mari merci mette mignon \
             mille nombre nombres perle pierre prénom reine sauveur selle signe ville",
            "avril blanche claire jolie noël urbain",
        ),
        // Italian.
        language(
            "che ho mio mia della del dalla nel dopo è sono gli questo anche il la le un posso prendere buona",
            "prendo uso alla amara amico amata benvenuto carri cari cielo cognome colline danni donna estera esteri fonda giusto gusti letti linea lotta luce \
             manca massimo merci meta mette mille nella nelle nome nona nonna palle panini patria pelle pero pietra prima quinta resi retta salvi \
             segundo sella stanca terra terza valida vere veda",
            "bianca cara celeste chiara domenica fiamma norma regina rosa stella vera",
        ),
        // Portuguese.
        language(
            "que não nao sou meu minha estou para é está tem foi eu muito mais ao posso tomar tenho ontem xarope comprimido",
            "adora amargo analisa bancar barris casar corri demi farra harmonia janela junho justa linha mato meta mira nada nessa nesta \
             querida quinta reino segundo senta terra",
            "abril bela cara celeste clara cristal domingo rosa socorro vera violeta",
        ),
        // Dutch.
        language(
            "ik het een niet mijn heb voor dat hoe geen nog bij naar ook maar zijn krijg de van",
            "achternaam adem alleen anders beste branden elke gaven hal kader kent keren leider mei missie morgen prima raden versie \
             voornaam wilden",
            "lieve rosa",
        ),
        // Polish.
        language(
            "nie się jest mam czy moja mój mnie przez że jak boli dla",
            "dana dane dania danie dawna drugi inna jakie jasna macie mamie marcu nada normy sam sami stan tenis tobie",
            "maja",
        ),
        // Turkish.
        language(
            "bir ve için bu ile benim çok gibi ağrısı ağrım oldu kadar sonra değil bana iyi yok",
            "adına adım alan aldın alma alması amaç artan aydan baktı bayanı beyler bina damar daire değer delil diken diyor döner eden \
             elden eli eline elma eşim enfes geri gerek günaydın günden gündüz hal hasta hattı hayali hayret hazine ilk ismim işin \
             kalanı kalbi karın karı karım katı kata kenarı kimya kırk kıran liman maddi malını milli nihai oran ortak özel rahat sadaka sancak sayın \
             seçme söyler tamam tasvir ülke uygun üstün veda verim yan yatan yatın yazan yeni yeşil zaman",
            "bayram kader kurt",
        ),
    ]
});

/// How many telling words make a text one of another language, where nothing else speaks for it.
const TELLING: usize = 2;

/// The words in lower case, for "El Paso", "IL" and "PO" are English.
fn small_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphabetic() && c != '\'')
        .filter(|word| word.starts_with(char::is_lowercase))
}

/// Whether a text is in one of these languages.
pub(in super::super) fn is_foreign(text: &str) -> bool {
    let mut told = vec![0; LANGUAGES.len()];
    small_words(text).any(|word| {
        LANGUAGES.iter().zip(&mut told).any(|(language, told)| {
            *told += usize::from(language.telling.contains(word));
            *told == TELLING
        })
    })
}

impl Language {
    fn speaks_in(&self, text: &str, but: &str) -> bool {
        small_words(text).any(|word| word != but && self.telling.contains(word))
    }
}

/// "Tomo Eutirox 75": I take it, in Spanish, where what follows is nobody's surname.
fn is_taken(text: &str, word: Word<'_>) -> bool {
    word.is(&["tomo", "toma", "tomé", "tomó", "tome"])
        && text[word.end..].starts_with(' ')
        && word_at(text, word.end + 1).is_some_and(|next| {
            !next.surname() && !next.may_be_given() && !next.initial() && !next.particle()
        })
}

/// Whether `word`, which the lists have as a given name, is in this text a word that nobody is called by: in lower case, or where a sentence
/// begins.
pub(super) fn is_small_word(text: &str, word: Word<'_>) -> bool {
    let begins = || {
        let before = text[..word.start].trim_end_matches([' ', '"']);
        // "Mrs. Hal": what ends there is no sentence.
        let abbreviated =
            |sentence: &str| word_before(text, sentence.len()).is_none_or(|last| last.text.len() < 4);
        before.is_empty()
            || before.ends_with(['!', '?', '\n', '¿', '¡'])
            || before
                .strip_suffix('.')
                .is_some_and(|sentence| !abbreviated(sentence))
    };
    let written_small = || word.text.starts_with(char::is_lowercase) || begins();
    (LANGUAGES
        .iter()
        .any(|language| language.small.contains(word.text) && language.speaks_in(text, word.text))
        || is_taken(text, word))
        && written_small()
}

/// Whether `word`, which the lists have as a given name or a town, is an ordinary word in this text, where no cue of a person stands beside it.
pub(in super::super) fn is_ordinary_word(text: &str, word: Word<'_>) -> bool {
    if is_small_word(text, word) {
        return true;
    }
    if word.text.starts_with(char::is_lowercase) {
        return LANGUAGES
            .iter()
            .any(|language| language.borne.contains(word.text) && language.speaks_in(text, word.text));
    }
    // "in Essen" is a town, "nach dem Essen" a meal.
    let leads = |before: Word<'_>| before.is(&["in", "nach", "aus", "von", "bei"]);
    NOUNS.contains(word.text)
        && LANGUAGES
            .first()
            .is_some_and(|german| german.speaks_in(text, word.text))
        && !text[..word.start]
            .strip_suffix(' ')
            .and_then(|before| word_before(text, before.len()))
            .is_some_and(leads)
}

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn words_of_other_languages_that_are_names_elsewhere_stay() {
        let redactor = Redactor::new();
        for text in [
            // A report must not lose its symptom.
            "tengo dolores de cabeza desde ayer",
            "Der Magen tut weh seit gestern",
            "karın ağrısı ve mide bulantısı var",
            "mi abuela esta inconsciente y respira raro",
            "mi abuelita tomo doble dosis de la digoxina hoy",
            "annem sabah hapını aldı",
            "niech pani powie co robić",
            "è mia suocera che prende il sintrom",
            "Meine Schwester (Epilepsie) krampft",
            "ho un dolore alla pancia e alla schiena",
            "elle a la langue blanche",
            "krijg geen adem na de pil",
            // Nor what it took.
            "La pastilla blanca es más grande que la rosa",
            "la compressa bianca è rotta",
            "Die Tabletten sehen anders aus, rosa statt weiß",
            "drei Tage nach dem Essen",
            "Sou alérgica e nada funciona com o xarope",
            "sono allergica alla penicillina",
            "la ville est loin et mon mari a mal",
            "muchas gracias, feliz domingo, pero no llegó el pedido",
            "ne zaman gelir bu sipariş",
            "jakie tabletki mam brać, nie wiem",
            "Eşim hamile ve yanlış hapı aldı",
            // What is said of somebody, and to whom.
            "Dice que la señora dijo que no llegó",
            "die Frau kommt und holt die Tabletten",
            "Madame voulait savoir où est le colis",
            "Doutor, posso beber com esse remédio?",
            "Mein Sohn: Fieber seit gestern",
            "Viele Grüße",
            "Nombre del medicamento: Metformina 850 mg",
            "Estou grávida, posso tomar Dipirona com Ibuprofeno?",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
        for (text, name) in [
            // Beside one of the family, a title, a parcel, a greeting.
            ("Mein Bruder Tjark hat Luftnot", "Tjark"),
            ("mi tía Chole se desmayó", "Chole"),
            ("Minha sogra Neide passou mal", "Neide"),
            ("Moja córka Zuzanna połknęła tabletki", "Zuzanna"),
            ("Mijn schoonmoeder Truus is duizelig", "Truus"),
            ("Babaannem Hayriye düştü", "Hayriye"),
            ("Docteur Lamarque a dit d'arrêter", "Lamarque"),
            ("Dokter Vandersteen schreef het voor", "Vandersteen"),
            ("O doutor Epaminondas Teles receitou", "Teles"),
            ("Gentile signor Bevilacqua, la ringrazio", "Bevilacqua"),
            ("Pani Gawrońska odebrała paczkę", "Gawrońska"),
            ("Paket für Okonjo wurde nicht geliefert", "Okonjo"),
            ("Au nom de Pélagie N'Guessan", "Guessan"),
            ("Mio figlio si chiama Tancredi Lombardozzi", "Lombardozzi"),
            ("Un saludo, Begoña", "Begoña"),
            ("Merci d'avance, Firmin", "Firmin"),
            ("Mvg,\nB. van den Heuvel", "Heuvel"),
            ("me llamo alma y tengo fiebre", "alma"),
            ("mi hija blanca tiene fiebre", "blanca"),
            ("mi hijo mateo tiene fiebre", "mateo"),
            ("hier ist die praxis doktor hennig", "hennig"),
            ("ze heet mevrouw van der aa en woont daar", "der aa"),
            ("da steht herr wolfgang peters", "peters"),
            ("me casé, mi apellido ya es Urrutia", "Urrutia"),
            ("mi mamá dolores no puede dormir", "dolores"),
            ("soy rosa, tengo fiebre", "rosa"),
            ("dolores garcia no tiene su receta", "dolores garcia"),
            ("ich wohne in Essen", "Essen"),
            // An English text has no such words.
            ("dolores has a headache", "dolores"),
            ("rosa needs her pills", "rosa"),
            ("sam never came", "sam"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains(name), "{redacted}");
        }
    }
}
