//! The tree every reader starts from: values with the place they came from.
//!
//! A scalar is kept as the characters that stand in the file (quotes and block markers undone),
//! because only the reader of that place knows whether `1:30` is a time, a ratio or a name.

/// Which file of a [`Sources`] table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown in messages: usually a path.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: String,
}

/// The files read so far; messages look their text up here.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Keeps a file for later reference.
    ///
    /// A byte order mark is dropped here, so that every offset counts from the first character a
    /// person sees.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = u32::try_from(self.files.len()).expect("fewer than four billion files");
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.remove(0);
        }
        self.files.push(Source { name: name.into(), text });
        SourceId(id)
    }

    /// The file behind `id`.
    ///
    /// # Panics
    /// When `id` comes from another table.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }
}

/// A stretch of text in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceSpan {
    /// The file.
    pub source: SourceId,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Line of the first character, from 1.
    pub line: usize,
    /// Column of the first character, from 1, in characters.
    pub column: usize,
}

impl SourceSpan {
    /// The empty stretch at the top of a file: for findings about the file as a whole.
    #[must_use]
    pub const fn top(source: SourceId) -> Self {
        SourceSpan { source, start: 0, end: 0, line: 1, column: 1 }
    }
}

/// A value and the place it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: SourceSpan,
}

impl<T> Spanned<T> {
    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

/// The name to the left of a `:`.
pub type Key = Spanned<String>;

/// A value of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands. A mapping or list without brackets has no first character of its own; it
    /// stands where its first key or dash does.
    pub span: SourceSpan,
    /// What it is.
    pub value: Value,
}

/// What a [`Node`] can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing after the `:` or dash, or a bare `~` or `null`.
    Null,
    /// Text, exactly as spelled, whatever it looks like.
    Scalar(String),
    /// A list.
    Seq(Vec<Node>),
    /// A mapping, in the order of the file; no key comes twice.
    Map(Vec<(Key, Node)>),
}

impl Node {
    /// The node in the words of an error message: "found …".
    #[must_use]
    pub fn described(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar(text) => super::quoted(text),
            Value::Seq(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The value under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }
}
