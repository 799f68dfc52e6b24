//! What a text holds, counted in one scan, so that patterns run only on texts that can match.

/// What a text holds, counted in one scan.
#[derive(Debug, Default)]
pub(super) struct Traits {
    pub(super) digits: usize,
    /// Digits in the longest row.
    pub(super) longest_run: usize,
    /// Words of letters and digits, and the length of the longest.
    pub(super) mixed: usize,
    pub(super) longest_mixed: usize,
    pub(super) colons: usize,
    pub(super) dots: usize,
    pub(super) at_sign: bool,
    pub(super) slash: bool,
    pub(super) www: bool,
    pub(super) masked: bool,
    /// A year from 1900 to 2019.
    pub(super) old_year: bool,
    /// A number from 90 to 129.
    pub(super) high_age: bool,
    /// A letter that is taken for a digit, O or l, beside one.
    pub(super) misread: bool,
}

impl Traits {
    pub(super) fn of(text: &str) -> Self {
        let mut traits = Self::default();
        let bytes = text.as_bytes();
        let (mut run, mut letters, mut digits) = (0, 0, 0);
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    traits.misread |= run == 0 && letters > 0 && is_misread(bytes[at - 1]);
                    traits.digits += 1;
                    digits += 1;
                    run += 1;
                    traits.longest_run = traits.longest_run.max(run);
                    continue;
                }
                b'a'..=b'z' | b'A'..=b'Z' => {
                    letters += 1;
                    if run > 0 {
                        traits.misread |= is_misread(*byte);
                        traits.close_number(&bytes[at - run..at]);
                        run = 0;
                    }
                    if *byte | 0x20 == b'x' {
                        traits.masked |= at > 0 && bytes[at - 1] | 0x20 == b'x';
                    }
                    continue;
                }
                b'@' => traits.at_sign = true,
                b':' => traits.colons += 1,
                b'.' => {
                    traits.dots += 1;
                    // Not quite "www.", but nothing else ends in it.
                    traits.www |= at > 1 && bytes[at - 1] | 0x20 == b'w' && bytes[at - 2] | 0x20 == b'w';
                }
                b'/' => traits.slash = true,
                b'*' | b'#' => traits.masked |= at > 0 && bytes[at - 1] == *byte,
                _ => {}
            }
            if digits > 0 {
                traits.close_number(&bytes[at - run..at]);
                traits.close_word(letters, digits);
            }
            (run, letters, digits) = (0, 0, 0);
        }
        traits.close_number(&bytes[bytes.len() - run..]);
        traits.close_word(letters, digits);
        // A hyphenated code counts whole.
        if traits.mixed > 1 || (traits.mixed > 0 && traits.colons > 1) {
            traits.mixed = traits.mixed.max(2);
        }
        traits
    }

    fn close_number(&mut self, number: &[u8]) {
        match number {
            [b'9', _] | [b'1', b'0'..=b'2', _] => self.high_age = true,
            [b'1', b'9', _, _] | [b'2', b'0', b'0' | b'1', _] => self.old_year = true,
            _ => {}
        }
    }

    fn close_word(&mut self, letters: usize, digits: usize) {
        if letters > 0 && digits > 0 {
            self.mixed += 1;
            self.longest_mixed = self.longest_mixed.max(letters + digits);
        }
    }
}

/// Whether a letter is taken for a digit.
fn is_misread(byte: u8) -> bool {
    matches!(byte, b'O' | b'o' | b'l' | b'I')
}
