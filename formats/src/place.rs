//! Where in a JSON text something stands: the library that reads it forgets.

use std::collections::BTreeSet;

use crate::Position;

/// The position of what a JSON pointer (RFC 6901) leads to in `text`, which is JSON; `None` when it leads nowhere.
///
/// A key that is there twice means the last one, as it does to the reader.
#[must_use]
pub fn position_of(text: &str, pointer: &str) -> Option<Position> {
    let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut at = Scan { text, at: 0 }.past_space();
    for step in steps {
        at = at.child(&step)?;
    }
    Some(position(&text[..at.at]))
}

/// The first `most` keys that their objects have already, each with its pointer, where it stands again; `text` is JSON.
pub(crate) fn repeated(text: &str, most: usize) -> Vec<(String, Position)> {
    let mut ahead = vec![(String::new(), Scan { text, at: 0 }.past_space())];
    let mut found = Vec::new();
    while let Some((pointer, at)) = ahead.pop() {
        match at.peek() {
            Some(b'{') => {
                let mut keys = BTreeSet::new();
                for (key, place, value) in at.members() {
                    let pointer = inside(&pointer, &key);
                    if !keys.insert(key) {
                        found.push((place.at, pointer.clone()));
                    }
                    ahead.push((pointer, value));
                }
            }
            Some(b'[') => {
                let items = at.items().enumerate();
                ahead.extend(items.map(|(index, item)| (inside(&pointer, &index.to_string()), item)));
            }
            _ => {}
        }
    }
    found.sort_unstable();
    found.into_iter().take(most).map(|(at, pointer)| (pointer, position(&text[..at]))).collect()
}

/// The pointer to what `step` names inside of what `pointer` leads to.
#[must_use]
pub fn inside(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// Where the text after `before` begins.
fn position(before: &str) -> Position {
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Position { line: before.matches('\n').count() + 1, column: before.len() - line_start + 1 }
}

/// A place in a JSON text.
#[derive(Clone, Copy)]
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl Scan<'_> {
    fn peek(self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn past(self, bytes: usize) -> Self {
        Scan { at: (self.at + bytes).min(self.text.len()), ..self }
    }

    fn past_space(self) -> Self {
        let rest = &self.text.as_bytes()[self.at..];
        self.past(rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count())
    }

    /// The value of the member or the item that `step` names.
    fn child(self, step: &str) -> Option<Self> {
        match self.peek()? {
            b'{' => self.members().filter(|(key, ..)| key == step).last().map(|(.., value)| value),
            b'[' => self.items().nth(step.parse().ok()?),
            _ => None,
        }
    }

    fn items(self) -> impl Iterator<Item = Self> {
        let mut next = self.past(1).past_space();
        std::iter::from_fn(move || {
            let item = (next.peek()? != b']').then_some(next)?;
            next = item.past_value().past_comma();
            Some(item)
        })
    }

    /// The members of an object: the key, where it stands, and the value.
    fn members(self) -> impl Iterator<Item = (String, Self, Self)> {
        let mut next = self.past(1).past_space();
        std::iter::from_fn(move || {
            (next.peek()? == b'"').then_some(())?;
            let (place, after) = (next, next.past_value());
            let key = serde_json::from_str(&next.text[next.at..after.at]).ok()?;
            let value = after.past_space().past(1).past_space();
            next = value.past_value().past_comma();
            Some((key, place, value))
        })
    }

    fn past_comma(self) -> Self {
        let end = self.past_space();
        if end.peek() == Some(b',') { end.past(1).past_space() } else { end }
    }

    /// Behind the value that begins here: strings are skipped whole, brackets in pairs.
    fn past_value(self) -> Self {
        let (mut at, mut depth) = (self, 0_usize);
        loop {
            match at.peek() {
                Some(b'"') => at = at.past_string(),
                Some(b'{' | b'[') => (at, depth) = (at.past(1), depth + 1),
                Some(b'}' | b']') if depth > 0 => (at, depth) = (at.past(1), depth - 1),
                Some(b'}' | b']' | b',') if depth == 0 => return at,
                Some(byte) if depth == 0 && byte.is_ascii_whitespace() => return at,
                Some(_) => {
                    at = at.past(1);
                    continue;
                }
                None => return at,
            }
            if depth == 0 {
                return at;
            }
        }
    }

    fn past_string(self) -> Self {
        let bytes = &self.text.as_bytes()[self.at..];
        let mut length = 1;
        while let Some(&byte) = bytes.get(length) {
            match byte {
                b'"' => return self.past(length + 1),
                b'\\' => length += 2,
                _ => length += 1,
            }
        }
        self.past(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\"a\": [1, \"x]\\\"\", {\"b/c\": null}],\n \"d\": -2.5e3, \"a~\" : {}}";

    fn check(pointer: &str, expected: Option<(usize, usize)>) {
        let expected = expected.map(|(line, column)| Position { line, column });
        assert_eq!(position_of(TEXT, pointer), expected, "{pointer}");
    }

    #[test]
    fn a_pointer_leads_to_a_line_and_a_column() {
        check("", Some((1, 1)));
        check("/a", Some((1, 7)));
        check("/a/1", Some((1, 11)));
        check("/a/2/b~1c", Some((1, 27)));
        check("/d", Some((2, 7)));
        check("/a~0", Some((2, 22)));
    }

    #[test]
    fn what_is_not_there_is_nowhere() {
        check("/e", None);
        check("/a/3", None);
        check("/d/0", None);
        assert_eq!(position_of("", "/a"), None);
        assert_eq!(position_of("[", "/0"), None);
    }

    #[test]
    fn the_last_of_two_keys_counts() {
        assert_eq!(position_of("{\"a\":1,\"a\":2}", "/a"), Some(Position { line: 1, column: 12 }));
    }

    #[test]
    fn steps_are_escaped() {
        assert_eq!(inside("/a", "b/c~"), "/a/b~1c~0");
    }
}
