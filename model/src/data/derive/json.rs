//! The JSON column of the derivation table.
//!
//! Two look at a record. A *validator* holds it to the reader's schema: types, bounds, required and refused keys
//! (JSON Schema, drafts 7 and 2020-12). A *binder* then puts it into the program's own structure: it looks at types and
//! symbols, never at bounds, and has ways of its own with keys that are missing or unknown. `default` is a comment to
//! the validator; a binder may fill it in.
//!
//! A key is found by its name. The keys of an object inside the record are fields of their own, named by their path,
//! and the object has a slot, too. Where the object itself may be missing or null, what its keys lack cannot be told
//! from the keys' own presence: it is judged on the object's slot.
//!
//! So it is with objects in arrays and maps: `items[].price` is in each object that the array has, in all of them or in
//! none.
//!
//! *Where it is coarse.* An array has an element, and a fraction has digits behind the point, unless the value is hard.
//! Patterns are compared as text: another pattern is a hard value, because which texts match is not decided here.
//! So is a length or a list of symbols that the texts of a pattern may or may not fit.

use super::super::path::{self, Step};
use super::super::{
    Codec, Domain, Effect, Field, Finding, Format, Ints, JsonType, Missing, Others, Presence, Quirks, Range, Shape,
    Unknown, Validator, Why, Wire,
};
use super::fate::{Clash, Fate, Verdict, clash, findings};

/// What a 64-bit float holds exactly.
const DOUBLE: Ints = Ints::within_power(53);

/// What reading records of `writer` as `reader` does.
pub(super) fn decode(writer: &Format, reader: &Format, codec: &Codec) -> Vec<Finding> {
    let rules = Rules {
        validates: codec.validator != Validator::Off,
        closes: codec.validator == Validator::Closed,
        unknown: codec.unknown,
        missing: codec.missing,
        cuts: codec.range == Range::Truncate,
        quirks: codec.quirks,
    };
    Pair { writer, reader, rules }.findings()
}

/// What writing a record held as `from` in format `to` does: what is written is valid, and holds no other keys.
pub(super) fn encode(from: &Format, to: &Format) -> Vec<Finding> {
    let quirks = Quirks::NONE;
    let (unknown, missing) = (Unknown::Drop, Missing::Default);
    let rules = Rules { validates: true, closes: false, unknown, missing, cuts: false, quirks };
    let open = Format { closed: false, ..to.clone() };
    Pair { writer: from, reader: &open, rules }.findings()
}

/// What the reader's validator and binder do.
#[derive(Clone, Copy)]
struct Rules {
    validates: bool,
    closes: bool,
    unknown: Unknown,
    missing: Missing,
    /// A binder cuts integers to the width of its own.
    cuts: bool,
    quirks: Quirks,
}

/// A format that was written, and one that is read.
struct Pair<'a> {
    writer: &'a Format,
    reader: &'a Format,
    rules: Rules,
}

/// What the reader makes of a missing key.
enum Absent {
    Error,
    Default(String),
    /// It goes without, although it was promised a value.
    Undecided,
    Nothing,
}

/// What JavaScript has for it.
const UNDEFINED: &str = "undefined to the program";

impl Pair<'_> {
    fn findings(&self) -> Vec<Finding> {
        let slots = self.writer.slots() | self.reader.slots();
        let pairs = slots.into_iter().map(|slot| (self.writer.field(slot), self.reader.field(slot)));
        pairs
            .flat_map(|pair| match pair {
                (Some(w), Some(r)) if self.is_found(w, r) => self.both(w, r),
                (w, r) => {
                    let dropped = w.map(|w| self.dropped(w)).into_iter().flatten();
                    let filled = r.into_iter().flat_map(|r| self.unfilled(r).into_iter().chain(self.own_key(r)));
                    dropped.chain(filled).collect()
                }
            })
            .collect()
    }

    /// Whether the reader finds a key of the writer.
    fn is_found(&self, writer: &Field, reader: &Field) -> bool {
        let folds = self.rules.quirks.folds_case && !self.rules.validates;
        writer.name == reader.name || (folds && writer.name.eq_ignore_ascii_case(&reader.name))
    }

    /// Both sides have the key: what its values bring, and that it may be missing.
    fn both(&self, writer: &Field, reader: &Field) -> Vec<Finding> {
        let mut found = findings(reader.slot, self.values(&writer.shape, &reader.shape));
        if writer.presence == Presence::Optional {
            found.extend(self.sometimes_absent(reader));
        }
        found
    }

    fn sometimes_absent(&self, reader: &Field) -> Option<Finding> {
        let why = Why::MayBeAbsent;
        match (self.absent(reader), self.maybe_parent(reader)) {
            (Absent::Error, None) => Some(Finding::new(reader.slot, Effect::ErrAbsent, why, "")),
            (Absent::Error, Some(parent)) => {
                Some(Finding::new(parent.slot, Effect::ErrHard, why, format!("without {}", key(reader))))
            }
            (Absent::Default(value), _) => Some(Finding::new(reader.slot, Effect::DefaultAbsent, why, value)),
            (Absent::Undecided, _) => Some(Finding::new(reader.slot, Effect::UnitUnknown, why, UNDEFINED)),
            (Absent::Nothing, _) => None,
        }
    }

    /// The reader has a key that no record of the writer has.
    fn unfilled(&self, reader: &Field) -> Option<Finding> {
        let written = path::around(&reader.name).map(|name| object(self.writer, name).filter(Object::is_object));
        match (self.absent(reader), written) {
            // Without an object to be in, it is the object that is missed, or read as something else.
            (_, Some(None)) | (Absent::Nothing, _) => None,
            (Absent::Default(value), _) => Some(Finding::new(reader.slot, Effect::Default, Why::NotInWriter, value)),
            (Absent::Undecided, _) => Some(Finding::new(reader.slot, Effect::UnitUnknown, Why::NoDefault, UNDEFINED)),
            (Absent::Error, _) => Some(match self.maybe_parent(reader) {
                None => Finding::new(reader.slot, Effect::Fatal, Why::NoDefault, ""),
                Some(parent) => {
                    let takes_null = self.takes_null(parent);
                    let effect = if takes_null { Effect::ErrValue } else { Effect::ErrPresent };
                    Finding::new(parent.slot, effect, Why::NoDefault, format!("without {}", key(reader)))
                }
            }),
        }
    }

    /// The reader lists a key that to the writer is one of those of a map, or of an object of which it says nothing:
    /// what it makes of the value that may be there. It is told of the map: the key is no field of the writer's.
    fn own_key(&self, reader: &Field) -> Vec<Finding> {
        let Some(object) = path::around(&reader.name).and_then(|name| object(self.writer, name)) else { return vec![] };
        let told =
            |effect, why, more: &str| Finding::new(object.field.slot, effect, why, format!("{}{more}", key(reader)));
        let values = match json(object.shape) {
            JsonType::Object(Others::Like(values)) => values,
            JsonType::Object(Others::Any)
                if path::around(&reader.name).is_some_and(|name| !lists(self.writer, name)) =>
            {
                return vec![told(Effect::UnitUnknown, Why::OwnKey, "")];
            }
            _ => return vec![],
        };
        let fates = self
            .resolve(values, &reader.shape)
            .unwrap_or_else(|clash| vec![Fate::new(Effect::ErrHard, clash.why, clash.detail)]);
        let fates = fates.into_iter().map(|fate| {
            let effect = if fate.effect == Effect::Lie { Effect::LieHard } else { fate.effect };
            let why = if fate.why.no_run_tells() { fate.why } else { Why::OwnKey };
            let more = if fate.detail.is_empty() { String::new() } else { format!(", {}", fate.detail) };
            told(effect, why, &format!(": {}{more}", fate.why))
        });
        fates.collect()
    }

    /// The writer has a key that the reader does not list.
    fn dropped(&self, writer: &Field) -> Vec<Finding> {
        // Keys are one field under two names where only capitals tell them apart.
        let other =
            self.reader.field(writer.slot).map(|reader| format!("{} written, {} looked for", writer.name, reader.name));
        let gone = if other.is_some() { Why::Renamed } else { Why::NotInReader };
        let finding = |effect, why| {
            let detail = other.clone().filter(|_| why == Why::Renamed);
            Finding::new(writer.slot, effect, why, detail.unwrap_or_default())
        };
        let dropped = if self.rules.unknown == Unknown::Preserve { Effect::DropAndKeep } else { Effect::Drop };
        match self.others_beside(writer) {
            Beside::Refused => vec![finding(Effect::ErrPresent, Why::UnknownRefused)],
            Beside::Unlisted if self.rules.unknown == Unknown::Reject => {
                vec![finding(Effect::ErrPresent, Why::UnknownRefused)]
            }
            Beside::Unlisted | Beside::Gone => vec![finding(dropped, gone)],
            Beside::Unknown { is_map } => {
                let dropped = if is_map { Effect::DropAndKeep } else { dropped };
                vec![finding(dropped, gone), finding(Effect::UnitUnknown, Why::Opaque)]
            }
            Beside::Like { shape, is_map } => {
                let mut found = findings(writer.slot, self.resolve(&writer.shape, shape));
                found.push(finding(if is_map { Effect::DropAndKeep } else { dropped }, gone));
                found
            }
        }
    }

    /// What the reader says of keys beside those it lists, where the writer's field stands.
    fn others_beside(&self, writer: &Field) -> Beside<'_> {
        let refused = if self.rules.validates && self.rules.closes { Beside::Refused } else { Beside::Unlisted };
        let Some(name) = path::around(&writer.name) else {
            return if self.rules.validates && self.reader.closed { Beside::Refused } else { refused };
        };
        match object(self.reader, name).map(|object| json(object.shape)) {
            Some(JsonType::Object(Others::Any)) => refused,
            Some(JsonType::Object(Others::Refused)) if self.rules.validates => Beside::Refused,
            Some(JsonType::Object(Others::Refused)) => Beside::Unlisted,
            Some(JsonType::Object(Others::Like(_))) if self.lists_below(name) => {
                Beside::Unknown { is_map: self.is_map(name) }
            }
            Some(JsonType::Object(Others::Like(shape))) => Beside::Like { shape, is_map: self.is_map(name) },
            // The object is dropped whole, or no object is expected: its own slot says so.
            _ => Beside::Gone,
        }
    }

    /// Whether the reader lists no key of that object.
    fn is_map(&self, object: &str) -> bool {
        !lists(self.reader, object)
    }

    /// Whether the reader lists keys of the objects that are values of a map: what they make of an object under a key
    /// of its own is not worked out.
    fn lists_below(&self, map: &str) -> bool {
        let below = format!("{map}{{}}");
        self.reader.fields.iter().any(|field| field.name.starts_with(&below))
    }

    fn absent(&self, reader: &Field) -> Absent {
        let is_required = reader.presence == Presence::Required;
        match self.rules.missing {
            _ if is_required && self.rules.validates => Absent::Error,
            Missing::Zero => Absent::Default("zero".into()),
            Missing::Nothing if is_required => Absent::Undecided,
            Missing::Nothing => Absent::Nothing,
            Missing::Default => match &reader.default {
                Some(value) => Absent::Default(value.clone()),
                None if is_required => Absent::Error,
                None => Absent::Nothing,
            },
            Missing::Error if is_required => Absent::Error,
            Missing::Error => Absent::Nothing,
        }
    }

    /// The object around a field, as the reader has it, when not every record of the writer has it.
    fn maybe_parent(&self, field: &Field) -> Option<&Field> {
        let name = path::around(&field.name)?;
        let is_certain =
            path::all_around(&field.name).all(|name| object(self.writer, name).is_some_and(|object| object.is_certain));
        object(self.reader, name).map(|object| object.field).filter(|_| !is_certain)
    }

    /// Whether null is written in a field, and read.
    fn takes_null(&self, reader: &Field) -> bool {
        let is_written = self.writer.field(reader.slot).is_some_and(|writer| writer.shape.domain.nullable);
        is_written && (reader.shape.domain.nullable || self.null().effect != Effect::ErrHard)
    }

    /// The values of a field: null is told from what cannot be read.
    fn values(&self, writer: &Shape, reader: &Shape) -> Verdict {
        let null = (!reader.domain.nullable).then(|| self.null());
        let takes_null = null.as_ref().is_none_or(|fate| fate.effect != Effect::ErrHard);
        match self.resolve(writer, reader) {
            Err(clash) if writer.domain.nullable && !writer.wire.is_null() && takes_null => {
                Ok([clash.but_null()].into_iter().chain(null).collect())
            }
            verdict => verdict,
        }
    }

    /// The values of one shape against another.
    fn resolve(&self, writer: &Shape, reader: &Shape) -> Verdict {
        let null = (writer.domain.nullable && !reader.domain.nullable).then(|| self.null());
        if writer.wire.is_null() {
            return match null {
                Some(fate) if fate.effect != Effect::UnitUnknown => Err(Clash { why: fate.why, detail: fate.detail }),
                null => Ok(Vec::from_iter(null)),
            };
        }
        let mut fates = self.taken(self.fit(writer, reader))?;
        fates.extend(null);
        Ok(fates)
    }

    /// Binders that fill zeros in take `null` for one, those that fill in nothing leave it what it is.
    fn null(&self) -> Fate {
        let effect = match self.rules.missing {
            Missing::Zero if !self.rules.validates => Effect::FallbackHard,
            Missing::Nothing if !self.rules.validates => Effect::UnitUnknown,
            Missing::Error | Missing::Default | Missing::Zero | Missing::Nothing => Effect::ErrHard,
        };
        Fate::new(effect, Why::Null, "")
    }

    /// What a binder makes of it that does not look at types, or not at symbols. A symbol that the program may not know
    /// is read as it is; what the program does then is not decided.
    fn taken(&self, verdict: Verdict) -> Verdict {
        let quirks = self.rules.quirks;
        if self.rules.validates {
            return verdict;
        }
        let fates = match verdict {
            Err(clash) if quirks.ignores_types && clash.why == Why::TypeClash => {
                return Ok(vec![Fate::new(Effect::Lie, clash.why, clash.detail)]);
            }
            Err(clash) if quirks.ignores_types && clash.why == Why::OutOfRange => return Ok(Vec::new()),
            Err(clash) if quirks.ignores_symbols && clash.why == Why::UnknownSymbol => {
                vec![Fate::new(Effect::UnitUnknown, clash.why, clash.detail)]
            }
            verdict => verdict?,
        };
        let taken = |fate: Fate| match fate.why {
            Why::TypeClash if quirks.ignores_types => Some(Fate { effect: Effect::LieHard, ..fate }),
            Why::OutOfRange | Why::NotWhole if quirks.ignores_types => None,
            Why::UnknownSymbol | Why::AnyText | Why::UnderPattern if quirks.ignores_symbols => {
                Some(Fate { effect: Effect::UnitUnknown, ..fate })
            }
            _ => Some(fate),
        };
        Ok(fates.into_iter().filter_map(taken).collect())
    }

    fn fit(&self, writer: &Shape, reader: &Shape) -> Verdict {
        use JsonType::{Any, Array, Boolean, Enum, Integer, Number, Object, String};
        match (json(writer), json(reader)) {
            (_, Any) | (Boolean, Boolean) => Ok(Vec::new()),
            (Any, _) => Ok(vec![Fate::new(Effect::ErrHard, Why::TypeClash, type_clash(writer, reader))]),
            (Integer { .. } | Number, Integer { .. } | Number) => self.numbers(writer, reader),
            (Enum, Enum) => symbols(&writer.domain, &reader.domain),
            (String { pattern: Some(own) }, Enum) => Ok(vec![under(own, &listed(&reader.domain))]),
            (String { .. }, Enum) => Ok(vec![Fate::new(Effect::ErrHard, Why::AnyText, names(&reader.domain))]),
            (String { .. } | Enum, String { .. }) => self.texts(writer, reader),
            (Array(written), Array(read)) => self.resolve(written, read),
            (Object(written), Object(read)) => Ok(self.further_keys(written, read)),
            _ => clash(Why::TypeClash, type_clash(writer, reader)),
        }
    }

    fn numbers(&self, writer: &Shape, reader: &Shape) -> Verdict {
        let wanted = if self.rules.validates { reader.domain.ints } else { json(reader).ints() };
        let (Some(held), Some(wanted)) = (writer.domain.ints, wanted) else { return Ok(Vec::new()) };
        let detail = format!("{} read as {}", span(held), span(wanted));
        let (was_whole, is_whole) = (is_integer(writer), is_integer(reader));
        let cuts = self.rules.cuts && !self.rules.validates;
        if !held.meets(wanted) && !cuts {
            return clash(Why::OutOfRange, detail);
        }
        let effect = match (cuts, held.meets(wanted)) {
            (false, _) => Effect::ErrHard,
            (true, true) => Effect::NarrowHard,
            (true, false) => Effect::Lie,
        };
        let out = (!held.is_subset(wanted)).then(|| Fate::new(effect, Why::OutOfRange, detail));
        let broken =
            (!was_whole && is_whole).then(|| Fate::new(Effect::ErrHard, Why::NotWhole, type_clash(writer, reader)));
        let is_rounded = was_whole && (!is_whole || self.rules.quirks.integers_are_floats) && !held.is_subset(DOUBLE);
        let rounded = is_rounded.then(|| Fate::new(Effect::NarrowHard, Why::Imprecise, "integer held as a float"));
        Ok(out.into_iter().chain(broken).chain(rounded).collect())
    }

    /// Lengths and patterns: the validator's business alone.
    fn texts(&self, writer: &Shape, reader: &Shape) -> Verdict {
        if !self.rules.validates {
            return Ok(Vec::new());
        }
        let misfit = lengths(&writer.domain, &reader.domain)?;
        let mut fates = Vec::from_iter(misfit.map(|fate| match pattern(writer) {
            Some(own) => under(own, &span_of_lengths(&reader.domain)),
            None => fate,
        }));
        if let Some(wanted) = pattern(reader).filter(|wanted| pattern(writer) != Some(wanted)) {
            let is_any = pattern(writer).is_none() && writer.domain.symbols.is_none();
            let why = if is_any { Why::Pattern } else { Why::OtherPattern };
            fates.push(Fate::new(Effect::ErrHard, why, wanted));
        }
        Ok(fates)
    }

    /// Keys that neither side lists: only a writer that says what they look like writes them.
    fn further_keys(&self, writer: &Others, reader: &Others) -> Vec<Fate> {
        let refused = || vec![Fate::new(Effect::ErrHard, Why::UnknownRefused, "further keys")];
        match (writer, reader) {
            (Others::Any | Others::Refused, _) => Vec::new(),
            (Others::Like(written), Others::Like(read)) => self
                .resolve(written, read)
                .unwrap_or_else(|clash| vec![Fate::new(Effect::ErrHard, clash.why, clash.detail)]),
            (Others::Like(_), Others::Refused) if self.rules.validates => refused(),
            (Others::Like(_), Others::Any) if self.rules.validates && self.rules.closes => refused(),
            (Others::Like(_), Others::Any | Others::Refused) => match self.rules.unknown {
                Unknown::Reject => refused(),
                Unknown::Drop => vec![Fate::new(Effect::NarrowHard, Why::NotInReader, "further keys")],
                Unknown::Preserve => Vec::new(),
            },
        }
    }
}

/// What a reader says of keys beside those it lists.
enum Beside<'a> {
    /// The validator refuses them.
    Refused,
    /// They are the binder's business.
    Unlisted,
    /// They have such values; a map keeps them.
    Like { shape: &'a Shape, is_map: bool },
    /// They are objects with keys of their own, as the values of a map are.
    Unknown { is_map: bool },
    /// The reader has nothing they could be beside of.
    Gone,
}

/// Its type; a JSON format has no other.
fn json(shape: &Shape) -> &JsonType {
    let Wire::Json(json) = &shape.wire else { unreachable!("not of a JSON format: {shape:?}") };
    json
}

/// An object, or what stands where one is looked for.
struct Object<'a> {
    /// The field it is in: its own, or that of the list or the map which has it.
    field: &'a Field,
    shape: &'a Shape,
    /// Whether it is there in every record, if what is around it is.
    is_certain: bool,
}

impl Object<'_> {
    fn is_object(&self) -> bool {
        matches!(json(self.shape), JsonType::Object(_))
    }
}

/// Whether a format lists keys of the object at a path.
fn lists(format: &Format, object: &str) -> bool {
    format.fields.iter().any(|field| path::around(&field.name) == Some(object))
}

/// What a format has at a path that leads to an object.
fn object<'a>(format: &'a Format, path: &str) -> Option<Object<'a>> {
    let (name, steps) = path::split(path);
    let field = format.fields.iter().find(|field| field.name == name)?;
    let first = Object {
        field,
        shape: &field.shape,
        is_certain: field.presence == Presence::Required && !field.shape.domain.nullable,
    };
    steps.into_iter().try_fold(first, |object, step| {
        let shape = match (json(object.shape), step) {
            (JsonType::Array(items), Step::Item) => items,
            (JsonType::Object(Others::Like(values)), Step::Value) => values,
            _ => return None,
        };
        Some(Object { shape, is_certain: object.is_certain && !shape.domain.nullable, ..object })
    })
}

fn key(field: &Field) -> &str {
    field.name.rsplit('.').next().unwrap_or(&field.name)
}

fn is_integer(shape: &Shape) -> bool {
    matches!(json(shape), JsonType::Integer { .. })
}

fn pattern(shape: &Shape) -> Option<&String> {
    match json(shape) {
        JsonType::String { pattern } => pattern.as_ref(),
        _ => None,
    }
}

fn type_clash(writer: &Shape, reader: &Shape) -> String {
    format!("{} read as {}", writer.wire, reader.wire)
}

/// `0 to 100`; an end that nothing bounds is left out.
fn span(Ints { min, max }: Ints) -> String {
    match (min == Ints::ALL.min, max == Ints::ALL.max) {
        (true, true) => "any".to_owned(),
        (true, false) => format!("up to {max}"),
        (false, true) => format!("{min} and more"),
        (false, false) => format!("{min} to {max}"),
    }
}

/// Texts of a pattern, where the reader wants something else of them: which of them have that is not decided.
fn under(pattern: &str, wanted: &str) -> Fate {
    Fate::new(Effect::ErrHard, Why::UnderPattern, format!("{pattern} read as {wanted}"))
}

/// `one of new, paid`.
fn listed(domain: &Domain) -> String {
    format!("one of {}", names(domain))
}

fn names(domain: &Domain) -> String {
    let all: Vec<&str> = domain.symbols.iter().flat_map(|symbols| &symbols.all).map(String::as_str).collect();
    all.join(", ")
}

/// `0 to 3 characters`.
fn span_of_lengths(domain: &Domain) -> String {
    match domain.length_max {
        Some(max) => format!("{} to {max} characters", domain.length_min),
        None => format!("{} characters and more", domain.length_min),
    }
}

fn symbols(writer: &Domain, reader: &Domain) -> Verdict {
    let Some((w, r)) = writer.symbols.as_ref().zip(reader.symbols.as_ref()) else { return Ok(Vec::new()) };
    let unknown = w.unknown_to(r);
    match unknown.len() {
        0 => Ok(Vec::new()),
        all if all == w.all.len() => clash(Why::UnknownSymbol, unknown.join(", ")),
        _ => Ok(vec![Fate::new(Effect::ErrHard, Why::UnknownSymbol, unknown.join(", "))]),
    }
}

/// Lengths that are written and not allowed.
fn lengths(writer: &Domain, reader: &Domain) -> Result<Option<Fate>, Clash> {
    let wanted = |length: u64| length >= reader.length_min && reader.length_max.is_none_or(|max| length <= max);
    let Some(symbols) = &writer.symbols else { return length_spans(writer, reader) };
    let length = |symbol: &&String| u64::try_from(symbol.chars().count()).is_ok_and(wanted);
    let bad: Vec<&str> = symbols.all.iter().filter(|symbol| !length(symbol)).map(String::as_str).collect();
    match bad.len() {
        0 => Ok(None),
        all if all == symbols.all.len() => clash(Why::Length, bad.join(", ")),
        _ => Ok(Some(Fate::new(Effect::ErrHard, Why::Length, bad.join(", ")))),
    }
}

fn length_spans(writer: &Domain, reader: &Domain) -> Result<Option<Fate>, Clash> {
    let max = |domain: &Domain| domain.length_max.unwrap_or(u64::MAX);
    let detail = format!("{} read as {}", span_of_lengths(writer), span_of_lengths(reader));
    if writer.length_min > max(reader) || reader.length_min > max(writer) {
        return clash(Why::Length, detail);
    }
    let fits = reader.length_min <= writer.length_min && max(writer) <= max(reader);
    Ok((!fits).then(|| Fate::new(Effect::ErrHard, Why::Length, detail)))
}
