//! Asking: what happens between an order and its beginning, among people.
//!
//! A task is taken by whoever is to do it. Then whoever must be asked is asked, one after the other; then everybody,
//! for strong objections, where that is wanted. Or somebody breaks the glass and asks nobody.

use super::operations::{Operation, OperationId, State};
use crate::event::Event;
use crate::fact::OperationStep;
use crate::kernel::stream::StreamKey;
use crate::people::course::Course;
use crate::world::World;
use model::action::{Action, DataAction, Effects, Objection, Refusal, RoomAction, RoomRefusal};
use model::authority::{Actor, Asked};
use model::control::Change;
use model::id::{SeatId, ServiceId, StoreId};
use model::scenario::{Manner, Step};
use model::time::Span;

/// What an order waits for among people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// That this seat takes it: its task, or the command.
    Taking(SeatId),
    /// The word of whoever has this part.
    Word(Asked),
}

/// What an order waits for: that whoever is to do it takes it, the words it takes, and that whoever is to lead agrees.
fn wanted(who: Actor, manner: Manner, action: Action, asked: Vec<Asked>) -> Vec<Wanted> {
    let takes = match who {
        Actor::Seat(seat) if manner.task.is_some() => Some(Wanted::Taking(seat)),
        Actor::Seat(_) | Actor::Fault => None,
    };
    let successor = match action {
        Action::Room(RoomAction::HandOver(to)) => Some(Wanted::Taking(to)),
        Action::Service(..)
        | Action::Set(_)
        | Action::Area(..)
        | Action::Data(_)
        | Action::Room(_)
        | Action::Fault { .. } => None,
    };
    takes.into_iter().chain(asked.into_iter().map(Wanted::Word)).chain(successor).collect()
}

impl World {
    /// Puts a command into the inbox, to be given at its time.
    pub(crate) fn enqueue(&mut self, step: Step) {
        let index = u32::try_from(self.inbox.len()).expect("a run has far fewer commands");
        let wait = step.at.since(self.now);
        self.inbox.push(step);
        self.schedule(wait, Event::Command(index));
    }

    /// A command is given.
    pub(crate) fn give(&mut self, index: u32) {
        let step = self.inbox[index as usize].clone();
        self.command(&step);
    }

    /// Somebody gives a command now.
    pub(super) fn command(&mut self, step: &Step) -> OperationId {
        let Step { who: by, action, manner, .. } = *step;
        let manner = Manner { task: manner.task.filter(|task| Actor::Seat(task.to) != by), ..manner };
        let who = manner.task.map_or(by, |task| Actor::Seat(task.to));
        let words = self.words_of(by, who, action);
        let (asked, unasked) = if manner.breaks_glass { (vec![], words) } else { (words, vec![]) };
        let forbidden = self.forbidden(by, action, &asked, &unasked);
        let id = OperationId::new(self.operations.len());
        self.operations.push(Operation {
            who,
            by,
            action,
            manner,
            state: State::Asking,
            course: Course::given(self.now),
            runbook: None,
            is_commanders: self.seats.commands(by) || asked.contains(&Asked::Commander),
            is_hands_on: self.seats.commands(who),
            missing: wanted(who, manner, action, asked),
            agreed: vec![],
            due: None,
            is_heard: !manner.hears_objections,
            unasked,
            held: None,
            stage: 0,
            again: 0,
            failed: 0,
            effects: Effects::default(),
        });
        self.report_step(id, OperationStep::Given);
        if let Some(within) = manner.task.and_then(|task| task.within) {
            self.schedule(within, Event::TimeIsUp(id));
        }
        match forbidden {
            Some(refusal) => self.refuse(id, refusal),
            None => self.set_out(id),
        }
        id
    }

    /// Whose words it takes: of a task those that both would have to ask for, who gives it and who does it.
    fn words_of(&self, by: Actor, who: Actor, action: Action) -> Vec<Asked> {
        let blast = action.blast(&self.model.system);
        let own = self.seats.must_ask(by, blast);
        let mut words = self.seats.must_ask(who, blast);
        words.retain(|word| own.contains(word));
        words
    }

    /// Why an order is out of the question, whatever anybody says.
    fn forbidden(&self, by: Actor, action: Action, asked: &[Asked], unasked: &[Asked]) -> Option<Refusal> {
        if !unasked.is_empty() && !self.seats.matrix.break_glass {
            return Some(Refusal::NoBreakGlass);
        }
        if let Some(part) = asked.iter().find(|part| self.seats.holder(**part).is_none()) {
            return Some(Refusal::NobodyToAsk(*part));
        }
        let Action::Room(RoomAction::HandOver(to)) = action else { return None };
        match () {
            () if !self.seats.commands(by) => Some(Refusal::Room(RoomRefusal::NotInCommand)),
            () => self.seats.commands(Actor::Seat(to)).then_some(Refusal::Room(RoomRefusal::InCommand(to))),
        }
    }

    /// Whoever must be asked is; or somebody goes ahead without, and that is logged.
    fn set_out(&mut self, id: OperationId) {
        if !self.operations[id.index()].unasked.is_empty() {
            self.report_step(id, OperationStep::BrokeGlass);
        }
        self.ask_next(id);
    }

    /// The seat that an order waits for: whoever has the part now whose word it takes.
    pub(super) fn asked_now(&self, operation: &Operation) -> Option<SeatId> {
        operation.missing.first().and_then(|wanted| self.seat_of(*wanted))
    }

    fn seat_of(&self, wanted: Wanted) -> Option<SeatId> {
        match wanted {
            Wanted::Taking(seat) => Some(seat),
            Wanted::Word(part) => self.seats.holder(part),
        }
    }

    /// Words that are there already: of whoever gives or does it, and of those who have agreed in another part.
    fn drop_words_given(&mut self, id: OperationId) {
        let operation = &self.operations[id.index()];
        let own = [operation.who, operation.by];
        let is_given = |wanted: &Wanted| match (*wanted, self.seat_of(*wanted)) {
            (Wanted::Taking(_), _) => false,
            (Wanted::Word(_), None) => true,
            (Wanted::Word(_), Some(seat)) => own.contains(&Actor::Seat(seat)) || operation.agreed.contains(&seat),
        };
        let left: Vec<_> = operation.missing.iter().copied().filter(|wanted| !is_given(wanted)).collect();
        self.operations[id.index()].missing = left;
    }

    /// Asks whoever is next; when nobody is left, everybody, where that is wanted; then it begins.
    pub(super) fn ask_next(&mut self, id: OperationId) {
        self.drop_words_given(id);
        if self.holds_up(id) {
            return;
        }
        let operation = &self.operations[id.index()];
        let (asked, event) = match self.asked_now(operation) {
            Some(seat) => (vec![seat], Event::Answer(id)),
            None if !operation.is_heard => (self.others(operation), Event::Objections(id)),
            None => return self.begin(id),
        };
        let wait = asked.into_iter().map(|seat| self.answers_after(id, seat)).max().unwrap_or(Span::ZERO);
        self.operations[id.index()].due = Some(self.now + wait);
        self.schedule(wait, event);
    }

    /// How long a seat takes to answer.
    fn answers_after(&self, id: OperationId, seat: SeatId) -> Span {
        let seat = self.model.seats.get(seat);
        let stream = StreamKey::new(self.seed, seat.name.as_str(), "answers");
        let (what, nth) = self.luck_of(id);
        self.sample(seat.answers, stream.word(what, nth))
    }

    /// Whether an answer is the one that is waited for: since then somebody else may have been asked.
    fn answers_now(&self, id: OperationId) -> bool {
        let operation = &self.operations[id.index()];
        operation.state == State::Asking && operation.due == Some(self.now)
    }

    /// A seat agrees, or takes its task.
    pub(crate) fn answered(&mut self, id: OperationId) {
        if !self.answers_now(id) || self.holds_up(id) {
            return;
        }
        let Some(seat) = self.asked_now(&self.operations[id.index()]) else { return };
        let operation = &mut self.operations[id.index()];
        let wanted = operation.missing.remove(0);
        operation.agreed.push(seat);
        if wanted == Wanted::Taking(seat) {
            operation.course.taken = Some(self.now);
        }
        self.report_step(id, OperationStep::Approved);
        self.ask_next(id);
    }

    /// Everybody has had the time to say what speaks against an order.
    pub(crate) fn hear_objections(&mut self, id: OperationId) {
        if !self.answers_now(id) || self.holds_up(id) {
            return;
        }
        let operation = &self.operations[id.index()];
        let objects = self.others(operation).first().copied();
        if let Some((seat, objection)) = objects.zip(self.objection_to(operation)) {
            return self.refuse(id, Refusal::Room(RoomRefusal::Objected(seat, objection)));
        }
        self.operations[id.index()].is_heard = true;
        self.report_step(id, OperationStep::Unopposed);
        self.ask_next(id);
    }

    fn others(&self, operation: &Operation) -> Vec<SeatId> {
        self.others_than(&[operation.who, operation.by], &operation.action)
    }

    /// Those who respond, without some of them; whoever is on call for the service that an order is about first.
    pub(super) fn others_than(&self, without: &[Actor], action: &Action) -> Vec<SeatId> {
        let seats = (0..self.seats.all.len()).map(SeatId::new);
        let is_other = |seat: &SeatId| !without.contains(&Actor::Seat(*seat));
        let mut others: Vec<_> =
            seats.filter(is_other).filter(|seat| self.seats.responds(Actor::Seat(*seat))).collect();
        let is_on_call =
            |seat: &SeatId| action.service().is_some_and(|service| self.seats.get(*seat).role.is_on_call(service));
        others.sort_by_key(|seat| !is_on_call(seat));
        others
    }

    /// What speaks strongly against an order, of what is known in the room.
    fn objection_to(&self, operation: &Operation) -> Option<Objection> {
        let effects = self.attempt_action(&operation.action).ok()?;
        let brought: Vec<_> = effects.after_lead.iter().filter_map(Change::decided).collect();
        let of_service = |service| self.stores_of(service).into_iter();
        let mut stores =
            brought.iter().flat_map(|(service, version)| of_service(*service).map(move |own| (own, *version)));
        let on_version = stores.find_map(|(store, version)| match self.fresh_audit(store) {
            None => Some(Objection::Unchecked(store, version)),
            Some(audit) => audit.not_safe_for.contains(&version).then_some(Objection::Unsafe(store, version)),
        });
        let on_store =
            || self.changed_by(&operation.action).into_iter().find(|store| self.fresh_audit(*store).is_none());
        let services = brought.iter().map(|(service, _)| *service).chain(operation.action.service());
        let under_way = || services.into_iter().find_map(|service| self.has_under_way(service));
        on_version.or_else(|| on_store().map(Objection::Unseen)).or_else(under_way)
    }

    /// The stores whose records an order changes by itself.
    fn changed_by(&self, action: &Action) -> Vec<StoreId> {
        let system = &self.model.system;
        match *action {
            Action::Data(DataAction::Restore(backups, _)) => backups.iter().map(|id| system.backup(id).store).collect(),
            Action::Data(DataAction::Migrate(migration, _)) => vec![system.migration(migration).store],
            Action::Data(DataAction::Repair(conversion)) => vec![system.conversion(conversion).store],
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => vec![],
        }
    }

    /// Something else about a service that was ordered before, and is not over.
    fn has_under_way(&self, service: ServiceId) -> Option<Objection> {
        let is_one = |order: &Operation| {
            let is_own = order.action.service() == Some(service) && self.seats.responds(order.who);
            is_own && matches!(order.state, State::Leading | State::Spreading)
        };
        self.operations.iter().any(is_one).then_some(Objection::UnderWay(service))
    }

    /// The stores that a service uses.
    pub(super) fn stores_of(&self, service: ServiceId) -> Vec<StoreId> {
        let system = &self.model.system;
        let stores = (0..system.stores.len()).map(StoreId::new);
        stores.filter(|store| system.users_of(*store).contains(&service)).collect()
    }

    /// What an order changes among people: who goes through a runbook, and who leads.
    pub(super) fn take_effect_in_room(&mut self, id: OperationId) {
        match self.operations[id.index()].action {
            Action::Room(RoomAction::Follow(runbook)) => self.take_hop(id, runbook, 0),
            Action::Room(RoomAction::HandOver(to)) => self.take_command(to),
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => {}
        }
    }

    /// Somebody leads from now on: whoever waits for the commander's word asks them.
    fn take_command(&mut self, to: SeatId) {
        self.seats.command = Some(to);
        let waits = |order: &Operation| {
            order.state == State::Asking && order.missing.first() == Some(&Wanted::Word(Asked::Commander))
        };
        let waiting: Vec<_> = (0..self.operations.len()).filter(|index| waits(&self.operations[*index])).collect();
        waiting.into_iter().for_each(|index| self.ask_next(OperationId::new(index)));
    }

    /// Whether an order hands over a command that whoever gave it has no more.
    pub(super) fn has_lost_command(&self, id: OperationId) -> bool {
        let Operation { by, action, .. } = self.operations[id.index()];
        matches!(action, Action::Room(RoomAction::HandOver(_))) && !self.seats.commands(by)
    }

    /// What was to be done of a task in its time is not.
    pub(crate) fn time_is_up(&mut self, id: OperationId) {
        if self.operations[id.index()].course.over.is_none() {
            self.report_step(id, OperationStep::Late);
        }
    }
}
