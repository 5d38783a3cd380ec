//! The endings of the bundled drills: what each response comes to, on every clock and in every count.

use model::Scenario;
use model::scenario::Step;
use model::time::Span;
use sim::{Clocks, Count, Harm, Line, LineKind, Model, Outcome, Summary, Teller};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use trials::runs::{library, lived, minutes, side_by_side};

const SEED: u64 = 1;
const NONE: Count = Count { ever: 0, remaining: 0 };

/// A drill and what its plans come to, none first.
struct Drill {
    model: Model,
    endings: Vec<(Option<&'static str>, Summary)>,
}

static LEDGER: LazyLock<Drill> = LazyLock::new(|| {
    Drill::new(
        "ledger-format",
        &[None, Some("rollback"), Some("flag-first"), Some("rollback-then-repair"), Some("forward-fix")],
    )
});
static BOUTIQUE: LazyLock<Drill> = LazyLock::new(|| Drill::new("online-boutique", &[None, Some("rollback")]));

impl Drill {
    fn new(name: &str, plans: &[Option<&'static str>]) -> Self {
        let model = library(name);
        let endings = side_by_side(plans, |plan| (*plan, lived(&model, *plan, SEED).summary()));
        Drill { model, endings }
    }

    fn ending(&self, plan: Option<&str>) -> &Summary {
        &self.endings.iter().find(|(own, _)| *own == plan).expect("a plan that was run").1
    }
}

fn ledger(plan: Option<&str>) -> &'static Summary {
    LEDGER.ending(plan)
}

/// The ladder of an ending: what was reached, in the order of the ladder.
fn reached(clocks: &Clocks) -> [bool; 5] {
    [clocks.traffic, clocks.skew, clocks.backlog, clocks.data, clocks.effects].map(|rung| rung.is_some())
}

fn no_record_harm(harm: &Harm) -> bool {
    [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost, harm.lost] == [NONE; 5]
}

#[test]
fn nobody_acts_and_the_budget_burns_to_the_end() {
    let end = ledger(None);
    assert_eq!(end.outcome, Outcome::NotRecovered);
    assert_eq!(reached(&end.clocks), [false, false, true, true, true]);
    assert!(end.clocks.detected.is_some(), "the burn-rate alert fires");
    assert_eq!((end.clocks.acknowledged, end.clocks.decided, end.clocks.executed), (None, None, None));
    assert!(no_record_harm(&end.harm), "51 reads what 51 writes: {:?}", end.harm);
    let least = LEDGER.endings.iter().skip(1).map(|(_, other)| other.harm.requests.failed);
    assert!(least.into_iter().all(|other| other < end.harm.requests.failed), "every response is better than none");
}

#[test]
fn rollback_brings_traffic_back_and_leaves_the_data_behind() {
    let end = ledger(Some("rollback"));
    assert_eq!(end.outcome, Outcome::NotRecovered);
    assert!(end.clocks.traffic.is_some(), "the defect's errors go");
    assert_eq!(end.clocks.data, None);
    assert_eq!(end.clocks.backlog, None, "settlements of unreadable entries are tried again for ever");
    assert_eq!((end.clocks.full(), end.clocks.illusion_gap()), (None, None));
    assert!(end.harm.unreadable.remaining > 0);
    assert!(end.harm.fields_lost.ever > 0);
    assert_eq!(end.harm.fields_lost.remaining, end.harm.fields_lost.ever, "nothing brings a lost field back");
}

#[test]
fn flag_first_recovers_in_time_and_harms_no_record() {
    let end = ledger(Some("flag-first"));
    assert_eq!(end.outcome, Outcome::Recovered);
    assert!(end.met, "full recovery after {:?}", end.clocks.full());
    assert_eq!(end.harm.fields_lost.ever, 0);
    assert_eq!(end.harm.unreadable.ever, 0);
    assert!(no_record_harm(&end.harm), "{:?}", end.harm);
}

#[test]
fn repair_after_rollback_is_sooner_for_traffic_and_too_late_for_fields() {
    let (end, par) = (ledger(Some("rollback-then-repair")), ledger(Some("flag-first")));
    assert!(end.clocks.traffic.expect("traffic is back") < par.clocks.traffic.expect("traffic is back"));
    assert!(end.harm.unreadable.ever > 0);
    assert_eq!(end.harm.unreadable.remaining, 0, "the repair makes them readable");
    assert!(end.harm.fields_lost.remaining > 0, "what 50 wrote back without them is gone");
    assert!(end.clocks.data.is_some(), "a lost field is not an unreadable record");
    assert!(end.clocks.full() > par.clocks.full(), "sooner for traffic, later for everything");
    assert!(end.clocks.illusion_gap() > par.clocks.illusion_gap());
}

#[test]
fn forward_fix_recovers_without_harm_to_records_but_later() {
    let (end, par) = (ledger(Some("forward-fix")), ledger(Some("flag-first")));
    assert_eq!(end.outcome, Outcome::Recovered);
    assert!(no_record_harm(&end.harm), "{:?}", end.harm);
    assert!(end.clocks.full() > par.clocks.full());
    assert!(end.clocks.traffic > par.clocks.traffic);
    assert!(end.harm.requests.failed > par.harm.requests.failed, "customers pay for the wait");
}

#[test]
fn every_ending_begins_with_the_same_customers_and_the_same_harm() {
    let first = ledger(None);
    for (plan, end) in &LEDGER.endings {
        assert_eq!(end.clocks.first_harm_at, first.clocks.first_harm_at, "{plan:?}");
        assert_eq!(end.clocks.detected, first.clocks.detected, "{plan:?}");
        assert!(end.clocks.detected > Some(Span::ZERO));
        assert!(end.harm.requests.total.abs_diff(first.harm.requests.total) < 100, "{plan:?}");
    }
}

#[test]
fn the_people_of_a_plan_climb_the_ladder_in_order() {
    for (plan, end) in LEDGER.endings.iter().skip(1) {
        let Clocks { detected, acknowledged, declared, decided, executed, .. } = end.clocks;
        let ladder = [detected, acknowledged, declared, decided, executed];
        assert!(ladder.iter().all(Option::is_some), "{plan:?}: {ladder:?}");
        assert!(ladder.is_sorted(), "{plan:?}: {ladder:?}");
    }
}

#[test]
fn the_drill_is_busy_for_long_enough() {
    for (plan, end) in &LEDGER.endings {
        let seconds = end.simulated.nanos() / Span::SECOND.nanos();
        assert!(end.simulated >= minutes(30), "{plan:?}");
        assert!(end.harm.requests.total >= 100 * seconds, "{plan:?}: {:?} in {seconds} s", end.harm.requests);
    }
}

#[test]
fn a_bad_checkout_burns_until_it_is_rolled_back() {
    let (none, back) = (BOUTIQUE.ending(None), BOUTIQUE.ending(Some("rollback")));
    assert_eq!((none.outcome, none.clocks.traffic), (Outcome::NotRecovered, None));
    assert_eq!((back.outcome, back.met), (Outcome::Recovered, true));
    assert_eq!(reached(&back.clocks), [true; 5]);
    assert!(back.harm.requests.failed < none.harm.requests.failed);
    assert!(no_record_harm(&none.harm) && no_record_harm(&back.harm), "no data is involved");
}

/// The commands of the release and of a plan, as the timeline tells them.
fn commands(scenario: &Scenario, plan: Option<&str>) -> Vec<(String, String)> {
    let planned = plan.and_then(|plan| scenario.plan(plan)).map_or(&[][..], |plan| &plan.steps);
    let told = |step: &Step| (scenario.seats.name_of(step.who).to_owned(), Teller(scenario).action(&step.action));
    scenario.release.iter().chain(planned).map(told).collect()
}

fn line(end: &Summary, id: u32) -> &Line {
    end.timeline.iter().find(|line| line.id == id).expect("causes are lines of the same timeline")
}

/// Everything that made a line happen, the line itself included.
fn ancestry(end: &Summary, id: u32) -> BTreeSet<u32> {
    let mut known = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if known.insert(id) {
            open.extend(&line(end, id).because);
        }
    }
    known
}

#[test]
fn every_line_leads_back_to_a_command_of_the_release_or_the_plan() {
    for drill in [&*LEDGER, &*BOUTIQUE] {
        for (plan, end) in &drill.endings {
            let commands = commands(&drill.model, *plan);
            let ordered =
                |line: &Line| line.kind == LineKind::Order && commands.contains(&(line.who.clone(), line.what.clone()));
            for own in &end.timeline {
                assert!(own.because.iter().all(|cause| *cause < own.id), "{plan:?}: a cause comes first: {own:?}");
                let roots = ancestry(end, own.id).into_iter().map(|id| line(end, id));
                let lost: Vec<_> = roots.filter(|line| line.because.is_empty() && !ordered(line)).collect();
                assert!(lost.is_empty(), "{plan:?}: {own:?} leads to {lost:?}, which is no command");
            }
        }
    }
}

/// The first line that has these words.
fn told<'a>(end: &'a Summary, what: &str) -> &'a Line {
    let found = end.timeline.iter().find(|line| line.what.contains(what));
    found.unwrap_or_else(|| panic!("nothing in the timeline says `{what}`"))
}

#[test]
fn an_unreadable_entry_leads_back_to_flag_release_and_rollback() {
    let end = ledger(Some("rollback"));
    let cause = |what| told(end, what).id;
    let harm = ancestry(end, cause("cannot read `rail` of a record in ledger-3"));
    for command in ["deploy payments 51", "switch ledger-fmt3 on", "roll back payments"] {
        assert!(harm.contains(&cause(command)), "`{command}` is not among the causes {harm:?}");
    }
    let backlog = ancestry(end, told(end, "settle fails").id);
    assert!(backlog.is_superset(&harm), "a failed settlement is about an unreadable entry");
    let fields = ancestry(end, cause("without `acquirer`"));
    assert!(fields.contains(&cause("roll back payments")), "{fields:?}");
}

#[test]
fn failures_of_the_defect_lead_back_to_its_release() {
    for (drill, defect, deploy) in [
        (&*LEDGER, "wallet fees are rounded below zero", "deploy payments 51"),
        (&*BOUTIQUE, "the quote is taken in the wrong currency", "deploy checkoutservice 0.10.7"),
    ] {
        let end = drill.ending(None);
        assert_eq!(told(end, defect).because, [told(end, deploy).id]);
        assert!(ancestry(end, told(end, "alert fires").id).contains(&told(end, defect).id));
    }
}
