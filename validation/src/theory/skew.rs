//! Two versions side by side: who meets both, what stays in the data, what a fault costs.
//!
//! No paper gives these; each follows in a line or two from elementary probability. f is the share of the
//! replicas on the new version.

/// Independent calls.
pub const MIXED: &str = "independent calls: 1 - f^k - (1-f)^k";
/// A rollout in equal steps.
pub const ROLLOUT: &str = "f(1-f) added up over the steps of a rollout: nearly rate D/6";
/// Uniform overwriting.
pub const OVERWRITTEN: &str = "records overwritten evenly at rate u: f (1 - exp(-ut/M))";
/// A steady repair.
pub const REPAIR: &str = "x M records at rate R: x M / R";
/// Faults that strike a share of the requests.
pub const FAULTS: &str = "a share f of the traffic, a share p of it struck: 1 / (f lambda p)";
/// Errors while a stage lasts.
pub const EXPOSURE: &str = "a share f of the traffic, a share p of it struck: f lambda p t";
/// Capacity taken away by a batch.
pub const BATCH: &str = "b of n replicas away: rho n / (n - b)";

/// The share of requests that meet both versions in k independent calls: 1 - f^k - (1-f)^k. [`MIXED`].
#[must_use]
pub fn mixed(new: f64, calls: u32) -> f64 {
    let power = |share: f64| libm::pow(share, f64::from(calls));
    1.0 - power(new) - power(1.0 - new)
}

/// Requests that write at the new version and read at the old one during a rollout of n equal steps in a time D,
/// with `gap` from writing to reading. At f = i/n they are rate f (1-f), for i from 1 to n-1, which adds up to
/// rate D/6 (1 - 1/n²); those that see the next step begin in between are rate gap f/n fewer at each.
/// [`ROLLOUT`].
#[must_use]
pub fn written_new_read_old(rate: f64, duration: f64, steps: u32, gap: f64) -> f64 {
    let n = f64::from(steps);
    rate * (duration / 6.0 * (1.0 - 1.0 / (n * n)) - gap * (n - 1.0) / (2.0 * n))
}

/// The share of M records in the new format after `seconds` of overwriting u of them a second, a share f by the
/// new version: f (1 - e^(-ut/M)). [`OVERWRITTEN`].
#[must_use]
pub fn contaminated(new: f64, overwrites: f64, records: f64, seconds: f64) -> f64 {
    new * (1.0 - libm::exp(-overwrites * seconds / records))
}

/// How long a repair of x M records takes at R of them a second. [`REPAIR`].
#[must_use]
pub fn repair(records: f64, rate: f64) -> f64 {
    records / rate
}

/// Errors per second behind a share f of the replicas, each request struck with probability p: f λ p.
/// [`FAULTS`], [`EXPOSURE`].
#[must_use]
pub fn faults(new: f64, arrivals: f64, struck: f64) -> f64 {
    new * arrivals * struck
}

/// The utilisation of the others while b of n replicas are away: ρ n / (n - b); above 1 they cannot keep up, and
/// it is how many requests come for each that is answered. [`BATCH`].
#[must_use]
pub fn utilisation_without(utilisation: f64, replicas: u32, away: u32) -> f64 {
    utilisation * f64::from(replicas) / f64::from(replicas - away)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn calls_meet_both_versions() {
        let table = [
            (0.05, 10, 0.401_263_060_765_123_6),
            (0.125, 2, 0.218_75),
            (0.125, 3, 0.328_125),
            (0.125, 5, 0.487_060_546_875),
            (0.5, 2, 0.5),
            (0.5, 3, 0.75),
            (0.5, 5, 0.9375),
        ];
        table.into_iter().for_each(|(new, calls, share)| assert_close(mixed(new, calls), share));
    }

    #[test]
    fn steps_add_up_to_nearly_a_sixth() {
        let at = |f: f64| 400.0 * (29.75 * f * (1.0 - f) + 0.25 * f * (1.0 - f - 0.05));
        let summed: f64 = (1..20).map(|i| at(f64::from(i) / 20.0)).sum();
        assert_close(written_new_read_old(400.0, 600.0, 20, 0.25), summed);
        assert_close(written_new_read_old(1.0, 6.0, 1_000_000, 0.0), 1.0);
    }

    #[test]
    fn a_new_format_spreads_to_the_share_of_its_writers() {
        assert_close(contaminated(0.5, 100.0, 10_000.0, 100.0), 0.5 * (1.0 - 0.367_879_441_171_442_33));
        assert_close(contaminated(0.5, 100.0, 10_000.0, 1e6), 0.5);
    }

    #[test]
    fn two_of_eight_away_is_one_too_many() {
        assert_close(utilisation_without(0.8, 8, 2), 1.066_666_666_666_666_7);
    }

    #[test]
    fn a_fault_is_as_rare_as_its_replicas_and_its_share() {
        assert_close(faults(0.125, 80.0, 0.01), 0.1);
        assert_close(repair(3160.0, 100.0), 31.6);
    }
}
