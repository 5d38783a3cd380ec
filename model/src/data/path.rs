//! Paths: the names of fields inside of fields.
//!
//! `address.street` is in a record, or in an object; `items[].price` in each that a list has, `prices{}.units` in each
//! that a map has; `payment<Card>.number` in a record that is one of several in a union.

/// A step from a field down to a record in its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// To what a list has.
    Item,
    /// To what a map has.
    Value,
    /// To the record of that name, of those in a union.
    Record(&'a str),
}

/// What a field is in: `items[]` of `items[].price`. At the top it is in nothing.
pub(super) fn around(path: &str) -> Option<&str> {
    path.rsplit_once('.').map(|(around, _)| around)
}

/// All that a field is in, the innermost first.
pub(super) fn all_around(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(around(path), |path| around(path))
}

/// Whether a field is inside another one, however deep.
pub(super) fn is_in(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.starts_with(['.', '[', '{', '<']))
}

/// The field whose values are meant, and the steps down from there: `items`, to what it has.
pub(super) fn split(path: &str) -> (&str, Vec<Step<'_>>) {
    let (mut field, mut steps) = (path, Vec::new());
    while let Some((rest, step)) = last_step(field) {
        field = rest;
        steps.insert(0, step);
    }
    (field, steps)
}

fn last_step(path: &str) -> Option<(&str, Step<'_>)> {
    let item = path.strip_suffix("[]").map(|rest| (rest, Step::Item));
    let value = || path.strip_suffix("{}").map(|rest| (rest, Step::Value));
    let record = || path.strip_suffix('>')?.rsplit_once('<').map(|(rest, name)| (rest, Step::Record(name)));
    item.or_else(value).or_else(record)
}

/// The records of unions that a path goes through: where the union is, and the name of the record.
pub(super) fn branches(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let name = |at: usize| path[at + 1..].split('>').next().unwrap_or_default();
    path.match_indices('<').map(move |(at, _)| (&path[..at], name(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_field_and_the_steps_down_from_there() {
        assert_eq!(split("a.b"), ("a.b", vec![]));
        assert_eq!(split("a.items[]{}"), ("a.items", vec![Step::Item, Step::Value]));
        assert_eq!(split("a[].pay[]<Card>"), ("a[].pay", vec![Step::Item, Step::Record("Card")]));
    }

    #[test]
    fn a_field_is_in_all_that_is_around_it() {
        assert_eq!(all_around("a.items[].price").collect::<Vec<_>>(), ["a.items[]", "a"]);
        assert_eq!(all_around("a").count(), 0);
    }

    #[test]
    fn a_longer_name_is_no_part() {
        assert!(is_in("a.b", "a") && is_in("a[].b", "a") && is_in("a<B>.c", "a"));
        assert!(!is_in("ab", "a") && !is_in("a", "a"));
    }

    #[test]
    fn records_of_unions_are_told_with_their_place() {
        let path = "a<B>.c[]<D>.e";
        assert_eq!(branches(path).collect::<Vec<_>>(), [("a", "B"), ("a<B>.c[]", "D")]);
    }
}
