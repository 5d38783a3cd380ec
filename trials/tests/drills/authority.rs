//! Authority: every order, from every seat, under several decision matrices, asked for and with the glass broken.

use Reach::{Everybody, Nothing, One, Several};
use model::time::{Span, Time};
use scenarios::{Bundle, plan_text};
use sim::{LineKind, Model, Reviewed, World};
use std::collections::BTreeSet;
use trials::runs::{model, side_by_side};

const EVERYTHING: &str = include_str!("everything.yaml");

/// When the order is given. The commander takes a minute to answer, the owner two.
const GIVEN: u64 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Nothing,
    /// One service that shares nothing, neither a store nor a topic, and who is on call for it.
    One(&'static str),
    Several,
    Everybody,
}

const ORDERS: &[(&str, Reach)] = &[
    ("deploy: till 2", One("tom")),
    ("deploy: search 2", One("ana")),
    ("deploy: shop 2", Several),
    ("deploy: shop 2, on: eu", Several),
    ("undo: search", One("ana")),
    ("undo: admin", Several),
    ("commit: search 2", One("ana")),
    ("pause: till", One("tom")),
    ("resume: till", One("tom")),
    ("partition: quotes, from: 1", One("ana")),
    ("stop: till", One("tom")),
    ("scale: till, to: 3", One("tom")),
    ("autoscale: search, to: off", One("ana")),
    ("restart: till", One("tom")),
    ("switch: search", One("ana")),
    ("drain: us", Several),
    ("drain: eu, evict: yes", Several),
    ("isolate: till", One("tom")),
    ("isolate: shop", Several),
    ("admit: eu", Several),
    ("shift: eu, to: us", Several),
    ("flush: pages", Several),
    ("abort: counter", Several),
    ("promote: counter", Several),
    ("retry: counter", Several),
    ("flag: banner, to: on", Everybody),
    ("config: limits 2", One("tom")),
    ("repair: shorten", Several),
    ("migrate: priced", Several),
    ("down: priced", Several),
    ("restore: often", Several),
    ("skip: counting", Several),
    ("replay: counting", Several),
    ("redrive: counting", Several),
    ("compensate: charge", Several),
    ("accept: charge", Several),
    ("forward: search 3", One("ana")),
    ("look: errors of till", Nothing),
    ("look: data of profiles", Nothing),
    ("acknowledge: buy-burn", Nothing),
    ("declare: 2", Nothing),
    ("update: customers", Nothing),
    ("follow: peek", Nothing),
    ("resolve: yes", Nothing),
];

/// A decision matrix, and whose word each seat then waits for: the commander's, the owner's, or both, in this order.
struct Organisation {
    authority: &'static str,
    /// Of one service, of several, of everybody: for its on-call, another on-call, the commander and the owner.
    asked: [[&'static str; 4]; 3],
}

const ORGANISATIONS: [Organisation; 4] = [
    Organisation { authority: "{}", asked: [["", "C", "", "C"], ["C", "C", "", "C"], ["CO", "CO", "O", "C"]] },
    Organisation {
        authority: "{service: commander, shared: [commander, owner], global: owner}",
        asked: [["C", "C", "", "C"], ["CO", "CO", "O", "C"], ["O", "O", "O", ""]],
    },
    Organisation {
        authority: "{service: [on-call, owner], shared: owner}",
        asked: [["O", "CO", "O", "C"], ["O", "O", "O", ""], ["CO", "CO", "O", "C"]],
    },
    Organisation {
        authority: "{service: anyone, shared: anyone, global: commander}",
        asked: [["", "", "", ""], ["", "", "", ""], ["C", "C", "", "C"]],
    },
];

impl Organisation {
    fn bundle(&self, rest: &str) -> Bundle {
        let authority = self.authority.trim_end_matches('}');
        let rest = if authority == "{" { rest.trim_start_matches(", ") } else { rest };
        Bundle::from_text("everything", format!("{EVERYTHING}authority: {authority}{rest}}}\n"), ".")
    }

    fn asked(&self, seat: &str, reach: Reach) -> &'static str {
        let row = match reach {
            Nothing => return "",
            One(_) => 0,
            Several => 1,
            Everybody => 2,
        };
        let column = match (seat, reach) {
            ("release", _) => return "",
            ("ivy", _) => 2,
            ("omar", _) => 3,
            (_, One(on_call)) if on_call == seat => 0,
            _ => 1,
        };
        self.asked[row][column]
    }
}

fn given(bundle: &Bundle, model: &Model, seat: &str, order: &str, rest: &str) -> World {
    let text = format!("- {{at: {GIVEN}s, who: {seat}, do: {{{order}}}{rest}}}\n");
    let plan = plan_text("try", text, bundle).unwrap_or_else(|problems| panic!("{problems}"));
    let mut world = World::new(model.clone(), 1);
    world.follow(plan.steps);
    world
}

fn after(seconds: u64) -> Time {
    Time::ZERO + Span::from_secs(GIVEN + seconds)
}

/// Whom the order waits for then.
fn waits_for(world: &mut World, seconds: u64) -> Option<String> {
    world.run_until(after(seconds));
    let player = world.scenario().player;
    let running = world.view(player).running;
    running.iter().find_map(|order| order.progress.strip_prefix("waits for ").map(str::to_owned))
}

/// When it went on at the earliest: the first line that it led to and that tells of nobody's word.
fn approvals_and_what_came(world: &World) -> (Vec<Time>, Vec<Time>) {
    let timeline = world.summary().timeline;
    let order = timeline.iter().find(|line| line.kind == LineKind::Order && line.at == after(0)).expect("it was given");
    let led_to = timeline.iter().filter(|line| line.because.contains(&order.id));
    let (words, rest): (Vec<_>, Vec<_>) = led_to.partition(|line| line.what.starts_with("approved: "));
    (words.iter().map(|line| line.at).collect(), rest.iter().map(|line| line.at).collect())
}

fn check_asked(bundle: &Bundle, model: &Model, seat: &str, order: &str, asked: &str) {
    let world = &mut given(bundle, model, seat, order, "");
    let (first, second, words): (_, _, &[u64]) = match asked {
        "" => (None, None, &[]),
        "C" => (Some("ivy"), None, &[60]),
        "O" => (Some("omar"), Some("omar"), &[120]),
        "CO" => (Some("ivy"), Some("omar"), &[60, 180]),
        _ => unreachable!("no such words"),
    };
    let who = format!("{seat}: {order} in {:?}", bundle.text.lines().last());
    assert_eq!(waits_for(world, 30).as_deref(), first, "{who}");
    assert_eq!(waits_for(world, 90).as_deref(), second, "{who}");
    assert_eq!(waits_for(world, 200), None, "{who}");
    let (approved, came) = approvals_and_what_came(world);
    assert_eq!(approved, words.iter().map(|seconds| after(*seconds)).collect::<Vec<_>>(), "{who}");
    let agreed = words.last().map_or(after(0), |seconds| after(*seconds));
    assert!(came.iter().all(|at| *at >= agreed), "{who}: {came:?}");
}

fn check_glass(bundle: &Bundle, model: &Model, seat: &str, order: &str, asked: &str) {
    let world = &mut given(bundle, model, seat, order, ", break_glass: yes");
    assert_eq!(waits_for(world, 0), None, "{seat}: {order}");
    let summary = world.summary();
    let broke = summary.timeline.iter().filter(|line| line.what.starts_with("breaks the glass"));
    assert_eq!(broke.map(|line| line.at).collect::<Vec<_>>(), vec![after(0); usize::from(!asked.is_empty())]);
    assert_eq!(approvals_and_what_came(world).0, [], "{seat}: {order}");
    let reviewed = summary.reviews.iter().find(|review| matches!(review.why, Reviewed::BrokeGlass(_)));
    let is_refused = summary.timeline.iter().any(|line| line.what.starts_with("refused: "));
    assert_eq!(reviewed.is_some(), !asked.is_empty() && !is_refused, "{seat}: {order}");
    if let Some(review) = reviewed {
        let words: Vec<_> =
            asked.chars().map(|part| if part == 'C' { "incident commander" } else { "owner" }).collect();
        assert_eq!((review.who.as_str(), review.why.left_out()), (seat, words), "{order}");
    }
}

const SEATS: [&str; 5] = ["ana", "tom", "ivy", "omar", "release"];

/// Every order from every seat; whoever runs the release follows no runbook.
fn every_order() -> impl Iterator<Item = (&'static str, (&'static str, Reach))> {
    let all = SEATS.into_iter().flat_map(|seat| ORDERS.iter().map(move |order| (seat, *order)));
    all.filter(|(seat, (order, _))| *seat != "release" || !order.starts_with("follow"))
}

#[test]
fn every_seat_asks_whom_the_matrix_says_for_every_order() {
    side_by_side(&ORGANISATIONS.iter().collect::<Vec<_>>(), |organisation| {
        let bundle = organisation.bundle("");
        let model = model(&bundle);
        for (seat, (order, reach)) in every_order() {
            check_asked(&bundle, &model, seat, order, organisation.asked(seat, reach));
        }
    });
}

#[test]
fn whoever_breaks_the_glass_asks_nobody_and_is_reviewed() {
    let bundle = ORGANISATIONS[0].bundle("");
    let model = model(&bundle);
    for (seat, (order, reach)) in every_order() {
        check_glass(&bundle, &model, seat, order, ORGANISATIONS[0].asked(seat, reach));
    }
}

#[test]
fn where_the_glass_may_not_be_broken_the_order_is_refused() {
    let bundle = ORGANISATIONS[0].bundle(", break_glass: no");
    let model = model(&bundle);
    for (order, reach) in ORDERS {
        let mut world = given(&bundle, &model, "tom", order, ", break_glass: yes");
        world.run_until(after(30));
        let timeline = world.summary().timeline;
        let refused = timeline.iter().any(|line| line.what.starts_with("refused: nobody may break the glass"));
        assert_eq!(refused, !ORGANISATIONS[0].asked("tom", *reach).is_empty(), "{order}");
        assert_eq!(world.summary().reviews, [], "{order}");
    }
}

/// The list above leaves no verb of the language out.
#[test]
fn every_kind_of_order_is_tried() {
    let defs = &scenarios::schema()["$defs"];
    let kinds = defs["Action"]["anyOf"].as_array().expect("there are several");
    let verbs: BTreeSet<&str> = kinds.iter().map(|kind| verb_of(&defs[last_part(&kind["$ref"])])).collect();
    // Whoever is to take the command agrees, whatever the matrix says: tests/drills/room.rs.
    let tried = ORDERS.iter().filter_map(|(order, _)| order.split(':').next()).chain(["hand_over"]);
    let tried: BTreeSet<&str> = tried.collect();
    assert!(verbs.len() > 30, "{verbs:?}");
    assert_eq!(verbs, tried);
}

fn last_part(reference: &serde_json::Value) -> &str {
    reference.as_str().and_then(|path| path.rsplit('/').next()).expect("it is a reference")
}

/// The key that says what kind of order it is, and not what about it.
fn verb_of(kind: &serde_json::Value) -> &str {
    let keys = kind["properties"].as_object().expect("it has keys").keys().map(String::as_str);
    let about = ["on", "from", "to", "which", "evict", "share", "as_of", "since"];
    let verbs: Vec<_> = keys.filter(|key| !about.contains(key)).collect();
    let [verb] = verbs[..] else { panic!("one of {verbs:?} is the verb") };
    verb
}
