//! Work that waits and that nobody can do: it was put off, or published, by a version that has gone.
//!
//! What one version cannot do stays where it is until another one can. Only what the endpoint and the contract say is
//! asked: that there is none, or that the request cannot be read. What a record says that it is about is told of the
//! record.

use crate::plant::fleet::counted;
use crate::world::World;
use model::contract::{Direction, Verdict};
use model::id::{ClassId, DialectId, EndpointId, GroupId, JobId, VersionId};
use std::collections::{BTreeMap, BTreeSet};

impl World {
    /// In words, what was put off and none of those it can land on can do, and messages that none of those who read
    /// them has an endpoint for.
    pub(super) fn nobody_can_do(&self) -> Vec<String> {
        let system = &self.model.system;
        // Many pieces are alike, and where they can land is asked once for all of them.
        let mut alike: BTreeMap<_, u64> = BTreeMap::new();
        for (_, task) in self.tasks.iter() {
            *alike.entry((task.job, task.left_by(), task.request())).or_default() += 1;
        }
        let mut waiting: BTreeMap<JobId, u64> = BTreeMap::new();
        for ((job, (source, zone), (dialect, class)), count) in alike {
            let endpoint = system.job(job).endpoint;
            let near = self.sent_from(source, zone).into_iter();
            let keys = near.flat_map(|near| self.takers_of(endpoint, Some(near)));
            let versions: BTreeSet<_> = keys.map(|key| self.version_at(key)).collect();
            let cannot = |version: &VersionId| self.cannot_do(endpoint, *version, dialect, class);
            if !versions.is_empty() && versions.iter().all(cannot) {
                *waiting.entry(job).or_default() += count;
            }
        }
        let work = waiting.into_iter().map(|(job, count)| {
            let pieces = if count == 1 { "piece" } else { "pieces" };
            format!("{count} {pieces} of {} that nobody can do", system.job(job).name)
        });
        work.chain(self.nobody_can_read()).collect()
    }

    /// Whether a version cannot do a piece of work, written like this.
    fn cannot_do(&self, endpoint: EndpointId, version: VersionId, dialect: Option<DialectId>, class: ClassId) -> bool {
        let system = &self.model.system;
        let exchange = dialect.map(|dialect| system.exchange(system.dialect(dialect).with(version)));
        let is_refused = exchange.is_some_and(|own| own.verdict(Direction::Request, class) == Verdict::Refused);
        is_refused || system.program(version, endpoint).is_missing()
    }

    fn nobody_can_read(&self) -> Vec<String> {
        let groups = self.model.system.groups.iter().zip((0..).map(GroupId::new));
        let told = groups.filter_map(|(group, id)| {
            let lag = self.lag(id);
            let versions: BTreeSet<_> = self.all_readers_of(id).into_iter().map(|key| self.version_at(key)).collect();
            let lacks = |version: &VersionId| self.model.system.program(*version, group.endpoint).is_missing();
            let is_any = lag > 0 && !versions.is_empty() && versions.iter().all(lacks);
            is_any.then(|| format!("{} that nobody can read for {}", counted(lag, "message"), group.name))
        });
        told.collect()
    }
}
