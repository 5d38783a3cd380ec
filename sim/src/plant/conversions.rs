//! Repairs at work: a conversion sweeps its store, a second's worth of records at a time.

use crate::event::Event;
use crate::fact::Fact;
use crate::world::World;
use model::control::{Change, DataChange};
use model::data;
use model::id::{ConversionId, StoreId};
use model::time::Span;

/// A sweep under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sweep {
    /// The next record to look at.
    at: u32,
    /// Records converted so far, and in this pass.
    pub(crate) done: u32,
    done_in_pass: u32,
    /// Records that could not be converted in this pass.
    failed: u32,
}

impl World {
    /// Whether a store holds a record in the format a conversion starts from.
    pub(crate) fn has_work(&self, id: ConversionId) -> bool {
        let conversion = self.model.system.conversion(id);
        let records = &self.stores[conversion.store.index()];
        let mut kinds = records.tallies();
        kinds.any(|(kind, tally)| tally.count > 0 && kind.format == conversion.rule.from)
    }

    /// Starts a sweep.
    pub(crate) fn begin_conversion(&mut self, id: ConversionId) {
        self.sweeps.insert(id, Sweep::default());
        self.schedule(Span::SECOND, Event::Convert(id));
    }

    /// One second's worth. A pass that converted something is followed by another, because records
    /// may have been written behind it; a pass that found nothing to do is the end.
    pub(crate) fn convert(&mut self, id: ConversionId) {
        let Some(mut sweep) = self.sweeps.get(&id).copied() else { return };
        if self.is_offline(self.model.system.conversion(id).store) {
            return self.schedule(Span::SECOND, Event::Convert(id));
        }
        let finished = self.convert_batch(id, &mut sweep);
        self.sweeps.insert(id, sweep);
        if !finished {
            return self.schedule(Span::SECOND, Event::Convert(id));
        }
        self.sweeps.remove(&id);
        self.control.apply(Change::Data(DataChange::Converted(id)));
        self.report(Fact::Converted { conversion: id, records: sweep.done, failed: sweep.failed });
    }

    /// The records of a store are other ones now: every sweep begins another pass.
    pub(crate) fn sweep_again(&mut self, store: StoreId) {
        let system = &self.model.system;
        let concerned = self.sweeps.iter_mut().filter(|(id, _)| system.conversion(**id).store == store);
        concerned.for_each(|(_, sweep)| *sweep = Sweep { done: sweep.done, ..Sweep::default() });
    }

    fn convert_batch(&mut self, id: ConversionId, sweep: &mut Sweep) -> bool {
        let model = self.model.clone();
        let conversion = model.system.conversion(id);
        let store = conversion.store;
        let mut left = conversion.per_second;
        while left > 0 {
            if sweep.at as usize == self.stores[store.index()].len() {
                if sweep.done_in_pass == 0 {
                    return true;
                }
                *sweep = Sweep { at: 0, done: sweep.done, done_in_pass: 0, failed: 0 };
            }
            left -= u32::from(self.convert_next(id, sweep));
        }
        false
    }

    /// Looks at one record. Says whether it cost anything.
    fn convert_next(&mut self, id: ConversionId, sweep: &mut Sweep) -> bool {
        let conversion = self.model.system.conversion(id);
        let (store, version) = (conversion.store, conversion.version);
        let records = &self.stores[store.index()];
        let index = sweep.at;
        sweep.at += 1;
        let kind = *records.kinds.get(records.kind_of(index));
        if records.is_gone(index) || kind.format != conversion.rule.from {
            return false;
        }
        let Ok((after, _)) = data::convert(&kind, &conversion.decode.table(&kind), &conversion.rule, version) else {
            sweep.failed += 1;
            return true;
        };
        sweep.done += 1;
        sweep.done_in_pass += 1;
        self.rewrite_record(crate::plant::stores::RecordRef { store, index }, id, after);
        true
    }
}
