//! Names: what people write, and the hash that stands for it in streams and digests.

use crate::id::stable_hash;
use std::fmt;

/// A name with its stable hash. Two entities of one kind never share a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    text: String,
    hash: u64,
}

impl Name {
    /// The name spelt `text`.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let hash = stable_hash(&text);
        Name { text, hash }
    }

    /// As written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its hash, the same in every run and on every machine.
    #[must_use]
    pub const fn hash(&self) -> u64 {
        self.hash
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}
