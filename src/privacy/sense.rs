//! What a cue says about the value beside it.

use super::kind::IdentifierKind;

/// What a cue says about the value beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sense {
    /// The value identifies a person in this way.
    Confirms(IdentifierKind),
    /// The value, if it follows at once, identifies a person in this way; farther away the word means nothing.
    Suggests(IdentifierKind),
    /// The value is a number that the workflow needs to see.
    Denies,
    /// Context of one of the operator's recognizers, by its place in the list.
    Operator(u16),
    /// "at", which may stand for the sign.
    At,
    /// A word for a street.
    Street,
    /// "slash", said.
    Slash,
    /// A number word.
    Number,
    /// "hundred", a number word that can be an age by itself.
    Hundred,
    /// A person's name may follow.
    Introduces(Lead),
    /// The text speaks of a product, so that an expiry date is not a card's.
    Product,
}

/// How surely a cue announces a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// "my name is": what follows is a name, in any case.
    Declared,
    /// "patient", "from": a name if it looks like one; declared when a colon follows.
    Label,
    /// "this is", "I'm": a known name, or two capitals.
    Introduced,
    /// "Dr.", "Mrs.".
    Title,
    /// "nurse", "aunt": a known name.
    Role,
    /// "my wife": any capitalised word that is no common one.
    Kin,
    /// "mi hija", "Paket für": as [`Self::Kin`], but that in lower case a name is one that is nothing else; the others are words there.
    ForeignKin,
    /// "spoke with", "for": a known name.
    Relation,
    /// "hi", "dear".
    Greeting,
    /// "spelled": letters follow.
    Spelled,
    /// "here", "speaking": the name stands before.
    Here,
    /// "told me", "from the pharmacy": the name stands before, where a clause begins.
    Acts,
    /// "is jasmine there", "henrik with a k": the name stands before, after a verb or alone.
    Beside,
    /// "dob", "born": the whole name stands before.
    Dated,
    /// "regards": a signature follows, mostly on a line of its own.
    SignOff,
}
