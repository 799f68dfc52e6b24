//! `closed_set!`: an enum whose values have one spelling each, the same in the database, JSON, metrics and on the command line.
//!
//! It fails in one way: a text that names no value is an [`UnknownLabel`].

/// A text that names no value of the set asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("known are {}", listed(.known))]
pub struct UnknownLabel {
    /// The spellings that would have been right.
    pub known: &'static [&'static str],
}

fn listed(known: &[&str]) -> String {
    match known {
        [all_but_last @ .., last] if !all_but_last.is_empty() => {
            format!("{} and {last}", all_but_last.join(", "))
        }
        _ => known.concat(),
    }
}

/// Declares the enum with `ALL` and `SPELLINGS` in declaration order (which is also the order of its values), `as_str`, `parse`,
/// `FromStr` and `Display`.
macro_rules! closed_set {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value, in declaration order; `self as usize` is the index into it.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Every spelling, in declaration order.
            pub const SPELLINGS: &'static [&'static str] = &[$($text),+];

            /// The value's one spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The value of this spelling.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::closed_set::UnknownLabel;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text).ok_or($crate::closed_set::UnknownLabel { known: Self::SPELLINGS })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.as_str()) }
        }
    };
}

#[cfg(test)]
mod tests {
    closed_set! {
        /// Signs on a door.
        Sign {
            /// Come in.
            Open = "open",
            /// Do not.
            Closed = "closed",
            /// At noon.
            OutToLunch = "out_to_lunch",
        }
    }

    #[test]
    fn a_value_is_read_from_its_spelling_and_any_other_is_told_the_ones_there_are() {
        for sign in Sign::ALL {
            assert_eq!(sign.as_str().parse(), Ok(*sign));
            assert_eq!(serde_json::to_value(sign).unwrap(), sign.to_string());
        }
        let unknown = "Open".parse::<Sign>().unwrap_err();
        assert_eq!(unknown.to_string(), "known are open, closed and out_to_lunch");
    }
}
