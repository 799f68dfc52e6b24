//! The few kinds of values that the schema uses, to bind to either engine's statements.

/// A value to bind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Int(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
}

macro_rules! value_from {
    ($($from:ty => |$it:ident| $to:expr),+ $(,)?) => {
        $(impl<'a> From<$from> for Value<'a> {
            fn from($it: $from) -> Self { $to }
        })+
    };
}
value_from! {
    i64 => |it| Self::Int(Some(it)),
    Option<i64> => |it| Self::Int(it),
    &'a str => |it| Self::Text(Some(it)),
    Option<&'a str> => |it| Self::Text(it),
    &'a String => |it| Self::Text(Some(it)),
    &'a [u8] => |it| Self::Bytes(Some(it)),
    &'a Vec<u8> => |it| Self::Bytes(Some(it)),
    Option<&'a [u8]> => |it| Self::Bytes(it),
}
