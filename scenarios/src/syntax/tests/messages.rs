//! What people and tools see.

use super::*;

#[test]
fn a_repeated_key_shows_both_places() {
    assert_eq!(
        rendered("name: a\nservices:\nname: b\n"),
        "\
error: repeated key `name`
 --> shop.yaml:3:1
  |
1 | name: a
  | ---- first given here
2 | services:
3 | name: b
  | ^^^^
"
    );
}

#[test]
fn an_open_bracket_is_pointed_at() {
    assert_eq!(
        rendered("name: [a,\n  b\nservices: x\n"),
        "\
error: broken YAML: illegal placement of ':' indicator
 --> shop.yaml:3:9
  |
1 | name: [a,
  |       - opened here and not closed before the error
2 |   b
3 | services: x
  |         ^
  |
  = help: a `]`, `}` or `,` is probably missing before this
"
    );
}

#[test]
fn findings_come_in_the_order_of_the_file() {
    let text = "services: {a: {queue: x}}\nnam: y\n";
    assert_eq!(
        read(text).1,
        "shop.yaml:1:23: error: `x` is not a queueing law\n\
         shop.yaml:2:1: error: unknown key `nam` in a system\n"
    );
}

#[test]
fn rendered_columns_agree_with_the_short_form_on_any_script() {
    let text = "name: x\nservices: {größe: {queue: ps, ünknown: 1}, 名前: {quue: ps}}\n";
    let (sources, _, found) = read_with_sources(text);
    for finding in found.sorted() {
        let place = format!("shop.yaml:{}:{}", finding.span.line, finding.span.column);
        assert!(finding.render(&sources, Paint::Plain).contains(&place), "{place}");
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn the_consequences_of_one_mistake_do_not_flood_the_screen() {
    let keys: String = (0..SHOWN_MAX + 30).map(|i| format!("wrong{i}: 1\n")).collect();
    let found = read(&format!("name: x\nservices:\n{keys}")).1;
    assert_eq!(found.lines().count(), SHOWN_MAX + 1);
    assert!(found.ends_with("and 30 more, which are shown when some of these are mended\n"), "{found}");
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let (sources, _, found) = read_with_sources("nam: x\n");
    assert!(!found.render(&sources, Paint::Plain).contains('\u{1b}'));
    assert!(found.render(&sources, Paint::Colour).contains('\u{1b}'));
}

#[test]
fn a_note_may_speak_of_another_file() {
    let mut sources = Sources::default();
    let (one, two) = (sources.add("one.yaml", "a: 1\n"), sources.add("two.yaml", "b: 2\n"));
    let span = |source| SourceSpan { end: 1, ..SourceSpan::top(source) };
    let finding =
        Diagnostic::warning(span(two), "`b` is like `a`").note_at(span(one), "this one").note("they need not be");
    assert_eq!(
        finding.render(&sources, Paint::Plain),
        "\
warning: `b` is like `a`
 --> two.yaml:1:1
  |
1 | b: 2
  | ^
  |
 ::: one.yaml:1:1
  |
1 | a: 1
  | - this one
  |
  = note: they need not be"
    );
}

#[test]
fn a_line_wider_than_a_terminal_is_cut_around_what_is_marked() {
    let mut sources = Sources::default();
    let (before, marked, after) = ("before ".repeat(30), "marked ".repeat(20), "after ".repeat(30));
    let source = sources.add("one.yaml", format!("{before}{marked}{after}\n"));
    let start = before.len();
    let span = SourceSpan { start, end: start + marked.len(), column: 211, ..SourceSpan::top(source) };
    let shown = Diagnostic::error(span, "wrong").render(&sources, Paint::Plain);
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert!(shown.contains("one.yaml:1:211") && shown.contains("...") && shown.contains("marked marked"), "{shown}");
}
