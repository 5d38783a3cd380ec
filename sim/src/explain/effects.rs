//! Parts of a figure that counts effects: by what was done, why it should not be there, and what has become of it.

use super::{Amount, Part};
use crate::fact::{Cause, Failure, Place};
use crate::observers::chronicle::{Entry, Happening, Who};
use crate::observers::measures::{Effects, Escaped};
use crate::observers::story::Teller;
use crate::plant::misled::Misled;
use crate::world::World;
use model::id::{AccessId, EffectId, EndpointId, VersionId};
use model::program::{FlagSet, Op};
use model::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// A place where a version that has served does something outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doer {
    pub(crate) version: VersionId,
    pub(crate) endpoint: EndpointId,
    pub(super) keyed: bool,
    /// The operation.
    at: usize,
    /// The flags that have to be on.
    pub(crate) flags: FlagSet,
}

/// Effects of which the same was misread first.
#[derive(Default)]
struct Mistaken {
    count: u64,
    by: BTreeSet<VersionId>,
    of: BTreeSet<Misled>,
}

impl World {
    /// Effects whose request failed, by what it failed of.
    pub(super) fn escaped_parts(&self) -> Vec<Part> {
        let escapes = self.measures.escapes.iter();
        escapes.map(|((effect, failure), escaped)| self.escaped_part(*effect, *failure, escaped)).collect()
    }

    fn escaped_part(&self, effect: EffectId, failure: Option<Failure>, escaped: &Escaped) -> Part {
        let teller = Teller(&self.model);
        let of = match failure {
            Some(failure) => {
                let by = failure.version.map_or(String::new(), |version| format!(", in {}", teller.version(version)));
                format!("what failed: {}{by}", teller.failure(failure))
            }
            None => "what was given up".to_owned(),
        };
        let own = (effect, failure);
        let tells = |entry: &&Entry| {
            let Happening::Escapes { effect, failure, .. } = entry.what else { return false };
            (effect, failure) == own
        };
        let doers = self.doers(effect).into_iter().filter(|doer| self.has_served_by(doer.version, escaped.last));
        let doers = doers.filter(|doer| may_have_done(escaped, *doer));
        let doers = doers.filter(|doer| !failure.is_some_and(|failure| self.fails_before(failure, *doer)));
        let reasons = doers.map(|doer| self.done_by(doer)).collect();
        self.effect_part(
            format!("{} done for {of}", teller.effect(effect)),
            reasons,
            Amount::for_good(escaped.count),
            tells,
        )
    }

    /// Whether a version was there at the start, or has served by then.
    fn has_served_by(&self, version: VersionId, by: Time) -> bool {
        let system = &self.model.system;
        let serves = |entry: &&Entry| entry.what == Happening::Serves && entry.who == Who::Version(version);
        system.service(system.version(version).service).initial == version
            || self.chronicle.entries.iter().take_while(|entry| entry.at <= by).any(|entry| serves(&entry))
    }

    /// Whether a version that fails like that never comes to where it would have done it.
    fn fails_before(&self, failure: Failure, doer: Doer) -> bool {
        let Cause::Unreadable(store) = failure.cause else { return false };
        if (failure.version, failure.endpoint) != (Some(doer.version), doer.endpoint) {
            return false;
        }
        let system = &self.model.system;
        let program = system.program(doer.version, doer.endpoint);
        let reads = |access: AccessId| system.access(access).store == store && system.access(access).reader().is_some();
        program.ops[..doer.at].iter().any(|op| match *op {
            Op::Receive(access) => reads(access),
            Op::Touch { first, count } => {
                program.gates[usize::from(first)..][..usize::from(count)].iter().all(|gate| reads(gate.access))
            }
            _ => false,
        })
    }

    /// Effects done again, by who did it.
    pub(super) fn repeated_parts(&self) -> Vec<Part> {
        let repeats = self.measures.repeats.iter();
        repeats.map(|(key, count)| self.repeated_part(*key, *count)).collect()
    }

    fn repeated_part(&self, (effect, version, keyed): (EffectId, VersionId, bool), count: u64) -> Part {
        let teller = Teller(&self.model);
        let tells = |entry: &&Entry| {
            let repeats = matches!(entry.what, Happening::Repeats { effect: own, keyed: with, .. }
                if own == effect && with == keyed);
            repeats && entry.who == Who::Version(version)
        };
        let name = teller.effect(effect);
        let reason = match keyed {
            true => format!("it sends the same key each time, and whoever does {name} keeps no keys"),
            false => "it does not send the same key each time".to_owned(),
        };
        let what = format!("{name} done again by {}", teller.version(version));
        self.effect_part(what, vec![reason], Amount::for_good(count), tells)
    }

    /// Effects done of something misread, by what was misread first on the way to them. They hang on the rest, too.
    pub(super) fn mistaken_parts(&self) -> Vec<Part> {
        let mut groups: BTreeMap<(EffectId, Option<Misled>), Mistaken> = BTreeMap::new();
        for ((effect, version, number), count) in &self.measures.mistakes {
            let all = self.culprits.get(*number);
            let group = groups.entry((*effect, all.first().copied())).or_default();
            group.count += count;
            group.by.insert(*version);
            group.of.extend(all);
        }
        groups.into_iter().map(|((effect, first), mistaken)| self.mistaken_part(effect, first, &mistaken)).collect()
    }

    fn mistaken_part(&self, effect: EffectId, first: Option<Misled>, own: &Mistaken) -> Part {
        let tells = |entry: &&Entry| {
            let Happening::Mistakes { effect: of, misled, .. } = entry.what else { return false };
            let by = if let Who::Version(version) = entry.who { own.by.contains(&version) } else { false };
            of == effect && own.of.contains(&misled) && by
        };
        let told = first.and_then(|misled| self.first_told(misled));
        let mut reasons: Vec<_> = told.map(|line| format!("{} {}", line.who, line.what)).into_iter().collect();
        let doers = self.doers(effect).into_iter().filter(|doer| own.by.contains(&doer.version));
        reasons.extend(doers.map(|doer| self.done_by(doer)));
        let what = format!("{} done of something misread", Teller(&self.model).effect(effect));
        self.effect_part(what, reasons, Amount::for_good(own.count), tells)
    }

    /// What has gone astray of each effect, and what is left of it.
    pub(super) fn astray_parts(&self) -> Vec<Part> {
        let effects = self.measures.effects.iter().zip((0..).map(EffectId::new));
        let astray = effects.filter(|(own, _)| own.astray() > 0);
        astray.map(|(own, effect)| self.astray_part(effect, *own)).collect()
    }

    fn astray_part(&self, effect: EffectId, own: Effects) -> Part {
        let job = self.model.system.effect(effect).compensation.map(|compensation| compensation.job);
        let fails = |entry: &Entry| matches!(entry.what, Happening::WorkFails(own, _) if Some(own) == job);
        let stays = |entry: &Entry| matches!(entry.what, Happening::Stays(own) if own == effect);
        let tells = |entry: &&Entry| astray(entry, effect) || stays(entry) || fails(entry);
        let count = Amount { ever: own.astray(), remaining: own.uncompensated() };
        let what = format!("{} that should not be there", Teller(&self.model).effect(effect));
        let (mut reasons, lost) = (self.why_left(effect, own), self.without_saga(effect));
        reasons.extend(lost.iter().map(|(version, endpoint)| self.saga_lost(*version, *endpoint)));
        let mut part = self.effect_part(what, reasons, count, tells);
        part.events.extend(lost.iter().flat_map(|(version, _)| self.brought(Some(*version))));
        part
    }

    /// The versions that have served and do not take back any more what those before the run took back, and where.
    fn without_saga(&self, effect: EffectId) -> Vec<(VersionId, EndpointId)> {
        let system = &self.model.system;
        let takes_back = |version: VersionId, endpoint: EndpointId| {
            let ops = system.program(version, endpoint).ops.iter();
            ops.into_iter().any(|op| if let Op::Saga(effects) = op { effects.has(effect) } else { false })
        };
        let served = self.served.iter().flat_map(|version| {
            let service = system.service(system.version(*version).service);
            service.endpoints.iter().map(|endpoint| (service.initial, *version, *endpoint))
        });
        let lost = served
            .filter(|(before, version, endpoint)| takes_back(*before, *endpoint) && !takes_back(*version, *endpoint));
        lost.map(|(_, version, endpoint)| (version, endpoint)).collect()
    }

    fn saga_lost(&self, version: VersionId, endpoint: EndpointId) -> String {
        let (version, endpoint) = (Teller(&self.model).version(version), &self.model.system.endpoint(endpoint).name);
        format!("{version} does not take it back any more when {endpoint} fails")
    }

    /// What becomes of what is left of an effect.
    fn why_left(&self, effect: EffectId, own: Effects) -> Vec<String> {
        let strays = &self.strays[effect.index()];
        let open = strays.open.len() as u64;
        let under_way = own.uncompensated().saturating_sub(strays.count());
        let lasting = match self.model.system.effect(effect).compensation {
            None => "nothing says how it is taken back",
            Some(_) => "it could not be taken back",
        };
        let all = [
            (open, "nobody takes it back"),
            (under_way, "it is being taken back, or waits to be"),
            (strays.lasting, lasting),
            (own.accepted, "somebody has accepted it as it is"),
        ];
        all.into_iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count}: {why}")).collect()
    }

    /// Effects that somebody decided to leave as they are.
    pub(super) fn accepted_parts(&self) -> Vec<Part> {
        let effects = self.measures.effects.iter().zip((0..).map(EffectId::new));
        let accepted = effects.filter(|(own, _)| own.accepted > 0);
        accepted.map(|(own, effect)| self.accepted_part(effect, own.accepted)).collect()
    }

    fn accepted_part(&self, effect: EffectId, count: u64) -> Part {
        let tells = |entry: &&Entry| astray(entry, effect) || accepts(entry, effect);
        let what = format!("{} accepted as they are", Teller(&self.model).effect(effect));
        self.effect_part(what, vec![], Amount::for_good(count), tells)
    }

    /// A part, with the entries that tell of it.
    fn effect_part(&self, what: String, reasons: Vec<String>, count: Amount, tells: impl Fn(&&Entry) -> bool) -> Part {
        Part { reasons, ..self.told_part(what, count, tells) }
    }

    /// Where versions that have served cause an effect.
    pub(crate) fn doers(&self, effect: EffectId) -> Vec<Doer> {
        let system = &self.model.system;
        let served = self.served.iter().flat_map(|version| {
            let endpoints = &system.service(system.version(*version).service).endpoints;
            endpoints.iter().map(|endpoint| (*version, *endpoint))
        });
        let causes = served.flat_map(|(version, endpoint)| {
            let program = system.program(version, endpoint);
            program.ops.iter().enumerate().filter_map(move |(at, op)| {
                let Op::Cause { effect: own, keyed } = *op else { return None };
                (own == effect).then(|| Doer { version, endpoint, keyed, at, flags: program.guards(at) })
            })
        });
        causes.collect()
    }

    fn done_by(&self, doer: Doer) -> String {
        let key = if doer.keyed { "with a key" } else { "without a key" };
        let endpoint = &self.model.system.endpoint(doer.endpoint).name;
        format!("done by {} in {endpoint}, {key}", Teller(&self.model).version(doer.version))
    }
}

/// Whether a version may have done some of what has escaped: where the endpoint itself was asked that does it, it is
/// known which versions were.
fn may_have_done(escaped: &Escaped, Doer { version, endpoint, .. }: Doer) -> bool {
    let elsewhere = |asked: &Option<Place>| asked.is_none_or(|asked| asked.endpoint != endpoint);
    escaped.asked.contains(&Some(Place { endpoint, version })) || escaped.asked.iter().any(elsewhere)
}

/// Whether an entry tells that an effect should not be there.
fn astray(entry: &Entry, effect: EffectId) -> bool {
    let (Happening::Escapes { effect: own, .. }
    | Happening::Repeats { effect: own, .. }
    | Happening::Mistakes { effect: own, .. }) = entry.what
    else {
        return false;
    };
    own == effect
}

/// Whether an entry tells that somebody let it be.
fn accepts(entry: &Entry, effect: EffectId) -> bool {
    matches!(entry.what, Happening::Accepted { effect: own, .. } if own == effect)
}
