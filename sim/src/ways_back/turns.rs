//! Turns: in which order code and tables go back, so that no code serves in a state of its table that refuses it.
//!
//! Each goes at its turn in the mirror of the order in which they were told, as long as that does no harm: a column
//! that was added before the code that uses it goes after that code, and one that was dropped after the code had
//! ceased to use it comes back before older code does. Where code was deployed before the migration that it needs, the
//! mirror would take the table from under it; and a release that skips a version puts code beside a table that has
//! yet to come back. All ways to merge the steps of the tables with those of everything else are compared, by the
//! statements that are refused at each step, then by how far they are from the mirror: each step costs by itself, so
//! that the cheapest way from a point on does not hang on how one got there. Where none is harmless a version in
//! between has a turn of its own, if that spares a statement.

use super::mirror::About;
use super::paths::Path;
use crate::observers::statements::runs;
use crate::world::World;
use model::access::Access;
use model::action::{Action, ServiceAction};
use model::flag::Setting;
use model::id::{FlagId, FormatId, ServiceId, StoreId, VersionId};
use std::collections::{BTreeMap, BTreeSet};

/// A part of a release on its way back.
#[derive(Clone)]
struct Turn {
    /// Where it comes in the mirror.
    place: usize,
    about: About,
    path: Path,
    /// The version that its service is to run then.
    to: Option<VersionId>,
}

/// What serves and in which states tables are, at a point of the way.
#[derive(Clone)]
struct Stand {
    versions: Vec<BTreeSet<VersionId>>,
    schemas: Vec<FormatId>,
    /// Of each flag, whether some process may see it on, and some may see it off.
    flags: Vec<(bool, bool)>,
}

/// What an order of turns costs: statements refused, step by step, and pairs that are not as in the mirror.
type Cost = (usize, usize);

/// All orders of the turns of some sequences, each of which keeps its own.
struct Merges<'w> {
    world: &'w World,
    sequences: Vec<Vec<Turn>>,
    /// By how far each sequence has come: what the rest costs, and which one goes on.
    known: BTreeMap<Vec<usize>, (Cost, Option<usize>)>,
}

impl Merges<'_> {
    fn cost_from(&mut self, at: &[usize], stand: &Stand) -> Cost {
        if let Some((cost, _)) = self.known.get(at) {
            return *cost;
        }
        let open: Vec<_> = (0..at.len()).filter(|own| at[*own] < self.sequences[*own].len()).collect();
        let costs = open.into_iter().map(|own| (self.cost_by_way_of(own, at, stand), own));
        let best = costs.collect::<Vec<_>>().into_iter().min();
        let known = best.map_or(((0, 0), None), |(cost, own)| (cost, Some(own)));
        self.known.insert(at.to_vec(), known);
        known.0
    }

    /// What the rest costs when this sequence goes on.
    fn cost_by_way_of(&mut self, own: usize, at: &[usize], stand: &Stand) -> Cost {
        let turn = self.sequences[own][at[own]].clone();
        let (meanwhile, then) = self.world.stands_after(stand, &turn);
        let refused = self.world.refused_in(&meanwhile);
        let waiting = self.sequences.iter().zip(at).flat_map(|(sequence, at)| &sequence[*at..]);
        let passed_over = waiting.filter(|other| other.place < turn.place).count();
        let mut next = at.to_vec();
        next[own] += 1;
        let rest = self.cost_from(&next, &then);
        (refused + rest.0, passed_over + rest.1)
    }

    /// The cheapest order, and what it costs.
    fn cheapest(mut self) -> (Cost, Vec<Turn>) {
        let (mut at, stand) = (vec![0; self.sequences.len()], self.world.stand());
        let cost = self.cost_from(&at, &stand);
        let mut turns = Vec::new();
        while let Some((_, Some(own))) = self.known.get(&at) {
            turns.push(self.sequences[*own][at[*own]].clone());
            at[*own] += 1;
        }
        (cost, turns)
    }
}

impl World {
    /// The ways of a release, in the mirror of its order, in the orders in which they go: those of each table in their
    /// own, all else as it is. The last order has no more turns than there were; one before it spares a statement.
    pub(super) fn in_turn(&self, ways: Vec<(About, Path)>) -> Vec<Vec<(About, Path)>> {
        let turns = ways.into_iter().enumerate().map(|(place, (about, path))| {
            let to = if let About::Service(id) = about { self.version_after(id, &path) } else { None };
            Turn { place, about, path, to }
        });
        let mut turns: Vec<_> = turns.collect();
        let (mut cost, plain) = self.merged(&turns);
        let mut spared = None;
        while cost.0 > 0 {
            let more = self.with_one_between(&turns).into_iter().map(|more| (self.merged(&more), more));
            let Some(((less, order), more)) = more.min_by_key(|((cost, _), _)| *cost).filter(|own| own.0.0.0 < cost.0)
            else {
                break;
            };
            (cost, spared, turns) = (less, Some(order), more);
        }
        let ways = |turns: Vec<Turn>| turns.into_iter().map(|turn| (turn.about, turn.path)).collect();
        spared.into_iter().chain([plain]).map(ways).collect()
    }

    fn merged(&self, turns: &[Turn]) -> (Cost, Vec<Turn>) {
        let mut sequences: BTreeMap<Option<StoreId>, Vec<Turn>> = BTreeMap::new();
        for turn in turns {
            let table = match turn.about {
                About::Migration(id) => Some(self.model.system.migration(id).store),
                About::Service(_) | About::Flag(_) | About::Config(_) => None,
            };
            sequences.entry(table).or_default().push(turn.clone());
        }
        // A table goes back from its last migration on, whenever that was told.
        let made = |turn: &Turn| match turn.about {
            About::Migration(id) => self.model.system.migration(id).to,
            About::Service(_) | About::Flag(_) | About::Config(_) => FormatId::ZERO,
        };
        let tables = sequences.iter_mut().filter(|(table, _)| table.is_some());
        tables.for_each(|(_, own)| own.sort_by_key(|turn| std::cmp::Reverse(made(turn))));
        let sequences = sequences.into_values().collect();
        Merges { world: self, sequences, known: BTreeMap::new() }.cheapest()
    }

    /// The same turns with one more for a version that is older than the one its service leaves, and younger than the
    /// one it goes to: each that could have it, at each place before the turn of the service.
    fn with_one_between(&self, turns: &[Turn]) -> Vec<Vec<Turn>> {
        let services = turns.iter().enumerate().filter_map(|(at, turn)| match turn.about {
            About::Service(id) => Some((at, id, turn.to?)),
            About::Flag(_) | About::Config(_) | About::Migration(_) => None,
        });
        let more = services.flat_map(|(at, id, to)| {
            let had = turns[..at].iter().rev().find(|own| own.about == About::Service(id)).and_then(|own| own.to);
            let between = self.between(id, had.unwrap_or(self.control.desired(id).version), to);
            between.into_iter().flat_map(move |version| (0..=at).map(move |before| (at, before, id, version, to)))
        });
        let with = more.filter_map(|(at, before, id, version, to)| {
            let mut more = turns.to_vec();
            more[at].path = Path::of(self.by_name(id, to)?);
            let path = Path::of(self.by_name(id, version)?);
            let place = turns[before].place;
            more.insert(before, Turn { place, about: About::Service(id), path, to: Some(version) });
            Some(more)
        });
        with.collect()
    }

    /// The versions of a service that it was told after one and before another.
    fn between(&self, id: ServiceId, from: VersionId, to: VersionId) -> Vec<VersionId> {
        let all = &self.model.system.service(id).versions;
        let place = |version: VersionId| all.iter().position(|own| *own == version);
        let (Some(first), Some(last)) = (place(to), place(from)) else { return Vec::new() };
        all.get(first + 1..last).unwrap_or_default().to_vec()
    }

    /// The order that makes a service run a version, by its name; nothing, where that is refused.
    fn by_name(&self, id: ServiceId, version: VersionId) -> Option<Action> {
        let is_in_git = self.control.desired(id).git.is_some();
        let order = if is_in_git { ServiceAction::Commit(version) } else { ServiceAction::Deploy(version) };
        let order = Action::Service(id, order);
        self.attempt_action(&order).is_ok().then_some(order)
    }

    fn stand(&self) -> Stand {
        let system = &self.model.system;
        let services = (0..system.services.len()).map(ServiceId::new);
        let running = |id: ServiceId| self.in_use(id).map(|own| own.version).collect();
        let flags = (0..system.flags.len()).map(FlagId::new).map(|flag| self.may_be(flag));
        Stand {
            versions: services.map(running).collect(),
            schemas: (0..system.stores.len()).map(|store| self.control.schema(StoreId::new(store))).collect(),
            flags: flags.collect(),
        }
    }

    /// Whether a flag is on for some, and off for some; one that stands for the version of a config, where that is
    /// pushed.
    fn may_be(&self, flag: FlagId) -> (bool, bool) {
        match self.model.system.flag(flag).delivery.config() {
            Some(config) => {
                let pushed = &self.control.configs[config.index()];
                let is_for_some = pushed.canary.map(|(version, _)| version);
                let is_on = pushed.version == flag || is_for_some == Some(flag);
                (is_on, pushed.version != flag || is_for_some.is_some())
            }
            None => {
                let now = self.control.flags.get(flag);
                (now.is_on(), now != Setting::ON)
            }
        }
    }

    /// What there is while a turn is taken, when all that goes and all that comes serves, and what there is then.
    fn stands_after(&self, stand: &Stand, turn: &Turn) -> (Stand, Stand) {
        let system = &self.model.system;
        let mut then = stand.clone();
        let sees = |flags: &mut Vec<(bool, bool)>, flag: FlagId, is_on: (bool, bool)| flags[flag.index()] = is_on;
        match turn.about {
            About::Service(id) => then.versions[id.index()] = turn.to.into_iter().collect(),
            About::Migration(id) => {
                let migration = system.migration(id);
                then.schemas[migration.store.index()] = migration.from;
            }
            About::Flag(flag) => {
                let before = system.flag(flag).initial;
                sees(&mut then.flags, flag, (before.is_on(), before != Setting::ON));
            }
            About::Config(config) => {
                let flags = (0..system.flags.len()).map(FlagId::new);
                let own = flags.filter(|flag| system.flag(*flag).delivery.config() == Some(config));
                let before = system.config(config).initial;
                own.for_each(|flag| sees(&mut then.flags, flag, (flag == before, flag != before)));
            }
        }
        let mut meanwhile = then.clone();
        meanwhile.versions.iter_mut().zip(&stand.versions).for_each(|(both, old)| both.extend(old));
        for (both, old) in meanwhile.flags.iter_mut().zip(&stand.flags) {
            *both = (both.0 || old.0, both.1 || old.1);
        }
        (meanwhile, then)
    }

    /// How many statements tables refuse of what serves.
    fn refused_in(&self, stand: &Stand) -> usize {
        let system = &self.model.system;
        let serves = |own: &&Access| {
            let service = system.version(own.version).service;
            stand.versions[service.index()].contains(&own.version)
        };
        let is_said = |own: &&Access| {
            own.gate.on.is_none_or(|flag| stand.flags[flag.index()].0)
                && own.gate.off.iter().all(|flag| stand.flags[flag.index()].1)
        };
        let said = system.accesses.iter().filter(|own| system.store(own.store).is_table());
        let said = said.filter(serves).filter(is_said);
        said.filter(|own| !runs(own, stand.schemas[own.store.index()])).count()
    }
}
