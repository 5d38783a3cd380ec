//! A config for a share of a service: who is of the share, whatever becomes of the replicas, and the way back from it.

use scenarios::Bundle;
use sim::{Changed, Left, Subject, World};
use trials::runs::{begun, model, second};

const SEED: u64 = 1;

/// Replicas under these rules that go by a config, which is pushed at a minute to a share of them; other orders and
/// faults follow.
fn shop(rules: &str, read: &str, (replicas, share): (u32, u32), orders: &[&str], faults: &str) -> Bundle {
    let orders: String = orders.iter().map(|order| format!("  - {{{order}}}\n")).collect();
    let text = format!(
        "title: t
horizon: 60m
traffic:
  users: {{to: web.page, rate: 1/s}}
configs: {{lim: {{versions: [\"1\", \"2\"], {read}}}}}
services:
  web:
    replicas: {replicas}
    startup: 10s
    {rules}
    runs: \"1\"
    endpoints:
      page: [{{when: {{config: lim 2}}, do: [work: 1ms]}}, {{work: 5ms}}]
    versions: {{\"1\": {{}}, \"2\": {{}}}}
seats:
  release: {{role: release}}
  ic: {{role: commander}}
  owner: {{role: owner}}
{faults}release:
  - {{at: 60s, do: {{config: lim 2, share: {share} %}}}}
{orders}"
    );
    Bundle::from_text("shop", text, "")
}

fn at(bundle: &Bundle, seconds: u64) -> World {
    let mut world = begun(&model(bundle), None, SEED);
    world.run_until(second(seconds));
    world
}

/// How many processes go by version 2: as many as are told not to go by 1.
fn with_2(bundle: &Bundle, seconds: u64) -> usize {
    let config = config(bundle, seconds).expect("another version is pushed");
    let told = config.under_way.as_deref().unwrap_or("0 of none");
    told.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{told}"))
}

fn config(bundle: &Bundle, seconds: u64) -> Option<Changed> {
    at(bundle, seconds).ways_back(5).changes.into_iter().find(|changed| changed.what == Subject::Config)
}

const CONTROLLERS: [&str; 6] = [
    "rollout: {surge: 2, unavailable: 0}",
    "rollout: {strategy: recreate}",
    "statefulset: {}",
    "in_place: {batch: 2}",
    "canary: {steps: [weight: 20 %, pause: 1m]}",
    "blue_green: {}",
];
const READ: [&str; 2] = ["sync: 20s", "read: environment"];
const ORDERS: [&str; 2] = ["at: 2m, do: {restart: web}", "at: 2m, do: {deploy: web 2}"];

/// Rounded up, at least one: of so many slots those that a config chooses, whoever is in them.
#[test]
fn a_share_stays_what_it_is_when_all_replicas_are_replaced() {
    for (nth, rules) in CONTROLLERS.into_iter().enumerate() {
        for read in READ {
            for order in ORDERS {
                let (replicas, share) = [(6, 30), (10, 25), (7, 50), (5, 1_u32)][nth % 4];
                let of_the_share = (replicas * share).div_ceil(100) as usize;
                let shop = shop(rules, read, (replicas, share), &[order], "");
                if read == READ[0] {
                    assert_eq!(with_2(&shop, 110), of_the_share, "{rules}, {read}: before {order}");
                }
                assert_eq!(with_2(&shop, 25 * 60), of_the_share, "{rules}, {read}, {order}");
            }
        }
    }
}

/// A process that is started where one has died is of the share if that was.
#[test]
fn a_share_survives_the_processes_in_it() {
    for read in READ {
        let shop = shop(CONTROLLERS[0], read, (6, 30), &[], "faults: [{kill: web, at: 90s}]\n");
        assert_eq!(with_2(&shop, 300), 2, "{read}: thirty in a hundred of six, rounded up");
    }
}

/// A share of more or fewer replicas is counted anew, and who is of it now reads what is there for it.
#[test]
fn a_share_is_counted_anew_where_there_are_more_or_fewer() {
    for rules in [CONTROLLERS[0], "statefulset: {}", "in_place: {batch: 2}"] {
        for (to, of_the_share) in [(12, 4), (3, 1)] {
            let scaled = format!("at: 2m, do: {{scale: web, to: {to}}}");
            let shop = shop(rules, READ[0], (6, 30), &[&scaled], "");
            assert_eq!(with_2(&shop, 600), of_the_share, "{rules}, to {to}");
        }
    }
}

#[test]
fn a_config_that_was_set_back_for_a_share_is_not_back() {
    let back = ["at: 2m, do: {config: lim 2}", "at: 5m, do: {config: lim 1, share: 50 %}"];
    let lim = config(&shop(CONTROLLERS[0], READ[0], (6, 30), &back, ""), 900).expect("half of them have 2");
    assert_eq!((lim.from.as_deref(), lim.to.as_deref()), (Some("1"), Some("2, 1 for 50 % of each service")));
    let labels: Vec<_> = lim.ways.iter().map(|way| way.choice.label.as_str()).collect();
    assert_eq!(labels, ["push lim 1"], "to all of them");
    assert_eq!(lim.ways[0].left, Some(Left::default()));
    let all = ["at: 2m, do: {config: lim 2}", "at: 5m, do: {config: lim 1}"];
    assert_eq!(config(&shop(CONTROLLERS[0], READ[0], (6, 30), &all, ""), 900), None, "it was set back for all");
}
