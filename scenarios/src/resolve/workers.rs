//! Workers: how they are shared, how they get warm, how they break down.

use super::Resolver;
use crate::raw::{RawBreakdowns, RawDiscipline, RawService, RawWarmup};
use crate::syntax::Spanned;
use model::time::Span;
use model::workers::{Breakdowns, Discipline, Warmup};

impl Resolver<'_> {
    pub(super) fn drops_expired(&mut self, raw: &RawService) -> bool {
        let Some(Spanned { value, span }) = raw.drop_expired else { return false };
        if value && discipline(raw) == Discipline::ProcessorSharing {
            let help = "leave `drop_expired` out, or say `discipline: fifo`";
            self.error_with(span, "where all requests are worked on at once none waits to be dropped", help);
        }
        value
    }

    pub(super) fn breakdowns(&mut self, raw: &RawBreakdowns) -> Breakdowns {
        let up = self.law(&raw.up.value);
        if self.usual(up) < Span::from_millis(1) {
            let help = "a replica that is up for a millisecond at a time is as good as slow: see `faults`";
            self.error_with(raw.up.span, "replicas that break down again at once", help);
        }
        Breakdowns { up, down: self.law(&raw.down) }
    }

    pub(super) fn warmup(&mut self, raw: &RawWarmup) -> Warmup {
        const RANGE: std::ops::RangeInclusive<u64> = 1000..=1_000_000;
        let lasts = self.at_least(Some(&raw.lasts), Span::ZERO, Span::from_nanos(1), "a warm-up lasts");
        let given = self.thousandths(&raw.slowdown, "a factor", "3");
        if given.is_some_and(|given| !RANGE.contains(&given)) {
            self.error_with(raw.slowdown.span, "a slowdown is from 1 to 1000", "3 is three times as slow");
        }
        let slowdown_thousandths = given.unwrap_or(1000).clamp(*RANGE.start(), *RANGE.end());
        Warmup { lasts: lasts.max(Span::from_nanos(1)), slowdown_thousandths }
    }
}

pub(super) fn discipline(raw: &RawService) -> Discipline {
    match raw.discipline {
        None | Some(RawDiscipline::Fifo) => Discipline::FirstComeFirstServed,
        Some(RawDiscipline::ProcessorSharing) => Discipline::ProcessorSharing,
    }
}
