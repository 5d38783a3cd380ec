//! The steps of a program that need no other endpoint and no worker: branches and defects.

use super::{Flow, FrameKey};
use crate::fact::Cause;
use crate::plant::fleet::Death;
use crate::world::World;
use model::id::DefectId;
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
        Flow::Failed(self.failure(key, cause))
    }
}
