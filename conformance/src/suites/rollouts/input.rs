//! Reading the input of a case. What cannot be read fails the case, and says which member it was.

use crate::case::Verdict;
use model::controllers::deployment::CountOrShare;
use model::time::Span;
use serde_json::{Map, Value};

/// An object of an input.
#[derive(Clone, Copy)]
pub(super) struct Input<'a>(&'a Map<String, Value>);

impl<'a> Input<'a> {
    pub(super) fn of(value: &'a Value) -> Result<Self, Verdict> {
        value.as_object().map(Input).ok_or_else(|| Verdict::failed("an object", value))
    }

    /// A member; one that is `null` is not set.
    pub(super) fn get(self, member: &str) -> Option<&'a Value> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    fn needed(self, member: &str, what: &str) -> Result<&'a Value, Verdict> {
        self.get(member).ok_or_else(|| unreadable(member, what, "nothing"))
    }

    /// A whole number from 0 on.
    pub(super) fn count(self, member: &str) -> Result<u32, Verdict> {
        let value = self.needed(member, COUNT)?;
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok());
        count.ok_or_else(|| unreadable(member, COUNT, value))
    }

    pub(super) fn count_if_set(self, member: &str) -> Result<Option<u32>, Verdict> {
        self.get(member).map(|_| self.count(member)).transpose()
    }

    pub(super) fn count_or(self, member: &str, default: u32) -> Result<u32, Verdict> {
        Ok(self.count_if_set(member)?.unwrap_or(default))
    }

    pub(super) fn text(self, member: &str) -> Result<&'a str, Verdict> {
        let value = self.needed(member, "a text")?;
        value.as_str().ok_or_else(|| unreadable(member, "a text", value))
    }

    pub(super) fn text_if_set(self, member: &str) -> Result<Option<&'a str>, Verdict> {
        self.get(member).map(|_| self.text(member)).transpose()
    }

    pub(super) fn flag(self, member: &str) -> Result<bool, Verdict> {
        let value = self.needed(member, "true or false")?;
        value.as_bool().ok_or_else(|| unreadable(member, "true or false", value))
    }

    pub(super) fn flag_if_set(self, member: &str) -> Result<bool, Verdict> {
        Ok(self.get(member).map(|_| self.flag(member)).transpose()?.unwrap_or(false))
    }

    /// A list of whole numbers; empty when it is not set.
    pub(super) fn counts(self, member: &str) -> Result<Vec<u32>, Verdict> {
        let Some(value) = self.get(member) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(|| unreadable(member, "a list", value))?;
        let count = |item: &Value| item.as_u64().and_then(|count| u32::try_from(count).ok());
        items.iter().map(|item| count(item).ok_or_else(|| unreadable(member, COUNT, item))).collect()
    }

    /// A length of time, given in seconds with decimals; no time when it is not set.
    pub(super) fn seconds(self, member: &str) -> Result<Span, Verdict> {
        let Some(value) = self.get(member) else { return Ok(Span::ZERO) };
        let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0);
        let seconds = seconds.ok_or_else(|| unreadable(member, "seconds from 0 on", value))?;
        Ok(Span::from_nanos((seconds * 1e9).round() as u64))
    }

    /// A number of pods or a share; 0 when it is not set.
    pub(super) fn limit(self, member: &str) -> Result<CountOrShare, Verdict> {
        match self.get(member) {
            None => Ok(CountOrShare::default()),
            Some(Value::String(text)) => text.parse().map_err(|error| unreadable(member, "a limit", error)),
            Some(_) => self.count(member).map(CountOrShare::Count),
        }
    }

    /// An object within it.
    pub(super) fn inner(self, member: &str) -> Result<Input<'a>, Verdict> {
        Input::of(self.needed(member, "an object")?)
    }

    /// A list of objects within it.
    pub(super) fn list(self, member: &str) -> Result<Vec<Input<'a>>, Verdict> {
        let value = self.needed(member, "a list")?;
        let items = value.as_array().ok_or_else(|| unreadable(member, "a list", value))?;
        items.iter().map(Input::of).collect()
    }
}

const COUNT: &str = "a whole number from 0 to 4294967295";

fn unreadable(member: &str, what: &str, found: impl ToString) -> Verdict {
    Verdict::failed(format!("an input with `{member}`: {what}"), found)
}

/// An operation that a table does not have.
pub(super) fn no_such_op(op: &str, known: &[&str]) -> Verdict {
    Verdict::failed(format!("an operation `op`: {}", known.join(", ")), op)
}
