//! Resolving runbooks.

use super::Resolver;
use crate::raw::{RawAction, RawHop, RawRunbook, RawSafeData, RawVerification};
use crate::syntax::{Diagnostic, SourceSpan, Spanned, Text, quoted};
use model::authority::Seats;
use model::id::{SloId, StoreId, VersionId};
use model::name::Name;
use model::runbook::{Check, Hop, Runbook};
use model::time::Span;

/// How long a hop may take that says nothing: the progress deadline of a Deployment.
const WITHIN: Span = Span::from_secs(600);

/// How long an audit takes.
const AUDIT: Span = Span::from_secs(60);

/// Over how long few errors have to be seen where nothing is said.
const WINDOW: Span = Span::from_secs(60);

impl Resolver<'_> {
    pub(super) fn resolve_runbooks(&mut self, seats: &Seats) {
        let raw = self.raw;
        for (name, stated) in raw.runbooks.iter() {
            let runbook = self.runbook(name, stated, seats);
            self.system.runbooks.push(runbook);
        }
    }

    fn runbook(&mut self, name: &Text, raw: &RawRunbook, seats: &Seats) -> Runbook {
        if raw.hops.is_empty() {
            let help = "say what is to be done: `hops: [{do: {undo: SERVICE}}]`";
            self.error_with(name.span, format!("the runbook {} has no hops", quoted(&name.value)), help);
        }
        let services = raw.takes_back.0.iter().filter_map(|service| self.service_id(service));
        let takes_back = services.collect();
        let hops = raw.hops.iter().filter_map(|hop| self.hop(hop, seats)).collect();
        Runbook { name: Name::new(&name.value), about: raw.about.clone(), takes_back, hops }
    }

    fn hop(&mut self, Spanned { value: raw, span }: &Spanned<RawHop>, seats: &Seats) -> Option<Hop> {
        if raw.act.is_none() && raw.verify.0.is_empty() {
            let help = "give it a `do`, a `verify`, or both";
            self.error_with(*span, "this hop neither does nor verifies anything", help);
        }
        if let Some(RawAction::Follow(order)) = &raw.act {
            let help = "write its hops here";
            self.error_with(order.follow.span, "a runbook does not lead into another one", help);
        }
        let order = match &raw.act {
            Some(action) => Some(self.action(action, seats)?),
            None => None,
        };
        self.warn_external(*span, order.as_ref());
        self.warn_untaken(*span, order.as_ref());
        let who = raw.who.as_ref().and_then(|name| self.responding(name, seats));
        let checks: Vec<_> = raw.verify.0.iter().filter_map(|check| self.verification(check)).collect();
        let within = self.at_least(raw.within.as_ref(), WITHIN, Span::SECOND, "a hop may take");
        self.warn_of_short_hop(*span, &checks, within);
        Some(Hop { order, who, checks, within })
    }

    fn verification(&mut self, raw: &RawVerification) -> Option<Check> {
        match raw {
            RawVerification::Clear(raw) => Some(Check::Clear(self.alert_id(&raw.clear)?)),
            RawVerification::Errors(raw) => {
                let slo = SloId::new(self.names.slos.find(&raw.errors, self.out)?);
                let window = self.at_least(raw.over.as_ref(), WINDOW, Span::SECOND, "a window is");
                Some(Check::Errors { slo, most: raw.most, window })
            }
            RawVerification::Backlog(raw) => {
                Some(Check::Backlog { job: self.job_named(&raw.backlog)?, most: raw.most })
            }
            RawVerification::Lag(raw) => Some(Check::Lag { group: self.group_id(&raw.lag)?, most: raw.most }),
            RawVerification::Data(raw) => self.safe(raw),
        }
    }

    fn safe(&mut self, raw: &RawSafeData) -> Option<Check> {
        let store = self.store_named(&raw.data);
        let version = self.version(&raw.safe_for);
        let (store, (_, version)) = (store?, version?);
        if !self.uses(version, store) {
            let message = format!("{} does not use {}", quoted(&raw.safe_for.value), quoted(&raw.data.value));
            let help = "an audit says for a version that uses the store whether it could live with what is in it";
            self.error_with(raw.safe_for.span, message, help);
        }
        Some(Check::Safe { store, version })
    }

    fn uses(&self, version: VersionId, store: StoreId) -> bool {
        self.system.accesses.iter().any(|access| access.store == store && access.version == version)
    }

    /// Says so when a hop is over before a window of it can have passed.
    fn warn_of_short_hop(&mut self, span: SourceSpan, checks: &[Check], within: Span) {
        let windows = checks.iter().filter_map(|check| match check {
            Check::Errors { window, .. } => Some(*window),
            Check::Safe { .. } => Some(AUDIT),
            Check::Clear(_) | Check::Backlog { .. } | Check::Lag { .. } => None,
        });
        if windows.max().is_some_and(|window| window >= within) {
            let message = "what has to be seen takes longer than this hop may, so it is never verified";
            self.out.push(Diagnostic::warning(span, message).help("give it more time, or a shorter window"));
        }
    }
}
