//! What `formats` leaves open is no harm in a run, and no absence of harm: a map of Protobuf whose entries are the
//! messages of a list to another version.

use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{lived, model};

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
