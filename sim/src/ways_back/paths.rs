//! Orders that lead back, one after the other, and what each of them waits for.

use model::action::Action;

/// A way back: orders, one after the other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    /// What is ordered before, so that what leads back is not held, or finds what it needs.
    pub(super) before: Vec<Action>,
    /// What leads back.
    pub(super) action: Action,
    /// What each order but the first waits for.
    pub(super) waits: Vec<Wait>,
}

/// What an order of a way waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Until the tools have been told the one before it, and do not refuse it.
    Told,
    /// Until as many before it as this are in effect, too.
    InEffect(usize),
}

impl Path {
    /// What leads back by itself.
    pub(super) const fn of(action: Action) -> Self {
        Path { before: Vec::new(), action, waits: Vec::new() }
    }

    /// What leads back, with what is ordered first in the same instant.
    pub(super) fn after(first: Action, action: Action) -> Self {
        Path { before: vec![first], action, waits: vec![Wait::Told] }
    }

    /// What leads back, ordered when what comes first is in effect.
    pub(super) fn when_in_effect(first: Action, action: Action) -> Self {
        Path { waits: vec![Wait::InEffect(1)], ..Path::after(first, action) }
    }

    /// Its orders, one after the other.
    pub(super) fn orders(&self) -> Vec<Action> {
        self.before.iter().copied().chain([self.action]).collect()
    }

    /// Several ways as one, each with how many of its last orders have to be in effect before the next one begins. What
    /// has been ordered by then is not ordered again. Nothing, of no way.
    pub(super) fn joined(parts: impl IntoIterator<Item = (Path, usize)>) -> Option<Self> {
        let (mut orders, mut waits, mut between): (Vec<Action>, _, _) = (Vec::new(), Vec::new(), Wait::Told);
        for (path, awaited) in parts {
            let begun = orders.len();
            let within = std::iter::once(Wait::Told).chain(path.waits.iter().copied());
            for (order, wait) in path.orders().into_iter().zip(within) {
                if orders.contains(&order) {
                    continue;
                }
                if !orders.is_empty() {
                    waits.push(if orders.len() > begun { wait } else { between });
                }
                orders.push(order);
            }
            if orders.len() > begun {
                let awaited = awaited.min(orders.len() - begun);
                between = if awaited == 0 { Wait::Told } else { Wait::InEffect(awaited) };
            }
        }
        let action = orders.pop()?;
        Some(Path { before: orders, action, waits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::action::ServiceAction;
    use model::id::ServiceId;

    fn undo(service: usize) -> Action {
        Action::Service(ServiceId::new(service), ServiceAction::Undo)
    }

    #[test]
    fn a_way_of_two_orders_is_waited_for_as_a_whole() {
        let both = Path::after(undo(0), undo(1));
        let joined = Path::joined([(both, 2), (Path::of(undo(2)), 1)]).expect("there are orders");
        assert_eq!(joined.orders(), [undo(0), undo(1), undo(2)]);
        assert_eq!(joined.waits, [Wait::Told, Wait::InEffect(2)]);
    }

    #[test]
    fn what_comes_into_effect_later_is_not_waited_for() {
        let parts = [(Path::of(undo(0)), 1), (Path::of(undo(1)), 0), (Path::of(undo(2)), 1)];
        let joined = Path::joined(parts.into_iter().chain([(Path::of(undo(3)), 1)])).expect("there are orders");
        assert_eq!(joined.waits, [Wait::InEffect(1), Wait::Told, Wait::InEffect(1)]);
    }

    #[test]
    fn nothing_is_ordered_twice() {
        let [pair, alone] = [Path::after(undo(0), undo(1)), Path::of(undo(0))];
        assert_eq!(Path::joined([(pair.clone(), 2), (alone.clone(), 1)]), Some(pair.clone()));
        let joined = Path::joined([(alone, 1), (pair, 2)]).expect("there are orders");
        assert_eq!((joined.orders(), joined.waits), (vec![undo(0), undo(1)], vec![Wait::InEffect(1)]));
        assert_eq!(Path::joined([]), None);
    }
}
