//! Repairs: what they write has a cause, and units are converted only where that is said.

use scenarios::Bundle;
use sim::{Explanation, Figure, Outcome, World};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, swapped};

const NAMED: &str = "with: billing 6, rate: 2000";

/// The lesson of two units, in which invoices only read, with a repair that makes cents of euros.
fn repaired(edit: impl Fn(&str) -> String) -> Bundle {
    edited(bundled("cents-as-euros"), |text| {
        let (before, _) = text.split_once("plans:\n").expect("it has plans");
        let repair = format!("  back: {{store: accounts, from: euros, to: cents, {NAMED}}}\n");
        let plan = "  repair:\n    about: there and back\n    steps:\n\
                    \x20     - {at: 8m, do: {deploy: billing 5}}\n      - {at: 10m, do: {repair: back}}\n";
        let before =
            swapped(before, "        - rewrite: accounts\n          sets: seen\n", "        - read: accounts\n");
        edit(&format!("{before}repairs:\n{repair}plans:\n{plan}"))
    })
}

fn rescaling(text: &str) -> String {
    swapped(text, NAMED, &format!("{NAMED}, rescales: balance"))
}

fn end(bundle: &Bundle) -> World {
    lived(&model(bundle), Some("repair"), 1)
}

fn warnings(bundle: &Bundle) -> String {
    let warnings = scenarios::compile(bundle).expect("a good scenario").warnings;
    warnings.map_or(String::new(), |warnings| warnings.to_string())
}

fn roots(explanation: &Explanation) -> Vec<String> {
    let roots = explanation.chain.iter().filter(|link| explanation.roots.contains(&link.line.id));
    roots.map(|link| link.line.what.clone()).collect()
}

#[test]
fn a_repair_that_does_not_convert_a_unit_leaves_everything_misread_and_check_says_so() {
    let bundle = repaired(str::to_owned);
    let told = warnings(&bundle);
    assert!(told.contains("`back` leaves `balance` as it is"), "{told}");
    let end = end(&bundle).summary();
    assert!(end.harm.misread.remaining > 5_000, "{:?}", end.harm);
    assert_eq!(end.outcome, Outcome::NotRecovered);
}

#[test]
fn a_repair_that_converts_a_unit_makes_the_rest_right() {
    let bundle = repaired(rescaling);
    assert!(!warnings(&bundle).contains("another unit"));
    let world = end(&bundle);
    let harm = world.summary().harm;
    assert!(harm.misread.ever > 5_000 && harm.misread.remaining == 0, "{harm:?}");
    // In those two minutes billing 5 has added cents to sums in euros, which nothing makes right.
    assert!((100..2_000).contains(&harm.damaged.remaining), "{:?}", harm.damaged);
}

#[test]
fn what_a_repair_writes_leads_to_its_order() {
    let explained = end(&repaired(str::to_owned)).explain(Figure::Misread);
    let roots = roots(&explained);
    assert!(roots.iter().any(|root| root.starts_with("run back")), "{roots:?}");
    assert!(!roots.iter().any(|root| root.contains("writes accounts in cents")), "{roots:?}");
}

#[test]
fn no_part_has_fewer_records_ever_than_at_the_end() {
    for figure in [Figure::Misread, Figure::Damaged, Figure::Data] {
        let explained = end(&repaired(str::to_owned)).explain(figure);
        assert!(explained.parts.iter().all(|part| part.count.ever >= part.count.remaining), "{:?}", explained.parts);
        assert!(!explained.parts.is_empty());
    }
}

#[test]
fn only_a_field_with_two_units_is_rescaled() {
    let bundle = repaired(|text| swapped(text, NAMED, &format!("{NAMED}, rescales: [seen, nothing]")));
    let problems = scenarios::compile(&bundle).expect_err("two mistakes").to_string();
    assert!(problems.contains("nothing"), "{problems}");
    let bundle = repaired(|text| swapped(text, NAMED, &format!("{NAMED}, rescales: seen")));
    let problems = scenarios::compile(&bundle).expect_err("a mistake").to_string();
    assert!(problems.contains("`seen` has no other unit in the format converted to"), "{problems}");
}
