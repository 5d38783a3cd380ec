//! What the values of a column have been multiplied by since somebody has said what they mean.

use std::fmt;

/// A factor, as a fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    times: i128,
    /// Above zero.
    parts: i128,
}

/// A unit made of another one: `cents * 10`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rescaled {
    base: String,
    by: Scale,
}

impl Scale {
    const ONE: Scale = Scale { times: 1, parts: 1 };

    /// `times / parts`; `None` where one of them is zero, or a number is too large.
    pub(super) fn new(times: i128, parts: i128) -> Option<Self> {
        let common = divisor(times.checked_abs()?, parts.checked_abs()?);
        let sign = parts.signum();
        (times != 0 && parts != 0).then(|| Scale { times: sign * times / common, parts: sign * parts / common })
    }

    /// As a number.
    pub(super) fn factor(self) -> f64 {
        self.times as f64 / self.parts as f64
    }

    fn then(self, other: Scale) -> Option<Self> {
        Scale::new(self.times.checked_mul(other.times)?, self.parts.checked_mul(other.parts)?)
    }
}

/// The greatest common divisor.
const fn divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl Rescaled {
    /// The unit itself.
    pub(super) fn unit(name: &str) -> Self {
        Rescaled { base: name.to_owned(), by: Scale::ONE }
    }

    /// What it is when values are multiplied once more. What has become too large to be told is a unit of its own.
    pub(super) fn then(&self, by: Scale) -> Self {
        match self.by.then(by) {
            Some(by) => Rescaled { base: self.base.clone(), by },
            None => Rescaled { base: self.to_string(), by },
        }
    }
}

/// `* 100`, `/ 100`, `* 3 / 2`; nothing for one.
impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.times, self.parts) {
            (1, 1) => Ok(()),
            (times, 1) => write!(f, "* {times}"),
            (1, parts) => write!(f, "/ {parts}"),
            (times, parts) => write!(f, "* {times} / {parts}"),
        }
    }
}

/// `cents * 10`.
impl fmt::Display for Rescaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.by == Scale::ONE { "" } else { " " };
        write!(f, "{}{gap}{}", self.base, self.by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(factors: &[(i128, i128)]) -> String {
        let scales = factors.iter().map(|(times, parts)| Scale::new(*times, *parts).unwrap());
        scales.fold(Rescaled::unit("cents"), |unit, by| unit.then(by)).to_string()
    }

    #[test]
    fn what_is_undone_is_the_unit_itself() {
        assert_eq!(named(&[(100, 1)]), "cents * 100");
        assert_eq!(named(&[(100, 1), (1, 100)]), "cents");
        assert_eq!(named(&[(1, 3), (6, 1)]), "cents * 2");
        assert_eq!(named(&[(3, 1), (1, 2)]), "cents * 3 / 2");
        assert_eq!(named(&[(-1, 1), (1, -1)]), "cents");
    }

    #[test]
    fn what_is_too_large_is_another_unit() {
        let large = 1 << 100;
        assert_eq!(named(&[(large, 1), (large, 1)]), format!("cents * {large} * {large}"));
        assert_eq!(Scale::new(0, 1), None);
        assert_eq!(Scale::new(1, 0), None);
        assert_eq!(Scale::new(i128::MIN, 1), None);
    }
}
