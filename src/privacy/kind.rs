//! The kinds of identifier that are masked, and the name each wears in a placeholder.
//!
//! The list follows the eighteen identifiers of HIPAA's Safe Harbor method (45 CFR 164.514(b)(2)), split where a reader
//! of a redacted text gains from knowing more (a card's security code is not its number).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident => $label:literal,)+) => {
        /// What an identifier is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum IdentifierKind { $($(#[doc = $doc])+ $variant,)+ }

        impl IdentifierKind {
            /// Every kind, in the order in which they are listed.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The kind's one spelling in placeholders, spans and on the command line, such as `SSN`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// What replaces an identifier of this kind, such as `[SSN_REDACTED]`.
            #[must_use]
            pub const fn placeholder(self) -> &'static str {
                match self { $(Self::$variant => concat!("[", $label, "_REDACTED]"),)+ }
            }
        }
    };
}

kinds! {
    /// A person's name.
    Name => "NAME",
    /// A street address or post box.
    Address => "ADDRESS",
    /// A postal code or a town that says where a person lives.
    Location => "LOCATION",
    /// A date of birth.
    Dob => "DOB",
    /// Another date tied to a person: admission, discharge, death.
    Date => "DATE",
    /// An age of 90 or more.
    Age => "AGE",
    /// A telephone number.
    Phone => "PHONE",
    /// A fax number.
    Fax => "FAX",
    /// An e-mail address.
    Email => "EMAIL",
    /// A U.S. social security number, or its last digits.
    Ssn => "SSN",
    /// A U.S. individual taxpayer identification number.
    Itin => "ITIN",
    /// A medical record number.
    Mrn => "MRN",
    /// A health plan's member, group or policy number.
    HealthPlan => "HEALTH_PLAN",
    /// A Medicare beneficiary identifier.
    Medicare => "MEDICARE",
    /// A prescription number.
    Rx => "RX",
    /// A prescriber's Drug Enforcement Administration number.
    Dea => "DEA",
    /// A U.S. National Provider Identifier.
    Npi => "NPI",
    /// A British National Health Service number.
    Nhs => "NHS",
    /// A payment card number, or its last digits.
    Card => "CARD",
    /// A payment card's security code.
    Cvv => "CVV",
    /// A payment card's expiry date.
    CardExpiry => "CARD_EXPIRY",
    /// An International Bank Account Number.
    Iban => "IBAN",
    /// A bank routing number or sort code.
    Routing => "ROUTING",
    /// A bank or other account number.
    Account => "ACCOUNT",
    /// A driver's licence number.
    DriversLicense => "DRIVERS_LICENSE",
    /// A passport number.
    Passport => "PASSPORT",
    /// Another government or professional certificate or licence number.
    License => "LICENSE",
    /// A vehicle identification number or number plate.
    Vehicle => "VEHICLE",
    /// A device's serial number, IMEI or other identity.
    Device => "DEVICE",
    /// An IP address.
    Ip => "IP",
    /// A network card's (MAC) address.
    Mac => "MAC",
    /// A web address that leads to a person.
    Url => "URL",
    /// A biometric identifier.
    Biometric => "BIOMETRIC",
    /// A photograph or other image of a person.
    Photo => "PHOTO",
    /// A user name or handle.
    Username => "USERNAME",
    /// A password, PIN, token or other secret.
    Credential => "CREDENTIAL",
    /// Another number or code that identifies a person.
    Id => "ID",
    /// Found by a recognizer of the operator's own.
    Custom => "CUSTOM",
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name that is no [`IdentifierKind`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown type; `--list` shows the known ones")]
pub struct UnknownKind;

impl FromStr for IdentifierKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(name))
            .copied()
            .ok_or(UnknownKind)
    }
}

impl Serialize for IdentifierKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
