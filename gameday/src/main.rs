//! gameday.
fn main() {}
