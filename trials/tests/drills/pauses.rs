//! Drills: when time stops for whoever plays.

use model::action::{Action, ServiceAction};
use model::id::ServiceId;
use model::time::Time;
use scenarios::Bundle;
use sim::{Session, Stop};
use trials::runs::{minutes, model};

/// A release that is rolled back within minutes, and a fault much later.
fn shop(faults: &str) -> Session {
    let text = format!(
        "title: two in a row
horizon: 30m
objective: {{full: 20m, hold: 1m}}
traffic: {{guests: {{to: shop.buy, rate: 10/s}}}}
services:
  shop:
    startup: 1s
    endpoints: {{buy: [work: 5ms]}}
    versions: {{\"1\": {{}}, \"2\": {{defects: [{{defect: sold out, endpoint: buy}}]}}}}
release: [{{at: 1m, do: {{deploy: shop 2}}}}]
{faults}"
    );
    Session::new(model(&Bundle::from_text("shop", text, "")), 1)
}

/// When the drill of somebody who undoes the release is over, and how.
fn over(mut session: Session) -> (Stop, Time) {
    let decision = Time::ZERO + minutes(2);
    while session.now() < decision {
        session.advance(decision);
    }
    session.act(Action::Service(ServiceId::ZERO, ServiceAction::Undo));
    loop {
        match session.advance(Time::ZERO + minutes(30)) {
            Some(stop @ (Stop::Recovered | Stop::Horizon)) => return (stop, session.now()),
            Some(_) => {}
            None => panic!("it ends at its horizon"),
        }
    }
}

#[test]
fn it_is_over_when_everything_is_back() {
    let (stop, at) = over(shop(""));
    assert_eq!(stop, Stop::Recovered);
    assert!(at < Time::ZERO + minutes(5), "{at}");
}

#[test]
fn it_is_not_over_before_what_the_scenario_states_has_happened() {
    let (stop, at) = over(shop("faults: [{pause: shop, at: 10m, lasts: 30s}]"));
    assert_eq!(stop, Stop::Recovered);
    assert!(at >= Time::ZERO + minutes(10), "{at}");
    let (_, at) = over(shop("faults: [{pause: shop, at: 50m}]"));
    assert!(at < Time::ZERO + minutes(5), "what comes after the end does not count: {at}");
}
