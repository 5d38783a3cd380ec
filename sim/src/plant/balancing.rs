//! Balancing: which of the replicas that serve a request goes to.
//!
//! Who is in question is narrowed down first: by version where shares are stated, by place where near ones are
//! preferred, and by where the other half of a hedged pair is. The balancer then chooses among those left. Replicas
//! that are asked in turn are so among their own kind: each narrowing has a turn of its own.

use super::fleet::{Fleet, Pool, Replica, ReplicaKey, Side};
use super::requests::{Ask, Caller, Origin, OriginKey};
use crate::fact::Cause;
use crate::kernel::slab::Slab;
use crate::kernel::variate;
use crate::world::World;
use model::id::{ClassId, RegionId, ServiceId, VersionId, ZoneId, mix};
use model::place::Locality;
use model::program::ClassSet;
use model::ratio::Ratio;
use model::system::{Balancer, System};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Which replicas of a pool are in question: all, or some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Among {
    group: Option<Group>,
    near: Option<Near>,
}

/// Replicas that have a share of the traffic together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// Those of a version.
    Version(VersionId),
    /// Those of a Deployment.
    Side(Side),
}

impl Group {
    fn has(self, replica: &Replica) -> bool {
        match self {
            Group::Version(version) => replica.version == version,
            Group::Side(side) => replica.side == side,
        }
    }
}

/// How a router splits the traffic of a pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Routes {
    /// The share of each group; nothing, where no router stands before the pool.
    shares: Vec<(Group, Ratio)>,
    /// The classes that are split. The others go to the first group.
    classes: ClassSet,
    /// Who gets a copy of each request beside.
    copied_to: Option<Group>,
    /// Whether a group without a replica that serves leaves its share to the others.
    falls_back: bool,
}

impl Routes {
    /// These shares of all requests.
    pub(crate) fn of(shares: impl IntoIterator<Item = (Group, Ratio)>) -> Self {
        Routes { shares: shares.into_iter().collect(), classes: ClassSet::ALL, copied_to: None, falls_back: false }
    }

    /// The same, where a group without a replica that serves leaves its share to the others, or does not.
    pub(crate) fn falling_back(self, falls_back: bool) -> Self {
        Routes { falls_back, ..self }
    }

    /// The same of the requests of some classes; the others go to the first group.
    pub(crate) fn of_classes(self, classes: ClassSet) -> Self {
        Routes { classes, ..self }
    }

    /// The same, and a copy of each request to a group.
    pub(crate) fn copied_to(self, group: Option<Group>) -> Self {
        Routes { copied_to: group, ..self }
    }

    /// Whether no router stands before the pool.
    pub(crate) fn is_open(&self) -> bool {
        self.shares.is_empty()
    }

    /// Whether a replica gets any of the traffic.
    pub(crate) fn lead_to(&self, replica: &Replica) -> bool {
        self.is_open() || self.picked().any(|group| group.has(replica))
    }

    /// Whether a version gets all of the traffic.
    pub(crate) fn lead_only_to(&self, version: VersionId) -> bool {
        !self.is_open() && self.picked().all(|group| group == Group::Version(version))
    }

    /// The groups of which one is picked for each request.
    fn picked(&self) -> impl Iterator<Item = Group> {
        let with_share = self.shares.iter().filter(|(_, share)| *share > Ratio::ZERO);
        let of_others = self.shares.first().filter(|_| self.classes != ClassSet::ALL);
        with_share.chain(of_others).map(|(group, _)| *group)
    }

    /// The group that a random word picks for a request of a class.
    fn drawn(&self, class: ClassId, serves: impl Fn(Group) -> bool, word: u64) -> Option<Group> {
        if !self.classes.has(class) {
            return self.shares.first().map(|(group, _)| *group);
        }
        drawn_group(self.shares.iter().copied(), |group| !self.falls_back || serves(group), word)
    }
}

/// A place that is near a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Near {
    Zone(ZoneId),
    Region(RegionId),
}

/// Where the rounds of a pool stand.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Turns {
    /// Of the round over all that serve.
    all: usize,
    /// Of the rounds over some of them.
    some: BTreeMap<Among, usize>,
}

impl Turns {
    /// The next one of `count`, at least one.
    fn next(&mut self, among: Among, count: usize) -> usize {
        if among == Among::default() {
            return self.next_of_all(count);
        }
        advance(self.some.entry(among).or_default(), count)
    }

    /// The same of the round over all that serve.
    fn next_of_all(&mut self, count: usize) -> usize {
        advance(&mut self.all, count)
    }
}

/// The turn after this one.
fn advance(turn: &mut usize, count: usize) -> usize {
    *turn += 1;
    if *turn >= count {
        // Nearly always the round is over; it may also have become shorter.
        *turn = if *turn == count { 0 } else { *turn % count };
    }
    *turn
}

/// What a balancer is told of a request.
struct Wanted<'r> {
    origins: &'r Slab<Origin>,
    origin: OriginKey,
    path: u64,
    /// Where the caller is, when it matters.
    near: Option<Near>,
    /// A replica to be left alone when there is another one.
    avoid: Option<ReplicaKey>,
}

impl Wanted<'_> {
    fn origin(&self) -> &Origin {
        self.origins.get(self.origin).expect("its asker holds it")
    }

    /// A random word of the request.
    fn luck(&self) -> u64 {
        const BALANCE: u64 = 0x6261_6c61_6e63_6572;
        self.origin().word(self.path, BALANCE)
    }

    /// What a sticky balancer goes by: the key the request is about; without one, the same word for all calls of
    /// one request.
    fn key(&self, system: &System) -> u64 {
        const STICK: u64 = 0x7374_6963_6b79;
        let origin = self.origin();
        origin.key(system).map_or_else(|| origin.stream.word(origin.index, mix(STICK)), mix)
    }
}

impl World {
    /// The replica a request goes to, if one serves; not `avoid`, when there is another one.
    pub(crate) fn choose(&mut self, ask: &Ask, avoid: Option<ReplicaKey>) -> Option<ReplicaKey> {
        let id = self.model.door(ask.endpoint).service;
        let service = self.model.system.service(id);
        let near = service.locality.and_then(|locality| self.near(ask, locality));
        let pool = self.fleet.pool_mut(id);
        let is_alike = (pool.routes.is_open() || pool.stands_in) && near.is_none() && avoid.is_none();
        if service.balancer == Balancer::RoundRobin && is_alike {
            return pool.next_in_turn();
        }
        let wanted = Wanted { origins: &self.origins, origin: ask.origin, path: ask.path, near, avoid };
        self.fleet.choose(id, &self.model.system, &wanted)
    }

    /// The replica that gets a copy of a request, if one does.
    pub(crate) fn choose_for_copy(&mut self, service: ServiceId) -> Option<ReplicaKey> {
        let Fleet { replicas, pools, .. } = &mut self.fleet;
        let Pool { ready, turns, routes, stands_in, .. } = &mut pools[service.index()];
        let group = routes.copied_to.filter(|_| !*stands_in)?;
        let is_of = |key: &ReplicaKey| replicas.get(*key).is_some_and(|replica| group.has(replica));
        let count = ready.iter().filter(|key| is_of(key)).count();
        let turn = (count > 0).then(|| turns.next(Among { group: Some(group), near: None }, count))?;
        ready.iter().copied().filter(is_of).nth(turn)
    }

    /// Why no replica takes the requests of a service.
    pub(crate) fn nobody_serves(&self, service: ServiceId) -> Cause {
        let pool = self.fleet.pool(service);
        match (pool.ready.is_empty(), pool.routes.is_open()) {
            (true, _) if self.is_all_isolated(service) => Cause::Isolated,
            (true, _) => Cause::NoReplica,
            (false, true) => Cause::Unweighted,
            (false, false) => Cause::NoUpstream,
        }
    }

    /// The place around the caller that a locality speaks of.
    fn near(&self, ask: &Ask, locality: Locality) -> Option<Near> {
        let zone = self.zone_of_caller(ask.origin, ask.caller)?;
        let region = self.model.system.zone(zone).region;
        if !self.shifted.is_empty() && matches!(ask.caller, Caller::Root) {
            let sent = self.origins.get(ask.origin).map_or(region, |origin| self.sent_to(origin, region));
            if sent != region {
                return Some(Near::Region(sent));
            }
        }
        Some(match locality {
            Locality::Zone => Near::Zone(zone),
            Locality::Region => Near::Region(region),
        })
    }
}

impl Near {
    /// As far around it as a locality goes.
    fn seen_by(self, locality: Locality, system: &System) -> Self {
        match (self, locality) {
            (Near::Zone(zone), Locality::Region) => Near::Region(system.zone(zone).region),
            (near, Locality::Zone | Locality::Region) => near,
        }
    }

    fn has(self, replica: &Replica, system: &System) -> bool {
        match self {
            Near::Zone(zone) => replica.zone == zone,
            Near::Region(region) => system.zone(replica.zone).region == region,
        }
    }
}

impl Pool {
    /// The replica whose turn it is, of all that serve.
    fn next_in_turn(&mut self) -> Option<ReplicaKey> {
        let count = self.ready.len();
        (count > 0).then(|| self.ready[self.turns.next_of_all(count)])
    }
}

impl Fleet {
    /// The replicas that one of the requests to a service can go to that are made from a place; a copy is none.
    pub(crate) fn takers(&self, id: ServiceId, system: &System, from: Option<Near>) -> Vec<ReplicaKey> {
        let Pool { ready, routes, stands_in, .. } = self.pool(id);
        let service = system.service(id);
        let near = service.locality.and_then(|locality| Some(from?.seen_by(locality, system)));
        let of = |group: Option<Group>| {
            let own = ready.iter().filter_map(|key| Some((*key, self.replicas.get(*key)?)));
            let own: Vec<_> = own.filter(|(_, own)| group.is_none_or(|group| group.has(own))).collect();
            let closer = own.iter().filter(|(_, own)| near.is_none_or(|near| near.has(own, system)));
            let closer: Vec<_> = closer.map(|(key, _)| *key).collect();
            // Where none is near, far ones will do.
            if closer.is_empty() { own.into_iter().map(|(key, _)| key).collect() } else { closer }
        };
        let weights = service.weights.iter().filter(|(_, share)| *share > Ratio::ZERO);
        match (routes.is_open(), service.weights.is_empty()) {
            _ if *stands_in => of(None),
            (true, true) => of(None),
            (true, false) => weights.flat_map(|(version, _)| of(Some(Group::Version(*version)))).collect(),
            (false, _) => routes.picked().flat_map(|group| of(Some(group))).collect(),
        }
    }

    fn choose(&mut self, id: ServiceId, system: &System, wanted: &Wanted<'_>) -> Option<ReplicaKey> {
        let Fleet { replicas, pools, .. } = self;
        let Pool { ready, turns, routes, stands_in, .. } = &mut pools[id.index()];
        let service = system.service(id);
        let choice = Choice { replicas, system, balancer: service.balancer, wanted };
        let serves = |group| serves(group, ready, replicas);
        let weights = service.weights.iter().map(|(version, share)| (Group::Version(*version), *share));
        let group = match (routes.is_open(), service.weights.is_empty()) {
            // All that stand by are alike, and no router knows them.
            (..) if *stands_in => None,
            (false, _) => Some(routes.drawn(wanted.origin().class, serves, wanted.luck())?),
            (true, false) => Some(drawn_group(weights, serves, wanted.luck())?),
            (true, true) => None,
        };
        if group.is_none() && wanted.near.is_none() && wanted.avoid.is_none() {
            return choice.among(ready, || turns.next(Among::default(), ready.len()));
        }
        let (among, of) = choice.narrowed(ready, Among { group, near: wanted.near });
        let of = choice.without(of, wanted.avoid);
        choice.among(&of, || turns.next(among, of.len()))
    }
}

/// A choice among replicas.
struct Choice<'w> {
    replicas: &'w Slab<Replica>,
    system: &'w System,
    balancer: Balancer,
    wanted: &'w Wanted<'w>,
}

impl Choice<'_> {
    /// One of these; `turn` says whose it is, where they are asked in turn.
    fn among(&self, of: &[ReplicaKey], turn: impl FnOnce() -> usize) -> Option<ReplicaKey> {
        if of.is_empty() {
            return None;
        }
        Some(match self.balancer {
            Balancer::RoundRobin | Balancer::Weighted => of[turn()],
            Balancer::LeastLoaded => self.least_loaded(of),
            Balancer::PowerOfTwo => self.less_loaded_of_two(of, self.wanted.luck()),
            Balancer::Sticky => self.rendezvous(of, self.wanted.key(self.system)),
        })
    }

    /// Those in question. Where none is near, far ones will do.
    fn narrowed<'p>(&self, ready: &'p [ReplicaKey], among: Among) -> (Among, Cow<'p, [ReplicaKey]>) {
        if among == Among::default() {
            return (among, Cow::Borrowed(ready));
        }
        let found: Vec<_> = ready.iter().copied().filter(|key| self.is_among(*key, among)).collect();
        if found.is_empty() && among.near.is_some() {
            return self.narrowed(ready, Among { near: None, ..among });
        }
        (among, Cow::Owned(found))
    }

    fn is_among(&self, key: ReplicaKey, among: Among) -> bool {
        let Some(replica) = self.replicas.get(key) else { return false };
        let is_near = |near: Near| near.has(replica, self.system);
        among.group.is_none_or(|group| group.has(replica)) && among.near.is_none_or(is_near)
    }

    /// These without one of them, unless it is the only one.
    fn without<'p>(&self, of: Cow<'p, [ReplicaKey]>, avoid: Option<ReplicaKey>) -> Cow<'p, [ReplicaKey]> {
        match avoid {
            Some(avoid) if of.len() > 1 && of.contains(&avoid) => {
                Cow::Owned(of.iter().copied().filter(|key| *key != avoid).collect())
            }
            Some(_) | None => of,
        }
    }

    /// The first of those with the fewest requests in flight.
    fn least_loaded(&self, of: &[ReplicaKey]) -> ReplicaKey {
        of.iter().copied().min_by_key(|key| self.load(*key)).expect("one of several")
    }

    fn less_loaded_of_two(&self, of: &[ReplicaKey], word: u64) -> ReplicaKey {
        let [one, other] = [word, word.rotate_left(32)].map(|word| pick(of, word));
        if self.load(other) < self.load(one) { other } else { one }
    }

    fn rendezvous(&self, of: &[ReplicaKey], key: u64) -> ReplicaKey {
        heaviest(of.iter().map(|own| (*own, self.sign(*own))), key).expect("one of several")
    }

    fn load(&self, key: ReplicaKey) -> u32 {
        self.replicas.get(key).map_or(u32::MAX, |replica| replica.in_flight)
    }

    fn sign(&self, key: ReplicaKey) -> u64 {
        self.replicas.get(key).map_or(0, |replica| replica.sign)
    }
}

/// One of the replicas, by a random word.
fn pick(of: &[ReplicaKey], word: u64) -> ReplicaKey {
    of[usize::try_from(variate::bounded(word, of.len() as u64)).expect("an index of the pool")]
}

/// The one that weighs most with this key. What one weighs depends on no other, so that only the keys of one that
/// goes are moved, and one that comes takes an equal share from each.
fn heaviest<T>(signed: impl Iterator<Item = (T, u64)>, key: u64) -> Option<T> {
    signed.max_by_key(|(_, sign)| mix(key ^ sign)).map(|(own, _)| own)
}

/// Whether a replica of a group is ready.
fn serves(group: Group, ready: &[ReplicaKey], replicas: &Slab<Replica>) -> bool {
    ready.iter().filter_map(|key| replicas.get(*key)).any(|replica| group.has(replica))
}

/// The group a random word picks, by the shares of those that serve; none, when no such group has a share.
fn drawn_group(
    weights: impl Iterator<Item = (Group, Ratio)> + Clone,
    serves: impl Fn(Group) -> bool,
    word: u64,
) -> Option<Group> {
    let shares = || {
        let serving = weights.clone().filter(|(group, _)| serves(*group));
        serving.map(|(group, share)| (group, u64::from(share.ppb())))
    };
    let whole = shares().map(|(_, share)| share).sum::<u64>();
    let drawn = if whole == 0 { return None } else { variate::bounded(word, whole) };
    let mut uptos = shares().scan(0, |sum, (group, share)| {
        *sum += share;
        Some((group, *sum))
    });
    uptos.find(|(_, upto)| drawn < *upto).map(|(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u64 = 60_000;

    /// A test of some classes sends all others to the first group, which has no share of its own.
    #[test]
    fn the_first_group_has_what_is_not_of_the_classes_of_a_test() {
        let [old, new] = [0, 1].map(VersionId::new);
        let groups = [(Group::Version(old), Ratio::ZERO), (Group::Version(new), Ratio::ONE)];
        assert!(Routes::of(groups).lead_only_to(new));
        let test = Routes::of(groups).of_classes(ClassSet::default().with(ClassId::ZERO));
        assert!(!test.lead_only_to(new) && test.picked().any(|group| group == Group::Version(old)));
    }

    fn held(signs: &[u64], key: u64) -> u64 {
        heaviest(signs.iter().map(|sign| (*sign, *sign)), mix(key)).expect("there are some")
    }

    #[test]
    fn a_replica_that_goes_moves_its_own_keys_only() {
        let signs: Vec<u64> = (1..=6).map(mix).collect();
        let moved = (0..KEYS).filter(|key| {
            let (before, after) = (held(&signs, *key), held(&signs[1..], *key));
            assert!(before == after || before == signs[0], "it was not on the one that went");
            before != after
        });
        let sixth = KEYS / 6;
        assert!(moved.count().abs_diff(usize::try_from(sixth).unwrap()) < 400);
    }

    #[test]
    fn keys_of_a_replica_that_goes_are_spread_over_the_others() {
        let signs: Vec<u64> = (1..=4).map(mix).collect();
        let moved: Vec<_> = (0..KEYS).filter(|key| held(&signs, *key) == signs[0]).collect();
        for other in &signs[1..] {
            let share = moved.iter().filter(|key| held(&signs[1..], **key) == *other).count();
            assert!(share.abs_diff(moved.len() / 3) < 300, "{share} of {}", moved.len());
        }
    }

    fn share_of(version: usize, serving: &[usize]) -> f64 {
        let weights = [(0, 60), (1, 30), (2, 10)];
        let group = |id: usize| Group::Version(VersionId::new(id));
        let weights = weights.map(|(id, percent)| (group(id), Ratio::percent(percent).expect("a share")));
        let serves = |own: Group| serving.iter().any(|id| group(*id) == own);
        let words = (0..1000_u64).map(|n| n << 54 | n);
        let drawn = words.filter(|word| drawn_group(weights.into_iter(), serves, *word) == Some(group(version)));
        drawn.count() as f64 / 1000.0
    }

    #[test]
    fn a_version_that_does_not_serve_gives_its_share_to_the_others() {
        let near = |share: f64, exact: f64| assert!((share - exact).abs() < 0.05, "{share} {exact}");
        near(share_of(0, &[0, 1, 2, 3]), 0.6);
        near(share_of(1, &[0, 1, 2]), 0.3);
        near(share_of(1, &[1, 2]), 0.75);
        near(share_of(2, &[2]), 1.0);
        near(share_of(3, &[2, 3]), 0.0);
        assert_eq!(drawn_group([].into_iter(), |_| true, 7), None);
    }
}
