//! What a version does to a record, and finding the kind that comes out.
//!
//! `read` and `rewrite` are what a run works out once per kind and access; `find` is the step from a kind to its id.
//! What a run does with a pair it has seen before is a look into a table, and part of `worlds/ledger-format`.

use criterion::{Criterion, criterion_group, criterion_main};
use model::Scenario;
use model::access::{Access, Rewrite, Verb};
use model::data::{self, Kind, KindTable, Mask, WriteBack};
use model::id::FormatId;
use std::hint::black_box;

/// A sound record of a format.
fn record(access: &Access, format: FormatId, scenario: &Scenario) -> Kind {
    let present = scenario.system.store(access.store).entity.format(format).slots();
    data::create(format, present, Mask::EMPTY, access.version)
}

fn write_back<'a>(access: &Access, rewrite: &'a Rewrite, kind: &Kind) -> WriteBack<'a> {
    let target = rewrite.target[kind.format.index()];
    WriteBack {
        decode: &rewrite.read.decode[kind.format.index()],
        encode: rewrite.encode[target.index()].as_ref(),
        reader: rewrite.read.schema,
        target,
        writer: access.version,
    }
}

fn kinds(c: &mut Criterion) {
    let model = benches::bundled("ledger-format");
    let rewriting = model.system.accesses.iter().find_map(|access| match &access.verb {
        Verb::Rewrite(rewrite) => Some((access, rewrite)),
        Verb::Create(_) | Verb::Read(_) => None,
    });
    let (access, rewrite) = rewriting.expect("the ledger is rewritten");
    let kind = record(access, FormatId::ZERO, &model);
    let back = write_back(access, rewrite, &kind);

    let mut group = c.benchmark_group("kinds");
    group.bench_function("read", |b| b.iter(|| data::read(black_box(&kind), back.decode)));
    group.bench_function("rewrite", |b| b.iter(|| data::rewrite(black_box(&kind), &back, rewrite.touch)));
    let mut table = KindTable::default();
    for bits in 0..64 {
        table.intern(Kind { lost: Mask::from_bits(bits), ..kind });
    }
    group.bench_function("find among 64", |b| b.iter(|| table.find(black_box(&kind))));
    group.finish();
}

criterion_group!(benches, kinds);
criterion_main!(benches);
