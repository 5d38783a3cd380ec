//! Which choices are put on a card first, and the ways of saying yes to one.

use crate::figures::count;
use model::action::{Action, RoomAction};
use model::scenario::{Manner, Task};
use model::time::Span;
use sim::choices::Choice;
use sim::view::SeatView;

/// In which time a task is to be done that somebody is given in play: as long as an alert needs to clear.
const WITHIN: Span = Span::from_secs(300);

/// A way of saying yes that is not the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// At once, asking nobody.
    Glass,
    /// After everybody was asked for strong objections.
    Objections,
    /// As a task for somebody else.
    Task,
}

/// The manner in which a choice is made that way; nothing where that is no way for it.
pub(crate) fn manner(choice: &Choice, way: Way) -> Option<Manner> {
    let usual = Manner::default();
    let other = choice.other.as_ref();
    match way {
        Way::Glass => choice.glass.then_some(Manner { breaks_glass: true, ..usual }),
        Way::Objections => other.map(|_| Manner { hears_objections: true, ..usual }),
        Way::Task => other.map(|other| Manner { task: Some(Task { to: other.seat, within: Some(WITHIN) }), ..usual }),
    }
}

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
