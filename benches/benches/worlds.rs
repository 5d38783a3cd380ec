//! Whole worlds: simulated seconds of large and small ones, in calls a second, and forks of them.

use benches::{bundled, busy_boutique, go_on, in_flight, million_records, thousand_services};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use sim::{Model, World};

/// Lives through so many seconds from where `world` is, again and again; reports calls per second, those from
/// outside among them.
fn seconds(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, world: &World, seconds: u64) {
    let mut later = world.clone();
    go_on(&mut later, seconds);
    group.throughput(Throughput::Elements(calls(&later) - calls(world)));
    group.bench_function(name, |b| {
        b.iter_batched_ref(|| world.clone(), |world| go_on(world, seconds), BatchSize::PerIteration);
    });
}

/// Requests answered so far by any endpoint.
fn calls(world: &World) -> u64 {
    world.attempts().iter().map(|answers| answers.count).sum()
}

fn worlds(c: &mut Criterion) {
    let mut group = c.benchmark_group("worlds");
    group.sample_size(20);
    seconds(&mut group, "chain, 1 s", &in_flight(&bundled("chain"), 2), 1);
    seconds(&mut group, "ledger-format, 10 s", &in_flight(&bundled("ledger-format"), 30), 10);
    seconds(&mut group, "boutique at 500/s, 10 s", &in_flight(&busy_boutique(), 30), 10);
    seconds(&mut group, "1000 services, 1 s", &in_flight(&thousand_services(), 2), 1);
    group.finish();
}

/// A fork, and the second after it on a world that shares its pages with another and on one that does not.
fn forks(c: &mut Criterion) {
    let mut group = c.benchmark_group("fork");
    group.sample_size(20);
    fork(&mut group, "chain", &bundled("chain"));
    fork(&mut group, "a million records", &million_records());
    group.finish();
}

fn fork(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, model: &Model) {
    let world = in_flight(model, 30);
    group.bench_function(name, |b| b.iter_with_large_drop(|| world.clone()));
    group.bench_function(format!("{name}, first second after"), |b| {
        b.iter_batched_ref(|| world.clone(), |fork| go_on(fork, 1), BatchSize::PerIteration);
    });
    group.bench_function(format!("{name}, a second of an only child"), |b| {
        b.iter_batched_ref(|| in_flight(model, 30), |world| go_on(world, 1), BatchSize::PerIteration);
    });
}

criterion_group!(benches, worlds, forks);
criterion_main!(benches);
