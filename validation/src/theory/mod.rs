//! What is known without simulating: formulas, with their sources. Rates are per second and times in seconds
//! throughout, unless a formula says otherwise; the unit cancels out of everything else.
//!
//! The values the tests hold them to were worked out independently of this code, in another language; each is
//! named after the model and its parameters.

pub mod alerts;
pub mod queues;
pub mod retries;
pub mod skew;

#[cfg(test)]
fn assert_close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-9, "{found} instead of {expected}");
}
