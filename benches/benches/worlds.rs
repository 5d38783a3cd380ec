//! Whole worlds: a simulated second of the chain, a fork of it, and the drills at their own rates.

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use sim::World;

/// Lives through so many seconds from where `world` is, again and again; reports requests per second.
fn seconds(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, world: &World, seconds: u64) {
    let mut later = world.clone();
    benches::go_on(&mut later, seconds);
    group.throughput(Throughput::Elements(later.arrived() - world.arrived()));
    group.bench_function(name, |b| {
        b.iter_batched_ref(|| world.clone(), |world| benches::go_on(world, seconds), BatchSize::PerIteration);
    });
}

fn worlds(c: &mut Criterion) {
    let mut group = c.benchmark_group("worlds");
    group.sample_size(20);
    let chain = benches::in_flight("chain", 2);
    seconds(&mut group, "chain, 1 s", &chain, 1);
    seconds(&mut group, "online-boutique, 10 s", &benches::in_flight("online-boutique", 30), 10);
    seconds(&mut group, "ledger-format, 10 s", &benches::in_flight("ledger-format", 30), 10);
    group.finish();
    c.bench_function("fork/chain in flight", |b| b.iter_with_large_drop(|| chain.clone()));
}

criterion_group!(benches, worlds);
criterion_main!(benches);
