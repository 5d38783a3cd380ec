//! What is selected, open and scrolled on the play screen. It never touches the simulation.

use super::clock::Clock;
use crate::keys::Motion;
use sim::choices::Choice;
use sim::view::{SeatView, ServiceView};
use sim::{Line, Stop};

/// The parts of the play screen a key can be for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pane {
    /// What can be done.
    #[default]
    Actions,
    /// The list, or the map, of services.
    Services,
    /// What happened.
    Timeline,
}

impl Pane {
    const ORDER: [Pane; 3] = [Pane::Actions, Pane::Services, Pane::Timeline];

    fn step(self, by: usize) -> Pane {
        let at = Self::ORDER.iter().position(|pane| *pane == self).unwrap_or(0);
        Self::ORDER[(at + by) % Self::ORDER.len()]
    }

    pub(crate) fn next(self) -> Pane {
        self.step(1)
    }

    pub(crate) fn previous(self) -> Pane {
        self.step(Self::ORDER.len() - 1)
    }
}

/// The line that says what the player should know now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Banner {
    /// Nothing.
    #[default]
    Empty,
    /// Why the clock stopped, or would have.
    News(Vec<Stop>),
    /// What has just happened in a recording.
    Story(Vec<Line>),
    /// An answer to what the player just did.
    Note(String),
}

/// Everything about the play screen that is not the simulation's.
#[derive(Clone, Debug)]
pub(crate) struct Ui {
    pub(crate) focus: Pane,
    /// The selected service; the worst one while the player has not selected any.
    pub(crate) service: Option<usize>,
    /// The selected choice.
    pub(crate) action: usize,
    /// News scrolled past in the timeline.
    pub(crate) scrolled: usize,
    /// The dangerous choice in question.
    pub(crate) card: Option<Choice>,
    /// What a look has just found, until time goes on.
    pub(crate) findings: Vec<String>,
    pub(crate) banner: Banner,
    pub(crate) clock: Clock,
    /// Whether to point out what has not been checked and to stop at decisions.
    pub(crate) coach: bool,
    /// Whether services are on a map, where left and right mean something.
    pub(crate) map: bool,
}

impl Ui {
    pub(crate) fn new(clock: Clock, coach: bool) -> Self {
        Ui {
            focus: Pane::default(),
            service: None,
            action: 0,
            scrolled: 0,
            card: None,
            findings: Vec::new(),
            banner: Banner::default(),
            clock,
            coach,
            map: false,
        }
    }

    /// The service in the detail pane.
    pub(crate) fn selected(&self, view: &SeatView) -> Option<usize> {
        self.service.or_else(|| worst_first(view).first().copied())
    }

    /// Fits itself to a new view. The selected action stays selected when others appear or go; while the player has not
    /// selected any, that is the first.
    pub(crate) fn fit(&mut self, old: &SeatView, new: &SeatView) {
        let moved = old.choices.get(self.action).filter(|_| self.action > 0);
        let same = moved.and_then(|moved| new.choices.iter().position(|choice| choice.action == moved.action));
        self.action = same.unwrap_or(self.action).min(new.choices.len().saturating_sub(1));
        self.scrolled = self.scrolled.min(new.timeline.len().saturating_sub(1));
    }

    /// Follows a motion in the pane that has the focus.
    pub(crate) fn go(&mut self, motion: Motion, view: &SeatView) {
        match self.focus {
            Pane::Actions => self.action = moved(self.action, motion, view.choices.len()),
            Pane::Timeline => self.scrolled = moved(self.scrolled, motion, view.timeline.len()),
            Pane::Services if self.map => self.service = self.on_map(motion, view),
            Pane::Services => self.service = self.in_list(motion, view),
        }
    }

    fn in_list(&self, motion: Motion, view: &SeatView) -> Option<usize> {
        let order = worst_first(view);
        let at = order.iter().position(|service| Some(*service) == self.selected(view))?;
        order.get(moved(at, motion, order.len())).copied()
    }

    /// Up and down within a column, left and right between columns.
    fn on_map(&self, motion: Motion, view: &SeatView) -> Option<usize> {
        let now = self.selected(view)?;
        let own = in_column(view, view.services[now].column);
        let row = own.iter().position(|service| *service == now)?;
        let target = match motion {
            Motion::Left => view.services[now].column.checked_sub(1).map(|column| in_column(view, column)),
            Motion::Right => Some(in_column(view, view.services[now].column + 1)),
            _ => return own.get(moved(row, motion, own.len())).copied(),
        };
        let target = target.unwrap_or_default();
        target.get(row.min(target.len().saturating_sub(1))).copied().or(Some(now))
    }
}

/// The services of a column of the map, in their fixed order.
pub(crate) fn in_column(view: &SeatView, column: usize) -> Vec<usize> {
    (0..view.services.len()).filter(|service| view.services[*service].column == column).collect()
}

/// All services, the worst first; equals stay in the order of the map.
pub(crate) fn worst_first(view: &SeatView) -> Vec<usize> {
    let mut order: Vec<_> = (0..view.services.len()).collect();
    order.sort_by(|a, b| badness(&view.services[*b]).total_cmp(&badness(&view.services[*a])));
    order
}

/// A measure to sort by: health first, then the share of errors.
fn badness(service: &ServiceView) -> f64 {
    f64::from(service.health as u8) * 2.0 + service.errors
}

/// Where a motion leads in a list.
pub(crate) fn moved(at: usize, motion: Motion, len: usize) -> usize {
    const PAGE: usize = 10;
    let last = len.saturating_sub(1);
    let to = match motion {
        Motion::Up => at.saturating_sub(1),
        Motion::Down => at + 1,
        Motion::PageUp => at.saturating_sub(PAGE),
        Motion::PageDown => at + PAGE,
        Motion::First => 0,
        Motion::Last => last,
        Motion::Left | Motion::Right => at,
    };
    to.min(last)
}
