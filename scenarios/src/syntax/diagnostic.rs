//! Findings about a file: what, where, and the way out.
//!
//! All findings of a run are collected, put in the order of the files, and shown together. A
//! person gets the line with a caret under it; a tool gets one line per finding. Messages are
//! lowercase fragments; `help` is something to do, a note is something to know.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::node::{SourceSpan, Sources};

/// How many findings are shown: all that anybody wrote by hand, and not all that a program wrote.
pub const SHOWN_MAX: usize = 1000;

/// How wide a line of a file is shown, in cells: a longer one is cut around the place that is marked.
const WIDTH: usize = 80;

/// The longest mark, in characters: what is longer would have its line shown whole, however wide it is.
const MARKED_MAX: usize = 50;

/// Longest piece of the reader's own text repeated in a message, in characters.
const QUOTED_MAX: usize = 60;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, but probably does not say what was meant.
    Warning,
}

/// Something worth knowing next to a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it says.
    pub message: String,
    /// The place it speaks of, when that is another than the finding's.
    pub span: Option<SourceSpan>,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Where it is.
    pub span: SourceSpan,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What else to know.
    pub notes: Vec<Note>,
}

impl Diagnostic {
    /// A finding that makes the file unusable.
    pub fn error(span: SourceSpan, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Error, span, message: message.into(), help: None, notes: Vec::new() }
    }

    /// A finding that leaves the file usable.
    pub fn warning(span: SourceSpan, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(span, message) }
    }

    /// Adds the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the way out when there is one.
    #[must_use]
    pub fn maybe_help(self, help: Option<impl Into<String>>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Adds something to know.
    #[must_use]
    pub fn note(mut self, message: impl Into<String>) -> Self {
        self.notes.push(Note { message: message.into(), span: None });
        self
    }

    /// Adds another place that has to do with it, such as where a name was first given.
    #[must_use]
    pub fn note_at(mut self, span: SourceSpan, message: impl Into<String>) -> Self {
        self.notes.push(Note { message: message.into(), span: Some(span) });
        self
    }

    /// `file:line:col: error: message`, for tools that read line by line.
    #[must_use]
    pub fn short(&self, sources: &Sources) -> String {
        let SourceSpan { source, line, column, .. } = self.span;
        let (name, message) = (&sources.get(source).name, &self.message);
        format!("{name}:{line}:{column}: {}: {message}", self.severity.word())
    }

    /// The finding with its line of text, a caret, notes and help.
    #[must_use]
    pub fn render(&self, sources: &Sources, paint: Paint) -> String {
        if self.has_text(sources) {
            return paint.renderer().render(&[self.report(sources)]);
        }
        let name = &sources.get(self.span.source).name;
        let place = if self.message.contains(name.as_str()) { String::new() } else { format!("\n --> {name}") };
        let help = self.help.iter().map(|help| format!("\n  help: {help}"));
        format!("{}: {}{place}{}", self.severity.word(), self.message, help.collect::<String>())
    }

    fn report<'a>(&'a self, sources: &'a Sources) -> Group<'a> {
        let snippets = self.notes.iter().filter_map(|note| {
            let span = note.span.filter(|span| span.source != self.span.source)?;
            Some(snippet(sources, span).annotation(context(sources, span, &note.message)))
        });
        let notes = self.notes.iter().filter(|note| note.span.is_none());
        self.severity
            .level()
            .primary_title(self.message.as_str())
            .element(self.own_snippet(sources))
            .elements(snippets)
            .elements(notes.map(|note| Level::NOTE.message(note.message.as_str())))
            .elements(self.help.iter().map(|help| Level::HELP.message(help.as_str())))
    }

    /// A name that leads nowhere has no text to show a line of.
    fn has_text(&self, sources: &Sources) -> bool {
        !sources.get(self.span.source).text.is_empty()
    }

    /// The line of the finding, with the notes that speak of the same file.
    fn own_snippet<'a>(&'a self, sources: &'a Sources) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let notes = self.notes.iter().filter_map(|note| {
            let span = note.span.filter(|span| span.source == self.span.source)?;
            Some(context(sources, span, &note.message))
        });
        snippet(sources, self.span)
            .annotation(AnnotationKind::Primary.span(first_line(sources, self.span)))
            .annotations(notes)
    }
}

impl Severity {
    /// The word messages start with.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }

    fn level(self) -> Level<'static> {
        match self {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        }
    }
}

/// Whether rendered text carries terminal colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Characters only.
    #[default]
    Plain,
    /// With ANSI colours.
    Colour,
}

impl Paint {
    fn renderer(self) -> Renderer {
        let renderer = match self {
            Paint::Plain => Renderer::plain(),
            Paint::Colour => Renderer::styled(),
        };
        renderer.term_width(WIDTH)
    }
}

/// The findings so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
    /// Places where a stand-in stands: what is wrong there has been said.
    unread: BTreeSet<SourceSpan>,
    /// What was said, and where.
    said: BTreeSet<(SourceSpan, String)>,
}

impl Diagnostics {
    /// Takes a finding in, unless it is about a stand-in or has been said of that place before.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let news = !self.is_unread(diagnostic.span);
        if news && self.said.insert((diagnostic.span, diagnostic.message.clone())) {
            self.found.push(diagnostic);
        }
    }

    /// From now on a stand-in is at `span`; why has been reported.
    pub(crate) fn mark_unread(&mut self, span: SourceSpan) {
        self.unread.insert(span);
    }

    /// Whether a stand-in is at `span`.
    pub(crate) fn is_unread(&self, span: SourceSpan) -> bool {
        self.unread.contains(&span)
    }

    /// Whether anything found makes the files unusable.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether nothing was found at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The findings in the order of files and places.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.found.iter().collect();
        all.sort_by_key(|finding| finding.span);
        all
    }

    /// Every finding with its line of text, for people; the first [`SHOWN_MAX`] of them.
    #[must_use]
    pub fn render(&self, sources: &Sources, paint: Paint) -> String {
        self.capped("\n\n", |finding| finding.render(sources, paint))
    }

    /// One line per finding, for tools; the first [`SHOWN_MAX`] of them.
    #[must_use]
    pub fn short(&self, sources: &Sources) -> String {
        self.capped("\n", |finding| finding.short(sources))
    }

    fn capped(&self, gap: &str, show: impl Fn(&Diagnostic) -> String) -> String {
        let all = self.sorted();
        let mut text = String::new();
        for finding in all.iter().take(SHOWN_MAX) {
            text.push_str(&show(finding));
            text.push_str(gap);
        }
        if all.len() > SHOWN_MAX {
            let _ = write!(text, "and {} more, which are shown when some of these are mended", all.len() - SHOWN_MAX);
        }
        text.truncate(text.trim_end().len());
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }
}

/// The reader's own words in backquotes, safe to print: control characters escaped, cut when long.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut shown = String::from("`");
    for c in text.chars().take(QUOTED_MAX) {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.push_str(if text.chars().nth(QUOTED_MAX).is_some() { "…`" } else { "`" });
    shown
}

fn snippet(sources: &Sources, span: SourceSpan) -> Snippet<'_, annotate_snippets::Annotation<'_>> {
    let source = sources.get(span.source);
    Snippet::source(source.text.as_str()).path(source.name.as_str())
}

fn context<'a>(sources: &Sources, span: SourceSpan, label: &'a str) -> annotate_snippets::Annotation<'a> {
    AnnotationKind::Context.span(first_line(sources, span)).label(label)
}

/// The part of a span on its first line, or the beginning of that: a caret under a whole mapping points at nothing.
fn first_line(sources: &Sources, span: SourceSpan) -> Range<usize> {
    let text = &sources.get(span.source).text[span.start..span.end];
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    let marked = line.char_indices().nth(MARKED_MAX).map_or(line.len(), |(end, _)| end);
    span.start..span.start + marked
}
