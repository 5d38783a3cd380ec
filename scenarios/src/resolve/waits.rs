//! Waits: attempts of a call that nobody waits for.
//!
//! A call that goes on for longer than its own callers wait retries for nobody. That is certain when each caller of
//! the endpoint waits for less; one who waits for ever, or somebody outside, may see it through.

use super::{Resolver, calls::Call};
use crate::syntax::{Diagnostic, Exact};
use model::id::EndpointId;
use model::program::CallSite;
use model::time::Span;

/// How long a call may go on when nobody answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// For one attempt; for ever without one.
    timeout: Option<Span>,
    /// How many attempts.
    attempts: u64,
    /// All the time between them, at least.
    between: Span,
    /// Whether the callee is told.
    told: bool,
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
        let timeout = self.timeout.filter(|_| self.attempts > 1)?;
        Some(timeout.times(self.attempts) + self.between)
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
