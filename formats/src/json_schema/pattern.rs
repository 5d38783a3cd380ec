//! Patterns: whether a text can be a regular expression at all.
//!
//! JSON Schema means those of ECMA-262. Which texts match one is not decided anywhere here; one that no engine takes is
//! refused, because a validator that is given it fails on every record, or passes over it. Only what is wrong in every
//! mode of that language is told: what is left may still be refused by one engine or another.

use std::iter::Peekable;
use std::str::Chars;

/// What is wrong with a pattern, in words.
pub(super) fn mistake(pattern: &str) -> Option<&'static str> {
    Scan { left: pattern.chars().peekable(), open: 0, repeats: false }.run().err()
}

struct Scan<'a> {
    left: Peekable<Chars<'a>>,
    /// Groups that are not closed yet.
    open: usize,
    /// Whether there is something before that can be repeated.
    repeats: bool,
}

impl Scan<'_> {
    fn run(mut self) -> Result<(), &'static str> {
        while let Some(char) = self.left.next() {
            self.step(char)?;
        }
        if self.open > 0 { Err("a group is not closed") } else { Ok(()) }
    }

    fn step(&mut self, char: char) -> Result<(), &'static str> {
        match char {
            '\\' => drop(self.left.next().ok_or("it ends in a backslash")?),
            '[' => self.class()?,
            '(' => self.group(),
            ')' => self.open = self.open.checked_sub(1).ok_or("a group is closed that was not opened")?,
            '*' | '+' | '?' => return self.repeat(),
            '{' => return self.braces(),
            _ => {}
        }
        self.repeats = !matches!(char, '(' | '|' | '^');
        Ok(())
    }

    /// What stands behind the opening of a group belongs to it: `?:`, `?=`, `?<name>`.
    fn group(&mut self) {
        self.open += 1;
        self.left.next_if_eq(&'?');
    }

    fn repeat(&mut self) -> Result<(), &'static str> {
        if !self.repeats {
            return Err("there is nothing to repeat");
        }
        self.left.next_if_eq(&'?');
        self.repeats = false;
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,5}` repeat; other braces stand for themselves.
    fn braces(&mut self) -> Result<(), &'static str> {
        let ahead: String = self.left.clone().take_while(|char| *char != '}').collect();
        let Some((least, most)) = bounds(&ahead).filter(|_| self.left.clone().any(|char| char == '}')) else {
            self.repeats = true;
            return Ok(());
        };
        if most.is_some_and(|most| most < least) {
            return Err("it repeats more often than it may");
        }
        self.left.nth(ahead.chars().count());
        self.repeat()
    }

    fn class(&mut self) -> Result<(), &'static str> {
        const OPEN: &str = "a class of characters is not closed";
        self.left.next_if_eq(&'^');
        // The character before, where a range may begin with it.
        let mut before: Option<char> = None;
        loop {
            match self.left.next().ok_or(OPEN)? {
                ']' => return Ok(()),
                '\\' => {
                    self.left.next().ok_or(OPEN)?;
                    before = None;
                }
                '-' => {
                    let from = before.take();
                    let to = self.left.next_if(|next| !matches!(next, ']' | '\\' | '['));
                    if from.zip(to).is_some_and(|(from, to)| to < from) {
                        return Err("a range of characters is out of order");
                    }
                }
                other => before = Some(other),
            }
        }
    }
}

/// The bounds of a repetition.
fn bounds(text: &str) -> Option<(u64, Option<u64>)> {
    match text.split_once(',') {
        None => text.parse().ok().map(|only| (only, Some(only))),
        Some((least, "")) => Some((least.parse().ok()?, None)),
        Some((least, most)) => Some((least.parse().ok()?, Some(most.parse().ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use super::mistake;

    #[test]
    fn what_no_engine_takes_is_told() {
        for (pattern, said) in [
            ("[", "a class of characters is not closed"),
            ("[a\\]", "a class of characters is not closed"),
            ("a(b", "a group is not closed"),
            ("a)b", "a group is closed that was not opened"),
            ("a\\", "it ends in a backslash"),
            ("*a", "there is nothing to repeat"),
            ("a(+b)", "there is nothing to repeat"),
            ("a**", "there is nothing to repeat"),
            ("[z-a]", "a range of characters is out of order"),
            ("a{3,2}", "it repeats more often than it may"),
        ] {
            assert_eq!(mistake(pattern), Some(said), "{pattern}");
        }
    }

    #[test]
    fn what_engines_take_is_taken() {
        for pattern in [
            "",
            "^a+?$",
            "[]",
            "[^]",
            "[]a]?",
            "(?:a|b)*",
            "(?<n>a)",
            "(?=a)b",
            "a{2,3}?",
            "a{2}",
            "a{2,}",
            "a{",
            "{x}",
            "\\(\\[",
            "[(*]",
            "[a-]",
            "[-a]",
            "[\\w-z]",
            "^\\d{4}-\\d{2}$",
            "a|",
            "[a-z]+\\.[0-9]",
            r"\p{L}+",
            r"\u{1F600}",
        ] {
            assert_eq!(mistake(pattern), None, "{pattern}");
        }
    }
}
