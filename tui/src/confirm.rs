//! Which choices are put on a card first.

use crate::figures::count;
use model::action::{Action, RoomAction};
use sim::choices::Choice;
use sim::view::SeatView;

/// The choice as its card shows it; none when it is made at once. Whatever changes what runs has to be
/// confirmed, and so has the end of the drill, which nothing undoes.
pub(crate) fn card(choice: &Choice, view: &SeatView) -> Option<Choice> {
    let mut card = choice.dangerous.then(|| choice.clone())?;
    if choice.action == Action::Room(RoomAction::Resolve) {
        card.known.extend(still_open(view));
        card.known.push("time runs on to the end of the drill, and you can do no more in it".to_owned());
    }
    Some(card)
}

/// What monitoring says is not over.
fn still_open(view: &SeatView) -> Vec<String> {
    let firing = view.alerts.iter().filter(|alert| alert.firing.is_some());
    let firing = firing.map(|alert| format!("{} fires", alert.name));
    let waiting = view.backlogs.iter().filter(|backlog| backlog.failing > 0);
    let waiting = waiting.map(|backlog| format!("{} of {} have failed and wait", count(backlog.failing), backlog.name));
    firing.chain(waiting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn declaring_it_over_tells_what_is_not() {
        let view = fixture::view();
        let over = view.choices.iter().find(|choice| choice.action == Action::Room(RoomAction::Resolve)).unwrap();
        let card = card(over, &view).expect("it has to be confirmed");
        assert_eq!(card.known[..2], ["checkout-burn fires", "203 of settle have failed and wait"]);
    }

    #[test]
    fn taking_the_page_needs_no_card() {
        let view = fixture::view();
        assert_eq!(card(&view.choices[0], &view), None);
    }
}
