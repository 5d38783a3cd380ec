//! The way back from all that was brought in: each thing by the way that gets it there, in the mirror of the order in
//! which they were told.
//!
//! What was told last may need what was told before it, and nothing needs what was told after it. So each order waits
//! until the one before it is in effect: a flag until all processes see it as it was, a version until nothing else
//! runs. Only where that does not get there the order in which they were told is tried: what comes later in the mirror
//! may be what the first one waits for.

use super::candidates::Thing;
use super::paths::Path;
use super::{Changed, Step, Subject, WayBack};
use crate::people::operations::{Operation, State};
use crate::world::World;
use model::action::{Action, DataAction, ServiceAction, SettingAction};
use model::config::ConfigAccess;
use model::control::{Change, ServiceChange};
use model::id::{ConfigId, FlagId, MigrationId, ServiceId, StoreId, VersionId};
use model::migration::Way;
use model::name::Name;
use model::ratio::Ratio;
use model::system::System;
use model::time::Span;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Things that were brought in, and that go back together.
pub(super) struct Release {
    /// In the order in which they were told.
    parts: Vec<Part>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    about: About,
    /// Which of all changes it is.
    change: usize,
    /// The version that a service is to be back on; a flag and a config are to be what they were before the run.
    to: Option<VersionId>,
}

/// What an order is about, as far as it is a part of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    Service(ServiceId),
    Flag(FlagId),
    Config(ConfigId),
    Migration(MigrationId),
}

/// What somebody told a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// A service, a version.
    Version(VersionId),
    /// A part of a service, a version.
    OnPart(VersionId),
    /// A flag or a config, something; a table, a migration.
    State,
}

impl Told {
    /// What a change tells a thing.
    fn of(change: &Change) -> Option<(About, Told)> {
        if let Change::Service(service, ServiceChange::TargetOn(version, _)) = *change {
            return Some((About::Service(service), Told::OnPart(version)));
        }
        change.decided().map(|(service, version)| (About::Service(service), Told::Version(version)))
    }
}

impl Release {
    /// All that was brought in, and the last of it that can go back alone; neither, where that is one thing.
    pub(super) fn of(moment: &World, things: &[Thing]) -> Vec<Release> {
        let told = moment.told_so_far();
        let parts = things.iter().enumerate().flat_map(|(change, thing)| moment.parts_of_release(change, thing));
        let mut parts: Vec<_> = parts.collect();
        parts.sort_by_key(|part| told.iter().rposition(|(about, _)| *about == part.about));
        let whole = Release { parts };
        let last = whole.last_alone(&told, &moment.model.system);
        [Some(whole), last].into_iter().flatten().filter(Release::is_of_several).collect()
    }

    fn is_of_several(&self) -> bool {
        self.parts.len() > 1 && self.parts.iter().any(|part| matches!(part.about, About::Service(_)))
    }

    /// The last orders of which no two are about the same, where one came before them that is: back from those there
    /// has been a state with all that was told before. A migration at their beginning belongs to what came before,
    /// where code and then another migration of its table follow it. Nothing, where no single order leads there.
    fn last_alone(&self, told: &[(About, Told)], system: &System) -> Option<Release> {
        let is_last = |at: &usize| !told[at + 1..].iter().any(|(about, _)| *about == told[*at].0);
        let begun = (0..told.len()).rev().take_while(is_last).last()?;
        let begun = if begun > 0 { begun + brought_before(&told[begun..], system) } else { begun };
        let (before, last) = told.split_at(begun);
        let parts: Vec<_> =
            last.iter().map(|(about, told)| self.as_before(*about, *told, before)).collect::<Option<_>>()?;
        (parts != self.parts).then_some(Release { parts })
    }

    /// A thing that is to be what it was told before.
    fn as_before(&self, about: About, told: Told, before: &[(About, Told)]) -> Option<Part> {
        let part = *self.parts.iter().find(|part| part.about == about)?;
        let earlier = before.iter().rev().find(|(other, _)| *other == about);
        match (told, earlier.map(|(_, told)| *told)) {
            (Told::OnPart(_), _) | (_, Some(Told::OnPart(_) | Told::State)) => None,
            (_, Some(Told::Version(version))) => Some(Part { to: Some(version), ..part }),
            (_, None) => Some(part),
        }
    }
}

impl World {
    /// What was told so far, to what is a part of a release, in that order.
    fn told_so_far(&self) -> Vec<(About, Told)> {
        let is_told = |order: &&Operation| !matches!(order.state, State::Refused(_));
        let told = self.operations.iter().filter(is_told).flat_map(|order| match order.action {
            Action::Set(SettingAction::Flag(flag, _)) => vec![(About::Flag(flag), Told::State)],
            Action::Set(SettingAction::Config(config, ..)) => vec![(About::Config(config), Told::State)],
            Action::Data(DataAction::Migrate(migration, _)) => vec![(About::Migration(migration), Told::State)],
            Action::Service(..) | Action::Area(..) | Action::Data(_) | Action::Room(_) | Action::Fault { .. } => {
                order.planned().iter().filter_map(Told::of).collect()
            }
        });
        told.collect()
    }

    /// What of a thing is a part of all that was brought in: a version, a flag or a config that does not go back by
    /// now, and each migration that its table has been taken through.
    fn parts_of_release(&self, change: usize, thing: &Thing) -> Vec<Part> {
        let goes_back = thing.is_going_back();
        let parts = self.all_about(thing).into_iter().filter_map(|about| {
            let (to, is_other) = match about {
                About::Service(id) => {
                    let first = self.model.system.service(id).initial;
                    (Some(first), !goes_back && (!self.is_told_only(id, first) || self.meant_by(id) != first))
                }
                About::Flag(_) | About::Config(_) => (None, !goes_back && !thing.ways.is_empty()),
                About::Migration(_) => (None, true),
            };
            is_other.then_some(Part { about, change, to })
        });
        parts.collect()
    }

    /// What orders may be about that have changed a thing.
    fn all_about(&self, thing: &Thing) -> Vec<About> {
        let (system, named) = (&self.model.system, |name: &Name| name.as_str() == thing.name);
        let about = match thing.what {
            Subject::Service => {
                let at = system.services.iter().position(|own| named(&own.name));
                at.map(|at| About::Service(ServiceId::new(at)))
            }
            Subject::Flag => {
                let at = system.flags.iter().position(|own| named(&own.name));
                at.map(|at| About::Flag(FlagId::new(at)))
            }
            Subject::Config => {
                let at = system.configs.iter().position(|own| named(&own.name));
                at.map(|at| About::Config(ConfigId::new(at)))
            }
            Subject::Store => {
                let at = system.stores.iter().position(|own| named(&own.name));
                let made = at.map(|at| self.migrations_made(StoreId::new(at)));
                return made.unwrap_or_default().into_iter().map(About::Migration).collect();
            }
            Subject::Effect | Subject::Traffic | Subject::Release => None,
        };
        about.into_iter().collect()
    }

    /// All that was brought in, taken back in one way, and the last of it in another one.
    pub(super) fn taken_back_as_one(
        &self,
        releases: &[Release],
        changes: &[Changed],
        explore: &mut impl FnMut(&Path) -> WayBack,
    ) -> Option<Changed> {
        let whole = releases.first()?;
        let mut told = BTreeSet::new();
        let parts = whole.parts.iter().map(|part| part.change).filter(|change| told.insert(*change));
        let parts: Vec<_> = parts.map(|change| &changes[change]).collect();
        let name = parts.iter().map(|own| name_among(own, &parts)).collect::<Vec<_>>().join(", ");
        let ways = releases
            .iter()
            .filter_map(|release| self.release_taken_back(release, changes, explore))
            .collect::<Vec<_>>();
        let is_any = !ways.is_empty();
        is_any.then_some(Changed { what: Subject::Release, name, from: None, to: None, under_way: None, ways })
    }

    /// The way back of a release: in the mirror of its order, with each table in its place, or, where only that gets
    /// there, in its order.
    fn release_taken_back(
        &self,
        release: &Release,
        changes: &[Changed],
        explore: &mut impl FnMut(&Path) -> WayBack,
    ) -> Option<WayBack> {
        let ways = release.parts.iter().rev().map(|part| (part, self.own_way(part, &changes[part.change])));
        let (back, stay): (Vec<_>, Vec<_>) = ways.partition(|(_, way)| way.is_some());
        let back: Vec<_> = back.into_iter().filter_map(|(part, way)| Some((part.about, way?))).collect();
        let mut orders = self.in_turn(back);
        orders.extend(orders.last().cloned().map(forwards));
        let gets_there = |way: &WayBack| way.durations.is_some_and(|took| took.reached > 0);
        let is_sure = |way: &WayBack| way.durations.is_some_and(|took| took.reached == took.tried);
        let spared =
            self.joined(orders.first()?, false).filter(|path| self.joined(&orders[0], true).as_ref() != Some(path));
        let spared = spared.map(|path| explore(&path)).filter(is_sure);
        let mut tried = orders.iter().filter_map(|order| Some(explore(&self.joined(order, true)?)));
        let first = if let Some(spared) = spared { spared } else { tried.next()? };
        let is_enough = first.durations.is_none() || gets_there(&first);
        let other = if is_enough { None } else { tried.find(gets_there) };
        let mut way = other.unwrap_or(first);
        let stay: Vec<_> = stay.into_iter().map(|(part, _)| part).collect();
        let migrations: Vec<_> = stay.iter().filter_map(|part| part.about.migration()).collect();
        let others = stay.iter().filter(|part| part.about.migration().is_none());
        let others = others.map(|part| self.stays_behind(&changes[part.change]));
        let stay = self.stay_up(&migrations).into_iter().chain(others);
        way.steps.splice(0..0, stay.map(|what| Step { what, takes: None }));
        Some(way)
    }

    /// Of the ways that lead back from one thing the one that gets there most often, and of those the fastest; where
    /// none does, the first.
    fn own_way(&self, part: &Part, changed: &Changed) -> Option<Path> {
        if let About::Migration(id) = part.about {
            let down = Path::of(Action::Data(DataAction::Migrate(id, Way::Down)));
            return self.keeps_up(id).is_none().then_some(down);
        }
        let leading: Vec<_> = changed.ways.iter().filter(|way| self.leads_there(part, &way.path())).collect();
        let there = leading.iter().filter(|way| self.is_there(part, &changed.name, way));
        let best = there.min_by_key(|way| haste(way)).or(leading.first());
        best.map(|way| way.path())
    }

    /// Whether trials of a way got there, and what it leaves says so.
    fn is_there(&self, part: &Part, name: &str, way: &WayBack) -> bool {
        let (Some(took), Some(left)) = (way.durations, &way.left) else { return false };
        let is = |names: &[String]| names.iter().all(|other| other != name);
        took.reached > 0
            && match part.about {
                About::Service(id) => {
                    let is_settled = is(&left.services) && left.git.iter().all(|git| git.service != name);
                    part.to != Some(self.model.system.service(id).initial) || is_settled
                }
                About::Flag(_) => is(&left.flags),
                About::Config(_) => is(&left.configs),
                About::Migration(_) => true,
            }
    }

    /// Whether a way leads to what a thing is to be.
    fn leads_there(&self, part: &Part, way: &Path) -> bool {
        let mut orders = way.orders().into_iter();
        match part.about {
            About::Service(service) => self.version_after(service, way) == part.to,
            About::Flag(own) => {
                orders.any(|order| matches!(order, Action::Set(SettingAction::Flag(flag, _)) if flag == own))
            }
            About::Migration(_) => true,
            About::Config(own) => {
                orders.any(|order| matches!(order, Action::Set(SettingAction::Config(config, ..)) if config == own))
            }
        }
    }

    /// The version that all of a service is told by a way, or in Git; nothing, where a standby takes over instead.
    pub(super) fn version_after(&self, service: ServiceId, way: &Path) -> Option<VersionId> {
        let (mut moment, mut last) = (self.clone(), None);
        for (number, order) in way.orders().into_iter().enumerate() {
            // What controllers have to take up before they take a later order is not asked: trials show it.
            let effects = match number {
                0 => self.attempt_action(&order).ok()?,
                _ => order.effects(&self.model.system, &moment.control).unwrap_or_default(),
            };
            let is_about = |change: &Change| {
                let is_stood_in = matches!(change, Change::Service(_, ServiceChange::StandIn(..)));
                Told::of(change).filter(|(about, _)| *about == About::Service(service) && !is_stood_in)
            };
            last = effects.after_lead.iter().filter_map(is_about).next_back().or(last);
            effects.after_lead.iter().for_each(|change| moment.control.apply(*change));
        }
        match last?.1 {
            Told::Version(version) => Some(version),
            Told::OnPart(version) => Some(version).filter(|version| moment.is_told_only(service, *version)),
            Told::State => None,
        }
    }

    /// The ways of several things as one, with a restart of what has read its environment or without.
    fn joined(&self, ways: &[(About, Path)], restarts: bool) -> Option<Path> {
        let parts = ways.iter().enumerate().map(|(number, (about, way))| {
            let later = &ways[number + 1..];
            let in_environment = match about {
                About::Config(config) => self.pushed_to_environments(*config, later, restarts),
                About::Service(_) | About::Flag(_) | About::Migration(_) => None,
            };
            in_environment.unwrap_or_else(|| (way.clone(), way.orders().len()))
        });
        Path::joined(parts)
    }

    /// A push of a config that processes have read in their environment, with a restart of those that nothing replaces
    /// later on the way; and how many of these orders are waited for. The push is in effect only when the last process
    /// has been replaced.
    fn pushed_to_environments(
        &self,
        config: ConfigId,
        later: &[(About, Path)],
        restarts: bool,
    ) -> Option<(Path, usize)> {
        let spec = self.model.system.config(config);
        let stuck = self.stuck_with(config);
        if spec.access != ConfigAccess::Environment || stuck.is_empty() {
            return None;
        }
        let is_replaced = |service: &ServiceId| later.iter().any(|(about, _)| *about == About::Service(*service));
        let (replaced, rest): (Vec<_>, Vec<_>) = stuck.into_iter().partition(is_replaced);
        let push = Path::of(Action::Set(SettingAction::Config(config, spec.initial, Ratio::ONE)));
        let rest: Vec<_> = rest.into_iter().filter(|_| restarts).collect();
        let restarts = rest.iter().map(|service| Path::of(Action::Service(*service, ServiceAction::Restart)));
        let all = Path::joined(std::iter::once(push).chain(restarts).map(|path| (path, 0)))?;
        let awaited = if replaced.is_empty() { all.orders().len() } else { rest.len() };
        Some((all, awaited))
    }

    /// That something other than a table stays, and why.
    fn stays_behind(&self, changed: &Changed) -> String {
        let why = changed.ways.iter().find_map(|way| way.choice.refused.clone());
        let why = why.unwrap_or_else(|| "no order takes all of it back".to_owned());
        format!("{} stays as it is: {why}", changed.name)
    }
}

impl About {
    /// The migration, of one.
    const fn migration(self) -> Option<MigrationId> {
        match self {
            About::Migration(id) => Some(id),
            About::Service(_) | About::Flag(_) | About::Config(_) => None,
        }
    }
}

/// How many orders at the beginning took tables to where others take them further after a version was told.
fn brought_before(told: &[(About, Told)], system: &System) -> usize {
    let table = |about: &About| about.migration().map(|id| system.migration(id).store);
    let code = told.iter().position(|(about, _)| matches!(about, About::Service(_))).unwrap_or(0);
    let later = &told[code..];
    let goes_on =
        |about: &About| table(about).is_some_and(|own| later.iter().any(|(other, _)| table(other) == Some(own)));
    told[..code].iter().take_while(|(about, _)| goes_on(about)).count()
}

/// The name of a part, and what it is, where another part has the same name.
fn name_among(own: &Changed, all: &[&Changed]) -> String {
    let has_namesake = all.iter().filter(|other| other.name == own.name).count() > 1;
    if has_namesake { format!("{} {}", own.what.word(), own.name) } else { own.name.clone() }
}

impl WayBack {
    /// Its orders, as they are tried.
    fn path(&self) -> Path {
        Path { before: self.before.clone(), action: self.choice.action, waits: self.waits.clone() }
    }
}

/// These the other way round; tables last, and what came to them last first, as only that can be taken back.
fn forwards(ways: Vec<(About, Path)>) -> Vec<(About, Path)> {
    let (tables, others): (Vec<_>, Vec<_>) =
        ways.into_iter().partition(|(about, _)| matches!(about, About::Migration(_)));
    others.into_iter().rev().chain(tables).collect()
}

/// How seldom a way gets there, in trials of a million, and how long it takes then.
fn haste(way: &WayBack) -> (Reverse<u64>, bool, Option<Span>) {
    let took = way.durations.unwrap_or_default();
    let often = u64::from(took.reached) * 1_000_000 / u64::from(took.tried.max(1));
    (Reverse(often), took.p50.is_none(), took.p50)
}
