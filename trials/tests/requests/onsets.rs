//! Faults at no stated time: those that come again and again, and those that wait for something to come to hold.

use model::time::{Span, Time};
use scenarios::Bundle;
use sim::{Figure, Summary};
use trials::runs::{compiled, first_told, lived, model, second, side_by_side, told};
use trials::text::{edited, with_entry};

/// Four replicas that take ten seconds to come up, one at a time, from a minute on.
const ROLLED: &str = "title: a rollout
horizon: 30m
traffic: {guests: {to: desk.ask, rate: 10/s}}
services:
  desk:
    replicas: 4
    startup: 10s
    rollout: {surge: 1, unavailable: 0}
    runs: \"1\"
    endpoints: {ask: [work: 2ms, {call: archive.find, timeout: 1s}]}
    versions: {\"1\": {}, \"2\": {}}
  archive: {replicas: 2, endpoints: {find: [work: 1ms]}}
slos: {find: {endpoint: archive.find, good: 99 %, within: 1s}}
alerts: {find-burn: {burn: find, factor: 10, long: 5m, short: 1m}}
seats: {ic: {role: commander}, release: {role: release}}
release: [{at: 1m, do: {deploy: desk 2}}]
plans: {back: {about: undo it, steps: [{at: 5m, do: {undo: desk}}]}}
";

fn bundle(faults: &str) -> Bundle {
    Bundle::from_text("rolled", format!("{ROLLED}faults:\n{faults}"), "")
}

fn end(bundle: &Bundle, plan: Option<&str>, seed: u64) -> Summary {
    lived(&model(bundle), plan, seed).summary()
}

const STANDS_STILL: &str = "archive stands still";

/// When the archive stands still for the first time under a fault that says when in these words.
fn struck(when: &str, plan: Option<&str>) -> Option<Time> {
    first_told(&end(&bundle(&format!("  - {{pause: archive, {when}, lasts: 1m}}\n")), plan, 1), STANDS_STILL)
}

#[test]
fn it_strikes_when_more_than_that_share_runs_the_new_version() {
    // One replica comes up every ten seconds: it is one of five, and one of four as soon as an old one goes for it;
    // then two of each, three, four.
    for (share, at) in [("0 %", 70), ("20 %", 70), ("25 %", 80), ("50 %", 90), ("74 %", 90), ("75 %", 100)] {
        assert_eq!(struck(&format!("when: desk rollout > {share}"), None), Some(second(at)), "{share}");
        assert_eq!(struck(&format!("when: desk 2 > {share}"), None), Some(second(at)), "{share}");
    }
    assert_eq!(struck("when: desk rollout > 50 %, after: 7s", None), Some(second(97)));
}

#[test]
fn what_holds_at_the_start_has_to_come_to_hold_again() {
    let back = struck("when: desk 1 > 50 %", Some("back")).expect("it is undone");
    assert_eq!((struck("when: desk 1 > 50 %", None), back), (None, second(330)));
}

#[test]
fn without_what_it_waits_for_it_never_strikes_and_is_no_cause_by_itself() {
    let faults = "  - {pause: archive, when: desk rollout > 50 %, lasts: 5m}\n";
    let still = edited(bundle(faults), |text| text.replace("release: [{at: 1m, do: {deploy: desk 2}}]\n", ""));
    let calm = end(&still, None, 1);
    assert_eq!((first_told(&calm, STANDS_STILL), calm.harm.requests.failed), (None, 0));
    let world = lived(&model(&bundle(faults)), None, 1);
    let failed = world.explain(Figure::Failed);
    let roots: Vec<_> = failed.chain.iter().filter(|link| failed.roots.contains(&link.line.id)).collect();
    assert!(failed.count.ever > 0 && roots.len() == 1, "{failed:#?}");
    assert_eq!((roots[0].line.at, roots[0].line.what.as_str()), (second(60), "deploy desk 2"));
}

#[test]
fn one_fault_may_follow_from_the_alert_of_another() {
    let faults = "  - {pause: archive, at: 3m, lasts: 4m}\n  - {kill: desk, when: alert find-burn, after: 30s}\n";
    let end = end(&bundle(faults), None, 1);
    let fired = first_told(&end, "fires").expect("nobody finds anything");
    assert_eq!(first_told(&end, "every ready process of desk dies"), Some(fired + Span::from_secs(30)));
    let killed = end.timeline.iter().find(|line| line.what.contains("desk dies")).expect("it is told");
    let fires = end.timeline.iter().find(|line| line.what.contains("fires")).expect("it is told");
    assert_eq!(killed.because, [fires.id]);
}

#[test]
fn a_law_without_luck_comes_at_its_times() {
    let at = |when: &str| {
        told(&end(&bundle(&format!("  - {{kill: archive, replicas: 1, {when}}}\n")), None, 1), "of archive die")
    };
    let every = |first: u64| (0..).map(move |nth| second(first + 600 * nth)).take_while(|at| *at <= second(1_800));
    assert_eq!(at("every: 10m"), every(600).collect::<Vec<_>>());
    assert_eq!(at("every: 10m, at: 5m"), every(900).collect::<Vec<_>>());
    let lasting = end(&bundle("  - {slow: archive, to: 90 %, every: 10m, lasts: 2m}\n"), None, 1);
    let strikes: Vec<_> = lasting.timeline.iter().filter(|line| line.what.starts_with("archive works at")).collect();
    assert_eq!(strikes.iter().map(|line| line.at).collect::<Vec<_>>(), [second(600), second(1_320)]);
    assert!(strikes.iter().all(|line| line.because.is_empty()), "none follows from the one before: {strikes:#?}");
    let once = end(&bundle("  - {slow: archive, to: 90 %, every: 10m}\n"), None, 1);
    assert_eq!(told(&once, "archive works at"), [second(600)], "to the end, as it does not say how long");
}

/// Memoryless: as many in a run as its length has means, with the spread of a Poisson count.
#[test]
fn a_constant_hazard_rate_strikes_as_often_as_it_says() {
    let text = "title: hazard
horizon: 100m
services: {desk: {endpoints: {ask: [work: 1ms]}}}
faults: [{kill: desk, every: {mean: 20m}}]
";
    let hazard = Bundle::from_text("hazard", text.to_owned(), "");
    let seeds: Vec<u64> = (0..400).collect();
    let counts = side_by_side(&seeds, |seed| told(&end(&hazard, None, *seed), "desk dies").len());
    let (runs, total) = (counts.len() as f64, counts.iter().sum::<usize>() as f64);
    assert!((total - 5.0 * runs).abs() < 4.0 * (5.0 * runs).sqrt(), "{total} in {runs} runs");
    let spread = counts.iter().map(|count| (*count as f64 - 5.0).powi(2)).sum::<f64>() / runs;
    // The variance of a Poisson count is its mean; that of the sample's about 2 * 25 / 400 + 5 / 400.
    assert!((spread - 5.0).abs() < 4.0 * (55.0_f64 / runs).sqrt(), "{spread}");
}

#[test]
fn an_unrelated_service_moves_no_hazard() {
    let alone = bundle("  - {kill: archive, replicas: 1, every: {mean: 4m}}\n");
    let joined = edited(alone.clone(), |text| {
        let text = with_entry(text, "services", "aquarium:\n  endpoints:\n    feed:\n      - work: 1ms");
        text.replace("faults:\n", "faults:\n  - {kill: aquarium, every: {mean: 3m}}\n")
    });
    let [own, others] = [alone, joined].map(|bundle| told(&end(&bundle, None, 3), "processes of archive die"));
    assert!(own.len() > 2 && own == others, "{own:?}, {others:?}");
}

#[test]
fn two_that_do_the_same_have_their_own_times() {
    let one = "  - {kill: archive, replicas: 1, every: {mean: 4m}}\n";
    let [once, twice] =
        [one.to_owned(), one.repeat(2)].map(|faults| told(&end(&bundle(&faults), None, 3), "archive die"));
    assert!(once.iter().all(|at| twice.contains(at)) && twice.len() > once.len(), "{once:?}, {twice:?}");
    assert!(twice.windows(2).all(|pair| pair[0] < pair[1]), "{twice:?}");
}

#[test]
fn a_fork_meets_the_same_hazards() {
    let faults = "  - {kill: archive, every: {mean: 2m}}\n  - {pause: desk, when: desk rollout > 50 %, lasts: 9s}\n";
    let mut original = sim::World::new(model(&bundle(faults)), 1);
    original.run_until(second(85));
    let mut fork = original.clone();
    for world in [&mut original, &mut fork] {
        world.run_until(second(900));
    }
    assert_eq!(fork, original);
}

#[test]
fn what_says_nothing_or_too_much_is_refused_with_a_way_out() {
    for (when, said) in [
        ("lasts: 1s", "nothing says when this fault strikes"),
        ("at: 1s, when: desk rollout > 50 %", "`when` and `at` cannot stand together"),
        ("every: 1m, when: desk rollout > 50 %", "`when` and `every` cannot stand together"),
        ("at: 1s, after: 5s", "`after` counts from when a condition comes to hold"),
        ("when: dekk rollout > 50 %", "there is no service `dekk`"),
        ("when: desk rolout > 50 %", "there is no version `rolout`"),
        ("when: desk 7 > 50 %", "there is no version `7`"),
        ("when: desk rollout > half", "`half` is not a share like `20%`"),
        ("when: desk rollout > 100 %", "there is no more than all of the replicas"),
        ("when: desk rollout", "`desk rollout` is no condition"),
        ("when: alert find-brun", "there is no alert `find-brun`"),
        ("every: 10ms", "a fault does not come more than once a second"),
        ("every: {mean: 0s}", "a fault does not come more than once a second"),
    ] {
        let problems = scenarios::compile(&bundle(&format!("  - {{pause: archive, {when}}}\n"))).expect_err(when);
        assert!(problems.short().contains(said), "{when}: {problems}");
    }
    let text = "title: x\nhorizon: 1h\nsecrets: key\nservices: {desk: {endpoints: {ask: [work: 1ms]}}}\n";
    let rotated = format!("{text}faults: [{{rotate: key, every: 10m}}]\n");
    let problems = scenarios::compile(&Bundle::from_text("rotated", rotated, "")).expect_err("it counts them");
    assert!(problems.short().contains("a secret is rotated once by each fault"), "{problems}");
    let near = scenarios::compile(&bundle("  - {pause: archive, when: desk rolout > 50 %}\n")).expect_err("a slip");
    assert!(near.render(scenarios::syntax::Paint::Plain).contains("did you mean `rollout`?"), "{near}");
    drop(compiled(&bundle("  - {pause: archive, when: 'desk   rollout >  50%'}\n")));
}
