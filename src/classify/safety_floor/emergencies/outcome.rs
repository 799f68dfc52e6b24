//! What has come of it already: somebody needed an ambulance or a hospital, or died. Whatever the cause, a person must read it at once.

use super::pattern::{Pattern, pattern};
use crate::classify::safety_floor::raise::Emergency;

/// In the order in which they are tried.
pub(super) const PATTERNS: &[Pattern] = &[
    pattern(
        "emergency care",
        Emergency::Medical,
        &[
            " er ",
            "er visit",
            "er trip",
            "er last night",
            "er today",
            "er yesterday",
            "er because",
            "er after",
            "er again",
            "emergency",
            "casualty",
            " a e ",
            "icu",
            "intensive care",
            "hospital",
            "ambulance",
            "paramedic",
            "911",
            "999",
            "112",
            "threatening",
        ],
        r"(?:went|go|going|gone|goes|rushed|taken|took|brought|ended up|end up|been|sent|drove|driven|landed|visit|visited|in|at|are|is|was|im|were)(?: \w+){0,3} (?:the |an? )?(?:er|emergency room|emergency department|a e|casualty|icu|intensive care)|(?:er|emergency room|icu) (?:visit|trip|last night|today|yesterday|because|after|again)|(?:rushed|airlifted|taken|admitted|went|landed|ended up|put)(?: \w+){0,3} (?:to|in|into) (?:the )?hospital|hospitali[sz]ed|(?:call|called|calling|by|in an|in the|an|waiting for|need) (?:an? |the )?(?:ambulance|paramedics|911|999|112)|life ?threatening",
    ),
    pattern(
        "death",
        Emergency::Medical,
        &["died", "passed away", "dead", "killed", "kills", "cost "],
        r"{P}(?: \w+){0,4} (?:died|passed away|is dead|are dead|was dead|found dead|dead)(?: \w+){0,8} (?:doses?|vaccines?|vaccination|shots?|jabs?|boosters?|injections?|prescription|taking|using|given|gave|sold|overdose|product|drug|drugs|{M})|(?:killed|cost) (?:my|our|his|her) (?:\w+ )?(?:{P})|(?:doses?|vaccine|shot|injection|batch|{M})(?: \w+){0,3} (?:killed|kills) (?:him|her|my|our|a)",
    ),
    pattern(
        "emergency care",
        Emergency::Medical,
        &[
            "ambulance",
            "paramedic",
            "resus",
            "defibrillator",
            "to life",
            "life support",
        ],
        r"ambulance (?:\w+ )?(?:came|took|is|was|on)|paramedics (?:\w+ )?(?:came|had|took|are|were|brought|restarted|said)|in resus|need(?:s)? (?:a )?defibrillator|defibrillator(?: \w+){0,5} (?:man|woman|somebody|someone|down|collapsed)|(?:brought|back) (?:him |her |me )?(?:back )?to life|on life support",
    ),
    pattern(
        "death",
        Emergency::Medical,
        &["autopsy", "coroner", "dead"],
        r"autopsy|coroner|pronounced (?:him |her )?dead|think (?:hes|shes|he is|she is) dead|found (?:him|her|my \w+) dead|{P} is dead",
    ),
];
