//! Threats against others: whoever reads one must call for help, whatever it was that the sender wanted.

use super::pattern::{Pattern, pattern};
use crate::classify::safety_floor::raise::Emergency;

/// In the order in which they are tried.
pub(super) const PATTERNS: &[Pattern] = &[
    pattern(
        "threat of violence",
        Emergency::Medical,
        &["shoot", "kill", "stab", "murder", "blow up", "bomb", "burn down", "gun", "knife"],
        r"(?:im|i am|ima|were|hes|shes|he is|she is|they are|theyre) (?:going to|gonna|about to)(?: \w+){0,6} (?:shoot|kill|stab|murder|blow up|bomb|burn down)(?: \w+)? {V}|(?:i will|ill|i want to|i wanna|i swear ill|i plan to|i might)(?: \w+){0,6} (?:shoot|kill|stab|murder|blow up|bomb|burn down)(?: \w+)? {V}|(?:this is a |making a )?bomb threat|(?:there is|theres|planted|put) a bomb|(?:man|woman|guy|somebody|someone|husband|boyfriend|he|she|ex)(?: \w+){0,2} (?:has a gun|with a (?:gun|knife)|pointing a gun|waving a (?:gun|knife))",
    )
    .across_clauses(),
    pattern(
        "threat of violence",
        Emergency::Medical,
        &["gun", "knife", "rifle", "machete", "burn ", "kill you", "stab you", "murder you"],
        r"(?:if (?:\w+ ){0,10})?(?:(?:im|i am|ill|i will|were|hes|he is|gonna|ima) (?:\w+ ){0,4}(?:come|coming|go|going|be|walk|walking|bring|bringing|show up|showing up)(?: \w+){0,4} (?:with|and bring|bring|bringing)? ?(?:a|my|the) (?:gun|knife|rifle|shotgun|machete)|(?:im|i am|ima|were|ill|i will|i swear ill|i might|i want to|i wanna|someone should) (?:\w+ ){0,4}burn {V} (?:\w+ )?(?:down|up|to the ground)|(?:im|i am|ima|ill|i will|i want to|i wanna|i swear ill) (?:\w+ ){0,3}(?:kill|stab|murder) you)",
    ),
];
