//! Updates of a StatefulSet: which version its pods have afterwards, and after what is done `then`; and how long its
//! history gets.

use super::super::Answer;
use super::super::input::Input;
use super::{new_version, old_version};
use crate::case::Verdict;
use model::controllers::statefulset::{Health, Management, StatefulSetSpec, StatefulSetState, Strategy};
use model::controllers::statefulset::{apply, reconcile};
use model::id::VersionId;
use serde_json::{Map, Value, json};

/// More pods than this are not followed.
const PODS: u32 = 500;
/// The words for pods that somebody deletes, all of them, and that come back.
const ANEW: [&str; 3] = ["delete", "restart", "recreate"];
/// A history that keeps to its limit after so many updates keeps to it after more.
const UPDATES: u32 = 30;
/// A pass changes something, so there are never more than these.
const PASSES: usize = 10_000;

pub(in super::super) fn answer(input: Input<'_>) -> Answer {
    match input.get("updates_applied") {
        Some(_) => history(input),
        None => update(input),
    }
}

fn update(input: Input<'_>) -> Answer {
    let spec = spec(input)?;
    let initial = StatefulSetSpec { replicas: replicas(input, "initial_replicas")?, ..spec.clone() };
    let mut set = Set { spec: initial, target: old_version(), state: StatefulSetState::default() };
    set.run()?;
    set.spec = spec;
    set.target = new_version();
    set.run()?;
    let mut answer = Map::new();
    tell(&mut answer, "after_update", &set);
    match input.text_if_set("then")? {
        None => {}
        Some(then) if then.contains("revision") || then.contains("rollback") => {
            set.target = old_version();
            set.run()?;
            tell(&mut answer, "after_rollback", &set);
        }
        Some(then) if ANEW.into_iter().any(|word| then.contains(word)) => {
            set.delete_all()?;
            ANEW.into_iter().for_each(|word| tell(&mut answer, &format!("after_{word}"), &set));
        }
        Some(other) => return Err(Verdict::failed("`then`: apply the previous revision, or delete the pods", other)),
    }
    Ok(Value::Object(answer))
}

/// The versions by ordinal and, when it is one, the version of all.
fn tell(answer: &mut Map<String, Value>, when: &str, set: &Set) {
    let versions = set.versions();
    let one = versions.first().filter(|first| versions.iter().all(|version| version == *first));
    answer.insert(format!("{when}_all"), json!(one));
    answer.insert(when.to_owned(), json!(versions));
}

/// The excess over the limit that a history reaches, as the words the table has for it.
fn history(input: Input<'_>) -> Answer {
    let updates = input.count("updates_applied")?.min(UPDATES);
    let mut excess = 0;
    for limit in 0..updates {
        let spec = StatefulSetSpec { replicas: 3, revision_history_limit: limit, ..spec(input)? };
        let mut set = Set { spec, target: old_version(), state: StatefulSetState::default() };
        set.run()?;
        for update in 1..=updates as usize {
            set.target = VersionId::new(update);
            while set.pass() {
                excess = excess.max(set.state.revisions.len().saturating_sub(limit as usize));
                set.settle();
            }
        }
    }
    let kept = format!("revisionHistoryLimit + {excess} (current and update revisions are live)");
    Ok(json!({"revisions_kept_at_most": kept}))
}

fn spec(input: Input<'_>) -> Result<StatefulSetSpec, Verdict> {
    let management = match input.text_if_set("podManagementPolicy")? {
        None | Some("OrderedReady") => Management::OrderedReady,
        Some("Parallel") => Management::Parallel,
        Some(other) => return Err(Verdict::failed("a policy OrderedReady or Parallel", other)),
    };
    let max_unavailable = input.get("maxUnavailable").map(|_| input.limit("maxUnavailable")).transpose()?;
    let strategy = match input.text_if_set("strategy")? {
        None | Some("RollingUpdate") => {
            Strategy::RollingUpdate { partition: input.count_or("partition", 0)?, max_unavailable }
        }
        Some("OnDelete") => Strategy::OnDelete,
        Some(other) => return Err(Verdict::failed("a strategy RollingUpdate or OnDelete", other)),
    };
    let replicas = replicas(input, "replicas")?;
    Ok(StatefulSetSpec { replicas, management, strategy, ..StatefulSetSpec::default() })
}

fn replicas(input: Input<'_>, member: &str) -> Result<u32, Verdict> {
    let replicas = input.count_or(member, 1)?;
    let why = || Verdict::Skipped { why: format!("a set of more than {PODS} pods is not followed") };
    (replicas <= PODS).then_some(replicas).ok_or_else(why)
}

/// A StatefulSet whose pods become available between two passes.
struct Set {
    spec: StatefulSetSpec,
    target: VersionId,
    state: StatefulSetState,
}

impl Set {
    /// Whether the controller changed anything.
    fn pass(&mut self) -> bool {
        let steps = reconcile(&self.spec, self.target, &self.state);
        steps.iter().for_each(|step| apply(*step, &mut self.state));
        !steps.is_empty()
    }

    fn settle(&mut self) {
        self.state.pods.retain(|pod| !pod.terminating);
        self.state.pods.iter_mut().for_each(|pod| pod.health = Health::Available);
    }

    fn run(&mut self) -> Result<(), Verdict> {
        for _ in 0..PASSES {
            self.settle();
            if !self.pass() {
                return Ok(());
            }
        }
        Err(Verdict::Skipped { why: format!("a rollout that is not over after {PASSES} passes is not followed") })
    }

    fn delete_all(&mut self) -> Result<(), Verdict> {
        self.state.pods.iter_mut().for_each(|pod| pod.terminating = true);
        self.run()
    }

    fn versions(&self) -> Vec<&'static str> {
        let mut pods = self.state.pods.clone();
        pods.sort_by_key(|pod| pod.ordinal);
        pods.iter().map(|pod| if pod.version == new_version() { "new" } else { "old" }).collect()
    }
}
