//! What happened, line by line, each with what led to it.

use crate::paint::Paint;
use crate::paragraph::hanging;
use sim::Line;

/// Longest name in the column of names; a longer one has a line of its own.
const WHO_MAX: usize = 16;

/// The timeline of a run.
pub(crate) fn text(timeline: &[Line], paint: Paint) -> String {
    let title = paint.strong("Timeline");
    if timeline.is_empty() {
        return format!("{title}\n  nothing worth telling happened\n");
    }
    let legend = paint.quiet("[n]: because of line n   *: nobody could see it then");
    format!("{title}   {legend}\n{}", lines(timeline.iter()))
}

/// Lines below one another, in columns.
pub(crate) fn lines<'a>(lines: impl Iterator<Item = &'a Line> + Clone) -> String {
    let widest = lines.clone().map(|line| line.who.chars().count()).max().unwrap_or_default();
    lines.map(|line| entry(line, widest.min(WHO_MAX))).collect()
}

fn entry(line: &Line, who_width: usize) -> String {
    let hidden = if line.seen() { ' ' } else { '*' };
    let lead = format!("{:>4} {} {hidden} ", line.id, line.at);
    let what = format!("{}{}", line.what, because(&line.because));
    if line.who.chars().count() <= who_width {
        return hanging(&format!("{lead}{:<who_width$}  ", line.who), &what);
    }
    let below = " ".repeat(lead.chars().count() + 2);
    format!("{lead}{}\n{}", line.who, hanging(&below, &what))
}

/// Lines of a timeline, named behind what they have led to or show.
pub(crate) fn because(causes: &[u32]) -> String {
    causes.iter().map(|cause| format!(" [{cause}]")).collect()
}
