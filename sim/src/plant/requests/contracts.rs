//! Contracts: whether a request is understood by the version it is sent to, and its answer by whoever sent it.
//!
//! What comes of an exchange was worked out before the run; here it is looked up. A request that cannot be read
//! fails where it arrives, before any work. An answer that cannot be read fails at the caller, when the callee has
//! done all its work. What is read in another meaning makes the answer wrong, and every answer made of it.

use super::{Caller, Frame, FrameKey, Meaning, OriginKey};
use crate::fact::{Cause, Fact, Failure};
use crate::plant::misled::Misled;
use crate::world::World;
use model::contract::{Direction, Verdict};
use model::id::{ClassId, DialectId, EndpointId, ExchangeId, VersionId};

/// How a message was heard.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heard {
    pub(super) failure: Option<Failure>,
    pub(super) wrong: bool,
}

/// Who fails when an answer cannot be read.
type Listener = (EndpointId, VersionId);

impl World {
    /// What the version that is asked makes of a request in that dialect.
    #[inline(never)]
    pub(super) fn hear_request(&mut self, key: FrameKey, dialect: DialectId) {
        let Frame { origin, endpoint, version, .. } = *self.frame(key);
        let exchange = self.model.system.dialect(dialect).with(version);
        let failure = Failure { cause: Cause::Refused(exchange), endpoint, version: Some(version) };
        let heard = self.hear(origin, (exchange, Direction::Request), self.class_of(key), failure);
        let frame = self.frame_mut(key);
        frame.failure = heard.failure;
        if heard.wrong {
            frame.meaning = Meaning::Wrong;
        }
    }

    /// What whoever waits for an answer makes of it, where there is a contract.
    #[inline(never)]
    pub(super) fn hear_answer(&mut self, key: FrameKey) -> Heard {
        let frame = self.frame(key);
        let Some((dialect, (endpoint, version))) = self.listener(frame) else { return Heard::default() };
        let exchange = self.model.system.dialect(dialect).with(frame.version);
        let class = self.origins.get(frame.origin).expect("its frames hold it").class;
        let failure = Failure { cause: Cause::Garbled(exchange), endpoint, version: Some(version) };
        let origin = frame.origin;
        self.hear(origin, (exchange, Direction::Response), class, failure)
    }

    /// How whoever waits for an answer speaks, and where it fails without one it can read. Clients outside are no
    /// service: their failures count where they asked.
    fn listener(&self, frame: &Frame) -> Option<(DialectId, Listener)> {
        match frame.caller {
            Caller::Branch(attempt) => {
                let caller = self.frames.get(attempt.parent)?;
                Some((self.call_of(attempt)?.dialect?, (caller.endpoint, caller.version)))
            }
            Caller::Root => {
                let origin = self.origins.get(frame.origin).filter(|origin| origin.asker.is_outside())?;
                let dialect = self.model.system.source(origin.source?).dialect?;
                Some((dialect, (frame.endpoint, frame.version)))
            }
            Caller::Gone(_) => None,
        }
    }

    fn hear(
        &mut self,
        origin: OriginKey,
        (id, direction): (ExchangeId, Direction),
        class: ClassId,
        failure: Failure,
    ) -> Heard {
        match self.model.system.exchange(id).verdict(direction, class) {
            Verdict::Understood => Heard::default(),
            Verdict::Wrong => {
                self.report(Fact::Misheard { exchange: id, direction, class });
                self.mislead(origin, Misled::misheard(&self.model.system, id, direction, class));
                Heard { failure: None, wrong: true }
            }
            Verdict::Refused => Heard { failure: Some(failure), wrong: false },
        }
    }
}
