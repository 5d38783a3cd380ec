//! Text that fits a terminal.

/// How wide text is set: every terminal has this much.
pub(crate) const WIDTH: usize = 80;

/// `text` in lines of at most `width` characters, broken between words. A word longer than a line stays
/// whole: names and commands are there to be copied.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in printable(text).split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `text` after `lead`, wrapped to the full width, further lines hanging under the first.
pub(crate) fn hanging(lead: &str, text: &str) -> String {
    let indent = lead.chars().count();
    let lines = wrapped(text, WIDTH.saturating_sub(indent));
    let gap = format!("\n{}", " ".repeat(indent));
    format!("{lead}{}\n", lines.join(&gap))
}

/// Without control characters: a scenario may come from anywhere, and must not steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && !c.is_whitespace() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("one two three", 80), ["one two three"]);
        assert!(wrapped("  ", 7).is_empty());
    }

    #[test]
    fn a_word_longer_than_a_line_stays_whole() {
        assert_eq!(wrapped("a payments.settlement b", 8), ["a", "payments.settlement", "b"]);
    }

    #[test]
    fn further_lines_hang_under_the_first() {
        let text = hanging("12: ", &"word ".repeat(20));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("    word")), "{text}");
    }

    #[test]
    fn a_scenario_cannot_steer_the_terminal() {
        assert_eq!(wrapped("red\u{1b}[31m\u{7}", 80), ["red\u{fffd}[31m\u{fffd}"]);
    }
}
