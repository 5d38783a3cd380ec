//! Seats that respond by themselves: what they come to, who decides, and what they cannot know.

use model::Scenario;
use model::authority::Role;
use model::id::{AlertId, SeatId};
use model::time::{Span, Time};
use scenarios::{Bundle, library};
use sim::{LineKind, Model, Outcome, Summary, World};
use trials::runs::{answers_by_name, lived, minutes, model, second, side_by_side};
use trials::text::{bundled, edited, swapped};

fn begun(model: &Model, seed: u64) -> World {
    World::new(model.clone(), seed).with_policy()
}

fn responded(bundle: &Bundle, seed: u64) -> Summary {
    let model = model(bundle);
    let mut world = begun(&model, seed);
    world.run_until(Time::ZERO + model.horizon);
    world.summary()
}

/// What people said and ordered, with who they are, in order.
fn said(end: &Summary) -> Vec<String> {
    let people = |kind: LineKind| matches!(kind, LineKind::Order | LineKind::Approval);
    let is_one = |what: &str| what.starts_with("proposes: ") || what.starts_with("pages ");
    let lines = end.timeline.iter().filter(|line| people(line.kind) || is_one(&line.what));
    lines.filter(|line| line.who != "launch").map(|line| format!("{}: {}", line.who, line.what)).collect()
}

/// When somebody said something for the first time.
fn at(end: &Summary, who: &str, what: &str) -> Span {
    let line = end.timeline.iter().find(|line| line.who == who && line.what.starts_with(what));
    line.unwrap_or_else(|| panic!("{who}: {what}\n{:#?}", said(end))).at.since(Time::ZERO)
}

/// The first drill with a page that goes to whoever is on call for payments, and people who take as long as this.
fn paging_raj(text: &str) -> String {
    let text = swapped(text, "long: 1h, short: 5m}", "long: 1h, short: 5m, pages: raj}");
    let text = swapped(&text, "ana: {role: commander}", "ana: {role: commander, decides: 45s}");
    swapped(&text, "answers: {p50: 30s, p99: 90s}}", "answers: 20s, acknowledges: 2m, decides: 30s}")
}

#[test]
fn a_careful_team_stops_the_writer_and_repairs_before_it_goes_back() {
    let ledger = bundled("ledger-format");
    let plain = lived(&model(&ledger), Some("rollback"), 1).summary();
    let careful = responded(&ledger, 1);
    assert!(plain.harm.unreadable.ever > 1000, "a plain rollback meets entries it cannot read");
    assert_eq!(careful.outcome, Outcome::Recovered);
    assert_eq!((careful.harm.unreadable.ever, careful.harm.fields_lost.ever), (0, 0));
    let mitigates = |line: &&String| ["switch", "run", "roll back"].iter().any(|verb| line.contains(verb));
    let orders: Vec<_> =
        said(&careful).into_iter().filter(|line| mitigates(&line) && !line.contains("approved")).collect();
    let [first, second, third] = &orders[..] else { panic!("{orders:#?}") };
    assert_eq!(first, "ana: switch ledger-fmt3 off");
    assert_eq!(second, "ana: run back-convert");
    assert_eq!(third, "ana: roll back payments");
}

#[test]
fn where_nothing_was_written_that_is_in_the_way_it_goes_back_at_once() {
    let step = "  - {at: 6m, do: {flag: ledger-fmt3, to: on}}\n";
    let without = edited(bundled("ledger-format"), |text| swapped(text, step, ""));
    let end = responded(&without, 1);
    let said = said(&end);
    assert!(said.contains(&"ana: roll back payments".to_owned()), "{said:#?}");
    assert!(!said.iter().any(|line| line.contains("back-convert") || line.contains("ledger-fmt3")), "{said:#?}");
    assert_eq!(end.outcome, Outcome::Recovered);
}

#[test]
fn whoever_may_not_decide_proposes_and_whoever_must_agree_is_asked() {
    let end = responded(&edited(bundled("ledger-format"), paging_raj), 1);
    let said = said(&end);
    let expected = [
        "checkout-burn: pages raj",
        "raj: acknowledge checkout-burn",
        "raj: look at failing requests of web",
        "raj: declare SEV-2",
        "raj: audit the records of ledger-entries",
        "raj: proposes: switch ledger-fmt3 off",
        "ana: switch ledger-fmt3 off",
        "olga: approved: switch ledger-fmt3 off",
        "raj: proposes: roll back payments",
        "ana: roll back payments",
        "ana: declare the incident over",
    ];
    let mut rest = said.iter();
    for line in expected {
        assert!(rest.any(|own| own == line), "{line}, in this order\n{said:#?}");
    }
    let apart = |from: Span, to: Span| to.nanos() - from.nanos();
    let [paged, taken] = [("checkout-burn", "pages"), ("raj", "acknowledge")].map(|(who, what)| at(&end, who, what));
    assert_eq!(apart(paged, taken), minutes(2).nanos());
    let [meant, done] = [("raj", "proposes: roll"), ("ana", "roll back")].map(|(who, what)| at(&end, who, what));
    assert_eq!(apart(meant, done), Span::from_secs(45).nanos());
}

#[test]
fn on_call_decides_alone_about_a_service_of_its_own() {
    let text = "\
title: one service
horizon: 30m
traffic: {guests: {to: shop.buy, rate: 50/s}}
services:
  shop:
    runs: \"1\"
    endpoints: {buy: [work: 5ms]}
    versions:
      \"1\": {}
      \"2\": {defects: [{defect: it fails, endpoint: buy, share: 30 %}]}
slos: {buy: {endpoint: shop.buy, good: 99 %}}
alerts: {burn: {burn: buy, factor: 5, long: 5m, short: 1m}}
seats:
  ivy: {role: commander}
  raj: {role: on-call, services: shop, acknowledges: 1m, decides: 1m}
  launch: {role: release}
release: [{at: 2m, do: {deploy: shop 2}}]
";
    let shop = Bundle::from_text("shop", text, "");
    let end = responded(&shop, 1);
    let said = said(&end);
    assert!(said.contains(&"raj: roll back shop".to_owned()), "{said:#?}");
    assert!(!said.iter().any(|line| line.starts_with("ivy") && !line.contains("over") || line.contains("proposes")));
    assert_eq!(end.outcome, Outcome::Recovered);
    let fails = "\"2\": {defects: [{defect: it fails, endpoint: buy, share: 30 %}]}";
    let sound = responded(&edited(shop.clone(), |text| swapped(text, fails, "\"2\": {}")), 1);
    assert_eq!((sound.outcome, self::said(&sound)), (Outcome::NoHarm, vec![]));
    let decoy = |text: &str| {
        let harmless = "{defect: never, endpoint: buy, share: 0 %, when: {flag: banner}}]}";
        let text = swapped(text, "share: 30 %}]}", &format!("share: 30 %}}, {harmless}"));
        let text = swapped(&text, "services:\n", "flags: {banner: {initial: off, poll: 10s}}\nservices:\n");
        swapped(
            &text,
            "release: [{at: 2m, do: {deploy: shop 2}}]",
            "release: [{at: 2m, do: {deploy: shop 2}}, {at: 210s, do: {flag: banner, to: on}}]",
        )
    };
    let fooled = responded(&edited(shop, decoy), 1);
    let said = self::said(&fooled);
    assert!(said.contains(&"raj: roll back shop".to_owned()), "{said:#?}");
    assert!(!said.iter().any(|line| line.contains("switch banner")), "what came after it began is not why\n{said:#?}");
}

/// What has been written is nobody's to know before the audit: until then, two runs that differ in nothing else go
/// alike.
#[test]
fn what_nobody_has_looked_at_decides_nothing() {
    let step = "  - {at: 6m, do: {flag: ledger-fmt3, to: on}}\n";
    let variants = [bundled("ledger-format"), edited(bundled("ledger-format"), |text| swapped(text, step, ""))];
    let [with, without] = variants.map(|bundle| {
        let end = responded(&bundle, 1);
        let audited = end.timeline.iter().position(|line| line.what.starts_with("audit ")).expect("an audit");
        let people = end.timeline[..=audited].iter().filter(|line| line.who == "ana" && line.kind == LineKind::Order);
        people.map(|line| (line.at, line.what.clone())).collect::<Vec<_>>()
    });
    assert!(with.len() > 4, "{with:?}");
    assert_eq!(with, without);
}

#[test]
fn by_tier_revenue_goes_back_at_once_and_meets_what_nobody_has_looked_at() {
    let by_tier = edited(bundled("ledger-format"), |text| {
        swapped(text, "par: flag-first\n", "par: flag-first\npolicy: by-tier\n")
    });
    let end = responded(&by_tier, 1);
    assert_eq!(at(&end, "ana", "roll back payments"), at(&end, "ana", "acknowledge") + Span::from_secs(90));
    assert!(end.harm.unreadable.ever > 1000, "{:?}", end.harm.unreadable);
    assert_eq!(responded(&bundled("ledger-format"), 1).harm.unreadable.ever, 0, "who looks first does not");
}

#[test]
fn a_pipeline_goes_forward_and_reads_again_what_it_has_read_since() {
    let text = "\
title: a pipeline
horizon: 40m
traffic: {guests: {to: shop.buy, rate: 10/s}}
topics: {orders: {formats: {order: order.avsc}}}
consumers: {books: {topic: orders, runs: books.add, on_error: skip}}
services:
  shop:
    runs: \"1\"
    endpoints: {buy: [work: 5ms, publish: orders]}
    versions: {\"1\": {formats: {orders: {reads: order, writes: order}}}}
  books:
    tier: 5
    runs: \"1\"
    pipeline: [{stage: build, takes: 5m}]
    endpoints: {add: [work: 5ms], ask: [work: 5ms]}
    versions:
      \"1\": {formats: {orders: {reads: order, writes: order}}}
      \"2\":
        formats: {orders: {reads: order, writes: order}}
        defects: [{defect: it adds up wrongly, endpoint: ask, share: 50 %}]
      \"3\": {artifact: unbuilt, formats: {orders: {reads: order, writes: order}}}
slos: {ask: {endpoint: books.ask, good: 99 %}}
alerts: {burn: {burn: ask, factor: 5, long: 5m, short: 1m}}
policy: by-tier
seats:
  ivy: {role: commander, acknowledges: 1m, decides: 1m}
  launch: {role: release}
release: [{at: 2m, do: {deploy: books 2}}]
";
    let text = swapped(text, "rate: 10/s}}", "rate: 10/s}, readers: {to: books.ask, rate: 20/s}}");
    let end = responded(&edited(bundled("aborted-grows"), |_| text.clone()), 1);
    let said = said(&end);
    let order = |what: &str| said.iter().position(|line| line.starts_with(&format!("ivy: {what}")));
    let (forward, again) = (order("fix forward with books 3"), order("let books read again from 00:02:00 on"));
    assert!(forward.is_some() && forward < again, "{said:#?}");
    assert!(order("roll back").is_none(), "{said:#?}");
    let careful = edited(bundled("aborted-grows"), |_| swapped(&text, "by-tier", "careful"));
    assert!(self::said(&responded(&careful, 1)).iter().any(|line| line == "ivy: roll back books"));
}

/// The pages of two runs under the same luck: up to there nothing is different, and the same customers come after.
#[test]
fn what_the_seats_do_moves_nobody_elses_luck() {
    let model = model(&bundled("ledger-format"));
    let [mut alone, mut with] = [World::new(model.clone(), 3), begun(&model, 3)];
    for world in [&mut alone, &mut with] {
        world.run_until(second(540));
    }
    assert_eq!(alone.digest(), with.digest(), "before the page");
    for world in [&mut alone, &mut with] {
        world.run_until(second(3600));
    }
    assert_ne!(alone.digest(), with.digest());
    assert_eq!(alone.arrived(), with.arrived());
    let browse = |world: &World| answers_by_name(world).into_iter().find(|(name, _)| name.as_str() == "catalog.list");
    assert_eq!(browse(&alone), browse(&with), "those who only browse see nothing of it");
}

#[test]
fn how_long_one_takes_is_nobody_elses_luck() {
    let slower = |text: &str| swapped(&paging_raj(text), "acknowledges: 2m", "acknowledges: {p50: 3m, p99: 8m}");
    let ends = side_by_side(&[paging_raj as fn(&str) -> String, slower], |edit| {
        responded(&edited(bundled("ledger-format"), edit), 5)
    });
    let answered = |end: &Summary| at(end, "olga", "approved").nanos() - at(end, "ana", "switch").nanos();
    assert_ne!(at(&ends[0], "raj", "acknowledge"), at(&ends[1], "raj", "acknowledge"));
    assert_eq!(answered(&ends[0]), answered(&ends[1]), "olga takes as long as ever");
}

/// Whoever takes a step by themselves is at a seat that responds.
fn is_no_release(scenario: &Scenario, who: &str) -> bool {
    scenario.seats.all.iter().any(|seat| seat.name.as_str() == who && seat.role != Role::Release)
}

#[test]
fn every_drill_is_lived_through_and_complete() {
    let names: Vec<_> = library::names().collect();
    let ends = side_by_side(&names, |name| {
        let model = model(&bundled(name));
        let length = model.horizon.min(minutes(25));
        let mut world = begun(&model, 1);
        world.run_until(Time::ZERO + length);
        (model.clone(), world.summary())
    });
    let mut responding = 0;
    for (name, (model, end)) in names.iter().zip(&ends) {
        assert!(end.stopped.is_none(), "{name}");
        let pages = (0..model.alerts.len()).map(AlertId::new).map(|alert| model.paged_by(alert, &model.seats));
        let known: Vec<Option<SeatId>> = pages.collect();
        let is_paged = end.timeline.iter().any(|line| line.what.starts_with("pages "));
        assert!(!is_paged || known.iter().any(Option::is_some), "{name}");
        let orders = end.timeline.iter().filter(|line| line.what.starts_with("acknowledge "));
        responding += usize::from(orders.clone().next().is_some());
        assert!(orders.into_iter().all(|line| is_no_release(model, &line.who)), "{name}");
        let resolved = end.timeline.iter().rfind(|line| line.what == "declare the incident over");
        let firing = end.timeline.iter().rfind(|line| line.kind == LineKind::Alert).map(|line| line.at);
        let cleared = end.timeline.iter().rfind(|line| line.kind == LineKind::Clear).map(|line| line.at);
        if let (Some(resolved), Some(cleared)) = (resolved, cleared) {
            assert!(firing > Some(resolved.at) || cleared + model.objective.hold <= resolved.at, "{name}");
        }
    }
    assert!(responding > 20, "{responding}");
}

#[test]
fn what_was_changed_last_is_suspected_first_and_taken_back_for_nothing() {
    let [misled, single] = [
        bundled("last-deploy"),
        edited(bundled("last-deploy"), |text| text.split_once("changes:\n").expect("it has changes").0.to_owned()),
    ]
    .map(|bundle| responded(&bundle, 1));
    let orders = |end: &Summary| {
        let lines = end.timeline.iter().filter(|line| line.kind == LineKind::Order && line.who != "release");
        let orders = lines.filter(|line| line.what.starts_with("roll back") || line.what.starts_with("switch"));
        orders.map(|line| line.what.clone()).collect::<Vec<_>>()
    };
    assert_eq!(orders(&misled), ["switch spring-banner off", "roll back shop", "roll back reports"]);
    assert_eq!(orders(&single), ["roll back reports"]);
    let full = |end: &Summary| end.clocks.full().expect("both recover");
    assert_eq!([misled.outcome, single.outcome], [Outcome::Recovered; 2]);
    assert!(full(&misled) > full(&single) + minutes(15), "{} {}", full(&misled), full(&single));
    assert_eq!((misled.met, single.met), (false, true));
}

#[test]
fn a_change_that_changes_nothing_harms_nobody() {
    let harmless = |text: &str| swapped(text, "release:\n  - {at: 2m, do: {deploy: reports 2}}\n", "");
    let end = responded(&edited(bundled("last-deploy"), harmless), 1);
    assert_eq!((end.outcome, end.harm.requests.failed), (Outcome::NoHarm, 0));
    assert!(end.timeline.iter().any(|line| line.what == "in effect: deploy shop 1.1"), "it was really deployed");
}
