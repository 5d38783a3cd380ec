//! What is said about files that can be read and are not meant: each finding where it belongs, and no other.

use scenarios::{Bundle, compile};

/// A source, two services and a call between them, with one part in another's place.
fn said(part: &str, in_place_of: &str) -> Vec<String> {
    const GOOD: &str = "\
title: t
horizon: 1h
classes: [q, r]
regions: {eu: [a, b]}
traffic: {t: {to: a.get, rate: 1/s, from: eu, keys: {count: 9}}}
caches: {c: }
services:
  a:
    zones: [eu-a]
    endpoints:
      get: [{cache: c, miss: [{call: b.get, timeout: 1s}]}]
  b:
    zones: [eu-b]
    endpoints: {get: [work: 1ms]}
";
    assert!(GOOD.contains(in_place_of), "{in_place_of}");
    let text = GOOD.replacen(in_place_of, part, 1);
    let found = match compile(&Bundle::from_text("f", text, "")) {
        Ok(compiled) => compiled.warnings.map(|warnings| warnings.short()).unwrap_or_default(),
        Err(problems) => problems.short(),
    };
    let lines = found.lines().map(|line| line.strip_prefix("f.yaml:").expect("its file").to_owned());
    lines.map(|line| line.split("; help").next().unwrap_or_default().to_owned()).collect()
}

fn check(part: &str, in_place_of: &str, expected: &[&str]) {
    assert_eq!(said(part, in_place_of), expected, "{part}");
}

#[test]
fn a_good_file_is_good() {
    check("title: t", "title: t", &[]);
}

#[test]
fn a_name_stands_in_a_list_once() {
    check("[q, q]", "[q, r]", &["3:14: error: `q` is named already"]);
    check("[eu-a, eu-a]", "[eu-a]", &["9:19: error: `eu-a` is named already"]);
    check("from: [eu, eu]", "from: eu", &["5:48: error: `eu` is named already"]);
}

#[test]
fn an_empty_list_is_no_list() {
    check("from: []", "from: eu", &["5:43: error: an empty list"]);
    check("zones: []", "zones: [eu-a]", &["9:12: error: an empty list"]);
    check(
        "{eu: []}",
        "{eu: [a, b]}",
        &[
            "4:15: error: an empty list",
            "9:13: error: there is no zone `eu-a`",
            "13:13: error: there is no zone `eu-b`",
        ],
    );
    let none = "11:42: error: a parallel step without calls";
    check("{parallel: []}", "{call: b.get, timeout: 1s}", &[none]);
    check(
        "miss: []",
        "miss: [{call: b.get, timeout: 1s}]",
        &["11:30: warning: nothing is fetched when it is not there"],
    );
}

#[test]
fn nothing_under_a_key_is_an_empty_mapping_everywhere() {
    check("caches: {c: }\nnetwork:\nobjective:\nflags:\n", "caches: {c: }\n", &[]);
    check("keys: ", "keys: {count: 9}", &["5:51: error: missing key `count` in a set of keys"]);
}

#[test]
fn what_can_never_be_is_an_error() {
    check("timeout: 0s", "timeout: 1s", &["11:54: error: a caller waits for at least 1ns"]);
    let list = "4:10: error: expected a mapping from names to values, found a list";
    assert_eq!(said("[eu]", "{eu: [a, b]}")[0], list);
}

#[test]
fn what_may_be_a_slip_is_a_warning() {
    check("{c: , d: }", "{c: }", &["6:15: warning: nobody looks into this cache"]);
    let late = "5:67: warning: this step is after the end of the run";
    check("{steps: [{at: 0s, rate: 1/s}, {at: 2h, rate: 2/s}]}", "1/s", &[late]);
    let due = "5:49: warning: the first run is due after the end of the run";
    check("background: {n: {run: b.get, every: 1m, starts: 2h}}\ntraffic", "traffic", &[due]);
}

#[test]
fn a_deadline_that_is_passed_on_is_set_somewhere() {
    let none = "11:38: warning: this call passes on a deadline, and there is none";
    check("pass_deadline: yes", "timeout: 1s", &[none]);
    check("timeout: 1s, pass_deadline: yes", "timeout: 1s", &[]);
}

#[test]
fn a_timeout_is_longer_than_the_way() {
    let network = |law: &str| format!("network: {{between_zones: {law}}}\ntraffic");
    let short = "12:38: warning: no answer is back after 1s: the way there and back takes 1.2s at least";
    check(&network("600ms"), "traffic", &[short]);
    check(&network("{p0: 600ms, p50: 700ms}"), "traffic", &[short]);
    check(&network("500ms"), "traffic", &[]);
    check(&network("{mean: 600ms}"), "traffic", &[]);
}

#[test]
fn calls_in_a_row_fit_the_patience_of_the_callers() {
    let row = |calls: &str| {
        format!(
            "services:\n  z: {{endpoints: {{get: [{calls}]}}}}\n  \
             y: {{endpoints: {{get: [{{call: z.get, timeout: 1s}}]}}}}\n"
        )
    };
    let call = |timeout: &str| format!("{{call: b.get, timeout: {timeout}}}");
    let two = "8:63: warning: with this one, 2 calls in a row may take 1.1s, but whoever calls z.get waits 1s at most";
    check(&row(&[call("600ms"), call("500ms")].join(", ")), "services:\n", &[two]);
    check(&row(&[call("600ms"), call("400ms")].join(", ")), "services:\n", &[]);
    check(&row(&format!("{{parallel: [{}, {}]}}", call("600ms"), call("500ms"))), "services:\n", &[]);
    let optional = "{call: b.get, timeout: 500ms, optional: yes}";
    check(&row(&format!("{}, {optional}", call("600ms"))), "services:\n", &[]);
}

#[test]
fn a_run_of_hours_is_told_before() {
    let long = |place: &str, calls: &str| vec![format!("5:{place}: warning: a run has up to {calls}")];
    let users = "users: 1000000, think: 1us";
    assert_eq!(said(users, "rate: 1/s"), long("33", "7200000 billion calls, which takes about 2000000h"));
    assert_eq!(said("rate: 1000000/s", "rate: 1/s"), long("32", "8 billion calls, which takes about 2h"));
    let bursts = "rate: {base: 1/s, burst: 1000000/s, every: {mean: 1ms}, lasts: {mean: 1h}}";
    assert_eq!(said(bursts, "rate: 1/s"), long("32", "8 billion calls, which takes about 2h"));
    let steps = "rate: {steps: [{at: 0s, rate: 1000000/s}, {at: 8m, rate: 1/s}]}";
    assert_eq!(said(steps, "rate: 1/s"), Vec::<String>::new());
    let day = "rate: {low: 0/s, high: 1000000/s, period: 7m}";
    assert_eq!(said(day, "rate: 1/s"), long("32", "4 billion calls, which takes about 1h"));
}

#[test]
fn too_many_are_told_where_the_first_too_many_stands() {
    let names = |count: usize| (0..count).map(|number| format!("n{number}: ")).collect::<Vec<_>>().join(", ");
    let flags = said(&format!("flags: {{{}}}\ncaches", names(300)), "caches");
    assert_eq!(flags, ["6:447: error: 300 flags are too many: at most 64"]);
    let defects = "{defect: d, endpoint: get}, ".repeat(65_536);
    let version = format!("  b:\n    versions: {{1: {{defects: [{defects}]}}}}\n");
    let found = said(&version, "  b:\n");
    assert!(found[0].ends_with("error: 65536 defects are too many: at most 65535"), "{found:?}");
    let versions = said(&format!("  b:\n    versions: {{{}}}\n", names(70_000)), "  b:\n");
    assert!(versions[0].ends_with("error: 70000 versions are too many: at most 32767"), "{versions:?}");
}

#[test]
fn a_misspelt_moment_is_one_mistake() {
    let version = "    versions: {1: {defects: [{defect: d, at: end}]}}\n    zones: [eu-b]";
    check(version, "    zones: [eu-b]", &["13:46: error: `end` is not a moment in the life of a process"]);
}

#[test]
fn a_shape_that_is_none_is_told_which_there_are() {
    let text = "title: t\nhorizon: 1h\ntraffic: {t: {to: a.get, rate: {diurnal: {low: 1/s}}}}\n\
                services: {a: {endpoints: {get: [work: 1ms]}}}\n";
    let problems = compile(&Bundle::from_text("f", text, "")).expect_err("there is no such rate");
    let shown = problems.render(scenarios::syntax::Paint::Plain);
    assert!(shown.contains("`{steps}` or `{low, high, period, peak}` or `{base, burst, every, lasts}`"), "{shown}");
}

#[test]
fn what_takes_an_effect_back_does_not_do_it_again() {
    let said = |endpoints: &str, more: &str| {
        let text = format!(
            "title: t\nhorizon: 1h\n\
             effects: {{room: {{compensate: {{runs: hotel.cancel, after: 1s, retry: 1s}}}}, mail: }}\n\
             jobs: {{tidy: {{runs: hotel.tidy, after: 1s, retry: 1s}}}}\n\
             services:\n  hotel:\n    endpoints: {{book: [effect: room], \
             tidy: [call: hotel.book], {endpoints}}}\n{more}"
        );
        match compile(&Bundle::from_text("f", text, "")) {
            Ok(compiled) => compiled.warnings.map(|warnings| warnings.short()).unwrap_or_default(),
            Err(problems) => problems.short(),
        }
    };
    let again = |found: String, version: &str, at: &str| {
        let expected =
            format!("f.yaml:3:37: error: this does again what it takes back: {version} causes `room` in {at}");
        assert_eq!(found.trim_end(), expected);
    };
    again(said("cancel: [effect: room]", ""), "hotel 1", "hotel.cancel");
    again(said("cancel: [call: hotel.book]", ""), "hotel 1", "hotel.book");
    again(said("cancel: [later: tidy]", ""), "hotel 1", "hotel.book");
    let second = "    versions: {old: {}, new: {endpoints: {cancel: [effect: room]}}}\n";
    again(said("cancel: [work: 1ms]", second), "hotel new", "hotel.cancel");
    assert_eq!(said("cancel: [work: 1ms, effect: mail]", ""), "", "what it does besides is another effect");
}

#[test]
fn what_is_settled_about_a_way_back_is_about_something_there_is() {
    let all = |settled: &str| said(&format!("ways_back: {{{settled}}}\ncaches: {{c: }}"), "caches: {c: }");
    assert_eq!(all("a: {owner: ic, exercised: 240h}, b: {}"), Vec::<String>::new());
    assert_eq!(all("bb: {}"), ["6:13: error: there is no service, migration or backup `bb`"]);
    assert_eq!(
        all("a: {owner: ivy, when: burn}"),
        ["6:24: error: there is no seat `ivy`", "6:35: error: there is no alert `burn`"]
    );
}

#[test]
fn an_order_that_a_controller_never_takes_is_told() {
    let release =
        |order: &str| said(&format!("release: [{{at: 1m, do: {{{order}}}}}]\ncaches: {{c: }}"), "caches: {c: }");
    let refused = |what: &str| vec![format!("6:16: warning: {what}, so this is refused")];
    let step_by_step = "the controller of a does not go step by step";
    for order in ["abort: a", "promote: a", "retry: a"] {
        assert_eq!(release(order), refused(step_by_step), "{order}");
    }
    assert_eq!(release("partition: a, from: 1"), refused("the replicas of a have no places"));
    assert_eq!(release("autoscale: a, to: off"), refused("a has no autoscaler"));
    assert_eq!(release("pause: a"), Vec::<String>::new());
}

#[test]
fn what_is_cut_off_may_be_a_service_or_a_place() {
    let release =
        |order: &str| said(&format!("release: [{{at: 1m, do: {{{order}}}}}]\ncaches: {{c: }}"), "caches: {c: }");
    assert_eq!(release("isolate: a"), Vec::<String>::new());
    assert_eq!(release("isolate: aa"), ["6:34: error: there is no service or place `aa`"]);
}

#[test]
fn a_defect_that_strikes_nowhere_is_looked_at_all_the_same() {
    let endpoints = "endpoints: {get: [work: 1ms]}";
    let defect = "{defect: d, endpoint: git, when: {flag: f}, classes: s}";
    let found = said(&format!("{endpoints}\n    versions:\n      1: {{defects: [{defect}]}}"), endpoints);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn a_plan_of_ones_own_is_told_what_is_odd_about_it() {
    let bundle = Bundle::bundled(scenarios::library::find("artifact-gone").expect("it is bundled"));
    let text = "- {at: 8m, do: {deploy: search 28}}\n".to_owned();
    let plan = scenarios::plan_text("own.yaml", text, &bundle).expect("it can be read");
    assert_eq!(plan.steps.len(), 1);
    let odd = plan.warnings.expect("it is refused in the run").short();
    assert!(odd.starts_with("own.yaml:1:8: warning: search 28 is gone from the registry, so this is refused"), "{odd}");
}

/// What the plan `p` of a scenario is told before anybody runs it, where its service has these keys and versions.
fn told_of_plan(keys: &str, versions: &str, steps: &str) -> Vec<String> {
    let text = format!(
        "title: t
horizon: 30m
traffic: {{users: {{to: web.page, rate: 1/s}}}}
services:
  web: {{replicas: 2, startup: 10s, runs: \"1\", {keys} endpoints: {{page: [work: 5ms]}}, versions: {{{versions}}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{{at: 1m, do: {{deploy: web 2}}}}]
plans: {{p: {{about: x, steps: [{steps}]}}}}
"
    );
    let compiled = scenarios::compile(&Bundle::from_text("web", &text, "")).expect("it is odd, not wrong");
    let odd = compiled.warnings.map_or(String::new(), |odd| odd.short());
    odd.lines().filter(|line| line.contains("warning: ")).map(|line| line.replace("web:8:", "")).collect()
}

#[test]
fn a_plan_of_the_scenario_is_told_what_is_beyond_retention() {
    let versions = |third: &str| format!("1: {{}}, 2: {{}}, 3: {{{third}}}");
    let [retained, unbuilt, gone] = ["", "artifact: unbuilt", "artifact: gone"].map(versions);
    let deploy = "{at: 3m, do: {deploy: web 3}}";
    assert_eq!(told_of_plan("", &retained, deploy), Vec::<String>::new());
    let one = |told: Vec<String>, expected: &str| assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
    one(told_of_plan("", &gone, deploy), "warning: web 3 is gone from the registry, so this is refused");
    one(told_of_plan("", &unbuilt, deploy), "warning: web 3 has not been built, so this is refused");
    let built = format!("{deploy}, {{at: 2m, do: {{forward: web 3}}}}");
    assert_eq!(told_of_plan("", &unbuilt, &built), Vec::<String>::new(), "an order before has it built");

    let undo = "{at: 3m, do: {undo: web}}";
    let gone = "1: {artifact: gone}, 2: {}, 3: {artifact: gone}";
    one(told_of_plan("", gone, undo), "warning: this leads to web 1, which is gone from the registry");
    let twice = told_of_plan("", gone, &format!("{{at: 2m, do: {{deploy: web 3}}}}, {undo}"));
    assert!(twice[1].contains("this leads to web 1"), "the first order is refused: {twice:?}");
    one(told_of_plan("rollout: {history: 0},", &retained, undo), "warning: web keeps no earlier revision");
    assert_eq!(told_of_plan("rollout: {history: 1},", &retained, undo), Vec::<String>::new());
}

#[test]
fn sticky_clients_do_not_stick_to_a_side_of_a_router() {
    let undo = "{at: 3m, do: {undo: web}}";
    let told = |keys: &str| told_of_plan(&format!("balancer: sticky, {keys}"), "1: {}, 2: {}", undo);
    let steps = "steps: [{weight: 20 %}, {wait: promotion}]";
    let flagger = "step_weight: 20 %, metrics: [{errors: new, most: 1 %, over: 1m}]";
    for routed in [format!("canary: {{router: {{}}, {steps}}},"), format!("flagger: {{{flagger}}},")] {
        let told = told(&routed);
        assert!(told.iter().any(|line| line.contains("5:57: warning: a router draws a version")), "{told:?}");
    }
    for other in [String::new(), format!("canary: {{{steps}}},"), "blue_green: {},".to_owned()] {
        assert!(!told(&other).iter().any(|line| line.contains("a router draws")), "{other}");
    }
}

/// What a bundled scenario is there to show, it shows under a warning.
#[test]
fn one_bundled_scenario_orders_what_is_beyond_retention() {
    let beyond = |bundled: &&'static scenarios::library::Bundled| {
        let odd = scenarios::compile(&Bundle::bundled(bundled)).expect("it is good").warnings;
        let odd = odd.map_or(String::new(), |odd| odd.short());
        ["the registry", "has not been built", "revision"].iter().any(|own| odd.contains(own))
    };
    let found: Vec<_> = scenarios::library::all().iter().filter(beyond).map(|bundled| bundled.name).collect();
    assert_eq!(found, ["artifact-gone"]);
}

/// Whoever gives a plan with a scenario is told where its undo leads, as the release says what was there before.
#[test]
fn a_plan_of_ones_own_is_told_that_its_undo_leads_to_what_is_gone() {
    let shop = |artifact: &str| {
        let text = format!(
            "title: t
horizon: 30m
traffic: {{users: {{to: web.page, rate: 1/s}}}}
services:
  web:
    replicas: 2
    startup: 10s
    runs: \"1\"
    endpoints: {{page: [work: 5ms]}}
    versions: {{\"1\": {{{artifact}}}, \"2\": {{}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}}}
release: [{{at: 1m, do: {{deploy: web 2}}}}]
"
        );
        scenarios::Bundle::from_text("shop", text, "")
    };
    let told = |artifact: &str, at: &str| {
        let plan = format!("- {{at: {at}, do: {{undo: web}}}}\n");
        let plan = scenarios::plan_text("own.yaml", plan, &shop(artifact)).expect("it can be read");
        plan.warnings.map(|odd| odd.short().lines().next().unwrap_or_default().to_owned())
    };
    let leads = |why: &str| Some(format!("own.yaml:1:8: warning: this leads to web 1, which {why}"));
    let [gone, deleted] = ["is gone from the registry", "is deleted from the registry at 00:05:00"].map(leads);
    assert_eq!(told("artifact: gone", "8m"), gone);
    assert_eq!((told("expires: 5m", "8m"), told("expires: 5m", "4m")), (deleted, None));
    assert_eq!(told("", "8m"), None);
}

#[test]
fn a_decision_matrix_says_whose_word_it_takes_and_who_could_give_it() {
    let authority = |rows: &str| format!("title: t\nauthority: {{{rows}}}");
    let matrix = |rows: &str, expected: &[&str]| check(&authority(rows), "title: t", expected);
    matrix("service: [on-call, owner], shared: anyone, global: commander, break_glass: no", &[]);
    let several = "error: what reaches several services is no on-call's own";
    matrix("shared: on-call, global: [owner, on-call]", &[&format!("2:21: {several}"), &format!("2:46: {several}")]);
    matrix("service: [anyone, owner]", &["2:23: error: where anyone may, nobody else has to agree"]);
    matrix("service: oncall", &["2:22: error: `oncall` is not who decides"]);
    let seats = "title: t\nauthority: {shared: owner}\nseats: {ivy: {role: commander}}";
    let unheld = "2:21: warning: no seat is `role: owner`, so what takes that word is refused";
    check(seats, "title: t", &[unheld]);
}

#[test]
fn a_glass_that_is_not_there_or_that_nobody_may_break_is_said() {
    let step = |matrix: &str, who: &str| {
        let plan = format!("{{at: 5m, who: {who}, do: {{restart: a}}, break_glass: yes}}");
        format!("title: t\n{matrix}plans: {{p: {{about: x, steps: [{plan}]}}}}")
    };
    check(&step("", "owner"), "title: t", &[]);
    let none = "2:80: warning: ic may do this without asking, so there is no glass to break";
    check(&step("", "ic"), "title: t", &[none]);
    let forbidden = "3:83: warning: nobody may break the glass here, so this is refused";
    check(&step("authority: {break_glass: no}\n", "owner"), "title: t", &[forbidden]);
}

#[test]
fn a_runbook_says_what_it_does_and_what_can_be_seen() {
    let book = |hops: &str| format!("title: t\nrunbooks: {{back: {{about: x, hops: [{hops}]}}}}");
    let told = |hops: &str, expected: &[&str]| check(&book(hops), "title: t", expected);
    told("{do: {restart: a}, verify: {clear: x}}", &["2:71: error: there is no alert `x`"]);
    told("{who: ic}", &["2:36: error: this hop neither does nor verifies anything"]);
    told("{do: {follow: back}}", &["2:50: error: a runbook does not lead into another one"]);
    told("{do: {restart: a}, who: release}", &["2:60: error: `release` runs the release, and responds to nothing"]);
    told("{do: {restart: a}, who: ci}", &["2:60: error: there is no seat `ci`"]);
    told("{do: {restart: a}, verify: {clera: x}}", &["2:64: error: `clera` does not start a verification"]);
    told("", &["2:12: error: the runbook `back` has no hops"]);
    let plan = "title: t\nplans: {p: {about: x, steps: [{at: 5m, do: {follow: bcak}}]}}\n";
    let runbooks = "runbooks: {back: {about: x, hops: [{do: {restart: a}}]}}";
    check(&format!("{plan}{runbooks}"), "title: t", &["2:53: error: there is no runbook `bcak`"]);
}

#[test]
fn tasks_objections_and_the_command_are_for_those_who_respond() {
    let release = |step: &str| format!("title: t\nrelease: [{{at: 1m, do: {step}}}]");
    let told = |text: &str, expected: &[&str]| check(text, "title: t", expected);
    let nothing = "2:16: error: release runs the release, and responds to nothing";
    told(&release("{restart: a}, assign: ic"), &[nothing]);
    told(&release("{restart: a}, objections: yes"), &[nothing]);
    told(&release("{hand_over: owner}"), &[nothing]);
    let plan = |step: &str| format!("title: t\nplans: {{p: {{about: x, steps: [{{at: 1m, {step}}}]}}}}");
    told(&plan("do: {restart: a}, assign: owner, within: 5m"), &[]);
    told(&plan("do: {restart: a}, assign: ic"), &["2:66: error: `ic` gives this to themselves"]);
    told(&plan("do: {restart: a}, assign: ownr"), &["2:66: error: there is no seat `ownr`"]);
    told(&plan("do: {restart: a}, within: 5m"), &["2:66: error: only a task has a time in which it is to be done"]);
    told(&plan("do: {hand_over: release}"), &["2:56: error: `release` runs the release, and responds to nothing"]);
    let both = "who: owner, do: {restart: a}, break_glass: yes, objections: yes";
    told(&plan(both), &["2:83: error: who breaks the glass asks nobody, for objections neither"]);
}
