//! Resolving what things cost.

use super::Resolver;
use super::names::Table;
use crate::raw::{RawCosts, RawHarmCosts};
use crate::syntax::{Diagnostic, Spanned};
use model::costs::{Costs, Harmed, Month, TIERS, Upkeep};
use model::id::ServiceId;
use model::price::Price;
use std::collections::BTreeMap;

/// The most that anything costs, in millionths: what it comes to is told exactly, then.
const MOST: u64 = 1_000_000_000_000;
/// The tiers, as they are written.
const TIER_NAMES: [&str; TIERS] = ["1", "2", "3", "4", "5"];

impl Resolver<'_> {
    pub(super) fn resolve_costs(&mut self) {
        let Some(raw) = &self.raw.costs else { return };
        let mut currency = None;
        let upkeep = [
            (Upkeep::SecondSet, &raw.replica_hour),
            (Upkeep::Standby, &raw.replica_hour),
            (Upkeep::Artifact, &raw.artifact_month),
            (Upkeep::OldValue, &raw.old_value_month),
            (Upkeep::Flag, &raw.flag_month),
        ];
        let upkeep = self.prices(upkeep, &mut currency);
        let pipelines = self.pipeline_prices(raw, &mut currency);
        let false_abort = self.price(raw.false_abort.as_ref(), &mut currency);
        let responder_hour = self.price(raw.responder_hour.as_ref(), &mut currency);
        let harm = self.harm_prices(raw, &mut currency);
        let month = raw.month.as_ref().map(|raw| Month { releases: raw.releases.value, failing: raw.failing });
        if let (None, Some(month)) = (&currency, &raw.month) {
            let nothing = Diagnostic::warning(month.releases.span, "nothing has a price, so there is no bill");
            self.out.push(nothing.help("say what something costs, like `replica_hour: 0.10 USD`"));
        }
        if let Some(currency) = currency {
            let costs = Costs { currency, upkeep, pipelines, false_abort, responder_hour, harm, month };
            self.system.costs = Some(costs);
        }
    }

    /// The millionths of a price. The first that is read sets the currency of all.
    fn price(&mut self, raw: Option<&Spanned<Price>>, currency: &mut Option<String>) -> Option<u64> {
        let Spanned { value: price, span } = raw?;
        let first = currency.get_or_insert_with(|| price.currency.clone());
        if *first != price.currency {
            let message = format!("a price in {}, where others are in {first}", price.currency);
            let help = "one bill has one currency: convert what is in another one";
            self.error_with(*span, message, help);
        }
        if price.millionths > MOST {
            self.error(*span, format!("a price is at most 1,000,000 {first}"));
        }
        Some(price.millionths)
    }

    fn prices<'r, K: Ord>(
        &mut self,
        stated: impl IntoIterator<Item = (K, &'r Option<Spanned<Price>>)>,
        currency: &mut Option<String>,
    ) -> BTreeMap<K, u64> {
        let known = stated.into_iter().filter_map(|(kind, raw)| Some((kind, self.price(raw.as_ref(), currency)?)));
        known.collect()
    }

    fn pipeline_prices(&mut self, raw: &RawCosts, currency: &mut Option<String>) -> BTreeMap<ServiceId, u64> {
        let mut prices = BTreeMap::new();
        for (name, price) in raw.pipelines.iter() {
            let service = self.names.services.find(name, self.out);
            let price = self.price(Some(price), currency);
            prices.extend(service.map(ServiceId::new).zip(price));
        }
        prices
    }

    /// What harm costs in each tier: as is said for it, else as is said for all.
    fn harm_prices(&mut self, raw: &RawCosts, currency: &mut Option<String>) -> [BTreeMap<Harmed, u64>; TIERS] {
        let all = raw.harm.as_ref().map(|harm| self.prices(kinds(harm), currency)).unwrap_or_default();
        let mut tiers = [(); TIERS].map(|()| all.clone());
        for (name, harm) in raw.tiers.iter() {
            let own = self.prices(kinds(harm), currency);
            if let Some(tier) = Table::new("tier", TIER_NAMES).find(name, self.out) {
                tiers[tier].extend(own);
            }
        }
        tiers
    }
}

fn kinds(raw: &RawHarmCosts) -> [(Harmed, &Option<Spanned<Price>>); 7] {
    [
        (Harmed::Failed, &raw.failed),
        (Harmed::Slow, &raw.slow),
        (Harmed::Wrong, &raw.wrong),
        (Harmed::Record, &raw.record),
        (Harmed::Update, &raw.update),
        (Harmed::Effect, &raw.effect),
        (Harmed::Message, &raw.message),
    ]
}
