//! A message is one record, whoever has put it aside and however often it is read again: counted once, and lost once.

use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::{Harm, Summary, TopicUse, World};
use std::fmt::Write as _;
use trials::runs::{begun, model, second};
use trials::systems::cases;

const SEED: u64 = 1;

const FORMATS: &str = r#"    formats:
      one: '{"type": "record", "name": "M", "fields": [{"name": "k", "type": {"type": "enum", "name": "K",
        "symbols": ["A"]}}]}'
      two: '{"type": "record", "name": "M", "fields": [{"name": "k", "type": {"type": "enum", "name": "K",
        "symbols": ["A", "B"]}}]}'
"#;

/// Ten letters a second, a share of which only version 2 of a reader can read. Each group has a service of its own.
#[derive(Clone, Debug)]
struct Mail {
    /// Percent that only version 2 can read.
    bad: u32,
    /// In seconds.
    retention: u64,
    /// By group: its error policy.
    policies: Vec<String>,
    /// The version each reader runs at first.
    runs: u32,
    /// When somebody does what to which group, in seconds.
    steps: Vec<(u64, String)>,
    /// When a replica of which group is killed, in milliseconds.
    kills: Vec<(u64, usize)>,
    seed: u64,
}

impl Mail {
    fn new(retention: u64, policies: &[&str], steps: &[(u64, &str)]) -> Self {
        let steps = steps.iter().map(|(at, what)| (*at, (*what).to_owned())).collect();
        let policies = policies.iter().map(|policy| (*policy).to_owned()).collect();
        Mail { bad: 10, retention, policies, runs: 1, steps, kills: vec![], seed: SEED }
    }

    fn text(&self) -> String {
        let (mut consumers, mut services) = (String::new(), String::new());
        for (number, policy) in self.policies.iter().enumerate() {
            writeln!(consumers, "  g{number}: {{topic: letters, runs: s{number}.read, {policy}}}").expect("a string");
            let runs = self.runs;
            write!(
                services,
                "  s{number}:
    startup: 2s
    runs: \"{runs}\"
    endpoints: {{read: [work: 5ms, {{effect: stamp}}]}}
    versions:
      \"1\": {{formats: {{letters: {{reads: one, writes: one}}}}}}
      \"2\": {{formats: {{letters: {{reads: two, writes: two}}}}}}
"
            )
            .expect("a string");
        }
        let steps = self.steps.iter().map(|(at, verb)| format!("{{at: {at}s, do: {{{verb}}}}}")).collect::<Vec<_>>();
        let kills = self.kills.iter().map(|(at, who)| format!("{{at: {at}ms, kill: s{who}}}")).collect::<Vec<_>>();
        format!(
            "title: mail
horizon: 20m
classes: [good, bad]
traffic:
  people: {{to: desk.write, rate: 10/s, arrivals: constant, classes: {{good: {} %, bad: {} %}}}}
topics:
  letters:
{FORMATS}    partitions: 2
    retention: {}s
consumers:
{consumers}effects: {{stamp: {{}}}}
services:
  desk:
    endpoints: {{write: [work: 1ms, {{publish: letters, values: {{k: {{good: A, bad: B}}}}}}]}}
    versions: {{\"1\": {{formats: {{letters: {{reads: two, writes: two}}}}}}}}
{services}release: [{}]
faults: [{}]
",
            100 - self.bad,
            self.bad,
            self.retention,
            steps.join(", "),
            kills.join(", ")
        )
    }

    fn world(&self) -> World {
        begun(&model(&Bundle::from_text("mail", self.text(), "")), None, self.seed)
    }

    fn lived(&self, until: u64) -> Summary {
        let mut world = self.world();
        world.run_until(second(until));
        world.summary()
    }

    /// The same with one of its groups alone.
    fn with_only(&self, group: usize) -> Self {
        let is_it = |verb: &str| verb.contains(&format!("g{group}")) || verb.contains(&format!("s{group}"));
        let renamed = |verb: &str| verb.replace(&format!("g{group}"), "g0").replace(&format!("s{group}"), "s0");
        let steps = self.steps.iter().filter(|(_, verb)| is_it(verb)).map(|(at, verb)| (*at, renamed(verb)));
        let kills = self.kills.iter().filter(|(_, who)| *who == group).map(|(at, _)| (*at, 0));
        Mail {
            policies: vec![self.policies[group].clone()],
            steps: steps.collect(),
            kills: kills.collect(),
            ..self.clone()
        }
    }
}

fn topic(end: &Summary) -> &TopicUse {
    &end.workings.topics[0]
}

fn check_books(end: &Summary) {
    let topic = topic(end);
    let harm = &end.harm;
    for count in [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost, harm.lost] {
        assert!(count.ever >= count.remaining, "{harm:?}");
        assert!(u64::from(count.ever) <= topic.published, "{} published, {harm:?}", topic.published);
    }
    assert!(u64::from(harm.lost.ever) + topic.kept <= topic.published, "what is there is not lost: {topic:?} {harm:?}");
    let dropped: u64 = topic.groups.iter().map(|group| group.deliveries.dropped).sum();
    assert!(u64::from(harm.lost.ever) <= dropped, "what is lost was dropped: {topic:?} {harm:?}");
    for group in &topic.groups {
        let sim::Deliveries { consumed, skipped, dropped, replayed } = group.deliveries;
        let found = consumed + skipped + dropped + group.dead_letters + group.lag();
        assert_eq!(topic.published + replayed, found, "{group:?}");
    }
}

/// What was ever counted of messages.
fn ever(harm: &Harm) -> [u32; 3] {
    [harm.unreadable.ever, harm.misread.ever, harm.lost.ever]
}

// Counted once.

#[test]
fn a_replayed_message_that_is_put_aside_again_is_still_one() {
    let mail = Mail::new(7 * 86_400, &["on_error: dead-letter"], &[(300, "replay: g0, since: 0s")]);
    let end = mail.lived(600);
    let (once, group) = (mail.with_only(0), &topic(&end).groups[0]);
    let without = Mail { steps: vec![], ..once }.lived(600).harm;
    assert!(group.dead_letters > u64::from(without.unreadable.ever), "it lies there twice: {group:?}");
    assert_eq!(end.harm.unreadable, without.unreadable, "and is one");
    assert!(without.unreadable.remaining > 500);
}

#[test]
fn a_message_that_several_groups_cannot_read_is_one() {
    let policies = ["on_error: block", "on_error: skip", "on_error: dead-letter"];
    let end = Mail::new(7 * 86_400, &policies, &[]).lived(600);
    let alone = Mail::new(7 * 86_400, &["on_error: dead-letter"], &[]).lived(600);
    assert_eq!(end.harm.unreadable, alone.harm.unreadable);
}

#[test]
fn what_is_stored_is_told_as_often_as_it_is_there() {
    let policies = ["on_error: dead-letter", "on_error: dead-letter", "on_error: block"];
    let mut world = Mail::new(7 * 86_400, &policies, &[(120, "replay: g0, since: 0s")]).world();
    world.run_until(second(590));
    let records = world.holdings().stores[0].records;
    assert!(records > 1_000 && records <= topic(&world.summary()).published, "{records}");
}

#[test]
fn a_message_that_two_groups_lose_is_lost_once() {
    let bad = |policies: &[&str]| Mail { bad: 100, ..Mail::new(60, policies, &[]) }.lived(600).harm.lost.ever;
    let one = bad(&["on_error: dead-letter"]);
    assert!(one > 5_000);
    assert_eq!(bad(&["on_error: dead-letter", "on_error: dead-letter"]), one);
    let both = bad(&["on_error: block", "on_error: dead-letter"]);
    assert!(both >= one && both <= one + 20, "each that is old enough: {both} of {one}");
}

// Lost, or done with.

/// Read well for five minutes, then replayed into a version that cannot read it.
fn replayed(policy: &str, steps: &[(u64, &str)]) -> Harm {
    let mail = Mail { bad: 100, runs: 2, ..Mail::new(240, &[policy], steps) };
    mail.lived(470).harm
}

#[test]
fn what_a_group_was_done_with_is_not_lost_after_a_replay() {
    for policy in ["on_error: block", "on_error: dead-letter", "on_error: skip"] {
        let back = replayed(policy, &[(290, "deploy: s0 1"), (300, "replay: g0, since: 200s")]);
        assert!(back.unreadable.ever > 500, "{policy}: {back:?}");
        // Those of the first 290 s were read. At 470 s, those of before 230 s are gone, and no later ones.
        assert_eq!(back.lost.ever, 0, "{policy}: {back:?}");
    }
}

#[test]
fn what_a_group_never_read_is_lost_though_it_was_put_aside() {
    let mail = Mail { bad: 100, ..Mail::new(60, &["on_error: dead-letter"], &[]) };
    let end = mail.lived(600);
    assert_eq!(u64::from(end.harm.lost.ever), topic(&end).groups[0].deliveries.dropped);
    let redriven = Mail { steps: vec![(100, "deploy: s0 2".to_owned()), (130, "redrive: g0".to_owned())], ..mail };
    let end = redriven.lived(600);
    let lost = u64::from(end.harm.lost.ever);
    assert!(lost > 500 && lost == topic(&end).groups[0].deliveries.dropped, "{lost}: those of before the redrive");
}

#[test]
fn what_was_put_aside_and_read_in_a_replay_is_not_lost_with_its_letter() {
    let steps = [(60, "deploy: s0 2"), (120, "replay: g0, since: 0s")];
    let end = Mail::new(200, &["on_error: dead-letter"], &steps).lived(600);
    assert!(topic(&end).groups[0].deliveries.dropped > 50, "the letters go: {:?}", topic(&end));
    assert_eq!(end.harm.lost.ever, 0, "what they say has been read");
}

#[test]
fn a_dropped_letter_goes_back_to_who_brought_in_writer_and_reader() {
    let mail = Mail { bad: 100, runs: 2, ..Mail::new(60, &["on_error: dead-letter"], &[(100, "deploy: s0 1")]) };
    let mut world = mail.world();
    world.run_until(second(600));
    for figure in [sim::Figure::Lost, sim::Figure::Dropped] {
        let explanation = world.explain(figure);
        let roots: Vec<_> = explanation.roots.clone();
        let is_root = |id: &u32| roots.contains(id);
        let links: Vec<_> = explanation.chain.into_iter().map(|link| (link.line.id, link.line.what)).collect();
        let chain: Vec<_> = links.iter().map(|(_, what)| what.clone()).collect();
        for expected in ["deploy s0 1", "a message is put aside", "a message is dropped"] {
            assert!(chain.iter().any(|line| line.contains(expected)), "{figure:?}: {expected}\n{chain:#?}");
        }
        let roots: Vec<_> = links.iter().filter(|(id, _)| is_root(id)).map(|(_, what)| what.as_str()).collect();
        let writes = "writes letters in two with a value in `k` that not every format has";
        assert_eq!(roots, [writes, "deploy s0 1"], "{figure:?}: {chain:#?}");
    }
}

// Whatever happens.

fn any_policy() -> impl Strategy<Value = String> {
    let policy = prop_oneof![
        Just("on_error: block".to_owned()),
        (0..3_u32).prop_map(|n| format!("on_error: skip, retries: {n}")),
        (0..3_u32).prop_map(|n| format!("on_error: dead-letter, retries: {n}")),
    ];
    (policy, 1..5_000_u32).prop_map(|(policy, pause)| format!("{policy}, pause: {pause}ms"))
}

fn any_step() -> impl Strategy<Value = (u64, String)> {
    let verb = (0..6_u8, 0..3_usize, 0..300_u64).prop_map(|(verb, of, since)| match verb {
        0 => format!("skip: g{of}"),
        1 => format!("skip: g{of}, to: end"),
        2 => format!("replay: g{of}, since: {since}s"),
        3 => format!("redrive: g{of}"),
        4 => format!("deploy: s{of} 2"),
        _ => format!("deploy: s{of} 1"),
    });
    (1..580_u64, verb)
}

/// Three groups of any policy, and anything that may happen to them.
fn any_mail() -> impl Strategy<Value = Mail> {
    let policies = prop::collection::vec(any_policy(), 3);
    let retention = prop_oneof![1 => Just(7 * 86_400), 3 => 1..300_u64];
    let steps = prop::collection::vec(any_step(), 0..12);
    let kills = prop::collection::vec((1..599_000_u64, 0..3_usize), 0..4);
    (0..60_u32, retention, policies, 1..=2_u32, steps, kills, any::<u64>()).prop_map(
        |(bad, retention, policies, runs, steps, kills, seed)| Mail {
            bad,
            retention,
            policies,
            runs,
            steps,
            kills,
            seed,
        },
    )
}

proptest! {
    #![proptest_config(cases(12))]

    /// Each is at least what it is for any of the groups alone, and no more than for all of them together.
    #[test]
    fn several_groups_count_the_union_of_what_each_counts(mail in any_mail()) {
        let mut world = mail.world();
        let mut before = [0; 3];
        for step in 1..=15 {
            world.run_until(Time::ZERO + Span::from_secs(40 * step));
            let end = world.summary();
            check_books(&end);
            let now = ever(&end.harm);
            prop_assert!(before.iter().zip(now).all(|(before, now)| *before <= now), "{before:?} {now:?}");
            before = now;
        }
        let alone: Vec<_> = (0..3).map(|group| ever(&mail.with_only(group).lived(600).harm)).collect();
        for kind in 0..3 {
            let each = || alone.iter().map(|counts| counts[kind]);
            let (most, sum) = (each().max().expect("three"), each().sum::<u32>());
            prop_assert!((most..=sum).contains(&before[kind]), "{kind}: {before:?} of {alone:?}");
        }
    }
}
