//! A brown-out: how deep and how long it has to be.

use super::{Claim, Flow, REFERENCE, Row, Unit, flow, only_world};
use crate::effort::Runner;
use crate::variant::Variant;

const NAME: &str = "brown-out";
const OSDI: &str = "L. Huang and others, \"Metastable Failures in the Wild\", OSDI '22, figure 5";

/// A panel of the figure: what is left of the capacity, for how long, at which load; and whether it recovers.
struct Panel {
    name: &'static str,
    left: &'static str,
    lasts: &'static str,
    rate: &'static str,
    recovers: bool,
}

const fn panel(
    name: &'static str,
    left: &'static str,
    lasts: &'static str,
    rate: &'static str,
    recovers: bool,
) -> Panel {
    Panel { name, left, lasts, rate, recovers }
}

const PANELS: [Panel; 4] = [
    panel("a", "22 %", "10s", "310/s", true),
    panel("b", "20 %", "10s", "310/s", false),
    panel("c", "20 %", "9s", "310/s", true),
    panel("d", "20 %", "10s", "210/s", true),
];

/// The work of a request at the ends of the range of capacities that bring all four outcomes about, and the capacity as
/// a multiple of the load of 310 a second.
const RANGE: [(&str, &str); 2] = [("1250313ns", "2.58"), ("1177302ns", "2.74")];

/// What the collapsed state of panel b is like, to 6,200 requests a second: 20,000 attempts and 600 answers.
const ATTEMPTS: f64 = 20_000.0 / 6200.0;
const GOODPUT: f64 = 600.0 / 6200.0;

/// How much a rate may be off over a window of 20 s.
const EDGES: f64 = 0.01;

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let ends = runner.each(&PANELS, |panel| end_of(&Variant::of(NAME), panel));
    let outcomes = PANELS.iter().zip(&ends).map(|(panel, end)| outcome(panel, *end));
    let range = RANGE.iter().map(|(work, k)| all_panels(work, k, runner));
    outcomes.chain(range).chain(collapsed(ends[1])).collect()
}

fn end_of(variant: &Variant, panel: &Panel) -> Flow {
    let variant = variant.clone().with("rate: 310/s", &format!("rate: {}", panel.rate));
    let variant = variant.with("lasts: 10s", &format!("lasts: {}", panel.lasts));
    let variant = variant.with("to: 20 %", &format!("to: {}", panel.left));
    flow(&mut only_world(&variant.model()), "database", 480, 500)
}

/// Whether requests are answered at the end: all of them are, or next to none.
fn is_up(end: Flow) -> bool {
    end.good_share() > 0.5
}

fn outcome(panel: &Panel, end: Flow) -> Row {
    let Panel { name, left, lasts, rate, recovers } = panel;
    let what = format!("({name}) to: {left}, lasts: {lasts}, {rate}: up");
    let claim = Claim {
        model: NAME,
        figure: format!("{name}-up"),
        what,
        unit: Unit::Number,
        published: Some(f64::from(u8::from(*recovers))),
        source: OSDI,
    };
    claim.within(Some(f64::from(u8::from(is_up(end)))), 0.0)
}

/// How many of the outcomes come out with another capacity.
fn all_panels(work: &str, k: &str, runner: Runner) -> Row {
    let variant = Variant::of(NAME).with("work: 1212710ns", &format!("work: {work}"));
    let as_published = runner.each(&PANELS, |panel| is_up(end_of(&variant, panel)) == panel.recovers);
    let many = as_published.into_iter().map(|is| f64::from(u8::from(is))).sum();
    let claim = Claim {
        model: NAME,
        figure: format!("k-{k}"),
        what: format!("work: {work} (k = {k}): so, of 4"),
        unit: Unit::Number,
        published: Some(4.0),
        source: REFERENCE,
    };
    claim.within(Some(many), 0.0)
}

/// The collapsed state: worse than the published one, by the bound that the paper's clients have.
fn collapsed(end: Flow) -> [Row; 2] {
    let claim = |figure: &str, what: &str, unit, published| {
        let (figure, what) = (figure.to_owned(), what.to_owned());
        Claim { model: NAME, figure, what, unit, published: Some(published), source: OSDI }
    };
    let attempts = claim("b-attempts", "(b) attempts per request", Unit::Number, ATTEMPTS);
    let goodput = claim("b-goodput", "(b) answered in time", Unit::Share, GOODPUT);
    [attempts.known_as(end.asked / end.answered, 5.0, EDGES), goodput.known_as(end.good_share(), 0.0, EDGES)]
}
