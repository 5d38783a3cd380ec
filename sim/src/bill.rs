//! What a run came to in money: what is kept so that one can go back, and the harm, service by service. There is a bill
//! where a scenario says what things cost.

use crate::observers::chronicle::{Happening, Who};
use crate::plant::stores::Trouble;
use crate::world::World;
use model::action::{Action, RoomAction};
use model::authority::Actor;
use model::costs::{Costs, Harmed, MONTH, Month, Upkeep, amount, in_a_month};
use model::id::{EffectId, EndpointId, GroupId, SeatId, ServiceId, StoreId};
use model::program::Op;
use model::time::Time;
use std::collections::BTreeMap;
use std::iter::Sum;

/// Counts of harm, by whose it is.
type Harms = BTreeMap<(ServiceId, Harmed), u64>;

/// What a run came to in money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// The currency, as of ISO 4217.
    pub currency: String,
    /// By service that has anything to pay for, in the order of the scenario.
    pub services: Vec<ServiceBill>,
    /// Those who responded, where their time has a price.
    pub people: Option<Charge>,
    /// What a month is like, where that is stated.
    pub month: Option<Month>,
}

/// What a service came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceBill {
    /// Its name.
    pub service: String,
    /// Its workload tier, 1 to 5.
    pub tier: u8,
    /// What there was to pay for.
    pub charges: Vec<Charge>,
}

/// One thing that was to be paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What.
    pub what: Charged,
    /// How much of it: units times seconds of what is paid by time, else how many.
    pub quantity: u64,
    /// What that costs.
    pub cost: Cost,
}

/// What something costs, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// In the run.
    pub run: u64,
    /// In a month; nothing, where it is not stated what one is like.
    pub month: u64,
}

/// What is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charged {
    /// K1 to K5: something that is there.
    Upkeep(Upkeep),
    /// K6: releases that a controller took back although nothing was wrong with them.
    FalseAbort,
    /// A pipeline, through which a fix comes.
    Pipeline,
    /// Harm.
    Harm(Harmed),
    /// People who respond.
    People,
}

impl Charged {
    /// A stable word for it.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Charged::Upkeep(Upkeep::SecondSet) => "K1",
            Charged::Upkeep(Upkeep::Standby) => "K2",
            Charged::Upkeep(Upkeep::Artifact) => "K3",
            Charged::Upkeep(Upkeep::OldValue) => "K4",
            Charged::Upkeep(Upkeep::Flag) => "K5",
            Charged::FalseAbort => "K6",
            Charged::Pipeline => "pipeline",
            Charged::Harm(Harmed::Failed) => "failed",
            Charged::Harm(Harmed::Slow) => "slow",
            Charged::Harm(Harmed::Wrong) => "wrong",
            Charged::Harm(Harmed::Record) => "record",
            Charged::Harm(Harmed::Update) => "update",
            Charged::Harm(Harmed::Effect) => "effect",
            Charged::Harm(Harmed::Message) => "message",
            Charged::People => "people",
        }
    }

    /// Whether it is paid for so that one can go back. The rest is what an incident costs.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        match self {
            Charged::Upkeep(_) | Charged::FalseAbort | Charged::Pipeline => true,
            Charged::Harm(_) | Charged::People => false,
        }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Self {
        costs.fold(Cost::default(), |sum, cost| Cost {
            run: sum.run.saturating_add(cost.run),
            month: sum.month.saturating_add(cost.month),
        })
    }
}

impl ServiceBill {
    /// What is paid so that one can go back, or what harm costs.
    #[must_use]
    pub fn total(&self, is_kept: bool) -> Cost {
        self.charges.iter().filter(|charge| charge.what.is_kept() == is_kept).map(|charge| charge.cost).sum()
    }
}

impl Bill {
    /// What each tier came to: what is paid so that one can go back, and what harm costs.
    #[must_use]
    pub fn tiers(&self) -> BTreeMap<u8, [Cost; 2]> {
        let tiers: BTreeMap<u8, _> = self.services.iter().map(|own| (own.tier, ())).collect();
        let of = |tier: u8| self.services.iter().filter(move |own| own.tier == tier);
        let total = |tier: u8, is_kept: bool| of(tier).map(|own| own.total(is_kept)).sum();
        tiers.into_keys().map(|tier| (tier, [total(tier, true), total(tier, false)])).collect()
    }

    /// What it all came to: what is paid so that one can go back, and what harm and those who respond cost.
    #[must_use]
    pub fn totals(&self) -> [Cost; 2] {
        let total = |is_kept: bool| self.services.iter().map(move |own| own.total(is_kept));
        let people = self.people.map(|people| people.cost);
        [total(true).sum(), total(false).chain(people).sum()]
    }
}

impl World {
    /// What the run has come to in money, where it is said what things cost.
    pub(crate) fn bill(&self) -> Option<Bill> {
        let costs = self.model.system.costs.as_ref()?;
        let harms = self.harms();
        let services = (0..self.model.system.services.len()).map(ServiceId::new);
        let bills = services.map(|service| self.bill_of(service, costs, &harms));
        Some(Bill {
            currency: costs.currency.clone(),
            services: bills.filter(|bill| !bill.charges.is_empty()).collect(),
            people: self.people_charged(costs),
            month: costs.month,
        })
    }

    fn bill_of(&self, service: ServiceId, costs: &Costs, harms: &Harms) -> ServiceBill {
        let spec = self.model.system.service(service);
        let upkeep = Upkeep::ALL.into_iter().filter_map(|upkeep| self.upkeep_charged(service, upkeep, costs));
        let aborts = self.aborts_charged(service, costs);
        let pipeline = self.pipeline_charged(service, costs);
        let harm = Harmed::ALL.into_iter().filter_map(|kind| {
            let count = harms.get(&(service, kind)).copied()?;
            Some(of_incident(Charged::Harm(kind), count, costs.of_harm(spec.tier, kind)?.saturating_mul(count), costs))
        });
        ServiceBill {
            service: spec.name.to_string(),
            tier: spec.tier,
            charges: upkeep.chain(aborts).chain(pipeline).chain(harm).collect(),
        }
    }

    fn upkeep_charged(&self, service: ServiceId, upkeep: Upkeep, costs: &Costs) -> Option<Charge> {
        let price = *costs.upkeep.get(&upkeep)?;
        let quantity = self.spending.as_ref()?.unit_seconds(service, upkeep);
        let run = amount(quantity, price, upkeep.period());
        let month = costs.month.map_or(0, |month| {
            let all_the_time = || in_a_month(quantity, price, upkeep.period(), self.seconds());
            if upkeep.is_of_release() { run.saturating_mul(month.releases.into()) } else { all_the_time() }
        });
        let what = Charged::Upkeep(upkeep);
        (quantity > 0).then_some(Charge { what, quantity, cost: Cost { run, month } })
    }

    /// A false abort could come with each release.
    fn aborts_charged(&self, service: ServiceId, costs: &Costs) -> Option<Charge> {
        let (price, quantity) = (costs.false_abort?, self.false_aborts(service));
        let run = price.saturating_mul(quantity);
        let month = costs.month.map_or(0, |month| run.saturating_mul(month.releases.into()));
        (quantity > 0).then_some(Charge { what: Charged::FalseAbort, quantity, cost: Cost { run, month } })
    }

    fn pipeline_charged(&self, service: ServiceId, costs: &Costs) -> Option<Charge> {
        let price = *costs.pipelines.get(&service)?;
        let quantity = self.seconds();
        let cost = Cost { run: amount(quantity, price, MONTH), month: costs.month.map_or(0, |_| price) };
        Some(Charge { what: Charged::Pipeline, quantity, cost })
    }

    /// Who gave an order or their word, from the first time on until it was declared over; and again, where it began
    /// again.
    fn people_charged(&self, costs: &Costs) -> Option<Charge> {
        let price = costs.responder_hour?;
        let quantity = self.seconds_of_people();
        let cost = amount(quantity, price, Upkeep::Standby.period());
        (quantity > 0).then(|| of_incident(Charged::People, quantity, cost, costs))
    }

    fn seconds_of_people(&self) -> u64 {
        let mut since: BTreeMap<SeatId, Time> = BTreeMap::new();
        let mut total = 0;
        for entry in &self.chronicle.entries {
            let Who::Actor(actor @ Actor::Seat(seat)) = entry.who else { continue };
            let takes_part =
                matches!(entry.what, Happening::Commanded(..) | Happening::Approved(_) | Happening::Taken(_));
            if takes_part && self.seats.responds(actor) {
                since.entry(seat).or_insert(entry.at);
            }
            if matches!(entry.what, Happening::Commanded(Action::Room(RoomAction::Resolve), _)) {
                total += seconds_of(&std::mem::take(&mut since), entry.at);
            }
        }
        total + seconds_of(&since, self.now)
    }

    /// Whole seconds so far.
    fn seconds(&self) -> u64 {
        self.now.since(Time::ZERO).whole_secs()
    }

    /// Harm by the service whose it is: of requests whom they asked, of records and effects whoever of the first tier
    /// touches or does them, of messages who reads them.
    fn harms(&self) -> Harms {
        let (system, measures) = (&self.model.system, &self.measures);
        let asked = |endpoint: EndpointId| Some(system.endpoint(endpoint).service);
        let answers = (0..).map(EndpointId::new).zip(&measures.answers);
        let failed = answers.map(|(endpoint, own)| (asked(endpoint), Harmed::Failed, own.failed));
        let late = measures.late.iter().map(|((endpoint, _), count)| (*endpoint, *count));
        let slow = late.chain(self.late_unanswered()).map(|(endpoint, count)| (asked(endpoint), Harmed::Slow, count));
        let wrong = measures.wrong.iter().map(|(endpoint, count)| (asked(*endpoint), Harmed::Wrong, *count));
        let stores = (0..system.stores.len()).map(StoreId::new);
        let records = stores.clone().map(|store| (system.owner_of(store), Harmed::Record, self.records_harmed(store)));
        let updates = stores
            .map(|store| (system.owner_of(store), Harmed::Update, u64::from(self.stores[store.index()].undone().0)));
        let effects = (0..).map(EffectId::new).zip(&measures.effects);
        let effects = effects.map(|(effect, own)| (self.doer_of(effect), Harmed::Effect, own.astray()));
        let readers = (0..).map(GroupId::new).zip(&self.readers);
        let messages = readers.map(|(group, reader)| {
            let unread = reader.tally.skipped + reader.tally.dropped + reader.dead_letters();
            (asked(system.group(group).endpoint), Harmed::Message, unread)
        });
        let mut harms = Harms::new();
        let all = failed.chain(slow).chain(wrong).chain(records).chain(updates).chain(effects).chain(messages);
        for (service, kind, count) in all.filter(|(_, _, count)| *count > 0) {
            service.into_iter().for_each(|service| *harms.entry((service, kind)).or_default() += count);
        }
        harms
    }

    /// Distinct records of a store that were damaged, lost a field or are lost: ever, as what is put right has cost all
    /// the same. Messages that are gone have their own row, and places of messages are used again.
    fn records_harmed(&self, store: StoreId) -> u64 {
        let records = &self.stores[store.index()];
        let ever = records.ever();
        let messages = || ever.of(Trouble::Damaged).max(ever.of(Trouble::FieldsLost));
        let is_topic = self.model.system.topic_of(store).is_some();
        u64::from(if is_topic { messages() } else { records.harmed() })
    }

    /// Of those whose code does something outside, the service of the first tier.
    fn doer_of(&self, effect: EffectId) -> Option<ServiceId> {
        let system = &self.model.system;
        let does = |op: &Op| matches!(op, Op::Cause { effect: own, .. } if *own == effect);
        let versions = system.versions.iter();
        let doing = versions.filter(|version| version.programs.iter().any(|program| program.ops.iter().any(does)));
        system.first_of(doing.map(|version| version.service))
    }
}

/// Whole seconds since each of them, together.
fn seconds_of(since: &BTreeMap<SeatId, Time>, until: Time) -> u64 {
    since.values().map(|from| until.since(*from).whole_secs()).sum()
}

/// What comes with an incident: in a month, with each release that goes wrong.
fn of_incident(what: Charged, quantity: u64, run: u64, costs: &Costs) -> Charge {
    let month = costs.month.map_or(0, |month| month.of_failing(run));
    Charge { what, quantity, cost: Cost { run, month } }
}
