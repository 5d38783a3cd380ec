//! Programs: what each version does at each endpoint, with every schema question answered.

use super::derivations::Filling;
use super::{Resolver, calls::Call, contracts::lacks, waits::Waits};
use crate::raw::{
    RawAccess, RawBackoff, RawBreaker, RawCall, RawCause, RawCreate, RawOp, RawProgram, RawRetryOn, RawRewrite,
    RawService, RawStoreFormats, RawTest, RawVersion, RawWhen, RawWriter, RewriteRule,
};
use crate::syntax::{Exact, Map, SourceSpan, Spanned, Text, quoted};
use model::access::{Access, Create, Gate, Read, Rewrite, Verb};
use model::contract::Filled;
use model::data::{Codec, Decoding, Entity, Mask, Table, Touch, Value};
use model::id::{AccessId, ClassId, EdgeId, EffectId, EndpointId, FlagId, FormatId, StoreId, VersionId, mix};
use model::program::{Backoff, Breaker, CallSite, ClassSet, Gated, Op, Program, Test};
use model::system::Edge;
use model::time::Span;
use std::collections::BTreeSet;

/// The most steps of all versions together, which are compiled one by one.
const STEPS_MAX: usize = 1_000_000;
/// The most ways of touching records: their ids have sixteen bits.
const ACCESSES_MAX: usize = u16::MAX as usize;

/// The program being compiled, and for whom.
pub(super) struct Draft<'r> {
    pub(super) endpoint: EndpointId,
    pub(super) version: VersionId,
    /// What the version declares; nothing for a service without versions.
    pub(super) declared: Option<&'r RawVersion>,
    pub(super) program: Program,
}

/// A store a version touches, and how it does.
pub(super) struct Touched<'r> {
    pub(super) store: StoreId,
    entity: Entity,
    reads: FormatId,
    codec: Codec,
    declared: &'r RawStoreFormats,
    writers: Vec<(Option<FlagId>, FormatId)>,
}

impl Resolver<'_> {
    /// Compiles every endpoint of every version.
    pub(super) fn resolve_programs(&mut self) {
        let raw = self.raw;
        let mut steps = 0;
        for (index, (name, service)) in raw.services.iter().enumerate() {
            for version in self.system.services[index].versions.clone() {
                if steps > STEPS_MAX || self.system.accesses.len() > ACCESSES_MAX {
                    let message = "with this service, all versions together have too many steps";
                    let help = format!("at most {STEPS_MAX}, of which {ACCESSES_MAX} touch records");
                    return self.error_with(name.span, message, help);
                }
                self.resolve_version(service, version);
                steps += self.system.version(version).programs.iter().map(|program| program.ops.len()).sum::<usize>();
            }
        }
    }

    fn resolve_version(&mut self, service: &RawService, version: VersionId) {
        let declared = service.versions.get(&self.system.version(version).label);
        let endpoints = self.system.service(self.system.version(version).service).endpoints.clone();
        let overrides = declared.map(|declared| &declared.endpoints);
        overrides.into_iter().for_each(|overrides| self.check_overrides(service, overrides));
        self.resolve_statements(version, declared);
        for ((name, program), endpoint) in service.endpoints.iter().zip(endpoints) {
            let own = overrides.and_then(|overrides| overrides.get(&name.value));
            let mut draft = Draft { endpoint, version, declared, program: Program::default() };
            if lacks(declared, &name.value) {
                draft.program.ops.push(Op::Missing);
            } else {
                self.ops(&mut draft, own.unwrap_or(program));
                self.insert_defects(&mut draft, &name.value);
                self.insert_receipt(&mut draft);
                self.check_length(name, &draft.program);
            }
            let compiled = &mut self.system.versions[version.index()];
            compiled.knows = compiled.knows.and(draft.program.flags());
            compiled.programs.push(draft.program);
        }
        self.resolve_start_defects(version, declared);
        self.check_defects(service, declared);
    }

    /// An endpoint only one version has would be missing in the others.
    fn check_overrides(&mut self, service: &RawService, overrides: &Map<RawProgram>) {
        let endpoints = super::Table::new("endpoint of this service", service.endpoints.names());
        overrides.iter().for_each(|(name, _)| {
            endpoints.find(name, self.out);
        });
    }

    fn check_length(&mut self, name: &Text, program: &Program) {
        if program.ops.len() > 10_000 {
            self.error(name.span, "a program of more than 10000 steps");
        }
    }

    pub(super) fn ops(&mut self, draft: &mut Draft<'_>, steps: &[RawOp]) {
        for step in steps {
            self.op(draft, step);
        }
    }

    fn op(&mut self, draft: &mut Draft<'_>, step: &RawOp) {
        let op = match step {
            RawOp::Work(work) => Some(Op::Work(self.law(&work.work))),
            RawOp::Call(call) => self.fork(draft, std::slice::from_ref(call)),
            RawOp::Parallel(parallel) => self.at_once(draft, &parallel.parallel),
            RawOp::Create(create) => self.create(draft, create),
            RawOp::Read(read) => self.read(draft, &read.read),
            RawOp::Rewrite(rewrite) => return self.rewrite(draft, rewrite),
            RawOp::Later(later) => self.later(draft, &later.later),
            RawOp::Publish(publish) => self.publish(draft, publish),
            RawOp::Effect(cause) => self.cause(cause),
            RawOp::Saga(saga) => return self.saga(draft, saga),
            RawOp::Cache(step) => return self.lookup(draft, step),
            RawOp::Put(put) => self.put(draft, put),
            RawOp::Invalidate(step) => self.invalidate(draft, step),
            RawOp::When(when) => return self.when(draft, when),
        };
        draft.program.ops.extend(op);
    }

    fn cause(&mut self, cause: &RawCause) -> Option<Op> {
        let effect = EffectId::new(self.names.effects.find(&cause.effect, self.out)?);
        Some(Op::Cause { effect, keyed: cause.key.unwrap_or(true) })
    }

    pub(super) fn later(&mut self, draft: &Draft<'_>, name: &Text) -> Option<Op> {
        let job = self.job_named(name)?;
        let to = self.system.job(job).endpoint;
        let (from, version) = (draft.endpoint, draft.version);
        self.calls.push(Call { from, version, to, span: name.span, later: true, waits: Waits::NONE });
        Some(Op::Defer { job, dialect: self.dialect_of(draft.version, to) })
    }

    fn when(&mut self, draft: &mut Draft<'_>, when: &RawWhen) {
        let test = match &when.when {
            RawTest::Class(test) => Some(Test::Class(self.classes(&test.class.0))),
            RawTest::Flag(test) => self.names.flags.find(&test.flag, self.out).map(FlagId::new).map(Test::Flag),
            RawTest::Config(test) => self.config_version(&test.config).map(Test::Flag),
        };
        let at = draft.program.ops.len();
        self.ops(draft, &when.steps);
        let skip = u16::try_from(draft.program.ops.len() - at).unwrap_or(u16::MAX);
        if let Some(test) = test {
            draft.program.ops.insert(at, Op::Unless { test, skip });
        }
    }

    pub(super) fn classes(&mut self, classes: &[Text]) -> ClassSet {
        self.once_each(classes);
        let ids = classes.iter().filter_map(|class| self.names.classes.find(class, self.out));
        let fitting = ids.filter(|class| *class < ClassSet::LIMIT); // the others are an error already
        fitting.fold(ClassSet::default(), |set, class| set.with(ClassId::new(class)))
    }

    fn at_once(&mut self, draft: &mut Draft<'_>, calls: &Spanned<Vec<RawCall>>) -> Option<Op> {
        if calls.value.is_empty() {
            self.error_with(calls.span, "a parallel step without calls", "name the calls, or leave the step out");
        }
        self.fork(draft, &calls.value)
    }

    /// Calls made at once.
    fn fork(&mut self, draft: &mut Draft<'_>, calls: &[RawCall]) -> Option<Op> {
        let first = u16::try_from(draft.program.calls.len()).ok()?;
        for call in calls {
            let site = self.call_site(draft, call);
            draft.program.calls.extend(site);
        }
        let count = u16::try_from(draft.program.calls.len()).ok()? - first;
        (count > 0).then_some(Op::Calls { first, count })
    }

    fn call_site(&mut self, draft: &Draft<'_>, call: &RawCall) -> Option<CallSite> {
        let endpoint = EndpointId::new(self.names.endpoints.find(&call.call, self.out)?);
        let retries = call.retries.as_ref().map_or(0, |retries| retries.value);
        if let Some(retries) = call.retries.as_ref().filter(|retries| retries.value > 100) {
            self.error(retries.span, "at most 100 retries");
        }
        let earlier = draft.program.calls.iter().filter(|site| site.endpoint == endpoint).count() as u64;
        let name = self.system.endpoint(endpoint).name.hash();
        let site = CallSite {
            endpoint,
            edge: self.edge(Edge { from: draft.endpoint, to: endpoint }),
            path: mix(name.wrapping_add(earlier)),
            timeout: self.timeout(call),
            retries: u8::try_from(retries).unwrap_or(u8::MAX),
            retries_misfits: call.retry_on == Some(RawRetryOn::Everything),
            backoff: self.backoff(call.backoff.as_ref()),
            budget: call.retry_budget,
            breaker: self.breaker(call.breaker.as_ref()),
            optional: call.optional.unwrap_or(false),
            pass_deadline: call.pass_deadline.unwrap_or(false),
            hedge: self.hedge(call),
            dialect: self.dialect_of(draft.version, endpoint),
        };
        let (from, version, waits) = (draft.endpoint, draft.version, Waits::of(&site));
        self.calls.push(Call { from, version, to: endpoint, span: call.call.span, later: false, waits });
        Some(site)
    }

    /// Who waits for no time at all is never answered.
    fn timeout(&mut self, call: &RawCall) -> Option<Span> {
        let least = Span::from_nanos(1);
        call.timeout.as_ref().map(|timeout| self.at_least(Some(timeout), least, least, "a caller waits for"))
    }

    /// A hedge that is sent when the caller no longer waits, or at once, would be none.
    fn hedge(&mut self, call: &RawCall) -> Option<Span> {
        let hedge = call.hedge.as_ref()?;
        if let Some(timeout) = call.timeout.as_ref().filter(|timeout| timeout.value <= hedge.value) {
            let message = format!("by then the caller has stopped waiting, after {}", Exact(timeout.value));
            self.error_with(hedge.span, message, "hedge before the timeout");
        }
        Some(self.at_least(Some(hedge), Span::ZERO, Span::from_nanos(1), "an attempt is sent again after"))
    }

    /// The id of an edge of the call graph, which is new the first time it is called along.
    fn edge(&mut self, edge: Edge) -> EdgeId {
        let next = EdgeId::new(self.system.edges.len());
        let id = *self.edges.entry(edge).or_insert(next);
        if id == next {
            self.system.edges.push(edge);
        }
        id
    }

    fn backoff(&mut self, raw: Option<&RawBackoff>) -> Backoff {
        match raw {
            None => Backoff::Fixed(Span::ZERO),
            Some(RawBackoff::Fixed(span)) => Backoff::Fixed(*span),
            Some(RawBackoff::Exponential(raw)) => {
                if raw.cap.value < raw.first {
                    self.error(raw.cap.span, "the longest wait is shorter than the first");
                }
                Backoff::Exponential { first: raw.first, cap: raw.cap.value, jitter: raw.jitter.unwrap_or(false) }
            }
        }
    }

    fn breaker(&mut self, raw: Option<&RawBreaker>) -> Option<Breaker> {
        let raw = raw?;
        if raw.failures.value == 0 {
            self.error(raw.failures.span, "a breaker opens after at least one failure");
        }
        let open = self.at_least(Some(&raw.open), Span::ZERO, Span::from_millis(1), "a breaker stays open for");
        Some(Breaker { failures: raw.failures.value, open })
    }

    /// How a version touches a store, which it has to declare.
    fn touched<'r>(&mut self, draft: &Draft<'r>, store: &Text) -> Option<Touched<'r>> {
        let id = StoreId::new(self.names.stores.find(store, self.out)?);
        self.touched_as(draft, store, id)
    }

    /// The same of a store, or the messages of a topic, that was found.
    pub(super) fn touched_as<'r>(&mut self, draft: &Draft<'r>, store: &Text, id: StoreId) -> Option<Touched<'r>> {
        let Some(declared) = draft.declared.and_then(|declared| declared.formats.get(&store.value)) else {
            let version = self.system.version(draft.version).name.clone();
            let message = format!("{version} does not declare how it reads and writes {}", quoted(&store.value));
            self.error_with(store.span, message, "add it under `formats:` of the version");
            return None;
        };
        let RawAccess::Formats(declared) = declared else { return None }; // it is an error already
        let reads = self.format(id, &declared.reads);
        let writers: Vec<_> = declared.writes.0.iter().map(|writer| self.writer(id, writer)).collect();
        let writers = writers.into_iter().collect::<Option<_>>()?;
        let entity = self.entities[id.index()].clone()?;
        let reads = reads?;
        let codec = self.codec(declared.codec.as_ref(), entity.format(reads).family);
        Some(Touched { store: id, entity, reads, codec, declared, writers })
    }

    fn writer(&mut self, store: StoreId, writer: &RawWriter) -> Option<(Option<FlagId>, FormatId)> {
        let format = self.format(store, &writer.format);
        let flag = match &writer.flag {
            None => None,
            Some(flag) => Some(self.gating(flag)?),
        };
        Some((flag, format?))
    }

    /// One gate for each format the version may write: the first of them, and how many.
    fn gates(&mut self, draft: &mut Draft<'_>, touched: &Touched<'_>, verb: impl Fn(FormatId) -> Verb) -> (u16, u16) {
        let first = draft.program.gates.len();
        for (flag, format) in &touched.writers {
            let access = self.access(draft.version, touched.store, verb(*format));
            draft.program.gates.push(Gated { flag: *flag, access });
        }
        gates_from(&draft.program, first)
    }

    pub(super) fn access(&mut self, version: VersionId, store: StoreId, verb: Verb) -> AccessId {
        let id = AccessId::new(self.system.accesses.len().min(ACCESSES_MAX)); // more are an error
        self.system.accesses.push(Access { version, store, verb, gate: Gate::default() });
        id
    }

    fn create(&mut self, draft: &mut Draft<'_>, create: &RawCreate) -> Option<Op> {
        if let Some(store) = self.table_named(&create.create) {
            return self.insert(draft, store, create);
        }
        let touched = self.touched(draft, &create.create)?;
        let what = Filling { values: &create.values, without: &create.without, derives: &create.derives };
        let (first, count) = self.new_records(draft, &touched, create.create.span, what)?;
        Some(Op::Touch { first, count })
    }

    /// The gates by which a version writes new records, or messages.
    pub(super) fn new_records(
        &mut self,
        draft: &mut Draft<'_>,
        touched: &Touched<'_>,
        span: SourceSpan,
        filling: Filling<'_>,
    ) -> Option<(u16, u16)> {
        if !self.writes_something(touched, span) {
            return None;
        }
        let derived = self.derived(&touched.entity, filling.derives);
        let values = self.values(&touched.entity, filling.values);
        self.note_stated(touched.store, &values);
        let entity = &touched.entity;
        let mut filled: Vec<_> = entity.format_ids().map(|format| self.filled(entity, format, &values)).collect();
        self.leave_out(entity, &touched.codec, filling.without, &mut filled);
        Some(self.gates(draft, touched, |format| {
            let of = |slots: fn(&Filled) -> Mask| filled[format.index()].iter().map(slots).collect();
            let (present, hard) = (of(|own| own.present), of(|own| own.hard));
            let (unset, blank) = (of(|own| own.unset), of(|own| own.blank));
            let derived =
                derived.iter().copied().filter(|own| entity.format(format).slots().contains(own.slot)).collect();
            Verb::Create(Create { format, present, hard, unset, blank, derived })
        }))
    }

    fn writes_something(&mut self, touched: &Touched<'_>, span: SourceSpan) -> bool {
        let writes = touched.writers.iter().any(|(flag, _)| flag.is_none());
        if !writes {
            let help = "end the list under `writes:` with a format without a flag";
            self.error_with(span, "the version does not say what it writes while its flag is off", help);
        }
        writes
    }

    fn read(&mut self, draft: &mut Draft<'_>, store: &Text) -> Option<Op> {
        if let Some(table) = self.table_named(store) {
            return self.select(draft, table, store);
        }
        let touched = self.touched(draft, store)?;
        let at = draft.program.gates.len();
        let access = self.access(draft.version, touched.store, Verb::Read(reader(&touched)));
        draft.program.gates.push(Gated { flag: None, access });
        let (first, count) = gates_from(&draft.program, at);
        Some(Op::Touch { first, count })
    }

    fn rewrite(&mut self, draft: &mut Draft<'_>, rewrite: &RawRewrite) {
        if let Some(store) = self.table_named(&rewrite.rewrite) {
            return self.update(draft, store, rewrite);
        }
        let Some(touched) = self.touched(draft, &rewrite.rewrite) else { return };
        if !self.writes_something(&touched, rewrite.rewrite.span) {
            return;
        }
        let entity = &touched.entity;
        let derived = self.slots(entity, &rewrite.derives.0);
        let sets = self.slots(entity, &rewrite.sets.0) | derived;
        self.check_known(&touched, rewrite, sets);
        self.check_set(entity, &rewrite.values, sets);
        self.check_kept(entity, &rewrite.values);
        let values = self.values(entity, &rewrite.values);
        self.note_stated(touched.store, &values);
        let hard: Vec<Mask> = self.filled(entity, touched.reads, &values).iter().map(|filled| filled.hard).collect();
        self.by_class(draft, &hard, |resolver, draft, hard| {
            let touch = Touch { sets, derived, hard };
            Some(resolver.gates(draft, &touched, |current| Verb::Rewrite(rewritten(&touched, current, touch))))
        });
    }

    /// A step that differs by the class of a request: one for each kind of it, which requests of other classes pass.
    pub(super) fn by_class(
        &mut self,
        draft: &mut Draft<'_>,
        hard: &[Mask],
        gates: impl Fn(&mut Self, &mut Draft<'_>, Mask) -> Option<(u16, u16)>,
    ) {
        let mut kinds: BTreeSet<Mask> = hard.iter().copied().collect();
        if kinds.is_empty() {
            kinds.insert(Mask::EMPTY);
        }
        for kind in &kinds {
            let Some((first, count)) = gates(self, draft, *kind) else { return };
            if kinds.len() > 1 {
                let classes = hard.iter().zip(0..ClassSet::LIMIT).filter(|(own, _)| *own == kind);
                let classes = classes.fold(ClassSet::default(), |set, (_, class)| set.with(ClassId::new(class)));
                draft.program.ops.push(Op::Unless { test: Test::Class(classes), skip: 1 });
            }
            draft.program.ops.push(Op::Touch { first, count });
        }
    }

    /// A value is stated of a field that is set.
    fn check_set(&mut self, entity: &Entity, values: &Map<Map<Text>>, sets: Mask) {
        for (field, _) in values.iter() {
            if entity.slot(&field.value).is_some_and(|slot| !sets.contains(slot)) {
                let message = format!("this step does not set {}", quoted(&field.value));
                self.error_with(field.span, message, "name it under `sets:`, too, or leave its values out");
            }
        }
    }

    /// What is in a record, or a list, is set field by field; a rewrite takes nothing away.
    fn check_kept(&mut self, entity: &Entity, values: &Map<Map<Text>>) {
        for (field, by_class) in values.iter() {
            let Some(slot) = entity.slot(&field.value) else { continue };
            let shapes = || entity.formats.iter().filter_map(|format| Some(&format.field(slot)?.shape));
            for (_, text) in by_class.iter() {
                let value = Value::read(&text.value, shapes());
                if entity.formats.iter().any(|format| !format.unset_by(slot, &value).is_empty()) {
                    let message = format!("taking away what is in {} is not supported", quoted(&field.value));
                    self.error_with(text.span, message, "state it where the record is created");
                }
            }
        }
    }

    /// A version sets only fields its own schema has.
    fn check_known(&mut self, touched: &Touched<'_>, rewrite: &RawRewrite, sets: Mask) {
        let unknown = sets - touched.entity.format(touched.reads).slots();
        if unknown.is_empty() {
            return;
        }
        let fields = touched.entity.slot_names(unknown).join(", ");
        let schema = &touched.entity.format(touched.reads).name;
        self.error(
            rewrite.rewrite.span,
            format!("this version sets {fields}, which its schema {schema} does not have"),
        );
    }
}

/// The gates of a program from one on: the first, and how many.
pub(super) fn gates_from(program: &Program, first: usize) -> (u16, u16) {
    let short = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
    (short(first), short(program.gates.len() - first))
}

pub(super) fn reader(touched: &Touched<'_>) -> Read {
    let schema = touched.reads;
    Read { schema, decode: Decoding::new(&touched.entity, schema, &touched.codec) }
}

fn rewritten(touched: &Touched<'_>, current: FormatId, touch: Touch) -> Rewrite {
    let same = touched.declared.rewrites == Some(RewriteRule::Same);
    let writes = |format| touched.writers.iter().any(|(_, own)| *own == format);
    let formats = || touched.entity.format_ids();
    let target = formats().map(|format| if same && writes(format) { format } else { current });
    let encode = |to| {
        let table = || Table::encode(&touched.entity, touched.reads, to);
        (to != touched.reads).then(|| table().emitting(touched.entity.format(to), &touched.codec))
    };
    Rewrite { read: reader(touched), target: target.collect(), encode: formats().map(encode).collect(), touch }
}
