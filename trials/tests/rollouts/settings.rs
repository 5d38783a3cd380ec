//! Flags and configs: how what is set reaches processes, what they go by while nobody answers, and what no rollback of
//! the code brings back.

use model::action::{Action, SettingAction};
use model::id::{SeatId, mix};
use model::time::{Span, Time};
use scenarios::Bundle;
use sim::view::FlagView;
use sim::{Changed, Outcome, Subject, Summary, World};
use trials::runs::{begun, is_told, lived, model, second};
use trials::text::{bundled, edited, swapped, without_item};

/// A lesson that was begun, its text edited first.
fn lesson(name: &str, plan: Option<&str>, edit: impl FnOnce(&str) -> String) -> World {
    begun(&model(&edited(bundled(name), edit)), plan, 1)
}

fn as_written(name: &str, plan: Option<&str>) -> Summary {
    lived(&model(&bundled(name)), plan, 1).summary()
}

fn end(mut world: World) -> Summary {
    world.run_until(Time::ZERO + world.scenario().horizon);
    world.summary()
}

/// Requests that failed between two seconds.
fn failed(world: &mut World, from: u64, to: u64) -> u64 {
    world.run_until(second(from));
    let before = world.summary().harm.requests.failed;
    world.run_until(second(to));
    world.summary().harm.requests.failed - before
}

fn seen(world: &World, name: &str) -> FlagView {
    let flags = world.view(SeatId::ZERO).flags;
    flags.into_iter().find(|flag| flag.name == name).expect("it is declared")
}

/// How many processes go by what is set, at each of these seconds.
fn agreeing(world: &mut World, name: &str, seconds: impl IntoIterator<Item = u64>) -> Vec<usize> {
    let mut at = |when| {
        world.run_until(second(when));
        seen(world, name).agree
    };
    seconds.into_iter().map(&mut at).collect()
}

// What holds of every flag.

#[test]
fn a_provider_that_nothing_cuts_off_is_a_poll() {
    let by_provider = |text: &str| {
        let text = swapped(text, "fast-lane: {poll: 5s}", "fast-lane: {provider: asks}");
        swapped(&text, "flags:\n", "providers: {asks: {polling: 5s}}\nflags:\n")
    };
    for plan in [None, Some("rollback"), Some("flag-off")] {
        let [polled, provided] = [lesson("reused-flag", plan, str::to_owned), lesson("reused-flag", plan, by_provider)]
            .map(|mut world| {
                world.run_until(second(900));
                world.digest()
            });
        assert_eq!(polled, provided, "{plan:?}");
    }
}

/// Two flags, one polled by a provider and one by itself, on three replicas that are replaced under way, and three
/// flips of each.
fn flipped(seed: u64) -> (World, u64) {
    let word = |place: u64| mix(seed ^ mix(place));
    let share = |place| ["off", "on", "30 %", "70 %"][usize::try_from(word(place) % 4).unwrap()];
    let flips: Vec<_> =
        (0..3).map(|place| (10 + word(10 + place) % 50, share(20 + place), share(30 + place))).collect();
    let last = flips.iter().map(|(at, ..)| *at).max().unwrap();
    let step = |(at, f, g): &(u64, &str, &str)| {
        format!("  - {{at: {at}s, do: {{flag: f, to: {f}}}}}\n  - {{at: {at}s, do: {{flag: g, to: {g}}}}}\n")
    };
    let text = format!(
        "title: t
horizon: 5m
traffic: {{t: {{to: a.get, rate: 2/s}}}}
providers: {{p: {{polling: 20s}}}}
flags: {{f: {{provider: p}}, g: {{poll: 20s}}}}
services:
  a:
    replicas: 3
    startup: 3s
    endpoints: {{get: [{{when: {{flag: f}}, do: [work: 1ms]}}, {{when: {{flag: g}}, do: [work: 1ms]}}]}}
    versions: {{\"1\": {{}}, \"2\": {{}}}}
release:
  - {{at: 30s, do: {{deploy: a 2}}}}
{}",
        flips.iter().map(step).collect::<String>()
    );
    (begun(&model(&Bundle::from_text("t", text, "")), None, seed), last)
}

#[test]
fn one_interval_after_the_last_flip_all_processes_agree() {
    for seed in 0..40 {
        let (mut world, last) = flipped(seed);
        world.run_until(second(last + 20));
        for name in ["f", "g"] {
            let FlagView { agree, processes, .. } = seen(&world, name);
            assert!(processes >= 2 && agree == processes, "{seed} {name}: {agree} of {processes}");
        }
        world.run_until(second(300));
        let [f, g] = ["f", "g"].map(|name| seen(&world, name).agree);
        assert_eq!((f, g), (3, 3), "{seed}");
    }
}

// The lesson of providers.

#[test]
fn a_flip_reaches_one_process_after_the_other_within_one_interval() {
    let mut world = lesson("flag-flip", Some("kill-switch"), str::to_owned);
    let reached = agreeing(&mut world, "new-ranking", (360..=420).step_by(5));
    assert!(reached.is_sorted() && reached[0] == 0 && reached[12] == 6, "{reached:?}");
    assert!(reached.iter().any(|agree| (1..6).contains(agree)), "and not all at once: {reached:?}");
}

#[test]
fn a_process_that_starts_without_its_flag_service_goes_by_its_code() {
    let outage = "- {outage: unleash, at: 12m, lasts: 10m}";
    let restarted = |edit: &dyn Fn(&str) -> String| {
        let mut world = lesson("flag-flip", Some("kill-switch"), edit);
        (failed(&mut world, 460, 779), failed(&mut world, 781, 1_320), failed(&mut world, 1_400, 1_800))
    };
    // Three of six processes, of 60 requests a second, 40 %: 12 a second, from their restart to the next poll after
    // the outage.
    let (before, during, after) = restarted(&str::to_owned);
    assert_eq!((before, after), (0, 0), "everybody has heard that it is off");
    assert!((5_500..7_500).contains(&during), "{during}");
    assert_eq!(restarted(&|text| without_item(text, outage)).1, 0, "who is told of the flag goes by it");
    assert_eq!(restarted(&|text| swapped(text, ", default: on}", "}")).1, 0, "the code is on the safe side");
    let kept = |text: &str| swapped(text, "{polling: 60s}", "{polling: 60s, backup: yes}");
    assert_eq!(restarted(&kept).1, 0, "what was heard is on the disk");
    let unkilled = |text: &str| without_item(text, "- {kill: search, replicas: 3, at: 13m}");
    assert_eq!(restarted(&unkilled).1, 0, "who has heard of it does not forget it");
}

#[test]
fn the_console_says_off_and_the_debrief_says_who_did_not_hear_it() {
    let mut world = lesson("flag-flip", Some("kill-switch"), str::to_owned);
    world.run_until(second(900));
    let FlagView { state, agree, processes, .. } = seen(&world, "new-ranking");
    assert_eq!((&state[..], agree, processes), ("off", 3, 6));
    let end = end(world);
    assert!(is_told(&end, "first process takes new-ranking for on, the default in its code"), "{:?}", end.timeline);
    assert!(is_told(&end, "the flag service of unleash is out of reach"));
}

/// With the streams of flagd in place of polls.
fn streaming(kind: &'static str) -> impl Fn(&str) -> String {
    move |text| swapped(text, "{polling: 60s}", &format!("{{streaming: {kind}}}"))
}

#[test]
fn a_stream_brings_a_flip_at_once_and_its_end_brings_the_code_default_after_the_grace() {
    let mut rpc = lesson("flag-flip", Some("kill-switch"), streaming("rpc"));
    assert_eq!(agreeing(&mut rpc, "new-ranking", [359, 361]), [6, 6], "on everywhere, then off everywhere");
    // Cut off at 720 s: stale for five seconds, in error after them, and no process was restarted.
    assert_eq!(agreeing(&mut rpc, "new-ranking", [724, 726, 750]), [6, 0, 0]);
    // Over at 1320 s. Who is in error asks the service each time, and finds it there.
    assert_eq!(agreeing(&mut rpc, "new-ranking", [1_319, 1_321]), [0, 6]);
    let mut in_process = lesson("flag-flip", Some("kill-switch"), streaming("in-process"));
    assert_eq!(agreeing(&mut in_process, "new-ranking", [361, 726, 800, 1_319, 1_335]), [6, 6, 3, 3, 6]);
}

#[test]
fn errors_make_polls_rarer_and_a_refused_key_ends_them() {
    let how = |how: &'static str| {
        let outage = format!("{{outage: unleash, how: {how}, at: 3m, lasts: 150s}}");
        move |text: &str| {
            let text = swapped(text, "{outage: unleash, at: 12m, lasts: 10m}", &outage);
            without_item(&text, "- {kill: search, replicas: 3, at: 13m}")
        }
    };
    // The flag goes off at 360 s, when the outage is over since 330 s. It is polled every 60 s: 120 s after the first
    // error, 180 s after the second.
    let mut unreachable = lesson("flag-flip", Some("kill-switch"), how("unreachable"));
    assert_eq!(agreeing(&mut unreachable, "new-ranking", [420]), [6], "its pace is what it was");
    let mut errors = lesson("flag-flip", Some("kill-switch"), how("errors"));
    let late = agreeing(&mut errors, "new-ranking", [420, 480, 540]);
    assert!(late[0] < 6 && late[2] == 6, "{late:?}");
    let mut refused = lesson("flag-flip", Some("kill-switch"), how("refuses"));
    assert_eq!(agreeing(&mut refused, "new-ranking", [1_800]), [0], "nobody asks again before a restart");
}

#[test]
fn a_flag_service_of_ones_own_shares_its_fate() {
    let inside = |text: &str| {
        let text = swapped(text, "{polling: 60s}", "{streaming: rpc, service: flags}");
        let text = without_item(&text, "- {kill: search, replicas: 3, at: 13m}");
        let text = swapped(&text, "{outage: unleash, at: 12m, lasts: 10m}", "{kill: flags, at: 12m}");
        swapped(&text, "services:\n", "services:\n  flags: {startup: 20s, endpoints: {get: [work: 1ms]}}\n")
    };
    let mut world = lesson("flag-flip", Some("kill-switch"), inside);
    // Its two processes die at 720 s and are back at 740 s.
    assert_eq!(agreeing(&mut world, "new-ranking", [719, 724, 726, 739, 741]), [6, 6, 0, 0, 6]);
}

// Ways back.

fn ways_back(world: &World, what: Subject) -> Changed {
    let changes = world.ways_back(200).changes;
    changes.into_iter().find(|changed| changed.what == what).expect("it was changed")
}

#[test]
fn switching_a_flag_off_takes_as_long_as_the_last_poll_and_waits_until_somebody_answers() {
    let mut world = lesson("flag-flip", None, str::to_owned);
    world.run_until(second(500));
    let flag = ways_back(&world, Subject::Flag);
    assert_eq!((flag.from.as_deref(), flag.to.as_deref()), (Some("off"), Some("on")));
    let took = flag.ways[0].durations.expect("it can be switched");
    // The last of six uniform waits of up to 60 s: quantile q is 60 q^(1/6), of 200 draws within three deviations.
    let [p50, p90] = [took.p50, took.p90].map(|span| span.expect("it got there").nanos() as f64 / 1e9);
    assert!((p50 - 60.0 * 0.5_f64.powf(1.0 / 6.0)).abs() < 1.8, "{p50}");
    assert!((p90 - 60.0 * 0.9_f64.powf(1.0 / 6.0)).abs() < 0.8, "{p90}");
    assert!(flag.ways[0].left.as_ref().is_some_and(|left| left.flags.is_empty()));
    world.run_until(second(900));
    let cut_off = ways_back(&world, Subject::Flag);
    let late = cut_off.ways[0].durations.expect("it can be ordered");
    let outage = (1320.0 - 900.0)..(1320.0 - 900.0 + 60.0);
    let p50 = late.p50.expect("the outage is over some time").nanos() as f64 / 1e9;
    assert!(late.reached == 200 && outage.contains(&p50), "nobody hears it before: {p50}");
}

#[test]
fn a_config_has_its_way_back_and_an_environment_waits_for_restarts() {
    let mut world = lesson("config-stays", None, str::to_owned);
    world.run_until(second(400));
    let config = ways_back(&world, Subject::Config);
    let [way] = &config.ways[..] else { panic!("{:?}", config.ways) };
    assert_eq!((&config.name[..], &way.choice.label[..]), ("limits", "push limits 1"));
    assert_eq!((config.from.as_deref(), config.to.as_deref()), (Some("1"), Some("2")));
    assert!(matches!(way.choice.action, Action::Set(SettingAction::Config(..))));
    // Nobody restarts: gateway 8, which runs, does not look at limits, so there is nobody to wait for.
    assert_eq!(way.durations.expect("it can be pushed").p90, Some(Span::ZERO));
    let undo = ways_back(&world, Subject::Service);
    assert_eq!(undo.ways[0].durations.expect("it can be ordered").reached, 0, "the undo never gets there");
    let mounted =
        |text: &str| swapped(&without_deploy(text), "read: environment", "read: mounted, last_known_good: yes");
    let mut world = lesson("config-stays", None, mounted);
    world.run_until(second(400));
    assert_eq!(seen(&world, "limits").agree, 0, "they keep the one they can load");
    let back = ways_back(&world, Subject::Config);
    assert_eq!(back.ways[0].durations.expect("it can be pushed").p50, Some(Span::ZERO), "they go by it all the time");
}

// The lesson of configs.

fn without_deploy(text: &str) -> String {
    without_item(text, "- {at: 2m, do: {deploy: gateway 8}}")
}

#[test]
fn an_undo_brings_back_the_code_and_not_its_config() {
    let undone = as_written("config-stays", Some("rollback"));
    assert_eq!((undone.outcome, undone.clocks.traffic), (Outcome::NotRecovered, None));
    assert!(is_told(&undone, "a limit is a number"), "{:?}", undone.timeline);
    let both = as_written("config-stays", Some("config-first"));
    assert_eq!((both.outcome, both.met), (Outcome::Recovered, true), "{:?}", both.timeline);
    assert!(both.harm.requests.failed * 3 < undone.harm.requests.failed);

    let unpushed = |text: &str| without_item(text, "- {at: 2m, do: {config: limits 2}}");
    let end = end(lesson("config-stays", Some("rollback"), unpushed));
    assert_eq!((end.outcome, end.met), (Outcome::Recovered, true), "without the push the undo is enough");
}

#[test]
fn a_push_shows_in_processes_that_start_after_it() {
    let killed = |text: &str| swapped(&without_deploy(text), "slos:\n", "faults: [{kill: gateway, at: 10m}]\nslos:\n");
    let mut world = lesson("config-stays", None, killed);
    assert_eq!(failed(&mut world, 0, 600), 0, "who read the old one before goes on by it");
    assert!(failed(&mut world, 600, 1_200) > 40_000, "and everybody who is restarted dies of the new one");
    let unpushed = |text: &str| without_item(&killed(text), "- {at: 2m, do: {config: limits 2}}");
    let mut world = lesson("config-stays", None, unpushed);
    assert!(failed(&mut world, 600, 1_200) < 1_000, "a restart alone takes ten seconds");
    let good = |text: &str| swapped(&killed(text), "read: environment", "read: environment, last_known_good: yes");
    let mut world = lesson("config-stays", None, good);
    assert!(failed(&mut world, 600, 1_200) < 1_000, "who keeps the last good one comes up on it");
}

#[test]
fn the_last_good_version_is_the_last_that_can_be_loaded() {
    let twice = |text: &str| {
        let text = swapped(&without_deploy(text), "read: environment", "sync: 10s, last_known_good: yes");
        let text = swapped(&text, r#"versions: ["1", "2"]"#, r#"versions: ["1", "2", "3"]"#);
        let bad = "- {defect: a limit is a number, at: start, when: {config: limits 2}}";
        let worse = bad.replace("limits 2", "limits 3").replace("a limit", "another");
        let text = swapped(&text, bad, &format!("{bad}\n          {worse}"));
        let text = swapped(&text, "slos:\n", "faults: [{kill: gateway, at: 10m}]\nslos:\n");
        swapped(&text, "release:\n", "release:\n  - {at: 4m, do: {config: limits 3}}\n")
    };
    let mut world = lesson("config-stays", None, twice);
    assert!(failed(&mut world, 600, 1_200) < 1_000, "limits 2 was no better than 3: they come up on 1");
}

#[test]
fn a_mounted_file_reaches_each_process_at_its_next_sync_and_a_canary_only_its_share() {
    let mounted = |text: &str| {
        let text = swapped(&without_deploy(text), "read: environment", "sync: 90s");
        swapped(&text, "a limit is a number, at: start", "a limit is a number, endpoint: route, share: 10 %")
    };
    let mut world = lesson("config-stays", None, mounted);
    let reached = agreeing(&mut world, "limits", (120..=210).step_by(10));
    assert!(
        reached.is_sorted() && reached[9] == 4 && reached.iter().any(|agree| (1..4).contains(agree)),
        "{reached:?}"
    );
    let canary =
        |text: &str| swapped(&mounted(text), "do: {config: limits 2}}", "do: {config: limits 2, share: 25 %}}");
    let mut world = lesson("config-stays", None, canary);
    // A tenth of what one process of four answers: 2 a second.
    let of_one = failed(&mut world, 300, 600);
    assert!((420..780).contains(&of_one), "{of_one}");
    let back = "- {at: 5m, do: {config: limits 1}}";
    let reverted = |text: &str| swapped(&canary(text), "plans:\n", &format!("  {back}\nplans:\n"));
    let mut world = lesson("config-stays", None, reverted);
    assert_eq!(failed(&mut world, 400, 600), 0);
    assert_eq!((&seen(&world, "limits").state[..], seen(&world, "limits").agree), ("1", 4));
}

// The lesson of a flag that is used again.

#[test]
fn a_version_gives_the_name_of_an_old_flag_another_meaning() {
    let escaped = |plan, edit: &dyn Fn(&str) -> String| end(lesson("reused-flag", plan, edit)).harm.effects.escaped;
    let plain = &str::to_owned;
    // One of eight replicas, of 80 a second, for 24 minutes.
    let one = escaped(None, plain);
    assert!((13_000..16_000).contains(&one), "{one}");
    let all = escaped(Some("rollback"), plain);
    assert!(all > 4 * one, "the rollback makes eight of one: {all}");
    let off = escaped(Some("flag-off"), plain);
    assert!(off < one / 3, "{off}");
    let everywhere = |text: &str| swapped(text, "partition: 1, ", "");
    assert_eq!(escaped(None, &everywhere), 0, "nobody stays behind");
    let own_name = |text: &str| {
        let text = swapped(text, "  fast-lane: {poll: 5s}\n", "  fast-lane: {poll: 5s}\n  old-test: {poll: 5s}\n");
        text.replacen("when: {flag: fast-lane}", "when: {flag: old-test}", 1)
    };
    assert_eq!(escaped(Some("rollback"), &own_name), 0, "a name is used once");
}

// The lesson of a launch over several services.

#[test]
fn a_launch_goes_back_in_the_mirror_of_its_order() {
    let launched = |plan| {
        let mut world = lesson("coordinated-launch", Some(plan), str::to_owned);
        failed(&mut world, 745, 1_800)
    };
    assert_eq!(launched("flag-off"), 0, "one flip takes three services back");
    assert_eq!(launched("mirror"), 0, "and after it each goes back without a request that fails");
    // Pricing goes first: every bundle fails until web is back, four minutes later.
    let wrong = launched("bottom-first");
    assert!(wrong > 10_000, "{wrong}");
}

#[test]
fn a_launch_goes_forward_from_the_bottom_up() {
    let [pricing, web, flag] =
        ["{at: 1m, do: {deploy: pricing 2}}", "{at: 5m, do: {deploy: web 2}}", "{at: 7m, do: {flag: bundles, to: on}}"];
    let sound = |text: &str| swapped(text, "share: 10 %", "share: 0 %");
    let forward = |edit: &dyn Fn(&str) -> String| end(lesson("coordinated-launch", None, |text| sound(&edit(text))));
    assert_eq!(forward(&str::to_owned).outcome, Outcome::NoHarm);
    let flag_first = forward(&|text| swapped(text, flag, "{at: 30s, do: {flag: bundles, to: on}}"));
    assert_eq!(flag_first.outcome, Outcome::NoHarm, "until web 2 is there, nobody looks at it");
    let late_pricing = |text: &str| {
        let text = without_item(text, &format!("- {pricing}"));
        swapped(&text, &format!("- {flag}"), &format!("- {flag}\n  - {}", pricing.replace("1m", "10m")))
    };
    assert!(forward(&late_pricing).harm.requests.failed > 8_000, "the caller is there before the called");
    let gated_by_nothing = |text: &str| {
        let on = swapped(text, "bundles: {poll: 20s}", "bundles: {poll: 20s, initial: on}");
        let on = without_item(&on, &format!("- {flag}"));
        swapped(&on, web, "{at: 0s, do: {deploy: web 2}}")
    };
    assert!(forward(&gated_by_nothing).harm.requests.failed > 4_000, "without a flag only the order keeps it whole");
}

// Shares of customers.

/// One service, whose flag fails every request it is on for.
fn shared(share: &str, keys: &str, more: &str) -> World {
    let text = format!(
        "title: t
horizon: 5m
traffic: {{t: {{to: a.get, rate: 40/s, arrivals: constant{keys}}}}}
flags: {{f: {{poll: 1s}}}}
services:
  a:
    endpoints: {{get: [work: 1ms]}}
    versions: {{\"1\": {{defects: [{{defect: d, endpoint: get, when: {{flag: f}}}}]}}}}
release:
  - {{at: 10s, do: {{flag: f, to: {share}}}}}
{more}"
    );
    begun(&model(&Bundle::from_text("t", text, "")), None, 1)
}

#[test]
fn a_share_of_the_customers_sees_a_flag_and_the_same_ones_each_time() {
    let of = |share: &str, keys: &str, more: &str| failed(&mut shared(share, keys, more), 20, 220);
    let eight_thousand = 8_000.0;
    let drawn = of("10 %", "", "") as f64 / eight_thousand;
    assert!((drawn - 0.1).abs() < 0.011, "each request is somebody else: {drawn}");
    for keys in 1..8 {
        let failed = of("50 %", &format!(", keys: {{count: {keys}}}"), "");
        assert!(keys > 1 || failed < 3 || failed.abs_diff(8_000) < 3, "one customer sees one thing: {failed}");
    }
    // Growing a share takes nobody out of it: who failed at 5 % fails at 10 %, and at no less than both.
    let keyed = ", keys: {count: 400}";
    let [five, ten] = ["5 %", "10 %"].map(|share| of(share, keyed, ""));
    let grown = of("5 %", keyed, "  - {at: 20s, do: {flag: f, to: 10 %}}");
    assert!(five < ten && grown.abs_diff(ten) < 10, "{five} {ten} {grown}");
    assert!(of("100 %", keyed, "").abs_diff(8_000) < 3);
    assert_eq!(of("0 %", keyed, ""), 0);
}

#[test]
fn services_agree_about_a_customer() {
    let text = "title: t
horizon: 3m
traffic: {t: {to: a.get, rate: 40/s, keys: {count: 300}}}
flags: {f: {initial: 30 %}}
services:
  a:
    endpoints:
      get: [work: 1ms, {when: {flag: f}, do: [{call: b.get}]}]
  b:
    endpoints: {get: [work: 1ms, {when: {flag: f}, do: [{call: c.get}]}]}
  c:
    endpoints: {get: [work: 1ms]}
";
    let world = lived(&model(&Bundle::from_text("t", text.to_owned(), "")), None, 1);
    let [b, c] = ["b.get", "c.get"].map(|name| trials::runs::attempts_of(&world, name).count);
    assert!(b > 1_000 && b.abs_diff(c) < 3, "who is in it here is in it there: {b} {c}");
}
