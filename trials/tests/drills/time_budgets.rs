//! The time budget: each instant from first harm on belongs to one category, and to the right one.

use model::time::Span;
use scenarios::library::Purpose;
use sim::{Model, Outcome, Spent, Summary};
use trials::runs::{library, lived, minutes, model, side_by_side};
use trials::text::{bundled, edited, swapped};

/// Every plan of a scenario, and nobody.
fn endings(name: &str) -> Vec<Summary> {
    let model = library(name);
    let plans = model.plans.iter().map(|plan| Some(plan.name.as_str())).chain([None]);
    plans.map(|plan| lived(&model, plan, 1).summary()).collect()
}

fn signature(plan: &str) -> Summary {
    lived(&library("waits-for-a-signature"), Some(plan), 1).summary()
}

fn took(end: &Summary, spent: Spent) -> Span {
    end.time_budget.as_ref().map_or(Span::ZERO, |budget| budget.of(spent))
}

#[test]
fn the_parts_add_up_to_the_time_until_everything_was_back() {
    let lessons = scenarios::library::all().iter().filter(|one| one.purpose == Purpose::Lesson);
    let names: Vec<_> = lessons.map(|one| one.name).collect();
    assert!(names.len() > 40);
    let all: Vec<Summary> = side_by_side(&names, |name| endings(name)).into_iter().flatten().collect();
    for end in &all {
        let Some(harm) = end.clocks.first_harm_at else {
            assert_eq!(end.time_budget, None, "{}", end.scenario);
            continue;
        };
        let budget = end.time_budget.as_ref().expect("there was harm");
        let censored = end.simulated - harm.since(model::time::Time::ZERO);
        assert_eq!(budget.full, end.clocks.full().is_some(), "{}", end.scenario);
        assert_eq!(budget.total(), end.clocks.full().unwrap_or(censored), "{}", end.scenario);
        assert_eq!(budget.parts().map(|(_, span)| span).fold(Span::ZERO, |sum, span| sum + span), budget.total());
    }
    for spent in Spent::ALL.into_iter().filter(|spent| *spent != Spent::Look) {
        assert!(all.iter().any(|end| took(end, spent) > Span::ZERO), "nobody ever had to {spent}");
    }
}

/// Who breaks the glass is as fast as who is authorised, and is asked about it afterwards.
#[test]
fn a_broken_glass_saves_the_wait_and_is_reviewed() {
    let (free, broke) = (signature("pre-authorised"), signature("breaks-the-glass"));
    assert_eq!(took(&broke, Spent::Authority), Span::ZERO);
    assert_eq!((broke.clocks, broke.harm), (free.clocks, free.harm));
    let reviewed: Vec<_> = broke.reviews.iter().map(|review| (review.who.as_str(), review.why.id())).collect();
    assert_eq!((reviewed, free.reviews), (vec![("tom", "break-glass")], vec![]));
}

/// The same order by the same seat, and an organisation that has its on-call ask.
#[test]
fn a_matrix_that_wants_a_signature_costs_the_same_twelve_minutes() {
    let bundle = bundled("waits-for-a-signature");
    let signed = edited(bundle, |text| text.to_owned() + "authority: {service: commander}\n");
    let free = signature("pre-authorised");
    let signed = lived(&model(&signed), Some("pre-authorised"), 1).summary();
    assert_eq!((took(&free, Spent::Authority), took(&signed, Spent::Authority)), (Span::ZERO, minutes(12)));
    assert_eq!(signed.clocks.full(), free.clocks.full().map(|full| full + minutes(12)));
    assert!(signed.harm.fields_lost.ever > free.harm.fields_lost.ever);
}

/// E3 of the seeds: a review finds that twelve minutes were waited for an approval; the next time it takes 90 seconds.
#[test]
fn only_the_authority_differs_and_it_costs_twelve_minutes_and_consents() {
    let (free, asks) = (signature("pre-authorised"), signature("asks"));
    assert_eq!(took(&free, Spent::Authority), Span::ZERO);
    assert_eq!(took(&asks, Spent::Authority), minutes(12));
    for spent in Spent::ALL.into_iter().filter(|spent| *spent != Spent::Authority) {
        assert_eq!(took(&free, spent), took(&asks, spent), "{spent}");
    }
    let [taken, executed] = [free.clocks.acknowledged, free.clocks.executed].map(|at| at.expect("it was reached"));
    assert_eq!(executed - taken, Span::from_secs(90));
    assert_eq!(asks.clocks.full(), free.clocks.full().map(|full| full + minutes(12)));
    assert_eq!(
        [&free, &asks].map(|end| (end.outcome, end.met)),
        [(Outcome::Recovered, true), (Outcome::Recovered, false)]
    );
    // Forty log-ins a second, four in five of them counted, some of a profile that has lost its consent already.
    let more = asks.harm.fields_lost.remaining - free.harm.fields_lost.remaining;
    assert!((17_000..40 * 4 / 5 * 12 * 60).contains(&more), "{more}");

    let authorised = |text: &str| {
        swapped(text, "{role: on-call, services: search}", "{role: on-call, services: [search, profiles]}")
    };
    let authorised: Model = model(&edited(bundled("waits-for-a-signature"), authorised));
    let end = lived(&authorised, Some("asks"), 1).summary();
    assert_eq!((end.time_budget, end.harm), (free.time_budget, free.harm), "who gives an order moves nobody else");
}

#[test]
fn what_was_left_behind_is_mended_in_its_own_time() {
    let end = lived(&library("ledger-format"), Some("flag-first"), 1).summary();
    let clocks = end.clocks;
    let between = |from: Option<Span>, to: Option<Span>| Some(to? - from?);
    assert_eq!(Some(took(&end, Spent::Detect)), clocks.detected);
    assert_eq!(Some(took(&end, Spent::Acknowledge)), between(clocks.detected, clocks.acknowledged));
    assert_eq!(Some(took(&end, Spent::Decide)), between(clocks.acknowledged, Some(minutes(16) - first_harm(&end))));
    assert!(took(&end, Spent::Authority) > Span::ZERO, "a global flag takes an owner's word");
    assert!(took(&end, Spent::Repair) > Span::ZERO && took(&end, Spent::Execute) > Span::ZERO);
}

#[test]
fn a_look_takes_its_time_from_the_decision() {
    let plan = "page is understood\n    steps:\n";
    let looks = "      - {at: 930s, do: {look: errors of payments}}\n";
    let looked = edited(bundled("ledger-format"), |text| swapped(text, plan, &format!("{plan}{looks}")));
    let [plain, looked] =
        [library("ledger-format"), model(&looked)].map(|one| lived(&one, Some("rollback"), 1).summary());
    assert_eq!((took(&plain, Spent::Look), took(&looked, Spent::Look)), (Span::ZERO, Span::from_secs(20)));
    assert_eq!(took(&plain, Spent::Decide), took(&looked, Spent::Decide) + Span::from_secs(20));
}

fn first_harm(end: &Summary) -> Span {
    end.clocks.first_harm_at.expect("there is harm").since(model::time::Time::ZERO)
}
