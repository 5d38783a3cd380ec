//! Topics: messages outlive their writer, are handed out at least once, in order, and none disappears uncounted.

use model::id::{SeatId, TopicId};
use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::footprint::Part;
use sim::{Bounds, Count, GroupUse, Outcome, Summary, TopicUse, World};
use trials::runs::{answers_by_name, attempts_of, begun, library, lived, model, second};
use trials::systems::cases;
use trials::text::{bundled, edited, swapped, without_item};

const SEED: u64 = 1;
const NONE: Count = Count { ever: 0, remaining: 0 };

/// The one topic of a world.
fn topic(world: &World) -> TopicUse {
    world.summary().workings.topics.swap_remove(0)
}

/// Its first consumer group.
fn group(world: &World) -> GroupUse {
    topic(world).groups.swap_remove(0)
}

/// Nothing disappears: what was published, and what lies before a group again, is somewhere.
fn all_are_somewhere(world: &World) {
    for topic in world.summary().workings.topics {
        for group in &topic.groups {
            let sim::Deliveries { consumed, skipped, dropped, replayed } = group.deliveries;
            let found = consumed + skipped + dropped + group.dead_letters + group.lag();
            assert_eq!(topic.published + replayed, found, "{group:?}");
        }
    }
}

// What the bundled scenario teaches.

fn poison(plan: &str) -> Summary {
    lived(&library("poison-message"), Some(plan), SEED).summary()
}

#[test]
fn a_rolled_back_reader_stands_and_customers_notice_nothing() {
    let end = poison("rollback-all");
    assert!(end.clocks.traffic.is_some() && end.clocks.skew.is_some(), "{:?}", end.clocks);
    assert_eq!((end.clocks.backlog, end.clocks.data, end.outcome), (None, None, Outcome::NotRecovered));
    let packing = &end.workings.topics[0].groups[0];
    assert_eq!(packing.standing(), 4, "every partition has met one");
    assert!(packing.lag() > 30_000 && packing.deliveries.skipped == 0, "{packing:?}");
    assert!(end.harm.unreadable.remaining > 20);
}

#[test]
fn taking_the_writer_back_first_leaves_nothing_behind() {
    let end = poison("writer-first");
    assert_eq!((end.outcome, end.met, end.harm.unreadable), (Outcome::Recovered, true, NONE));
    assert_eq!(end.workings.topics[0].groups[0].deliveries.consumed, end.workings.topics[0].published);
}

#[test]
fn skipping_brings_the_partitions_back_and_costs_the_orders() {
    let end = poison("skip");
    assert_eq!(end.outcome, Outcome::Recovered);
    assert!(end.harm.messages.skipped > 1_000, "{:?}", end.harm.messages);
    assert_eq!(end.harm.unreadable.remaining, 0, "nobody has to read them any more");
}

#[test]
fn without_the_symbol_the_rollback_harms_nothing() {
    let plain = edited(bundled("poison-message"), |text| swapped(text, "gift: GIFT", "gift: BAG"));
    let end = lived(&model(&plain), Some("rollback-all"), SEED).summary();
    assert_eq!(
        (end.outcome, end.harm.unreadable, end.workings.topics[0].groups[0].lag()),
        (Outcome::Recovered, NONE, 0)
    );
}

#[test]
fn without_the_new_writer_the_rollback_harms_nothing() {
    let without = edited(bundled("poison-message"), |text| without_item(text, "- {at: 4m, do: {deploy: shop 2}}"));
    let end = lived(&model(&without), Some("rollback"), SEED).summary();
    assert_eq!((end.outcome, end.harm.unreadable), (Outcome::Recovered, NONE));
}

// One topic, one group, and what may happen to them.

const FORMATS: &str = r#"    formats:
      one: '{"type": "record", "name": "M", "fields": [{"name": "k", "type": {"type": "enum", "name": "K",
        "symbols": ["A"]}}]}'
      two: '{"type": "record", "name": "M", "fields": [{"name": "k", "type": {"type": "enum", "name": "K",
        "symbols": ["A", "B"]}}]}'
"#;

/// Ten messages a second, the share `bad` of which only `post 2` can read; `extra` is added at the top.
fn mail(topic: &str, consumer: &str, bad: &str, extra: &str) -> String {
    format!(
        "title: mail
horizon: 10m
classes: [good, bad]
traffic: {{people: {{to: desk.write, rate: 10/s, arrivals: constant, classes: {{good: {bad}}}}}}}
topics:
  letters:
{FORMATS}    {topic}
consumers:
  reader: {{topic: letters, runs: post.carry, {consumer}}}
  archive: {{topic: letters, runs: vault.keep, on_error: skip}}
effects: {{stamp: {{}}, seal: {{idempotent: yes}}}}
services:
  desk:
    endpoints: {{write: [work: 1ms, {{publish: letters, values: {{k: {{good: A, bad: B}}}}}}]}}
    versions: {{\"1\": {{formats: {{letters: {{reads: two, writes: two}}}}}}}}
  post:
    startup: 2s
    endpoints: {{carry: [work: 20ms, {{effect: stamp}}, {{effect: seal}}, work: 20ms]}}
    versions:
      \"1\": {{formats: {{letters: {{reads: one, writes: one}}}}}}
      \"2\": {{formats: {{letters: {{reads: two, writes: two}}}}}}
  vault:
    replicas: 1
    endpoints: {{keep: [work: 1ms]}}
    versions: {{\"1\": {{formats: {{letters: {{reads: two, writes: two}}}}}}}}
{extra}
"
    )
}

fn mail_world(topic: &str, consumer: &str, good: &str, extra: &str) -> World {
    begun(&model(&Bundle::from_text("mail", mail(topic, consumer, good, extra), "")), None, SEED)
}

#[test]
fn a_healthy_group_reads_everything_once() {
    let mut world = mail_world("partitions: 3", "on_error: block", "100 %, bad: 0 %", "");
    world.run_until(second(600));
    let end = world.summary();
    assert_eq!(end.outcome, Outcome::NoHarm);
    assert_eq!(topic(&world).published, end.harm.requests.total);
    assert!(group(&world).lag() <= 1, "the last one is at work");
    all_are_somewhere(&world);
}

#[test]
fn nothing_behind_a_message_that_fails_is_read() {
    let mut world = mail_world("partitions: 1", "on_error: block, pause: 2s", "99 %, bad: 1 %", "");
    world.run_until(second(120));
    let before = group(&world);
    assert!(before.partitions[0].stands && before.lag() > 0, "{before:?}");
    world.run_until(second(600));
    let after = group(&world);
    assert_eq!(after.deliveries, before.deliveries, "not one more");
    assert_eq!(after.lag(), topic(&world).published - after.deliveries.consumed);
    assert_eq!(world.summary().clocks.backlog, None);
}

#[test]
fn messages_are_read_in_the_order_of_their_partition() {
    let of = |policy: &str| mail_world("partitions: 1", policy, "99 %, bad: 1 %", "");
    let mut skipping = of("on_error: skip");
    while group(&skipping).deliveries.skipped == 0 {
        skipping.step();
    }
    let before_the_first = group(&skipping).deliveries.consumed;
    let mut standing = of("on_error: block");
    standing.run_until(second(600));
    assert!(before_the_first > 0);
    assert_eq!(group(&standing).deliveries.consumed, before_the_first, "all before it, and none behind it");
}

#[test]
fn a_partition_is_read_one_message_after_the_other_and_partitions_side_by_side() {
    let consumed = |partitions: u32, replicas: u32, workers: u32| {
        let text = mail(&format!("partitions: {partitions}"), "on_error: block", "100 %, bad: 0 %", "");
        let slow = "[work: 150ms]";
        let text = swapped(&text, "[work: 20ms, {effect: stamp}, {effect: seal}, work: 20ms]", slow);
        let size = format!("startup: 2s\n    replicas: {replicas}\n    concurrency: {workers}");
        let text = swapped(&text, "startup: 2s", &size);
        group(&lived(&model(&Bundle::from_text("mail", text, "")), None, SEED)).deliveries.consumed
    };
    // The first message comes after a tenth of a second; then 150 ms for each, in 600 s.
    assert_eq!(consumed(1, 4, 8), 3_999, "more replicas and workers do not read one partition faster");
    assert!(consumed(2, 2, 1) > 5_950, "a replica for each");
    assert!(consumed(2, 1, 1) <= 4_000, "one replica has both");
    assert!(consumed(2, 3, 1) > 5_950, "the third one has none");
}

#[test]
fn a_version_that_reads_it_lets_everything_go_on_in_order() {
    let fix = "release: [{at: 5m, do: {deploy: post 2}}]";
    let mut world = mail_world("partitions: 2", "on_error: block", "90 %, bad: 10 %", fix);
    world.run_until(second(299));
    let stood = group(&world);
    assert_eq!(stood.standing(), 2);
    world.run_until(second(600));
    let after = group(&world);
    assert_eq!((after.standing(), after.deliveries.skipped), (0, 0));
    assert!(after.lag() <= 2, "{after:?}");
    assert_eq!(world.summary().harm.unreadable.remaining, 0);
    all_are_somewhere(&world);
}

#[test]
fn skipping_loses_exactly_what_cannot_be_read() {
    let mut world = mail_world("partitions: 2", "on_error: skip", "90 %, bad: 10 %", "");
    world.run_until(second(600));
    let Summary { harm, .. } = world.summary();
    assert!(harm.messages.skipped > 500, "{harm:?}");
    assert_eq!(harm.messages.skipped, u64::from(harm.unreadable.ever), "{harm:?}");
    assert_eq!(harm.unreadable.remaining, 0);
    all_are_somewhere(&world);
}

#[test]
fn an_attempt_more_costs_a_pause_and_changes_nothing_for_what_cannot_be_read() {
    let skipped = |consumer: &str| {
        let mut world = mail_world("partitions: 1", consumer, "99 %, bad: 1 %", "");
        world.run_until(second(600));
        (group(&world).deliveries.skipped, world.answers().to_vec())
    };
    let [none, three] = ["on_error: skip", "on_error: skip, retries: 3, pause: 100ms"].map(skipped);
    assert_eq!(none, three);
}

#[test]
fn dead_letters_wait_for_a_version_that_reads_them() {
    let steps = "release:
  - {at: 2m, do: {redrive: reader}}
  - {at: 4m, do: {deploy: post 2}}
  - {at: 6m, do: {redrive: reader}}";
    let mut world = mail_world("partitions: 2", "on_error: dead-letter", "90 %, bad: 10 %", steps);
    world.run_until(second(119));
    let before = group(&world);
    assert!(before.dead_letters > 50 && before.lag() <= 2, "{before:?}");
    assert_eq!(world.summary().harm.unreadable.remaining as u64, before.dead_letters);
    world.run_until(second(230));
    let again = group(&world);
    assert!(again.dead_letters > before.dead_letters, "post 1 has put all of them aside again");
    assert!(world.summary().timeline.iter().any(|line| line.what.ends_with("failed again")), "it is told");
    world.run_until(second(600));
    let after = group(&world);
    assert_eq!((after.dead_letters, world.summary().harm.unreadable.remaining), (0, 0), "post 2 has read them");
    assert_eq!(after.deliveries.skipped + after.deliveries.dropped, 0);
    all_are_somewhere(&world);
}

#[test]
fn a_message_in_work_is_handed_out_again_when_its_reader_dies() {
    let kills: String = (1..=20).map(|n| format!("  - {{at: {}ms, kill: post}}\n", 60_000 + n * 20_011)).collect();
    let mut world = mail_world("partitions: 2", "on_error: skip", "100 %, bad: 0 %", &format!("faults:\n{kills}"));
    world.run_until(second(600));
    let end = world.summary();
    assert!(group(&world).lag() <= 2 && group(&world).deliveries.skipped == 0, "no message is given up for it");
    assert!(end.harm.effects.duplicated > 0, "{:?}", end.harm.effects);
    assert!(end.harm.effects.duplicated <= 40, "one in each partition at most: {:?}", end.harm.effects);
    let once = mail("partitions: 2", "on_error: skip", "100 %, bad: 0 %", &format!("faults:\n{kills}"));
    let once = once.replace("{effect: stamp}, ", "");
    let end = lived(&model(&Bundle::from_text("mail", once, "")), None, SEED).summary();
    assert_eq!(end.harm.effects.duplicated, 0, "the other side recognises the seal");
}

#[test]
fn what_is_replayed_is_done_again() {
    let mut world = mail_world(
        "partitions: 2",
        "on_error: skip",
        "100 %, bad: 0 %",
        "release: [{at: 5m, do: {replay: reader, since: 4m}}]",
    );
    world.run_until(second(600));
    let end = world.summary();
    let replayed = group(&world).deliveries.replayed;
    // Four minutes in to half a minute behind five: 90 seconds of ten each.
    assert!((895..=905).contains(&replayed), "{replayed}");
    assert_eq!(end.harm.effects.duplicated, replayed, "each stamp once more, and no seal");
    assert!(group(&world).lag() <= 2);
    all_are_somewhere(&world);
}

#[test]
fn a_message_is_gone_after_its_time_read_or_not() {
    let mut world = mail_world("retention: 1m", "on_error: block", "99 %, bad: 1 %", "");
    world.run_until(second(600));
    let (end, topic) = (world.summary(), topic(&world));
    assert!(topic.kept <= 610 && topic.kept >= 590, "a minute of ten a second, looked at each second: {}", topic.kept);
    assert!(group(&world).deliveries.dropped > 0, "{:?}", group(&world));
    assert_eq!(u64::from(end.harm.lost.ever), group(&world).deliveries.dropped);
    all_are_somewhere(&world);
}

#[test]
fn a_topic_takes_no_more_than_what_it_keeps() {
    let mut world = mail_world("retention: 30s", "on_error: block", "100 %, bad: 0 %", "");
    world.run_until(second(120));
    let after_two = world.footprint();
    world.run_until(second(600));
    assert!(world.footprint() < after_two + 10_000, "{after_two} {}", world.footprint());
}

#[test]
fn a_pause_that_was_cut_short_ends_no_other_one() {
    let skip = "release: [{at: 70s, do: {skip: reader}}]";
    let mut world = mail_world("partitions: 1", "on_error: block, pause: 60s", "0 %, bad: 100 %", skip);
    world.run_until(second(599));
    // The first message at 0, 60 s; from 100 s on, when the skip is in effect, the second one each minute.
    assert_eq!(attempts_of(&world, "post.carry").count, 2 + 9);
    assert_eq!(group(&world).deliveries.skipped, 1);
}

#[test]
fn lag_is_seen_and_alerts() {
    let alert = "alerts: {pile: {lag: reader, over: 100}}";
    let mut world = mail_world("partitions: 1", "on_error: block", "99 %, bad: 1 %", alert);
    world.run_until(second(600));
    let view = world.view(SeatId::ZERO);
    assert_eq!(view.lags[0].lag, *view.lags[0].curve.last().expect("it was scraped"));
    assert!(view.lags[0].lag > 100 && view.alerts[0].firing.is_some());
    let line = world.summary().timeline.into_iter().find(|line| line.what == "alert fires").expect("it is told");
    let cause = world.summary().timeline[line.because[0] as usize - 1].what.clone();
    assert!(cause.starts_with("a partition stands on a message that fails: post.carry"), "{cause}");
}

/// A shop that publishes what is sold, or does not.
fn shop(publish: &str, formats: &str, topics: &str) -> World {
    let text = format!(
        "title: shop
horizon: 3m
traffic: {{people: {{to: shop.buy, rate: 30/s, keys: {{count: 100}}}}}}
{topics}
services:
  shop:
    endpoints: {{buy: [work: {{mean: 20ms}}, {{call: bank.pay, retries: 2, timeout: 200ms}}{publish}]}}
    versions: {{\"1\": {{{formats}}}}}
  bank: {{endpoints: {{pay: [work: {{mean: 30ms}}]}}}}
  post: {{endpoints: {{carry: [work: {{mean: 5ms}}]}}, versions: {{\"1\": {{{formats}}}}}}}
"
    );
    lived(&model(&Bundle::from_text("shop", text, "")), None, SEED)
}

#[test]
fn a_topic_more_moves_nobody_elses_luck() {
    let topics = format!(
        "topics:\n  letters:\n{FORMATS}    partitions: 4\nconsumers: {{reader: {{topic: letters, runs: post.carry}}}}"
    );
    let without = shop("", "", "");
    let with = shop(", {publish: letters}", "formats: {letters: {reads: one, writes: one}}", &topics);
    assert!(group(&with).deliveries.consumed > 5_000);
    assert_eq!(answers_by_name(&with), answers_by_name(&without), "customers notice nothing");
    let bank = |world: &World| attempts_of(world, "bank.pay");
    assert_eq!(bank(&with), bank(&without));
}

/// A system with a topic, whatever may happen to it.
fn any_mail() -> impl Strategy<Value = (String, u64)> {
    let policy = prop_oneof![
        Just("on_error: block".to_owned()),
        (0..4_u32).prop_map(|n| format!("on_error: skip, retries: {n}")),
        (0..4_u32).prop_map(|n| format!("on_error: dead-letter, retries: {n}")),
    ];
    let verb = prop_oneof![
        Just("skip: reader".to_owned()),
        Just("skip: reader, to: end".to_owned()),
        (0..300_u64).prop_map(|s| format!("replay: reader, since: {s}s")),
        Just("redrive: reader".to_owned()),
        Just("deploy: post 2".to_owned()),
        Just("undo: post".to_owned()),
    ];
    let steps = proptest::collection::vec((1..580_u64, verb), 0..8);
    let kills = proptest::collection::vec(1..599_000_u64, 0..6);
    let retention = prop_oneof![Just(7 * 24 * 3600), 1..400_u64];
    (policy, 1..6_u32, 1..20_000_u64, retention, 0..30_u32, steps, kills, any::<u64>()).prop_map(
        |(policy, partitions, pause, retention, bad, steps, kills, seed)| {
            let steps: String = steps.iter().map(|(at, verb)| format!("\n  - {{at: {at}s, do: {{{verb}}}}}")).collect();
            let kills: String = kills.iter().map(|at| format!("\n  - {{at: {at}ms, kill: post}}")).collect();
            let steps = if steps.is_empty() { " []".to_owned() } else { steps };
            let kills = if kills.is_empty() { " []".to_owned() } else { kills };
            let topic = format!("partitions: {partitions}\n    retention: {retention}s");
            let consumer = format!("{policy}, pause: {pause}ms");
            let extra = format!("release:{steps}\nfaults:{kills}");
            (mail(&topic, &consumer, &format!("{} %, bad: {bad} %", 100 - bad), &extra), seed)
        },
    )
}

/// Everything that is counted as having happened at some time.
fn ever(summary: &Summary) -> [u64; 6] {
    let harm = &summary.harm;
    let records = [harm.unreadable.ever, harm.misread.ever, harm.lost.ever].map(u64::from);
    let [unreadable, misread, lost] = records;
    [unreadable, misread, lost, harm.effects.escaped, harm.effects.duplicated, harm.messages.skipped]
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn messages_are_conserved_whatever_happens((text, seed) in any_mail()) {
        let mut world = begun(&model(&Bundle::from_text("mail", text, "")), None, seed);
        let mut before = [0; 6];
        for step in 1..=60 {
            world.run_until(Time::ZERO + Span::from_secs(10 * step));
            all_are_somewhere(&world);
            let now = ever(&world.summary());
            prop_assert!(before.iter().zip(now).all(|(before, now)| *before <= now), "{before:?} {now:?}");
            before = now;
        }
    }

    #[test]
    fn a_fork_with_messages_has_the_future_of_its_original((text, seed) in any_mail(), at in 1..599_u64) {
        let mut original = begun(&model(&Bundle::from_text("mail", text, "")), None, seed);
        original.run_until(second(at));
        let mut fork = original.clone();
        fork.run_until(second(600));
        original.run_until(second(600));
        prop_assert_eq!(fork.digest(), original.digest());
        prop_assert!(fork == original, "equal digests, unequal worlds");
    }
}

#[test]
fn a_topic_that_makes_no_sense_is_refused_with_a_way_out() {
    let whole = mail("partitions: 1", "on_error: block", "100 %, bad: 0 %", "");
    for (from, to, said) in [
        ("letters, runs: post.carry", "lettres, runs: post.carry", "there is no topic `lettres`"),
        ("runs: post.carry", "runs: post.cary", "there is no endpoint `post.cary`"),
        ("publish: letters", "publish: lettres", "there is no topic `lettres`"),
        ("partitions: 1", "partitions: 0", "1 to 1000 partitions"),
        ("partitions: 1", "partitions: 1001", "1 to 1000 partitions"),
        ("partitions: 1", "retention: 0s", "a message is kept for at least"),
        ("on_error: block", "on_error: block, retries: 3", "a group that blocks tries for ever"),
        ("on_error: block", "on_error: skip, pause: 0s", "a message is tried again after at least"),
        ("on_error: block", "on_error: blok", "`blok` is not an error policy"),
        ("\"1\": {formats: {letters: {reads: one, writes: one}}}", "\"1\": {}", "post 1 does not declare how it reads"),
        ("values: {k: {good: A, bad: B}}", "values: {k: {good: A, bad: C}}", "no format has a symbol `C`"),
        (
            "effects:",
            "stores: {letters: {formats: {one: '{\"type\": \"record\", \"name\": \"M\", \"fields\": []}'}}}\neffects:",
            "there is a store of this name",
        ),
        ("work: 20ms]", "work: 20ms, {publish: letters}]", "this work leaves itself again"),
        ("work: 20ms]", "work: 20ms, {read: letters}]", "there is no store `letters`"),
    ] {
        let text = swapped(&whole, from, to);
        let problems = scenarios::compile(&Bundle::from_text("mail", text, "")).expect_err(to);
        assert!(problems.short().contains(said), "{to}: {problems}");
    }
}

#[test]
fn a_consumer_of_nothing_is_one_mistake() {
    let whole = mail("partitions: 1", "on_error: block", "100 %, bad: 0 %", "");
    // Without any topic that it could be taken for, and with an endpoint before all others that reads none.
    let whole = swapped(&whole, "services:\n", "services:\n  abc: {endpoints: {d: []}}\n");
    for (from, to) in [("letters, runs: post", "lettres, runs: post"), ("runs: post.carry", "runs: post.cary")] {
        let text = swapped(&whole, from, to);
        let problems = scenarios::compile(&Bundle::from_text("mail", text, "")).expect_err(to).short();
        assert_eq!(problems.lines().count(), 1, "{problems}");
    }
    let other = swapped(&whole, "topics:\n", &format!("topics:\n  parcels:\n{FORMATS}"));
    let text = swapped(&other, "letters, runs: post", "lettres, runs: post");
    let problems = scenarios::compile(&Bundle::from_text("mail", text, "")).expect_err("no such topic").short();
    assert_eq!(problems.lines().count(), 1, "{problems}");
}

#[test]
fn a_message_that_fails_again_and_again_is_no_failed_request() {
    let mut world = mail_world("partitions: 1", "on_error: block", "0 %, bad: 100 %", "");
    world.run_until(second(599));
    assert!(attempts_of(&world, "post.carry").failed > 500 && group(&world).partitions[0].stands);
    let view = world.view(SeatId::ZERO);
    let post = view.services.into_iter().find(|service| service.name == "post").expect("it is there");
    assert_eq!((post.rate, post.errors, post.versions[0].errors), (0.0, 0.0, None), "{post:?}");
    assert!(view.lags[0].lag > 5_000, "that is where it is seen");
}

#[test]
fn what_cannot_be_done_with_a_group_is_refused() {
    let steps = "release:
  - {at: 1m, do: {skip: reader}}
  - {at: 2m, do: {redrive: reader}}
  - {at: 3m, do: {compensate: stamp}}";
    let mut world = mail_world("partitions: 1", "on_error: dead-letter", "100 %, bad: 0 %", steps);
    world.run_until(second(600));
    let told: Vec<_> = world.summary().timeline.into_iter().map(|line| line.what).collect();
    for refusal in [
        "refused: no partition of reader stands on a message",
        "refused: reader has no dead letters",
        "refused: nothing says how stamp is taken back",
    ] {
        assert!(told.iter().any(|what| what == refusal), "{refusal}: {told:#?}");
    }
}

#[test]
fn a_run_that_messages_fill_says_so() {
    let text = mail("retention: 7d", "on_error: block", "0 %, bad: 100 %", "").replace("rate: 10/s", "rate: 500/s");
    let world = begun(&model(&Bundle::from_text("mail", text, "")), None, SEED);
    let room = world.footprint() + 10_000_000;
    let mut world = world.within(Bounds { memory: room, ..Bounds::default() });
    world.run_until(second(600));
    let largest = &world.stopped().expect("messages pile up").largest;
    assert_eq!((largest.part, largest.what.as_str()), (Part::Messages(TopicId::ZERO), "messages of letters"));
}
