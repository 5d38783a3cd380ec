//! The steps of a program that need no other endpoint and no worker: branches, defects, effects.

use super::{Asker, Flow, FrameKey};
use crate::fact::{Cause, Fact};
use crate::plant::fleet::Death;
use crate::world::World;
use model::id::{DefectId, EffectId};
use model::program::Test;

impl World {
    pub(super) fn branch(&mut self, key: FrameKey, test: Test, skip: u16) -> Flow {
        let holds = match test {
            Test::Class(classes) => classes.has(self.class_of(key)),
            Test::Flag(flag) => self.frame(key).flags.has(flag),
        };
        if !holds {
            self.frame_mut(key).at += skip;
        }
        Flow::Next
    }

    /// A defect strikes, or does not. It draws for the hash of its name.
    pub(super) fn strike(&mut self, key: FrameKey, id: DefectId) -> Flow {
        let class = self.class_of(key);
        let defect = self.model.system.defect(id);
        let luck = self.draw(key, defect.name.hash());
        if !(defect.classes.has(class) && defect.share.admits(luck)) {
            return Flow::Next;
        }
        if !defect.crashes {
            return self.fail(key, Cause::Defect(id));
        }
        self.crash(self.frame(key).replica, Death::Defect(id)); // this frame has ended with the others
        Flow::Wait
    }

    pub(crate) fn fail(&self, key: FrameKey, cause: Cause) -> Flow {
        Flow::End(Some(self.failure(key, cause)))
    }

    /// Does something outside the system: once, unless a retry does it again.
    pub(super) fn cause(&mut self, key: FrameKey, effect: EffectId) -> Flow {
        let (origin, version) = (self.frame(key).origin, self.frame(key).version);
        let bit = 1 << effect.index();
        let origin = self.origins.get_mut(origin).expect("its frames hold it");
        let again = origin.effects & bit != 0;
        origin.effects |= bit;
        let (late, asker) = (origin.failed && !again, origin.asker);
        let repeated = again && !self.model.system.effect(effect).idempotent;
        self.report(Fact::Effect { effect, version, repeated });
        if late {
            self.effect_after_failure(asker, bit);
        }
        Flow::Next
    }

    /// Late work does something outside after whoever asked was told that it failed: it has escaped, or, for a
    /// job, the next attempt would repeat it.
    fn effect_after_failure(&mut self, asker: Asker, bit: u32) {
        match asker {
            Asker::Job(job) => self.remember_effect(job, bit),
            Asker::Customer | Asker::User(_) | Asker::Background(_) => self.report(Fact::Escaped { effects: bit }),
        }
    }
}
