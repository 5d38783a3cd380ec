//! Whole screens on a buffer: what they say, how it is marked, and that no size is too much for them.

use super::render;
use crate::app::screen::Screen;
use crate::app::{App, Settings};
use crate::charset::Charset;
use crate::fixture::{self, Shelf};
use crate::keys::Key;
use crate::theme::{Appearance, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;
use sim::Stop;

const SETTINGS: Settings = Settings { speed: None, coach: true };
const COLOUR: Appearance = Appearance { colour: true, charset: Charset::Unicode };
const PLAIN: Appearance = Appearance { colour: false, charset: Charset::Ascii };

/// The screen as text.
fn text(app: &App<'_>, appearance: Appearance) -> String {
    let buffer = drawn(app, appearance);
    let rows: Vec<_> = rows(&buffer).map(|row| row.trim_end().to_owned()).collect();
    rows.join("\n")
}

fn drawn(app: &App<'_>, appearance: Appearance) -> Buffer {
    let mut buffer = Buffer::empty(app.area());
    render(app, &Theme::new(appearance), &mut buffer);
    buffer
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = String> {
    let width = usize::from(buffer.area.width).max(1);
    buffer.content.chunks(width).map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect())
}

/// The runs of cells that are styled, row by row: `5:2..9 fg=Red BOLD`.
fn styles(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut runs: Vec<(usize, usize, usize, Style)> = Vec::new();
    for (at, cell) in buffer.content.iter().enumerate() {
        let (row, column, style) = (at / width, at % width, cell.style());
        match runs.last_mut() {
            Some((r, _, end, s)) if (*r, *end, *s) == (row, column, style) => *end += 1,
            _ => runs.push((row, column, column + 1, style)),
        }
    }
    let marked = runs.iter().filter(|(.., style)| *style != ratatui::buffer::Cell::EMPTY.style());
    marked.map(|(row, from, to, style)| format!("{row}:{from}..{to} {}\n", words(*style))).collect()
}

fn words(style: Style) -> String {
    let fg = style.fg.filter(|colour| *colour != ratatui::style::Color::Reset);
    let fg = fg.map(|colour| format!("fg={colour} "));
    let modifiers = if style.add_modifier.is_empty() { String::new() } else { format!("{:?}", style.add_modifier) };
    format!("{}{modifiers}", fg.unwrap_or_default()).trim_end().to_owned()
}

fn app(width: u16, height: u16, script: &[Key]) -> App<'static> {
    let mut app = App::new(&Shelf, SETTINGS);
    app.resize(Size::new(width, height));
    script.iter().for_each(|key| app.press(*key));
    app
}

/// A drill in the middle of a rollback, after more keys.
fn playing(width: u16, height: u16, script: &[Key]) -> App<'static> {
    let mut app = app(width, height, &[Key::Enter, Key::Enter]);
    let Screen::Play(play) = &mut app.screen else { panic!("not playing") };
    play.view = fixture::view();
    play.ui.clock.flow = crate::app::clock::Flow::Stopped;
    play.ui.banner = crate::app::ui::Banner::News(vec![Stop::Alert("checkout-burn".to_owned())]);
    script.iter().for_each(|key| app.press(*key));
    app
}

/// The recording of a drill, after keys that take the clock somewhere at once.
fn recording(width: u16, height: u16, script: &[Key]) -> App<'static> {
    let mut app = App::at_recording(&Shelf, SETTINGS, fixture::recorded());
    app.resize(Size::new(width, height));
    for key in script {
        app.press(*key);
        while app.is_live() {
            app.tick(std::time::Duration::ZERO, &|| true);
        }
    }
    app
}

/// The keys that lead to where she rolls back.
const TO_THE_ROLLBACK: [Key; 6] =
    [Key::Char('t'), Key::Char('2'), Key::Char('2'), Key::Char('0'), Key::Char('s'), Key::Enter];

#[test]
fn home_preselects_the_first_drill() {
    insta::assert_snapshot!(text(&app(80, 24, &[]), COLOUR));
}

#[test]
fn home_says_why_a_drill_cannot_be_opened() {
    insta::assert_snapshot!(text(&app(80, 24, &[Key::Down, Key::Enter]), COLOUR));
}

#[test]
fn the_brief_tells_seat_goal_and_keys() {
    insta::assert_snapshot!(text(&app(80, 24, &[Key::Enter]), COLOUR));
}

#[test]
fn play_fits_80_by_24() {
    insta::assert_snapshot!(text(&playing(80, 24, &[]), COLOUR));
}

#[test]
fn play_marks_what_matters_by_style_as_well() {
    insta::assert_snapshot!(styles(&drawn(&playing(80, 24, &[]), COLOUR)));
}

#[test]
fn play_without_colour_keeps_the_selection() {
    let buffer = drawn(&playing(80, 24, &[]), PLAIN);
    let styles = styles(&buffer);
    assert!(styles.contains("REVERSED"), "{styles}");
    assert!(!styles.contains("fg="), "{styles}");
}

#[test]
fn play_in_ascii_has_nothing_else() {
    let text = text(&playing(80, 24, &[]), PLAIN);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn play_has_a_map_where_there_is_room() {
    insta::assert_snapshot!(text(&playing(120, 40, &[]), COLOUR));
}

#[test]
fn play_fits_the_smallest_terminal() {
    insta::assert_snapshot!(text(&playing(60, 16, &[]), COLOUR));
}

#[test]
fn the_card_lists_what_has_not_been_checked() {
    insta::assert_snapshot!(text(&playing(80, 24, &[Key::Char('2')]), COLOUR));
}

#[test]
fn the_card_of_what_takes_others_words_offers_to_break_the_glass() {
    insta::assert_snapshot!(text(&playing(80, 24, &[Key::Char('3')]), COLOUR));
}

#[test]
fn without_the_coach_the_card_keeps_it_to_itself() {
    let mut app = playing(80, 24, &[Key::Char('2')]);
    let Screen::Play(play) = &mut app.screen else { panic!("not playing") };
    play.ui.coach = false;
    let text = text(&app, COLOUR);
    assert!(text.contains("replaces 6 replicas") && !text.contains("NOT CHECKED"), "{text}");
}

#[test]
fn a_card_says_who_has_to_be_asked() {
    let text = text(&playing(80, 24, &[Key::Char('3')]), COLOUR);
    assert!(text.contains("IC + owner: you have to ask olga (about 40s)"), "{text}");
    assert!(text.contains("y ask, then run it"), "{text}");
}

#[test]
fn a_choice_that_is_refused_says_why() {
    let text = text(&playing(80, 24, &[Key::Char('4')]), COLOUR);
    assert!(text.contains("run back-convert: not now, back-convert is under way already"), "{text}");
}

#[test]
fn findings_are_shown_at_full_width() {
    let mut app = playing(80, 24, &[]);
    let Screen::Play(play) = &mut app.screen else { panic!("not playing") };
    play.ui.findings = vec!["7,079 records in ledger-3".to_owned(), "payments 50 cannot read 816".to_owned()];
    let text = text(&app, COLOUR);
    assert!(text.contains("found") && text.contains("payments 50 cannot read 816"), "{text}");
}

#[test]
fn the_map_is_walked_by_row_and_column() {
    let mut app = playing(120, 40, &[Key::Tab]);
    let selected = |app: &App<'_>| match &app.screen {
        Screen::Play(play) => play.ui.selected(&play.view),
        _ => None,
    };
    assert_eq!(selected(&app), Some(2), "the worst at first");
    app.press(Key::Left);
    assert_eq!(selected(&app), Some(1));
    app.press(Key::Left);
    app.press(Key::Down);
    assert_eq!(selected(&app), Some(4));
    app.press(Key::Left);
    assert_eq!(selected(&app), Some(4), "nothing further left");
}

#[test]
fn the_help_lists_every_key_of_the_screen() {
    insta::assert_snapshot!(text(&playing(80, 40, &[Key::Char('?')]), COLOUR));
}

#[test]
fn a_recording_is_shown_on_the_screen_it_was_played_on() {
    insta::assert_snapshot!(text(&recording(80, 24, &TO_THE_ROLLBACK), COLOUR));
}

#[test]
fn a_recording_has_a_map_where_there_is_room() {
    insta::assert_snapshot!(text(&recording(120, 40, &TO_THE_ROLLBACK), COLOUR));
}

#[test]
fn the_question_where_to_says_what_can_be_typed() {
    let asked = |keys: &[Key]| text(&recording(80, 24, keys), PLAIN).lines().skip(20).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(asked(&TO_THE_ROLLBACK[..3]), @"
    ------------------------------------------------------------------------------
    Go to which moment? 22_
    such as 12m, 90s or 12:30; it ends at 10:00
    Enter go there  Esc stay  ? help
    ");
    let refused = asked(&[Key::Char('t'), Key::Char('9'), Key::Enter]);
    assert!(refused.contains("That is no time: write it like 12m, 90s, 1h5m or 12:30"), "{refused}");
}

#[test]
fn a_long_name_leaves_room_for_where_one_is() {
    let mut app = recording(80, 24, &TO_THE_ROLLBACK);
    let Screen::Replay(replay) = &mut app.screen else { panic!("no recording") };
    replay.name = "the-drill-of-the-team-of-the-first-of-november-in-the-evening.gameday".to_owned();
    for width in [60, 80] {
        app.resize(Size::new(width, 24));
        let text = text(&app, PLAIN);
        let head = text.lines().next().expect("a row");
        assert!(head.starts_with(" REPLAY the-drill-") && head.contains(" 03:40 of 10:00  nothing can"), "{head}");
    }
}

#[test]
fn the_help_of_a_recording_lists_its_keys() {
    insta::assert_snapshot!(text(&recording(80, 50, &[Key::Char('?')]), COLOUR));
}

#[test]
fn the_question_before_leaving_says_what_is_lost() {
    let text = text(&playing(80, 24, &[Key::Char('q')]), COLOUR);
    assert!(text.contains("Leave gameday? What you did in this drill is not kept."), "{text}");
}

#[test]
fn the_debrief_starts_with_the_outcome_and_the_ladder() {
    let mut app = at_debrief(80, 24);
    let Screen::Debrief(debrief) = &mut app.screen else { panic!("no debrief") };
    debrief.played.par.as_mut().expect("it has a par").wait();
    insta::assert_snapshot!(text(&app, COLOUR));
}

#[test]
fn a_terminal_too_small_says_what_it_needs() {
    insta::assert_snapshot!(text(&playing(40, 10, &[]), COLOUR), @"
    60x16 needed, this is 40x10: enlarge, or
    Ctrl-c
    ");
}

#[test]
fn no_size_is_too_much_for_any_screen() {
    let scripts: [&[Key]; 3] = [&[], &[Key::Char('2')], &[Key::Char('?')]];
    let shown: [&[Key]; 3] = [&[], &[Key::Char('t')], &[Key::Char('?')]];
    for (width, height) in sizes() {
        let mut apps = vec![app(width, height, &[]), app(width, height, &[Key::Enter]), at_debrief(width, height)];
        apps.extend(scripts.iter().map(|script| playing(width, height, script)));
        apps.extend(shown.iter().map(|script| recording(width, height, script)));
        for app in &apps {
            drawn(app, COLOUR);
            drawn(app, PLAIN);
        }
    }
}

#[test]
fn a_buffer_smaller_than_the_terminal_was_is_no_problem() {
    let app = playing(120, 40, &[Key::Char('2')]);
    for (width, height) in sizes() {
        render(&app, &Theme::new(COLOUR), &mut Buffer::empty(Rect::new(0, 0, width, height)));
    }
}

fn sizes() -> impl Iterator<Item = (u16, u16)> {
    let odd =
        [(1, 1), (0, 0), (1, 60), (200, 1), (60, 16), (61, 17), (80, 24), (100, 30), (99, 30), (100, 29), (200, 60)];
    odd.into_iter().chain((58..64).flat_map(|width| (14..20).map(move |height| (width, height))))
}

/// The debrief of a drill nobody did anything in.
fn at_debrief(width: u16, height: u16) -> App<'static> {
    let mut app = App::new(&Shelf, Settings { coach: false, ..SETTINGS });
    app.resize(Size::new(width, height));
    app.press(Key::Enter);
    app.press(Key::Enter);
    app.press(Key::Char('.'));
    while matches!(app.screen, Screen::Play(_)) {
        app.tick(std::time::Duration::ZERO, &|| true);
        app.press(Key::Char('.'));
    }
    app
}
