//! When alerts fire.

/// Multi-window, multi-burn-rate alerts.
pub const BURN_RATE: &str = "The Site Reliability Workbook (2018), ch. 5: burn (1 - SLO) window / error ratio";

/// How long after a step from no errors to this share of them an alert fires, in the unit of the window:
/// burn (1 - SLO) window / share; never when the share is below burn (1 - SLO). [`BURN_RATE`].
///
/// Traffic is steady, and the long window decides: the short one is reached earlier by as much as it is shorter.
#[must_use]
pub fn detection(burn: f64, slo: f64, window: f64, share: f64) -> Option<f64> {
    let threshold = burn * (1.0 - slo);
    (share >= threshold).then(|| threshold * window / share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn the_fewer_errors_the_longer_it_takes() {
        let table = [(1.0, 51.84), (0.5, 103.68), (0.1, 518.4), (0.05, 1036.8)];
        for (share, seconds) in table {
            assert_close(detection(14.4, 0.999, 3600.0, share).expect("above the threshold"), seconds);
        }
        assert_close(detection(6.0, 0.999, 21_600.0, 0.01).expect("above the threshold"), 12_960.0);
    }

    #[test]
    fn below_the_threshold_it_never_fires() {
        assert_eq!(detection(14.4, 0.999, 3600.0, 0.013), None);
        assert_eq!(detection(1.0, 0.999, 259_200.0, 0.000_9), None);
    }
}
