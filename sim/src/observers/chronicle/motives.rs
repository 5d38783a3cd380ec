//! Why a version comes to do something at all: the flags and configs under which it does, and why what has it do that
//! is asked of it. What it does somewhere whatever the flags, asked since the start, needs no reason.

use super::{Chronicle, EntryId};
use crate::world::World;
use model::System;
use model::access::{Access, Verb};
use model::id::{AccessId, DialectId, EffectId, FlagId, FormatId, StoreId, VersionId};
use model::program::{Gated, Op, Program};
use std::collections::BTreeSet;

/// Something that versions do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Matter {
    /// Reading records of a store, messages, or entries of a cache.
    Reads(StoreId),
    /// Changing records of a store.
    Changes(StoreId),
    /// Making records of a store, or messages.
    Makes(StoreId),
    /// Putting records into a format.
    Writes(StoreId, FormatId),
    /// Doing something outside.
    Causes(EffectId),
    /// Asking something in its own words.
    Asks(DialectId),
}

impl World {
    /// What has a version do something; nothing, where it does so anyway. It is kept until the next change.
    pub(super) fn motives(&mut self, version: VersionId, matter: Matter) -> Vec<EntryId> {
        if !self.chronicle.lasting.is_any() {
            return vec![];
        }
        if let Some(known) = self.chronicle.lasting.motives(version, matter) {
            return known.to_vec();
        }
        let found: Vec<_> = self.why_done(version, matter).into_iter().collect();
        self.chronicle.lasting.keep_motives(version, matter, found.clone());
        found
    }

    /// The same, looked up anew.
    pub(super) fn why_done(&self, version: VersionId, matter: Matter) -> BTreeSet<EntryId> {
        let system = &self.model.system;
        let mut all = BTreeSet::new();
        for endpoint in system.service(system.version(version).service).endpoints.iter().copied() {
            let Some(asked) = self.why_asked(endpoint) else { continue };
            let program = system.program(version, endpoint);
            for at in 0..program.ops.len() {
                let Some(flags) = self.open_under(program, at, matter) else { continue };
                let own: BTreeSet<_> =
                    flags.into_iter().filter_map(|flag| self.why_on(flag)).chain(asked.iter().copied()).collect();
                if own.is_empty() {
                    return own;
                }
                all.extend(own);
            }
        }
        all
    }

    /// What has an effect be done at all, by a version or by any that has served: motives, and what brought in a
    /// version that does it where the one before the run does not. Nothing, where one does so anyway.
    pub(super) fn behind_doing(&mut self, effect: EffectId, by: Option<VersionId>) -> Vec<EntryId> {
        if let Some(known) = self.chronicle.lasting.doing(effect, by) {
            return known.to_vec();
        }
        let versions = by.map_or_else(|| self.served.iter().copied().collect(), |by| vec![by]);
        let doers = versions.into_iter().filter(|version| self.does(*version, Matter::Causes(effect)));
        let found: Vec<_> = doers.map(|version| self.why_caused(effect, version)).collect();
        let is_usual = found.iter().any(BTreeSet::is_empty);
        let found: BTreeSet<_> = found.into_iter().flatten().filter(|_| !is_usual).collect();
        let found: Vec<_> = found.into_iter().collect();
        self.chronicle.lasting.keep_doing(effect, by, found.clone());
        found
    }

    fn why_caused(&self, effect: EffectId, version: VersionId) -> BTreeSet<EntryId> {
        let system = &self.model.system;
        let mut why = self.why_done(version, Matter::Causes(effect));
        if !self.does(system.service(system.version(version).service).initial, Matter::Causes(effect)) {
            why.extend(self.brought(Some(version)));
        }
        why
    }

    /// Whether a version does something, under whatever flags.
    fn does(&self, version: VersionId, matter: Matter) -> bool {
        let system = &self.model.system;
        let mut programs = system.version(version).programs.iter();
        programs.any(|program| program.ops.iter().any(|op| matter.gates_at(system, program, op).is_some()))
    }

    /// Whether a version does something where it is asked, under flags that have been on.
    pub(super) fn is_done(&self, version: VersionId, matter: Matter) -> bool {
        let system = &self.model.system;
        let mut endpoints = system.service(system.version(version).service).endpoints.iter().copied();
        endpoints.any(|endpoint| {
            let program = system.program(version, endpoint);
            let mut ops = 0..program.ops.len();
            self.why_asked(endpoint).is_some() && ops.any(|at| self.open_under(program, at, matter).is_some())
        })
    }

    /// The flags under which a program comes to do something at an operation; none where it does not, or where some of
    /// them have never been on.
    fn open_under(&self, program: &Program, at: usize, matter: Matter) -> Option<Vec<FlagId>> {
        let system = &self.model.system;
        let gates = matter.gates_at(system, program, &program.ops[at])?;
        let has_been_on = |flag: &FlagId| system.flag(*flag).initial.is_on() || self.why_on(*flag).is_some();
        let is_open = gates.is_empty() || gates.iter().any(has_been_on);
        let guards: Vec<_> = program.guards(at).iter().collect();
        (is_open && guards.iter().all(has_been_on)).then(|| guards.into_iter().chain(gates).collect())
    }
}

impl Chronicle {
    /// What a record is as it is because of that a version trips over, as an entry tells: not that somebody read it.
    pub(crate) fn but_for_reading(&self, id: EntryId) -> impl Iterator<Item = EntryId> {
        let occasions = self.occasions.get(&id);
        let because = &self.entries[id as usize - 1].because;
        because.iter().copied().filter(move |led| occasions.is_none_or(|own| !own.contains(led)))
    }

    /// Whether an entry is told again only because of something else that has a version read such records.
    pub(crate) fn is_only_read_again(&self, id: EntryId) -> bool {
        let own = &self.entries[id as usize - 1];
        let mut earlier = self.entries[..id as usize - 1].iter();
        self.occasions.contains_key(&id)
            && earlier.any(|other| {
                other.who == own.who
                    && other.what.is_alike(&own.what)
                    && self.but_for_reading(other.id).eq(self.but_for_reading(id))
            })
    }
}

impl Matter {
    /// The flags of which one has to be on for an operation to be that; none where it never is.
    fn gates_at(self, system: &System, program: &Program, op: &Op) -> Option<Vec<FlagId>> {
        match (self, op) {
            (Matter::Causes(effect), Op::Cause { effect: own, .. }) => (effect == *own).then(Vec::new),
            (Matter::Asks(dialect), Op::Defer { dialect: own, .. }) => (Some(dialect) == *own).then(Vec::new),
            (Matter::Asks(dialect), Op::Calls { .. }) => {
                let mut calls = program.calls_of(op).iter();
                calls.any(|call| call.dialect == Some(dialect)).then(Vec::new)
            }
            (Matter::Causes(_) | Matter::Asks(_), _) => None,
            _ => self.gates_of(system, program, op),
        }
    }

    /// The same, of something done with records. Which of several statements has made a row is not told apart: each may
    /// have.
    fn gates_of(self, system: &System, program: &Program, op: &Op) -> Option<Vec<FlagId>> {
        let (gates, always) = touched(program, op);
        if always.is_some_and(|access| self.is_done_by(system.access(access))) {
            return Some(vec![]);
        }
        let own: Vec<&Gated> = gates.iter().filter(|gate| self.is_done_by(system.access(gate.access))).collect();
        let makes_rows = |gate: &Gated| matches!(system.access(gate.access).verb, Verb::Insert(_));
        let is_free = own.iter().any(|gate| gate.flag.is_none() && !makes_rows(gate));
        let flags = own.iter().filter(|_| !is_free).filter_map(|gate| gate.flag).collect();
        (!own.is_empty()).then_some(flags)
    }

    /// Whether an access is that.
    pub(super) fn is_done_by(self, access: &Access) -> bool {
        let at = |store| access.store == store;
        match self {
            Matter::Reads(store) => at(store) && access.reader().is_some(),
            Matter::Changes(store) => at(store) && matches!(access.verb, Verb::Rewrite(_) | Verb::Update(_)),
            Matter::Makes(store) => at(store) && matches!(access.verb, Verb::Create(_) | Verb::Insert(_)),
            Matter::Writes(store, format) => at(store) && puts_into(&access.verb, format),
            Matter::Causes(_) | Matter::Asks(_) => false,
        }
    }
}

/// Whether an access makes records of a format of others, or of none. A statement makes rows in whatever state the
/// table is in.
fn puts_into(verb: &Verb, format: FormatId) -> bool {
    match verb {
        Verb::Create(create) => create.format == format,
        Verb::Rewrite(rewrite) => {
            let targets = rewrite.target.iter().enumerate();
            targets.into_iter().any(|(from, to)| *to == format && from != format.index())
        }
        Verb::Insert(_) => true,
        Verb::Read(_) | Verb::Update(_) => false,
    }
}

/// The gates by which an operation gets at a record, and how it does so whatever the flags.
fn touched<'a>(program: &'a Program, op: &Op) -> (&'a [Gated], Option<AccessId>) {
    let among = |first: u16, count: u16| &program.gates[usize::from(first)..][..usize::from(count)];
    match *op {
        Op::Touch { first, count } | Op::Publish { first, count, .. } => (among(first, count), None),
        Op::Receive(access) => (&[], Some(access)),
        Op::Lookup { side: Some(side), .. }
        | Op::Fill { side: Some(side), .. }
        | Op::Invalidate { side: Some(side), .. } => {
            let side = &program.sides[usize::from(side)];
            (among(side.first, side.count), matches!(op, Op::Lookup { .. }).then_some(side.read))
        }
        _ => (&[], None),
    }
}
