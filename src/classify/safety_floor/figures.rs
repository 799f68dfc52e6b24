//! What only sounds like an emergency: figures of speech, products and papers, and questions about what could happen.
//!
//! Written for folded text, as the patterns of [`emergencies`](super::emergencies) are.

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
    (
        "overdose",
        r"in (?:19|20)\d\d (?:\w+ ){0,4}(?:overdosed?|od)|(?:overdosed?|od)(?: \w+){0,3} in (?:19|20)\d\d",
    ),
    (
        "pregnancy emergency",
        r"(?:bleeding|bled) (?:gums?|from (?:my|the|her) (?:gums?|nose|finger|knee))|gums?(?: \w+){0,2} (?:bleeding|bled)(?: \w+){0,5}|(?:baby|kids?) (?:monitor|swing|gate|walker|app)(?: \w+){0,4}|pregnan\w+(?: \w+){0,4} gums?(?: \w+){0,2} (?:bleeding|bled)",
    ),
    // The right eye of an eye prescription, and what only seems odd.
    (
        "overdose",
        r"od (?:and|or) os|od (?:\d+$|\d+ (?:os|sph\w*|cyl\w*)|plano|sph\w*|cyl\w*|os)|os (?:\w+ ){0,3}od|(?:prescription|rx|lens|lenses|contacts|glasses|script) (?:(?:is|was|are|were|has|have|had|for|of|says|reads|in|the|from) )+od|od on (?:(?:the|my|his|her|your|this|that|our) )?(?:\w+ )?(?:left|right|box|label|form|card|order|site|website|prescription|rx|script)|(?:am|was|were|is|are|find|finds|found|seems?|looks?|makes|made|called)(?: my| our| the)? (?:i|he|she|they|{P}) odd",
    ),
    ("swallowed poison", r"food poison\w*"),
    (
        "sudden headache",
        r"(?:site|website|app|checkout|service|company|store|you|your \w+|phone|hold music|process)(?: \w+){0,5} headache.*",
    ),
    (
        "sight lost",
        r"blind (?:test|tests|study|trial|spot|date|faith)|(?:site|website|app|font|screen|text)(?: \w+){0,4} blind|lost (?:\w+ )?sight of",
    ),
    (
        "threat of violence",
        r"(?:kill|murder) you with|(?:photo|video|film|commercial)(?: \w+)? shoot|shoot (?:you|me|him|her|them|us|the \w+) (?:an?|the) (?:e ?mail|text|message)|glue gun|heat gun|butter knife|bomb (?:cyclone|threat(?:ened)? movie)|bath bombs?",
    ),
    (
        "fever",
        r"(?:thermometers?|fever (?:reducer|chart|patch|strips?))(?: \w+){0,6}",
    ),
    (
        "reaction",
        r"interacts? with (?:the )?(?:app|site|website|bot|chat\w*|agents?|portal|staff|people|customers?)",
    ),
    (
        "not in English",
        r"(?:19|20)\d\d(?: \w+){0,4} (?:herzinfarkt|schlaganfall|infarto|enfarte|infarctus)|(?:herzinfarkt|schlaganfall|infarto|enfarte|infarctus)(?: \w+){0,3} (?:19|20)\d\d|hals (?:uber|und) kopf|nicht (?:\w+ )?(?:geschluckt|gefressen|gegessen)|falta de ar condicionado|hals der flasche|(?:der|die|das|ihre?|eure?|euer|diese[rs]?|el|la|su|sus|este|esta|le|votre|vos|cette|ce|il|lo|vostro|questo|o|a|seu|sua) (?:servicio|atencion|pagina|web|sitio|app|aplicacion|chat\w*|bot|soporte|sistema|empresa|kundendienst|kundenservice|kundenbetreuung|support|\w*seite|website|webshop|shop|server|hotline|software|site|service|appli|application|boutique|sito|servizio|assistenza|suporte|atendimento|loja|stoff|gewebe|tela|tejido|tessuto|tecido|tissu|matratze|colchon|materasso|jacke|zelt|regal|karton|bildschirm|pantalla|ecran|schermo|gerat|dispositivo)(?: \w+){0,3} (?:no responde|reagiert nicht|zusammengebrochen|atmet nicht|no respira|nao respira|non respira|ne respire p\w+)|arbeite\w*(?: \w+){0,4} notaufnahme|notaufnahme(?: \w+){0,3} (?:arbeite|tatig|dienst)|(?:trabajo|trabaja|trabajando|turno|enfermer[oa]|medic[oa]) (?:en|de) (?:la )?(?:uci|cuidados intensivos)|ohnmachtig (?:gegenuber|vor wut)|inconsciente?s? (?:de|des|du)|(?:cest|cetait) (?:\w+ )?inconscient|svenut\w(?: \w+){0,6} (?:conto|prezzo|fattura|costo|importo|bolletta)|desmay\w+(?: \w+){0,5} (?:precio|cuenta|factura)|desmai\w+(?: \w+){0,5} (?:preco|conta|valor)|(?:mit|voll|viele?) (?:\w+ )?ganas de vivir|morire dal(?:le)? (?:ridere|risate)|morrer de rir",
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

/// What is no emergency though a phrase of [`other_languages`](super::other_languages) begins in it: an activity that is not wanted, a bottle's
/// mouth, a hotline that is hard to understand, waiting to death, and a chatbot that does not answer.
pub(super) const FIGURATIVE_PHRASES: &str = r"不想活[动動跃躍]|(?:客服|语音|电话|机器人|接线员)[^ ]{0,6}说话|[喷瓶管]嘴|(?:hang|lau|đoi|nong|đat|gian|tuc|cuoi) muon chet|(?:chatbot|bot|app|site|website|webshop|pagina|klantenservice|systeem|server|chat|link)(?: [^ ]+){0,6} (?:hij|ze|zij) reageert niet";

/// A clause that asks about a risk in general instead of telling of one; raised, but not to urgent.
pub(super) const HYPOTHETICAL: &str = r"^(?:(?:hi|hello|hey|so|and|ok|quick question|um|just) )*(?:does|do|can|could|will|would|what|which|how|is|are|should|whats|when)\b.*\b(?:cause|causes|causing|lead to|leads to|risk|risks|risk of|side effects?|symptoms? of|signs? of|warning signs|chances? of|in case of|to prevent|to treat|used for|help with|good for|can you overdose|possible to overdose|if someone|if somebody|for people who|for someone)\b|^(?:can|could|is it possible to|how easy is it to) (?:you |one |someone |people |a person |it )?(?:\w+ )?(?:overdose|od)\b|(?:history of|prone to|prevent|prevents|medicine for|meds for|medication for|pills for|leaflet (?:says|mentions|lists)|training|trainings|course|class|certificate|podcast|article|book|novel|movie|film|song|quiz|essay) ";
