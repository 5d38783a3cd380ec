//! YAML text to a [`Node`] tree: the only module that knows the YAML library.
//!
//! The library's serde layer types plain scalars (`no` becomes false, `012` becomes 12) and stops
//! at the first repeated key. So this reads the events of the parser underneath, which carry each
//! scalar's characters, its notation and its place, and builds the tree itself.
//!
//! Scenario files may come from anywhere: size, depth and number of values are bounded before
//! they are stored. Aliases, merge keys and tags are refused. Nothing in a scenario needs them,
//! and without them what a reader sees at a place is what stands there.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{self as yaml, ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::node::{Key, Node, SourceId, SourceSpan, Sources, Spanned, Value};
use super::{Diagnostic, Diagnostics, quoted};

/// Longest file, in bytes. The largest scenario of the library has a few tens of kilobytes.
const BYTES_MAX: usize = 4 << 20;
/// Deepest nesting. Readers recurse along the tree, so this also bounds their stack.
const DEPTH_MAX: usize = 64;
/// Most values in a file.
const NODES_MAX: usize = 250_000;

/// Reads one YAML document.
///
/// Repeated keys and tags are reported and reading goes on, with the first value and without the
/// tag. Broken syntax ends the tree: `None`, and the reason in `out`.
pub fn parse(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Node> {
    let text = sources.get(id).text.as_str();
    let read = Builder::new(text, id, out).document();
    read.map_err(|stop| out.push(*stop)).ok()
}

/// Why building the tree cannot go on.
type Stop = Box<Diagnostic>;

struct Builder<'t> {
    text: &'t str,
    source: SourceId,
    events: Parser<'t, yaml::StrInput<'t>>,
    out: &'t mut Diagnostics,
    /// Brackets and braces read but not closed yet, innermost last.
    brackets: Vec<SourceSpan>,
    depth: usize,
    nodes: usize,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str, source: SourceId, out: &'t mut Diagnostics) -> Self {
        let mut options = yaml::Options::default();
        options.set_emit_comments(false);
        let events = Parser::new_from_str_with_options(text, options);
        Builder { text, source, events, out, brackets: Vec::new(), depth: 0, nodes: 0 }
    }

    fn document(mut self) -> Result<Node, Stop> {
        if self.text.len() > BYTES_MAX {
            return Err(self.beyond(SourceSpan::top(self.source), "bytes", BYTES_MAX));
        }
        let root = loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::StreamEnd, _) => return Err(self.empty()),
                (event, span) => break self.node(event, span)?,
            }
        };
        self.ended()?;
        match root.value {
            Value::Null => Err(self.empty()),
            _ => Ok(root),
        }
    }

    /// Nothing but the end may follow the document.
    fn ended(&mut self) -> Result<(), Stop> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(()),
                (Event::DocumentStart(..), span) => {
                    self.out.push(second_document(span));
                    return Ok(());
                }
                _ => {}
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: SourceSpan) -> Result<Node, Stop> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(self.beyond(span, "values", NODES_MAX));
        }
        match event {
            Event::Scalar(text, style, _, tag) => {
                self.refuse_tag(span, tag.is_some());
                Ok(self.scalar(text.into_owned(), style, span))
            }
            Event::SequenceStart(style, _, tag) => {
                self.refuse_tag(span, tag.is_some());
                self.nested(style, span, Self::items)
            }
            Event::MappingStart(style, _, tag) => {
                self.refuse_tag(span, tag.is_some());
                self.nested(style, span, Self::entries)
            }
            Event::Alias(_) => Err(alias(span)),
            _ => Err(Box::new(Diagnostic::error(span, "expected a value"))),
        }
    }

    /// Reads what is between the start and the end of a list or mapping.
    fn nested(
        &mut self,
        style: StructureStyle,
        start: SourceSpan,
        read: fn(&mut Self) -> Result<(Value, SourceSpan), Stop>,
    ) -> Result<Node, Stop> {
        if self.depth == DEPTH_MAX {
            return Err(self.beyond(start, "levels of nesting", DEPTH_MAX));
        }
        let bracketed = style == StructureStyle::Flow;
        self.depth += 1;
        self.brackets.extend(bracketed.then_some(start));
        let (value, end) = read(self)?;
        self.depth -= 1;
        if bracketed {
            self.brackets.pop();
            return Ok(Node { span: SourceSpan { end: end.end, ..start }, value });
        }
        Ok(Node { span: block_span(start, &value), value })
    }

    fn items(&mut self) -> Result<(Value, SourceSpan), Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => return Ok((Value::Seq(items), end)),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn entries(&mut self) -> Result<(Value, SourceSpan), Stop> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok((Value::Map(entries), span));
            }
            let key = self.key(event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            match seen.get(&key.value) {
                Some(first) => self.out.push(repeated(&key, *first)),
                None => {
                    seen.insert(key.value.clone(), key.span);
                    entries.push((key, value));
                }
            }
        }
    }

    fn key(&mut self, event: Event<'t>, span: SourceSpan) -> Result<Key, Stop> {
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<" => Err(alias(span)),
            Event::Scalar(text, style, _, tag) => {
                self.refuse_tag(span, tag.is_some());
                // The parser gives a missing key as `~`; what stands in the file is nothing.
                let absent = style == ScalarStyle::Plain && span.start == span.end;
                let value = if absent { String::new() } else { text.into_owned() };
                Ok(Spanned { value, span })
            }
            Event::Alias(_) => Err(alias(span)),
            _ => Err(Box::new(Diagnostic::error(span, "a key must be a plain name"))),
        }
    }

    fn scalar(&self, text: String, style: ScalarStyle, span: SourceSpan) -> Node {
        let nothing = style == ScalarStyle::Plain && matches!(text.as_str(), "" | "~" | "null");
        let value = if nothing { Value::Null } else { Value::Scalar(text) };
        // The parser counts the line break after a block scalar as part of it.
        let length = self.text[span.start..span.end].trim_end().len();
        Node { span: SourceSpan { end: span.start + length, ..span }, value }
    }

    fn next(&mut self) -> Result<(Event<'t>, SourceSpan), Stop> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, self.place(span.start, span.end))),
            Some(Err(error)) => Err(self.broken(&error)),
            // The parser ends each stream by an event; this keeps a broken promise from looping.
            None => Err(self.empty()),
        }
    }

    fn place(&self, start: yaml::Marker, end: yaml::Marker) -> SourceSpan {
        let byte = |mark: yaml::Marker| mark.byte_offset().unwrap_or_default().min(self.text.len());
        SourceSpan {
            source: self.source,
            start: byte(start),
            end: byte(end).max(byte(start)),
            line: start.line(),
            column: start.col() + 1,
        }
    }

    fn broken(&self, error: &ScanError) -> Stop {
        let at = self.place(*error.marker(), *error.marker());
        let finding = Diagnostic::error(at, format!("broken YAML: {}", error.info()));
        let finding = finding.maybe_help(way_out(error.kind()));
        Box::new(match self.brackets.last() {
            Some(open) => finding.note_at(*open, "opened here and not closed before the error"),
            None => finding,
        })
    }

    fn refuse_tag(&mut self, span: SourceSpan, tagged: bool) {
        if tagged {
            let finding = Diagnostic::error(span, "YAML tags (`!…`) are not supported");
            self.out.push(finding.help("remove the tag before the value"));
        }
    }

    fn empty(&self) -> Stop {
        let finding = Diagnostic::error(SourceSpan::top(self.source), "the file is empty");
        Box::new(finding.help("`gameday new` prints a scenario to start from"))
    }

    fn beyond(&self, span: SourceSpan, what: &str, bound: usize) -> Stop {
        let message = format!("the file has too many {what}: at most {bound} are read");
        Box::new(Diagnostic::error(span, message))
    }
}

/// A block list or mapping stands where its first key or item does.
fn block_span(start: SourceSpan, value: &Value) -> SourceSpan {
    match value {
        Value::Map(entries) => entries.first().map_or(start, |(key, _)| key.span),
        _ => start,
    }
}

fn second_document(span: SourceSpan) -> Diagnostic {
    let finding = Diagnostic::error(span, "a second document starts here");
    finding.help("one file holds one document: remove this line or split the file")
}

fn repeated(key: &Key, first: SourceSpan) -> Diagnostic {
    let finding = Diagnostic::error(key.span, format!("repeated key {}", quoted(&key.value)));
    finding.note_at(first, "first given here")
}

fn alias(span: SourceSpan) -> Stop {
    let finding = Diagnostic::error(span, "aliases (`*name`) and merge keys are not supported");
    Box::new(finding.help("write the value out at this place"))
}

/// What usually lies behind an error whose own words do not say it.
fn way_out(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::MappingValueNotAllowed => "check the indentation of this line; a value that holds `: ` needs quotes",
        ErrorKind::InvalidColonPlacement | ErrorKind::ExpectedFlowMappingSeparator => {
            "a `]`, `}` or `,` is probably missing before this"
        }
        ErrorKind::UnexpectedCharacter { .. } => "put quotes around the value",
        ErrorKind::UnknownAnchor | ErrorKind::MissingAnchorOrAliasName => {
            "a value that starts with `*` or `&` needs quotes"
        }
        ErrorKind::InvalidQuotedScalarIndent => "a closing quote is probably missing before this",
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::ExpectedBlockMappingKey => {
            "check the indentation of this line against the lines above"
        }
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            "indent with spaces"
        }
        _ => return None,
    })
}
