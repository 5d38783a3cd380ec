//! What `formats` leaves open is no harm in a run, and no absence of harm: a map of Protobuf whose entries are the
//! messages of a list to another version, and texts of another pattern.

use scenarios::Bundle;
use sim::{Fate, Hearing, Outcome, Summary};
use trials::runs::{begun, lived, model, second};

/// A map of numbers, and two lists of messages: entries as they are on the wire, and with a field more.
const MAP: &str = "message D { int64 id = 1; map<int32, int32> a = 2; }";
const ENTRIES: &str = "message E { int32 key = 1; int32 value = 2; } message D { int64 id = 1; repeated E a = 2; }";
const MORE: &str =
    "message E { int32 key = 1; int32 value = 2; string more = 3; } message D { int64 id = 1; repeated E a = 2; }";

/// The new version is undone, and the old one, which keeps no unknown fields, touches what it wrote.
fn undone(schemas: [&str; 2]) -> Summary {
    let text = "title: open
horizon: 8m
objective: {full: 5m, hold: 1m}
traffic: {puts: {to: app.put, rate: 5/s}, gets: {to: app.get, rate: 5/s}, touches: {to: app.touch, rate: 5/s}}
stores:
  docs:
    formats: {f1: {file: old.proto, message: D}, f2: {file: new.proto, message: D}}
services:
  app:
    startup: 5s
    runs: \"1\"
    endpoints: {put: [{create: docs}], get: [{read: docs}], touch: [{rewrite: docs, sets: id}]}
    versions:
      \"1\": {formats: {docs: {reads: f1, writes: f1, codec: protobuf-drop}}}
      \"2\": {formats: {docs: {reads: f2, writes: f2, codec: protobuf-drop}}}
release:
  - {at: 1m, do: {deploy: app 2}}
  - {at: 4m, do: {undo: app}}
";
    let files = ["old.proto", "new.proto"].into_iter().zip(schemas);
    let files = files.map(|(name, schema)| (name.to_owned(), format!("syntax = \"proto3\"; {schema}").into_bytes()));
    lived(&model(&Bundle::kept("open", "open.yaml", text, files.collect())), None, 1).summary()
}

#[test]
fn entries_of_a_map_that_are_messages_to_another_version_are_not_judged() {
    for schemas in [[MAP, MORE], [MORE, MAP], [MAP, ENTRIES], [ENTRIES, MAP]] {
        let end = undone(schemas);
        let harm = &end.harm;
        let all = [harm.unreadable.ever, harm.misread.ever, harm.damaged.ever, harm.fields_lost.ever];
        assert_eq!((all, harm.requests.wrong), ([0; 4], 0), "{schemas:?}: {:#?}", end.timeline);
        assert_eq!(end.outcome, Outcome::Undecided, "{schemas:?}");
        let told = end.not_judged.iter().filter(|one| one.contains("whether a is to it what was written"));
        assert_eq!(told.count(), 2, "one for each version: {:?}", end.not_judged);
    }
    // A list of messages with a field less is judged.
    let lost = undone([ENTRIES, MORE]);
    assert!(lost.harm.fields_lost.ever > 100 && lost.not_judged.is_empty(), "{:?}", lost.harm);
}

const FIVE: &str = "^[0-9]{5}$";
const NINE: &str = "^[0-9]{5}(-[0-9]{4})?$";

/// A text of a pattern, to versions of which each has its own.
fn patterned([old, new]: [&str; 2], steps: &str) -> Bundle {
    let schema = |pattern: &str| {
        let pattern = if pattern.is_empty() { String::new() } else { format!(r#","pattern":"{pattern}""#) };
        format!(r#"'{{"type":"object","properties":{{"z":{{"type":"string"{pattern}}}}},"required":["z"]}}'"#)
    };
    let text = format!(
        "title: pattern
horizon: 6m
traffic: {{w: {{to: shop.buy, rate: 2/s}}, r: {{to: shop.get, rate: 2/s}}, a: {{to: app.ask, rate: 2/s}}}}
stores: {{docs: {{formats: {{o: {o}, n: {n}}}}}}}
contracts: {{shop.check: {{revisions: {{v1: {{request: {o}}}, v2: {{request: {n}}}}}}}}}
services:
  app:
    runs: \"1\"
    endpoints: {{ask: [{{call: shop.check}}]}}
    versions: {{\"1\": {{}}, \"2\": {{calls: {{shop.check: v2}}}}}}
  shop:
    runs: \"1\"
    endpoints: {{buy: [create: docs], get: [read: docs], check: [work: 1ms]}}
    versions:
      \"1\": {{formats: {{docs: {{reads: o, writes: o, codec: json-validated}}}}}}
      \"2\":
        serves: {{check: {{revision: v2, codec: json-validated}}}}
        formats: {{docs: {{reads: n, writes: n, codec: json-validated}}}}
release: [{steps}]
",
        o = schema(old),
        n = schema(new)
    );
    Bundle::from_text("pattern", text, "")
}

#[test]
fn texts_of_another_pattern_are_not_judged_where_they_have_met() {
    const SHOP: &str = "{at: 1m, do: {deploy: shop 2}}";
    const BOTH: &str = "{at: 1m, do: {deploy: app 2}}, {at: 3m, do: {deploy: shop 2}}";
    let ends = |patterns, steps| lived(&model(&patterned(patterns, steps)), None, 1).summary();
    let end = ends([FIVE, NINE], SHOP);
    assert_eq!((end.outcome, end.harm.unreadable.ever), (Outcome::Undecided, 0));
    let read = format!("whether it takes all texts of z ({NINE})");
    let told: Vec<_> = end.not_judged.iter().filter(|one| one.contains("takes all texts of z")).collect();
    assert_eq!(told.len(), 3, "each version of the records of the other, and shop 2 of requests: {told:?}");
    assert!(told.contains(&&format!("shop 2: {read}")), "{told:?}");
    for (patterns, steps) in [([FIVE, FIVE], SHOP), ([FIVE, NINE], "")] {
        let end = ends(patterns, steps);
        assert_eq!((end.outcome, end.not_judged), (Outcome::NoHarm, vec![]), "{patterns:?} {steps}");
    }
    // A pattern that is new is met by some texts: nobody can say by which of those that there are.
    let end = ends(["", NINE], SHOP);
    assert_eq!((end.outcome, end.harm.unreadable.ever), (Outcome::Undecided, 0));
    assert_eq!(end.not_judged.iter().filter(|one| **one == format!("shop 2: {read}")).count(), 1);
    let of_shop = |patterns| {
        let told = ends(patterns, SHOP).not_judged;
        told.into_iter().filter(|one| one.starts_with("shop 2: in requests of app 1, whether")).count()
    };
    assert_eq!(
        [of_shop(["", NINE]), of_shop([NINE, ""])],
        [1, 0],
        "what is told of a pattern, nobody asks who has none"
    );
    let of_app = |steps| {
        let told = ends([FIVE, NINE], steps).not_judged;
        told.into_iter().filter(|one| one.starts_with("shop 2: in requests of app 1, whether")).count()
    };
    assert_eq!(of_app(SHOP), 1);
    assert_eq!(of_app(BOTH), 0, "app 1 was gone before shop 2 came");
}

#[test]
fn a_view_of_what_is_left_open_says_so_before_anybody_reads_it() {
    const SHOP: &str = "{at: 1m, do: {deploy: shop 2}}";
    let fates = |patterns| {
        let mut world = begun(&model(&patterned(patterns, SHOP)), None, 1);
        world.count_calls();
        world.run_until(second(200));
        let holdings = world.holdings();
        let lots = holdings.stores.iter().flat_map(|store| &store.lots);
        let own = lots.filter(|lot| lot.format == "o").flat_map(|lot| &lot.readers);
        let own: Vec<_> = own.filter(|reader| reader.version == "shop 2").map(|reader| reader.fate).collect();
        let skew = world.skew();
        let pairs = skew.edges.iter().flat_map(|edge| &edge.pairs).filter(|pair| pair.callee == "shop 2");
        let heard: Vec<_> = pairs.filter(|pair| pair.caller == "app 1").map(|pair| pair.request.outcome).collect();
        (own, heard, holdings.are_open(), skew.is_open())
    };
    for old in [FIVE, ""] {
        assert_eq!(fates([old, NINE]), (vec![Fate::Open], vec![Hearing::Open], true, true), "{old}");
    }
    assert_eq!(fates([NINE, ""]), (vec![Fate::Read], vec![Hearing::Understood], false, false));
    assert_eq!(model(&patterned(["", NINE], SHOP)).open_questions().len(), 2, "records of the other, and its requests");
    assert_eq!(model(&patterned([NINE, NINE], SHOP)).open_questions(), Vec::<String>::new());
    assert_eq!(fates([NINE, NINE]), (vec![Fate::Read], vec![Hearing::Understood], false, false));
}

/// What keywords take of the values that a writer without them has: the keyword, a value it takes and one it does not.
const NARROWED: [(&str, &str, &str, &str); 4] = [
    ("string", "\"maxLength\":5", "abc", "abcdef"),
    ("string", "\"minLength\":2", "abc", "a"),
    ("string", "\"enum\":[\"abc\",\"d\"]", "abc", "e"),
    ("integer", "\"maximum\":100", "7", "101"),
];

/// A field of which the new version has a keyword that the old one has not, with a stated value or none.
fn narrowed((kind, keyword): (&str, &str), values: Option<&str>) -> Bundle {
    let schema = |more: &str| {
        format!(r#"'{{"type":"object","properties":{{"z":{{"type":"{kind}"{more}}}}},"required":["z"]}}'"#)
    };
    let [of_records, of_requests] = values.map_or([String::new(), String::new()], |value| {
        let value = format!("{{z: {{x: '{value}'}}}}");
        [format!(", values: {value}"), format!(", values: {{request: {value}}}")]
    });
    let text = format!(
        "title: narrowed
horizon: 6m
classes: [x]
traffic:
  w: {{to: shop.buy, rate: 2/s, classes: {{x: 100 %}}}}
  r: {{to: shop.get, rate: 2/s, classes: {{x: 100 %}}}}
  a: {{to: app.ask, rate: 2/s, classes: {{x: 100 %}}}}
stores: {{docs: {{formats: {{o: {o}, n: {n}}}}}}}
contracts: {{shop.check: {{revisions: {{v1: {{request: {o}}}, v2: {{request: {n}}}}}{of_requests}}}}}
services:
  app:
    runs: \"1\"
    endpoints: {{ask: [{{call: shop.check}}]}}
    versions: {{\"1\": {{}}}}
  shop:
    runs: \"1\"
    endpoints: {{buy: [{{create: docs{of_records}}}], get: [read: docs], check: [work: 1ms]}}
    versions:
      \"1\": {{formats: {{docs: {{reads: o, writes: o}}}}}}
      \"2\": {{serves: {{check: v2}}, formats: {{docs: {{reads: n, writes: n}}}}}}
release: [{{at: 1m, do: {{deploy: shop 2}}}}]
",
        o = schema(""),
        n = schema(&format!(",{keyword}"))
    );
    Bundle::from_text("narrowed", text, "")
}

#[test]
fn a_keyword_that_is_new_is_judged_where_a_value_is_stated() {
    let told = |bundle: Bundle| {
        let model = model(&bundle);
        let mut world = begun(&model, None, 1);
        world.count_calls();
        world.run_until(second(200));
        let views = (world.holdings().are_open(), world.skew().is_open());
        let harmless = (world.holdings().are_sound(), world.skew().is_harmless());
        (lived(&model, None, 1).summary(), model.open_questions(), views, harmless)
    };
    for (kind, keyword, taken, refused) in NARROWED {
        let (mut end, before, views, harmless) = told(narrowed((kind, keyword), None));
        end.not_judged.sort();
        assert_eq!((end.outcome, views, harmless), (Outcome::Undecided, (true, true), (true, true)), "{keyword}");
        let of_records = end.not_judged.iter().filter(|one| one.starts_with("shop 2: whether it takes"));
        let of_requests = end.not_judged.iter().filter(|one| one.starts_with("shop 2: in requests of app 1, whether"));
        assert_eq!((of_records.count(), of_requests.count()), (1, 1), "{:?}", end.not_judged);
        assert_eq!(end.not_judged, before, "{keyword}");
        let (end, before, views, _) = told(narrowed((kind, keyword), Some(taken)));
        let silent = (Outcome::NoHarm, vec![], vec![], (false, false));
        assert_eq!((end.outcome, end.not_judged, before, views), silent, "{keyword}");
        let (end, before, _, harmless) = told(narrowed((kind, keyword), Some(refused)));
        assert!(end.harm.unreadable.ever > 50 && end.harm.requests.failed > 50, "{keyword}: {:?}", end.harm);
        assert_eq!((end.not_judged, before, harmless), (vec![], vec![], (false, false)), "{keyword}");
    }
}
