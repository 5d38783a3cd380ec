//! AP2: back, but not all the way.

use super::{Found, Pattern};
use crate::people::operations::OperationId;
use crate::world::World;

impl World {
    /// AP2.
    pub(super) fn stalled_back(&self) -> Option<Found> {
        let ways = self.told_orders().filter(|(_, order)| self.goes_back(&order.operation.action));
        let stood = ways.filter_map(|(index, order)| {
            let (at, clash) = self.clashes.of(OperationId::new(index))?;
            Some(Found { pattern: Pattern::HalfWay, at, evidence: vec![order.line, clash] })
        });
        stood.min_by_key(|found| found.at)
    }
}
