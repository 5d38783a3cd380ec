//! Waits: attempts of a call that nobody waits for.
//!
//! A call that goes on for longer than its own callers wait retries for nobody. That is certain when each caller of
//! the endpoint waits for less; one who waits for ever, or somebody outside, may see it through.

use super::{Resolver, calls::Call};
use crate::syntax::{Diagnostic, Exact};
use model::id::{EndpointId, VersionId};
use model::program::{CallSite, Op, Program};
use model::time::Span;

/// How long a call may go on when nobody answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// For one attempt; for ever without one.
    pub(super) timeout: Option<Span>,
    /// How many attempts.
    attempts: u64,
    /// All the time between them, at least.
    between: Span,
    /// Whether the callee is told.
    pub(super) told: bool,
}

impl Waits {
    /// Those of work left for later, which nobody waits for.
    pub(super) const NONE: Waits = Waits { timeout: None, attempts: 1, between: Span::ZERO, told: false };

    /// Those of a call site. A wait that is drawn may be none.
    pub(super) fn of(site: &CallSite) -> Self {
        let waits = (0..site.retries).map(|number| site.backoff.after(number));
        let longest = waits.fold(Span::ZERO, |sum, wait| sum + wait);
        Waits {
            timeout: site.timeout,
            attempts: u64::from(site.retries) + 1,
            between: if site.backoff.jitters() { Span::ZERO } else { longest },
            told: site.pass_deadline,
        }
    }

    /// All attempts of a call that is retried, when none is answered.
    fn retried(&self) -> Option<Span> {
        self.whole().filter(|_| self.attempts > 1)
    }

    /// All attempts of a call, when none is answered; for ever without one.
    fn whole(&self) -> Option<Span> {
        Some(self.timeout?.times(self.attempts) + self.between)
    }
}

/// Calls an endpoint makes one after the other, whatever the request, each of which must be answered.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// How many there are; calls made at once are one.
    steps: u32,
    /// How long the longest goes on when nobody answers, and all of them.
    longest: Span,
    whole: Span,
    /// Where the last one goes.
    last: Option<EndpointId>,
}

impl Row {
    /// That of a program. What is done under a condition is left out.
    fn of(program: &Program) -> Self {
        let mut row = Row::default();
        let mut at = 0;
        while let Some(op) = program.ops.get(at) {
            at += 1;
            match *op {
                Op::Unless { skip, .. } | Op::Lookup { skip, .. } => at += usize::from(skip),
                Op::Calls { first, count } => {
                    let (first, count) = (usize::from(first), usize::from(count));
                    row.then(&program.calls[first..first + count]);
                }
                Op::Work(_)
                | Op::Touch { .. }
                | Op::Defer { .. }
                | Op::Publish { .. }
                | Op::Receive(_)
                | Op::Cause { .. }
                | Op::Saga(_)
                | Op::Pivot
                | Op::Fail(_)
                | Op::Fill { .. }
                | Op::Invalidate { .. }
                | Op::Missing => {}
            }
        }
        row
    }

    /// Calls made at once, after those before.
    fn then(&mut self, sites: &[CallSite]) {
        let required = sites.iter().filter(|site| !site.optional);
        let waits = required.filter_map(|site| Some((Waits::of(site).whole()?, site.endpoint)));
        if let Some((wait, endpoint)) = waits.max_by_key(|(wait, _)| *wait) {
            let (longest, whole) = (self.longest.max(wait), self.whole + wait);
            *self = Row { steps: self.steps + 1, longest, whole, last: Some(endpoint) };
        }
    }
}

/// How long those who ask an endpoint wait for one attempt.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// The most patient of them; for ever without one.
    longest: Option<Span>,
    /// Whether all of them tell.
    told: bool,
}

impl Patience {
    const ENDLESS: Patience = Patience { longest: None, told: false };

    fn of(waits: Waits) -> Self {
        Patience { longest: waits.timeout, told: waits.told }
    }

    fn or(self, other: Patience) -> Self {
        let longest = self.longest.zip(other.longest).map(|(own, other)| own.max(other));
        Patience { longest, told: self.told && other.told }
    }
}

impl Resolver<'_> {
    /// Reports retries that cannot be made while anybody waits for them.
    pub(super) fn check_waits(&mut self, calls: &[Call]) {
        let patience = self.patience(calls);
        for call in calls {
            let Some(whole) = call.waits.retried() else { continue };
            let Some(Patience { longest: Some(longest), told }) = patience[call.from.index()] else { continue };
            if whole > longest {
                self.report_wait(call, whole, longest, told);
            }
        }
        for version in (0..self.system.versions.len()).map(VersionId::new) {
            self.check_rows(version, calls, &patience);
        }
    }

    /// Says which calls in a row may each be answered in time, and all of them too late.
    fn check_rows(&mut self, version: VersionId, calls: &[Call], patience: &[Option<Patience>]) {
        let own = self.system.version(version);
        let endpoints = &self.system.service(own.service).endpoints;
        let rows: Vec<_> = endpoints.iter().copied().zip(own.programs.iter().map(Row::of)).collect();
        for (endpoint, Row { steps, longest, whole, last }) in rows {
            let Some(Patience { longest: Some(patience), .. }) = patience[endpoint.index()] else { continue };
            let site = |call: &&Call| call.from == endpoint && call.version == version && Some(call.to) == last;
            if steps < 2 || longest > patience || whole <= patience {
                continue;
            }
            let Some(call) = calls.iter().rfind(site) else { continue };
            let (name, whole, patience) = (&self.system.endpoint(endpoint).name, Exact(whole), Exact(patience));
            let message = format!(
                "with this one, {steps} calls in a row may take {whole}, \
                 but whoever calls {name} waits {patience} at most"
            );
            let help = "make them shorter or at once (`parallel`), or let the callers wait longer";
            self.out.push(Diagnostic::warning(call.span, message).help(help));
        }
    }

    /// By endpoint: how long whoever asks it waits; nothing where nobody does.
    fn patience(&self, calls: &[Call]) -> Vec<Option<Patience>> {
        let mut all: Vec<Option<Patience>> = vec![None; self.system.endpoints.len()];
        let mut meet = |endpoint: EndpointId, patience: Patience| {
            let Some(known) = all.get_mut(endpoint.index()) else { return }; // it stands in for one that is not there
            *known = Some(known.map_or(patience, |known| known.or(patience)));
        };
        self.system.sources.iter().for_each(|source| meet(source.endpoint, Patience::ENDLESS));
        self.system.jobs.iter().for_each(|job| meet(job.endpoint, Patience::ENDLESS));
        calls.iter().for_each(|call| meet(call.to, Patience::of(call.waits)));
        all
    }

    /// It is a mistake, unless the caller is told in time: then it may be meant, and is cut short.
    fn report_wait(&mut self, call: &Call, whole: Span, longest: Span, told: bool) {
        let (attempts, name) = (call.waits.attempts, &self.system.endpoint(call.from).name);
        let (whole, longest) = (Exact(whole), Exact(longest));
        let message = format!(
            "the {attempts} attempts of this call may take {whole}, but whoever calls {name} waits {longest} at most"
        );
        let finding = if told {
            Diagnostic::warning(call.span, message)
                .help("the last ones are never made, because the deadline is passed on")
        } else {
            Diagnostic::error(call.span, message).help(
                "make fewer attempts or shorter ones, let the callers wait longer, or let them tell with \
                 `pass_deadline: yes`",
            )
        };
        self.out.push(finding);
    }
}
