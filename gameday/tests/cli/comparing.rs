//! Two schema files compared: the sentence first, the table, the exit code.

use super::{folder, gameday, stderr, stdout};
use std::fs;
use std::path::PathBuf;

/// A folder with these files.
fn with(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = folder(&format!("formats-{name}"));
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("the folder can be written");
    }
    folder
}

/// A record with a text and these fields beside it.
fn avro(fields: &str) -> String {
    format!(r#"{{"type": "record", "name": "R", "fields": [{{"name": "id", "type": "string"}}{fields}]}}"#)
}

#[test]
fn a_symbol_the_old_version_does_not_know_is_named() {
    let folder = folder("formats-ledger");
    stdout(gameday(&["show", "ledger-format", "--to", "drill"]).current_dir(&folder), 0);
    let words = ["formats", "drill/ledger-2.avsc", "drill/ledger-3.avsc"];
    let said = stdout(gameday(&words).current_dir(&folder), 1);
    assert!(said.contains("rollback is not safe: ledger-2 cannot read records with rail = INSTANT\n"), "{said}");
    assert!(said.contains("ledger-2 loses acquirer when it writes records back\n"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    let said = stdout(gameday(&[&words[..], &["--json"]].concat()).current_dir(&folder), 1);
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&said["schema"], &said["judgement"]), (&"gameday.formats/1".into(), &"harmful".into()));
    let rail = said["records"][0]["fields"].as_array().expect("fields").iter().find(|field| field["name"] == "rail");
    let way = &rail.expect("a field")["old_reads_new"];
    assert_eq!((&way["outcome"], &way["findings"][0]["example"]), (&"fails_for_some".into(), &"\"INSTANT\"".into()));
}

#[test]
fn the_exit_code_is_the_judgement() {
    let plain = avro("");
    let counted = avro(r#", {"name": "count", "type": "int"}"#);
    let items = avro(r#", {"name": "count", "type": "int", "unit": "items"}"#);
    let cents = avro(r#", {"name": "amount", "type": "int", "unit": "cents"}"#);
    let euros = avro(r#", {"name": "amount", "type": "int", "unit": "euros"}"#);
    let folder = with(
        "codes",
        &[
            ("plain.avsc", &plain),
            ("counted.avsc", &counted),
            ("items.avsc", &items),
            ("cents.avsc", &cents),
            ("euros.avsc", &euros),
        ],
    );
    let check = |old: &str, new: &str, code, words: &str| {
        let said = stdout(gameday(&["formats", old, new]).current_dir(&folder), code);
        assert!(said.contains(words), "{said}");
    };
    check("plain.avsc", "plain.avsc", 0, "rollback is safe, and so is the upgrade");
    check("counted.avsc", "counted.avsc", 0, "rollback is safe"); // nothing about it has changed
    check("counted.avsc", "items.avsc", 3, "no verdict on misreading: count\n");
    check("cents.avsc", "cents.avsc", 0, "rollback is safe");
    check(
        "cents.avsc",
        "euros.avsc",
        1,
        "rollback is not safe: cents takes amount for another value: euros read as cents",
    );
    check("plain.avsc", "counted.avsc", 1, "upgrade is not safe: counted cannot read any record");
}

#[test]
fn a_unit_guessed_from_a_name_is_told_as_a_guess() {
    let named = |name: &str, more: &str| avro(&format!(r#", {{"name": "{name}", "type": "int"{more}}}"#));
    let cents = named("price_cents", "");
    let euros = named("price_euros", r#", "aliases": ["price_cents"]"#);
    let stated = named("price_cents", r#", "unit": "cent""#);
    let folder = with("guesses", &[("cents.avsc", &cents), ("euros.avsc", &euros), ("stated.avsc", &stated)]);
    let run = |files: [&str; 2], more: &[&str], code| {
        let words = [&["formats"], &files[..], more].concat();
        stdout(gameday(&words).current_dir(&folder), code).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = run(["cents.avsc", "euros.avsc"], &[], 1);
    assert!(said.contains("another value: cents read as euros (both inferred from the name)"), "{said}");
    assert!(said.contains("unit inferred from the name, stated nowhere: price_cents"), "{said}");
    // A guess against what somebody wrote down proves nothing.
    let said = run(["cents.avsc", "stated.avsc"], &[], 3);
    assert!(said.contains("price_cents: unit not stated: cent read as cents (inferred from the name)"), "{said}");
    let said: serde_json::Value =
        serde_json::from_str(&run(["cents.avsc", "stated.avsc"], &["--json"], 3)).expect("JSON");
    let price = &said["records"][0]["fields"][1];
    assert_eq!(price["old_unit"], serde_json::json!({"name": "cents", "source": "inferred"}));
    assert_eq!(price["new_unit"], serde_json::json!({"name": "cent", "source": "stated"}));
}

#[test]
fn the_codec_decides_what_becomes_of_keys_too_many() {
    let old = r#"{"type": "object", "properties": {}}"#;
    let new = r#"{"type": "object", "properties": {"a": {"type": "string"}}}"#;
    let folder = with("codecs", &[("old.json", old), ("new.schema.json", new)]);
    let run = |codecs: &[&str], code| {
        let words = [&["formats", "old.json", "new.schema.json"], codecs].concat();
        stdout(gameday(&words).current_dir(&folder), code)
    };
    assert!(run(&[], 1).contains("old loses a when it writes records back"));
    assert!(run(&["--codec", "json-strict"], 1).contains("old cannot read records with a\n"));
    run(&["--codec", "json-preserve"], 0);
    run(&["--codec", "json-preserve", "--codec", "json-strict"], 0);
}

#[test]
fn what_cannot_be_compared_is_told_with_its_place() {
    let (good, bad) = (avro(""), "{\n \"type\": \"object\", \"properties\": {\"a\": {\"not\": {}}}}");
    let folder = with("bad", &[("good.avsc", &good), ("bad.json", bad), ("other.yaml", "")]);
    let check = |words: &[&str], expected: &str| {
        let complaint = stderr(gameday(&[&["formats"], words].concat()).current_dir(&folder), 2);
        assert!(complaint.contains(expected), "{complaint}");
    };
    check(&["good.avsc", "bad.json"], "error: bad.json:2:48: /properties/a/not: found the keyword `not`");
    check(&["good.avsc", "other.yaml"], "its name ends in `.avsc` or `.json`");
    check(&["good.avsc", "missing.avsc"], "failed to read missing.avsc");
    let both = stderr(gameday(&["formats", "no.avsc", "nor.avsc"]).current_dir(&folder), 2);
    assert!(both.contains("failed to read no.avsc") && both.contains("failed to read nor.avsc"), "{both}");
    let twice = stderr(gameday(&["formats", "bad.json", "bad.json"]).current_dir(&folder), 2);
    assert_eq!(twice.matches("found the keyword `not`").count(), 1, "{twice}");
    check(&["good.avsc", "good.avsc", "--codec", "avro-rusty"], "did you mean `avro-rust`?");
    check(&["good.avsc", "good.avsc", "--codec", "json-go"], "json-go is a codec for JSON");
}

#[test]
fn where_nothing_is_there_to_compare_nothing_is_judged() {
    let table = "CREATE TABLE t (a int);";
    let files = [("empty.proto", ""), ("empty.sql", "-- nothing"), ("empty.avsc", ""), ("t.sql", table)];
    let folder = with("nothing", &files);
    let check = |files: [&str; 2], expected: &str| {
        let complaint = stderr(gameday(&["formats", files[0], files[1]]).current_dir(&folder), 2);
        assert!(complaint.contains(expected), "{complaint}");
    };
    check(["empty.proto", "empty.proto"], "error: empty.proto:1:1: found no record type\n  help: define the record as");
    check(["empty.sql", "empty.sql"], "error: empty.sql:1:1: found no record type\n  help: give a script that makes");
    check(["t.sql", "empty.sql"], "error: empty.sql:1:1: found no record type");
    check(["empty.sql", "t.sql"], "error: empty.sql:1:1: found no record type");
    check(["empty.avsc", "empty.avsc"], "error: empty.avsc:1:1: EOF while parsing a value");
}

#[test]
fn a_script_that_goes_on_is_a_migration() {
    let old = "CREATE TABLE orders (id bigint PRIMARY KEY, amount integer NOT NULL, note text);";
    let with_rest = |rest: &str| format!("{old}\n{rest}");
    let files = [
        ("old.sql", old.to_owned()),
        ("same.sql", with_rest("-- nothing new")),
        ("divided.sql", with_rest("UPDATE orders SET amount = amount / 100;")),
        ("shorter.sql", with_rest("ALTER TABLE orders ALTER COLUMN note TYPE varchar(10);")),
        ("checked.sql", with_rest("ALTER TABLE orders ADD COLUMN x integer NOT NULL;")),
        ("renamed.sql", with_rest("ALTER TABLE orders RENAME TO purchases;")),
        ("upper.sql", with_rest("UPDATE orders SET note = upper(note);")),
        ("filled.sql", with_rest("ALTER TABLE orders ADD COLUMN c int; UPDATE orders SET c = amount WHERE c IS NULL;")),
        ("other.sql", "CREATE TABLE orders (id bigint NOT NULL, amount integer NOT NULL, note text);".to_owned()),
    ];
    let folder = with("migrations", &files.each_ref().map(|(name, text)| (*name, text.as_str())));
    let check = |new: &str, code, words: &[&str]| {
        let said = stdout(gameday(&["formats", "old.sql", new]).current_dir(&folder), code);
        words.iter().for_each(|words| assert!(said.contains(words), "{said}"));
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    };
    check("same.sql", 0, &["rollback is safe"]);
    check(
        "divided.sql",
        1,
        &["old takes amount for another value", "old writes amount so that it is taken for another"],
    );
    let note = "rollback is not safe: old cannot insert records with note such as \"aaaaaaaaaaa\"\n";
    check("shorter.sql", 1, &[note, "upgrade is not safe: shorter cannot convert records with note such as"]);
    check("checked.sql", 1, &["rollback is not safe: old cannot insert any record\n", "SQLSTATE 23502"]);
    check("renamed.sql", 1, &["rollback is not safe: old cannot read any record\n", "42P01"]);
    let anew = "  not judged: whether note is computed anew without an error, and means";
    check("upper.sql", 3, &["nothing was found that fails or is lost; not everything is judged\n", anew]);
    let open = "  not judged: whether c is what was meant: nobody says if it goes with another\n";
    check("filled.sql", 3, &["nothing was found that fails or is lost; not everything is judged\n", open]);
    check("other.sql", 3, &["  not judged: writes\n", "  not judged: constraints\n"]);
    let said = stdout(gameday(&["formats", "old.sql", "shorter.sql", "--json"]).current_dir(&folder), 1);
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["records"][0]["fields"][2]["old_inserts_new"]["outcome"], "fails_for_some");
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let twice =
        "{\"type\": \"record\", \"name\": \"A\", \"name\": \"B\",\n \"fields\": [{\"name\": \"a\", \"name\": \"b\"}]}";
    let title = r#"{"type": "object", "title": "A", "title": "B", "properties": {}}"#;
    let folder = with("twice", &[("twice.avsc", twice), ("title.json", title), ("good.avsc", &avro(""))]);
    let check = |file: &str, expected: &[&str]| {
        let complaint = stderr(gameday(&["formats", "good.avsc", file]).current_dir(&folder), 2);
        expected.iter().for_each(|expected| assert!(complaint.contains(expected), "{complaint}"));
    };
    let help = "found a key that is there already\n  help: an object has a key once";
    let places = [&format!("error: twice.avsc:1:33: /name: {help}"), "error: twice.avsc:2:27: /fields/0/name: found"];
    check("twice.avsc", &[places[0], places[1]]);
    check("title.json", &[&format!("error: title.json:1:34: /title: {help}")]);
}
