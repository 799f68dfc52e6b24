//! The classes of words that the patterns of [`emergencies`](super::emergencies) name in braces.

/// A pattern with its word classes written out.
pub(super) fn expand(pattern: &str) -> String {
    pattern
        .replace("{D}", DRUG)
        .replace("{A}", NAMED)
        .replace("{T}", THINNER)
        .replace("{V}", VICTIM)
        .replace("{P}", PERSON)
        .replace("{C}", CHILD)
        .replace("{M}", MEDICINE)
        .replace("{X}", POISON)
        .replace("{N}", MANY)
        .replace("{R}", DISPENSED)
        .replace("{O}", SOMEBODY_ELSES)
        .replace(r"\w", "[a-z0-9]")
        .replace(r"\d", "[0-9]")
}

/// What a pharmacy dispenses.
const DISPENSED: &str = r"(?:prescriptions?|rx|scripts?|medicines?|medications?|meds|pills?|tablets?|capsules?|drugs?|inhalers?|insulin|eye drops|antibiotics?|pain ?killers?)";
/// Whom a threat is against.
const VICTIM: &str = r"(?:everyone|everybody|you all|yall|all of you|you people|people|him|her|them|someone|somebody|your (?:\w+ )?(?:staff|pharmacists?|drivers?|stores?|shop|people|employees|family|pharmacy|office|building|team)|the (?:\w+ )?(?:pharmacists?|staff|drivers?|store|shop|place|building|pharmacy|clerk|cashier)|my (?:wife|husband|boss|neighbou?r|ex|kids?|family|mother|father|mom|dad|baby))";
/// Of a person who is not the sender.
const SOMEBODY_ELSES: &str = r"(?:(?:someone|somebody|some1|anybody|person) elses?|(?:another|a different) (?:patient|person|customer|client|man|woman|lady|guy|family|member)s?|other (?:peoples?|patients?|customers?)|a (?:complete |total )?strangers?|(?:my|our|the) neighbou?rs)";
/// A person or an animal.
const PERSON: &str = r"(?:son|daughter|husband|wife|mother|father|mom|mum|mam|mama|dad|papa|grandma|grandpa|gran|nan|grandmother|grandfather|brother|sister|uncle|aunt|auntie|cousin|neighbou?r|roommate|flatmate|girlfriend|boyfriend|partner|fiancee?|baby|toddler|infant|child|kids?|boy|girl|lad|grandson|granddaughter|grandchild|niece|nephew|twins?|patient|client|resident|friend|mate|dog|puppy|cat|kitten|little one|somebody|someone)";
/// A child or a pet.
const CHILD: &str = r"(?:son|daughter|baby|newborn|toddler|infant|child|kids?|boy|girl|lad|grandson|granddaughter|grandchild|grandbaby|niece|nephew|twins?|dog|puppy|pup|cat|kitten|rabbit|parrot|pet|(?:little|lil|wee) (?:one|man|guy)|(?:\d+|two|three|four|five|six) (?:years?|yrs?|yo|y o|months?|mos?)(?: olds?)?)";
/// Medicine, not by name.
const MEDICINE: &str = r"(?:pills?|tablets?|tabs|capsules?|caplets?|medicines?|medications?|meds|syrup|cough mixture|drops|painkillers?|antidepressants?|sedatives|sleeping pills?|opioids?|insulin|paracetamol|tylenol|acetaminophen|ibuprofen|aspirin|benadryl|advil|xanax|oxy\w*|codeine|morphine|fentanyl|methadone|lithium|iron|prescription|antibiotics?|doses?|mg)";
/// What must not be swallowed.
const POISON: &str = r"(?:bleach|antifreeze|detergents?|cleaners?|cleaning (?:fluid|product|spray|stuff)|drain \w+|paint\w*|gasoline|petrol|kerosene|lamp oil|lighter fluid|nail polish(?: remover)?|nail varnish(?: remover)?|acetone|rat (?:poison|bait)|poison|pesticides?|insecticide|weed ?killer|slug pellets|hand (?:saniti[sz]er|gel|rub)|rubbing alcohol|isopropyl|methylated|button batter(?:y|ies)|batter(?:y|ies)|magnets?|laundry pods?|tide pods?|dishwasher (?:pod|tablet|pods|tablets)|mothballs?|vape juice|e liquid|nicotine(?: \w+)?|essential oils?|mercury|toilet \w+|disinfectant|xylitol|mouthwash|perfume|peroxide|turpentine|white spirit)";
/// Medicine, also by name: the endings that drug names share, and some common ones without.
const DRUG: &str = r"(?:{M}|{A})";
/// Medicine by name only.
const NAMED: &str = r"(?:\w+(?:pril|olol|sartan|statin|zepam|azolam|cillin|mycin|tyline|triptan|gabalin|codeine|odone|adol|profen|xetine|traline|iapine|pramine|dipine|ripine|etamol|formin|thyroxine|drine|barbital|opram|prazole|lukast|gliptin|gliflozin|floxacin|cycline|conazole|nidazole|thiazide|semide|isone|olone|zapine|bital|afaxine)|motrin|aleve|calpol|nurofen|warfarin|insulin|gabapentin|digoxin|lithium|clonidine|melatonin|xanax|valium|ambien|adderall|benadryl|nyquil|tylenol|vitamins?|diazepam|oxycodone|vapes?|co ?codamol|co ?dydramol|percocets?|percs?|vicodin|norco|oxycontin|klonopin|ativan|seroquel|zolpidem|nytol|prozac|zoloft|naproxen|carbamazepine|lamotrigine|valproate|colchicine|verapamil|loperamide)";
/// Medicines that keep blood from clotting.
const THINNER: &str = r"(?:eliquis|apixaban|xarelto|rivaroxaban|warfarin|coumadin|pradaxa|dabigatran|plavix|clopidogrel|brilinta|lovenox|(?:blood )?thinners?)";
/// More than anybody takes of anything.
const MANY: &str = r"(?:[1-9]\d|[1-9]\d\d|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|a hundred|a dozen|dozens)";
