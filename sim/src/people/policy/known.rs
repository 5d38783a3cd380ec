//! What those who respond know of an incident.

use model::action::Action;
use model::id::{AlertId, ServiceId, StoreId};
use model::policy::Manner;

/// What those who respond know of an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    /// The alert that fires, the longest if there are several.
    pub(super) firing: Option<AlertId>,
    /// No alert has fired for as long as a recovery has to hold.
    pub(super) is_quiet: bool,
    /// Somebody has taken the page.
    pub(super) is_acknowledged: bool,
    /// Somebody has declared an incident.
    pub(super) is_declared: bool,
    /// An order is on its way, and may yet get there.
    pub(super) is_busy: bool,
    /// What was ordered to end it is in effect, and there has not been time to see whether it does; or it gets better.
    pub(super) is_awaited: bool,
    /// Services that fail, or were changed, and that nobody has looked at.
    pub(super) unseen: Vec<ServiceId>,
    /// Somebody has taken the time to find out what is behind it.
    pub(super) is_diagnosed: bool,
    /// What was changed and is not back, what is most likely behind it first.
    pub(super) suspects: Vec<Suspect>,
    /// What keeps an order from getting anywhere, and can be removed.
    pub(super) hurdle: Option<Action>,
    /// What there is to do once nothing fails any more.
    pub(super) leftovers: Leftovers,
}

/// Something that was changed, and what there is to do about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Suspect {
    /// What has been looked at points to it.
    pub(super) is_implicated: bool,
    /// It was changed when what the alert tells of had begun.
    pub(super) is_late: bool,
    /// How it is dealt with.
    pub(super) manner: Manner,
    /// What leads back, if anything does that can be ordered.
    pub(super) back: Option<Action>,
    /// Stores that what it leads back to uses, and that nobody has audited since something was changed.
    pub(super) unaudited: Option<StoreId>,
    /// An audit says that what it leads back to cannot live with the records that are there.
    pub(super) is_unsafe: bool,
    /// What keeps it from writing what the version before cannot live with.
    pub(super) stopper: Option<Action>,
    /// What makes the records such that the version before can live with them.
    pub(super) repair: Option<Action>,
    /// The way forward.
    pub(super) forward: Option<Action>,
}

/// What may stay behind when nothing fails any more.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Leftovers {
    /// A store of a service that was changed, which nobody has audited since.
    pub(super) unaudited: Option<StoreId>,
    /// What puts right what was found.
    pub(super) remedy: Option<Action>,
    /// Work is still piled up.
    pub(super) has_backlog: bool,
}
