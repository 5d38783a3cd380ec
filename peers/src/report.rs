//! What the rounds came to, as text and as JSON.

use crate::Peer;
use crate::chain::Outcome;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::Duration;

/// All rounds of everybody.
pub(crate) struct Report {
    pub(crate) seconds: u64,
    pub(crate) seed: u64,
    pub(crate) rows: Vec<Row>,
}

/// All rounds of one.
pub(crate) struct Row {
    pub(crate) peer: Peer,
    pub(crate) outcome: Outcome,
    /// Process CPU time, round by round.
    pub(crate) cpu: Vec<Duration>,
}

impl Row {
    fn median_cpu(&self) -> f64 {
        median(self.cpu.iter().map(Duration::as_secs_f64))
    }

    #[allow(clippy::cast_precision_loss)]
    fn requests_per_second(&self) -> f64 {
        self.outcome.arrived as f64 / self.median_cpu()
    }

    #[allow(clippy::cast_precision_loss)]
    fn ns_per_event(&self) -> f64 {
        self.median_cpu() * 1e9 / self.outcome.events as f64
    }
}

impl Report {
    fn row(&self, peer: Peer) -> &Row {
        self.rows.iter().find(|row| row.peer == peer).expect("everybody has a row")
    }

    /// Whether gameday and the chains by hand with its random numbers have lived through the same run.
    pub(crate) fn same_run(&self) -> bool {
        let gameday = self.row(Peer::Gameday).outcome;
        [Peer::Hand, Peer::HandRing].into_iter().all(|peer| self.row(peer).outcome.same_run(&gameday))
    }

    /// How fast gameday is for one request of `other`: the median over the rounds of the quotient in each.
    #[allow(clippy::cast_precision_loss)]
    fn ratio(&self, other: Peer) -> f64 {
        let (gameday, other) = (self.row(Peer::Gameday), self.row(other));
        let per_request = |row: &Row, cpu: &Duration| cpu.as_secs_f64() / row.outcome.arrived as f64;
        median(gameday.cpu.iter().zip(&other.cpu).map(|(own, its)| per_request(other, its) / per_request(gameday, own)))
    }

    /// A table for people.
    pub(crate) fn text(&self) -> String {
        let rounds = self.rows[0].cpu.len();
        let mut out = format!(
            "chain of 4 services, {} s at 5600 requests/s, seed {}; process CPU time, median of {rounds}\n\n{:<42}\
             {:>12}{:>9}{:>9}{:>8}{:>9}{:>9}{:>10}\n",
            self.seconds,
            self.seed,
            "",
            "requests/s",
            "ns/event",
            "ev/req",
            "mean ms",
            "p99 ms",
            "retries",
            "gameday x"
        );
        self.rows.iter().for_each(|row| self.line(row, &mut out));
        let same = if self.same_run() { "the same run, answer for answer" } else { "NOT the same run: void" };
        write!(out, "\ngameday and the chains by hand with its random numbers: {same}\n").expect("a string");
        out
    }

    #[allow(clippy::cast_precision_loss)]
    fn line(&self, row: &Row, out: &mut String) {
        let Row { peer, outcome, .. } = row;
        let per_request = outcome.events as f64 / outcome.arrived as f64;
        let p99 = outcome.p99_ns.map_or("-".to_owned(), |ns| format!("{:.1}", ns as f64 / 1e6));
        let retries = outcome.retry_percent().map_or("-".to_owned(), |percent| format!("{percent:.2} %"));
        writeln!(
            out,
            "{:<42}{:>12.0}{:>9.1}{:>9.2}{:>8.3}{p99:>9}{retries:>9}{:>10.2}",
            peer.about(),
            row.requests_per_second(),
            row.ns_per_event(),
            per_request,
            outcome.mean_ms(),
            self.ratio(*peer),
        )
        .expect("a string");
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> String {
        let document = json!({
            "version": 1,
            "simulated_seconds": self.seconds,
            "seed": self.seed,
            "rounds": self.rows[0].cpu.len(),
            "same_run": self.same_run(),
            "peers": self.rows.iter().map(|row| self.row_json(row)).collect::<Vec<_>>(),
        });
        format!("{document:#}\n")
    }

    fn row_json(&self, row: &Row) -> Value {
        let Row { peer, outcome, cpu } = row;
        json!({
            "peer": peer.name(),
            "about": peer.about(),
            "requests_per_second": row.requests_per_second(),
            "ns_per_event": row.ns_per_event(),
            "events": outcome.events,
            "requests": outcome.arrived,
            "answered": outcome.answered,
            "failed": outcome.failed,
            "retries": outcome.retries,
            "mean_ms": outcome.mean_ms(),
            "p99_ns": outcome.p99_ns,
            "gameday_times_as_fast": self.ratio(*peer),
            "cpu_seconds": cpu.iter().map(Duration::as_secs_f64).collect::<Vec<_>>(),
        })
    }
}

/// The middle of the values; of an even number the upper one of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_round_does_not_move_the_median() {
        assert_eq!(median([3.0, 1.0, 99.0, 2.0, 2.5].into_iter()), 2.5);
    }
}
