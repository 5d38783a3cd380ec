//! JSON, as far as the types `json` (any valid text) and `jsonb` (normalised) need it.

use super::decimal;
use super::error::{SqlError, State, raise, unsupported};

/// How deep values may be nested: far deeper than data is, far less than a stack holds.
const DEPTH: usize = 128;

/// A JSON value, its numbers as text in the form `numeric` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::data) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    /// Keys in the order of `jsonb`: shorter first, then by bytes.
    Object(Vec<(String, Json)>),
}

/// Reads a JSON text.
pub(in crate::data) fn parse(text: &str) -> Result<Json, SqlError> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at == text.len() { Ok(value) } else { invalid() }
}

fn invalid<T>() -> Result<T, SqlError> {
    raise(State::InvalidText, "invalid input syntax for type json")
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.space();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), SqlError> {
        if self.take(byte) { Ok(()) } else { invalid() }
    }

    fn value(&mut self, depth: usize) -> Result<Json, SqlError> {
        if depth > DEPTH {
            return unsupported(format!("JSON nested more than {DEPTH} deep"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, SqlError> {
        let words = [("null", Json::Null), ("true", Json::Bool(true)), ("false", Json::Bool(false))];
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let found = words.into_iter().find(|(word, _)| *word == &rest[..end]);
        self.at += end;
        found.map_or_else(invalid, |(_, value)| Ok(value))
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Json, SqlError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        let mut good = whole > 0 && !(leading_zero && whole > 1);
        if self.peek() == Some(b'.') {
            self.at += 1;
            good &= self.digits() > 0;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            good &= self.digits() > 0;
        }
        let ends = !self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
        if !good || !ends {
            return invalid();
        }
        let number = decimal::parse(&self.text[start..self.at]).unwrap_or_else(invalid)?;
        Ok(Json::Number(number.to_string()))
    }

    fn array(&mut self, depth: usize) -> Result<Json, SqlError> {
        self.expect(b'[')?;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            self.expect(b',')?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, SqlError> {
        self.expect(b'{')?;
        let mut members: Vec<(String, Json)> = Vec::new();
        if self.take(b'}') {
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            let key = if self.peek() == Some(b'"') { self.string()? } else { return invalid() };
            self.expect(b':')?;
            let value = self.value(depth + 1)?;
            members.retain(|(other, _)| *other != key);
            members.push((key, value));
            if self.take(b'}') {
                members.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
                return Ok(Json::Object(members));
            }
            self.expect(b',')?;
        }
    }

    fn string(&mut self) -> Result<String, SqlError> {
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.at..];
            let Some(c) = rest.chars().next() else { return invalid() };
            self.at += c.len_utf8();
            match c {
                '"' => return Ok(string),
                '\\' => string.push(self.escape()?),
                c if c < ' ' => return invalid(),
                c => string.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, SqlError> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some_and(|b| b.is_ascii()));
        Ok(match byte {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return invalid(),
        })
    }

    fn unicode(&mut self) -> Result<char, SqlError> {
        let first = self.four_hex()?;
        if (0xD800..0xE000).contains(&first) {
            return unsupported("surrogate pairs in JSON");
        }
        match char::from_u32(first) {
            Some('\0') => raise(State::Untranslatable, "\\u0000 cannot be converted to text"),
            Some(c) => Ok(c),
            None => invalid(),
        }
    }

    fn four_hex(&mut self) -> Result<u32, SqlError> {
        let hex = self.text.get(self.at..self.at + 4).unwrap_or("");
        self.at += hex.len();
        let is_hex = hex.len() == 4 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hex { Ok(u32::from_str_radix(hex, 16).unwrap_or(0)) } else { invalid() }
    }
}

/// As `jsonb` prints it.
impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(number) => f.write_str(number),
            Json::Text(text) => quote(f, text),
            Json::Array(items) => joined(f, ('[', ']'), items, |f, item| write!(f, "{item}")),
            Json::Object(members) => joined(f, ('{', '}'), members, |f, (key, value)| {
                quote(f, key)?;
                write!(f, ": {value}")
            }),
        }
    }
}

type Printer<'a, 'b> = &'a mut std::fmt::Formatter<'b>;

fn joined<T>(
    f: Printer<'_, '_>,
    (open, close): (char, char),
    items: &[T],
    print: impl Fn(Printer<'_, '_>, &T) -> std::fmt::Result,
) -> std::fmt::Result {
    write!(f, "{open}")?;
    for (index, item) in items.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        print(f, item)?;
    }
    write!(f, "{close}")
}

fn quote(f: Printer<'_, '_>, text: &str) -> std::fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jsonb_sorts_keys_and_keeps_the_last_of_two() {
        let text = r#"{"bb":1, "a" : [1.0, 1e2, "x\ny"], "a":{}, "c":null}"#;
        assert_eq!(parse(text).unwrap().to_string(), r#"{"a": {}, "c": null, "bb": 1}"#);
        assert_eq!(parse("[1.0, 1e2, -0.5]").unwrap().to_string(), "[1.0, 100, -0.5]");
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for text in ["nojson", "", "{a:1}", "[1,]", "01", "1.", "\"x", "{} {}", "'x'", "tru", "1e"] {
            assert_eq!(parse(text).unwrap_err().state(), Some(State::InvalidText), "{text}");
        }
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
