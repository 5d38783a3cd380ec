//! What `gameday formats` says of two schemas happens in a run of both: where it names a value that does harm, a record
//! and a request with that value come to exactly that harm; where it finds nothing wrong, nothing goes wrong.
//!
//! Pairs of schemas are drawn, edits of one another. One version writes the one and another version reads, rewrites and
//! is asked in the other, both at the same time; then the other way round.
//!
//! There are no pairs of SQL: a row is in the one state that its table has, and what a migration and the statements of
//! older code make of it is held to the server itself, by `against_postgres`.

mod drawing;
mod judged;
mod run;

use drawing::Pair;
use judged::{Arrow, Stated};
use model::data::{Comparison, Outcome, Preset, Value};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use run::run;
use std::collections::BTreeSet;
use trials::systems::cases;

/// Values of all sorts, as a scenario states them.
const VALUES: [&str; 20] = [
    "0",
    "1",
    "-3",
    "300",
    "70000",
    "2147483648",
    "9007199254740993",
    "abc",
    "a text of some length",
    "X",
    "Y",
    "Z",
    "true",
    "null",
    "0.5",
    "[\"X\"]",
    "[\"Y\"]",
    "{\"key\": 5}",
    "{\"key\": 3000000000}",
    "[5]",
];

/// What was found of some pairs.
#[derive(Default)]
struct Found {
    /// How fields fare.
    outcomes: BTreeSet<Outcome>,
    /// Values that no run is told of.
    open: usize,
    /// Where a run came to something else than was said.
    contradictions: Vec<String>,
}

impl Found {
    /// Runs a pair both ways: with ordinary values, with each example, without what may be left out, and with `any`
    /// value.
    fn of(&mut self, pair: &Pair, any: &str) {
        let presets = pair.presets();
        let comparison = pair.compared(presets);
        for (writer, reader) in [(0, 1), (1, 0)] {
            let arrow = Arrow { comparison: &comparison, writer, reader };
            let stated = [Stated::Plain].into_iter().chain(arrow.examples()).chain(arrow.absent());
            for stated in stated.chain(arrow.spared()).chain(held(&arrow, any)) {
                let (told, ran) = (arrow.told(&stated), run(pair, [writer, reader], presets[reader], &stated));
                // What is in a list, and not in an object that the other side has there, no scenario can state.
                let is_open = |message: &String| message.contains("without what is in it is not decided");
                if ran.as_ref().is_err_and(is_open) {
                    self.open += 1;
                } else if ran != Ok(told) {
                    let by = presets[reader].name;
                    let told = format!("{stated:?}, {writer} to {reader} by {by}: told {told:?}, got {ran:?}");
                    self.contradictions.push(format!("{told}\n{}", pair.texts.join("\n")));
                }
            }
            self.outcomes.extend(arrow.outcomes());
        }
    }
}

/// A value, in the field that is edited, where the writer has such values and no value of the field does harm.
fn held(arrow: &Arrow<'_>, any: &str) -> Option<Stated> {
    let slot = arrow.slot("a")?;
    let shapes = arrow.comparison.entity.formats.iter().filter_map(|format| Some(&format.field(slot)?.shape));
    let value = Value::read(any, shapes);
    let own = &arrow.field(arrow.writer, slot)?.shape;
    let entity = &arrow.comparison.entity;
    let is_told = entity.format_ids().all(|format| entity.is_hard(format, slot, &value).is_some());
    let is_held = own.holds(&value) == Some(true) && is_told && !arrow.is_harmed_by_values(slot);
    is_held.then(|| Stated::Value { field: arrow.name(slot), text: any.to_owned(), slot })
}

/// No pair contradicts, and the pairs meet each of these outcomes.
fn check(pairs: impl Strategy<Value = Pair>, count: usize, outcomes: &[Outcome]) {
    let mut runner = TestRunner::new(cases(1));
    let drawn = (pairs, prop::sample::select(VALUES.to_vec()));
    let mut found = Found::default();
    for _ in 0..count {
        let (pair, any) = drawn.new_tree(&mut runner).expect("nothing is filtered").current();
        found.of(&pair, any);
    }
    let wrong = &found.contradictions;
    assert!(found.open < count / 5, "{} values cannot be stated", found.open);
    assert!(wrong.is_empty(), "{} times, like\n{}", wrong.len(), wrong.join("\n\n"));
    for outcome in outcomes {
        assert!(found.outcomes.contains(outcome), "no pair came to {outcome:?}");
    }
}

#[test]
fn examples_of_avro_do_their_harm() {
    use Outcome::{Fails, FailsForSome, Lost, Misread, Narrowed, Replaced};
    check(drawing::avro(), 120, &[Fails, FailsForSome, Lost, Misread, Narrowed, Replaced]);
}

#[test]
fn examples_of_protobuf_do_their_harm() {
    use Outcome::{FailsForSome, Lost, Misread, Missed, Narrowed};
    check(drawing::protobuf(false), 50, &[FailsForSome, Lost, Misread, Missed, Narrowed]);
}

#[test]
fn examples_of_protojson_do_their_harm() {
    use Outcome::{Fails, FailsForSome, Lost};
    check(drawing::protobuf(true), 50, &[Fails, FailsForSome, Lost]);
}

#[test]
fn examples_of_json_schema_do_their_harm() {
    use Outcome::{Fails, FailsForSome, Lost, Narrowed};
    check(drawing::json(), 60, &[Fails, FailsForSome, Lost, Narrowed]);
}

/// Of each way in which a field fails for some values: the field's own format holds the value that is shown, and some
/// format does not, or takes it for another one.
fn check_examples(pair: &Pair) -> usize {
    let comparison = pair.compared(pair.presets());
    let mut shown = 0;
    for (writer, reader) in [(0, 1), (1, 0)] {
        let arrow = Arrow { comparison: &comparison, writer, reader };
        for (slot, example) in arrow.shown() {
            let entity = &comparison.entity;
            let shapes = entity.formats.iter().filter_map(|format| Some(&format.field(slot)?.shape));
            let value = Value::read(&judged::text_of(&example), shapes);
            let own = &arrow.field(writer, slot).expect("it is written").shape;
            let told = format!("{example} in {}, {writer} to {reader}: {:#?}", arrow.name(slot), pair.texts);
            assert_ne!(own.holds(&value), Some(false), "nobody writes {told}");
            assert_ne!(entity.is_hard(arrow.format(writer), slot, &value), Some(false), "nothing happens to {told}");
            shown += 1;
        }
    }
    shown
}

#[test]
fn what_is_shown_can_be_written_and_is_what_goes_wrong() {
    let mut runner = TestRunner::new(cases(1));
    let mut shown = 0;
    for pairs in [
        drawing::avro().boxed(),
        drawing::protobuf(false).boxed(),
        drawing::protobuf(true).boxed(),
        drawing::json().boxed(),
    ] {
        for _ in 0..400 {
            shown += check_examples(&pairs.new_tree(&mut runner).expect("nothing is filtered").current());
        }
    }
    assert!(shown > 400, "{shown} examples");
}

impl Pair {
    fn compared(&self, presets: [&Preset; 2]) -> Comparison {
        let [old, new] = [0, 1].map(|side| self.source(side));
        let pairs = formats::pairs(&old, &new).unwrap_or_else(|errors| panic!("{errors:?}: {self:#?}"));
        let entity = pairs.both.into_iter().next().expect("one record type in each");
        Comparison::of(entity, presets.map(|preset| &preset.codec))
    }
}
