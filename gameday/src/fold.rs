//! Complaints, folded to the width of a terminal. Lines of a file that are shown with what is wrong with them stay
//! whole.

/// As wide as a complaint is at most, in cells.
pub(crate) const WIDTH: usize = 80;

/// What begins a line of words, behind the frame of a snippet.
const LEADS: [&str; 4] = ["error: ", "warning: ", "help: ", "note: "];

/// The same text, with lines of words that are too wide gone on below themselves.
pub(crate) fn folded(text: &str, width: usize) -> String {
    text.split_inclusive('\n').map(|line| fold(line, width)).collect()
}

fn fold(line: &str, width: usize) -> String {
    let Some(hang) = hang(line).filter(|_| cells(line.trim_end()) > width) else { return line.to_owned() };
    let (mut lines, mut used) = (String::new(), 0);
    for word in line.split_inclusive(' ') {
        let wide = cells(word.trim_end());
        if used > hang && used + wide > width {
            lines.truncate(lines.trim_end_matches(' ').len());
            lines.push('\n');
            lines.push_str(&" ".repeat(hang));
            used = hang;
        }
        lines.push_str(word);
        used += cells(word);
    }
    lines
}

/// How far in a line goes on, if it is one of words.
fn hang(line: &str) -> Option<usize> {
    let plain = plain(line);
    let words = plain.trim_start_matches([' ', '=']);
    let is_lead = LEADS.iter().any(|lead| words.starts_with(lead));
    is_lead.then(|| plain.chars().count() - words.chars().count() + 2)
}

fn cells(text: &str) -> usize {
    plain(text).chars().filter(|c| *c != '\n').count()
}

/// A text without its colours: each is an escape, and ends with an `m`.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_on_below_and_files_stay_whole() {
        let text = "error: one two three four\n 1 | as long as the file has it\n  = help: five six seven\n";
        let folded = folded(text, 16);
        let file = " 1 | as long as the file has it\n";
        assert_eq!(folded, format!("error: one two\n  three four\n{file}  = help: five\n      six seven\n"));
    }

    #[test]
    fn colours_take_no_room() {
        let text = "\u{1b}[1merror\u{1b}[0m: one two\n";
        assert_eq!(folded(text, 14), text);
        assert_eq!(folded(text, 12), "\u{1b}[1merror\u{1b}[0m: one\n  two\n");
        assert_eq!(folded("error: unbroken-by-anything\n", 12), "error:\n  unbroken-by-anything\n");
    }
}
