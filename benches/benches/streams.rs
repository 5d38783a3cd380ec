//! A random word, and what is made of it.

use criterion::{Criterion, criterion_group, criterion_main};
use model::time::Span;
use sim::kernel::variate::{exponential, lognormal};
use sim::kernel::{StreamKey, philox};
use std::hint::black_box;

fn streams(c: &mut Criterion) {
    let key = StreamKey::new(1, "benches", "streams");
    let mut index = 0_u64;
    let mut next = move || {
        index += 1;
        key.word(index, 0)
    };
    let mut group = c.benchmark_group("streams");
    group.bench_function("philox4x32-10", |b| b.iter(|| philox::philox4x32(black_box([1, 2, 3, 4]), [5, 6])));
    group.bench_function("word", |b| b.iter(&mut next));
    let word = 0x243f_6a88_85a3_08d3;
    group.bench_function("exponential", |b| b.iter(|| exponential(black_box(word), black_box(Span::SECOND))));
    let p99 = Span::from_secs(9);
    group.bench_function("lognormal", |b| b.iter(|| lognormal(black_box(word), black_box(Span::SECOND), p99)));
    group.bench_function("word and exponential", |b| b.iter(|| exponential(next(), black_box(Span::SECOND))));
    group.finish();
}

criterion_group!(benches, streams);
criterion_main!(benches);
