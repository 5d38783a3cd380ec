//! Why a reader trips over a record: of all that is found about two formats, what is about this one.

use super::{Effect, Finding, Kind, Mask, Slot, Table};

impl Table {
    /// Why no reader gets anything out of a record of a kind, of these slots and of the record as a whole.
    pub fn refusals<'a>(&'a self, kind: &'a Kind, slots: Mask) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.effect.is_error() && finding.concerns(kind, slots))
    }

    /// Why a reader gets something else than was written into these slots of a record of a kind. What it has no eyes
    /// for, it does not miss.
    pub fn deceptions<'a>(&'a self, kind: &'a Kind, slots: Mask) -> impl Iterator<Item = &'a Finding> {
        let is_unheard = |finding: &Finding| finding.slot.is_some_and(|slot| self.unheard.contains(slot));
        let is_wanted = move |finding: &Finding| {
            finding.is_misleading() && (!finding.effect.is_hiding() || finding.is_missed() || is_unheard(finding))
        };
        self.findings.iter().filter(move |finding| is_wanted(finding) && finding.concerns(kind, slots))
    }

    /// Slots of a record of which an older value counts, kept aside when they were set.
    #[must_use]
    pub fn overruled(&self, kind: &Kind) -> Mask {
        if self.verbatim { kind.present & kind.stale & self.behind } else { Mask::EMPTY }
    }
}

impl Finding {
    /// Whether it is about these slots of a record of a kind, as they are, or about the record as a whole.
    fn concerns(&self, kind: &Kind, slots: Mask) -> bool {
        self.slot.is_none_or(|slot| slots.contains(slot) && self.effect.strikes(kind, slot))
    }
}

impl Effect {
    /// Whether a slot of a record of a kind has what it takes to meet it.
    #[must_use]
    pub fn strikes(self, kind: &Kind, slot: Slot) -> bool {
        let is_there = kind.present.contains(slot);
        match self {
            Effect::Fatal | Effect::Default | Effect::UnitUnknown => true,
            Effect::ErrAbsent | Effect::ErrUnwritten | Effect::DefaultAbsent | Effect::LieAbsent => !is_there,
            Effect::ErrPresent
            | Effect::Drop
            | Effect::DropAndKeep
            | Effect::Narrow
            | Effect::Lie
            | Effect::Rival { .. }
            | Effect::ErrRival { .. } => is_there,
            Effect::ErrHard
            | Effect::ErrNull
            | Effect::FallbackHard
            | Effect::DropHard
            | Effect::KeepHard
            | Effect::ForgetHard
            | Effect::NarrowHard
            | Effect::LieHard => is_there && kind.hard.contains(slot),
            Effect::ErrValue => is_there && !kind.blank.contains(slot),
            Effect::Behind => is_there && kind.stale.contains(slot),
            Effect::Clash(set) => !kind.stamps.with(set, Mask::from(slot) & kind.present).is_empty(),
        }
    }
}
