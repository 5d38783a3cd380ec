//! Laws stated by percentiles: ascending, and kept in the model.

use super::Resolver;
use crate::raw::RawPercentiles;
use crate::syntax::quoted;
use model::id::PercentilesId;
use model::law::{Law, Percentile, Percentiles};
use model::ratio::Ratio;
use model::time::Span;

/// How many different tables a scenario may have.
const TABLES_MAX: usize = 4096;

impl Resolver<'_> {
    pub(super) fn percentiles(&mut self, raw: &RawPercentiles) -> Law {
        if self.out.is_unread(raw.span) {
            return Law::NONE;
        }
        if raw.points.len() < 2 {
            self.error_with(raw.span, "one percentile is no distribution", "give at least two, like `p50` and `p99`");
            return Law::NONE;
        }
        self.ascending(raw);
        let points = raw.points.iter().map(|(share, time)| Percentile { share: share.value, time: time.value });
        let table = Percentiles::new(points.collect());
        table.map_or(Law::NONE, |table| Law::Percentiles(self.kept(raw, table)))
    }

    fn ascending(&mut self, raw: &RawPercentiles) {
        let (_, least) = &raw.points[0];
        if least.value == Span::ZERO {
            self.error_with(least.span, "a percentile is above zero", "write `1ns` for next to nothing");
        }
        for pair in raw.points.windows(2) {
            let [(low, shorter), (high, longer)] = pair else { continue };
            if low.value == high.value {
                self.error(high.span, "this percentile is there already");
            } else if longer.value < shorter.value {
                let names = [low, high].map(|share| quoted(&percentile_name(share.value)));
                self.error(longer.span, format!("{} is below {}", names[1], names[0]));
            }
        }
    }

    /// The place of a table in the model: equal ones share it.
    fn kept(&mut self, raw: &RawPercentiles, table: Percentiles) -> PercentilesId {
        let tables = &mut self.system.percentiles;
        let place = tables.iter().position(|own| *own == table).unwrap_or(tables.len());
        if place == tables.len() && place < TABLES_MAX {
            tables.push(table);
        }
        if place == TABLES_MAX {
            self.error(raw.span, format!("more than {TABLES_MAX} different tables of percentiles"));
        }
        PercentilesId::new(place.min(TABLES_MAX - 1))
    }

    /// About the median of a law, to tell what happens all the time from what does not: a table has none below its
    /// first point.
    pub(super) fn usual(&self, law: Law) -> Span {
        match law {
            Law::Constant(span) | Law::Lognormal { p50: span, .. } => span,
            Law::Exponential { mean } => Span::from_nanos(mean.nanos() / 1000 * 693),
            Law::Percentiles(id) => {
                let points = self.system.percentiles[id.index()].points();
                let half = Ratio::ONE.ppb() / 2;
                let upper = points.iter().find(|point| point.share.ppb() >= half);
                upper.or(points.last()).map_or(Span::ZERO, |point| point.time)
            }
        }
    }
}

/// `p99.9`, for a share of 99.9 %.
fn percentile_name(share: Ratio) -> String {
    format!("p{}", f64::from(share.ppb()) / 1e7)
}
