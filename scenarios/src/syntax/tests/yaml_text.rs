//! Text to trees: the traps of YAML.

use super::*;

#[track_caller]
fn scalar(text: &str, expected: &str) {
    let node = tree(&format!("key: {text}\n"));
    let value = &node.get("key").expect("the key is there").value;
    assert_eq!(*value, Value::Scalar(expected.to_owned()), "{text}");
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let (_, found) = read(text);
    assert_eq!(found.lines().next(), Some(format!("shop.yaml:{expected}").as_str()));
}

#[test]
fn scalars_keep_the_spelling_that_yaml_would_type() {
    let spellings = [
        "no",
        "Yes",
        "on",
        "012",
        "0o17",
        "1_000",
        "0x10",
        "1:30",
        "v7",
        "1.10",
        "1e3",
        ".inf",
        "2026-11-21",
        "-0",
        "NULL?",
        "+1",
        "50%",
        "a b  c",
    ];
    for spelling in spellings {
        scalar(spelling, spelling);
    }
}

#[test]
fn quotes_and_blocks_give_their_content() {
    scalar("'it''s'", "it's");
    scalar(r#""a\tb""#, "a\tb");
    scalar("'null'", "null");
    scalar("''", "");
    scalar("|\n  one\n  two", "one\ntwo\n");
    scalar(">-\n  one\n  two", "one two");
}

#[test]
fn nothing_is_nothing_in_each_of_its_spellings() {
    let node = tree("a:\nb: ~\nc: null\n");
    for key in ["a", "b", "c"] {
        assert_eq!(node.get(key).map(|node| &node.value), Some(&Value::Null));
    }
}

#[test]
fn places_count_characters_from_one() {
    let node = tree("\u{feff}größe: {ä: 'ö ü', b: x}\n");
    let inner = node.get("größe").expect("given");
    let spans = [inner, inner.get("ä").expect("given"), inner.get("b").expect("given")];
    let places = spans.map(|node| (node.span.line, node.span.column));
    assert_eq!(places, [(1, 8), (1, 12), (1, 22)]);
    let text = "größe: {ä: 'ö ü', b: x}\n";
    assert_eq!(&text[inner.span.start..inner.span.end], "{ä: 'ö ü', b: x}");
    assert_eq!(&text[spans[1].span.start..spans[1].span.end], "'ö ü'");
}

#[test]
fn line_ends_of_windows_are_line_ends() {
    let node = tree("a:\r\n  b: 1\r\n");
    let b = node.get("a").and_then(|a| a.get("b")).expect("given");
    assert_eq!((b.span.line, b.span.column), (2, 6));
    assert_eq!(b.value, Value::Scalar("1".to_owned()));
}

#[test]
fn a_repeated_key_is_refused_and_the_first_one_kept() {
    let (system, found) = read("name: a\nname: b\nservices:\n");
    assert_eq!(found, "shop.yaml:2:1: error: repeated key `name`\n");
    assert_eq!(system.map(|system| system.name.value), Some("a".to_owned()));
}

#[test]
fn a_file_holds_one_document() {
    refused("", "1:1: error: the file is empty");
    refused("# nothing here\n", "1:1: error: the file is empty");
    refused("---\n...\n", "1:1: error: the file is empty");
    let two = "name: a\nservices:\n---\nname: b\n";
    refused(two, "3:1: error: a second document starts here");
    assert!(read(two).0.is_some());
}

#[test]
fn broken_syntax_is_one_finding_with_a_place() {
    let text = "name: [a,\n  b\nservices: x\n";
    refused(text, "3:9: error: broken YAML: illegal placement of ':' indicator");
    assert_eq!(read(text).1.lines().count(), 1);
    refused("name: a: b\n", "1:8: error: broken YAML: mapping values are not allowed in this context");
    refused("name: @a\n", "1:7: error: broken YAML: unexpected character: `@'");
}

#[test]
fn aliases_merge_keys_and_tags_are_refused() {
    let alias = "aliases (`*name`) and merge keys are not supported";
    refused("a: &x 1\nb: *x\n", &format!("2:4: error: {alias}"));
    refused("a: {<<: {b: 1}}\n", &format!("1:5: error: {alias}"));
    refused("name: !secret x\nservices:\n", "1:15: error: YAML tags (`!…`) are not supported");
    refused("a: *b\n", "1:4: error: broken YAML: while parsing node, found unknown anchor");
    refused("? [a]\n: b\n", "1:3: error: a key must be a plain name");
}

#[test]
fn files_beyond_the_bounds_are_refused() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    refused(&deep, "1:65: error: the file has too many levels of nesting: at most 64 are read");
    let many = format!("[{}]", "a,".repeat(250_001));
    let found = read(&many).1;
    assert!(found.contains("too many values: at most 250000 are read"), "{found}");
    let long = format!("a: {}\n", "x".repeat(4 << 20));
    refused(&long, "1:1: error: the file has too many bytes: at most 4194304 are read");
}
