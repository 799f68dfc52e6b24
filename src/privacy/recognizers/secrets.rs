//! User names and secrets that people type into a chat although nobody asked: passwords, PINs, API keys.

use super::pattern::{Family, Needs, Pattern, Place};
use super::words::is_common;
use crate::privacy::kind::IdentifierKind::{Credential, Username};
use crate::privacy::sense::Sense;

/// Longer than any word that people say of a password ("unrecognisable"), in bytes.
const LONGER_THAN_WORDS: usize = 16;

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Credential),
            "verification code, 2fa code, sms code, auth code, authentication code, code you texted me, code you texted us, code you sent me, \
             código de verificación, código de verificação, code de vérification, codice di verifica, bestätigungscode, verificatiecode, \
             kod weryfikacyjny, clave, creds, credentials, password i use, password i used, pw, pass:, pass is, my pass, pass =, wifi pass, password, passwd, pwd, passcode, pass code, pin number, pin code, pin is, otp, one \
             time code, one-time code, security answer, api key, pass phrase, passphrase, my pin, gate code, door code, alarm code, access code, entry code, unlock code, lockbox code, garage code, buzzer code, entrance code, building code, apartment code, elevator code, keypad code, intercom code, \
             call box code, front door code, safe code, key code, buzz code, buzzer, login code, \
             wifi password, wi-fi password, code for the gate, code to the gate, code for our gate, code to our gate, code for the door, code to the \
             door, code for the building, code to the building, code to our building, code for our building, code for the lobby, code for the lobby door, \
             code for the front door, code for the front gate, code for the side gate, lobby code, lockbox, lock box, keypad, garage keypad, gate keypad, \
             door keypad, gate pin, security word, memorable word, \
             contraseña, contrasena, passwort, kennwort, mot de passe, senha, wachtwoord, parola d'ordine, hasło, şifre, şifrem, bearer",
        ),
        (
            Sense::Confirms(Username),
            "username, user, user name, user id, userid, login, login is, login id, screen name, handle, my handle, \
             username is, instagram, twitter, snapchat, tiktok, venmo, cashapp, cash app, cashtag, zelle, paypal, skype, discord, my insta, login name, insta, ig, snap, insta handle, telegram, reddit, fb, facebook, messenger, signed in as, logged in as, my user, \
             benutzername, benutzerkennung, identifiant, nom d'utilisateur, nombre de usuario, usuario, nome utente, usuário, gebruikersnaam, nazwa użytkownika, kullanıcı adı, kullanıcı adım",
        ),
        (Sense::Suggests(Credential), "pin, secret, buzz, password hint"),
    ],
    patterns: &[
        Pattern {
            name: "password",
            kind: Credential,
            shape: r#"(?:'s)?(?: (?:is|was|to|:|=|it's|its|ist|war|lautet|est|était|es|è|e'|é|era|to)|[:=]|"? ?[:=])?(?:[ "']{1,2}|[:=]["']?)([^\s"',]{3,64}[^\s"',.!?;)])"#,
            needs: Needs::Cue,
            place: Place::AfterCue,
            confirmed: 0.75,
            cues: &[Credential],
            valid: |text| {
                text.bytes()
                    .any(|b| b.is_ascii_digit() || b.is_ascii_punctuation())
                    // "correcthorsebatterystaple": longer than what is said of a password, and no word.
                    || text.len() >= LONGER_THAN_WORDS && !is_common(text)
            },
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "password_spoken",
            kind: Credential,
            shape: r" (?:is|was|it's)(?: um| uh)? ((?:[a-z]+ ){1,3}(?:\d{1,6}|one|two|three|four|five|six|seven|eight|nine|zero|ten|eleven|twelve))\b",
            needs: Needs::Cue,
            place: Place::AfterCue,
            confirmed: 0.6,
            cues: &[Credential],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "pin",
            kind: Credential,
            shape: r"\d{4,8}|\d{3}[ -]\d{3}",
            needs: Needs::Digits(4),
            confirmed: 0.7,
            cues: &[Credential],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "username",
            kind: Username,
            shape: r#"(?: (?:is|was|:|=|it's|its|ist|lautet|est|es|è|é)|[:=]|"? ?[:=])?[ "']{1,2}((?:live:)?[@$]?[a-z][a-z0-9_.-]{2,40}[a-z0-9_](?:#\d{4})?)"#,
            needs: Needs::Cue,
            place: Place::AfterCue,
            confirmed: 0.7,
            cues: &[Username],
            valid: |text| {
                text.bytes()
                    .any(|b| b.is_ascii_digit() || matches!(b, b'_' | b'.' | b'@' | b'#' | b'$'))
                    // "rosa-parkhurst", and not "case-sensitive".
                    || text.contains('-') && text.split('-').any(|part| part.len() > 2 && !is_common(part))
            },
            ..Pattern::DEFAULT
        },
        // "k dog underscore 1984"
        Pattern {
            name: "username_spoken",
            kind: Username,
            shape: r"(?: is| was| it's|:)? ((?:[a-z0-9]{1,15} ){1,3}(?:underscore|dot|dash|hyphen|period)(?: [a-z0-9]{1,15}){1,3})\b",
            needs: Needs::Cue,
            place: Place::AfterCue,
            confirmed: 0.7,
            cues: &[Username],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "handle",
            kind: Username,
            shape: r"(?:^|[\s(,:])(@[a-z][a-z0-9_.-]{2,30}[a-z0-9_])",
            needs: Needs::AtSign,
            place: Place::Unbounded,
            bare: 0.6,
            confirmed: 0.8,
            denied: 0.6,
            cues: &[Username],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "api_key",
            kind: Credential,
            shape: r"(?-i)(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|AKIA[A-Z0-9]{16}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*",
            needs: Needs::Mixed(16),
            bare: 0.9,
            confirmed: 0.9,
            denied: 0.9,
            ..Pattern::DEFAULT
        },
    ],
};

#[cfg(test)]
mod tests {
    use crate::privacy::Redactor;

    #[test]
    fn codes_of_doors_and_long_passwords_are_masked() {
        let redactor = Redactor::new();
        for (text, redacted) in [
            (
                "lockbox 2290 on the railing",
                "lockbox [CREDENTIAL_REDACTED] on the railing",
            ),
            (
                "code for the lobby door is 5518",
                "code for the lobby door is [CREDENTIAL_REDACTED]",
            ),
            ("garage keypad 8841", "garage keypad [CREDENTIAL_REDACTED]"),
            (
                "the code to our building is #0417",
                "the code to our building is [CREDENTIAL_REDACTED]",
            ),
            ("buzz 0932 and come up", "buzz [CREDENTIAL_REDACTED] and come up"),
            ("pw: correcthorsebatterystaple", "pw: [CREDENTIAL_REDACTED]"),
            ("pw=hunter2", "pw=[CREDENTIAL_REDACTED]"),
            (
                "the code you texted me was 449201",
                "the code you texted me was [CREDENTIAL_REDACTED]",
            ),
            (
                "verification code G-449201",
                "verification code [CREDENTIAL_REDACTED]",
            ),
            ("2fa code 449 201", "2fa code [CREDENTIAL_REDACTED]"),
            (
                "Bestätigungscode 449201",
                "Bestätigungscode [CREDENTIAL_REDACTED]",
            ),
            ("clave: gatito123", "clave: [CREDENTIAL_REDACTED]"),
            ("creds ottilie84:Sommer!24", "creds [CREDENTIAL_REDACTED]"),
            (
                "the password I use is hunter2 all lower case",
                "the password I use is [CREDENTIAL_REDACTED] all lower case",
            ),
            ("venmo me at @quill-p-88", "venmo me at [USERNAME_REDACTED]"),
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), redacted);
        }
        for text in [
            "my password is unrecognisable",
            "password: forgotten",
            "the verification code never came for order 449201",
            "the code you texted me did not work",
            "promo code SAVE20",
            "the keypad is broken",
        ] {
            assert_eq!(redactor.redact(text).text.as_str(), text);
        }
    }
}
