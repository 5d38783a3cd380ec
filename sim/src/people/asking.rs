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
use model::action::{Action, Effects, Objection, Refusal, RoomAction, RoomRefusal};
use model::authority::{Actor, Asked};
use model::control::Change;
use model::id::{SeatId, ServiceId, StoreId};
use model::scenario::Step;
use model::time::Span;

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
        let who = manner.task.map_or(by, |task| Actor::Seat(task.to));
        let words = self.words_for(by, who, action);
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
            missing: self.asked_in_turn(by, who, action, &asked),
            agreed: vec![],
            is_commanders: self.seats.commands(by) || asked.contains(&Asked::Commander),
            is_hands_on: self.seats.commands(who),
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

    /// Whose words it takes: of a task not the one that whoever gives it has to give.
    fn words_for(&self, by: Actor, who: Actor, action: Action) -> Vec<Asked> {
        let blast = action.blast(&self.model.system);
        let own = self.seats.must_ask(by, blast);
        let mut words = self.seats.must_ask(who, blast);
        words.retain(|word| own.contains(word));
        words
    }

    /// Why an order is out of the question, whatever anybody says.
    fn forbidden(&self, by: Actor, action: Action, asked: &[Asked], unasked: &[Asked]) -> Option<Refusal> {
        let unheld = asked.iter().find(|part| self.seats.holder(**part).is_none());
        if !unasked.is_empty() && !self.seats.matrix.break_glass {
            return Some(Refusal::NoBreakGlass);
        }
        let hands_over = matches!(action, Action::Room(RoomAction::HandOver(_)));
        let out_of_command =
            (hands_over && !self.seats.commands(by)).then_some(Refusal::Room(RoomRefusal::NotInCommand));
        unheld.map(|part| Refusal::NobodyToAsk(*part)).or(out_of_command)
    }

    /// Who has to say something: whoever is to do it, those whose word it takes, and whoever takes the command.
    fn asked_in_turn(&self, by: Actor, who: Actor, action: Action, asked: &[Asked]) -> Vec<SeatId> {
        let takes = match who {
            Actor::Seat(seat) if who != by => Some(seat),
            Actor::Seat(_) | Actor::Fault => None,
        };
        let holders = asked.iter().filter_map(|part| self.seats.holder(*part));
        let holders = holders.filter(|seat| Actor::Seat(*seat) != who && Actor::Seat(*seat) != by);
        let successor = match action {
            Action::Room(RoomAction::HandOver(to)) => Some(to),
            _ => None,
        };
        let mut all: Vec<_> = takes.into_iter().chain(holders).chain(successor).collect();
        all.dedup();
        all
    }

    /// Whoever must be asked is; or somebody goes ahead without, and that is logged.
    fn set_out(&mut self, id: OperationId) {
        if !self.operations[id.index()].unasked.is_empty() {
            self.report_step(id, OperationStep::BrokeGlass);
        }
        self.ask_next(id);
    }

    /// Asks whoever is next; when nobody is left, everybody, where that is wanted; then it begins.
    pub(super) fn ask_next(&mut self, id: OperationId) {
        if self.holds_up(id) {
            return;
        }
        let operation = &self.operations[id.index()];
        match operation.waits_for() {
            Some(seat) => {
                let wait = self.answers_after(id, seat);
                self.schedule(wait, Event::Answer(id));
            }
            None if operation.manner.hears_objections => {
                let others = self.others(&operation.action, &[operation.who, operation.by]);
                let wait = others.into_iter().map(|seat| self.answers_after(id, seat)).max().unwrap_or(Span::ZERO);
                self.schedule(wait, Event::Objections(id));
            }
            None => self.begin(id),
        }
    }

    /// How long a seat takes to answer.
    fn answers_after(&self, id: OperationId, seat: SeatId) -> Span {
        let seat = self.model.seats.get(seat);
        let stream = StreamKey::new(self.seed, seat.name.as_str(), "answers");
        let (what, nth) = self.luck_of(id);
        self.sample(seat.answers, stream.word(what, nth))
    }

    /// A seat agrees, or takes its task.
    pub(crate) fn answered(&mut self, id: OperationId) {
        if self.holds_up(id) {
            return;
        }
        let operation = &mut self.operations[id.index()];
        let seat = operation.missing.remove(0);
        operation.agreed.push(seat);
        self.report_step(id, OperationStep::Approved);
        self.ask_next(id);
    }

    /// Everybody has had the time to say what speaks against an order.
    pub(crate) fn hear_objections(&mut self, id: OperationId) {
        let operation = &self.operations[id.index()];
        let objects = self.others(&operation.action, &[operation.who, operation.by]).first().copied();
        match objects.zip(self.objection_to(operation)) {
            Some((seat, objection)) => self.refuse(id, Refusal::Room(RoomRefusal::Objected(seat, objection))),
            None => self.begin(id),
        }
    }

    /// Those who respond, without some of them; whoever is on call for the service that an order is about first.
    pub(super) fn others(&self, action: &Action, without: &[Actor]) -> Vec<SeatId> {
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
        let brought = || effects.after_lead.iter().filter_map(Change::decided);
        let of_service = |service| self.stores_of(service).into_iter();
        let mut stores = brought().flat_map(|(service, version)| of_service(service).map(move |own| (own, version)));
        let on_data = stores.find_map(|(store, version)| match self.fresh_audit(store) {
            None => Some(Objection::Unchecked(store, version)),
            Some(audit) => audit.not_safe_for.contains(&version).then_some(Objection::Unsafe(store, version)),
        });
        on_data.or_else(|| brought().find_map(|(service, _)| self.has_under_way(service)))
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
            Action::Room(RoomAction::HandOver(to)) => self.seats.command = Some(to),
            Action::Service(..)
            | Action::Set(_)
            | Action::Area(..)
            | Action::Data(_)
            | Action::Room(_)
            | Action::Fault { .. } => {}
        }
    }

    /// What was to be done of a task in its time is not.
    pub(crate) fn time_is_up(&mut self, id: OperationId) {
        if self.operations[id.index()].course.over.is_none() {
            self.report_step(id, OperationStep::Late);
        }
    }
}
