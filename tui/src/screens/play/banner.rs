//! The banner: why the clock stopped, and what one can do now.

use super::Scene;
use crate::app::clock::Flow;
use crate::app::replay::Replay;
use crate::app::ui::Banner;
use crate::events::Kind;
use crate::text::{Pad, clip};
use crate::theme::Tone;
use sim::{Line, Stop};

/// Draws it.
pub(super) fn draw(scene: Scene<'_>, pad: &mut Pad<'_>) {
    let (text, tone) = match &scene.ui.banner {
        Banner::Empty => (idle(scene).to_owned(), Tone::Quiet),
        Banner::Story(lines) => (story(lines), Kind::of_all(lines).tone()),
        Banner::Note(note) => (note.clone(), Tone::Plain),
        Banner::News(stops) => (news(scene, stops), tone(stops)),
    };
    let text = clip(&text, pad.width(), scene.theme.glyphs.more);
    pad.line(scene.theme.paint(text, tone));
}

/// What has been seen just now, in words.
fn story(lines: &[Line]) -> String {
    let said: Vec<_> = lines.iter().map(|line| format!("{}: {}", line.who, line.what)).collect();
    said.join("; ")
}

fn idle(scene: Scene<'_>) -> &'static str {
    if let Some(replay) = scene.replay {
        return idle_recording(replay);
    }
    match scene.ui.clock.flow {
        Flow::Runs if scene.ui.coach => "The clock stops by itself when something calls for you.",
        Flow::Paused => "The clock stands. Look around, choose, or press Space to let it run.",
        Flow::Closes => "You declared it over. Time runs on to show what stays behind.",
        Flow::Runs | Flow::Stopped | Flow::Skips | Flow::Seeks(_) => "",
    }
}

fn idle_recording(replay: &Replay) -> &'static str {
    match replay.ui.clock.flow {
        Flow::Paused if replay.view.now >= replay.end() => "The recording ends here. d tells what it came to.",
        Flow::Paused => "This has happened. Space lets it run, n goes to the next thing that was done.",
        Flow::Runs | Flow::Stopped | Flow::Skips | Flow::Closes | Flow::Seeks(_) => "",
    }
}

fn news(scene: Scene<'_>, stops: &[Stop]) -> String {
    let said: Vec<_> = stops.iter().map(words).collect();
    let said = said.join("; ");
    match scene.ui.clock.flow {
        Flow::Stopped if scene.ui.coach => format!("{said}. {}Choose, or Space runs on.", still(scene, stops)),
        _ => said,
    }
}

/// When something took effect and did not help.
fn still(scene: Scene<'_>, stops: &[Stop]) -> &'static str {
    let firing = scene.view.alerts.iter().any(|alert| alert.firing.is_some());
    let done = stops.iter().all(|stop| matches!(stop, Stop::InEffect(_)));
    if done && firing { "Alerts still fire. " } else { "" }
}

/// A stop in words.
fn words(stop: &Stop) -> String {
    match stop {
        Stop::Alert(name) => format!("ALERT {name} fires"),
        Stop::InEffect(what) | Stop::Thwarted(what) => what.clone(),
        Stop::Found(_) => "FOUND what is told below".to_owned(),
        Stop::Recovered => "everything is back".to_owned(),
        Stop::Horizon => "the drill is over".to_owned(),
        Stop::Bound(stopped) => stopped.to_string(),
    }
}

fn tone(stops: &[Stop]) -> Tone {
    match stops {
        stops if stops.iter().any(|stop| matches!(stop, Stop::Alert(_))) => Tone::Fail,
        stops if stops.iter().any(|stop| matches!(stop, Stop::Found(_))) => Tone::Data,
        _ => Tone::Strong,
    }
}
