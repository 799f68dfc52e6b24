//! Numbers that states other than the United States and Britain give each person: for social insurance, taxes, or as such.
//!
//! Those with check digits or a shape of their own are known without a cue; the others need the name that their country has for them, in
//! its language or in English, and are read as codes (`codes.rs`).

use super::checksums::{ahv, dni, hetu, nir, rrn};
use super::pattern::{Family, Needs, Pattern};
use crate::privacy::kind::IdentifierKind::Id;
use crate::privacy::sense::Sense;

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Id),
            "aadhaar, aadhar, pan card, curp, rfc, número de nie, mi nie, número de dni, mi dni, cpf, ehic, personal number, pps number, ppsn, personnummer, \
         ahv, ahv number, ahv-nummer, avs, numéro avs, numero avs, sozialversicherungsnummer, rentenversicherungsnummer, sv-nummer, \
         versicherungsnummer, versichertennummer, krankenversichertennummer, steuer-id, steueridentifikationsnummer, steuernummer, \
         personalausweis, ausweisnummer, numéro de sécurité sociale, numero de securite sociale, sécurité sociale, securite sociale, \
         numéro de sécu, numero de secu, carte vitale, numéro national, nss, número de afiliación, registre national, rijksregisternummer, bsn, \
         burgerservicenummer, codice fiscale, tessera sanitaria, partita iva, nif, nuss, número de la seguridad social, \
         tarjeta sanitaria, cédula, cedula, cartão de cidadão, número de utente, pesel, rodné číslo, rodne cislo, egn, \
         cnp, jmbg, oib, amka, henkilötunnus, hetu, cpr, cpr-nummer, cpr number, fødselsnummer, fodselsnummer, kennitala, tfn, \
         tax file number, nhi, nhi number, ird number, nric, fin number, mykad, emirates id, tc kimlik, kimlik no, t.c., ИНН, инн, СНИЛС, снилс, \
         身份证, 身份证号, 身份证号码, マイナンバー, 주민등록번호, 주민번호",
        ),
        (
            // In Polish "dni" are days, and "nie" is no, as in German it is never.
            Sense::Suggests(Id),
            "dni",
        ),
    ],
    patterns: &[
        Pattern {
            name: "swiss_ahv_number",
            kind: Id,
            shape: r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}",
            needs: Needs::Digits(13),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Id],
            valid: ahv,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "french_social_security_number",
            kind: Id,
            shape: r"[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d[0-9ab] ?\d{3} ?\d{3} ?\d{2}",
            needs: Needs::Digits(14),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Id],
            valid: nir,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "belgian_national_number",
            kind: Id,
            shape: r"\d{2}\.\d{2}\.\d{2}[- ]\d{3}[. ]\d{2}",
            needs: Needs::Digits(11),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.6,
            cues: &[Id],
            valid: rrn,
            ..Pattern::DEFAULT
        },
        // A letter for each month, and digits that a letter may stand for where two people would have the same code.
        Pattern {
            name: "italian_fiscal_code",
            kind: Id,
            shape: r"[a-z]{6}[0-9lmnp-v]{2}[a-ehlmprst][0-9lmnp-v]{2}[a-z][0-9lmnp-v]{3}[a-z]",
            needs: Needs::Mixed(16),
            bare: 0.8,
            confirmed: 0.95,
            denied: 0.8,
            cues: &[Id],
            valid: |text| text.bytes().filter(u8::is_ascii_digit).count() >= 4,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "spanish_identity_number",
            kind: Id,
            shape: r"(?:\d{8}|[xyz][- ]?\d{7})[- ]?[a-hj-np-tv-z]",
            needs: Needs::Digits(7),
            bare: 0.6,
            confirmed: 0.95,
            cues: &[Id],
            valid: dni,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "finnish_identity_code",
            kind: Id,
            shape: r"[0-3]\d[01]\d{3}[-+a-fu-y]\d{3}[0-9a-fhj-npr-y]",
            needs: Needs::Digits(9),
            bare: 0.6,
            confirmed: 0.95,
            cues: &[Id],
            valid: hetu,
            ..Pattern::DEFAULT
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn numbers_of_other_states_are_known_by_check_digits_shape_or_their_name() {
        let redactor = Redactor::new();
        for (text, number) in [
            ("here it is: 756.9217.0769.85 thanks", "0769"),
            ("numéro AVS 756 9217 0769 85", "0769"),
            ("1 85 05 78 006 084 91 c'est mon numéro", "084"),
            ("185052A00608435 et rien ne marche", "00608"),
            ("85.07.30-033.28 staat op mijn pas", "033"),
            ("il mio è RSSMRA85T10A562S", "RSSMRA"),
            ("12345678Z es el mío", "12345678"),
            ("X1234567L es el mío", "1234567"),
            ("131052-308T on oikein", "308T"),
            ("my BSN is 111222333", "111222333"),
            ("burgerservicenummer 111222333", "111222333"),
            ("PESEL 44051401359", "4405"),
            ("meine Sozialversicherungsnummer ist 65 170839 J 003", "170839"),
            ("CPR 070761-4285", "4285"),
            ("NHI ZAC5361", "ZAC"),
            ("my TFN is 123 456 782", "456"),
            ("身份证号码11010519491231002X", "1949"),
            ("мой СНИЛС 112-233-445 95", "233"),
            ("Patientennummer 4829137", "4829137"),
            ("n° de dossier 4829137", "4829137"),
            ("Rezeptnummer 7281193-02", "7281193"),
            ("ordonnance n° 7281193", "7281193"),
            ("receta 7281193", "7281193"),
            ("número de póliza 88-2910-44", "2910"),
            ("Kontonummer 532013000 BLZ 37040044", "532013000"),
            ("BLZ 37040044", "37040044"),
            ("Prüfziffer 737 auf der Karte", "737"),
            ("Kennzeichen M-AB 1234", "1234"),
            ("mein Passwort ist Sonnenblume99!", "Sonnenblume"),
            ("la contraseña es girasol99", "girasol"),
            ("Authorization: Bearer abcdef0123456789abcdef", "abcdef"),
            ("okafor arobase exemple point fr", "okafor"),
            ("okafor chiocciola esempio punto it", "okafor"),
            ("Postfach 10 23 45, 50667 Köln", "23"),
            ("wohne in der Goethestraße 5a", "5a"),
            ("Keizersgracht 123, 1015 CJ Amsterdam", "1015"),
            ("ich bin 93 Jahre alt", "93"),
            ("j'ai 94 ans", "94"),
            ("mein Benutzername ist okafor88", "okafor"),
            ("mi usuario es okafor88", "okafor"),
            ("Nachname Unterweger, Vorname Gottlieb", "Unterweger"),
            ("Cognome: Scognamiglio", "Scognamiglio"),
            ("Achternaam: Hoekstra", "Hoekstra"),
            ("mein Paket soll nach 50667 Köln", "50667"),
            // Streets and postal codes.
            ("Envíen el paquete a C/ Alcalá 45, 28014 Madrid", "45"),
            ("mi direccion nueva: calle los olivos 33", "33"),
            ("vivo en Camino Viejo 7, 18008 Granada", "Viejo"),
            ("3 impasse des Mimosas, 13008 Marseille", "Mimosas"),
            ("Abito in via dei Mille 8", "Mille"),
            ("Spedite a Piazza Dante 3, 50122 Firenze", "50122"),
            ("Corso Vittorio Emanuele 45, 10128 Torino", "45"),
            ("Rua das Acácias 120, apto 32", "32"),
            ("Avenida da Liberdade 45, 1250-142 Lisboa", "142"),
            ("CEP 01310-100", "01310"),
            ("Straße des 17. Juni 135, 10623 Berlin", "135"),
            ("Am Alten Markt 7, 24103 Kiel", "Markt"),
            ("Oude Gracht 12, 3511 AL Utrecht", "3511"),
            ("Postcode 3512 PG", "3512"),
            ("ul. Kwiatowa 12/5, 00-950 Warszawa", "950"),
            ("kod pocztowy 31-610", "610"),
            ("Atatürk Mah. Çiçek Sok. No 8, 06100 Ankara", "Çiçek"),
            ("Adresim: Bağdat Caddesi No: 123 Daire 4", "123"),
            // Telephones.
            ("Sie erreichen mich unter der Nummer 030/23125002", "23125002"),
            ("Cordialement\n06 39 98 01 77", "98"),
            ("0532 555 01 42 numaram", "555"),
            ("liga pra mim no 11 955550142", "955550142"),
            (
                "null eins fünf eins zwei drei vier fünf sechs sieben acht",
                "sechs",
            ),
            (
                "zéro six trente-neuf quatre-vingt-dix-huit zéro un quarante-deux",
                "trente",
            ),
            (
                "il mio numero è tre tre tre cinque cinque cinque zero uno quattro due",
                "cinque",
            ),
            (
                "meu número é um um nove cinco cinco cinco cinco zero um quatro dois",
                "nove",
            ),
            (
                "mijn nummer is nul zes een twee drie vier vijf zes zeven acht",
                "zes",
            ),
            (
                "mój numer to sześć zero zero pięć pięć pięć zero jeden cztery dwa",
                "sześć",
            ),
            ("numaram sıfır beş üç iki beş beş beş sıfır bir dört iki", "üç"),
            // Dates of birth.
            ("Mi hija nació el 14/05/2017", "14/05"),
            ("nasceu a 14/05/2017 e tem febre", "14/05"),
            ("ur. 14.05.2017, ma gorączkę", "14.05"),
            ("urodzony 3 czerwca 1962", "1962"),
            ("3 Haziran 1962 doğumluyum", "Haziran"),
            ("Je suis né le 1er mars 1948", "1er"),
            // What else names its number.
            ("Meine Kreditkarte 4111 1111 1111 1111 gültig bis 09/27", "09/27"),
            ("mein passwort war Sommer2024!", "Sommer"),
            ("moje hasło to slonecznik99", "slonecznik"),
            ("şifrem aycicegi99", "aycicegi"),
            ("meu usuário é okafor_88", "okafor"),
            ("Ricetta n. 7281193", "7281193"),
            ("Recepta nr 7281193", "7281193"),
            ("Receita 7281193", "7281193"),
            ("meu email é okafor arroba exemplo ponto com ponto br", "okafor"),
            ("mijn mail is okafor apenstaartje voorbeeld punt nl", "okafor"),
            ("RFC VIGE750423AB1", "750423"),
            ("NSS 12 34 56 7890 1", "7890"),
        ] {
            let redacted = redactor.redact(text).text;
            assert!(!redacted.as_str().contains(number), "{redacted}");
        }
        for text in [
            "order 12345678A is late",
            "lot 131052-308K of the drops",
            "ref 85.07.30-033.29 on the box",
            "EAN 7569217076986 on the box",
            "Rezept eingereicht, Bestellung 66115 fehlt",
            "Mi hanno dato Augmentin",
            "seit 95 Tagen habe ich Atemnot",
            "Votre ordonnance est partie, commande 66115 ?",
            "la receta ya está, pedido 66115 no llegó",
            // In Polish "nie" is no and "dni" are days; in German "nie" is never.
            "od 14 dni czekam, zamówienie 66115",
            "nie dostałem zamówienia 66115",
            "ich habe Bestellung 4482917 nie erhalten",
            // The number of a customer is not the customer's name, and the workflow needs it.
            "número de cliente 4471029",
            "Kundennummer 4471029",
            "Tabletten gültig bis 09/27, mit Karte bezahlt",
            "zwei drei Tabletten fehlen",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
    }
}
