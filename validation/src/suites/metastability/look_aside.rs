//! A cache that stays cold: how much of it has to be lost, at which load.

use super::{Claim, Row, Unit, flow, highest_survived};
use crate::effort::Runner;
use crate::estimate::float;
use crate::variant::Variant;
use sim::World;

const NAME: &str = "look-aside";
const OSDI: &str = "L. Huang and others, \"Metastable Failures in the Wild\", OSDI '22, section 5.3";

/// Requests a second. The database alone manages 300 of them.
const LOADS: [u32; 8] = [250, 290, 400, 500, 700, 1000, 1500, 2500];
/// Those of a quick run.
const LOADS_QUICK: [u32; 3] = [290, 500, 1000];
/// How long the web waits for the database, in seconds.
const TIMEOUTS: [u32; 2] = [1, 2];
/// The load for the share of hits, the one the file states.
const STATED: u32 = 1500;
/// What the file says the cache finds.
const HITS: f64 = 0.9;

/// The smallest and the largest share of the cache that is lost, in hundredths of a per cent.
const SHARES: (u32, u32) = (1, 10_000);

/// A load and a timeout, and the largest share of the cache that they survive the loss of.
struct Boundary {
    load: u32,
    timeout: u32,
    share: Option<u32>,
}

pub(super) fn rows(runner: Runner) -> Vec<Row> {
    let loads = runner.effort.pick(&LOADS[..], &LOADS_QUICK[..]);
    let cases: Vec<_> = TIMEOUTS.iter().flat_map(|timeout| loads.iter().map(|load| (*load, *timeout))).collect();
    let (until, step) = runner.effort.pick((600, 10), (240, 50));
    let found = runner.each(&cases, |(load, timeout)| Boundary {
        load: *load,
        timeout: *timeout,
        share: highest_survived(SHARES.0, SHARES.1, step, |share| recovers(*load, *timeout, share, until)),
    });
    let shown = found.iter().map(boundary);
    shown.chain(shape(&found)).chain(hits(until)).collect()
}

/// A world that loses a share of its cache at 60 s. Its luck is that of one seed: all cases have the same customers.
fn losing(load: u32, timeout: u32, share: u32) -> World {
    let variant = Variant::of(NAME).with("rate: 1500/s", &format!("rate: {load}/s"));
    let variant = variant.with("timeout: 1s", &format!("timeout: {timeout}s"));
    let share = format!("share: {}.{:02} %", share / 100, share % 100);
    World::new(variant.with("share: 100 %", &share).model(), 1)
}

/// Whether there are 20 seconds after the loss in which next to nobody waits in vain.
fn recovers(load: u32, timeout: u32, share: u32, until: u64) -> bool {
    let mut world = losing(load, timeout, share);
    (80..until).step_by(20).any(|from| flow(&mut world, "database", from, from + 20).good_share() > 0.99)
}

fn claim(figure: String, what: String, unit: Unit, published: Option<f64>) -> Claim {
    Claim { model: NAME, figure, what, unit, published, source: OSDI }
}

/// What a load survives: below what the database alone manages, everything; above, no figure is published.
fn boundary(found: &Boundary) -> Row {
    let Boundary { load, timeout, share } = *found;
    let simulated = share.map(|share| f64::from(share) / f64::from(SHARES.1));
    let claim = |published| {
        let what = format!("rate: {load}/s, timeout: {timeout}s: may lose");
        claim(format!("{load}-{timeout}s"), what, Unit::Share, published)
    };
    if load < 300 { claim(Some(1.0)).within(simulated, 0.0) } else { claim(None).shown(simulated) }
}

/// The shape of the boundary: it falls with the load and rises with the timeout, and does both somewhere.
fn shape(found: &[Boundary]) -> [Row; 4] {
    let (short, long) = found.split_at(found.len() / TIMEOUTS.len());
    let more = |load: &Boundary, other: &Boundary| load.share > other.share;
    let rising = [short, long].into_iter().flat_map(|line| line.windows(2)).filter(|pair| more(&pair[1], &pair[0]));
    let falling = short.iter().zip(short.last()).filter(|(first, last)| more(first, last));
    let worse = short.iter().zip(long).filter(|(short, long)| more(short, long));
    let better = short.iter().zip(long).filter(|(short, long)| more(long, short));
    let none = |figure: &str, what: &str, count: usize| {
        claim(figure.to_owned(), what.to_owned(), Unit::Number, Some(0.0)).within(Some(float(count as u64)), 0.0)
    };
    let some = |figure: &str, what: &str, count: usize| {
        let there = f64::from(u8::from(count > 0));
        claim(figure.to_owned(), what.to_owned(), Unit::Number, Some(1.0)).within(Some(there), 0.0)
    };
    [
        none("rises", "higher loads that may lose more", rising.count()),
        some("falls", "a higher load may lose less", falling.count()),
        none("shorter", "loads that may lose more at 1s than 2s", worse.count()),
        some("longer", "a load may lose more at 2s than at 1s", better.count()),
    ]
}

/// How much the cache finds before everything in it is lost, and long after.
fn hits(until: u64) -> [Row; 2] {
    let mut world = losing(STATED, TIMEOUTS[0], SHARES.1);
    let mut found = |from| {
        let flow = flow(&mut world, "database", from, from + 20);
        1.0 - flow.asked / flow.answered
    };
    let (before, after) = (found(40), found(until - 20));
    let claim = |figure: &str, what: &str, published| claim(figure.to_owned(), what.to_owned(), Unit::Share, published);
    [
        claim("hits-before", "hits before the loss", Some(HITS)).within(Some(before), 0.01),
        claim("hits-after", "hits long after, fills timing out", None).shown(Some(after)),
    ]
}
