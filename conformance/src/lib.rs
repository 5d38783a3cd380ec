//! Inputs with known answers, run through the code that the simulator itself uses.
//!
//! *Vocabulary.* A document holds [cases](case::Case): an input, and what a real library or database did with it. A
//! [suite](suites) knows one kind of case, by its shape or its id and not by the name of its file, and comes to a
//! [`Verdict`].
//!
//! *Decisions.* A suite derives its answer from the formats and tables of the model, like any store of a
//! simulation; it holds no rules of its own. A case that no suite recognises has failed: what is not understood is
//! not passed by. A case is skipped only with the reason why the product does not model it.
//!
//! Invariant: reads no file and prints nothing.

mod case;
mod document;
mod suites;

pub use case::{Outcome, Report, Verdict};
pub use document::Malformed;

/// Runs every case of a document, in its order.
///
/// # Errors
/// When the text is not a document of cases: a list of objects, each with an `id`, or an object with that list under
/// `cases`.
pub fn run(text: &str) -> Result<Vec<Outcome>, Malformed> {
    let document = document::read(text)?;
    Ok(document::cases(text, &document)?.iter().map(suites::run).collect())
}
