//! Steps as somebody would have typed them.
//!
//! What a recording keeps of a command is what a plan file says of it: a text that the language reads back to the very
//! same step. So there is one form of a command outside a program, and who opens a recording can read it.

use crate::syntax::Exact;
use model::Scenario;
use model::action::{Action, AreaAction, DataAction, Look, RoomAction, ServiceAction, SettingAction, Stopped};
use model::authority::Actor;
use model::flag::Setting;
use model::id::ServiceId;
use model::migration::Way;
use model::name::Name;
use model::part::Portion;
use model::place::Area;
use model::ratio::Ratio;
use model::rollout::RolloutOrder;
use model::scenario::{Manner, Step, Task};
use model::system::System;
use model::time::Time;
use model::topic::Seek;

/// A step as a line of a plan file has it: `{at: 8m, who: "ivy", do: {undo: "checkoutservice"}}`. Nothing for a fault:
/// nobody gives the command for one.
#[must_use]
pub fn written(step: &Step, scenario: &Scenario) -> Option<String> {
    let Actor::Seat(seat) = step.who else { return None };
    let action = action(step.action, scenario)?;
    let who = quoted(&scenario.seats.get(seat).name);
    let manner = manner(step.manner, scenario);
    Some(format!("{{at: {}, who: {who}, do: {{{action}}}{manner}}}", clock(step.at)))
}

fn manner(manner: Manner, scenario: &Scenario) -> String {
    let Manner { breaks_glass, hears_objections, task } = manner;
    let within = |task: Task| task.within.map_or(String::new(), |within| format!(", within: {}", Exact(within)));
    let assigned = |task: Task| format!(", assign: {}{}", quoted(&scenario.seats.get(task.to).name), within(task));
    let glass = if breaks_glass { ", break_glass: yes" } else { "" };
    let objections = if hears_objections { ", objections: yes" } else { "" };
    format!("{glass}{objections}{}", task.map_or(String::new(), assigned))
}

fn action(action: Action, scenario: &Scenario) -> Option<String> {
    let system = &scenario.system;
    match action {
        Action::Service(id, action) => Some(of_service(id, action, system)),
        Action::Set(action) => Some(of_setting(action, system)),
        Action::Area(area, action) => Some(of_area(area, action, system)),
        Action::Data(action) => Some(of_data(action, system)),
        Action::Room(action) => Some(of_room(action, scenario)),
        Action::Fault { .. } => None,
    }
}

fn of_service(id: ServiceId, action: ServiceAction, system: &System) -> String {
    let name = quoted(&system.service(id).name);
    let version = |id| quoted(&system.version(id).name);
    match action {
        ServiceAction::Deploy(to) => format!("deploy: {}", version(to)),
        ServiceAction::DeployOn(to, area) => format!("deploy: {}, on: {}", version(to), place(area, system)),
        ServiceAction::Undo => format!("undo: {name}"),
        ServiceAction::Forward(to) => format!("forward: {}", version(to)),
        ServiceAction::Commit(to) => format!("commit: {}", version(to)),
        ServiceAction::Pause => format!("pause: {name}"),
        ServiceAction::Resume => format!("resume: {name}"),
        ServiceAction::Partition(from) => format!("partition: {name}, from: {from}"),
        ServiceAction::Roll(order) => format!("{}: {name}{}", verb(order), how_far(order)),
        ServiceAction::Stop(Stopped::Stuck) => format!("stop: {name}"),
        ServiceAction::Stop(Stopped::All) => format!("stop: {name}, which: all"),
        ServiceAction::Scale(replicas) => format!("scale: {name}, to: {replicas}"),
        ServiceAction::Autoscale(works) => format!("autoscale: {name}, to: {}", switch(works)),
        ServiceAction::Restart => format!("restart: {name}"),
        ServiceAction::Switch(true) => format!("switch: {name}"),
        ServiceAction::Switch(false) => format!("switch: {name}, to: primary"),
        ServiceAction::Isolate(portion) => format!("isolate: {}", of_portion(&name, portion, system)),
        ServiceAction::Admit(portion) => format!("admit: {}", of_portion(&name, portion, system)),
    }
}

const fn verb(order: RolloutOrder) -> &'static str {
    match order {
        RolloutOrder::Abort => "abort",
        RolloutOrder::Promote { .. } => "promote",
        RolloutOrder::Retry => "retry",
    }
}

const fn how_far(order: RolloutOrder) -> &'static str {
    match order {
        RolloutOrder::Promote { full: true } => ", to: end",
        RolloutOrder::Promote { full: false } | RolloutOrder::Abort | RolloutOrder::Retry => "",
    }
}

fn of_portion(service: &str, portion: Portion, system: &System) -> String {
    match portion {
        Portion::All => service.to_owned(),
        Portion::Version(version) => quoted(&system.version(version).name),
        Portion::On(area) => format!("{service}, on: {}", place(area, system)),
    }
}

fn of_setting(action: SettingAction, system: &System) -> String {
    match action {
        SettingAction::Flag(flag, to) => format!("flag: {}, to: {}", quoted(&system.flag(flag).name), setting(to)),
        SettingAction::Config(_, version, Ratio::ONE) => format!("config: {}", quoted(&system.flag(version).name)),
        SettingAction::Config(_, version, part) => {
            format!("config: {}, share: {}", quoted(&system.flag(version).name), share(part))
        }
    }
}

fn of_area(area: Area, action: AreaAction, system: &System) -> String {
    let name = place(area, system);
    match action {
        AreaAction::Drain => format!("drain: {name}"),
        AreaAction::Evict => format!("drain: {name}, evict: yes"),
        AreaAction::Isolate => format!("isolate: {name}"),
        AreaAction::Admit => format!("admit: {name}"),
        AreaAction::Shift(to, part) => {
            format!("shift: {name}, to: {}, share: {}", place(Area::Region(to), system), share(part))
        }
    }
}

fn of_data(action: DataAction, system: &System) -> String {
    let group = |id| quoted(&system.group(id).name);
    match action {
        DataAction::Repair(id) => format!("repair: {}", quoted(&system.conversion(id).name)),
        DataAction::Migrate(id, Way::Up) => format!("migrate: {}", quoted(&system.migration(id).name)),
        DataAction::Migrate(id, Way::Down) => format!("down: {}", quoted(&system.migration(id).name)),
        DataAction::Restore(set, as_of) => {
            let names: Vec<_> = set.iter().map(|id| quoted(&system.backup(id).name)).collect();
            let as_of = as_of.map(|at| format!(", as_of: {}", clock(at))).unwrap_or_default();
            format!("restore: [{}]{as_of}", names.join(", "))
        }
        DataAction::Seek(id, Seek::Next) => format!("skip: {}", group(id)),
        DataAction::Seek(id, Seek::End) => format!("skip: {}, to: end", group(id)),
        DataAction::Seek(id, Seek::Since(at)) => format!("replay: {}, since: {}", group(id), clock(at)),
        DataAction::Redrive(id) => format!("redrive: {}", group(id)),
        DataAction::Compensate(id) => format!("compensate: {}", quoted(&system.effect(id).name)),
        DataAction::Accept(id) => format!("accept: {}", quoted(&system.effect(id).name)),
        DataAction::Flush(id) => format!("flush: {}", quoted(&system.cache(id).name)),
    }
}

/// Why an incident was declared over is not kept: a run makes nothing of it.
fn of_room(action: RoomAction, scenario: &Scenario) -> String {
    let system = &scenario.system;
    match action {
        RoomAction::Acknowledge(alert) => format!("acknowledge: {}", quoted(&scenario.alerts[alert.index()].name)),
        RoomAction::Declare(severity) => format!("declare: {severity}"),
        RoomAction::Look(Look::Errors(id)) => {
            format!("look: {}", in_quotes(&format!("errors of {}", system.service(id).name)))
        }
        RoomAction::Look(Look::Data(id)) => {
            format!("look: {}", in_quotes(&format!("data of {}", system.store(id).name)))
        }
        RoomAction::Update(audience) => format!("update: {}", quoted(&system.audience(audience).name)),
        RoomAction::Follow(runbook) => format!("follow: {}", quoted(&system.runbook(runbook).name)),
        RoomAction::HandOver(seat) => format!("hand_over: {}", quoted(&scenario.seats.get(seat).name)),
        RoomAction::Resolve => "resolve: over".to_owned(),
    }
}

fn place(area: Area, system: &System) -> String {
    quoted(area.name(system))
}

fn setting(to: Setting) -> String {
    match to {
        Setting::ON => "on".to_owned(),
        Setting::OFF => "off".to_owned(),
        some => share(some.share()),
    }
}

const fn switch(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// Percent with as many places as there are: a share is a number of parts per billion.
fn share(part: Ratio) -> String {
    let (percent, rest) = (part.ppb() / PERCENT, part.ppb() % PERCENT);
    let places = format!("{rest:07}");
    match places.trim_end_matches('0') {
        "" => format!("{percent} %"),
        places => format!("{percent}.{places} %"),
    }
}

/// Parts per billion in one per cent.
const PERCENT: u32 = 10_000_000;

fn clock(at: Time) -> String {
    Exact(at.since(Time::ZERO)).to_string()
}

fn quoted(name: &Name) -> String {
    in_quotes(name.as_str())
}

/// YAML's double quotes take what JSON's do, so that a version called `on`, or `1.20`, stays a name.
fn in_quotes(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
