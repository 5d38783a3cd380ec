//! Theorems 1 to 3 of L. Huang and others, "Metastable Failures in the Wild", OSDI 2022, section 3, on random systems:
//! a client that tries again, a service with one worker that takes the same time for everything and never turns
//! anybody away, independent arrivals, and a trigger that is over after a while: more load, less speed, or both.
//!
//! With load L, capacity C, timeout T, r retries at once, and a trigger that adds load m and takes capacity c away for
//! a time d, both in requests per second:
//!
//! - T1, no metastable failure if m + c < C - L. Held to: nobody ever waits for T, where L + m is at most 80 % of
//!   C - c, and T at least 60 times as long as one request takes.
//! - T2, none if L < C / w*, with w* = r + 1. Held to: back to normal as soon as all attempts of everybody since the
//!   trigger can have been served, where L w* is at most 80 % of C.
//! - T3, none if w(Δt) < C / L. Held to: back to normal within w T of the beginning of the trigger, as said below.
//!
//! The paper has no queue. Here there is one, and it remembers: in T3, Δt is not d, but lasts until what the trigger
//! has left is served. Until w T have passed nobody has made more than w attempts; so if the attempts of all who came
//! can be served in w T less the d in which nobody is served, the queue has been empty once by then, and nobody has
//! to try again who comes later. Where a bound is on a number n of arrivals, it is on n + 4 √n.
//!
//! None of this says anything unless failures there are metastable: each system that has to come back is shown to stay
//! down for good after a long pause, which no condition holds for; where T2 holds, with as many retries as it forbids.

use model::id::ServiceId;
use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::World;
use trials::runs::model;
use trials::systems::cases;

/// When triggers strike.
const STRIKES: Span = Span::from_secs(10);

/// A system and its trigger. Rates are per second, times in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Case {
    capacity: u64,
    load: u64,
    timeout: u64,
    retries: u64,
    trigger: Trigger,
    seed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Trigger {
    lasts: u64,
    /// Requests that come besides the load.
    more: u64,
    /// The percentage of the capacity that is left.
    left: u64,
}

/// What happened in a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    arrived: u64,
    attempts: u64,
    failed: u64,
    answered: u64,
}

impl Case {
    /// Nanoseconds that one request takes.
    const fn work(self) -> u64 {
        1_000_000_000 / self.capacity
    }

    /// The end of the trigger.
    fn over(self) -> Time {
        Time::ZERO + STRIKES + Span::from_millis(self.trigger.lasts)
    }

    fn rate(self) -> String {
        let (load, strikes, over) = (self.load, STRIKES.nanos(), self.over().nanos());
        let more = load + self.trigger.more;
        let step = |at: u64, rate: u64| format!("{{at: {at}ns, rate: {rate}/s}}");
        format!("{{steps: [{}, {}, {}]}}", step(0, load), step(strikes, more), step(over, load))
    }

    fn fault(self) -> String {
        let Trigger { lasts, left, .. } = self.trigger;
        let what = match left {
            0 => "pause: back".to_owned(),
            100 => return String::new(),
            left => format!("slow: back, to: {left} %"),
        };
        format!("faults: [{{at: {}ns, lasts: {lasts}ms, {what}}}]\n", STRIKES.nanos())
    }

    fn world(self) -> World {
        let Case { timeout, retries, .. } = self;
        let call = format!("{{call: back.answer, timeout: {timeout}ms, retries: {retries}}}");
        let text = format!(
            "title: A client that tries again
horizon: 2h
traffic:
  people: {{to: front.ask, rate: {}}}
services:
  front: {{replicas: 1, endpoints: {{ask: [{call}]}}}}
  back: {{replicas: 1, concurrency: 1, queue: 100000000, endpoints: {{answer: [work: {}ns]}}}}
{}",
            self.rate(),
            self.work(),
            self.fault()
        );
        World::new(model(&Bundle::from_text("theorem", text, "")), self.seed)
    }

    /// What happens in half a minute from then on.
    fn seen_from(self, begin: Time) -> Seen {
        let mut world = self.world();
        world.run_until(begin);
        let before = Seen::of(&world);
        world.run_until(begin + Span::from_secs(30));
        Seen::of(&world).since(before)
    }

    /// After this trigger, which no theorem covers: everybody gives up while it lasts, three times over.
    fn after_a_long_pause(self) -> Seen {
        let lasts = 3 * (self.retries + 1) * self.timeout;
        let case = Case { trigger: Trigger { lasts, more: 0, left: 0 }, ..self };
        case.seen_from(case.over() + Span::from_secs(60))
    }

    /// The fewest retries with which all attempts are half as much again as the capacity.
    const fn too_many_retries(self) -> u64 {
        (3 * self.capacity).div_ceil(2 * self.load) - 1
    }
}

impl Seen {
    fn of(world: &World) -> Self {
        let attempts = world.rates().asked(ServiceId::new(1)).iter().sum();
        let failed = world.answers().iter().map(|answers| answers.failed).sum();
        Seen { arrived: world.arrived(), attempts, failed, answered: world.replied() }
    }

    const fn since(self, before: Seen) -> Self {
        Seen {
            arrived: self.arrived - before.arrived,
            attempts: self.attempts - before.attempts,
            failed: self.failed - before.failed,
            answered: self.answered - before.answered,
        }
    }

    /// Everybody gets an answer, at the first attempt.
    fn assert_normal(self, case: Case) {
        assert!(self.arrived > 0);
        assert_eq!((self.failed, self.attempts), (0, self.arrived), "{self:?}, {case:?}");
        let inside = case.capacity * case.timeout / 1000;
        assert!(self.answered.abs_diff(self.arrived) <= inside, "goodput is load: {self:?}, {case:?}");
    }

    /// Everybody makes all attempts, and nobody gets an answer. Those who make them now came over a long time, so
    /// their number is only about that of those who come now.
    fn assert_collapsed(self, case: Case) {
        let all = (case.retries + 1) * self.arrived;
        assert!(self.attempts.abs_diff(all) * 4 < all, "attempts are r + 1 times the load: {self:?}, {case:?}");
        assert!((self.answered - self.failed) * 100 < self.arrived, "goodput is nothing: {self:?}, {case:?}");
    }
}

/// So many arrivals, and four standard deviations more.
fn at_most(mean: u64) -> u64 {
    mean + 4 * (mean.isqrt() + 1)
}

/// Loads and triggers of which the sum is at most 80 % of what the trigger leaves.
fn within_headroom() -> impl Strategy<Value = Case> {
    let shape = (60_u64..=100, 40_u64..=80, 0_u64..=50, 60_u64..=200);
    (200_u64..=500, shape, 500_u64..=20_000, any::<u64>()).prop_map(
        |(capacity, (left, used, share, patience), lasts, seed)| {
            let all = capacity * left * used / 10_000;
            let more = all * share / 100;
            let timeout = (patience * 100_000).div_ceil(capacity * left);
            let trigger = Trigger { lasts, more, left };
            let case = Case { capacity, load: all - more, timeout, retries: 0, trigger, seed };
            Case { retries: case.too_many_retries(), ..case }
        },
    )
}

/// Loads of which all attempts are at most 80 % of the capacity; any trigger.
fn stable() -> impl Strategy<Value = Case> {
    let trigger = (500_u64..=10_000, 0_u64..=300, 0_u64..=100);
    let trigger = trigger.prop_map(|(lasts, more, left)| Trigger { lasts, more, left });
    (200_u64..=300, 1_u64..=4, 30_u64..=80, 60_u64..=400, trigger, any::<u64>()).prop_map(
        |(capacity, retries, used, patience, trigger, seed)| Case {
            capacity,
            load: capacity * used / 100 / (retries + 1),
            timeout: (patience * 1000).div_ceil(capacity),
            retries,
            trigger,
            seed,
        },
    )
}

/// The least whole second after the trigger by which all attempts of those who came since it struck can have been
/// served. There is one, because they are less than the capacity.
fn drained(case: Case) -> Span {
    let Case { capacity, load, retries, trigger, .. } = case;
    let struck = (load + trigger.more) * trigger.lasts / 1000;
    let served = |seconds: &u64| (retries + 1) * at_most(struck + load * seconds) <= capacity * seconds;
    Span::from_secs((1..).find(served).expect("the load is less"))
}

/// Systems that T2 says nothing about, with pauses that end before amplification exceeds `w`.
fn too_short_to_amplify() -> impl Strategy<Value = (u64, Case)> {
    let shape = (1_u64..=3, 30_u64..=70, 20_u64..=100);
    (300_u64..=600, shape, 1000_u64..=3000, any::<u64>()).prop_map(|(capacity, (w, used, share), timeout, seed)| {
        let load = capacity * used / 100 / w;
        let trigger = Trigger { lasts: longest_pause(capacity, load, w, timeout) * share / 100, more: 0, left: 0 };
        let case = Case { capacity, load, timeout, retries: 0, trigger, seed };
        (w, Case { retries: case.too_many_retries(), ..case })
    })
}

/// The longest time without service, in milliseconds, after which w attempts of each who has come can be served within
/// w timeouts of its beginning.
fn longest_pause(capacity: u64, load: u64, w: u64, timeout: u64) -> u64 {
    let whole = w * timeout;
    whole - w * at_most(load * whole / 1000) * 1000 / capacity
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn t1_a_trigger_smaller_than_the_headroom_does_nothing(case in within_headroom()) {
        let mut world = case.world();
        world.run_until(case.over() + Span::from_secs(30));
        Seen::of(&world).assert_normal(case);
        case.after_a_long_pause().assert_collapsed(case);
    }

    #[test]
    fn t2_what_can_serve_all_attempts_comes_back_from_any_trigger(case in stable()) {
        case.seen_from(case.over() + drained(case)).assert_normal(case);
        let worse = Case { retries: case.too_many_retries(), ..case };
        worse.after_a_long_pause().assert_collapsed(worse);
    }

    #[test]
    fn t3_a_trigger_too_short_to_amplify_is_survived((w, case) in too_short_to_amplify()) {
        prop_assert!(w <= case.retries, "amplification would go on");
        case.seen_from(Time::ZERO + STRIKES + Span::from_millis(w * case.timeout)).assert_normal(case);
        case.after_a_long_pause().assert_collapsed(case);
    }
}
