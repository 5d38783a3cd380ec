//! `gameday report`: a recorded run as a document.

use crate::cli::Report;
use crate::console::{say, say_json};
use crate::exit::{Exit, Failure};
use crate::playback;
use reports::postmortem::{Postmortem, markdown};
use reports::run::json;
use sim::{Explanation, Figure, Session};

/// Writes what a recorded run came to, and because of what.
pub(crate) fn report(what: &Report) -> Result<Exit, Failure> {
    let playback = playback::open(&what.file)?;
    let session = playback.at(playback.end());
    let (summary, command) = (session.debrief(), format!("gameday replay {} --verify", playback.name()));
    let context = playback.context(&command);
    if what.json {
        say_json(&json(&summary, &context))?;
    } else {
        let explanations = explanations(&session);
        let parameters = session.scenario().parameters();
        let postmortem =
            Postmortem { summary: &summary, explanations: &explanations, parameters: &parameters, context };
        say(&markdown(&postmortem))?;
    }
    Ok(Exit::Good)
}

/// What is known of the figures that are not zero. Two are sums of others.
fn explanations(session: &Session) -> Vec<Explanation> {
    let figures = Figure::ALL.into_iter().filter(|figure| !matches!(figure, Figure::Data | Figure::Backlog));
    figures.map(|figure| session.explain(figure)).filter(|explanation| explanation.count.ever > 0).collect()
}
