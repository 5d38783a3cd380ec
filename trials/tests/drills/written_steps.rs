//! What a recording says of a command is what the command was.

use model::authority::Actor;
use model::scenario::Step;
use proptest::prelude::*;
use scenarios::{Bundle, library, plan_text, written};
use sim::Model;
use trials::runs::{begun, model, second};
use trials::text::bundled;

/// Steps that were written down and read again.
fn again(bundle: &Bundle, model: &Model, steps: &[Step]) -> Vec<Step> {
    let lines: Vec<_> = steps.iter().map(|step| written(step, model).expect("somebody did it")).collect();
    let text = format!("- {}\n", lines.join("\n- "));
    plan_text("written", text.clone(), bundle).unwrap_or_else(|problems| panic!("{problems}\n{text}")).steps
}

fn check(bundle: &Bundle, model: &Model, mut steps: Vec<Step>) {
    steps.sort_by_key(|step| step.at);
    if !steps.is_empty() {
        assert_eq!(again(bundle, model, &steps), steps, "{}", bundle.name);
    }
}

#[test]
fn every_step_of_the_library_reads_back_as_it_was() {
    let mut seen = 0;
    for name in library::names() {
        let bundle = bundled(name);
        let model = model(&bundle);
        let plans = model.plans.iter().flat_map(|plan| plan.steps.clone());
        let steps: Vec<_> = plans.chain(model.release.clone()).collect();
        seen += steps.len();
        check(&bundle, &model, steps);
    }
    assert!(seen > 200, "{seen} steps");
}

#[test]
fn a_broken_glass_is_written_down() {
    let bundle = bundled("waits-for-a-signature");
    let model = model(&bundle);
    let steps = model.plan("breaks-the-glass").expect("it is there").steps.clone();
    assert!(steps.iter().any(|step| step.manner.breaks_glass));
    check(&bundle, &model, steps);
}

#[test]
fn every_choice_a_player_is_offered_reads_back_as_it_was() {
    for name in ["ledger-format", "expand-contract", "region-wave", "poison-message", "hpa-fight", "canary-abort"] {
        let bundle = bundled(name);
        let mut world = begun(&model(&bundle), None, 1);
        for at in [0, 600, 1000] {
            world.run_until(second(at));
            let player = world.scenario().player;
            let step = |action| Step::new(world.now(), Actor::Seat(player), action);
            let choices = world.view(player).choices.into_iter().map(|choice| step(choice.action)).collect();
            check(&bundle, &model(&bundle), choices);
        }
    }
}

proptest! {
    #[test]
    fn any_time_and_any_share_are_written_exactly(nanos in 0..10_u64.pow(14), ppb in 0..=1_000_000_000_u32) {
        use model::action::{Action, SettingAction};
        use model::flag::Setting;
        use model::id::FlagId;
        use model::ratio::Ratio;
        use model::time::{Span, Time};
        let bundle = bundled("ledger-format");
        let model = model(&bundle);
        let to = Setting::of(Ratio::from_ppb(ppb).expect("no more than the whole"));
        let action = Action::Set(SettingAction::Flag(FlagId::ZERO, to));
        let step = Step::new(Time::ZERO + Span::from_nanos(nanos), Actor::Seat(model.player), action);
        prop_assert_eq!(again(&bundle, &model, std::slice::from_ref(&step)), vec![step]);
    }
}
