//! Values that were damaged or lost: whoever reads what is left answers wrong, until they are set anew.

use sim::{Figure, World};
use trials::runs::{lived, model};
use trials::text::{bundled, edited, swapped};

/// The lesson of two units, its rollback undone again, edited first.
fn there_and_back(edit: impl Fn(&str) -> String) -> World {
    let again = |text: &str| {
        let plan = "plans:\n  rollback:\n    about: there and back\n    steps:\n\
                    \x20     - {at: 8m, do: {deploy: billing 5}}\n\
                    \x20     - {at: 12m, do: {deploy: billing 6}}\n";
        let (before, _) = text.split_once("plans:\n").expect("it has plans");
        edit(&format!("{before}{plan}"))
    };
    lived(&model(&edited(bundled("cents-as-euros"), again)), Some("rollback"), 1)
}

/// What `explain` says of wrong answers that come of spoilt values.
fn told(world: &World) -> Vec<String> {
    let parts = world.explain(Figure::Wrong).parts.into_iter();
    parts.map(|part| part.what).filter(|what| what.contains("reads what is left of")).collect()
}

#[test]
fn a_damaged_sum_is_read_wrong_by_every_version() {
    let world = there_and_back(str::to_owned);
    assert!(world.summary().harm.damaged.remaining > 100);
    let wrong = world.explain(Figure::Wrong);
    assert!(!told(&world).is_empty(), "{:?}", wrong.parts);
    let parts: u64 = wrong.parts.iter().map(|part| part.count.ever).sum();
    assert_eq!((parts, wrong.count.ever), (wrong.count.ever, world.summary().harm.requests.wrong));
}

#[test]
fn what_is_set_anew_is_sound_again() {
    let reset = |text: &str| swapped(text, "          derives: balance\n", "          sets: balance\n");
    let world = there_and_back(reset);
    assert_eq!(world.summary().harm.damaged.ever, 0, "nothing is computed from what is misread");
    assert!(told(&world).is_empty());
}

#[test]
fn a_lost_field_is_missed_by_who_knows_it() {
    let lossy = |plan| lived(&model(&bundled("lossy-rewrite")), Some(plan), 1);
    let (rolled, again) = (lossy("rollback"), lossy("there-and-back"));
    assert!(rolled.summary().harm.fields_lost.ever > 0 && again.summary().harm.fields_lost.ever > 0);
    assert!(!told(&again).is_empty(), "{:?}", again.summary().harm.requests);
    let wrong = |world: &World| world.summary().harm.requests.wrong;
    assert!(wrong(&again) > 2 * wrong(&rolled), "the old version has no such field");
}
