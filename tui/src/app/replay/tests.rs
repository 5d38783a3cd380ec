//! Scripts of keys against a recording of the tiny drill.

use crate::app::clock::{Flow, seen_at};
use crate::app::replay::Replay;
use crate::app::screen::Screen;
use crate::app::ui::Banner;
use crate::app::{App, Settings};
use crate::debrief::Ending;
use crate::fixture::{Shelf, recorded};
use crate::keys::{self, Command, Context, Key};
use crate::pace::Speed;
use model::id::SeatId;
use model::time::{Span, Time};
use sim::LineKind;
use sim::view::SeatView;
use std::time::Duration;

const SETTINGS: Settings = Settings { speed: None, coach: true };
const FRAME: Duration = Duration::from_millis(33);

fn app() -> App<'static> {
    App::at_recording(&Shelf, SETTINGS, recorded())
}

/// Presses the keys of a script: `<` and `>` the arrows, `^` and `$` Home and End, `e` Enter, `x` Esc, anything else
/// itself; after each the clock goes where it was to go.
fn press(app: &mut App<'_>, script: &str) {
    for c in script.chars() {
        app.press(key(c));
        until_there(app);
    }
}

const fn key(c: char) -> Key {
    match c {
        '<' => Key::Left,
        '>' => Key::Right,
        '^' => Key::Home,
        '$' => Key::End,
        'e' => Key::Enter,
        'x' => Key::Esc,
        c => Key::Char(c),
    }
}

/// Lets frames pass until the clock has got where it was to go as fast as it can.
fn until_there(app: &mut App<'_>) {
    for _ in 0..20_000 {
        let Screen::Replay(replay) = &app.screen else { return };
        match replay.ui.clock.flow {
            Flow::Skips | Flow::Closes | Flow::Seeks(_) if app.is_live() => app.tick(FRAME, &|| true),
            _ => return,
        }
    }
    panic!("it never got there");
}

fn replay<'a>(app: &'a App<'_>) -> &'a Replay {
    match &app.screen {
        Screen::Replay(replay) => replay,
        other => panic!("no recording: {other:?}"),
    }
}

fn now(app: &App<'_>) -> f64 {
    replay(app).view.now.seconds()
}

/// What a seat saw at an instant, found by living up to it in one go.
fn straight(instant: Time, seat: usize) -> SeatView {
    let mut run = recorded().run;
    run.live_to(instant);
    run.session().seen_by(SeatId::new(seat))
}

/// The instants at which something that somebody did, or that came of it, has just been seen.
fn stops() -> Vec<Time> {
    let end = recorded().end;
    let told = straight(end, 0).timeline.into_iter().filter(|line| line.kind != LineKind::Report);
    let mut stops: Vec<_> = told.map(|line| seen_at(line.at).min(end)).collect();
    stops.dedup();
    stops
}

#[test]
fn a_recording_opens_where_it_begins_and_waits() {
    let mut app = app();
    assert_eq!((app.in_front(), now(&app), app.is_live()), (Context::Replay, 0.0, false));
    app.press(Key::Char(' '));
    assert!(app.is_live());
    (0..30).for_each(|_| app.tick(FRAME, &|| true));
    assert_eq!(now(&app), 59.25, "a minute a second, in quarters of one");
    app.press(Key::Char(' '));
    assert_eq!(replay(&app).ui.clock.flow, Flow::Paused);
}

#[test]
fn a_speed_is_as_in_play() {
    let speed = Some(Speed::at_most(10));
    let mut app = App::at_recording(&Shelf, Settings { speed, ..SETTINGS }, recorded());
    press(&mut app, " ");
    app.press(Key::Char('>'));
    assert_eq!(replay(&app).ui.clock.pace.speed.times(), 20);
}

#[test]
fn the_next_thing_done_and_the_one_before_are_the_same_stops() {
    let expected = stops();
    assert!(expected.len() > 5, "{expected:?}");
    let mut app = app();
    for stop in &expected {
        press(&mut app, "n");
        assert_eq!(replay(&app).view.now, *stop);
        assert!(matches!(&replay(&app).ui.banner, Banner::Story(lines) if !lines.is_empty()), "at {stop}");
    }
    press(&mut app, "n");
    assert_eq!(replay(&app).view.now, recorded().end, "nothing more is done up to the end");
    for stop in expected.iter().rev() {
        press(&mut app, "p");
        assert_eq!(replay(&app).view.now, *stop);
    }
    press(&mut app, "p");
    assert_eq!(now(&app), 0.0);
    for stop in &expected {
        press(&mut app, "n");
        assert_eq!(replay(&app).view.now, *stop, "and so once more, now that they are known");
    }
}

#[test]
fn a_stop_tells_what_has_just_been_seen() {
    let mut app = app();
    press(&mut app, "t220se");
    let Banner::Story(lines) = &replay(&app).ui.banner else { panic!("{:?}", replay(&app).ui.banner) };
    assert_eq!((lines.len(), lines[0].what.as_str()), (1, "roll back payments"));
    press(&mut app, ">");
    assert_eq!((now(&app), &replay(&app).ui.banner), (280.0, &Banner::Empty), "nothing was done just then");
    press(&mut app, "t219se");
    assert_eq!(replay(&app).ui.banner, Banner::Empty);
}

#[test]
fn what_the_seat_saw_is_the_same_whichever_way_one_came() {
    let mut app = app();
    let mut seats = Vec::new();
    for keys in ["n>>", "p<n", "s", "$", "<<<p", "t3me", "nn>", "s", "^n", "t8m20se", "p<S"] {
        press(&mut app, keys);
        let seen = &replay(&app).view;
        let seat = ["ana", "olga", "launch"].iter().position(|name| *name == seen.seat).expect("one of them");
        assert_eq!(*seen, straight(seen.now, seat), "after {keys}");
        seats.push(seat);
    }
    assert_eq!(seats, [0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 1]);
}

#[test]
fn a_key_counts_as_often_as_it_is_pressed_while_the_clock_is_on_its_way() {
    let mut app = app();
    (0..3).for_each(|_| app.press(Key::Right));
    until_there(&mut app);
    assert_eq!(now(&app), 180.0);
    press(&mut app, "$");
    let stops = stops();
    (0..3).for_each(|_| app.press(Key::Char('p')));
    until_there(&mut app);
    assert_eq!(replay(&app).view.now, stops[stops.len() - 3]);
}

#[test]
fn work_that_does_not_fit_a_frame_goes_on_in_the_next() {
    let mut app = app();
    app.press(Key::End);
    app.tick(FRAME, &|| false);
    assert_eq!((now(&app), replay(&app).ui.clock.flow), (0.25, Flow::Seeks(recorded().end)));
    app.press(Key::Char(' '));
    assert!(!app.is_live(), "and one can stop on the way");
}

#[test]
fn nothing_can_be_ordered() {
    let orders =
        |command| matches!(command, Command::Pick(_) | Command::Choose | Command::Confirm | Command::ConfirmIn(_));
    for c in (' '..='~').map(Key::Char).chain([Key::Enter, Key::Tab, Key::Backspace]) {
        assert!(!keys::command(Context::Replay, c).is_some_and(orders), "{c:?}");
    }
    let mut app = app();
    press(&mut app, "t180se");
    let before = replay(&app).view.clone();
    press(&mut app, "1234567890yb");
    app.press(Key::Enter);
    assert_eq!((app.in_front(), &replay(&app).view), (Context::Replay, &before));
    press(&mut app, "$");
    assert_eq!(replay(&app).view, straight(recorded().end, 0));
}

#[test]
fn every_seat_can_be_looked_over_the_shoulder() {
    let mut app = app();
    press(&mut app, "t3me");
    let mut seats = Vec::new();
    for _ in 0..4 {
        seats.push(replay(&app).view.seat.clone());
        press(&mut app, "s");
    }
    assert_eq!(seats, ["ana", "olga", "launch", "ana"]);
    press(&mut app, "SS");
    assert_eq!((replay(&app).view.seat.as_str(), now(&app)), ("launch", 180.0));
}

#[test]
fn a_time_is_gone_to_when_it_is_one() {
    let mut app = app();
    press(&mut app, "t");
    assert_eq!(app.in_front(), Context::GoTo);
    press(&mut app, "12e");
    assert!(replay(&app).typed.as_ref().is_some_and(|typed| typed.is_refused && typed.text == "12"));
    app.press(Key::Backspace);
    assert!(replay(&app).typed.as_ref().is_some_and(|typed| !typed.is_refused && typed.text == "1"));
    press(&mut app, ":30e");
    assert_eq!((app.in_front(), now(&app)), (Context::Replay, 90.0));
    press(&mut app, "t5mx");
    assert_eq!((app.in_front(), now(&app)), (Context::Replay, 90.0), "Esc stays");
    press(&mut app, "t2he");
    assert_eq!(replay(&app).view.now, recorded().end, "no further than it goes");
    press(&mut app, "t0:00e");
    assert_eq!(now(&app), 0.0);
}

#[test]
fn the_clock_stands_while_a_time_is_typed() {
    let mut app = app();
    press(&mut app, " t");
    assert!(!app.is_live());
    press(&mut app, "x");
    assert!(app.is_live(), "and runs on when it is not gone to");
    app.press(Key::Char('?'));
    assert!(!app.is_live(), "so it does in the help");
}

#[test]
fn where_it_ends_the_debrief_opens_and_leads_back() {
    for script in ["$ ", "d", "nd", "t9me d"] {
        let mut app = app();
        press(&mut app, script);
        (0..2).for_each(|_| app.tick(FRAME, &|| true));
        let Screen::Debrief(debrief) = &app.screen else { panic!("no debrief after {script}") };
        assert_eq!(debrief.played.ending, Ending::Recorded);
        assert_eq!(debrief.played.summary.simulated, Span::from_millis(600_123));
        press(&mut app, "x");
        assert_eq!((replay(&app).view.now, replay(&app).ui.clock.flow), (recorded().end, Flow::Paused));
        press(&mut app, "p");
        assert!(replay(&app).view.now < recorded().end);
    }
}

#[test]
fn running_leads_to_the_debrief_by_itself_and_is_no_result() {
    let mut app = app();
    press(&mut app, " ");
    for _ in 0..1_000 {
        app.tick(FRAME, &|| true);
    }
    assert_eq!(app.in_front(), Context::Debrief);
    assert!(app.into_last().is_none(), "what somebody did then is no answer now");
}

#[test]
fn the_drill_that_was_recorded_can_be_played() {
    let mut app = app();
    press(&mut app, "dr");
    assert_eq!(app.in_front(), Context::Play);
}

#[test]
fn one_plays_on_from_where_the_recording_is() {
    let mut app = app();
    press(&mut app, "f");
    let told = Banner::Note("nothing has happened yet".to_owned());
    assert_eq!((app.in_front(), &replay(&app).ui.banner), (Context::Replay, &told), "or is told why not");
    press(&mut app, "t3mef");
    let Screen::Play(play) = &app.screen else { panic!("not playing") };
    assert_eq!((play.view.clone(), play.ui.clock.flow), (straight(Time::ZERO + Span::from_secs(180), 0), Flow::Paused));
    assert!(play.view.choices.iter().any(|choice| choice.label.starts_with("roll back")), "nobody has done it yet");
}

#[test]
fn a_recording_is_left_without_a_question() {
    let mut app = app();
    press(&mut app, "nxx");
    assert!(app.is_open(), "Esc leaves nothing");
    press(&mut app, "q");
    assert!(!app.is_open());
}
