//! Ways back as they are read: on a page of eighty columns.

use model::time::Span;
use reports::Paint;
use reports::ways_back::{WaysBackContext, text};
use trials::runs::{begun, library, side_by_side};

const SEED: u64 = 1;

/// The ways back of a bundled scenario as text, a minute after the last that is released.
fn page(name: &str) -> Option<String> {
    let mut world = begun(&library(name), None, SEED);
    let last = world.scenario().release.iter().map(|step| step.at).max()?;
    world.run_until(last + Span::from_secs(60));
    Some(text(&world.ways_back(1), &WaysBackContext { scenario: name }, Paint::Plain))
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    let names: Vec<_> = scenarios::library::names().collect();
    let pages = side_by_side(&names, |name| page(name));
    let mut titles = 0;
    for page in pages.iter().flatten() {
        titles += page.lines().filter(|line| line.starts_with("release ")).count();
        assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    }
    assert!(titles > 2, "some of them go back as one: {titles}");
}
