//! Safety reports that are no emergency: no help is called for, and their severity is left to the classifier and the rules.

use super::pattern::{Pattern, report};

/// In the order in which they are tried.
pub(super) const PATTERNS: &[Pattern] = &[
    report(
        "pregnancy",
        &["pregnant"],
        r"(?:im|i am|shes|she is|wife is|daughter is|girlfriend is|became|become|got|getting|now|since) (?:\w+ ){0,3}pregnant",
    ),
    report(
        "kept too warm",
        &[
            "cold chain", "spoil", "warm", " hot", "thaw", "melt", "frozen", "defrost", "room temp", "the sun",
            "the heat", "not cold", "longer cold", "refrigerat",
        ],
        r"(?:ice|gel|cool|cold|cooling|cooler|freezer|fridge) (?:packs?|bricks?|blocks?|bags?|boxe?s?) (?:\w+ ){0,5}(?:warm|melted|thawed|defrosted|hot|room temp\w*|not cold|no longer cold|not frozen)|(?:insulins?|vaccines?|jabs?|injections?|injectors?|pens?|vials?|biologics?|humira|enbrel|ozempic|wegovy|mounjaro|trulicity|lantus|humalog|novolog|suppositor(?:y|ies)|eye drops|medicines?|medications?|meds)(?: \w+){0,4} (?:was|were|arrived|came|got|been|left|sat|stood|sitting)(?: \w+){0,4} (?:warm|hot|thawed|melted|frozen|room temp\w*|in the (?:sun|heat)|not cold|unrefrigerated|not refrigerated|spoil(?:ed|t))|cold chain (?:\w+ ){0,3}(?:broken|interrupted|failed|not kept|not maintained)|(?:spoil(?:ed|t)|thawed|melted) (?:vaccines?|insulin|medicines?|medications?|meds|injections?|suppositor(?:y|ies))",
    ),
    report(
        "wrong medicine",
        &[
            "instead of", "ordered", "prescribed", "prescription is", "prescription was", "prescription says", "rx is",
            "rx was", "rx says", "supposed to", " else", "another", "other ", "stranger", "neighbo", "different",
        ],
        r"(?:sent|got|received|gave|given|shipped|filled|dispensed|delivered|contains?|contained)(?: \w+){0,4} (?:{A}|\d+ m?c?g)(?: \w+){0,2} instead of (?:\w+ ){0,2}(?:{A}|\d+)|(?:sent|got|received|gave|given|shipped|delivered|dispensed|came)(?: \w+){0,3} {A}(?: \w+){0,3} (?:but|and|when|while|though|although) (?:\w+ ){0,2}(?:ordered|prescribed|prescription (?:is|was|says)|rx (?:is|was|says))(?: \w+){0,2} {A}|(?:ordered|prescribed|prescription (?:is|was|says)|supposed to (?:be|get))(?: \w+){0,2} {A}(?: \w+){0,3} (?:\w+ ){0,2}(?:sent|got|received|gave|given|shipped|delivered|dispensed)(?: \w+){0,3} {A}|(?:send|give|bring|mail|return|returning|sending|sent)(?: back)?(?: \w+){0,2} {R} (?:of|for|from|belonging to) {O}",
    )
    .across_clauses(),
    report(
        "reaction",
        &["the runs", "the trots", "the shits", "hives", "rash", "cramps", "diar", "nause", "interact", "vomit", "dizzy", "blister"],
        r"(?:gave|gives|giving|given) (?:me|him|her|us|my \w+)(?: \w+){0,2} (?:the (?:runs|trots|shits)|hives|rash(?:es)?|cramps|diarr?h?\w+|nausea|blisters)|(?:made|makes|making) (?:me|him|her|my \w+)(?: \w+){0,2} (?:vomit|dizzy|nauseous|nauseated)|(?:it|they|this|that|these|meds|pills|medicines?|medications?|drugs?) interacts?(?: with (?:my|his|her|it|them|each|another|other|the (?:other|new|old))\b|$)|have the runs|got the runs",
    ),
    report(
        "wrong medicine",
        &[" else", "another", "other ", "stranger", "neighbo", "different"],
        r"(?:received|got|have been given|was given|were given|(?:gave|given|sent|mailed|shipped|handed|delivered|sold) (?:me|us|my \w+|him|her)|been sent|ended up with|came with|there (?:was|were|is|are)|theres|had|contain(?:s|ed)|found)(?: \w+){0,3} {O} (?:\w+ ){0,2}{R}|{O} (?:\w+ ){0,2}{R} (?:(?:is|are|was|were|came|arrived|ended up|got|put|delivered|sent|mailed|mixed) ){0,3}(?:in|inside|with|to) (?:my|our|me|us)(?: (?:package|parcel|bag|box|order|delivery|envelope|bottle|shipment|refill|prescription|house|address))?$|{O} name (?:\w+ ){0,2}on (?:it|them|the (?:label|bottle|vial|package|bag|box|pills)|my (?:pills|bottle|prescription|medication|medicine|meds))|(?:pills|prescription|medications?|medicine|meds|bottle|package|parcel|bag) (?:is|are|was|were) (?:for|meant for|labell?ed for|addressed to) (?:someone|somebody) else",
    ),
    report(
        "wrong medicine",
        &[
            "isnt",
            "arent",
            "wasnt",
            "werent",
            "is not",
            "are not",
            "was not",
            "were not",
            "thats not",
            "its not",
            "theyre not",
        ],
        r"(?:this|that|these|those|it|they) (?:isnt|is not|arent|are not|wasnt|was not|werent|were not) (?:even )?my (?:usual |normal |regular |own )?{R}|(?:thats|its|theyre) not (?:even )?my (?:usual |normal |regular |own )?{R}|(?:this|that|these|those|the) {R} (?:(?:i|you|they|we|got|was|were|received|sent|gave|given|me|delivered|in|my|the|package|bag|bottle) ){0,5}(?:isnt|is not|arent|are not|wasnt|was not|werent|were not) (?:mine|for me|meant for me|what i (?:take|was prescribed|am prescribed|normally take|usually take))",
    ),
    report(
        "wrong medicine",
        &["wrong"],
        r"(?:got|received|gotten|(?:gave|given|sent|mailed|shipped|handed|delivered|sold|dispensed) (?:me|us|my \w+|him|her)|been (?:given|sent|dispensed|taking)|was given|were given|was sent|(?:you|they|pharmacy|pharmacist|store) (?:gave|sent|shipped|mailed|dispensed|delivered|filled|put|packed)|ended up with|came with|filled (?:it |them )?with|contain(?:s|ed)|this is|these are|took|taking|taken|swallowed)(?: \w+){0,3} wrong (?:\w+ )?(?:{R}|dose|dosage|strength|vaccine)|wrong {R} (?:(?:is|are|was|were) )?(?:in|inside) (?:my|the|our|this) (?:package|parcel|bag|box|order|delivery|envelope|bottle|shipment)",
    ),
];
