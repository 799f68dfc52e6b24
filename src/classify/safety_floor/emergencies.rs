//! The reviewed list of emergencies: patterns that raise a message to urgent, and what looks alike but is none. With them stand the few
//! reports that are no emergency, but a safety report on their face ([`Pattern::help`] is `None`).
//!
//! Patterns are written for folded text (lower case, no apostrophes: `cant`, `wont`), one clause at a time, so that none
//! reaches across a full stop or a comma. Each has the help it calls for and its stems: parts of words of which every match
//! holds at least one. A message without any stem is no emergency of the list, which is all that most messages cost; a test
//! checks that no match can do without.

use super::Emergency;

/// A kind of emergency.
pub(super) struct Pattern {
    /// Named in the decision path.
    pub(super) name: &'static str,
    /// The help it calls for; `None` for what is raised without being urgent.
    pub(super) help: Option<Emergency>,
    /// At least one is part of every match followed by a space.
    pub(super) stems: &'static [&'static str],
    /// `{P}` stands for a person or animal, `{C}` for a child or pet, `{M}` for medicine, `{D}` for medicine or the name of one, `{X}`
    /// for what must not be swallowed, `{N}` for a number from ten up, `{R}` for what a pharmacy dispenses, `{O}` for somebody else's.
    pub(super) regex: &'static str,
}

const fn pattern(
    name: &'static str,
    help: Emergency,
    stems: &'static [&'static str],
    regex: &'static str,
) -> Pattern {
    Pattern {
        name,
        help: Some(help),
        stems,
        regex,
    }
}

/// What is raised, its severity being left to the classifier and the rules.
const fn report(name: &'static str, stems: &'static [&'static str], regex: &'static str) -> Pattern {
    Pattern {
        name,
        help: None,
        stems,
        regex,
    }
}

/// The list.
pub(super) const URGENT: &[Pattern] = &[
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
        "chest pain",
        Emergency::Medical,
        &["chest"],
        r"chest (?:\w+ ){0,3}(?:pains?|tight\w*|hurts?|hurting|pressure|crushing|squeez\w+|aches?|heavy)|(?:pains?|pressure|tightness|crushing|stabbing|squeezing|ache)(?: \w+){0,2} (?:in|on|across|around) (?:my|his|her|their|the) chest",
    ),
    pattern(
        "heart attack",
        Emergency::Medical,
        &["heart", "stroke", "cardiac"],
        r"(?:having|had|be|think its|like) an? (?:\w+ )?(?:heart attack|stroke|cardiac arrest)|cardiac arrest|heart (?:has )?stopped(?: beating)?",
    ),
    pattern(
        "stroke signs",
        Emergency::Medical,
        &["droop", "dropped", "slurr", "cant ", "cannot "],
        r"(?:face|mouth)(?: \w+){0,3} (?:droop\w*|dropped)|slurr(?:ed|ing|s)(?: (?:my|his|her|their|speech|words?))?|(?:cant|cannot) (?:move|feel|lift) (?:my|his|her|their|one|the|either|right|left)(?: \w+){0,3} (?:arms?|legs?|side|face|hands?|body)",
    ),
    pattern(
        "unconscious",
        Emergency::Medical,
        &[
            "conscious",
            "unresponsive",
            "passed out",
            "passing out",
            "pass out",
            "blacked",
            "blacking",
            "collaps",
            "lifeless",
            "out cold",
            "limp",
            "keeled",
            "wake",
            "waking",
            "rouse",
            "woke",
            "pulse",
            "respond",
            "moving",
            "move",
        ],
        r"unconscious|lost consciousness|(?:hes|shes|he|she|im|i|ive|theyre|they|{P})(?: \w+){0,4} (?:unresponsive|passed out|passing out|pass out|blacked out|blacking out|collapsed|collapsing|lifeless|out cold|gone limp|went limp|keeled over)|(?:wont|cant|cannot|wouldnt|doesnt|not|isnt|couldnt|unable to|didnt|never|to) (?:\w+ ){0,2}(?:wake|waking|rouse|woke)(?: (?:him|her|them|my \w+))?(?: up)|(?:wont|cant|cannot|not) (?:wake|waking|rouse)|no pulse|hes not (?:responding|moving)|shes not (?:responding|moving)|{P} (?:is not|isnt|wont|not) (?:responding|moving|respond|move)",
    ),
    pattern(
        "seizure",
        Emergency::Medical,
        &["seiz", "convuls", "fits", "fitting", "epileptic"],
        r"(?:had|having|has|has had|into|suffered|another|is having|got|getting|get|after|after an?|starts? having|started having) (?:an? |another |two |three |several |multiple |more |\d+ )?(?:\w+ )?(?:seizures?|convulsions?|fits|epileptic fit)|(?:is|was|hes|shes|started|keeps|and) (?:seizing|convulsing|fitting)|convulsing",
    ),
    pattern(
        "bleeding",
        Emergency::Medical,
        &["bleed", "blood", "hemorrh", "haemorrh"],
        r"(?:wont|cant|cannot|not|isnt|doesnt|never|didnt|hasnt) (?:\w+ ){0,2}stop(?:s|ped|ping)?(?: the| my| his| her)? bleed\w*|bleeding (?:\w+ ){0,3}(?:wont|isnt|not|doesnt|hasnt|cant)(?: \w+)? stop\w*|(?:vomit\w*|throw\w*|threw|cough\w*|puk\w*|spit\w*)(?: up)?(?: \w+){0,4} blood|bleeding (?:heavily|badly|profusely|out)|heavy bleeding|h(?:a)?emorrhag\w+",
    ),
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
        "overdose",
        Emergency::Poisoning,
        &["overdos", " od"],
        r"(?:i|ive|he|hes|she|shes|we|they|theyve|might|may|have|has|had|just|{P})(?: \w+){0,3} (?:overdosed|overdosing|oded|oding)|(?:took|take|taken|taking|having|had|accidental|possible|suspected|intentional|deliberate|is|from|died of|was) (?:an? )?(?:\w+ )?(?:overdose|od)|overdosed|help overdose",
    ),
    // "OD on tylenol", "he odd on his pills". `OD'd` as it should be written is found by its apostrophe (`OVERDOSED`).
    pattern(
        "overdose",
        Emergency::Poisoning,
        &["od on", "ods on", "odd"],
        r"ods? on (?:\w+ ){0,3}{D}|(?:i|ive|he|she|they|theyve|{P})(?: \w+){0,2} ods? on|(?:i|ive|he|she|they|theyve|{P}) (?:just |nearly |almost |accidentally )?odd(?: (?:on|last night|yesterday|today|tonight|this morning|again|twice)|$)",
    ),
    pattern(
        "too many pills",
        Emergency::Poisoning,
        &[
            "whole", "entire", "full", "too many", "too much", "way too", "handful", "fistful", "bunch",
            "lots", "a lot", "loads", "dozens", "all ", "every ",
        ],
        r"(?:took|taken|taking|swallow(?:ed|ing)|ate|eaten|drank|drunk|downed|popped|chugged)(?: \w+){0,4} (?:whole|entire|full) (?:\w+ )?(?:bottles?|packs?|packets?|strips?|box|{M})|(?:took|taken|taking|swallow(?:ed|ing)|ate|eaten|drank|downed|popped|chugged)(?: \w+){0,4} (?:too many|too much|way too|handfuls?|fistfuls?|bunch|lots|a lot|loads|dozens)(?: \w+){0,4} {M}|(?:took|taken|swallowed|ate|downed|taking) (?:all|every)(?: \w+){0,3} (?:sleeping pills?|pills?|tablets?|antidepressants|painkillers|sedatives)",
    ),
    pattern(
        "swallowed poison",
        Emergency::Poisoning,
        &[
            "poison",
            "carbon monoxide",
            "drank",
            "drunk",
            "drink",
            "swallow",
            "ingest",
            "ate ",
            "eaten",
            "eating",
            "lick",
            "gulp",
            "chew",
            "suck",
            "inhaled",
            "got into",
            "bit ",
        ],
        r"(?:drank|drunk|drinks|drink|drinking|swallow(?:s|ed|ing)?|ingest(?:ed|ing)?|ate|eaten|eating|licked|licking|gulped|chewed|chewing|sucked|inhaled|got into|bit)(?: \w+){0,6} {X}|(?:been|was|got|is|hes|shes|im|ive been) poisoned|poisoned (?:me|him|her|my|us)|carbon monoxide",
    ),
    pattern(
        "child or pet swallowed",
        Emergency::Poisoning,
        &[
            "swallow", "ingest", "ate ", "eaten", "drank", "drunk", "chew", "gulp", "got into", "got hold",
            "scoffed", "lick", "suck", "took",
        ],
        r"{C}(?: \w+){0,6} (?:swallow(?:s|ed|ing)?|ingest(?:ed|ing)?|ate|eaten|drank|drunk|chewed|gulped|got into|got hold of|scoffed|licked|sucked|took)(?: \w+){0,7} (?:{M}|bottle|vitamins|iron|patch|edibles?|something)|(?:swallow(?:ed|ing)?|ate|drank|chewed|got into|got hold of)(?: \w+){0,6} (?:my|his|her|our|grandmas|grandpas|grannys|moms|mums|dads)(?: \w+){0,3} {M}",
    ),
    pattern(
        "self-harm",
        Emergency::SelfHarm,
        &[
            "myself",
            "himself",
            "herself",
            "themsel",
            "my self",
            "ourselves",
            "it all",
        ],
        r"(?:kill|killing|hang|hanging|shoot|shooting|drown|unalive|unaliving|harm|harming) (?:myself|himself|herself|themselves|themself|my self|ourselves)|(?:want|wants|wanted|wanna|going|gonna|plan|plans|planning|thinking|thought|thoughts|tried|trying|tries|urges?|might|threaten\w*|about|to) (?:\w+ ){0,3}(?:hurt|hurting|cut|cutting|harm|off|end) (?:myself|himself|herself|themselves|themself|it all)",
    ),
    pattern(
        "self-harm",
        Emergency::SelfHarm,
        &[
            "suicid",
            "life",
            "lives",
            " die",
            "wish",
            " live",
            "alive",
            "exist",
            "living",
            "wake up",
            "be here",
            "better off",
            "reason to",
            "to live for",
            "cant go on",
        ],
        r"(?:im|am|feel|feels|feeling|felt|is|hes|shes|been|was|becoming|so|and) suicidal|(?:commit(?:ted|ting)?|attempt(?:ed|ing)?|considering|contemplating|thinking (?:about|of)|thoughts of|tried) suicide|suicid(?:e|al) (?:attempt|thoughts?|ideation|note|feelings|hotline|help)|(?:end|ending|ended|take|taking|took) (?:my|his|her|their) (?:own )?li(?:fe|ves)|(?:want|wants|wanted|wanna|rather|ready|like) (?:to |just to |i want to )?die|(?:wish|wished|wishes) (?:i|he|she) (?:was|were|wasnt|werent) (?:dead|alive|never born|here)|(?:dont|doesnt|didnt|not|no longer) (?:really )?(?:want|wanna|wish|wants)(?: to)? (?:live|be alive|exist|go on living|wake up (?:again|tomorrow|anymore))|(?:dont|doesnt) want to be here any ?more|better off (?:dead|without me)|(?:no|any) reason to (?:live|go on living)|nothing to live for|life (?:isnt|is not) worth living|cant go on living",
    ),
    pattern(
        "death",
        Emergency::Medical,
        &["died", "passed away", "dead", "killed", "kills", "cost "],
        r"{P}(?: \w+){0,4} (?:died|passed away|is dead|are dead|was dead|found dead|dead)(?: \w+){0,8} (?:doses?|vaccines?|vaccination|shots?|jabs?|boosters?|injections?|prescription|taking|using|given|gave|sold|overdose|product|drug|drugs|{M})|(?:killed|cost) (?:my|our|his|her) (?:\w+ )?(?:{P})|(?:doses?|vaccine|shot|injection|batch|{M})(?: \w+){0,3} (?:killed|kills) (?:him|her|my|our|a)",
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
        &["anaphyla"],
        r"^(?:anaphylaxis|anaphylactic|anaphylactic shock|anaphylactic reaction)(?: (?:after|since|from|now|again|on|to|last)\b.*)?$",
    ),
    pattern(
        "anaphylaxis",
        Emergency::Medical,
        &["epi"],
        r"epi ?pens?(?: \w+){0,2} (?:jammed|misfired|used|didnt work|isnt working|not working|not helping|hasnt helped)",
    ),
    pattern(
        "chest pain",
        Emergency::Medical,
        &["chest", "rib", "breastbone", "sternum", "heart"],
        r"(?:crushing|squeezing|pressure|elephant|vice|vise|sitting|standing|tightness|band)(?: \w+){0,5} (?:chest|ribs?|ribcage|rib cage|breastbone|sternum|heart)|chest (?:is |feels? |was )?(?:burning|burns|on fire|funny|heavy|like|killing)|(?:oh god|help) my chest",
    ),
    pattern(
        "weak pulse",
        Emergency::Medical,
        &["pulse", "heart rate", "heartbeat"],
        r"(?:pulse|heart rate|heartbeat) (?:\w+ ){0,2}(?:[23]\d|weak|thready|gone|stopped)",
    ),
    pattern(
        "heart attack",
        Emergency::Medical,
        &["heart", "cardiac"],
        r"^(?:a )?(?:heart attack|cardiac arrest)(?: i think| maybe| now| help)$|heart(?: \w+){0,2} (?:stopped|stopping|keeps stopping)|restart(?:ed)? (?:his|her|my) heart|jump start (?:\w+ ){0,2}heart",
    ),
    pattern(
        "stroke signs",
        Emergency::Medical,
        &[
            "side",
            "half",
            "body",
            "numb",
            "gibberish",
            "word",
            "talk",
            "speak",
            "type ",
            "sense",
            "feeling",
            "movement",
            "speech",
            "face",
        ],
        r"(?:one|left|right|half|whole)(?: side)?(?: of)? (?:my|his|her|their|the)(?: \w+)? (?:face|body)(?: \w+){0,2} (?:move|moving|numb|dead|limp|gone|drooping|hanging)|(?:lost|losing|no) (?:\w+ )?(?:feeling|movement) (?:in|on|down|from) (?:my|his|her|one|the|waist) (?:whole |entire |right |left )?(?:side|half|down)|talk(?:ing|s)? (?:gibberish|nonsense|funny|weird)|(?:cant|cannot|couldnt|not) (?:talk|speak|type|form words|find words|get words)(?: \w+){0,2} (?:right|straight|properly|out|clearly)|words? (?:\w+ ){0,4}(?:scrambled|jumbled|wont come|garbled)|speech (?:\w+ ){0,3}(?:funny|slurred|slurry|gone|garbled|off)|making (?:no|any) sense|(?:not|isnt|wont) making (?:any )?sense",
    ),
    pattern(
        "unconscious",
        Emergency::Medical,
        &[
            "passed out",
            "blacked out",
            "collapsed",
            "fainted",
            "slumped",
            "answer",
            "reaction",
            "round",
            "floppy",
            "limp",
            "lifeless",
            "gurgling",
            "awake",
            "floor",
            "fallen",
            "gone down",
            "lying",
            " down",
            "respon",
            "react",
            "talking to me",
            "coming to",
            "come round",
            "out of it",
        ],
        r"^(?:(?:just|i|ive|then|he|she|hes|shes|also|already|has|have|dad|mum|mom) )*(?:passed out|blacked out|collapsed)(?: (?:twice|again|after|in|on|at|from|today|yesterday|three|this|outside|and)\b.*)?$|(?:{P}|he|she|hes|shes|man|woman|lady|guy)(?: \w+){0,3} (?:slumped|gurgling|out of it)|(?:he|she|hes|shes|{P}|and)(?: \w+){0,2} (?:not|isnt|wont|doesnt|stopped|never) (?:\w+ )?(?:answering me|answer me|talking to me|reacting|coming round|coming to|come round|responding)|(?:cant|cannot) (?:get|keep|make) (?:(?:him|her|them|my \w+) (?:\w+ )?)?(?:awake|to (?:react|respond|answer me|stay awake)|a (?:reaction|response))|{P}(?: \w+){0,3} (?:floppy|limp|lifeless)|(?:floppy|limp|lifeless) in my arms|(?:hes|shes|is|found (?:him|her|my \w+)|(?:he|she|{P}) (?:is|was|just|has|fell|dropped|collapsed)(?: \w+){0,2})(?: \w+){0,2} on the (?:\w+ )?floor|(?:man|woman|lady|guy|customer|person|{P}) (?:(?:has |is |just |has just )(?:gone down|fainted|collapsed)|lying|down)(?: \w+){0,5} (?:aisle|floor|car park|parking lot|not moving|not coming)|fainted(?: \w+){0,4} (?:wont|isnt|not) ",
    ),
    pattern(
        "seizure",
        Emergency::Medical,
        &[
            "convulsed",
            "fitting",
            "jerking",
            "twitching",
            "fit ",
            "fits",
            "seizure",
            "foam",
            "froth",
            "rolled",
            "rolling back",
        ],
        r"(?:he|she|i|{P}|and)(?: \w+){0,2} convulsed|(?:is|hes|shes|keeps|was|been|{P})(?: \w+){0,2} (?:fitting|jerking|twitching)(?: again| for| all over| on)|jerking all over|twitching all over|back to back fits|another (?:fit|seizure)|^(?:a )?seizures?(?: now| help| again)?$|foam(?:ing)?(?: \w+){0,4} (?:mouth|lips)|(?:foaming|frothing)(?: \w+){0,2}$|eyes(?: \w+){0,3} rolled|eyes rolling back",
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
        r"blood(?: \w+){0,3} (?:everywhere|pouring|gushing|spurting|squirting)|(?:so much|pouring|pure|bright red|pool of|losing) blood|(?:filling|soaking|soaked)(?: \w+){0,2} (?:pads?|towels?)(?: \w+){0,3} (?:every|an hour|minutes|hour)|(?:pads?|towels?) every (?:\w+ )?(?:minutes?|mins?|hour)|bleeding through|(?:gushing|spurting) (?:nosebleed|blood)|coffee grounds|arterial bleed",
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
        "low or high sugar",
        Emergency::Medical,
        &["sugar", "hypo", "ketoacidosis", "fruity breath"],
        r"(?:blood )?sugars? (?:\w+ ){0,2}(?:hi|lo)$|(?:blood )?sugars? (?:\w+ ){0,2}[12]$|(?:having|severe|bad) (?:a )?hypos?|fruity breath|(?:in|have|has) (?:diabetic )?ketoacidosis",
    ),
    pattern(
        "meningitis signs",
        Emergency::Medical,
        &["fade", "fading", "stiff neck", "neck is stiff"],
        r"(?:rash|spots?)(?: \w+){0,5} (?:dont|doesnt|wont|not|isnt)(?: \w+)? (?:fade|fading)|(?:stiff neck|neck is stiff)(?: \w+){0,4} (?:fever|rash|light|vomiting|spots)",
    ),
    pattern(
        "too many pills",
        Emergency::Poisoning,
        &[
            "took",
            "taken",
            "swallow",
            "ate ",
            "downed",
            "popped",
            "inject",
            "drank",
            "take the",
            "taking the",
            "boxes of",
            "packs of",
            "packets of",
            "strips of",
            "bottles of",
        ],
        r"(?:i|ive|he|hes|she|shes|we|{P}|just|and)(?: \w+){0,2} (?:took|taken|swallowed|swallow|downed|drank|ate|popped|injected) (?:it all|all of (?:it|them)|all (?:of )?(?:my|his|her|the|your) (?:\w+ )?{M}|them all|the lot|(?:the|a|my|his|her) whole (?:lot|thing|tray|tube|packet|bottle|month\w*|week\w*|pen))|(?:took|taken|swallowed|downed|popped|injected) (?:like |about |around |maybe |over |nearly |at least )?{N} (?:of (?:my|his|her|the|them|those|these|moms|mums|dads)\b|{D}|capsules|pills|tablets|tabs|gummies|paracetamols?|tylenols?|sleeping)|^(?:\w+ ){0,2}(?:took|swallowed|downed) (?:it all|all of (?:it|them)|the lot|them all)|(?:took|taken|swallowed|downed)(?: \w+){0,2} (?:boxes|packs|packets|strips|bottles) of|(?:take|taking) the (?:whole bottle|lot|whole lot)",
    ),
    pattern(
        "too many pills",
        Emergency::Poisoning,
        &["empty"],
        r"(?:found|beside|next to)(?: \w+){0,6} empty(?: \w+){0,3} (?:bottles?|strips?|packets?|packs?|blister\w*)|(?:bottles?|strips?|packets?|blister packs?|pill ?box)(?: \w+){0,5} (?:is|are) empty(?: on| next| beside)|empty bottle of {M}|empty strip of",
    ),
    pattern(
        "too much given",
        Emergency::Poisoning,
        &[
            "ten times",
            "10 times",
            "10 x",
            "5 times",
            "five times",
            "100 times",
            "hundred times",
            "too much insulin",
            "whole pen",
            "entire pen",
            "entire cartridge",
            "whole cartridge",
            " times ",
            "whole",
            "entire",
        ],
        r"(?:ten|10|5|five|20|twenty|100|a hundred) times (?:the|his|her|my)(?: \w+){0,2} (?:dose|strength|amount|medicine|morphine|insulin)|10 x(?: \w+){0,2} (?:dose|strength)|too much insulin|(?:injected|took|taken|dumped|pushed|gave)(?: \w+){0,2} (?:whole|entire) (?:\w+ )?(?:pen|cartridge|syringe)",
    ),
    pattern(
        "swallowed poison",
        Emergency::Poisoning,
        &["mixed", "spiked", "fumes"],
        r"mixed (?:\w+ ){0,2}(?:bleach|ammonia)(?: \w+){0,6}|spiked (?:my|her|his) drink|(?:breathed|breathing) (?:in )?(?:the )?fumes",
    ),
    pattern(
        "child or pet swallowed",
        Emergency::Poisoning,
        &[
            "swallow", "ate ", "eaten", "drank", "drunk", "chew", "lick", "got into", "bit into", "crunched",
            "scoffed", "helped", "hand", "lips", "mouth", "nose", "tummy", "throat", "stomach",
        ],
        r"(?:{C}|cat|dog|puppy|pup|kitten|bunny|rabbit|ferret)(?: \w+){0,5} (?:swallow(?:s|ed)?|swallowd|ate|eaten|drank|drunk|chewed|crunched|licked|got into|bit into|helped (?:himself|herself) to|scoffed)(?: \w+){0,6} (?:{D}|it|all|oil|coins?|beads?|pods?|magnets?|mushrooms?|lily|lilies|gum|gummies|edibles|brownies?|chocolate|minoxidil|cream|solution|iodine|thermometer|silica|patches|cigarettes?|thc|strip|packet|pack|pacifier|rub|ointment)|{C}(?: \w+){0,4} (?:mouth|hands?|lips)(?: \w+){0,3} (?:full of|in my|covered in|round)|(?:battery|batteries|magnets?|coins?|pills?|tablets?)(?: \w+){0,4} in (?:his|her) (?:mouth|nose|tummy|throat|stomach)|put (?:\w+ ){1,4}(?:battery|magnet|bead|pill|tablet|coin) (?:\w+ ){0,6}(?:mouth|nose)",
    ),
    pattern(
        "self-harm",
        Emergency::SelfHarm,
        &[
            "goodbye",
            "be here",
            "around",
            "alive",
            "exist",
            "everything to stop",
            "it to stop",
            "to be over",
            "it all to",
            "for good",
            "be over",
            "jump",
            "bridge",
            "ledge",
            "lethal",
            "painless",
            "fatal",
            "point",
            "reason",
            "end it",
            "end things",
            "myself",
            "safe",
            "be dead",
            "without",
            "dying",
            "ending",
            "being dead",
            "end everything",
            "roof",
            "rather",
            "want everything",
            "wants everything",
            "wanted everything",
            "all of it",
            "this to",
            "this all",
            "it to",
            "it all",
            "to not",
            "wish i",
            "disappear",
            "crashing",
            "something",
            "cutting",
            "razor",
            "knife",
            "blade",
            "rope",
            "last message",
            "take the lot",
        ],
        r"(?:say|said|saying|says|my|his|her|texted|wrote)(?: \w+){0,2} (?:goodbyes|goodbye (?:to (?:everyone|everybody|us|the kids|my \w+|them)|on the phone|letter|note))|(?:texted|wrote)(?: \w+){0,2} goodbye|(?:wont|not|might not|dont want to|dont wanna|not going to)(?: \w+){0,2} be (?:here|around|alive)(?: \w+){0,2} (?:tomorrow|next week|any ?more|the next|tonight|much longer|refill|for the refill|to need (?:it|them|any|those|these))|want(?:s|ed)? (?:it|everything|this|all of it|it all|everything all) (?:all )?to (?:stop|end|be over|just stop)(?: for good| forever|$)|(?:rather|wish i could|want to) (?:be dead|not exist|not be alive|not wake up|disappear forever|not live)|(?:do|did) something (?:to|stupid to) (?:myself|himself|herself)|scared of myself|(?:dont|do not|not) (?:feel )?safe (?:with|from|around|alone with) myself|(?:want|wanted|going|gonna|about|ready) (?:to )?jump(?: off| from| in front|$)|(?:im|hes|shes|he is|she is|up) on (?:the|a) (?:bridge|ledge|roof)|(?:lethal|fatal) (?:dose|amount|quantity)|painless (?:death|end)|be painless|(?:end|ending) (?:it|it all|things|everything) (?:tonight|today|now|all|soon|for good)|how i(?:d| would) end (?:it|things)|(?:no|any|see a|see the|see any|whats the) (?:reason|point)(?: to| in| of)? (?:wake|waking|living|live|being here|being alive|going on|go on|carrying on|it any ?more|any ?more)|(?:better off|easier|happier) without (?:me|him|her|you in it)|(?:hes|shes|im|been|started) cutting again|(?:got|have|with) a rope|(?:razor|knife|blade) in (?:one|my|his|her) hand|^last message$|(?:think|thinking|thought|picturing|dreaming) (?:\w+ )?(?:about|of) (?:dying|ending it|ending things|crashing the car|being dead)|scared (?:that )?i(?:ll| will) do something",
    ),
    pattern(
        "self-harm",
        Emergency::SelfHarm,
        &["how many", "how much"],
        r"how (?:many|much)(?: \w+){0,5} (?:to (?:die|kill|end it|overdose)|(?:would|will) (?:stop (?:a|my|the) heart|kill (?:me|you|someone|a person)|be lethal|be fatal|finish me))",
    ),
    pattern(
        "not in English",
        Emergency::Medical,
        &[
            "respir",
            "atm",
            "luft",
            "inconscient",
            "bewusstlos",
            "convuls",
            "krampfanfall",
            "zusammengebrochen",
            "pecho",
            "brust",
            "poitrine",
            "desmay",
            "ohnmacht",
            "despierta",
            "responde",
            "reagiert",
            "reveille",
        ],
        r"no (?:puedo|puede|podia|consigo|logro) respirar|no respira|(?:kann|bekommt?|kriegt?|bekomme|kriege) (?:\w+ )?(?:nicht|kaum|keine) (?:\w+ )?(?:atmen|luft)|atmet nicht|narrive (?:plus|pas) a respirer|(?:peux|peut) (?:plus|pas) respirer|ne respire (?:plus|pas)|inconscient\w*|bewusstlos\w*|(?:tuvo|tiene|esta|avait|a eu|hat|hatte)(?: \w+){0,2} (?:convulsion\w*|krampfanfall)|zusammengebrochen|(?:dolor|presion|opresion)(?: \w+){0,3} pecho|(?:schmerz\w*|druck)(?: \w+){0,3} brust|brustschmerz\w*|douleurs?(?: \w+){0,3} poitrine|se (?:ha )?desmayo|ohnmachtig|no (?:se )?despierta|no responde|reagiert nicht|ne se reveille p\w+",
    ),
    pattern(
        "not in English",
        Emergency::Poisoning,
        &[
            "verschluckt",
            "avale",
            "trago",
            "tomo",
            "bebio",
            "pillole",
            "pastillas",
            "sobredosis",
            "uberdosis",
            "surdose",
        ],
        r"hat(?: \w+){0,6} verschluckt|a avale (?:\w+ ){0,5}(?:boite|pile|comprimes?|medicaments?|flacon|bouteille|toute|tout)|se (?:ha )?(?:trago|tomo|bebio)(?: \w+){0,4} (?:frasco|pastillas?|botella|bote|jarabe|lejia|pila|todo|toda)|(?:tomado|tome|prese?o?)(?: \w+){0,2} (?:demasiadas|troppe) (?:pastillas|pillole)|sobredosis|uberdosis|surdose",
    ),
    pattern(
        "not in English",
        Emergency::SelfHarm,
        &[
            "morir",
            "vivi",
            "leben",
            "sterben",
            "umbringen",
            "mourir",
            "me tuer",
            "matarme",
            "suicid",
            "tot sein",
        ],
        r"(?:quiero|quisiera) morir(?:me)?|no quiero (?:seguir )?(?:vivir|viviendo)|(?:will|mochte) (?:\w+ )?(?:nicht mehr leben|sterben|mich umbringen|tot sein)|(?:veux|envie de|voudrais) mourir|(?:veux|vais|envie de) me tuer|(?:quiero|voy a) matarme|suicidarme|me suicider",
    ),
    pattern(
        "death",
        Emergency::Medical,
        &["autopsy", "coroner", "dead"],
        r"autopsy|coroner|pronounced (?:him |her )?dead|think (?:hes|shes|he is|she is) dead|found (?:him|her|my \w+) dead|{P} is dead",
    ),
    // Italian and Portuguese.
    pattern(
        "not in English",
        Emergency::Medical,
        &[
            "respir",
            "petto",
            "peito",
            "svenut",
            "desmai",
            "incoscient",
            "convuls",
        ],
        r"non (?:riesco|riesce) (?:piu )?a respirare|non respira|nao (?:consigo|consegue|estou conseguindo) respirar|nao (?:respira|esta respirando)|(?:dolore|dolori|oppressione)(?: \w+){0,3} petto|(?:dor|dores|aperto|pressao)(?: \w+){0,2} peito|svenut[oa]|desmai(?:ou|ei)|incoscient[ei]|(?:ha|avuto|teve|tive)(?: \w+){0,2} (?:convulsioni|convulsao|convulsoes)",
    ),
    pattern(
        "not in English",
        Emergency::Poisoning,
        &[
            "ingoiat", "ingerit", "preso", "bevut", "engoli", "tomei", "tomou", "bebeu",
        ],
        r"(?:ho|ha) (?:ingoiato|ingerito)(?: \w+){0,3} (?:pillol[ae]|compress[ae]|pastigli[ae]|medicine|farmaci|batteria|pila|tutto|candeggina)|(?:ho|ha) (?:preso|bevuto) (?:tutte le|tutta la|troppe|la candeggina|candeggina)|(?:engoliu|engoli)(?: \w+){0,3} (?:comprimidos?|remedios?|pilulas?|pilha|bateria|frasco|cartela|tudo)|(?:tomei|tomou) (?:todos os|todas as|o frasco inteiro|a cartela inteira|a caixa inteira)|bebeu agua sanitaria",
    ),
    pattern(
        "not in English",
        Emergency::SelfHarm,
        &[
            "morire",
            "uccidermi",
            "ammazzarmi",
            "suicidarmi",
            "farla finita",
            "vivere",
            "morrer",
            "me matar",
            "me suicidar",
            "viver",
        ],
        r"(?:voglio|vorrei) (?:solo )?(?:morire|uccidermi|ammazzarmi|suicidarmi|farla finita)|non voglio piu vivere|(?:quero|queria|vou|vontade de) (?:so )?(?:me matar|morrer|me suicidar)|nao quero mais viver",
    ),
    report(
        "wrong medicine",
        &[" else", "another", "other ", "stranger", "neighbo", "different"],
        r"(?:received|got|have been given|was given|were given|(?:gave|given|sent|mailed|shipped|handed|delivered|sold) (?:me|us|my \w+|him|her)|been sent|ended up with|came with|there (?:was|were|is|are)|theres|had|contain(?:s|ed)|found)(?: \w+){0,3} {O} (?:\w+ ){0,2}{R}|{O} (?:\w+ ){0,2}{R} (?:(?:is|are|was|were|came|arrived|ended up|got|put|delivered|sent|mailed|mixed) ){0,3}(?:in|inside|with|to) (?:my|our|me|us)(?: (?:package|parcel|bag|box|order|delivery|envelope|bottle|shipment|refill|prescription|house|address))?$|{O} name (?:\w+ ){0,2}on (?:it|them|the (?:label|bottle|vial|package|bag|box|pills)|my (?:pills|bottle|prescription|medication|medicine|meds))|(?:pills|prescription|medications?|medicine|meds|bottle|package|parcel|bag) (?:is|are|was|were) (?:for|meant for|labell?ed for|addressed to) (?:someone|somebody) else",
    ),
    report(
        "wrong medicine",
        &["my ", "mine", "for me", "what i "],
        r"(?:this|that|these|those|it|they) (?:isnt|is not|arent|are not|wasnt|was not|werent|were not) (?:even )?my (?:usual |normal |regular |own )?{R}|(?:thats|its|theyre) not (?:even )?my (?:usual |normal |regular |own )?{R}|(?:this|that|these|those|the) {R} (?:(?:i|you|they|we|got|was|were|received|sent|gave|given|me|delivered|in|my|the|package|bag|bottle) ){0,5}(?:isnt|is not|arent|are not|wasnt|was not|werent|were not) (?:mine|for me|meant for me|what i (?:take|was prescribed|am prescribed|normally take|usually take))",
    ),
    report(
        "wrong medicine",
        &["wrong"],
        r"(?:got|received|gotten|(?:gave|given|sent|mailed|shipped|handed|delivered|sold|dispensed) (?:me|us|my \w+|him|her)|been (?:given|sent|dispensed|taking)|was given|were given|was sent|(?:you|they|pharmacy|pharmacist|store) (?:gave|sent|shipped|mailed|dispensed|delivered|filled|put|packed)|ended up with|came with|filled (?:it |them )?with|contain(?:s|ed)|this is|these are|took|taking|taken|swallowed)(?: \w+){0,3} wrong (?:\w+ )?(?:{R}|dose|dosage|strength|vaccine)|wrong {R} (?:(?:is|are|was|were) )?(?:in|inside) (?:my|the|our|this) (?:package|parcel|bag|box|order|delivery|envelope|bottle|shipment)",
    ),
];

/// The folded word for an overdose that is one only where an apostrophe stood in it, and its pattern's name: `OD'd`, not `odd`.
pub(super) const OVERDOSED: (&str, &str) = ("odd", "overdose");

/// What is no emergency though a pattern of that name matches it.
pub(super) const FIGURATIVE: &[(&str, &str)] = &[
    (
        "breathing",
        r"(?:hold|holding|held|waste|wasting|save|saving) (?:my|your|his|her|our) breath|air (?:freshener|purifier|filter|mattress|conditioning|miles|tags?|pods?|fryer|fare|mail)|breath mints?|breathe in (?:that|this|the|your) (?:\w+ ){0,2}(?:area|room|store|shop|queue)|(?:catch|save|take) (?:my|your|a) breath before|breathing (?:room|down)|not (?:\w+ )?(?:breathable|air)|breathe (?:easy|easier)|breath of fresh",
    ),
    (
        "choking",
        r"choking hazards?|chok(?:ing|ed|es) on (?:your|the|these|those|that|this) (?:\w+ )?(?:fees?|prices?|bills?|costs?|ads|spam|laughter|total|charge)",
    ),
    (
        "chest pain",
        r"chest (?:of drawers|freezer|rub|strap|band|press|size|pocket)|off my chest",
    ),
    (
        "heart attack",
        r"(?:gave|give|giving|given|nearly|almost|practically|like|about) (?:\w+ ){0,3}(?:heart attack|stroke)|stroke of|(?:heart attack|stroke)(?: \w+){0,3} (?:saw|price|bill|charge|total)|(?:account|wallet|budget|purse)(?: \w+){0,2} stroke|stroke in (?:19|20)\d\d|heart attack in (?:19|20)\d\d",
    ),
    (
        "unconscious",
        r"unconscious bias|(?:site|website|app|page|chat|agent|support|screen|button|system|store|team|phone|line|shelf|box|tent|chair|table|carton|package|parcel|menu|server|deal|cot|crib|pram|stroller|walker|umbrella)(?: \w+){0,4} (?:unresponsive|collaps\w+|not (?:responding|moving)|passed out)|passed out (?:flyers|leaflets|coupons|samples|masks)|(?:not|wont|isnt) (?:moving|move) (?:house|store|home)",
    ),
    (
        "seizure",
        r"(?:phone|screen|computer|app|website|laptop|printer|tablet|page)s?(?: \w+){0,3} (?:seizures?|convuls\w+|fits?)|fits (?:of|and)|fitting (?:room|in|for)|(?:it|size|box|glove|brace|shoe|that) fits",
    ),
    (
        "turning blue",
        r"(?:face ?id|light|screen|hair|strip|test|button|icon|line)(?: \w+){0,2} (?:blue|purple|grey|gray)",
    ),
    (
        "bleeding",
        r"(?:bleeding|ha?emorrhaging) (?:money|cash|edge|heart|customers)|ha?emorrhage moment|bleeding through (?:the )?(?:paper|page)|fake blood|blood (?:orange|test|drive|pressure|sugar|work|type)",
    ),
    (
        "emergency care",
        r"(?:work|works|working|job|nurse|doctor|volunteer|volunteers)(?: \w+){0,4} (?:er|emergency room|icu|hospital)|not? (?:an )?emergency",
    ),
    (
        "overdose",
        r"(?:overdos(?:e|ed|ing)|ods?|odd|oded|oding) (?:of|on) (?:your |the |all |too much |too many |these )*(?:cute\w*|ads?|emails?|spam|sugar|glitter|fun|news|love|christmas|pink|texts|memes)|overdose (?:training|awareness|prevention|kit|kits|class|day)",
    ),
    // The right eye of an eye prescription, and what only seems odd.
    (
        "overdose",
        r"od (?:and|or) os|od (?:\d+$|\d+ (?:os|sph\w*|cyl\w*)|plano|sph\w*|cyl\w*|os)|os (?:\w+ ){0,3}od|(?:prescription|rx|lens|lenses|contacts|glasses|script) (?:(?:is|was|are|were|has|have|had|for|of|says|reads|in|the|from) )+od|od on (?:(?:the|my|his|her|your|this|that|our) )?(?:\w+ )?(?:left|right|box|label|form|card|order|site|website|prescription|rx|script)|(?:am|was|were|is|are|find|finds|found|seems?|looks?|makes|made|called)(?: my| our| the)? (?:i|he|she|they|{P}) odd",
    ),
    ("swallowed poison", r"food poison\w*"),
    (
        "not in English",
        r"morire dal(?:le)? (?:ridere|risate)|morrer de rir",
    ),
    // What is asked for on somebody's behalf, and papers and numbers that are wrong without a medicine being so.
    (
        "wrong medicine",
        r"(?:(?:can|could|may|should) (?:i|we|you)|(?:want|need|like|how|able|trying|allowed|permission) to|how do i|how can i)(?: (?:also|pick|collect|get|order|refill|transfer|have|put|add|include|send|fill|use|buy|pay|see|up|for|with|on)){1,4} {O}|{R} (?:number|card|cards|plan|insurance|coverage|benefits?|discount|history|price|bill|receipt|coupon|form|request|transfer|date|delivery|order|list|page|name)",
    ),
    (
        "self-harm",
        r"(?:kill|killing|hang|hanging|shoot|shooting) (?:myself|himself|herself|themselves) (?:laughing|with laughter|over (?:this|your|the)|trying|to get)|(?:want|wanna|wanted|like)(?: to)? die (?:laughing|of (?:embarrassment|boredom|laughter|shame))|tie die",
    ),
    (
        "death",
        r"(?:battery|phone|laptop|screen|plant|line|car|app|tablet)(?: \w+){0,2} (?:died|dead)|drop dead|dead(?:line| end| battery| tired| link)",
    ),
];

/// A clause that asks about a risk in general instead of telling of one; raised, but not to urgent.
pub(super) const HYPOTHETICAL: &str = r"^(?:(?:hi|hello|hey|so|and|ok|quick question|um|just) )*(?:does|do|can|could|will|would|what|which|how|is|are|should|whats|when)\b.*\b(?:cause|causes|causing|lead to|leads to|risk|risks|risk of|side effects?|symptoms? of|signs? of|warning signs|chances? of|in case of|to prevent|to treat|used for|help with|good for|can you overdose|possible to overdose|if someone|if somebody|for people who|for someone)\b|^(?:can|could|is it possible to|how easy is it to) (?:you |one |someone |people |a person |it )?(?:\w+ )?(?:overdose|od)\b|(?:history of|prone to|prevent|prevents|medicine for|meds for|medication for|pills for|leaflet (?:says|mentions|lists)|training|trainings|course|class|certificate|podcast|article|book|novel|movie|film|song|quiz|essay) ";

/// What a pharmacy dispenses.
pub(super) const DISPENSED: &str = r"(?:prescriptions?|rx|scripts?|medicines?|medications?|meds|pills?|tablets?|capsules?|drugs?|inhalers?|insulin|eye drops|antibiotics?|pain ?killers?)";
/// Of a person who is not the sender.
pub(super) const SOMEBODY_ELSES: &str = r"(?:(?:someone|somebody|some1|anybody|person) elses?|(?:another|a different) (?:patient|person|customer|client|man|woman|lady|guy|family|member)s?|other (?:peoples?|patients?|customers?)|a (?:complete |total )?strangers?|(?:my|our|the) neighbou?rs)";
pub(super) const PERSON: &str = r"(?:son|daughter|husband|wife|mother|father|mom|mum|mam|mama|dad|papa|grandma|grandpa|gran|nan|grandmother|grandfather|brother|sister|uncle|aunt|auntie|cousin|neighbou?r|roommate|flatmate|girlfriend|boyfriend|partner|fiancee?|baby|toddler|infant|child|kids?|boy|girl|lad|grandson|granddaughter|grandchild|niece|nephew|twins?|patient|client|resident|friend|mate|dog|puppy|cat|kitten|little one|somebody|someone)";
pub(super) const CHILD: &str = r"(?:son|daughter|baby|toddler|infant|child|kids?|boy|girl|lad|grandson|granddaughter|grandchild|grandbaby|niece|nephew|twins?|dog|puppy|pup|cat|kitten|rabbit|parrot|pet|little one|(?:\d+|two|three|four|five|six) (?:years?|yrs?|yo|y o|months?|mos?)(?: olds?)?)";
pub(super) const MEDICINE: &str = r"(?:pills?|tablets?|tabs|capsules?|caplets?|medicines?|medications?|meds|syrup|cough mixture|drops|painkillers?|antidepressants?|sedatives|sleeping pills?|opioids?|insulin|paracetamol|tylenol|acetaminophen|ibuprofen|aspirin|benadryl|advil|xanax|oxy\w*|codeine|morphine|fentanyl|methadone|lithium|iron|prescription|antibiotics?|doses?|mg)";
pub(super) const POISON: &str = r"(?:bleach|antifreeze|detergents?|cleaners?|cleaning (?:fluid|product|spray|stuff)|drain \w+|paint\w*|gasoline|petrol|kerosene|lamp oil|lighter fluid|nail polish(?: remover)?|nail varnish(?: remover)?|acetone|rat (?:poison|bait)|poison|pesticides?|insecticide|weed ?killer|slug pellets|hand saniti[sz]er|rubbing alcohol|isopropyl|methylated|button batter(?:y|ies)|batter(?:y|ies)|magnets?|laundry pods?|tide pods?|dishwasher (?:pod|tablet|pods|tablets)|mothballs?|vape juice|e liquid|nicotine(?: \w+)?|essential oils?|mercury|toilet \w+|disinfectant|xylitol|mouthwash|perfume|peroxide|turpentine|white spirit)";
/// Medicine, also by name: the endings that drug names share, and some common ones without.
pub(super) const DRUG: &str = r"(?:{M}|\w+(?:pril|olol|sartan|statin|zepam|azolam|cillin|mycin|tyline|triptan|gabalin|codeine|odone|adol|profen|xetine|traline|iapine|pramine|dipine|ripine|etamol|formin|thyroxine|drine|barbital)|gabapentin|digoxin|lithium|clonidine|melatonin|xanax|valium|ambien|adderall|benadryl|nyquil|tylenol|vitamins?|diazepam|oxycodone|vapes?)";
/// More than anybody takes of anything.
pub(super) const MANY: &str = r"(?:[1-9]\d|[1-9]\d\d|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|a hundred|a dozen|dozens)";
