//! Migrations that a release orders: each begins where the one before it ends.

use super::Resolver;
use crate::raw::RawAction;
use crate::syntax::{Diagnostic, Text, quoted};
use model::id::{FormatId, MigrationId};
use model::migration::Way;
use std::collections::BTreeMap;

impl Resolver<'_> {
    /// Warns of migrations of the release that are going to be refused, because their table is in another state then.
    /// What is restored on the way is in a state that nobody knows before.
    pub(super) fn check_passages(&mut self) {
        let mut steps: Vec<_> = self.raw.release.iter().map(|step| (step.at.value, &step.act)).collect();
        steps.sort_by_key(|(at, _)| *at);
        let known = steps.into_iter().take_while(|(_, act)| !matches!(act, RawAction::Restore(_)));
        let ordered: Vec<(&Text, Way)> = known.filter_map(|(_, act)| ordered(act)).collect();
        let mut states = BTreeMap::new();
        for (name, way) in ordered {
            let id = self.names.migrations.position(&name.value).map(MigrationId::new);
            let Some(migration) = id.and_then(|id| self.system.migrations.get(id.index())) else { continue };
            let state = states.entry(migration.store).or_insert(FormatId::ZERO);
            if *state == migration.start(way) {
                *state = migration.target(way);
                continue;
            }
            let store = self.system.store(migration.store);
            let is = quoted(&store.entity.format(*state).name);
            let begins = quoted(&store.entity.format(migration.start(way)).name);
            let message = format!("{} is in the state {is} by then, so this is refused", quoted(store.name.as_str()));
            let help = format!("it begins in the state {begins}: order what leads there before");
            self.out.push(Diagnostic::warning(name.span, message).help(help));
        }
    }
}

/// The migration that an order makes, or takes back.
const fn ordered(act: &RawAction) -> Option<(&Text, Way)> {
    if let RawAction::Migrate(order) = act {
        Some((&order.migrate, Way::Up))
    } else if let RawAction::Down(order) = act {
        Some((&order.down, Way::Down))
    } else {
        None
    }
}
