//! Queues: time, loss and number inside of models whose answer is exact.

use crate::claim::{Claim, Row, Unit};
use crate::effort::{Effort, Runner};
use crate::estimate::float;
use crate::parameters::{Station, Work, breakdowns, endpoint, library_model, requests_per_second, visits};
use crate::suite::Gap;
use crate::theory::queues;
use crate::watch::{Occupied, failed_share, mean_seconds, occupied, spent_seconds};
use model::time::{Span, Time};
use model::traffic::Demand;
use sim::{Model, World};

/// What is missing.
pub(crate) const GAPS: &[Gap] = &[];

/// How far the average number inside may be from λ W: a window cuts some stays in two at both ends.
const EDGES: f64 = 1e-3;

/// How far a time may be told above what it was: the width of a bucket of the histograms.
const RESOLUTION: f64 = 1.0 / 128.0;

/// A model that was run once for each seed.
struct Runs {
    name: &'static str,
    model: Model,
    runs: Vec<Occupied>,
    effort: Effort,
}

/// Every row of the suite.
pub(crate) fn rows(runner: Runner) -> Vec<Row> {
    let delays = [("mm1", queues::MM1), ("mm8", queues::ERLANG_C)];
    let losses = [("mmcc", queues::ERLANG_B), ("mdcc", queues::INSENSITIVITY), ("mgcc", queues::INSENSITIVITY)];
    let delays = delays.into_iter().flat_map(|(name, source)| Runs::of(name, runner).delay(source));
    let waits = ["md1", "mg1", "mg1-percentiles"].into_iter().flat_map(|name| Runs::of(name, runner).general());
    let losses = losses.into_iter().flat_map(|(name, source)| Runs::of(name, runner).loss(source));
    let all = delays.chain(waits).chain(Runs::of("mm1k", runner).bounded()).chain(losses);
    let shared = ["mm1-ps", "mg1-ps"].into_iter().flat_map(|name| Runs::of(name, runner).shared());
    let broken = Runs::of("mm1-breakdown", runner).broken();
    let all = all.chain(shared).chain(broken).chain(Runs::of("jackson", runner).network());
    all.chain(Runs::of("closed", runner).closed()).chain(day(runner)).collect()
}

/// How many requests come in a day, and in parts of it, when the rate follows the time of day. Each run is a day.
fn day(runner: Runner) -> Vec<Row> {
    let model = library_model("diurnal");
    let hours: [u64; 4] = [8, 13, 15, 24];
    let runs = runner.runs(|seed| {
        let mut world = World::new(model.clone(), seed);
        hours.map(|hour| {
            world.run_until(Time::ZERO + Span::from_secs(hour * 3600));
            float(world.arrived())
        })
    });
    // As its file says: the model knows pieces of constant rate only.
    let sine = queues::Day { low: 2.0, high: 9.0, peak: 14.0 };
    let row = |figure: &str, what: &str, from: Option<usize>, to: usize| {
        let start = from.map_or(0, |from| hours[from]);
        let published = queues::requests_between(sine, float(start), float(hours[to]));
        let claim = Claim {
            model: "diurnal",
            figure: figure.to_owned(),
            what: what.to_owned(),
            unit: Unit::Number,
            published: Some(published),
            source: queues::CHANGING_RATE,
        };
        let counts: Vec<f64> = runs.iter().map(|run| run[to] - from.map_or(0.0, |from| run[from])).collect();
        claim.estimated(&counts, runner.effort.pick(0.01, 0.03))
    };
    vec![
        row("day", "requests in a day", None, 3),
        row("night", "requests before eight", None, 0),
        row("peak", "requests from one to three", Some(1), 2),
    ]
}

impl Runs {
    fn of(name: &'static str, runner: Runner) -> Self {
        let model = library_model(name);
        let (warm_up, counted) = runner.effort.pick((100_000, 1_000_000), (25_000, 200_000));
        let runs = runner.runs(|seed| occupied(&model, seed, warm_up, counted));
        Runs { name, model, runs, effort: runner.effort }
    }

    /// M/M/1//N: users who wait for their answers.
    fn closed(&self) -> Vec<Row> {
        let source = &self.model.system.sources[0];
        let Demand::Closed { users, think } = source.demand else { panic!("{} has users", self.name) };
        let think = Work::of(&self.model, think).mean;
        let service = Station::at(&self.model, source.endpoint.index(), 0.0).service_rate();
        let rate = queues::throughput_of_users(users, think, service);
        let what = "answers per second".to_owned();
        let claim = self.claim("throughput", what, Unit::Number, rate, queues::REPAIRMEN);
        let rates = self.each(|run| float(run.watched.outside().count) / run.watched.seconds());
        let throughput = claim.estimated(&rates, self.widest(1.0));
        vec![throughput, self.time(f64::from(users) / rate - think, queues::REPAIRMEN), self.little()]
    }

    /// M/M/c, and what one server says of M/G/1 with exponential work.
    fn delay(&self, source: &'static str) -> Vec<Row> {
        let Station { arrivals, servers, .. } = self.station();
        let time = queues::time_in_mmc(arrivals, self.station().service_rate(), servers);
        let alone = if servers == 1 { vec![self.quantile(95), self.quantile(99), self.wait()] } else { vec![] };
        [self.time(time, source)].into_iter().chain(alone).chain([self.little()]).collect()
    }

    /// A percentile of the time in M/M/1. A histogram tells it up to a bucket too high: that is the slack.
    /// The luck of a tail is about twice that of a mean.
    fn quantile(&self, percent: u32) -> Row {
        let Station { arrivals, .. } = self.station();
        let share = f64::from(percent) / 100.0;
        let time = queues::quantile_in_mm1(arrivals, self.station().service_rate(), share);
        let what = format!("{percent}th percentile of the time in system");
        let claim = self.claim(&format!("p{percent}"), what, Unit::Seconds, time, queues::MM1);
        claim
            .near(&self.each(|run| run.watched.quantile_seconds(share)), time * RESOLUTION)
            .no_wider(2.0 * self.widest(1.0))
    }

    /// M/G/1.
    fn general(&self) -> Vec<Row> {
        vec![self.wait(), self.little()]
    }

    /// M/G/1-PS.
    fn shared(&self) -> Vec<Row> {
        let Station { arrivals, work, .. } = self.station();
        vec![self.time(queues::time_in_mg1_ps(arrivals, work.mean), queues::PROCESSOR_SHARING), self.little()]
    }

    /// M/M/1 with breakdowns.
    fn broken(&self) -> Vec<Row> {
        let (station, breakdowns) = (self.station(), breakdowns(&self.model, "queue"));
        let time = queues::time_in_mm1_with_breakdowns(station.arrivals, station.service_rate(), breakdowns);
        vec![self.time(time, queues::BREAKDOWNS), self.little()]
    }

    /// The wait, which is what is left of the time without the work.
    fn wait(&self) -> Row {
        let Station { arrivals, work, .. } = self.station();
        let wait = queues::wait_in_mg1(arrivals, work.mean, work.cv2);
        let what = format!("mean wait, cv^2 of the work {:.0}", work.cv2);
        let claim = self.claim("wait", what, Unit::Seconds, wait, queues::POLLACZEK_KHINCHINE);
        let waits = self.each(|run| mean_seconds(run.watched.outside()) - work.mean);
        claim.estimated(&waits, self.widest(work.cv2))
    }

    /// M/M/1/K.
    fn bounded(&self) -> Vec<Row> {
        let station = self.station();
        let places = station.servers + station.room;
        let lost = queues::lost_by_mm1k(station.arrivals * station.work.mean, places);
        let time = queues::time_in_mm1k(station.arrivals, station.service_rate(), places);
        vec![self.lost(lost, queues::MM1K), self.time(time, queues::MM1K), self.little()]
    }

    /// M/G/c/c.
    fn loss(&self, source: &'static str) -> Vec<Row> {
        let Station { arrivals, work, servers, .. } = self.station();
        vec![self.lost(queues::erlang_b(arrivals * work.mean, servers), source), self.little()]
    }

    /// A network: the number at each station, and the time on the whole way.
    fn network(&self) -> Vec<Row> {
        let stations = ["entry", "desk", "store"];
        let numbers = stations.map(|name| self.number_at(name));
        let time = numbers.iter().sum::<f64>() / requests_per_second(&self.model);
        let mut rows = vec![self.time(time, queues::PRODUCT_FORM)];
        rows.extend(stations.into_iter().zip(numbers).map(|(name, number)| self.at_station(name, number)));
        rows.push(self.little());
        rows
    }

    fn number_at(&self, station: &str) -> f64 {
        let place = endpoint(&self.model, &format!("{station}.serve"));
        let arrivals = requests_per_second(&self.model) * visits(&self.model)[place];
        queues::number_at_station(arrivals, Station::at(&self.model, place, arrivals).service_rate())
    }

    fn at_station(&self, station: &'static str, number: f64) -> Row {
        let place = endpoint(&self.model, &format!("{station}.serve"));
        let claim =
            self.claim(station, format!("mean number at {station}"), Unit::Number, number, queues::PRODUCT_FORM);
        let numbers = self.each(|run| spent_seconds(run.watched.attempts_at(place)) / run.watched.seconds());
        claim.estimated(&numbers, self.widest(1.0))
    }

    fn time(&self, published: f64, source: &'static str) -> Row {
        let claim = self.claim("time", "mean time in system".to_owned(), Unit::Seconds, published, source);
        claim.estimated(&self.each(|run| mean_seconds(run.watched.outside())), self.widest(1.0))
    }

    fn lost(&self, published: f64, source: &'static str) -> Row {
        let claim = self.claim("loss", "share turned away".to_owned(), Unit::Share, published, source);
        claim.estimated(&self.each(|run| failed_share(run.watched.outside())), self.widest(1.0))
    }

    /// The time average of the number inside, over what the times of the answers make of it.
    fn little(&self) -> Row {
        let claim = self.claim("little", "number inside / (rate x time)".to_owned(), Unit::Number, 1.0, queues::LITTLE);
        let ratio = |run: &Occupied| run.inside * run.watched.seconds() / spent_seconds(run.watched.outside());
        claim.near(&self.each(ratio), EDGES)
    }

    fn claim(&self, figure: &str, what: String, unit: Unit, published: f64, source: &'static str) -> Claim {
        Claim { model: self.name, figure: figure.to_owned(), what, unit, published: Some(published), source }
    }

    fn station(&self) -> Station {
        Station::of(&self.model)
    }

    fn each(&self, figure: impl Fn(&Occupied) -> f64) -> Vec<f64> {
        self.runs.iter().map(figure).collect()
    }

    /// The widest interval worth anything, as a share of the figure. 3 % here are 1.5 % at a confidence of 99 %; work
    /// that varies a lot would need longer runs for as much.
    fn widest(&self, cv2: f64) -> f64 {
        if cv2 > 1.0 { self.effort.pick(0.06, 0.18) } else { self.effort.pick(0.03, 0.09) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Verdict;
    use scenarios::{Bundle, library};

    /// The model with another number of places to wait.
    fn with_room(name: &str, from: &str, to: &str) -> Model {
        let bundle = Bundle::bundled(library::find(name).expect("it is bundled"));
        let text = bundle.text.replace(from, to);
        Model::new(scenarios::compile(&bundle.with_text(text)).expect("it still compiles").scenario)
    }

    fn runs_of(lived: &Model, claimed: &Model) -> Runs {
        let runner = Runner::new(Effort::Quick, 2);
        let runs = runner.runs(|seed| occupied(lived, seed, 2000, 20_000));
        Runs { name: "mdcc", model: claimed.clone(), runs, effort: runner.effort }
    }

    #[test]
    fn an_engine_with_one_place_too_many_does_not_agree() {
        let model = library_model("mdcc");
        let roomier = with_room("mdcc", "queue: 0", "queue: 1");
        let verdict = |lived: &Model| runs_of(lived, &model).loss(queues::ERLANG_B)[0].verdict;
        assert_eq!([verdict(&model), verdict(&roomier)], [Verdict::Agrees, Verdict::Differs]);
    }
}
