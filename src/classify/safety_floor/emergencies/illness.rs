//! Bleeding that does not stop, sugar too low or too high, fever that is dangerous, signs of meningitis, and emergencies of a pregnancy.

use super::pattern::{Pattern, pattern};
use crate::classify::safety_floor::raise::Emergency;

/// In the order in which they are tried.
pub(super) const PATTERNS: &[Pattern] = &[
    pattern(
        "bleeding",
        Emergency::Medical,
        &["bleed", "blood", "hemorrh", "haemorrh"],
        r"(?:wont|cant|cannot|not|isnt|doesnt|never|didnt|hasnt) (?:\w+ ){0,2}stop(?:s|ped|ping)?(?: the| my| his| her)? bleed\w*|bleeding (?:\w+ ){0,3}(?:wont|isnt|not|doesnt|hasnt|cant)(?: \w+)? stop\w*|(?:vomit\w*|throw\w*|threw|cough\w*|puk\w*|spit\w*)(?: up)?(?: \w+){0,4} blood|bleeding (?:heavily|badly|profusely|out)|heavy bleeding|h(?:a)?emorrhag\w+",
    ),
    pattern(
        "bleeding",
        Emergency::Medical,
        &[
            "blood",
            "bleed",
            "pad",
            "towel",
            "spurting",
            "gushing",
            "coffee grounds",
        ],
        r"(?:poop\w*|pooing|peeing|pissing|passing|stools?)(?: \w+){0,3} blood\w*(?: \w+){0,8} {T}|{T}(?: \w+){0,8} (?:poop\w*|pooing|peeing|pissing|passing)(?: \w+){0,3} blood\w*|blood(?: \w+){0,3} (?:everywhere|pouring|gushing|spurting|squirting)|(?:so much|pouring|pure|bright red|pool of|losing) blood|(?:filling|soaking|soaked)(?: \w+){0,2} (?:pads?|towels?)(?: \w+){0,3} (?:every|an hour|minutes|hour)|(?:pads?|towels?) every (?:\w+ )?(?:minutes?|mins?|hour)|bleeding through|(?:gushing|spurting) (?:nosebleed|blood)|coffee grounds|arterial bleed",
    ),
    // For hours, through towels, or for whom the blood does not clot: "he is on warfarin, bumped his nose, and it has been bleeding ever since".
    pattern(
        "bleeding",
        Emergency::Medical,
        &["bleeding", "bled "],
        r"{T}(?: \w+){0,16} (?:bleeding|bled) (?:ever since|nonstop|non stop|all (?:day|night|morning)|for (?:\w+ ){0,3}hours?)|(?:bleeding|bled) for (?:over |about |nearly |almost |more than )?(?:an?|two|three|four|five|six|\d) hours?|(?:bleeding|bled)(?: \w+){0,4} through (?:\w+ ){0,4}(?:towels?|bandages?|gauze|dressings?|sheets?|pads?)",
    )
    .across_clauses(),
    pattern(
        "low or high sugar",
        Emergency::Medical,
        &["sugar", "glucose", "hypo", "ketoacidosis", "fruity breath"],
        r"(?:sugars?|glucose)(?: (?:level|levels|reading|is|was|are|of|at|reads|now|only|just|down to|up to|dropped to|fell to|went|to)){0,3} (?:[234]\d|[5-9]\d\d)(?: mg(?: dl)?)?$|(?:blood )?sugars? (?:\w+ ){0,2}(?:hi|lo)$|(?:blood )?sugars? (?:\w+ ){0,2}[12]$|(?:having|severe|bad) (?:a )?hypos?|fruity breath|(?:in|have|has) (?:diabetic )?ketoacidosis",
    ),
    pattern(
        "meningitis signs",
        Emergency::Medical,
        &["fade", "fading", "stiff neck", "neck is stiff"],
        r"(?:rash|spots?)(?: \w+){0,5} (?:dont|doesnt|wont|not|isnt)(?: \w+)? (?:fade|fading)|(?:stiff neck|neck is stiff)(?: \w+){0,4} (?:fever|rash|light|vomiting|spots)",
    ),
    pattern(
        "pregnancy emergency",
        Emergency::Medical,
        &["water", "moving", "movement", "miscarry"],
        r"(?:my|her) waters? (?:has |have |just )?(?:broke|broken)|(?:baby|bump) (?:\w+ )?(?:stopped|isnt|is not|hasnt been|not|no longer) (?:been )?moving|(?:no|feel no|feeling no|less|fewer) (?:baby|fetal|foetal) movements?|(?:am|im|is|shes|be|think i m|started) miscarrying",
    ),
    pattern(
        "fever",
        Emergency::Medical,
        &["fever", "febrile", "temp"],
        r"fever(?: \w+){0,3} (?:4[12]|10[5-9])|(?:newborns?|(?:\d+|one|two|three|four|five|six|seven|eight) (?:weeks?|wks?|wk|days?) (?:olds?|baby|infant)|(?:baby|infant|son|daughter|girl|boy) (?:is |only |just )+(?:\d+|one|two|three|four|five|six|seven|eight) (?:weeks?|wks?|days?)(?: old)?)(?: \w+){0,6} (?:fever|febrile|temp(?:erature)? (?:of|is|at))",
    )
    .across_clauses(),
    pattern(
        "meningitis signs",
        Emergency::Medical,
        &["stiff neck", "neck is stiff", "neck stiff", "neck feels stiff"],
        r"(?:rash|fever|spots)(?: \w+){0,5} (?:stiff neck|neck (?:is |feels )?stiff)|(?:stiff neck|neck (?:is |feels )?stiff)(?: \w+){0,4} (?:fever|rash|spots)",
    )
    .across_clauses(),
    pattern(
        "pregnancy emergency",
        Emergency::Medical,
        &["move", "moving", "movement", "kick"],
        r"(?:havent|hasnt|have not|has not|not|didnt|cant|cannot|dont|no longer) (?:\w+ )?(?:felt|feel|feeling) (?:\w+ ){0,2}(?:baby|bump) (?:\w+ )?(?:move|moves|moving|movements?|kick|kicks|kicking)|(?:havent|hasnt|not|no) (?:\w+ )?(?:felt|feel|feeling) (?:any |a )?(?:movements?|kicks)|(?:baby|bump) (?:hasnt|has not|isnt|is not|didnt|not|stopped|barely|hardly) (?:\w+ )?(?:moved|kicked|kicking)",
    ),
    pattern(
        "pregnancy emergency",
        Emergency::Medical,
        &["bleeding", "bled "],
        r"(?:pregnant|weeks along|trimester)(?: \w+){0,5} (?:bleeding|bled)|(?:bleeding|bled)(?: \w+){0,4} (?:pregnant|weeks along|trimester)",
    )
    .across_clauses(),
    pattern(
        "low or high sugar",
        Emergency::Medical,
        &["sugar", "glucose", "glucometer", "meter ", "dexcom", "libre", "cgm"],
        r"(?:sugars?|glucose)(?: (?:level|levels|reading|is|was|are|of|at|reads|now|only|just|down to|up to|dropped to|fell to|went|to|has been|over|above|still)){0,4} (?:[234]\d|[5-9]\d\d)(?: (?:mg(?: ?dl)?|mmols?(?: ?l)?))?(?: (?:now|today|tonight|this morning|right now|since \w+|for \w+|falling|dropping|rising|climbing|going (?:up|down)))?$|(?:glucometer|meter|dexcom|libre|cgm|glucose|sugars?)(?: \w+){0,2} (?:says?|reads?|reading|shows?|showing|displays?|is|at|just) (?:hi|lo)$|(?:glucometer|dexcom|libre|cgm|glucose)(?: \w+){0,2} (?:says?|reads?|reading|shows?|showing|displays?|at) (?:[234]\d|low)(?: (?:now|falling|dropping|going down|mg(?: dl)?))*$",
    ),
    pattern(
        "low or high sugar",
        Emergency::Medical,
        &["ketone"],
        r"(?:diabetic|diabetes|insulin|vomiting|throwing up|sugars?)(?: \w+){0,10} ketones?(?: \w+){0,2} (?:high|large|[2-9])|ketones?(?: \w+){0,2} (?:high|large|[2-9])(?: \w+){0,6} (?:vomiting|throwing up|sick|sugars?)",
    )
    .across_clauses(),
    pattern(
        "pregnancy emergency",
        Emergency::Medical,
        &["labor", "labour", "contractions"],
        r"(?:in|into|having|got|started) (?:\w+ )?(?:labou?r|contractions)(?: \w+){0,4} (?:2\d|3[0-6]) (?:weeks|wks)|(?:2\d|3[0-6]) (?:weeks|wks)(?: \w+){0,5} (?:in labou?r|into labou?r|contractions)",
    )
    .across_clauses(),
];
