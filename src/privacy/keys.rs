//! Keys of structured facts that name an identifier: `email`, `patient_name`, `DOB`, in JSON, forms and query strings.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::kind::IdentifierKind;

/// Keys (letters and digits only, lower case) whose value is masked whole.
const MASKED: &[(IdentifierKind, &str)] = &[
    (
        IdentifierKind::Email,
        "email emailaddress mail emailid correo courriel",
    ),
    (
        IdentifierKind::Phone,
        "phone phonenumber mobile cell tel telephone callback phoneno contactnumber mobilenumber cellnumber msisdn whatsapp \
         telephonenumber daytimephone eveningphone telefono portable",
    ),
    (IdentifierKind::Fax, "fax"),
    (
        IdentifierKind::Name,
        "name first last given family firstlast lastfirst fullname firstname lastname surname givenname familyname middlename maidenname nickname patient customer \
         prescriber caller middleinitial initials attn attention signature signed signedby preferredname beneficiary \
         physician nurse caregiver emergencycontact nextofkin cardholder accountholder insured primarycareprovider pcp \
         contactperson recipient attendingphysician spouse guardian legalname alias nombre apellido apellidos vorname nachname prenom \
         nom nome cognome naam voornaam achternaam adsoyad",
    ),
    (
        IdentifierKind::Address,
        "address street addressline streetaddress line1 line2 mailingaddress residence apartment apt direccion adresse \
         anschrift",
    ),
    (
        IdentifierKind::Location,
        "city town zip zipcode postcode postalcode county location lat lng latitude longitude geo birthplace placeofbirth \
         hometown postal zippostalcode citystatezip citystate coordinates latlong latlng gps ciudad ville plz",
    ),
    (
        IdentifierKind::Dob,
        "dob dateofbirth birthdate birthday birthyear born birth dobmmddyyyy fechadenacimiento geburtsdatum datadinascita \
         datadenascimento geboortedatum dataurodzenia",
    ),
    (
        IdentifierKind::Ssn,
        "ssn socialsecuritynumber socialsecurity taxid nino nationalinsurance nationalinsurancenumber sin last4ssn ssnlast4 \
         taxpayerid",
    ),
    (IdentifierKind::Itin, "itin"),
    (
        IdentifierKind::Id,
        "nationalid employeeid employeenumber studentid badge badgenumber ein aadhaar curp dni claimnumber claimid",
    ),
    (
        IdentifierKind::Mrn,
        "mrn medicalrecordnumber patientid chartnumber chart patientno patientnumber medicalrecord recordnumber \
         hospitalnumber",
    ),
    (
        IdentifierKind::HealthPlan,
        "memberid subscriberid policynumber insuranceid groupnumber memberno membernumber groupid group groupno rxbin rxpcn \
         pcn bin rxgroup rxgrp planid policyno policyid policy insurancenumber subscriberno healthcard healthcardnumber \
         medicaidid medicaidnumber membership insurance",
    ),
    (IdentifierKind::Medicare, "medicareid mbi medicarenumber"),
    (
        IdentifierKind::Rx,
        "rxnumber prescriptionnumber prescriptionid rx rxno prescription scriptnumber",
    ),
    (IdentifierKind::Npi, "npi npinumber"),
    (IdentifierKind::Dea, "dea deanumber"),
    (IdentifierKind::Nhs, "nhsnumber"),
    (
        IdentifierKind::Card,
        "card cardnumber creditcard pan cardlast4 last4 ccnumber ccnum cc cardno",
    ),
    (IdentifierKind::Cvv, "cvv cvc cvv2 cid securitycode"),
    (
        IdentifierKind::CardExpiry,
        "cardexpiry expiry expmonth expyear expirationmonth expirationyear cardexp ccexp",
    ),
    (IdentifierKind::Iban, "iban"),
    (
        IdentifierKind::Routing,
        "routingnumber routing sortcode bic swift aba bsb",
    ),
    (
        IdentifierKind::Account,
        "accountnumber bankaccount accountno acct acctno accountnum bankaccountnumber",
    ),
    (
        IdentifierKind::DriversLicense,
        "license licensenumber driverslicense driverlicense dl dlnumber dln driverslicensenumber driverlicensenumber \
         drivinglicence",
    ),
    (IdentifierKind::Passport, "passport passportnumber"),
    (
        IdentifierKind::Vehicle,
        "vin licenseplate plate licenseplatenumber registrationplate numberplate",
    ),
    (
        IdentifierKind::Device,
        "serialnumber imei deviceid deviceserial serial sn imsi iccid udid meid deviceserialnumber",
    ),
    (
        IdentifierKind::Ip,
        "ip ipaddress clientip remoteaddr xforwardedfor ip4 ip6",
    ),
    (IdentifierKind::Mac, "mac macaddress"),
    (
        IdentifierKind::Username,
        "username user login handle userid screenname",
    ),
    (
        IdentifierKind::Credential,
        "password passwd pass pin token secret apikey accesstoken authorization cookie passcode apitoken authtoken pincode \
         gatecode doorcode accesscode sessionid sessiontoken password2",
    ),
    (IdentifierKind::Biometric, "biometric fingerprint"),
    (IdentifierKind::Photo, "photo photourl avatar"),
    (IdentifierKind::Age, "age"),
    (
        IdentifierKind::Date,
        "dod dateofdeath admissiondate admitdate admitted dischargedate discharged dateofadmission dateofdischarge \
         dateofservice dos surgerydate",
    ),
    (IdentifierKind::Url, "profileurl website homepage linkedin"),
    (IdentifierKind::License, "licenceno"),
];

/// Words that may precede an identifier's key: `patient_name`, `home_phone`.
const OWNERS: &[&str] = &[
    "customer",
    "patient",
    "user",
    "contact",
    "caller",
    "billing",
    "shipping",
    "home",
    "work",
    "mailing",
    "delivery",
    "emergency",
    "caregiver",
    "doctor",
    "prescriber",
    "provider",
    "member",
    "account",
    "mother",
    "father",
    "spouse",
    "parent",
    "guardian",
    "cardholder",
    "primary",
    "secondary",
    "alternate",
    "alt",
    "new",
    "old",
    "client",
    "recipient",
    "sender",
    "reporter",
    "insured",
    "subscriber",
    "holder",
    "my",
    "personal",
    "cell",
    "mobile",
    "from",
    "to",
    "reply",
    "beneficiary",
    "physician",
    "nurse",
    "driver",
    "employee",
    "student",
    "child",
    "son",
    "daughter",
    "wife",
    "husband",
    "partner",
    "pharmacy",
    "clinic",
    "full",
];

/// Nouns that only carry a key on: `passport_number`.
const HEADS: &[&str] = &["number", "num", "no", "value", "text"];

/// Longest key that can name an identifier, in bytes.
pub(crate) const MAX_KEY_BYTES: usize = 40;

static KINDS: LazyLock<HashMap<&'static str, IdentifierKind>> = LazyLock::new(|| {
    MASKED
        .iter()
        .flat_map(|(kind, keys)| keys.split_ascii_whitespace().map(move |key| (key, *kind)))
        .collect()
});

/// The kind of identifier that a key, of any case and punctuation, names.
pub(crate) fn masked_key(key: &str) -> Option<IdentifierKind> {
    let plain: String = key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(2 * MAX_KEY_BYTES)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let known = |name: &str| {
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let known = |name: &str| KINDS.get(name).copied();
        known(name)
            .or_else(|| known(name.strip_suffix('s')?))
            .or_else(|| HEADS.iter().find_map(|head| known(name.strip_suffix(head)?)))
    };
    KINDS
        .get(plain.as_str())
        .copied()
        .or_else(|| known(&plain))
        .or_else(|| OWNERS.iter().find_map(|owner| known(plain.strip_prefix(owner)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_whatever_their_case_and_owner() {
        for (key, kind) in [
            ("patient_name", Some(IdentifierKind::Name)),
            ("homePhone", Some(IdentifierKind::Phone)),
            ("Passport No.", Some(IdentifierKind::Passport)),
            ("address2", Some(IdentifierKind::Address)),
            ("exp_month", Some(IdentifierKind::CardExpiry)),
            ("order_id", None),
            ("customer_id", None),
            ("lot", None),
            ("tracking_number", None),
        ] {
            assert_eq!(masked_key(key), kind, "{key}");
        }
    }
}
