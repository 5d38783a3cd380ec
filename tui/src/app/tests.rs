//! Scripts of keys against a real, tiny session.

use super::clock::Flow;
use super::screen::Screen;
use super::ui::Banner;
use super::{App, Settings};
use crate::debrief::Ending;
use crate::fixture::Shelf;
use crate::keys::{Context, Key};
use crate::pace::Speed;
use sim::{Outcome, Stop};
use std::time::Duration;

const SETTINGS: Settings = Settings { speed: None, coach: true };
const FRAME: Duration = Duration::from_millis(33);

fn app() -> App<'static> {
    App::new(&Shelf, SETTINGS)
}

/// Presses the keys of a script: `e` Enter, `x` Esc, anything else itself.
fn press(app: &mut App<'_>, script: &str) {
    for c in script.chars() {
        app.press(match c {
            'e' => Key::Enter,
            'x' => Key::Esc,
            c => Key::Char(c),
        });
    }
}

/// Lets frames pass until nothing moves.
fn until_still(app: &mut App<'_>) {
    for _ in 0..20_000 {
        if app.in_front() != Context::Play || !app.is_live() {
            return;
        }
        app.tick(FRAME, &|| true);
    }
    panic!("the clock never stopped");
}

/// Plays up to the first alert.
fn at_first_alert() -> App<'static> {
    let mut app = app();
    press(&mut app, "ee");
    until_still(&mut app);
    app
}

fn play<'a>(app: &'a App<'_>) -> &'a super::play::Play {
    match &app.screen {
        Screen::Play(play) => play,
        other => panic!("not playing: {other:?}"),
    }
}

fn number_of(app: &App<'_>, label: &str) -> String {
    let choices = &play(app).view.choices;
    let at = choices.iter().position(|choice| choice.label.starts_with(label)).expect(label);
    (at + 1).to_string()
}

fn pick(app: &mut App<'_>, label: &str) {
    let number = number_of(app, label);
    press(app, &number);
}

#[test]
fn enter_twice_starts_the_first_drill() {
    let mut app = app();
    assert_eq!(app.in_front(), Context::Home);
    press(&mut app, "e");
    assert_eq!(app.in_front(), Context::Brief);
    assert!(!app.is_live(), "the clock stands during the brief");
    press(&mut app, "e");
    assert_eq!(app.in_front(), Context::Play);
    assert!(app.is_live());
}

#[test]
fn the_clock_stops_by_itself_at_the_first_alert() {
    let app = at_first_alert();
    let play = play(&app);
    assert_eq!(play.ui.clock.flow, Flow::Stopped);
    assert_eq!(play.ui.banner, Banner::News(vec![Stop::Alert("checkout-burn".to_owned())]));
    assert_eq!(play.ui.clock.pace.speed, Speed::default(), "the quick start is over");
}

#[test]
fn a_whole_drill_takes_less_than_twelve_keys() {
    let mut app = at_first_alert();
    pick(&mut app, "roll back payments to 50");
    press(&mut app, "y");
    until_still(&mut app);
    press(&mut app, " ");
    until_still(&mut app);
    let Screen::Debrief(debrief) = &app.screen else { panic!("no debrief: {:?}", play(&app).ui.banner) };
    assert_eq!(debrief.played.ending, Ending::Recovered);
    assert_eq!(app.into_last().expect("it ended").outcome, Outcome::Recovered);
}

#[test]
fn nothing_but_y_confirms_danger() {
    let mut app = at_first_alert();
    let number = number_of(&app, "roll back");
    press(&mut app, &number);
    assert_eq!(app.in_front(), Context::Card);
    press(&mut app, &format!("{number}e ."));
    assert_eq!(app.in_front(), Context::Card, "the same key twice, Enter, Space do nothing");
    press(&mut app, "n");
    assert!(play(&app).view.running.is_empty());
    press(&mut app, &format!("{number}x"));
    assert!(play(&app).view.running.is_empty());
    assert_eq!(app.in_front(), Context::Play);
}

#[test]
fn the_glass_is_broken_only_where_somebody_would_have_to_be_asked() {
    let mut app = at_first_alert();
    pick(&mut app, "roll back");
    press(&mut app, "b");
    assert_eq!(app.in_front(), Context::Card, "whoever may do it has no glass to break");
    press(&mut app, "n");
    pick(&mut app, "switch");
    press(&mut app, "b");
    assert_eq!(app.in_front(), Context::Play);
    let said: Vec<_> = play(&app).view.timeline.iter().rev().map(|line| line.what.clone()).take(3).collect();
    assert!(said.iter().any(|line| line.starts_with("breaks the glass")), "{said:?}");
    assert!(play(&app).view.running.iter().all(|order| !order.progress.starts_with("waits for")));
}

#[test]
fn the_clock_stands_while_a_card_is_open() {
    let mut app = at_first_alert();
    press(&mut app, " ");
    pick(&mut app, "roll back");
    let before = play(&app).view.now;
    app.tick(FRAME, &|| true);
    assert_eq!(play(&app).view.now, before);
    press(&mut app, "n");
    app.tick(FRAME, &|| true);
    assert!(play(&app).view.now > before, "and runs on when it is closed");
}

#[test]
fn harmless_choices_are_made_at_once_and_keep_the_clock_where_it_is() {
    let mut app = at_first_alert();
    pick(&mut app, "acknowledge");
    let play = play(&app);
    assert_eq!(play.ui.clock.flow, Flow::Stopped);
    assert!(play.view.choices.iter().all(|choice| !choice.label.starts_with("acknowledge")));
}

#[test]
fn a_look_lets_time_run_on_and_stops_with_what_it_found() {
    let mut app = at_first_alert();
    pick(&mut app, "look at failing requests");
    assert_eq!(play(&app).ui.clock.flow, Flow::Runs);
    until_still(&mut app);
    assert!(play(&app).ui.findings[0].contains("fees are rounded below zero"), "{:?}", play(&app).ui.findings);
    press(&mut app, "x");
    assert!(play(&app).ui.findings.is_empty(), "Esc closes the findings first");
    assert_eq!(app.in_front(), Context::Play);
}

#[test]
fn declaring_it_over_runs_on_to_the_end() {
    let mut app = at_first_alert();
    pick(&mut app, "declare the incident over");
    press(&mut app, "y");
    assert_eq!(play(&app).ui.clock.flow, Flow::Closes);
    until_still(&mut app);
    let Screen::Debrief(debrief) = &app.screen else { panic!("no debrief") };
    assert_eq!(debrief.played.ending, Ending::Resolved);
    assert_eq!(debrief.played.summary.outcome, Outcome::NotRecovered);
}

#[test]
fn without_the_coach_the_clock_runs_through_alerts() {
    let mut app = App::new(&Shelf, Settings { coach: false, ..SETTINGS });
    press(&mut app, "ee");
    until_still(&mut app);
    let Screen::Debrief(debrief) = &app.screen else { panic!("stopped before its end") };
    assert_eq!(debrief.played.ending, Ending::Horizon);
}

#[test]
fn stepping_stops_at_the_next_alert_without_a_coach_too() {
    let mut app = App::new(&Shelf, Settings { coach: false, ..SETTINGS });
    press(&mut app, "ee.");
    until_still(&mut app);
    assert_eq!(play(&app).ui.clock.flow, Flow::Stopped);
}

#[test]
fn enter_chooses_only_where_the_actions_have_the_keys() {
    let mut app = at_first_alert();
    app.press(Key::Tab);
    press(&mut app, "e");
    assert!(play(&app).view.choices[0].label.starts_with("acknowledge"), "the first Enter only goes there");
    press(&mut app, "e");
    assert!(!play(&app).view.choices[0].label.starts_with("acknowledge"));
}

#[test]
fn leaving_a_running_drill_asks_first() {
    let mut app = at_first_alert();
    press(&mut app, "q");
    assert_eq!(app.in_front(), Context::Question);
    press(&mut app, "eq");
    assert!(app.is_open(), "neither Enter nor q again leaves");
    press(&mut app, "n");
    assert_eq!(app.in_front(), Context::Play);
    press(&mut app, "xy");
    assert_eq!(app.in_front(), Context::Home, "Esc walks back");
    press(&mut app, "q");
    assert!(!app.is_open());
}

#[test]
fn ctrl_c_leaves_from_anywhere() {
    for script in ["", "e", "ee", "eeq", "ee?"] {
        let mut app = app();
        press(&mut app, script);
        app.press(Key::CtrlC);
        assert!(!app.is_open(), "after {script:?}");
    }
}

#[test]
fn esc_at_home_leaves_nothing() {
    let mut app = app();
    press(&mut app, "xxx");
    assert!(app.is_open());
}

#[test]
fn help_covers_the_screen_and_holds_the_clock() {
    let mut app = at_first_alert();
    press(&mut app, " ?");
    assert_eq!(app.in_front(), Context::Help);
    assert!(!app.is_live());
    press(&mut app, "x");
    assert_eq!(app.in_front(), Context::Play);
}

#[test]
fn a_drill_that_cannot_be_opened_says_why_at_home() {
    let mut app = app();
    press(&mut app, "je");
    let Screen::Home(home) = &app.screen else { panic!("not at home") };
    assert!(home.problem.as_ref().is_some_and(|text| text.contains("did you mean")));
    assert_eq!(home.selected, 1);
}

#[test]
fn a_drill_can_be_entered_directly_and_played_again() {
    let mut app = App::at_brief(&Shelf, SETTINGS, "tiny");
    assert_eq!(app.in_front(), Context::Brief);
    press(&mut app, "e");
    until_still(&mut app);
    pick(&mut app, "declare the incident over");
    press(&mut app, "y");
    until_still(&mut app);
    press(&mut app, "r");
    assert_eq!(app.in_front(), Context::Play);
    assert_eq!(play(&app).view.timeline, vec![], "from the start");
}

#[test]
fn tab_walks_through_the_debrief_and_round() {
    let mut app = at_first_alert();
    pick(&mut app, "declare the incident over");
    press(&mut app, "y");
    until_still(&mut app);
    let mut seen = Vec::new();
    for _ in 0..9 {
        let Screen::Debrief(debrief) = &app.screen else { panic!("no debrief") };
        seen.push(debrief.scrolled);
        app.press(Key::Tab);
    }
    assert!(seen[1] > seen[0] && seen[2] > seen[1], "{seen:?}");
    assert!(seen[1..].contains(&0), "{seen:?}");
}

#[test]
fn work_that_does_not_fit_a_frame_is_left_and_reported() {
    let mut app = app();
    press(&mut app, "ee");
    for _ in 0..40 {
        app.tick(FRAME, &|| false);
    }
    assert_eq!(play(&app).view.now.seconds(), 10.0, "one slice per frame");
    assert!(play(&app).ui.clock.pace.real().is_some_and(|real| real < 20));
}

#[test]
fn the_clock_stops_at_the_same_instants_however_frames_fall() {
    let stopped_at = |frame: Duration| {
        let mut app = app();
        press(&mut app, "ee");
        while app.is_live() {
            app.tick(frame, &|| true);
        }
        pick(&mut app, "roll back");
        press(&mut app, "y");
        while app.in_front() == Context::Play && app.is_live() {
            app.tick(frame, &|| true);
        }
        play(&app).view.clone()
    };
    assert_eq!(stopped_at(FRAME), stopped_at(Duration::from_micros(7_919)));
}

#[test]
fn a_drill_that_was_left_waits_for_the_player() {
    let mut opened = crate::fixture::opened();
    opened.session.live_to(model::time::Time::from_nanos(5_000_000_000));
    let mut app = app();
    app.play("tiny".to_owned(), opened);
    until_still(&mut app);
    assert_eq!((play(&app).ui.clock.flow, play(&app).view.now.nanos()), (Flow::Paused, 5_000_000_000));
    press(&mut app, " ");
    assert_eq!(play(&app).ui.clock.flow, Flow::Runs);
}
