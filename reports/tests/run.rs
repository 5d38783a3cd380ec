//! What a run looks like on paper, from a summary made by hand.

mod common;

use model::authority::Asked;
use model::costs::{Harmed, Month, Upkeep};
use model::ratio::Ratio;
use model::time::{Span, Time};
use reports::Paint;
use reports::run::{RunContext, json, text};
use sim::TaskOutcome;
use sim::footprint::{Need, Part};
use sim::{Bill, Charge, Charged, Cost, ServiceBill};
use sim::{Bound, CacheUse, CrashCount, JobRuns, Lookups, Runs, Scaling, SourceTiming, Stopped, Workings};
use sim::{
    Clocks, Count, Effects, Found, Given, Harm, Informed, Line, LineKind, Outcome, Pattern, Requests, Review, Reviewed,
    Spent, Summary, TimeBudget,
};
use sim::{Deliveries, GroupUse, Messages, PartitionLag, TopicUse};
use sim::{EdgeTiming, RateTable, ServiceRates, ServiceTiming, Times, Timing, Timings, VersionRates};

const CONTEXT: RunContext<'_> = RunContext {
    title: "A launch over three services changes what the ledger holds",
    plan: Some("rollback"),
    responder: None,
    command: "gameday run ledger-format --plan rollback --seed 7",
};

fn minutes(minutes: u64) -> Option<Span> {
    Some(Span::from_secs(60 * minutes))
}

/// Traffic came back; the records did not.
fn not_recovered() -> Summary {
    Summary {
        scenario: "ledger-format".to_owned(),
        seed: 7,
        digest: 0x00c0_ffee,
        outcome: Outcome::NotRecovered,
        stopped: None,
        objective: Span::from_secs(2400),
        met: false,
        simulated: Span::from_secs(5400),
        clocks: Clocks {
            first_harm_at: Some(Time::from_nanos(612_250_000_000)),
            detected: Some(Span::from_nanos(95_400_000_000)),
            acknowledged: minutes(3),
            declared: None,
            decided: minutes(5),
            executed: minutes(8),
            traffic: minutes(9),
            skew: minutes(8),
            backlog: None,
            data: None,
            effects: Some(Span::ZERO),
        },
        time_budget: Some(TimeBudget::new(
            false,
            [
                (Spent::Detect, Span::from_nanos(95_400_000_000)),
                (Spent::Acknowledge, Span::from_nanos(84_600_000_000)),
                (Spent::Authority, Span::from_secs(120)),
                (Spent::Execute, Span::from_secs(180)),
                (Spent::Verify, Span::from_nanos(4_307_750_000_000)),
            ],
        )),
        informed: vec![Informed {
            audience: "customers".to_owned(),
            every: Span::from_secs(1800),
            sent: 2,
            first: minutes(7),
            longest: minutes(41),
        }],
        tasks: vec![Given {
            at: Time::from_nanos(840_000_000_000),
            line: 1,
            by: "ana".to_owned(),
            to: "raj".to_owned(),
            what: "audit the records of ledger-entries".to_owned(),
            within: minutes(5),
            taken: minutes(1),
            done: minutes(7),
            outcome: TaskOutcome::Done,
        }],
        reviews: vec![Review {
            at: Time::from_nanos(912_000_000_000),
            line: 2,
            who: "tom".to_owned(),
            what: "roll back payments".to_owned(),
            why: Reviewed::BrokeGlass(vec![Asked::Commander, Asked::Owner]),
        }],
        patterns: vec![Found { pattern: Pattern::Unseen, at: Time::from_nanos(912_000_000_000), evidence: vec![2, 3] }],
        harm: harm(),
        bill: Some(bill()),
        timings: timings(),
        rates: rates(),
        workings: workings(),
        not_judged: Vec::new(),
        timeline: timeline(),
    }
}

fn charge(what: Charged, quantity: u64, [run, month]: [u64; 2]) -> Charge {
    Charge { what, quantity, cost: Cost { run, month } }
}

/// Two tiers, and people.
fn bill() -> Bill {
    let payments = vec![
        charge(Charged::Upkeep(Upkeep::SecondSet), 960, [26_667, 213_336]),
        charge(Charged::Upkeep(Upkeep::Standby), 21_600, [600_000, 292_000_000]),
        charge(Charged::FalseAbort, 1, [150_000_000, 1_200_000_000]),
        charge(Charged::Harm(Harmed::Failed), 3_118, [6_236_000_000, 4_988_800_000]),
        charge(Charged::Harm(Harmed::Record), 1, [5_000_000, 4_000_000]),
    ];
    let ledger = vec![
        charge(Charged::Upkeep(Upkeep::OldValue), 7_200_000, [1_234, 9_872]),
        charge(Charged::Pipeline, 5_400, [184_932, 90_000_000]),
    ];
    let service = |name: &str, tier, charges| ServiceBill { service: name.to_owned(), tier, charges };
    Bill {
        currency: "USD".to_owned(),
        services: vec![service("payments", 1, payments), service("ledger", 3, ledger)],
        people: Some(charge(Charged::People, 2_700, [45_000_000, 36_000_000])),
        month: Some(Month { releases: 8, failing: Ratio::percent(10).expect("a share") }),
    }
}

fn times(count: u64, median_us: u64) -> Times {
    let micros = |factor: u64| Span::from_nanos(median_us * factor * 1000);
    Times { count, p50: micros(1), p90: micros(3), p99: micros(7), p999: micros(20), max: micros(400) }
}

fn timing(who: &str, count: u64, median_us: u64) -> Timing {
    Timing { who: who.to_owned(), times: times(count, median_us) }
}

fn timings() -> Timings {
    let source =
        SourceTiming { endpoint: "checkout.buy".to_owned(), failed: 8_471, times: Some(times(1_226_096, 12_300)) };
    let edge = |from: &str, to: &str| EdgeTiming { from: from.to_owned(), to: to.to_owned(), times: times(95, 4200) };
    Timings {
        sources: vec![source],
        services: vec![
            ServiceTiming {
                service: "payments".to_owned(),
                times: times(900_000, 870),
                versions: vec![timing("50", 600_000, 810), timing("51", 300_000, 990)],
            },
            ServiceTiming {
                service: "ledger".to_owned(),
                times: times(450_000, 75),
                versions: vec![timing("7", 450_000, 75)],
            },
        ],
        edges: vec![edge("a.b", "ledger.get"), edge("checkout.buy", "payments.settlement")],
    }
}

fn rates() -> RateTable {
    let version = VersionRates { version: "50".to_owned(), answered: vec![80, 76, 0] };
    let service = "payments".to_owned();
    let payments = ServiceRates { service, asked: vec![80, 79, 8], failed: vec![0, 3, 8], answered: vec![version] };
    RateTable { interval: Span::from_secs(2048), services: vec![payments] }
}

fn workings() -> Workings {
    let named = str::to_owned;
    let runs = Runs { due: 6, skipped: 2, failed: 2, replaced: 1, under_way: 1 };
    Workings {
        crashes: vec![CrashCount { service: named("payments"), version: named("51"), count: 1_057 }],
        caches: vec![CacheUse {
            cache: named("profiles"),
            lookups: Lookups { hits: 9_000, misses: 1_234, undecodable: 12, stale: 3, wrong: 2 },
        }],
        background: vec![JobRuns { job: named("reports"), runs }],
        autoscaled: vec![Scaling { service: named("payments"), replicas: 12, ready: 10, highest: 40 }],
        topics: vec![orders()],
    }
}

fn orders() -> TopicUse {
    let partitions = [(1_200, true), (0, false)].map(|(lag, stands)| PartitionLag { lag, stands }).to_vec();
    let deliveries = Deliveries { consumed: 7_000, skipped: 3, dropped: 0, replayed: 0 };
    let packing = GroupUse { group: "packing".to_owned(), deliveries, dead_letters: 40, partitions };
    TopicUse { topic: "orders".to_owned(), published: 8_243, kept: 1_500, groups: vec![packing] }
}

fn harm() -> Harm {
    Harm {
        requests: Requests { total: 1_234_567, failed: 8_471, slow: 12, wrong: 0, unanswered: 0 },
        unreadable: Count { ever: 1_204, remaining: 1_204 },
        fields_lost: Count { ever: 3_310, remaining: 3_307 },
        effects: Effects { escaped: 2, duplicated: 1, mistaken: 0, compensated: 1, accepted: 1 },
        messages: Messages { skipped: 3, dropped: 0, dead_letters: 40 },
        ..Harm::default()
    }
}

fn timeline() -> Vec<Line> {
    let unreadable = "cannot read `method` of a fmt3 record written by payments 51: symbol WALLET is not in the \
                      reader's enum, and the reader has no default";
    [
        (600, "release", "deploy payments 51", &[][..], LineKind::Order),
        (
            612,
            "payments 51",
            "writes ledger in fmt3 with a value in `method` that not every format has",
            &[1],
            LineKind::Truth,
        ),
        (1_092, "ana", "roll back payments", &[], LineKind::Order),
        (1_100, "payments 50", unreadable, &[2, 3], LineKind::Truth),
    ]
    .into_iter()
    .zip(1..)
    .map(|((at, who, what, because, kind), id)| Line {
        kind,
        at: Time::from_nanos(at * 1_000_000_000),
        id,
        who: who.to_owned(),
        what: what.to_owned(),
        because: because.to_vec(),
    })
    .collect()
}

/// Everything came back, in time.
fn recovered() -> Summary {
    let clocks = not_recovered().clocks;
    Summary {
        outcome: Outcome::Recovered,
        met: true,
        clocks: Clocks { backlog: minutes(10), data: Some(Span::from_secs(1450)), ..clocks },
        ..not_recovered()
    }
}

/// Nothing happened.
fn no_harm() -> Summary {
    Summary {
        outcome: Outcome::NoHarm,
        met: true,
        clocks: Clocks::default(),
        time_budget: None,
        patterns: Vec::new(),
        tasks: Vec::new(),
        reviews: Vec::new(),
        informed: Vec::new(),
        harm: Harm { requests: Requests { total: 90, ..Requests::default() }, ..Harm::default() },
        bill: None,
        timings: Timings::default(),
        rates: RateTable::default(),
        workings: Workings::default(),
        not_judged: Vec::new(),
        timeline: vec![],
        ..not_recovered()
    }
}

#[test]
fn a_run_that_did_not_recover_says_what_is_missing() {
    insta::assert_snapshot!(text(&not_recovered(), &CONTEXT, Paint::Plain));
}

#[test]
fn a_run_that_recovered_says_how_long_it_took() {
    let text = text(&recovered(), &CONTEXT, Paint::Plain);
    assert!(text.contains("\nRECOVERED in 24m 10s\nobjective met: "), "{text}");
    assert!(text.contains("  illusion gap      15m 10s   "), "{text}");
}

#[test]
fn a_run_without_harm_is_short() {
    let context = RunContext { plan: None, command: "gameday run ledger-format --seed 7", ..CONTEXT };
    insta::assert_snapshot!(text(&no_harm(), &context, Paint::Plain));
}

#[test]
fn an_objective_can_be_missed_by_a_run_that_recovers() {
    let late = Summary { met: false, ..recovered() };
    let text = text(&late, &CONTEXT, Paint::Plain);
    assert!(text.contains("\nRECOVERED in 24m 10s\nobjective missed: "), "{text}");
}

/// The run went out of memory.
fn undecided() -> Summary {
    let largest = Need { part: Part::Requests, what: "requests in flight".to_owned(), bytes: 490_000_000 };
    let busiest = Some(("payments".to_owned(), 2_400_000));
    let at = Time::from_nanos(72_500_000_000);
    let stopped = Some(Stopped { bound: Bound::Memory(512_000_000), at, largest, busiest });
    Summary { outcome: Outcome::Undecided, met: false, stopped, ..not_recovered() }
}

#[test]
fn a_run_that_stopped_at_a_bound_says_at_which_and_decides_nothing() {
    let text = text(&undecided(), &CONTEXT, Paint::Plain);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let answer = "UNDECIDED stopped at 00:01:12, out of 512 MB: requests in flight take 490 MB; most requests in \
                  flight are at payments: 2400000. It goes on with a larger --max-memory. ";
    assert!(words.contains(answer), "{text}");
    let document = json(&undecided(), &CONTEXT);
    let expected = serde_json::json!({
        "at_s": 72.5,
        "bound": "memory",
        "limit": 512_000_000,
        "largest": {"what": "requests in flight", "bytes": 490_000_000},
        "busiest": {"service": "payments", "requests": 2_400_000},
    });
    assert_eq!((&document["stopped"], document["outcome"].as_str()), (&expected, Some("undecided")));
}

#[test]
fn long_names_have_a_line_of_their_own_and_words_the_rest_of_it() {
    let mut summary = not_recovered();
    summary.timeline[1].who = "checkout-frontend-service 2024.11.04-rc2+0123456".to_owned();
    let text = text(&summary, &CONTEXT, Paint::Plain);
    let at = text.lines().position(|line| line.ends_with("checkout-frontend-service 2024.11.04-rc2+0123456"));
    let below: Vec<_> = text.lines().skip(at.expect("on a line of its own") + 1).take(2).collect();
    assert_eq!(below[0].trim(), "writes ledger in fmt3 with a value in `method` that not every");
    assert_eq!(below[1].trim(), "format has [1]");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_source_that_got_no_answer_tells_its_failures_and_no_times() {
    let mut summary = not_recovered();
    summary.timings.sources[0].times = None;
    let text = text(&summary, &CONTEXT, Paint::Plain);
    assert!(text.contains("    checkout.buy, failed          8,471\n"), "{text}");
    let source = &json(&summary, &CONTEXT)["latencies"]["sources"][0];
    assert_eq!((&source["count"], &source["failed"]), (&0.into(), &8471.into()));
    assert!(source["p50_us"].is_null(), "{source}");
}

#[test]
fn the_parts_of_the_time_budget_add_up_to_the_millisecond() {
    let thirds =
        [Spent::Detect, Spent::Look, Spent::Decide, Spent::Execute].map(|spent| (spent, Span::from_nanos(333_400_000)));
    let run = json(&Summary { time_budget: Some(TimeBudget::new(true, thirds)), ..recovered() }, &CONTEXT);
    let millis = |field: &str| (run["time_budget"][field].as_f64().expect("a number") * 1000.0).round();
    let parts = ["detect_s", "acknowledge_s", "look_s", "decide_s", "authority_s", "execute_s", "verify_s", "repair_s"];
    assert_eq!((parts.map(millis).iter().sum::<f64>(), millis("total_s")), (1334.0, 1334.0));
}

#[test]
fn text_fits_eighty_columns() {
    for summary in [not_recovered(), recovered(), no_harm(), undecided()] {
        for line in text(&summary, &CONTEXT, Paint::Plain).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = text(&not_recovered(), &CONTEXT, Paint::Colour);
    assert!(coloured.contains("\u{1b}[1;31mNOT RECOVERED\u{1b}[0m"));
    assert_eq!(without_colour(&coloured), text(&not_recovered(), &CONTEXT, Paint::Plain));
}

fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn json_is_what_the_format_says() {
    let document = json(&not_recovered(), &CONTEXT);
    insta::assert_snapshot!(serde_json::to_string_pretty(&document).expect("a value is JSON"));
}

#[test]
fn json_has_every_promised_field() {
    let document = json(&not_recovered(), &CONTEXT);
    let promised = [
        (
            "",
            "schema scenario plan seed digest outcome stopped objective simulated_s clocks time_budget patterns \
             tasks reviews informed harm bill latencies rates workings not_judged timeline",
        ),
        ("/objective", "full_s met"),
        (
            "/clocks",
            "first_harm_at_s detected_s acknowledged_s declared_s decided_s executed_s traffic_s skew_s backlog_s \
             data_s effects_s full_s illusion_gap_s",
        ),
        ("/time_budget", "full detect_s acknowledge_s look_s decide_s authority_s execute_s verify_s repair_s total_s"),
        ("/tasks/0", "at_s line by to what within_s taken_s done_s late outcome"),
        ("/reviews/0", "id at_s line who without"),
        ("/informed/0", "audience every_s sent first_s longest_s"),
        ("/harm", "requests records effects messages"),
        ("/harm/requests", "total failed slow wrong"),
        ("/harm/records", "unreadable misread damaged fields_lost lost undone"),
        ("/harm/records/lost", "ever remaining"),
        ("/harm/effects", "escaped duplicated mistaken compensated accepted uncompensated"),
        ("/harm/messages", "skipped dropped dead_letters"),
        ("/bill", "currency services people tiers kept harm month"),
        ("/bill/services/0", "service tier charges"),
        ("/bill/services/0/charges/0", "id quantity run month"),
        ("/bill/people", "id quantity run month"),
        ("/bill/tiers/0", "tier kept harm"),
        ("/bill/kept", "run month"),
        ("/bill/month", "releases failing"),
        ("/latencies", "sources services versions edges"),
        ("/latencies/sources/0", "endpoint failed count p50_us p90_us p99_us p999_us max_us"),
        ("/latencies/services/0", "service count p50_us p90_us p99_us p999_us max_us"),
        ("/latencies/versions/2", "service version count p50_us p90_us p99_us p999_us max_us"),
        ("/latencies/edges/1", "from to count p50_us p90_us p99_us p999_us max_us"),
        ("/rates", "interval_s services"),
        ("/rates/services/0", "service asked failed answered"),
        ("/rates/services/0/answered/0", "version answered"),
        ("/workings", "crashes caches background autoscaled topics"),
        ("/workings/crashes/0", "service version count"),
        ("/workings/caches/0", "cache hits misses undecodable stale wrong"),
        ("/workings/background/0", "job started failed replaced skipped"),
        ("/workings/autoscaled/0", "service replicas ready highest"),
        ("/workings/topics/0", "topic published kept groups"),
        ("/workings/topics/0/groups/0", "group consumed skipped dropped replayed dead_letters lag partitions"),
        ("/workings/topics/0/groups/0/partitions/0", "lag stands"),
        ("/timeline/0", "at_s id who what because"),
    ];
    for (place, fields) in promised {
        let object = document.pointer(place).and_then(serde_json::Value::as_object).expect(place);
        assert_eq!(object.keys().cloned().collect::<Vec<_>>().join(" "), fields, "at {place:?}");
    }
}

#[test]
fn what_was_not_reached_is_null_and_not_zero() {
    let document = json(&no_harm(), &RunContext { plan: None, ..CONTEXT });
    assert!(document["plan"].is_null());
    let clocks = document["clocks"].as_object().expect("clocks are an object");
    assert!(clocks.values().all(serde_json::Value::is_null), "{clocks:?}");
}

#[test]
fn every_field_is_documented() {
    common::assert_documented(&json(&undecided(), &CONTEXT));
}
