//! Bad input: whatever somebody types, the answer is errors or a scenario that runs, never a panic and
//! never a hang.
//!
//! Texts start from the bundled ones, because a random text rarely gets past the first key; edits are of the
//! kind that happen: a byte lost or mistyped, a line lost, doubled, moved or indented. Every command the
//! scenario still knows is then given within the first seconds.

use model::Scenario;
use model::scenario::Step;
use model::time::{Span, Time};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::RngSeed;
use scenarios::syntax::Paint;
use scenarios::{Bundle, Compiled, library, template};
use sim::{Model, World};
use trials::runs::second;
use trials::text::{bundled, edited, file_of, with_schema};

/// The seed is fixed: a build is red or green, whoever runs it.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { rng_seed: RngSeed::Fixed(3), failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// How long a scenario that compiles is run for, and how many events of it: some mistakes are valid and busy.
const SECONDS: u64 = 10;
const EVENTS_MAX: u64 = 30_000;

/// A slip of the hand.
#[derive(Clone, Debug)]
enum Slip {
    Delete(Index),
    Type(Index, char),
    Replace(Index, char),
    DropLine(Index),
    DoubleLine(Index),
    SwapLines(Index, Index),
    /// More or less indentation, in steps of two.
    Shift(Index, bool),
    /// The value of one line in place of another's.
    Borrow(Index, Index),
}

fn any_slip() -> impl Strategy<Value = Slip> {
    let key = || prop::sample::select("0123456789 :-,.%{}[]\"'#&*abmskh/\n\té".chars().collect::<Vec<_>>());
    let at = any::<Index>;
    prop_oneof![
        at().prop_map(Slip::Delete),
        (at(), key()).prop_map(|(at, key)| Slip::Type(at, key)),
        (at(), key()).prop_map(|(at, key)| Slip::Replace(at, key)),
        at().prop_map(Slip::DropLine),
        at().prop_map(Slip::DoubleLine),
        (at(), at()).prop_map(|(one, other)| Slip::SwapLines(one, other)),
        (at(), any::<bool>()).prop_map(|(at, more)| Slip::Shift(at, more)),
        (at(), at()).prop_map(|(to, from)| Slip::Borrow(to, from)),
    ]
}

impl Slip {
    fn made_in(&self, text: &str) -> String {
        match self {
            Slip::Delete(at) => with_char(text, at, |_| String::new()),
            Slip::Type(at, key) => with_char(text, at, |old| format!("{key}{old}")),
            Slip::Replace(at, key) => with_char(text, at, |_| key.to_string()),
            Slip::DropLine(at) => with_line(text, at, |_| vec![]),
            Slip::DoubleLine(at) => with_line(text, at, |line| vec![line.to_owned(), line.to_owned()]),
            Slip::SwapLines(one, other) => swapped_lines(text, one, other),
            Slip::Shift(at, true) => with_line(text, at, |line| vec![format!("  {line}")]),
            Slip::Shift(at, false) => with_line(text, at, |line| vec![line.replacen("  ", "", 1)]),
            Slip::Borrow(to, from) => borrowed(text, to, from),
        }
    }
}

fn with_char(text: &str, at: &Index, edit: impl Fn(char) -> String) -> String {
    let count = text.chars().count();
    let chosen = at.index(count.max(1));
    text.chars().enumerate().map(|(place, c)| if place == chosen { edit(c) } else { c.to_string() }).collect()
}

fn with_line(text: &str, at: &Index, edit: impl Fn(&str) -> Vec<String>) -> String {
    let lines: Vec<_> = text.lines().collect();
    let chosen = at.index(lines.len().max(1));
    let edited = lines.iter().enumerate().flat_map(
        |(place, line)| {
            if place == chosen { edit(line) } else { vec![(*line).to_owned()] }
        },
    );
    edited.map(|line| line + "\n").collect()
}

fn swapped_lines(text: &str, one: &Index, other: &Index) -> String {
    let mut lines: Vec<_> = text.lines().collect();
    if !lines.is_empty() {
        let (one, other) = (one.index(lines.len()), other.index(lines.len()));
        lines.swap(one, other);
    }
    lines.into_iter().map(|line| format!("{line}\n")).collect()
}

fn borrowed(text: &str, to: &Index, from: &Index) -> String {
    let values: Vec<_> = text.lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value).collect();
    if values.is_empty() {
        return text.to_owned();
    }
    let value = from.get(&values);
    with_line(text, to, |line| {
        let (key, _) = line.split_once(": ").unwrap_or((line, ""));
        vec![format!("{key}: {value}")]
    })
}

/// Everybody does everything, one step a third of a second.
fn everything_at_once(scenario: &Scenario) -> Vec<Step> {
    let plans = scenario.plans.iter().flat_map(|plan| &plan.steps);
    let all = scenario.release.iter().chain(plans).cloned().enumerate();
    let soon = |nth: usize| Time::ZERO + Span::from_millis(333).times(nth as u64);
    all.map(|(nth, step)| Step { at: soon(nth), ..step }).collect()
}

/// Compiles it, and lives through the start of whatever compiles. Says whether anything did.
fn survives(bundle: &Bundle) -> bool {
    match scenarios::compile(bundle) {
        Err(problems) => {
            assert!(!problems.is_empty(), "no scenario, and no reason why");
            assert!(!problems.render(Paint::Plain).is_empty() && !problems.short().is_empty());
            false
        }
        Ok(Compiled { scenario, .. }) => {
            let steps = everything_at_once(&scenario);
            let mut world = World::new(Model::new(scenario), 1);
            world.follow(steps);
            while world.now() < second(SECONDS) && world.steps() < EVENTS_MAX {
                world.step();
            }
            let harm = world.summary().harm.requests;
            assert_eq!(world.arrived(), harm.total + world.in_flight());
            true
        }
    }
}

fn with_slips(text: &str, slips: &[Slip]) -> String {
    slips.iter().fold(text.to_owned(), |text, slip| slip.made_in(&text))
}

fn any_slips() -> impl Strategy<Value = Vec<Slip>> {
    prop::collection::vec(any_slip(), 1..4)
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn a_scenario_with_slips_is_refused_or_runs(which in any::<Index>(), slips in any_slips()) {
        let scenario = which.get(library::all());
        survives(&edited(Bundle::bundled(scenario), |text| with_slips(text, &slips)));
    }

    #[test]
    fn the_first_drill_with_slips_is_refused_or_runs(slips in any_slips()) {
        survives(&edited(bundled("ledger-format"), |text| with_slips(text, &slips)));
    }

    #[test]
    fn a_schema_with_slips_is_refused_or_runs(new in any::<bool>(), slips in any_slips()) {
        let file = if new { "ledger-3.avsc" } else { "ledger-2.avsc" };
        let schema = with_slips(file_of("ledger-format", file), &slips);
        survives(&edited(bundled("ledger-format"), |text| with_schema(text, file, &schema)));
    }

    #[test]
    fn a_new_scenario_with_slips_is_refused_or_runs(slips in any_slips()) {
        survives(&Bundle::from_text("mine", with_slips(&template("mine"), &slips), ""));
    }
}

/// Sometimes a slip is harmless: if no edited text ever compiled, the half that runs would test nothing.
#[test]
fn the_bundled_scenarios_themselves_run() {
    for scenario in library::all() {
        assert!(survives(&Bundle::bundled(scenario)), "{}", scenario.name);
    }
}
