//! What retries do to load. Attempts are counted, not retries: r retries are r + 1 attempts.

/// Three layers of four attempts.
pub const SRE_LAYERS: &str = "Site Reliability Engineering (2016), ch. 22: 64 attempts on the database";
/// Five layers of three attempts.
pub const AWS_LAYERS: &str = "Amazon Builders' Library, Timeouts, retries and backoff with jitter: 243 times";
/// A cap of three attempts.
pub const SRE_CAP: &str = "Site Reliability Engineering (2016), ch. 21: a cap of three attempts, up to 3x";
/// A budget of 10 %.
pub const SRE_BUDGET: &str = "Site Reliability Engineering (2016), ch. 21: a budget of 10 %, about 1.1x";
/// Attempts that fail independently.
pub const GEOMETRIC: &str = "sum of a geometric series: (1 - p^(r+1)) / (1 - p)";

/// Attempts per request when each fails with probability p and is followed by at most r others:
/// 1 + p + ... + p^r. [`GEOMETRIC`].
#[must_use]
pub fn attempts(failing: f64, retries: u32) -> f64 {
    (0..=retries).fold((0.0, 1.0), |(sum, power), _| (sum + power, power * failing)).0
}

/// Attempts per request when everything fails and retries may be a share b of the requests: 1 + b.
/// [`SRE_BUDGET`].
#[must_use]
pub fn attempts_within(budget: f64) -> f64 {
    1.0 + budget
}

/// Attempts at the bottom of so many layers that each make so many, when everything fails: their product.
/// [`SRE_LAYERS`], [`AWS_LAYERS`].
#[must_use]
pub fn attempts_at_the_leaf(attempts_per_layer: &[u32]) -> f64 {
    attempts_per_layer.iter().map(|attempts| f64::from(*attempts)).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn layers_multiply() {
        assert_close(attempts_at_the_leaf(&[4; 3]), 64.0);
        assert_close(attempts_at_the_leaf(&[3; 5]), 243.0);
    }

    #[test]
    fn a_budget_bounds_the_load_however_much_fails() {
        assert_close(attempts_within(0.1), 1.1);
    }

    #[test]
    fn attempts_are_a_geometric_sum() {
        let table = [(0.1, 3, 1.111), (0.5, 2, 1.75), (0.9, 4, 4.0951), (1.0, 2, 3.0), (1.0, 4, 5.0)];
        table.into_iter().for_each(|(failing, retries, factor)| assert_close(attempts(failing, retries), factor));
    }
}
