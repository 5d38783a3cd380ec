//! What a version does to a record.
//!
//! `looked up` is what a run does with records whose kinds an access has met before, which is nearly always: a record
//! is found, what becomes of it is looked up, and it becomes that. Every record is picked once before any is picked
//! again, in no order; so few that they stay in the nearest cache, or a million. When all have been rewritten another
//! version rewrites them, so that each rewrite makes another kind of a record.
//!
//! `worked out` is what a run does once per kind and access; `find` is the step from a kind to its id.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use model::Scenario;
use model::access::{Access, Rewrite, Verb};
use model::data::{self, Kind, KindTable, Mask, WriteBack};
use model::id::{AccessId, FormatId};
use model::time::Time;
use sim::Records;
use std::hint::black_box;
use std::iter;

const STORES: [(&str, u32); 2] = [("1k", 1 << 10), ("1M", 1 << 20)];

/// A sound record of a format, by the version of an access.
fn record(access: &Access, format: FormatId, scenario: &Scenario) -> Kind {
    let present = scenario.system.store(access.store).entity.format(format).slots();
    data::create(format, present, Mask::EMPTY, access.version)
}

/// A store, who reads it, and who rewrites it in turn.
struct Ledger<'a> {
    records: Records,
    /// Every record, in the order in which they are picked: a power of two of them.
    order: Vec<u32>,
    reader: (AccessId, &'a Access),
    rewriters: [(AccessId, &'a Access); 2],
    reads: usize,
    rewrites: usize,
}

/// Which of `count` records, a power of two of them, is the n-th to be picked: another one for each n below.
fn pick(n: u32, count: u32) -> u32 {
    let mixed = n.wrapping_mul(0x9e37_79b1) & (count - 1);
    (mixed ^ mixed >> 5).wrapping_mul(0x85eb_ca6b) & (count - 1)
}

impl<'a> Ledger<'a> {
    /// A store of so many records that the first rewriter has written.
    fn new(scenario: &'a Scenario, count: u32) -> Self {
        let accesses = || iter::zip((0..).map(AccessId::new), &scenario.system.accesses);
        let reader = accesses().find(|(_, access)| matches!(access.verb, Verb::Read(_))).expect("the ledger is read");
        let mut rewriting = accesses().filter(|(_, access)| matches!(access.verb, Verb::Rewrite(_)));
        let rewriters = [(); 2].map(|()| rewriting.next().expect("two versions rewrite the ledger"));
        let mut records = Records::default();
        let kind = records.intern(record(rewriters[0].1, FormatId::ZERO, scenario), Vec::new);
        (0..count).for_each(|_| {
            records.push(kind, Time::ZERO);
        });
        let order = (0..count).map(|n| pick(n, count)).collect();
        Ledger { records, order, reader, rewriters, reads: 0, rewrites: 0 }
    }

    fn read(&mut self) {
        self.reads += 1;
        let index = self.order[self.reads & (self.order.len() - 1)];
        black_box(self.records.touch(index, self.reader, Vec::new, Time::ZERO));
    }

    fn rewrite(&mut self) {
        self.rewrites += 1;
        let index = self.order[self.rewrites & (self.order.len() - 1)];
        let [first, second] = self.rewriters;
        let rewriter = if self.rewrites & self.order.len() == 0 { second } else { first };
        black_box(self.records.touch(index, rewriter, Vec::new, Time::ZERO));
    }
}

fn looked_up(c: &mut Criterion) {
    let model = benches::bundled("ledger-format");
    let mut group = c.benchmark_group("kinds/looked up");
    for (name, count) in STORES {
        let mut ledger = Ledger::new(&model, count);
        group.bench_function(BenchmarkId::new("read", name), |b| b.iter(|| ledger.read()));
        group.bench_function(BenchmarkId::new("rewrite", name), |b| b.iter(|| ledger.rewrite()));
        group.bench_function(BenchmarkId::new("read plus rewrite", name), |b| {
            b.iter(|| {
                ledger.read();
                ledger.rewrite();
            });
        });
    }
    group.finish();
}

fn write_back<'a>(access: &Access, rewrite: &'a Rewrite, kind: &Kind) -> WriteBack<'a> {
    let target = rewrite.target[kind.format.index()];
    WriteBack {
        decode: &rewrite.read.decode[kind.format],
        encode: rewrite.encode[target.index()].as_ref(),
        reader: rewrite.read.schema,
        target,
        writer: access.version,
    }
}

fn worked_out(c: &mut Criterion) {
    let model = benches::bundled("ledger-format");
    let rewriting = model.system.accesses.iter().find_map(|access| match &access.verb {
        Verb::Rewrite(rewrite) => Some((access, rewrite)),
        Verb::Create(_) | Verb::Read(_) | Verb::Insert(_) | Verb::Update(_) => None,
    });
    let (access, rewrite) = rewriting.expect("the ledger is rewritten");
    let kind = record(access, FormatId::ZERO, &model);
    let back = write_back(access, rewrite, &kind);

    let mut group = c.benchmark_group("kinds/worked out");
    group.bench_function("read", |b| b.iter(|| data::read(black_box(&kind), back.decode)));
    group.bench_function("rewrite", |b| b.iter(|| data::rewrite(black_box(&kind), &back, rewrite.touch)));
    let mut table = KindTable::default();
    for bits in 0..64 {
        table.intern(Kind { lost: Mask::from_bits(bits), ..kind });
    }
    group.bench_function("find among 64", |b| b.iter(|| table.find(black_box(&kind))));
    group.finish();
}

criterion_group!(benches, looked_up, worked_out);
criterion_main!(benches);
