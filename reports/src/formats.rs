//! Two schema files: what each version makes of the records of the other.

mod harms;
mod json;
mod nested;
mod text;

pub use json::json;
pub use text::text;

use model::data::{Comparison, Judgement, Outcome, Row};

/// Two files that were compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    /// The old file, as it was named.
    pub old: &'a str,
    /// The new file, as it was named.
    pub new: &'a str,
    /// The codec of each, old and new, by its name.
    pub codecs: [String; 2],
    /// The record types that are in both.
    pub types: Vec<Comparison>,
    /// Names of record types that are in the old file only.
    pub gone: Vec<String>,
    /// Names of record types that are in the new file only.
    pub added: Vec<String>,
}

impl Compared<'_> {
    /// What it comes to, the worst of all types. A type that is gone loses everything it had.
    #[must_use]
    pub fn judgement(&self) -> Judgement {
        let gone = self.gone.iter().map(|_| Judgement::Harmful);
        self.types.iter().map(Comparison::judgement).chain(gone).max().unwrap_or(Judgement::Lossless)
    }
}

/// The name of a field, or what stands for the record as a whole.
fn name<'a>(comparison: &'a Comparison, row: &Row) -> &'a str {
    row.slot.map_or("(record)", |slot| comparison.entity.slot_name(slot))
}

/// An outcome in a word or two.
const fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Nothing => "-",
        Outcome::Default => "default",
        Outcome::Unseen => "not seen",
        Outcome::UnitUnknown => "not decided",
        Outcome::Replaced => "default for some",
        Outcome::Narrowed => "narrowed",
        Outcome::Missed => "missed",
        Outcome::Lost => "lost on rewrite",
        Outcome::Misread => "misread",
        Outcome::FailsForSome => "fails for some",
        Outcome::Fails => "fails",
    }
}
