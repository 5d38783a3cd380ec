//! What an endpoint does: a small static program.
//!
//! A program is a straight list of operations that may only skip forward, and only on the class of
//! the request, on a flag as the *process* sees it, or on what a cache holds. So every way through it is known before a
//! run: [`crate::System::io`] lists all formats a version may read or write.

use crate::cache::Side;
use crate::flag::Settings;
use crate::id::{
    AccessId, CacheId, ClassId, DefectId, DialectId, EdgeId, EffectId, EndpointId, FlagId, JobId, TopicId,
};
use crate::law::Law;
use crate::ratio::Ratio;
use crate::time::Span;

/// The program of one endpoint in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The operations, first to last.
    pub ops: Vec<Op>,
    /// The call sites [`Op::Calls`] refers to.
    pub calls: Vec<CallSite>,
    /// The gates [`Op::Touch`] and [`Side`]s refer to.
    pub gates: Vec<Gated>,
    /// The sides [`Op::Lookup`] and the like refer to.
    pub sides: Vec<Side>,
}

/// One operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Keeps one of the replica's workers busy for a drawn time.
    Work(Law),
    /// Calls other endpoints, all at once, and waits for all of them. One call is a fork of one.
    Calls {
        /// Index of the first call site.
        first: u16,
        /// How many, at least one.
        count: u16,
    },
    /// Creates, reads or rewrites a record; the first gate that is open decides how.
    Touch {
        /// Index of the first gate.
        first: u16,
        /// How many, at least one.
        count: u16,
    },
    /// Leaves work for later, about the record at hand. It outlives the request and the version.
    Defer {
        /// The work.
        job: JobId,
        /// How its request is written, where the endpoint has a contract: whoever does the work has to read it.
        dialect: Option<DialectId>,
    },
    /// Appends a message to a topic; the first gate that is open decides in which format.
    Publish {
        /// The topic.
        topic: TopicId,
        /// Index of the first gate.
        first: u16,
        /// How many, at least one.
        count: u16,
    },
    /// Decodes the message this program is run for, if it is run for one.
    Receive(AccessId),
    /// Does something outside the system that no rollback undoes: an e-mail, a card charge.
    Cause {
        /// What it does.
        effect: EffectId,
        /// Whether it sends an idempotency key, the same one with each attempt.
        keyed: bool,
    },
    /// A saga begins: when something fails before its pivot, these of its effects are taken back.
    Saga(EffectSet),
    /// The saga is past its pivot: from here there is only forward.
    Pivot,
    /// Fails, when the version's defect strikes.
    Fail(DefectId),
    /// The version has no such endpoint: a request fails, and that is all.
    Missing,
    /// Looks into a cache for the key of the request. When it is there, skips what fetches it and fills it in.
    Lookup {
        /// The cache.
        cache: CacheId,
        /// How many operations that is.
        skip: u16,
        /// How what is there is decoded: an index into the sides; nothing is, where entries have no format.
        side: Option<u16>,
    },
    /// Fills the key of the request into a cache.
    Fill {
        /// The cache.
        cache: CacheId,
        /// How it is encoded, as in [`Op::Lookup`].
        side: Option<u16>,
        /// Whether it is filled in because it has changed: what is kept of it under other formats is stale then.
        changed: bool,
    },
    /// Takes the key of the request out of a cache, because it has changed.
    Invalidate {
        /// The cache.
        cache: CacheId,
        /// Under which format it is looked for, as in [`Op::Lookup`].
        side: Option<u16>,
    },
    /// Skips the next `ops` operations unless the test holds.
    Unless {
        /// What must hold to go on with the next operation.
        test: Test,
        /// How many operations to skip otherwise.
        skip: u16,
    },
}

impl Op {
    /// The cache it looks into, fills, or takes something out of.
    #[must_use]
    pub const fn cache(&self) -> Option<CacheId> {
        match self {
            Op::Lookup { cache, .. } | Op::Fill { cache, .. } | Op::Invalidate { cache, .. } => Some(*cache),
            Op::Work(_)
            | Op::Calls { .. }
            | Op::Touch { .. }
            | Op::Defer { .. }
            | Op::Publish { .. }
            | Op::Receive(_)
            | Op::Cause { .. }
            | Op::Saga(_)
            | Op::Pivot
            | Op::Fail(_)
            | Op::Missing
            | Op::Unless { .. } => None,
        }
    }
}

impl Program {
    /// The flags it looks at.
    #[must_use]
    pub fn flags(&self) -> FlagSet {
        let gates = self.gates.iter().filter_map(|gate| gate.flag);
        let fits = |flag: &FlagId| flag.index() < FlagSet::LIMIT; // one that does not is an error of its scenario
        gates.chain(self.tests()).filter(fits).fold(FlagSet::default(), |set, flag| set.with(flag, true))
    }

    /// The flags that decide which of its operations come next.
    pub fn tests(&self) -> impl Iterator<Item = FlagId> {
        self.ops.iter().filter_map(|op| match op {
            Op::Unless { test: Test::Flag(flag), .. } => Some(*flag),
            Op::Unless { test: Test::Class(_), .. }
            | Op::Work(_)
            | Op::Calls { .. }
            | Op::Touch { .. }
            | Op::Defer { .. }
            | Op::Publish { .. }
            | Op::Receive(_)
            | Op::Cause { .. }
            | Op::Saga(_)
            | Op::Pivot
            | Op::Fail(_)
            | Op::Missing
            | Op::Lookup { .. }
            | Op::Fill { .. }
            | Op::Invalidate { .. } => None,
        })
    }

    /// The flags that a process has to see on to come to the operation `at`.
    #[must_use]
    pub fn guards(&self, at: usize) -> FlagSet {
        let before = self.ops.iter().take(at).enumerate();
        let tested = before.filter_map(|(test, op)| match op {
            Op::Unless { test: Test::Flag(flag), skip } if at <= test + usize::from(*skip) => Some(*flag),
            _ => None,
        });
        tested.fold(FlagSet::default(), |set, flag| set.with(flag, true))
    }

    /// Whether the version has no such endpoint.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.ops == [Op::Missing]
    }

    /// The calls that fetch what is missing from a cache.
    pub fn fetches(&self, cache: CacheId) -> impl Iterator<Item = &CallSite> {
        let misses = self.ops.iter().enumerate().filter_map(move |(at, op)| {
            let Op::Lookup { cache: own, skip, .. } = op else { return None };
            (*own == cache).then(|| at + 1..at + 1 + usize::from(*skip))
        });
        misses.flat_map(|miss| &self.ops[miss]).flat_map(|op| self.calls_of(op))
    }

    /// The calls that an operation makes at once; none, where it makes none.
    #[must_use]
    pub fn calls_of(&self, op: &Op) -> &[CallSite] {
        let Op::Calls { first, count } = *op else { return &[] };
        &self.calls[usize::from(first)..][..usize::from(count)]
    }

    /// Whether it looks into a cache.
    #[must_use]
    pub fn looks_into(&self, cache: CacheId) -> bool {
        self.ops.iter().any(|op| if let Op::Lookup { cache: own, .. } = op { *own == cache } else { false })
    }

    /// What of the saga the operation before `at` is in is to be taken back when it fails; nothing outside of one.
    #[must_use]
    pub fn saga_at(&self, at: u16) -> EffectSet {
        let done = self.ops.iter().take(usize::from(at));
        done.fold(EffectSet::NONE, |saga, op| match op {
            Op::Saga(effects) => *effects,
            Op::Pivot => EffectSet::NONE,
            Op::Work(_)
            | Op::Calls { .. }
            | Op::Touch { .. }
            | Op::Defer { .. }
            | Op::Publish { .. }
            | Op::Receive(_)
            | Op::Cause { .. }
            | Op::Fail(_)
            | Op::Missing
            | Op::Lookup { .. }
            | Op::Fill { .. }
            | Op::Invalidate { .. }
            | Op::Unless { .. } => saga,
        })
    }

    /// The operations that a process may come to that holds `flags` to be on; classes are left open.
    pub fn reachable(&self, flags: FlagSet) -> impl Iterator<Item = &Op> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let op = self.ops.get(at)?;
            at += 1;
            if let Op::Unless { test: Test::Flag(flag), skip } = op {
                at += if flags.has(*flag) { 0 } else { usize::from(*skip) };
            }
            Some(op)
        })
    }

    /// The accesses that a process comes to that holds `flags` to be on; classes are left open.
    pub(crate) fn accesses(&self, flags: FlagSet) -> Vec<AccessId> {
        let mut found = Vec::new();
        for op in self.reachable(flags) {
            match op {
                Op::Touch { first, count } | Op::Publish { first, count, .. } => {
                    found.extend(self.open_gate(*first, *count, flags))
                }
                Op::Receive(access) => found.push(*access),
                Op::Lookup { side, .. } | Op::Fill { side, .. } => {
                    let side = side.map(|side| self.sides[usize::from(side)]);
                    found.extend(side.map(|side| side.read));
                    found.extend(side.and_then(|side| self.open_gate(side.first, side.count, flags)));
                }
                Op::Unless { .. }
                | Op::Work(_)
                | Op::Calls { .. }
                | Op::Defer { .. }
                | Op::Cause { .. }
                | Op::Saga(_)
                | Op::Pivot
                | Op::Fail(_)
                | Op::Invalidate { .. }
                | Op::Missing => {}
            }
        }
        found
    }

    /// The operations that requests of these classes come to in a process that holds `flags` to be on, each with the
    /// classes of those that do.
    pub fn reached_by(&self, classes: ClassSet, flags: FlagSet) -> impl Iterator<Item = (&Op, ClassSet)> {
        let comes_to = move |at: usize| {
            self.ops[..at].iter().enumerate().fold(classes, |classes, (before, op)| match op {
                Op::Unless { test, skip } if at <= before + usize::from(*skip) => match test {
                    Test::Class(own) => classes.among(*own),
                    Test::Flag(flag) if !flags.has(*flag) => ClassSet::default(),
                    Test::Flag(_) => classes,
                },
                _ => classes,
            })
        };
        let all = self.ops.iter().enumerate().map(move |(at, op)| (op, comes_to(at)));
        all.filter(|(_, classes)| !classes.is_empty())
    }

    /// What a process that sees these settings does at `count` gates from `first`, for one customer or another.
    #[must_use]
    pub fn gates_met(&self, first: u16, count: u16, settings: &Settings) -> Vec<AccessId> {
        let gates = &self.gates[usize::from(first)..usize::from(first + count)];
        let (on, on_for_some) = (settings.on(), settings.on_for_some());
        let is_for_all = |gate: &Gated| gate.flag.is_none_or(|flag| on.has(flag));
        let last = gates.iter().position(is_for_all).map_or(gates.len(), |at| at + 1);
        let met = gates[..last].iter().filter(|gate| gate.flag.is_none_or(|flag| on_for_some.has(flag)));
        met.map(|gate| gate.access).collect()
    }

    /// The first open gate out of `count` from `first`, as a process sees it that holds `flags` to be on.
    #[must_use]
    pub fn open_gate(&self, first: u16, count: u16, flags: FlagSet) -> Option<AccessId> {
        let gates = &self.gates[usize::from(first)..usize::from(first + count)];
        let open = gates.iter().find(|gate| gate.flag.is_none_or(|flag| flags.has(flag)));
        open.map(|gate| gate.access)
    }
}

/// One way of touching a record, and the flag that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gated {
    /// Open only while the process sees this flag on; always open without one.
    pub flag: Option<FlagId>,
    /// What is done then.
    pub access: AccessId,
}

/// What a program may branch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The request is of one of these classes.
    Class(ClassSet),
    /// The process sees this flag on.
    Flag(FlagId),
}

/// A set of request classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassSet(u64);

impl ClassSet {
    /// How many classes a system may have.
    pub const LIMIT: usize = 64;
    /// Every class.
    pub const ALL: ClassSet = ClassSet(u64::MAX);

    /// This set and `class`.
    #[must_use]
    pub fn with(self, class: ClassId) -> Self {
        ClassSet(self.0 | 1 << class.index())
    }

    /// Whether `class` is in the set.
    #[must_use]
    pub fn has(self, class: ClassId) -> bool {
        self.0 >> class.index() & 1 == 1
    }

    /// This set and another.
    #[must_use]
    pub const fn and(self, other: ClassSet) -> Self {
        ClassSet(self.0 | other.0)
    }

    /// Those of this set that another one has, too.
    #[must_use]
    pub const fn among(self, other: ClassSet) -> Self {
        ClassSet(self.0 & other.0)
    }

    /// Whether no class is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<ClassId> for ClassSet {
    fn from_iter<I: IntoIterator<Item = ClassId>>(classes: I) -> Self {
        classes.into_iter().fold(ClassSet::default(), ClassSet::with)
    }
}

/// A set of flags: which ones a process, or the control plane, holds to be on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlagSet(u64);

impl FlagSet {
    /// How many flags a system may have.
    pub const LIMIT: usize = 64;

    /// This set with `flag` on or off.
    #[must_use]
    pub fn with(self, flag: FlagId, on: bool) -> Self {
        let bit = 1 << flag.index();
        FlagSet(if on { self.0 | bit } else { self.0 & !bit })
    }

    /// Whether `flag` is on.
    #[must_use]
    pub fn has(self, flag: FlagId) -> bool {
        self.0 >> flag.index() & 1 == 1
    }

    /// This set and another.
    #[must_use]
    pub const fn and(self, other: FlagSet) -> Self {
        FlagSet(self.0 | other.0)
    }

    /// Each of them, in the order of their ids.
    pub fn iter(self) -> impl Iterator<Item = FlagId> {
        (0..Self::LIMIT).map(FlagId::new).filter(move |flag| self.has(*flag))
    }

    /// The set as bits, flag 0 lowest.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// A set of effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectSet(u32);

impl EffectSet {
    /// How many effects a system may have.
    pub const LIMIT: usize = 32;
    /// Every effect there may be.
    pub const ALL: EffectSet = EffectSet(u32::MAX);
    /// No effect.
    pub const NONE: EffectSet = EffectSet(0);

    /// This set and `effect`.
    #[must_use]
    pub fn with(self, effect: EffectId) -> Self {
        EffectSet(self.0 | 1 << effect.index())
    }

    /// Whether `effect` is in the set.
    #[must_use]
    pub fn has(self, effect: EffectId) -> bool {
        self.0 >> effect.index() & 1 == 1
    }

    /// This set and another.
    #[must_use]
    pub const fn and(self, other: EffectSet) -> Self {
        EffectSet(self.0 | other.0)
    }

    /// What both sets have.
    #[must_use]
    pub const fn common(self, other: EffectSet) -> Self {
        EffectSet(self.0 & other.0)
    }

    /// This set without what another has.
    #[must_use]
    pub const fn without(self, other: EffectSet) -> Self {
        EffectSet(self.0 & !other.0)
    }

    /// Whether there is none in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many there are in it.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Each of them, in the order of their ids.
    pub fn iter(self) -> impl Iterator<Item = EffectId> {
        (0..Self::LIMIT).map(EffectId::new).filter(move |effect| self.has(*effect))
    }
}

/// How long a caller waits before it tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    /// Always the same.
    Fixed(Span),
    /// Twice as long each time.
    Exponential {
        /// After the first failure.
        first: Span,
        /// At most.
        cap: Span,
        /// Drawn evenly between nothing and that, so that callers do not come back all at once.
        jitter: bool,
    },
}

impl Backoff {
    /// The wait after the failure of attempt `number`, counted from 0; of a jittered one, the longest.
    #[must_use]
    pub fn after(self, number: u8) -> Span {
        match self {
            Backoff::Fixed(span) => span,
            Backoff::Exponential { first, cap, .. } => {
                let doubled = 1_u64.checked_shl(u32::from(number)).map_or(cap, |factor| first.times(factor));
                doubled.min(cap)
            }
        }
    }

    /// Whether the wait is drawn.
    #[must_use]
    pub const fn jitters(self) -> bool {
        matches!(self, Backoff::Exponential { jitter: true, .. })
    }
}

/// A circuit breaker: a process that has seen a call site fail stops asking there for a while, then sends a
/// single request to see whether it is worth asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row that open it, at least 1.
    pub failures: u32,
    /// How long it stays open before it lets one request through.
    pub open: Span,
}

/// A call from one endpoint to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite {
    /// Who is called.
    pub endpoint: EndpointId,
    /// The edge of the call graph it lies on: who calls whom, whatever the version and the place in its program.
    pub edge: EdgeId,
    /// A stable hash of the callee's name and its place among calls to the same callee: part of
    /// the call path random draws are indexed by, so another call moves nobody else's luck.
    pub path: u64,
    /// How long the caller waits for one attempt; for ever without one.
    pub timeout: Option<Span>,
    /// How many more attempts after the first.
    pub retries: u8,
    /// Whether it tries again, too, when one of the two cannot read the other, or the endpoint is missing.
    pub retries_misfits: bool,
    /// How long the caller waits between attempts.
    pub backoff: Backoff,
    /// Retries allowed, as a share of the requests a process makes here; any number without one.
    pub budget: Option<Ratio>,
    /// When a process stops asking for a while.
    pub breaker: Option<Breaker>,
    /// Whether the caller goes on without an answer.
    pub optional: bool,
    /// Whether the callee is told how long the caller waits.
    pub pass_deadline: bool,
    /// Without an answer for so long, the attempt is sent once more; shorter than the timeout.
    pub hedge: Option<Span>,
    /// How the caller speaks, where the endpoint has a contract.
    pub dialect: Option<DialectId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exponential_backoff_doubles_up_to_its_cap() {
        let backoff = Backoff::Exponential { first: Span::from_millis(100), cap: Span::from_secs(1), jitter: false };
        let waits = [0, 1, 2, 3, 4, 63, 64, 255].map(|number| backoff.after(number).nanos() / 1_000_000);
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000, 1000, 1000]);
    }
}
