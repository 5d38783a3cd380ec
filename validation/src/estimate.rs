//! Estimates: what independent runs say together, and how sure that is.

/// The mean of independent runs, and the half-width of its 99.99 % confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean of the runs.
    pub mean: f64,
    /// The true mean is within this of it in 9,999 of 10,000 cases, if the runs are about normal.
    pub half_width: f64,
}

/// The 99.995 % quantiles of Student's t for 1 to 9 degrees of freedom: two-sided 99.99 %.
const T_99995: [f64; 9] = [6366.198, 99.992, 28.000, 15.544, 11.178, 9.082, 7.885, 7.120, 6.594];

/// The 99.995 % quantile of the standard normal distribution.
const Z_99995: f64 = 3.890_592;

impl Estimate {
    /// What these runs say. A single run says nothing about how sure it is.
    #[must_use]
    pub fn of(runs: &[f64]) -> Self {
        let count = float(runs.len() as u64);
        let mean = runs.iter().sum::<f64>() / count;
        if runs.len() < 2 {
            return Estimate { mean, half_width: f64::INFINITY };
        }
        let squares: f64 = runs.iter().map(|run| (run - mean) * (run - mean)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        Estimate { mean, half_width: t_99995(runs.len() - 1) * error }
    }
}

/// The 99.995 % quantile of Student's t. Beyond the table by its expansion in 1/degrees (M. Abramowitz and
/// I. A. Stegun, "Handbook of Mathematical Functions" (1964), 26.7.5), which is within 0.6 % there.
fn t_99995(degrees: usize) -> f64 {
    if let Some(t) = degrees.checked_sub(1).and_then(|at| T_99995.get(at)) {
        return *t;
    }
    let (z, n) = (Z_99995, float(degrees as u64));
    let square = z * z;
    let first = z * (square + 1.0) / 4.0;
    let second = z * ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z + first / n + second / (n * n) + third / (n * n * n)
}

/// A count as a number to divide by. Counts of runs and requests are far below 2^53.
#[allow(clippy::cast_precision_loss)]
pub(crate) const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_beyond_the_table_are_close() {
        for (degrees, t) in [(10, 6.211), (20, 4.837), (30, 4.482), (120, 4.025)] {
            assert!((t_99995(degrees) / t - 1.0).abs() < 6e-3, "{degrees}: {}", t_99995(degrees));
        }
    }

    #[test]
    fn an_interval_narrows_with_agreement_and_not_with_one_run() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0]);
        assert!((estimate.mean - 2.0).abs() < 1e-12);
        assert!((estimate.half_width - 99.992 / 3_f64.sqrt()).abs() < 1e-9);
        assert!(Estimate::of(&[2.0]).half_width.is_infinite());
        assert!(Estimate::of(&[2.0; 5]).half_width.abs() < 1e-12);
    }
}
