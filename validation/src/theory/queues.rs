//! Queues with one answer. λ is `arrivals`, µ is `service`, the rate of one server.

/// W of M/M/1.
pub const MM1: &str = "L. Kleinrock, Queueing Systems I (1975), 3.2";
/// W of M/M/c.
pub const ERLANG_C: &str = "A. K. Erlang (1917), second formula; Kleinrock I, 3.5";
/// The share lost by M/M/1/K.
pub const MM1K: &str = "L. Kleinrock, Queueing Systems I (1975), 3.6";
/// The share lost by M/M/c/c.
pub const ERLANG_B: &str = "A. K. Erlang (1917), first formula; Kleinrock I, 3.7";
/// The share lost by M/G/c/c.
pub const INSENSITIVITY: &str = "B. A. Sevastyanov (1957): Erlang's first formula holds for any law of work";
/// The mean wait of M/G/1.
pub const POLLACZEK_KHINCHINE: &str = "F. Pollaczek (1930), A. Y. Khinchine (1932); Kleinrock I, 5";
/// The mean time in M/G/1 processor sharing.
pub const PROCESSOR_SHARING: &str =
    "M. Sakata, S. Noguchi, J. Oizumi, Operations Research 19 (1971), 371-385: any law of work";
/// The mean number in M/M/1 with breakdowns.
pub const BREAKDOWNS: &str = "B. Avi-Itzhak, P. Naor, Operations Research 11 (1963), 303-320: preemptive resume";
/// The number at each station of a network.
pub const PRODUCT_FORM: &str = "J. R. Jackson (1957); with fixed routes F. P. Kelly, J. Appl. Prob. 12 (1975), 542-554";
/// The throughput of M/M/1//N.
pub const REPAIRMEN: &str = "L. Kleinrock, Queueing Systems I (1975), 3.8: M/M/1//M";
/// The number of a Poisson process whose rate changes.
pub const CHANGING_RATE: &str = "E. Cinlar, Introduction to Stochastic Processes (1975), 4.7: the integral of the rate";
/// L = λ W.
pub const LITTLE: &str = "J. D. C. Little, Operations Research 9 (1961), 383-387: L = lambda W";

/// The share of requests that find all of c servers busy and no room to wait, at an offered load of a = λ/µ:
/// B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)). [`ERLANG_B`].
#[must_use]
pub fn erlang_b(load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| load * blocked / (f64::from(k) + load * blocked))
}

/// The share of requests that have to wait for one of c servers: B / (1 - ρ (1 - B)) with ρ = a/c < 1.
/// [`ERLANG_C`].
#[must_use]
pub fn erlang_c(load: f64, servers: u32) -> f64 {
    let blocked = erlang_b(load, servers);
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

/// The mean time in M/M/c: C / (c µ - λ) + 1/µ. With one server it is 1 / (µ - λ). [`ERLANG_C`], [`MM1`].
#[must_use]
pub fn time_in_mmc(arrivals: f64, service: f64, servers: u32) -> f64 {
    erlang_c(arrivals / service, servers) / (f64::from(servers) * service - arrivals) + 1.0 / service
}

/// The time in M/M/1 that a share p of the requests does not exceed: it is exponential, so -ln(1 - p) / (µ - λ).
/// [`MM1`].
#[must_use]
pub fn quantile_in_mm1(arrivals: f64, service: f64, share: f64) -> f64 {
    -(-share).ln_1p() / (service - arrivals)
}

/// The chance of finding n of at most K in M/M/1/K, in proportion: ρⁿ, for n from 0 to K. [`MM1K`].
fn states_of_mm1k(load: f64, places: u32) -> Vec<f64> {
    let powers = std::iter::successors(Some(1.0), |power| Some(power * load));
    powers.take(places as usize + 1).collect()
}

/// The share of requests that find M/M/1/K full: ρ^K / (1 + ρ + ... + ρ^K), which is
/// (1 - ρ) ρ^K / (1 - ρ^(K+1)) and holds for ρ = 1, too. [`MM1K`].
#[must_use]
pub fn lost_by_mm1k(load: f64, places: u32) -> f64 {
    let states = states_of_mm1k(load, places);
    states.last().copied().unwrap_or(1.0) / states.iter().sum::<f64>()
}

/// The mean time in M/M/1/K of the requests that find room: L / (λ (1 - P)). [`MM1K`], [`LITTLE`].
#[must_use]
pub fn time_in_mm1k(arrivals: f64, service: f64, places: u32) -> f64 {
    let load = arrivals / service;
    let states = states_of_mm1k(load, places);
    let inside: f64 = (0..=places).zip(&states).map(|(n, state)| f64::from(n) * state).sum();
    inside / states.iter().sum::<f64>() / (arrivals * (1.0 - lost_by_mm1k(load, places)))
}

/// The mean wait before service in M/G/1, with ρ = λ E\[S\] and the squared coefficient of variation of the
/// work: ρ (1 + cv²) / (2 (1 - ρ)) E\[S\]. [`POLLACZEK_KHINCHINE`].
#[must_use]
pub fn wait_in_mg1(arrivals: f64, mean_work: f64, cv2: f64) -> f64 {
    let utilisation = arrivals * mean_work;
    utilisation * (1.0 + cv2) / (2.0 * (1.0 - utilisation)) * mean_work
}

/// The mean time in M/G/1 processor sharing: E\[S\] / (1 - ρ), whatever the law of the work. [`PROCESSOR_SHARING`].
#[must_use]
pub fn time_in_mg1_ps(arrivals: f64, mean_work: f64) -> f64 {
    mean_work / (1.0 - arrivals * mean_work)
}

/// How a server fails: the rates of breakdowns and of repairs.
#[derive(Clone, Copy, Debug)]
pub struct Failing {
    /// ξ.
    pub breakdowns: f64,
    /// η.
    pub repairs: f64,
}

/// The mean time in M/M/1 whose server breaks down at any time and goes on with its work after the repair:
/// ((ξ + η)² + ξ µ) / ((ξ + η) (η µ - λ (ξ + η))). [`BREAKDOWNS`], [`LITTLE`].
#[must_use]
pub fn time_in_mm1_with_breakdowns(arrivals: f64, service: f64, failing: Failing) -> f64 {
    let Failing { breakdowns, repairs } = failing;
    let both = breakdowns + repairs;
    (both * both + breakdowns * service) / (both * (repairs * service - arrivals * both))
}

/// Answers per second of M/M/1//N, whose N users think for Z on average: µ (1 - p) with
/// 1/p = Σ N! / (N - k)! (Z µ)⁻ᵏ, for k from 0 to N. [`REPAIRMEN`].
#[must_use]
pub fn throughput_of_users(users: u32, think: f64, service: f64) -> f64 {
    let (_, sum) = (0..users).fold((1.0, 1.0), |(term, sum), k| {
        let next = term * f64::from(users - k) / (think * service);
        (next, sum + next)
    });
    service * (1.0 - 1.0 / sum)
}

/// A rate that follows the time of day: a sine between two rates, in requests per second.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    /// The lowest rate.
    pub low: f64,
    /// The highest rate.
    pub high: f64,
    /// When that is, in hours.
    pub peak: f64,
}

/// The requests of a day of 24 hours that come from one hour to another:
/// ∫ (m + s cos(2π (t - peak) / 24 h)) dt with m the middle of the two rates and s half their distance.
/// [`CHANGING_RATE`].
#[must_use]
pub fn requests_between(day: Day, from: f64, to: f64) -> f64 {
    let turn = std::f64::consts::TAU / 24.0;
    let sine = |hour: f64| libm::sin((hour - day.peak) * turn) / turn;
    let (middle, swing) = (f64::midpoint(day.low, day.high), (day.high - day.low) / 2.0);
    3600.0 * (middle * (to - from) + swing * (sine(to) - sine(from)))
}

/// The mean number at a station of a network, at a utilisation of ρ: ρ / (1 - ρ), as if it stood alone.
/// [`PRODUCT_FORM`].
#[must_use]
pub fn number_at_station(arrivals: f64, service: f64) -> f64 {
    let utilisation = arrivals / service;
    utilisation / (1.0 - utilisation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::assert_close;

    #[test]
    fn one_server_takes_one_over_what_is_left() {
        for (arrivals, time) in [(0.3, 1.428_571_428_571_428_6), (0.8, 5.0), (0.95, 20.0)] {
            assert_close(time_in_mmc(arrivals, 1.0, 1), time);
        }
    }

    #[test]
    fn the_time_at_one_server_is_exponential() {
        assert_close(quantile_in_mm1(0.8, 1.0, 0.5), 3.465_735_902_799_726_5);
        assert_close(quantile_in_mm1(8.0, 10.0, 0.95), 1.497_866_136_776_995);
    }

    #[test]
    fn several_servers_make_few_wait() {
        assert_close(erlang_c(1.6, 2), 0.711_111_111_111_111_2);
        assert_close(erlang_c(6.4, 8), 0.457_644_925_442_016_07);
        assert_close(time_in_mmc(6.4, 1.0, 8), 1.286_028_078_401_26);
        assert_close(time_in_mmc(14.4, 1.0, 16), 1.369_589_621_170_243_6);
    }

    #[test]
    fn without_room_to_wait_some_are_lost() {
        assert_close(erlang_b(1.6, 2), 0.329_896_907_216_494_84);
        assert_close(erlang_b(6.4, 8), 0.144_393_889_853_394_9);
    }

    #[test]
    fn a_bounded_queue_loses_those_who_find_it_full() {
        assert_close(lost_by_mm1k(1.2, 5), 0.250_588_121_555_863_46);
        assert_close(lost_by_mm1k(1.0, 5), 0.166_666_666_666_666_66);
        assert_close(lost_by_mm1k(2.0, 10), 0.500_244_259_892_525_6);
        assert_close(time_in_mm1k(1.2, 1.0, 5), 3.359_492_582_240_378_5);
        assert_close(time_in_mm1k(0.5, 1.0, 5), 1.838_709_677_419_354_8);
    }

    #[test]
    fn the_wait_grows_with_the_variation_of_the_work() {
        for (cv2, wait) in [(0.0, 2.0), (0.25, 2.5), (1.0, 4.0), (4.0, 10.0), (9.0, 20.0)] {
            assert_close(wait_in_mg1(0.8, 1.0, cv2), wait);
        }
        assert_close(wait_in_mg1(0.5, 1.0, 4.0), 2.5);
    }

    #[test]
    fn sharing_takes_as_long_as_one_server_with_memoryless_work() {
        for (arrivals, time) in [(0.3, 1.428_571_428_571_428_6), (0.8, 5.0), (0.95, 20.0)] {
            assert_close(time_in_mg1_ps(arrivals, 1.0), time);
        }
    }

    #[test]
    fn breakdowns_make_everybody_wait() {
        let time = |breakdowns, repairs| time_in_mm1_with_breakdowns(0.5, 1.0, Failing { breakdowns, repairs });
        assert_close(time(0.01, 0.1), 4.464_646_464_646_464_5);
        assert_close(time(0.0, 0.1), time_in_mmc(0.5, 1.0, 1));
    }

    #[test]
    fn users_who_wait_keep_a_server_as_busy_as_they_can() {
        // One user: a cycle is thinking and work. Two: 1/p = 1 + 2/a + 2/a^2 with a = Z mu.
        assert_close(throughput_of_users(1, 1.0, 4.0), 0.8);
        assert_close(throughput_of_users(2, 1.0, 2.0), 1.2);
    }

    #[test]
    fn a_day_brings_its_middle_and_its_hours_the_sine() {
        let day = Day { low: 2.0, high: 9.0, peak: 14.0 };
        assert_close(requests_between(day, 0.0, 24.0), 475_200.0);
        // Twelve hours around the peak: 43200 s of the middle, and 3.5 24/pi 3600 more.
        assert_close(requests_between(day, 8.0, 20.0), 333_856.909_581_978_3);
    }

    #[test]
    fn stations_of_a_network_are_as_if_alone() {
        let stations = [
            (1.063_829_787_234_042_5, 1.5, 2.439_024_390_243_902_4),
            (0.638_297_872_340_425_6, 1.0, 1.764_705_882_352_941_3),
            (0.425_531_914_893_617, 0.8, 1.136_363_636_363_636_2),
        ];
        let numbers = stations.map(|(arrivals, service, _)| number_at_station(arrivals, service));
        numbers.iter().zip(stations).for_each(|(found, (_, _, expected))| assert_close(*found, expected));
        assert_close(numbers.iter().sum(), 5.340_093_908_960_48);
    }
}
