//! Sagas: which effects are out when one fails half way, and who takes them back.

use super::Resolver;
use super::calls::Call;
use super::programs::Draft;
use super::waits::Waits;
use crate::raw::RawSaga;
use crate::syntax::{Diagnostic, SourceSpan};
use model::id::{EndpointId, VersionId};
use model::program::{EffectSet, Op, Program};

/// A saga that was compiled, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Site {
    version: VersionId,
    endpoint: EndpointId,
    span: SourceSpan,
}

impl Resolver<'_> {
    /// The steps of a saga between two marks, and what is left for later behind them.
    pub(super) fn saga(&mut self, draft: &mut Draft<'_>, saga: &RawSaga) {
        if !draft.program.saga_at(u16::MAX).is_empty() {
            let help = "put the inner one into an endpoint of its own, and call it";
            return self.error_with(saga.saga.span, "a saga within a saga", help);
        }
        // Until all programs are known, any effect may be one of it.
        draft.program.ops.push(Op::Saga(EVERY));
        self.ops(draft, &saga.saga.value);
        self.ops(draft, &saga.pivot);
        draft.program.ops.push(Op::Pivot);
        for job in &saga.forward.0 {
            let op = self.later(draft, job);
            draft.program.ops.extend(op);
        }
        self.sagas.push(Site { version: draft.version, endpoint: draft.endpoint, span: saga.saga.span });
    }

    /// Says of each saga which effects it has to take back: those that can be, and that it may cause.
    pub(super) fn resolve_sagas(&mut self) {
        if self.sagas.is_empty() {
            return;
        }
        let caused = self.caused();
        let effects = self.system.effects.iter().zip((0..).map(model::id::EffectId::new));
        let back = effects.filter(|(effect, _)| effect.compensation.is_some());
        let back = back.fold(EffectSet::NONE, |set, (_, effect)| set.with(effect));
        for site in self.sagas.clone() {
            let place = self.system.endpoint(site.endpoint).place;
            let programs = &mut self.system.versions[site.version.index()].programs;
            let Some(program) = programs.get_mut(place) else { continue };
            let all = mark(program, &caused, back);
            self.check_saga(site, all);
        }
    }

    /// By endpoint: the effects a request to it may cause in any version before it is answered.
    fn caused(&self) -> Vec<EffectSet> {
        let mut caused = vec![EffectSet::NONE; self.system.endpoints.len()];
        loop {
            let before = caused.clone();
            for (index, endpoint) in self.system.endpoints.iter().enumerate() {
                let versions = self.system.service(endpoint.service).versions.iter();
                let programs = versions.filter_map(|id| self.system.version(*id).programs.get(endpoint.place));
                let all = programs.map(|program| of_ops(program, &program.ops, &before));
                caused[index] = all.fold(caused[index], EffectSet::and);
            }
            if caused == before {
                return caused;
            }
        }
    }

    /// What a saga takes back is work it leaves; one that takes nothing back is odd.
    fn check_saga(&mut self, site: Site, effects: EffectSet) {
        // What could not be read may have been what is taken back.
        if effects.is_empty() && !self.out.has_errors() {
            let message = "nothing in this saga can be taken back: when it fails, its effects stay";
            let help = "give its effects a `compensate:`";
            self.out.push(Diagnostic::warning(site.span, message).help(help));
        }
        let jobs = effects.iter().filter_map(|effect| self.system.effect(effect).compensation);
        let calls = jobs.map(|compensation| Call {
            from: site.endpoint,
            version: site.version,
            to: self.system.job(compensation.job).endpoint,
            span: site.span,
            later: true,
            waits: Waits::NONE,
        });
        self.calls.extend(calls.collect::<Vec<_>>());
    }
}

/// Stands in the mark of a saga until its effects are known: not empty, so that one within is found.
const EVERY: EffectSet = EffectSet::ALL;

/// Gives each saga of a program what it takes back; says what that is in all of them.
fn mark(program: &mut Program, caused: &[EffectSet], back: EffectSet) -> EffectSet {
    let mut all = EffectSet::NONE;
    let begins: Vec<_> = (0..program.ops.len()).filter(|at| matches!(program.ops[*at], Op::Saga(_))).collect();
    for at in begins {
        let end = program.ops[at..].iter().position(|op| *op == Op::Pivot).map_or(program.ops.len(), |len| at + len);
        let effects = of_ops(program, &program.ops[at..end], caused).common(back);
        program.ops[at] = Op::Saga(effects);
        all = all.and(effects);
    }
    all
}

/// The effects some operations of a program may cause, their calls included.
fn of_ops(program: &Program, ops: &[Op], caused: &[EffectSet]) -> EffectSet {
    ops.iter().fold(EffectSet::NONE, |set, op| match op {
        Op::Cause { effect, .. } => set.with(*effect),
        Op::Calls { .. } => program.calls_of(op).iter().fold(set, |set, call| set.and(caused[call.endpoint.index()])),
        Op::Work(_)
        | Op::Touch { .. }
        | Op::Defer { .. }
        | Op::Publish { .. }
        | Op::Receive(_)
        | Op::Saga(_)
        | Op::Pivot
        | Op::Fail(_)
        | Op::Missing
        | Op::Lookup { .. }
        | Op::Fill { .. }
        | Op::Invalidate { .. }
        | Op::Unless { .. } => set,
    })
}
