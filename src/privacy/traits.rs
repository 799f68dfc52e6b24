//! What a text holds, counted while it is scanned (`scan.rs`), so that patterns run only on texts that can match.

/// What a text holds.
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
    pub(super) equals: bool,
    pub(super) at_sign: bool,
    pub(super) slash: bool,
    pub(super) www: bool,
    pub(super) hash_sign: bool,
    pub(super) masked: bool,
    pub(super) lines: bool,
    pub(super) brackets: bool,
    pub(super) angles: bool,
    /// A number was said, digit by digit or in words.
    pub(super) said: bool,
    /// Something beyond ASCII.
    pub(super) beyond_ascii: bool,
    /// A year from 1900 to 2019.
    pub(super) old_year: bool,
    /// A number from 90 to 129.
    pub(super) high_age: bool,
    /// Somebody hesitates: "uh".
    pub(super) hesitates: bool,
    /// A letter that is taken for a digit, O or l, beside one.
    pub(super) misread: bool,
}

impl Traits {
    /// Counts the mark at `at`.
    #[inline]
    pub(super) fn mark(&mut self, bytes: &[u8], at: usize) {
        let before = |back: usize| at.checked_sub(back).map_or(0, |at| bytes[at]);
        match bytes[at] {
            b'@' => self.at_sign = true,
            b':' => self.colons += 1,
            b'=' => self.equals = true,
            b'.' => {
                self.dots += 1;
                // Not quite "www.", but nothing else ends in it.
                self.www |= before(1) | 0x20 == b'w' && before(2) | 0x20 == b'w';
            }
            b'/' => self.slash = true,
            b'\n' => self.lines = true,
            b'(' => self.brackets = true,
            b'<' => self.angles = true,
            mark @ (b'*' | b'#') => {
                self.masked |= before(1) == mark;
                self.hash_sign |= mark == b'#';
            }
            _ => {}
        }
    }

    /// Counts a word that holds an x and no digit.
    pub(super) fn word_with_x(&mut self, word: &[u8]) {
        self.masked |= word
            .windows(2)
            .any(|pair| pair[0] | 0x20 == b'x' && pair[1] | 0x20 == b'x');
    }

    /// Counts a word of digits alone.
    pub(super) fn number(&mut self, number: &[u8]) {
        self.digits += number.len();
        self.longest_run = self.longest_run.max(number.len());
        self.close_number(number);
    }

    /// Counts a word that holds digits; what is not ASCII parts it.
    pub(super) fn word_with_digits(&mut self, word: &[u8]) {
        let (mut run, mut letters, mut digits) = (0, 0, 0);
        for (at, byte) in word.iter().enumerate() {
            if byte.is_ascii_digit() {
                self.misread |= run == 0 && letters > 0 && is_misread(word[at - 1]);
                digits += 1;
                run += 1;
                self.longest_run = self.longest_run.max(run);
                continue;
            }
            self.close_number(&word[at - run..at]);
            if byte.is_ascii() {
                letters += 1;
                self.misread |= run > 0 && is_misread(*byte);
                self.masked |= *byte | 0x20 == b'x' && at > 0 && word[at - 1] | 0x20 == b'x';
            } else {
                self.close_word(letters, digits);
                (letters, digits) = (0, 0);
            }
            run = 0;
        }
        self.close_number(&word[word.len() - run..]);
        self.close_word(letters, digits);
    }

    /// Ends the count.
    pub(super) fn close(&mut self) {
        // A hyphenated code counts whole.
        if self.mixed > 0 && self.colons > 1 {
            self.mixed = self.mixed.max(2);
        }
    }

    fn close_number(&mut self, number: &[u8]) {
        match number {
            [b'9', _] | [b'1', b'0'..=b'2', _] => self.high_age = true,
            [b'1', b'9', _, _] | [b'2', b'0', b'0' | b'1', _] => self.old_year = true,
            _ => {}
        }
    }

    fn close_word(&mut self, letters: usize, digits: usize) {
        self.digits += digits;
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
