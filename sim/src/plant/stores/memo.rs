//! What accesses do to kinds, once it has been worked out.
//!
//! Kinds are few, and numbered as they are met; accesses are few, and numbered by the compiler. So each access has a
//! row of kinds, and looking something up is two loads.

use super::Done;
use model::data::KindId;
use model::id::AccessId;

/// By access and kind: what it does. A row is as long as the last kind that access has met.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Memo {
    rows: Vec<Vec<Option<Done>>>,
}

impl Memo {
    /// What an access does to records of a kind, if that is known.
    pub(super) fn get(&self, access: AccessId, kind: KindId) -> Option<&Done> {
        self.rows.get(access.index())?.get(kind.index())?.as_ref()
    }

    /// Remembers it.
    pub(super) fn put(&mut self, access: AccessId, kind: KindId, done: Done) {
        let row = entry(&mut self.rows, access.index());
        *entry(row, kind.index()) = Some(done);
    }
}

/// The entry of that number of a list, which grows to hold it.
fn entry<T: Clone + Default>(list: &mut Vec<T>, index: usize) -> &mut T {
    if index >= list.len() {
        list.resize(index + 1, T::default());
    }
    &mut list[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::data::{KindTable, Mask, create};
    use model::id::{FormatId, VersionId};

    #[test]
    fn what_was_put_is_found_and_nothing_else_is() {
        let mut table = KindTable::default();
        let mut kind =
            |bits| table.intern(create(FormatId::ZERO, Mask::from_bits(bits), Mask::EMPTY, VersionId::new(0)));
        let (first, second, third) = (kind(1), kind(2), kind(3));
        let changed = Done::Changed {
            to: first,
            misread: Mask::EMPTY,
            spoilt: Mask::EMPTY,
            lost: Mask::EMPTY,
            damaged: Mask::EMPTY,
            updates: false,
        };
        let access = AccessId::new;
        let mut memo = Memo::default();
        memo.put(access(2), second, changed);
        assert_eq!(memo.get(access(2), second), Some(&changed));
        assert_eq!([first, third].map(|kind| memo.get(access(2), kind)), [None, None]);
        assert_eq!([0, 1, 3].map(|number| memo.get(access(number), second)), [None; 3]);
    }
}
