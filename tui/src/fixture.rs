//! A tiny drill and a view made by hand, for tests.
//!
//! The drill: one service whose new version fails a fifth of all requests, an alert that notices, a flag
//! that changes nothing but takes two people to switch.

use crate::library::{Drill, Library, Opened, Par, Recorded};
use model::action::{Action, RoomAction, ServiceAction, SettingAction};
use model::authority::{Actor, Matrix, Pace, Role, Seat, Seats};
use model::controllers::deployment::DeploymentSpec;
use model::flag::{Delivery, Flag, Setting};
use model::id::{AlertId, ClassId, DefectId, EndpointId, FlagId, HostId, RegionId, SeatId, ServiceId, SloId};
use model::id::{VersionId, ZoneId};
use model::law::Law;
use model::name::Name;
use model::place::{Host, Zone};
use model::program::{ClassSet, Op, Program};
use model::ratio::Ratio;
use model::rollout::Rollout;
use model::scenario::{Scenario, Step};
use model::slo::{Alert, Rule, Slo};
use model::system::{Artifact, Balancer, Defect, Endpoint, Service, System, Version};
use model::time::{Span, Time};
use model::traffic::{Course, Demand, Intensity, Source};
use model::workers::Discipline;
use sim::choices::{Choice, Other};
use sim::view::{AlertView, BacklogView, FlagView, Health, RunningView, SeatView, ServiceView, SloView, VersionView};
use sim::{Line, LineKind, Model, Rerun, Session};

/// A library with one good drill and one that cannot be opened.
pub(crate) struct Shelf;

impl Library for Shelf {
    fn drills(&self) -> Vec<Drill> {
        let drill = |name: &str, title: &str| Drill {
            name: name.to_owned(),
            title: title.to_owned(),
            about: "1 service".to_owned(),
            teaches: "What a page means.".to_owned(),
        };
        vec![drill("tiny", "A bad release"), drill("broken", "A file with a mistake")]
    }

    fn open(&self, name: &str) -> Result<Opened, String> {
        match name {
            "tiny" => Ok(opened()),
            other => Err(format!("{other}: line 3: no such service\nhelp: did you mean `payments`?")),
        }
    }

    fn go_on(&self, session: Session) -> Result<Opened, String> {
        match session.now() {
            Time::ZERO => Err("nothing has happened yet".to_owned()),
            _ => Ok(Opened { session, ..opened() }),
        }
    }
}

/// The tiny drill, with a par that never acts.
pub(crate) fn opened() -> Opened {
    let compute = || {
        let mut session = session();
        session.finish();
        session.debrief()
    };
    Opened {
        session: session(),
        brief: vec!["You are Ana, incident commander.".to_owned(), "payments 51 rolls out at 00:30.".to_owned()],
        lesson: vec!["Look before you leap.".to_owned()],
        scribe: None,
        par: Some(Par { name: "wait-and-see".to_owned(), compute: Box::new(compute) }),
    }
}

/// The tiny drill at its start.
pub(crate) fn session() -> Session {
    Session::new(Model::new(scenario()), 1)
}

/// A recording of it that breaks off: she takes the page, waits, and rolls back.
pub(crate) fn recorded() -> Recorded {
    let ana = Actor::Seat(SeatId::ZERO);
    let given = [
        (160_100, Action::Room(RoomAction::Acknowledge(AlertId::ZERO))),
        (220_000, Action::Service(ServiceId::ZERO, ServiceAction::Undo)),
    ];
    let steps = given.map(|(millis, action)| {
        let at = Time::ZERO + Span::from_millis(millis);
        (at, Step::new(at, ana, action))
    });
    Recorded {
        name: "a.gameday".to_owned(),
        drill: "tiny".to_owned(),
        run: Rerun::new(session(), steps.to_vec()),
        end: Time::ZERO + Span::from_millis(600_123),
        brief: vec!["You are Ana, incident commander.".to_owned()],
        lesson: vec!["Look before you leap.".to_owned()],
        par: None,
    }
}

fn scenario() -> Scenario {
    Scenario {
        name: "tiny".to_owned(),
        title: "A bad release".to_owned(),
        system: system(),
        slos: vec![Slo {
            name: Name::new("checkout"),
            endpoint: EndpointId::ZERO,
            target: Ratio::percent(99).unwrap(),
            within: None,
            period: Span::from_secs(30 * 24 * 3600),
        }],
        alerts: vec![Alert {
            name: Name::new("checkout-burn"),
            rule: Rule::BurnRate {
                slo: SloId::ZERO,
                long: Span::from_secs(120),
                short: Span::from_secs(30),
                factor_thousandths: 5_000,
            },
            pages: None,
        }],
        scrape: Span::from_secs(15),
        seats: Seats {
            all: vec![seat("ana", Role::Commander), seat("olga", Role::Owner), seat("launch", Role::Release)],
            matrix: Matrix::default(),
            command: None,
        },
        player: SeatId::ZERO,
        release: vec![Step::new(
            Time::ZERO + Span::from_secs(30),
            Actor::Seat(SeatId::new(2)),
            Action::Service(ServiceId::ZERO, ServiceAction::Deploy(VersionId::new(1))),
        )],
        horizon: Span::from_secs(900),
        ..Scenario::default()
    }
}

fn seat(name: &str, role: Role) -> Seat {
    Seat { name: Name::new(name), role, answers: Law::Constant(Span::from_secs(20)), pace: Pace::default() }
}

fn system() -> System {
    let ok = Program { ops: vec![work()], ..Program::default() };
    let bad = Program { ops: vec![work(), Op::Fail(DefectId::ZERO)], ..Program::default() };
    System {
        regions: vec![Name::new("here")],
        zones: vec![Zone { name: Name::new("here-a"), region: RegionId::ZERO }],
        hosts: vec![Host { name: Name::new("host-1"), zone: ZoneId::ZERO }],
        classes: vec![Name::new("card")],
        flags: vec![Flag {
            name: Name::new("new-fees"),
            initial: Setting::OFF,
            code_default: Setting::OFF,
            delivery: Delivery::Polled(Span::from_secs(10)),
        }],
        services: vec![payments()],
        versions: vec![version("50", ok), version("51", bad)],
        endpoints: vec![Endpoint { name: Name::new("payments.pay"), service: ServiceId::ZERO, place: 0 }],
        defects: vec![Defect {
            name: Name::new("fees"),
            about: "fees are rounded below zero".to_owned(),
            classes: ClassSet::ALL,
            only_while: None,
            share: Ratio::percent(20).unwrap(),
            crashes: false,
        }],
        sources: vec![Source {
            name: Name::new("shoppers"),
            endpoint: EndpointId::ZERO,
            from: vec![ZoneId::ZERO],
            demand: Demand::Open {
                spacing: Law::Exponential { mean: Span::from_millis(100) },
                nominal: Intensity::from_trillionths(10_000_000_000_000).unwrap(),
                course: Course::Steady,
            },
            mix: vec![(ClassId::ZERO, Ratio::ONE)],
            keys: None,
            dialect: None,
            dns: None,
        }],
        ..System::default()
    }
}

const fn work() -> Op {
    Op::Work(Law::Constant(Span::from_millis(5)))
}

fn payments() -> Service {
    Service {
        name: Name::new("payments"),
        tier: 1,
        external: false,
        endpoints: vec![EndpointId::ZERO],
        versions: vec![VersionId::ZERO, VersionId::new(1)],
        initial: VersionId::ZERO,
        rollout: Rollout::Deployment(DeploymentSpec { replicas: 2, ..DeploymentSpec::default() }),
        standby: None,
        autoscale: None,
        gitops: None,
        concurrency: 8,
        queue: 64,
        limits: vec![],
        balancer: Balancer::default(),
        weights: vec![],
        locality: None,
        discipline: Discipline::default(),
        breakdowns: None,
        warmup: None,
        drops_expired: false,
        startup: Law::Constant(Span::from_secs(5)),
        drain: Span::from_secs(5),
        disruptions: None,
        hosts: vec![HostId::ZERO],
        pipeline: vec![],
    }
}

fn version(label: &str, program: Program) -> Version {
    Version {
        name: Name::new(format!("payments {label}")),
        label: label.to_owned(),
        service: ServiceId::ZERO,
        about: None,
        artifact: Artifact::Retained,
        pull: Law::NONE,
        knows: model::program::FlagSet::default().with(model::id::FlagId::ZERO, true),
        programs: vec![program],
        start_defects: vec![],
        wrong: None,
        needs: vec![],
    }
}

/// A view of a shop in the middle of a rollback.
pub(crate) fn view() -> SeatView {
    SeatView {
        scenario: "ledger-format".to_owned(),
        title: "The rollback that makes it worse".to_owned(),
        seed: 7,
        seat: "ana".to_owned(),
        role: "incident commander".to_owned(),
        now: at(725),
        ends: at(3600),
        goal: Span::from_secs(1200),
        collected: Some(at(720)),
        severity: Some(2),
        slos: vec![slo("checkout", 0.9512)],
        services: services(),
        flags: vec![FlagView {
            what: "flag",
            name: "ledger-fmt3".to_owned(),
            state: "on".to_owned(),
            agree: 20,
            processes: 22,
        }],
        lags: vec![],
        backlogs: vec![backlog("settle", vec![0, 0, 31, 203]), backlog("receipt", vec![0, 0, 0, 0])],
        alerts: vec![AlertView {
            name: "checkout-burn".to_owned(),
            firing: Some(at(615)),
            pages: Some("ana".to_owned()),
            taken: None,
        }],
        changes: vec![],
        running: vec![RunningView {
            who: "ana".to_owned(),
            since: at(680),
            what: "roll back payments".to_owned(),
            progress: "2 of 6 replicas".to_owned(),
        }],
        found: vec![],
        timeline: vec![
            line(LineKind::Order, 120, 1, "launch", "deploy payments 51"),
            line(LineKind::Alert, 615, 2, "checkout-burn", "alert fires"),
            line(LineKind::Order, 680, 3, "ana", "roll back payments"),
        ],
        choices: choices(),
    }
}

fn at(secs: u64) -> Time {
    Time::ZERO + Span::from_secs(secs)
}

fn slo(name: &str, good: f64) -> SloView {
    SloView { name: name.to_owned(), target: 0.999, good, budget: 0.38, curve: vec![1.0, 0.999, 0.99, 0.98, good] }
}

fn backlog(name: &str, curve: Vec<u64>) -> BacklogView {
    BacklogView { name: name.to_owned(), failing: curve.last().copied().unwrap_or(0), curve }
}

fn line(kind: LineKind, secs: u64, id: u32, who: &str, what: &str) -> Line {
    let (who, what) = (who.to_owned(), what.to_owned());
    Line { kind, at: at(secs), id, who, what, because: vec![] }
}

fn services() -> Vec<ServiceView> {
    let mut services = vec![
        service("web", 0, &[], &[1], 0.001),
        service("checkout", 1, &[0], &[2], 0.012),
        service("payments", 2, &[1], &[3], 0.061),
        service("ledger", 3, &[2], &[], 0.0),
        service("notifications", 0, &[], &[], 0.0),
    ];
    services[2].versions = vec![replicas("50", 2, 1, Some(0.02)), replicas("51", 3, 0, Some(0.08))];
    services[2].wanted = "50".to_owned();
    services[2].replicas = 6;
    services[3].versions = vec![replicas("22", 14, 0, Some(0.0))];
    services[3].wanted = "22".to_owned();
    services
}

fn service(name: &str, column: usize, callers: &[usize], calls: &[usize], errors: f64) -> ServiceView {
    let health = match errors {
        errors if errors >= 0.05 => Health::Failing,
        errors if errors > 0.0 => Health::Degraded,
        _ => Health::Ok,
    };
    ServiceView {
        name: name.to_owned(),
        tier: 1,
        column,
        callers: callers.to_vec(),
        calls: calls.to_vec(),
        versions: vec![replicas("1", 4, 0, Some(errors))],
        wanted: "1".to_owned(),
        replicas: 4,
        paused: false,
        rollout: None,
        rate: 40.0,
        errors,
        backlog: if name == "payments" { 203 } else { 0 },
        health,
    }
}

fn replicas(label: &str, ready: u32, starting: u32, errors: Option<f64>) -> VersionView {
    VersionView { label: label.to_owned(), ready, starting, crashed: 0, crashes: 0, draining: 0, errors }
}

fn choices() -> Vec<Choice> {
    let undo = Action::Service(ServiceId::ZERO, ServiceAction::Undo);
    let flag = Action::Set(SettingAction::Flag(FlagId::ZERO, Setting::OFF));
    vec![
        choice("acknowledge checkout-burn", Action::Room(RoomAction::Acknowledge(AlertId::ZERO))),
        Choice {
            authority: "IC".to_owned(),
            dangerous: true,
            known: vec!["replaces 6 replicas, a few at a time".to_owned()],
            unchecked: vec!["can payments 50 read what is in ledger-entries by now?".to_owned()],
            ..choice("roll back payments to 50", undo)
        },
        Choice {
            authority: "IC + owner".to_owned(),
            asks: vec!["olga (about 40s)".to_owned()],
            glass: true,
            other: Some(Other { seat: SeatId::new(1), name: "olga".to_owned() }),
            dangerous: true,
            ..choice("switch ledger-fmt3 off", flag)
        },
        Choice {
            refused: Some("back-convert is under way already".to_owned()),
            dangerous: true,
            ..choice("run back-convert", undo)
        },
        Choice { dangerous: true, ..choice("declare the incident over", Action::Room(RoomAction::Resolve)) },
    ]
}

fn choice(label: &str, action: Action) -> Choice {
    Choice {
        label: label.to_owned(),
        action,
        authority: "anyone".to_owned(),
        asks: vec![],
        glass: false,
        other: None,
        dangerous: false,
        known: vec![],
        unchecked: vec![],
        refused: None,
    }
}
