//! Breath and airway: no air, choking, a throat, tongue or lips that swell, blue lips, and anaphylaxis, which ends there.

use super::pattern::{Pattern, pattern};
use crate::classify::safety_floor::raise::Emergency;

/// In the order in which they are tried.
pub(super) const PATTERNS: &[Pattern] = &[
    pattern(
        "breathing",
        Emergency::Medical,
        &["breath", "inhale", "air"],
        r"(?:cant|cannot|can not|couldnt|could not|can hardly|can barely|unable to|hard to|difficult to|struggl(?:es|ed|ing)(?: to| for)?|trouble|difficulty|barely|hardly|gasping for|fighting for) (?:\w+ ){0,2}(?:breathe?|breathing|breaths?|inhale|air)|(?:not|isnt|wasnt|arent|stop(?:s|ped)?) (?:really |even |properly |hardly )?(?:breathing|breathe)",
    ),
    pattern(
        "breathing",
        Emergency::Medical,
        &["breath", "air", "gasping", "respiratory"],
        r"short(?:ness)? of (?:breath|air)|out of breath at rest|gasping|breath(?:ing)? (?:is |has |are )?(?:stopped|getting worse|shallow|laboured|labored|squeaky|difficult\w*|trouble)|(?:breathing|respiratory) (?:trouble|difficult\w+|distress|arrest)",
    ),
    pattern(
        "turning blue",
        Emergency::Medical,
        &["blue", "purple", "grey", "gray"],
        r"(?:lips|face|fingers|fingernails|tongue|hes|shes|he|she|{P})(?: \w+)? (?:are|is|turn|turns|turning|turned|gone|going|went) (?:blue|purple|grey|gray)",
    ),
    pattern(
        "choking",
        Emergency::Medical,
        &["choking"],
        r"(?:is|hes|shes|im|are|was|started|keeps) choking",
    ),
    pattern(
        "throat swelling",
        Emergency::Medical,
        &["throat", "tongue", "airway", "windpipe"],
        r"(?:throat|tongue|airways?|windpipe)(?: \w+){0,4} (?:swell\w*|swollen|clos(?:e|es|ed|ing)|tight\w*|block\w*|ballooned)|(?:swelling|swollen|tightness|tight|swelled)(?: \w+){0,5} (?:throat|tongue|airways?)",
    ),
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["anaphyla", "reaction", "epi"],
        r"(?:having|had|into|in|started|with|is|from) (?:an? )?(?:severe )?anaphyla\w+(?: shock| reaction)?|(?:severe|bad|serious|violent|massive) (?:allergic )?reaction|(?:used|using|use|needed|gave)(?: \w+){0,3} epi ?pen",
    ),
    pattern(
        "breathing",
        Emergency::Medical,
        &["breath", "lung", "airway"],
        r"breathing(?: \w+){0,2} (?:slow|slowly|funny|weird|weirdly|fast|shallow|hard|harder|noisy|bad|badly|wrong|pauses|pausing|stopping|heavy|through|thru|like)|breathing (?:bad|funny|weird|hard)|take(?:s)? a breath only|(?:full|any|every|each|catch (?:his|her|my)) breath|lungs? (?:feels? |is |are )(?:full|like|closing|collapsed)|airways? feels? (?:like|tight|closed)",
    ),
    pattern(
        "breathing",
        Emergency::Medical,
        &["sats", "saturation", "oxygen", "sat "],
        r"(?:sats?|saturations?|oxygen)(?: \w+){0,2} (?:[4-7]\d|8[0-7])",
    ),
    pattern(
        "turning blue",
        Emergency::Medical,
        &[
            "blu", "purple", "grey", "gray", "white", "ashen", "colour", "color",
        ],
        r"(?:blue|purple|grey|gray|white) (?:around|round|in|at) (?:the|his|her|my) (?:lips|mouth|face)|lips (?:look|looks|are|is|were|went|going|gone|have gone|turned)(?: \w+)? (?:blue|bluish|white|grey|gray|greyish|purple)|(?:hes|shes|he|she|{P})(?: has| just| have)? (?:gone|went|turned|turning|goes|going)(?: \w+){0,2} (?:blue|purple|grey|gray|ashen|white as a sheet|(?:funny|odd|weird|strange|bad|horrible) colou?r)",
    ),
    pattern(
        "choking",
        Emergency::Medical,
        &["chok"],
        r"(?:he|she|i|{P})(?: \w+){0,2} (?:choked|chokes) on|^choking on (?:his|her|my|a|the) (?:\w+ ){0,2}(?:{M}|food|piece|bit)",
    ),
    pattern(
        "swelling of lips or tongue",
        Emergency::Medical,
        &["tongue", "lips"],
        r"(?:tongues?|lips)(?: \w+){0,4} (?:swell\w*|swollen|swelled|thick|enormous|huge|twice|double|puff\w*)|(?:tongue|lips) (?:like|are like) (?:\w+ )?(?:sausages?|balloons?)|(?:swollen|swelling|swelled)(?: \w+){0,4} (?:lips|tongue)|tongue doesnt fit",
    ),
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["anaphyla", "anaphal", "anaphil", "anaphlax", "anafil"],
        r"^(?:anaphylaxis|anaphylactic|anaphylactic shock|anaphylactic reaction)(?: (?:after|since|from|now|again|on|to|last)\b.*)?$|anaphalaxis|anaphilaxis|anaphlaxis|anafilaxis|anaphalactic|anaphilactic",
    ),
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["epi"],
        r"epi ?pens?(?: \w+){0,2} (?:jammed|misfired|used|didnt work|isnt working|not working|not helping|hasnt helped)",
    ),
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["hives", "welts"],
        r"(?:hives|welts)(?: \w+){0,4} (?:vomit\w*|throwing up|threw up|wheez\w*|faint\w*)(?: \w+){0,6} (?:minutes?|mins?|seconds)",
    )
    .across_clauses(),
    // Skin and breath at once are two of its signs, however long ago it began.
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["hives", "welts"],
        r"wheez(?:ing|es|y) and (?:\w+ ){0,3}(?:hives|welts)|(?:hives|welts) and (?:\w+ ){0,2}wheez(?:ing|es|y)",
    )
    .across_clauses(),
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["swelling"],
        r"(?:im|i am|hes|shes|he is|she is|{P} is) (?:still |now |already |getting )?swelling(?: up| more| again|$)",
    ),
];
