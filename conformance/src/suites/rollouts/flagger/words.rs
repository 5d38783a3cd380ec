//! The words for what changes between two ticks, as in `phase=Promoting, weights 50/50, primary past its deadline`.

use super::world::World;
use crate::case::Verdict;
use model::controllers::flagger::{Check, Phase, Routes, TOTAL_WEIGHT};

/// What stands in the way of a pod.
const STUCK: [&str; 3] = ["past its deadline", "not ready", "stuck"];

/// Does what the words say, part by part.
pub(super) fn set(words: &str, world: &mut World) -> Result<(), Verdict> {
    let parts = words.split([',', ';']).flat_map(|part| part.split(" and ")).map(str::trim);
    parts.filter(|part| !part.is_empty()).try_for_each(|part| one(part, world))
}

fn one(part: &str, world: &mut World) -> Result<(), Verdict> {
    match part.split_once('=') {
        Some((name, value)) => member(name.trim(), value.trim(), world).ok_or_else(|| unknown(part)),
        None => sentence(part, world).ok_or_else(|| unknown(part)),
    }
}

fn unknown(part: &str) -> Verdict {
    let known = "words for a change: phase=…, iterations=…, failedChecks=…, skipAnalysis=…, weights 50/50, primary or \
                 canary ready or past its deadline, a new revision, a changed config, a metric that fails or passes";
    Verdict::failed(known, part)
}

/// `None` when there is no such member, or no such value of it.
fn member(name: &str, value: &str, world: &mut World) -> Option<()> {
    let number = || value.parse::<u32>().ok();
    match name.to_lowercase().replace('_', "").as_str() {
        "phase" => world.begin(phase(value)?),
        "iterations" => world.state.iterations = number()?,
        "failedchecks" => world.state.failed_checks = number()?,
        "threshold" => world.spec.analysis.threshold = number()?,
        "skipanalysis" => world.spec.skip_analysis = value.parse().ok()?,
        "suspend" | "suspended" => world.spec.suspended = value.parse().ok()?,
        "weights" | "routes" => world.state.routes = routes(value)?,
        _ => return None,
    }
    Some(())
}

fn sentence(part: &str, world: &mut World) -> Option<()> {
    let part = part.to_lowercase();
    let says = |word: &str| part.contains(word);
    let is_stuck = STUCK.into_iter().any(says);
    if let Some(weights) = part.split_whitespace().find(|word| word.contains('/')) {
        world.state.routes = routes(weights)?;
    } else if says("primary") && (is_stuck || says("ready")) {
        if is_stuck { world.primary_stuck() } else { world.primary_ready() }
    } else if says("canary") && (is_stuck || says("ready")) {
        if is_stuck { world.canary_stuck() } else { world.canary_ready() }
    } else if says("config") || says("secret") {
        world.seen.target.config += 1;
    } else if says("revision") || says("version") || says("update") {
        another_version(&part, world)?;
    } else if says("metric") || says("check") {
        world.seen.check = check(&part)?;
    } else if says("skip") && says("analysis") {
        world.spec.skip_analysis = true;
    } else {
        return None;
    }
    Some(())
}

/// Another one, unless it is said to be the same.
fn another_version(part: &str, world: &mut World) -> Option<()> {
    let says = |word: &str| part.contains(word);
    if says("same") {
        return Some(());
    }
    match world.state.last_promoted {
        Some(promoted) if says("promoted") || says("previous") => world.seen.target.version = promoted,
        None if says("promoted") || says("previous") => return None,
        _ => world.ask_for_another_version(),
    }
    Some(())
}

fn check(part: &str) -> Option<Check> {
    let says = |word: &str| part.contains(word);
    match () {
        () if says("no data") || says("no value") => Some(Check::NoData),
        () if says("fail") => Some(Check::Failed),
        () if says("pass") || says("recover") => Some(Check::Passed),
        () => None,
    }
}

fn phase(word: &str) -> Option<Phase> {
    let phases = [
        Phase::Initializing,
        Phase::Initialized,
        Phase::Waiting,
        Phase::Progressing,
        Phase::WaitingPromotion,
        Phase::Promoting,
        Phase::Finalising,
        Phase::Succeeded,
        Phase::Failed,
    ];
    phases.into_iter().find(|phase| phase.as_str() == word)
}

/// `60/40`: the primary's part first.
fn routes(word: &str) -> Option<Routes> {
    let (primary, canary) = word.split_once('/')?;
    let (primary, canary): (u32, u32) = (primary.trim().parse().ok()?, canary.trim().parse().ok()?);
    let is_whole = primary.checked_add(canary) == Some(TOTAL_WEIGHT);
    is_whole.then_some(Routes { primary, canary, mirrored: false })
}
