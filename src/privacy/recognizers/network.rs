//! Identities on networks: e-mail addresses (plain, Unicode, obfuscated, spoken), IP and MAC addresses, URLs.
//!
//! A URL is masked whole when it can lead to a person: it carries a query, a user, an identity-like path or an unknown
//! host; a bare shop or help page stays readable.

use super::pattern::{Family, Needs, Pattern, Place};
use crate::privacy::kind::IdentifierKind::{Email, Ip, Mac, Url};
use crate::privacy::sense::Sense;

fn ipv4(text: &str) -> bool {
    text.split('.').all(|part| {
        part.trim_matches([' ', '[', ']', '(', ')'])
            .parse::<u16>()
            .is_ok_and(|octet| octet < 256)
    })
}

/// Whether it parses as an address: no regular expression knows where `::` may stand.
fn ipv6(text: &str) -> bool {
    let bare = text
        .split(['%', '/'])
        .next()
        .unwrap_or(text)
        .trim_matches(['[', ']']);
    bare.parse::<std::net::Ipv6Addr>().is_ok() && bare.bytes().filter(u8::is_ascii_hexdigit).count() > 2
}

/// Whether a URL says something about a person: user part, query with a value, or a path with digits, `~`, `@` or a
/// telling word.
fn personal_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase().replace(['[', ']', '(', ')'], "");
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    const TELLING: &[&str] = &[
        "user",
        "profile",
        "patient",
        "account",
        "member",
        "people",
        "person",
        "/in/",
        "@",
        "~",
        "me/",
        "id=",
        "name",
        "email",
        "token",
        "records",
        "portal",
        "photo",
        "share",
        "invite",
        "reset",
        "session",
        "u/",
        "customer",
        "avatar",
        "caregiver",
        "team/",
        "staff/",
        "/bio",
        "/about/",
        "doctor",
        "report",
    ];
    const SOCIAL: &[&str] = &[
        "facebook.",
        "fb.",
        "instagram.",
        "linkedin.",
        "twitter.",
        "x.com",
        "tiktok.",
        "venmo.",
        "github.",
        "youtube.",
        "paypal.me",
        "reddit.",
        "snapchat.",
        "t.me",
        "wa.me",
        "medium.",
        "calendly.",
        "gofundme.",
        "caringbridge.",
        "patreon.",
        "twitch.",
        "soundcloud.",
        "etsy.",
        "zoom.us",
        "onedrive.",
        "sharepoint.",
        "strava.",
        "bsky.",
        "mastodon.",
        "whatsapp.",
        "drive.google",
        "photos.",
        "dropbox.",
        "flickr.",
        "imgur.",
        "pinterest.",
        "myspace.",
        "cash.app",
        "linktr.ee",
        "threads.",
        "goo.gl",
        "icloud.",
    ];
    // "/r/f8a7b6c5d4e3f2a1b0": a token.
    let is_token = |segment: &str| {
        segment.len() >= 16
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && segment.bytes().filter(u8::is_ascii_digit).count() >= 4
            && segment.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    host.contains('@')
        || path.split(['/', '?', '#']).any(is_token)
        || (lower.contains('?') && lower.contains('='))
        || (!path.is_empty()
            && (SOCIAL.iter().any(|s| host.contains(s)) || TELLING.iter().any(|t| rest.contains(t))))
        || [
            "wordpress.",
            "blogspot.",
            "tumblr.",
            "wixsite.",
            "substack.",
            "github.io",
            "weebly.",
            "squarespace.",
        ]
        .iter()
        .any(|t| host.contains(t))
        || ["blog", "mychart", "patient", "portal", "my.", "personal"]
            .iter()
            .any(|t| host.starts_with(t))
}

pub(super) static FAMILY: Family = Family {
    cues: &[
        (
            Sense::Confirms(Email),
            "email, e-mail, email address, email is, mail me, email me at, email me, e mail, mail address, \
             gmail, emailed, correo, mi correo es, correo es, my email is, write me at, mail is, meu email é, e-mail é, email é, email es, mi \
             email es, mail to, mój mail to, mail ist, mail is",
        ),
        (
            Sense::At,
            "at, arroba, arobase, klammeraffe, chiocciola, apenstaartje, małpa",
        ),
        (Sense::Slash, "slash"),
        (
            Sense::Confirms(Ip),
            "ip, ip address, ipv4, ipv6, ip addr, from ip, my ip, client ip, remote addr, ipaddress",
        ),
        (
            Sense::Confirms(Mac),
            "mac, mac address, hardware address, wifi address, bluetooth address, ethernet address, mac addr",
        ),
        (
            Sense::Confirms(Url),
            "website, my site, my page, my blog, profile, my profile, link, url, portfolio, homepage, web \
             page, my website, site is",
        ),
    ],
    patterns: &[
        Pattern {
            name: "email",
            kind: Email,
            shape: r#"(?:mailto:)?((?:"[^"\s@]+"|[a-z0-9_\x{80}-\x{10FFFF}][a-z0-9\x{80}-\x{10FFFF}!#$%&'*+^_~.-]*)@(?:[a-z0-9\x{80}-\x{10FFFF}](?:[a-z0-9\x{80}-\x{10FFFF}-]*[a-z0-9\x{80}-\x{10FFFF}])?\.)+[a-z0-9\x{80}-\x{10FFFF}]{2,}|[a-z0-9\x{80}-\x{10FFFF}._%+'-]+@\[?\d{1,3}(?:\.\d{1,3}){3}\]?)"#,
            needs: Needs::AtSign,
            place: Place::Unbounded,
            bare: 0.95,
            confirmed: 0.98,
            denied: 0.95,
            cues: &[Email],
            ..Pattern::DEFAULT
        },
        // "sara.lind#gmail.com"
        Pattern {
            name: "email_with_hash",
            kind: Email,
            shape: r"[a-z0-9][a-z0-9._%+-]{1,40} ?# ?(?:gmail|yahoo|hotmail|outlook|icloud|aol|live|msn|gmx|web|me|mail|ymail|proton|protonmail|comcast|verizon|fastmail)\.(?:com|net|org|de|fr|es|it|ca|me|co\.uk)\b",
            needs: Needs::HashSign,
            bare: 0.8,
            confirmed: 0.9,
            denied: 0.8,
            cues: &[Email],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "email_spaced",
            kind: Email,
            shape: r"[a-z0-9\x{80}-\x{10FFFF}._%+'-]+(?: ?(?:\.|_) ?[a-z0-9\x{80}-\x{10FFFF}_%+'-]+){0,4} ?@ ?[a-z0-9\x{80}-\x{10FFFF}-]+(?: ?(?:\.| dot |\(dot\)|\[dot\]) ?[a-z0-9-]+)*? ?(?:\.| dot |\(dot\)|\[dot\]|,) ?(?:com|net|org|edu|gov|co\.uk|co|us|uk|ca|de|fr|io|me|info|biz)\b|[a-z0-9\x{80}-\x{10FFFF}._%+'-]+@[a-z0-9\x{80}-\x{10FFFF}-]+(?: dot | ?\(dot\) ?| ?\[dot\] ?)[a-z]{2,6}\b",
            needs: Needs::AtSign,
            place: Place::Unbounded,
            bare: 0.85,
            confirmed: 0.9,
            denied: 0.85,
            cues: &[Email],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "email_incomplete",
            kind: Email,
            shape: r"[a-z0-9\x{80}-\x{10FFFF}._%+'-]{2,}@[a-z0-9\x{80}-\x{10FFFF}-]{2,}",
            needs: Needs::AtSign,
            place: Place::Unbounded,
            bare: 0.7,
            confirmed: 0.8,
            denied: 0.7,
            cues: &[Email],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "ipv4",
            kind: Ip,
            shape: r"\d{1,3}(?: ?\[?\(?\. ?\)?\]? ?\d{1,3}){3}(?:/\d{1,2}|:\d{1,5})?",
            needs: Needs::Dots(3),
            bare: 0.85,
            confirmed: 0.95,
            denied: 0.0,
            cues: &[Ip],
            valid: |text| ipv4(text.split([':', '/']).next().unwrap_or(text)),
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "ipv4_spoken",
            kind: Ip,
            shape: r"\d{1,3}(?: (?:dot|point|period) \d{1,3}){3}",
            needs: Needs::CueAndDigits(4),
            bare: 0.85,
            confirmed: 0.95,
            cues: &[Ip],
            valid: |text| {
                text.split(|c: char| !c.is_ascii_digit())
                    .filter(|part| !part.is_empty())
                    .all(|part| part.parse::<u16>().is_ok_and(|octet| octet < 256))
            },
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "ipv6",
            kind: Ip,
            shape: r"[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}(?:\.\d{1,3}){0,3}(?:%[a-z0-9]{1,15})?(?:/\d{1,3})?",
            needs: Needs::Colons(2),
            place: Place::Anywhere,
            bare: 0.9,
            confirmed: 0.95,
            denied: 0.9,
            cues: &[Ip],
            valid: ipv6,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "mac_address",
            kind: Mac,
            shape: r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}",
            needs: Needs::Mixed(4),
            bare: 0.9,
            confirmed: 0.95,
            denied: 0.7,
            cues: &[Mac],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "mac_labelled",
            kind: Mac,
            shape: r"[0-9a-f]{12}|[0-9a-f]{2}(?: [0-9a-f]{2}){5}",
            needs: Needs::CueAndDigits(1),
            confirmed: 0.9,
            cues: &[Mac, Ip],
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "url_personal",
            kind: Url,
            shape: r#"(?:(?:https?|ftp|hxxps?)://|www\.)[^\s<>"]*[^\s<>"\].,;:!?')]|(?:[a-z0-9-]+\[?\.\]?)+(?:com|org|net|me|ee|app|io|gl|co|edu|uk)/[^\s<>"\]]*[^\s<>"\].,;:!?')]"#,
            needs: Needs::Address,
            place: Place::Unbounded,
            bare: 0.85,
            confirmed: 0.9,
            denied: 0.85,
            cues: &[Url],
            valid: personal_url,
            ..Pattern::DEFAULT
        },
        Pattern {
            name: "url_spoken",
            kind: Url,
            shape: r"(?:www dot )?[a-z0-9-]+(?: dot |\[\.\]|\[dot\])(?:com|net|org|me|ee|io|co)(?: (?:forward )?slash |/)[a-z0-9._-]+(?: (?:dot|slash|dash|underscore|hyphen) [a-z0-9]+)*(?: [a-z]+)?",
            needs: Needs::Address,
            place: Place::Unbounded,
            bare: 0.8,
            confirmed: 0.9,
            denied: 0.8,
            cues: &[Url],
            ..Pattern::DEFAULT
        },
    ],
};
