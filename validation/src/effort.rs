//! How much is simulated, and on how many threads.

use std::thread;

/// How many seeds, from 1 on, a figure is usually taken from. Fewer and longer runs would say less for the same
/// work: Student's t falls faster than the runs get noisier.
const SEEDS: u64 = 10;

/// How much is simulated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// Long enough for intervals of one or two per cent.
    #[default]
    Full,
    /// The same seeds, shorter runs and wider intervals, in seconds instead of minutes.
    Quick,
}

impl Effort {
    /// What goes with this effort, out of the two.
    pub(crate) fn pick<T>(self, full: T, quick: T) -> T {
        match self {
            Effort::Full => full,
            Effort::Quick => quick,
        }
    }
}

/// Lives through runs. They are independent of each other, and each is single-threaded.
#[derive(Clone, Copy, Debug)]
pub struct Runner {
    /// How much is simulated.
    pub effort: Effort,
    threads: usize,
}

impl Runner {
    /// Runs on `threads` threads at a time, one or two: what is left of a small machine stays usable.
    #[must_use]
    pub fn new(effort: Effort, threads: usize) -> Self {
        Runner { effort, threads: threads.clamp(1, 2) }
    }

    /// What a run of each of the usual seeds comes to, in their order.
    pub(crate) fn runs<R: Send>(self, run: impl Fn(u64) -> R + Sync) -> Vec<R> {
        self.runs_of(SEEDS, run)
    }

    /// What a run of each of so many seeds comes to, in their order, whatever the number of threads.
    pub(crate) fn runs_of<R: Send>(self, seeds: u64, run: impl Fn(u64) -> R + Sync) -> Vec<R> {
        let seeds: Vec<u64> = (1..=seeds).collect();
        self.each(&seeds, |seed| run(*seed))
    }

    /// What living through each of these cases comes to, in their order, whatever the number of threads.
    pub(crate) fn each<T: Sync, R: Send>(self, cases: &[T], live: impl Fn(&T) -> R + Sync) -> Vec<R> {
        let every = |first: usize| cases.iter().skip(first).step_by(self.threads).map(&live).collect::<Vec<_>>();
        if self.threads == 1 {
            return every(0);
        }
        let (even, odd) = thread::scope(|scope| {
            let odd = scope.spawn(|| every(1));
            (every(0), odd.join())
        });
        let mut odd = odd.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).into_iter();
        even.into_iter().flat_map(|result| [Some(result), odd.next()]).flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_in_the_order_of_their_seeds_on_any_number_of_threads() {
        for (threads, seeds) in [(1, 5), (2, 5), (2, 6), (9, 1)] {
            let runner = Runner::new(Effort::Full, threads);
            assert_eq!(runner.runs_of(seeds, |seed| seed), (1..=seeds).collect::<Vec<_>>());
        }
    }
}
