//! What things cost, as it is written.

use crate::syntax::{Map, Spanned, record};
use model::price::Price;
use model::ratio::Ratio;

record! {
    /// What things cost, all in one currency. What has no price is not in the bill.
    pub struct RawCosts as "costs" {
        /// A replica for an hour: an amount and a currency, `0.10 USD`.
        replica_hour: Option<Spanned<Price>>,
        /// An artifact that one could go back to, in the registry for a month.
        artifact_month: Option<Spanned<Price>>,
        /// A value of a table that is there in the old form, too, for a month.
        old_value_month: Option<Spanned<Price>>,
        /// A flag that the code looks at, for a month.
        flag_month: Option<Spanned<Price>>,
        /// The pipeline of a service, for a month.
        pipelines: Map<Spanned<Price>>,
        /// A release that a controller takes back although nothing was wrong with it.
        false_abort: Option<Spanned<Price>>,
        /// Somebody who responds, for an hour.
        responder_hour: Option<Spanned<Price>>,
        /// What harm costs, each time.
        harm: Option<RawHarmCosts>,
        /// Where that is different for services of a workload tier: by tier, from 1 to 5.
        tiers: Map<RawHarmCosts>,
        /// What a month is like: with it, the bill says what a month comes to.
        month: Option<RawMonth>,
    }
}

record! {
    /// What harm costs, each time.
    pub struct RawHarmCosts as "the costs of harm" {
        /// A request from outside without a result.
        failed: Option<Spanned<Price>>,
        /// One whose result comes too late.
        slow: Option<Spanned<Price>>,
        /// One with a wrong result.
        wrong: Option<Spanned<Price>>,
        /// A record that is damaged, loses a field, or is taken away by a restore.
        record: Option<Spanned<Price>>,
        /// An update that a restore undoes.
        update: Option<Spanned<Price>>,
        /// An effect outside that should not be there.
        effect: Option<Spanned<Price>>,
        /// A message that does not do what it is for.
        message: Option<Spanned<Price>>,
    }
}

record! {
    /// What a month is like.
    pub struct RawMonth as "a month" {
        /// How many releases there are.
        releases: Spanned<u32>,
        /// The share of them that go wrong as this one does.
        failing: Ratio,
    }
}
