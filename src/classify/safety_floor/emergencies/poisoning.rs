//! Poisonings: too much of a medicine, taken or given, what must not be swallowed, and what a child or a pet got hold of.

use super::pattern::{Pattern, pattern};
use crate::classify::safety_floor::raise::Emergency;

/// In the order in which they are tried.
pub(super) const PATTERNS: &[Pattern] = &[
    pattern(
        "overdose",
        Emergency::Poisoning,
        &["overdos", "overdoes", "overdoz", "ovrdos", " od"],
        r"(?:i|ive|he|hes|she|shes|we|they|theyve|might|may|have|has|had|just|{P})(?: \w+){0,3} (?:overdosed|overdosing|oded|oding)|(?:took|take|taken|taking|having|had|accidental|possible|suspected|intentional|deliberate|is|from|died of|was) (?:an? )?(?:\w+ )?(?:overdose|od)|overdosed|help overdose|(?:i|ive|he|hes|she|shes|we|they|{P})(?: \w+){0,2} (?:overdoes\w*|overdoz\w*|ovrdos\w*)",
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
            "whole", "entire", "full", "to many", "2 many", "too many", "too much", "way too", "handful", "fistful", "bunch",
            "lots", "a lot", "loads", "dozens", "all ", "every ",
        ],
        r"(?:took|tuk|taken|swallowed|swalowed|ate) (?:2|to|too) many (?:\w+ ){0,2}(?:{M}|pils?|pilz|tablits?|of (?:them|these|those|my|his|her))|(?:took|taken|taking|swallow(?:ed|ing)|ate|eaten|drank|drunk|downed|popped|chugged)(?: \w+){0,4} (?:whole|entire|full) (?:\w+ )?(?:bottles?|packs?|packets?|strips?|box|{M})|(?:took|taken|taking|swallow(?:ed|ing)|ate|eaten|drank|downed|popped|chugged)(?: \w+){0,4} (?:too many|too much|way too|handfuls?|fistfuls?|bunch|lots|a lot|loads|dozens)(?: \w+){0,4} {M}|(?:took|taken|swallowed|ate|downed|taking) (?:all|every)(?: \w+){0,3} (?:sleeping pills?|pills?|tablets?|antidepressants|painkillers|sedatives)",
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
            "got ahold", "got a hold", "scoffed", "lick", "suck", "took",
        ],
        r"{C}(?: \w+){0,6} (?:swallow(?:s|ed|ing)?|ingest(?:ed|ing)?|ate|eaten|drank|drunk|chewed|gulped|got into|got (?:a ?)?hold of|scoffed|licked|sucked|took)(?: \w+){0,7} (?:{M}|bottle|vitamins|iron|patch|edibles?|something)|(?:swallow(?:ed|ing)?|ate|drank|chewed|got into|got hold of)(?: \w+){0,6} (?:my|his|her|our|grandmas|grandpas|grannys|moms|mums|dads)(?: \w+){0,3} {M}",
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
        r"(?:i|ive|he|hes|she|shes|we|{P}|just|and)(?: \w+){0,2} (?:took|taken|swallowed|swallow|downed|drank|ate|popped|injected) (?:it all|all of (?:it|them)|all (?:of )?(?:my|his|her|the|your) (?:\w+ )?{M}|them all|the lot|(?:the|a|my|his|her) whole (?:lot|thing|tray|tube|packet|bottle|month\w*|week\w*|pen))|(?:took|taken|swallowed|downed|popped|injected) (?:like |about |around |maybe |over |nearly |at least )?{N} (?:of (?:my|his|her|the|them|those|these|moms|mums|dads)\b|{D}|capsules|pills|tablets|tabs|gummies|paracetamols?|tylenols?|sleeping)|^(?:\w+ ){0,2}(?:took|swallowed|downed) (?:it all|all of (?:it|them)|the lot|them all)|(?:took|taken|swallowed|downed)(?: \w+){0,2} (?:boxes|packs|packets|strips|bottles) of|(?:take|taking) the (?:whole bottle|lot|whole lot)|(?:took|taken|swallowed|downed)(?: \w+){0,2} (?:whole|entire|full) (?:weeks?|months?|weekly|monthly)\b|(?:took|taken|swallowed|downed)(?: \w+){0,2} (?:weeks?|months?) (?:worth )?of (?:\w+ ){1,4}(?:at once|in one go|in one sitting|all together)",
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
            "adult",
            "double",
            "triple",
            "too much",
            "twice",
            "two doses",
            "extra dose",
            "methotrexate",
            "insulins",
            "insulin",
        ],
        r"(?:gave|have given|has given|was given|were given|been given)(?: \w+){0,3} {C}(?: \w+){0,5} (?:adult (?:dose|doses|strength|tablet|pill|size|portion|{D})|double|triple|too much|twice (?:the|his|her|as much|what)|two doses|an extra dose)|(?:took|taken|taking|take|takes|gave|given|giving|had)(?: \w+){0,4} methotrexate (?:\d+ mg )?(?:tablets? |pills? )?(?:every day|daily|each day|once a day|every single day)|mixed up (?:my|his|her|the|both)(?: \w+){0,2} insulins?|(?:ten|10|5|five|20|twenty|100|a hundred) times (?:the|his|her|my)(?: \w+){0,2} (?:dose|strength|amount|medicine|morphine|insulin)|10 x(?: \w+){0,2} (?:dose|strength)|too much insulin|(?:injected|took|taken|dumped|pushed|gave)(?: \w+){0,2} (?:whole|entire) (?:\w+ )?(?:pen|cartridge|syringe)",
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
        "poison in the eye",
        Emergency::Poisoning,
        &[" eye"],
        r"(?:{X}|ammonia|acid|lye|glue|superglue|nail glue|chemicals?|wart remover)(?: \w+){0,3} (?:in|into) (?:my|his|her|the|their|one|both|our)(?: \w+)? eyes?",
    ),
    pattern(
        "patch on a child",
        Emergency::Poisoning,
        &["patch"],
        r"(?:fentanyl|duragesic|nicotine|morphine|buprenorphine|butrans|opioid|pain|my|grandmas|grandpas|moms|dads|husbands|wifes) patch(?:es)?(?: \w+){0,4} (?:on|off) (?:\w+ )?{C}s?|{C}(?: \w+){0,2} (?:put|stuck|wore|wearing|peeled|chewing|sucking)(?: \w+){0,4} patch(?:es)?(?: on (?:himself|herself|his|her)|$)",
    ),
    pattern(
        "too many pills",
        Emergency::Poisoning,
        &[
            "took", "taken", "taking", "swallow", "downed", "popped", "chugged", "necked", "drank", "drunk", "eaten", "finished", "inject",
            "tok ", "tuk ", "had a ", "had the ", "had my ", "had his ", "had her ", "had an ", "had loads", "had tons", "had heaps",
            "had masses", "ate all", "ate every", "ate a ", "ate the ", "ate my ", "ate his ", "ate her ", "ate half", "ate nearly", "ate almost",
        ],
        r"(?:took|taken|swallowed|downed|ate) (?:all|every one)(?: of)? (?:my|his|her|the|their) (?:\w+ ){0,2}{D}(?: \w+){0,3} (?:at once|in one go|in one sitting|at the same time|all together|minutes? ago|mins ago|hours? ago)|(?:took|taken|swallowed|downed|popped)(?: \w+){0,5} {D}(?: \w+){0,2} (?:all at once|in one go|in one sitting)|(?:has|hes|shes|ive|have|just|theyve) (?:had|eaten|finished|necked|drunk) (?:a|the|my|his|her|an) (?:\w+ )?(?:whole|entire|full) (?:bottle|packet|pack|strip|box|blister|sheet|tub) of (?:\w+ )?{D}|(?:downed|necked|chugged|drank|drunk|swallowed|popped|ate) (?:a|the|my|his|her|half a|half the|nearly a|almost a) (?:bottle|packet|pack|strip|handful|load|sheet) of (?:\w+ ){0,2}{D}|(?:took|taken|swallowed|eaten|had) (?:a load|loads|a ton|tons|heaps|masses) of (?:\w+ )?{M}|(?:injected|took|taken)(?: \w+){0,4} units(?: \w+){0,4} instead of|(?:injected|took|taken)(?: \w+){0,2} (?:\d+|ten|twenty|thirty|forty|fifty|sixty|{A})(?: \w+){0,5} (?:novorapid|humalog|novolog|apidra|fiasp|rapid|fast acting|short acting)(?: \w+){0,3} instead of|(?:accidentally|mistakenly) (?:took|taken)(?: \w+){0,4} {M}(?: \w+){0,2} (?:three|four|five|six|\d|several) times|(?:took|taken)(?: \w+){0,4} {M}(?: \w+){0,2} (?:three|four|five|six|several) times (?:by (?:accident|mistake)|accidentally|instead)|(?:took|taken|taking|swallowed) (?:\w+ ){0,2}more (?:of (?:my|the|his|her) )?(?:\w+ )?{D} than (?:i|he|she|we|they|you|the|is|was|what)(?: \w+){0,3} (?:should|shouldve|supposed|meant|allowed|prescribed|recommended|maximum|max|limit|leaflet|label|box|says)|(?:took|tok|tuk|taken|drank) (?:a |the )?hole (?:bottle|bottel|botel|botle|pack|box)",
    ),
    pattern(
        "too much given",
        Emergency::Poisoning,
        &["instead of"],
        r"(?:gave|given|giving)(?: \w+){0,2} {C}(?: \w+){0,4} (?:mls?|drops|spoons?|teaspoons?|spoonfuls?|syringes?)(?: \w+){0,3} instead of|(?:i|we|ive|weve|mum|mom|dad|husband|wife|nurse|babysitter|nanny|daycare|nursery|school)(?: \w+)? (?:gave|given) (?:him|her|them)(?: \w+){0,4} (?:mls?|drops|spoons?|teaspoons?|spoonfuls?|units)(?: \w+){0,3} instead of",
    ),
    pattern(
        "child or pet swallowed",
        Emergency::Poisoning,
        &[
            "of my ", "of our ", "of his ", "of her ", "of grand", "of mom", "of mum", "of dad", "of husband", "of wife",
        ],
        r"{C}(?: \w+){0,12} (?:he|she|they|it) (?:(?:has|have|may have|might have|mightve|mustve|must have) )?(?:had|eaten|taken|swallowed)(?: \w+){0,4} (?:of|some of) (?:my|our|his|her|grandmas|grandpas|moms|mums|dads|husbands|wifes)(?: \w+){0,3} {M}",
    )
    .across_clauses(),
    pattern(
        "swallowed poison",
        Emergency::Poisoning,
        &["drugging", "poisoning ", "put"],
        r"(?:is|are|been|was|keeps|hes|shes|theyre|think) (?:\w+ ){0,2}(?:drugging|poisoning) (?:me|my|him|her|our|us)|(?:puts|putting|put) (?:something|stuff|things|pills?|drugs?|{A}) (?:in|into) (?:my|his|her|our) (?:drinks?|food|tea|coffee|meals?|water|wine)",
    ),
    pattern(
        "too many pills",
        Emergency::Poisoning,
        &[" every "],
        r"(?:took|take|taking|taken|been taking) (?:[6-9]|1\d|2\d|six|seven|eight|nine|ten) (?:\w+ ){0,3}(?:tylenols?|paracetamols?|acetaminophen|panadols?)(?: \w+){0,2} every (?:\d+|two|three|four|six|eight|few)? ?(?:hours?|hrs?)",
    ),
    pattern(
        "poison in the eye",
        Emergency::Poisoning,
        &["eye"],
        r"(?:mixed up|confused|mistook|swapped)(?: \w+){0,3} eye ?drops(?: \w+){0,3} (?:super ?glue|glue|bleach|ear ?drops|nail \w+)|(?:super ?glue|nail glue|bleach)(?: \w+){0,4} (?:instead of|thought it was|for)(?: \w+){0,2} eye ?drops",
    ),
    pattern(
        "patch on a child",
        Emergency::Poisoning,
        &["patch"],
        r"(?:put|stuck|wore|wearing|used|applied)(?: \w+){0,4} (?:fentanyl|duragesic|opioid|morphine|buprenorphine) patch(?:es)?(?: \w+){0,2} instead|(?:two|three|four|both|several) (?:fentanyl|duragesic|morphine) patches (?:on|at once)",
    ),
    // "Gave the baby her drops and my husband gave them too": each of two people one dose.
    pattern(
        "too much given",
        Emergency::Poisoning,
        &["gave"],
        r"gave(?: \w+){0,3} {C}(?: \w+){0,8} and(?: \w+){0,2} (?:husband|wife|partner|mom|mum|mother|dad|father|grandma|grandpa|gran|nan|sister|brother|sitter|babysitter|nanny|he|she|they) (?:also |already |had |just )*(?:gave|given)(?: \w+){0,4} (?:too|as well|again|also)|gave(?: \w+){0,3} {C}(?: \w+){0,10} (?:{D}|{M}|dose|drops)(?: \w+){0,10} (?:gave|given) (?:it|them|him|her|some|one|another|the)(?: \w+){0,4} again",
    )
    .across_clauses(),
    pattern(
        "child or pet swallowed",
        Emergency::Poisoning,
        &["dog ", "cat ", "puppy ", "kitten "],
        r"(?:dog|cat|puppy|kitten) (?:just |has )?got (?:at |to )?(?:my|our|moms|mums|dads|grandmas)(?: \w+){0,2} {D}",
    ),
];

/// The folded word for an overdose that is one only where an apostrophe stood in it, and its pattern's name: `OD'd`, not `odd`.
pub(in crate::classify::safety_floor) const OVERDOSED: (&str, &str) = ("odd", "overdose");
