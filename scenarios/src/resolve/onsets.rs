//! When faults strike: at a time, again and again, or when something comes to hold.

use super::names::Table;
use super::{Resolver, instant};
use crate::raw::{RawLaw, RawOnset};
use crate::syntax::{Diagnostic, Scalar, SourceSpan, Spanned, Text, quoted};
use model::fault::{Condition, Onset};
use model::id::{AlertId, ServiceId};
use model::law::Law;
use model::ratio::Ratio;
use model::time::Span;

/// How a condition is written.
const CONDITIONS: &str =
    "write `payments rollout > 50 %`, with a version instead of `rollout` for that one only, or `alert NAME`";

impl Resolver<'_> {
    /// When a fault strikes. It is said in one way only.
    pub(super) fn onset(&mut self, fault: SourceSpan, raw: &RawOnset) -> Option<Onset> {
        if let Some(at) = raw.at {
            self.warn_after_the_end(at, "this fault strikes");
        }
        if let (Some(after), None) = (raw.after, raw.when) {
            self.error_with(after.span, "`after` counts from when a condition comes to hold", "say `when`, or `at`");
            return None;
        }
        match (raw.at, raw.when, raw.every) {
            (Some(at), None, None) => Some(Onset::At(instant(at.value))),
            (at, None, Some(law)) => {
                let from = instant(at.map_or(Span::ZERO, |at| at.value));
                Some(Onset::Every { law: self.hazard(law), from })
            }
            (None, Some(when), None) => {
                let after = raw.after.map_or(Span::ZERO, |after| after.value);
                Some(Onset::When { condition: self.condition(when)?, after })
            }
            (None, None, None) => {
                let help = "say `at: 5m`, `when: SERVICE rollout > 50 %` or `every: {mean: 20m}`";
                self.error_with(fault, "nothing says when this fault strikes: missing key `at`", help);
                None
            }
            (Some(_), Some(when), _) | (None, Some(when), Some(_)) => {
                let other = if raw.every.is_some() { "every" } else { "at" };
                let message = format!("`when` and `{other}` cannot stand together in a fault");
                self.error_with(when.span, message, "make two faults of it, or remove one of the keys");
                None
            }
        }
    }

    /// What comes again at once would come for ever.
    fn hazard(&mut self, raw: &Spanned<RawLaw>) -> Law {
        let law = self.law(&raw.value);
        let least = match law {
            Law::Constant(span) | Law::Exponential { mean: span } | Law::Lognormal { p50: span, .. } => Some(span),
            Law::Percentiles(_) => None, // all of its times are above zero
        };
        if least.is_some_and(|span| span < Span::SECOND) {
            self.error_with(raw.span, "a fault does not come more than once a second", "write a longer time");
        }
        law
    }

    fn condition(&mut self, when: &Text) -> Option<Condition> {
        let words: Vec<&str> = when.value.split_whitespace().collect();
        match words.as_slice() {
            ["alert", name] => {
                let name = Text { value: (*name).to_owned(), span: when.span };
                Some(Condition::Alert(AlertId::new(self.names.alerts.find(&name, self.out)?)))
            }
            [service, what, ">", share @ ..] if !share.is_empty() => {
                self.running(when.span, service, what, &share.join(" "))
            }
            _ => {
                self.error_with(when.span, format!("{} is no condition", quoted(&when.value)), CONDITIONS);
                None
            }
        }
    }

    /// More than a share of the replicas of a service run a version, or any that it does not start with.
    fn running(&mut self, span: SourceSpan, service: &str, what: &str, share: &str) -> Option<Condition> {
        let beyond = self.share_of_replicas(span, share);
        let name = Text { value: service.to_owned(), span };
        let id = ServiceId::new(self.names.services.find(&name, self.out)?);
        let own = self.system.services.get(id.index())?.versions.clone();
        let labels = own.iter().map(|version| self.system.version(*version).label.clone());
        let table = Table::new("version", labels.chain(["rollout".to_owned()]));
        let at = table.find(&Text { value: what.to_owned(), span }, self.out)?;
        Some(Condition::Runs { service: id, version: own.get(at).copied(), beyond: beyond? })
    }

    fn share_of_replicas(&mut self, span: SourceSpan, share: &str) -> Option<Ratio> {
        let Ok(beyond) = Ratio::parse(share) else {
            self.out.push(Diagnostic::error(span, format!("{} is not {}", quoted(share), Ratio::WANTED)));
            return None;
        };
        if beyond == Ratio::ONE {
            self.error_with(span, "there is no more than all of the replicas", "write a share below 100 %");
            return None;
        }
        Some(beyond)
    }
}
