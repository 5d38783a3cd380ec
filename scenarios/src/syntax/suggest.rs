//! The nearest valid choice to what was typed.
//!
//! A wrong suggestion costs more than none: it sends the reader the wrong way. So a choice is
//! offered only when it is plausible as a slip of the hand: other case or dashes, a few edits, or
//! a word broken off.

/// Longest text compared by edits; longer ones are not typing slips, and the work is quadratic.
const COMPARED_MAX: usize = 64;

/// What other tools call it, and what it is called here.
const OTHER_WORDS: [(&str, &str); 12] = [
    ("rollback", "undo"),
    ("revert", "undo"),
    ("release", "deploy"),
    ("hold", "pause"),
    ("continue", "resume"),
    ("unpause", "resume"),
    ("cancel", "abort"),
    ("kill", "stop"),
    ("toggle", "flag"),
    ("cordon", "drain"),
    ("failover", "switch"),
    ("reroute", "shift"),
];

/// The choice `typed` was most likely meant to be; the earlier one when two are as near. A word that is near to none
/// may be what another tool calls one of them.
#[must_use]
pub fn nearest<'a>(typed: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = folded(typed);
    let called: String = typed.iter().filter(|c| **c != '_').collect();
    let meant = OTHER_WORDS.iter().find(|(other, _)| *other == called).map(|(_, own)| *own);
    let rank = |choice: &str| rank(&typed, choice).or_else(|| (Some(choice) == meant).then_some(2 * COMPARED_MAX));
    let ranked = choices.into_iter().filter_map(|choice| Some((rank(choice)?, choice)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, choice)| choice)
}

/// ``did you mean `x`?``, when some choice is near enough.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, choices: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(typed, choices).map(|choice| format!("did you mean `{choice}`?"))
}

/// `` `a`, `b` or `c` ``: the choices in the words of a message.
#[must_use]
pub fn listed<'a>(choices: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = choices.into_iter().map(|choice| format!("`{choice}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// How far `choice` is from the folded `typed`, smaller is nearer; `None` when implausible.
fn rank(typed: &[char], choice: &str) -> Option<usize> {
    let choice = folded(choice);
    if typed.is_empty() || typed.len() > COMPARED_MAX || choice.len() > COMPARED_MAX {
        return None;
    }
    let edits = distance(typed, &choice);
    // A third of the letters may be wrong, one at least and three at most; two-letter words
    // would otherwise be near to everything.
    let allowed = (typed.len().max(choice.len()) / 3).clamp(1, 3);
    if edits <= allowed && edits < choice.len() {
        return Some(edits);
    }
    let broken_off = typed.len() >= 3 && choice.starts_with(typed);
    broken_off.then_some(COMPARED_MAX + edits)
}

/// Without case, and with `-` and `_` the same, since nobody remembers which one it was.
fn folded(text: &str) -> Vec<char> {
    text.chars().flat_map(char::to_lowercase).map(|c| if c == '-' { '_' } else { c }).collect()
}

/// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let substituted = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = substituted.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(typed: &str, choices: &[&str], expected: Option<&str>) {
        assert_eq!(nearest(typed, choices.iter().copied()), expected, "{typed}");
    }

    #[test]
    fn a_slip_of_the_hand_finds_its_word() {
        check("replcas", &["region", "replicas", "retries"], Some("replicas"));
        check("tiemout", &["timeout", "time"], Some("timeout"));
        check("fiof", &["fifo", "lifo", "ps"], Some("fifo"));
    }

    #[test]
    fn case_and_dashes_do_not_matter() {
        check("Way-Back", &["way_back"], Some("way_back"));
        check("FIFO", &["lifo", "fifo"], Some("fifo"));
    }

    #[test]
    fn a_word_broken_off_is_completed() {
        check("conc", &["capacity", "concurrency"], Some("concurrency"));
    }

    #[test]
    fn what_other_tools_call_it_is_understood() {
        check("rollback", &["deploy", "undo", "abort"], Some("undo"));
        check("Roll-Back", &["deploy", "undo", "abort"], Some("undo"));
        check("rollback", &["deploy", "abort"], None);
        check("release", &["released", "deploy"], Some("released"));
    }

    #[test]
    fn a_far_word_suggests_nothing() {
        check("banana", &["replicas", "timeout"], None);
        check("xy", &["ps"], None);
        check("", &["a"], None);
        check(&"a".repeat(10_000), &["a"], None);
    }

    #[test]
    fn a_swap_of_neighbours_is_one_edit() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(distance(&chars("ab"), &chars("ba")), 1);
        assert_eq!(distance(&chars("kitten"), &chars("sitting")), 3);
        assert_eq!(distance(&[], &chars("abc")), 3);
    }

    #[test]
    fn choices_read_as_a_sentence() {
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
