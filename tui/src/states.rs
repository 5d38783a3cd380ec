//! What the replicas of a version are doing, in words.

use crate::figures::count;
use sim::view::VersionView;

/// How many are in each state there is one in, and how often a process of theirs has died.
pub(crate) fn states(version: &VersionView) -> String {
    let crashes = if version.crashes == 1 { "crash so far" } else { "crashes so far" };
    let states = [
        (version.ready.into(), "ready"),
        (version.starting.into(), "starting"),
        (version.crashed.into(), "in crash-loop back-off"),
        (version.draining.into(), "leaving"),
        (version.crashes, crashes),
    ];
    let there = states.into_iter().filter(|(n, _)| *n > 0);
    there.map(|(n, word)| format!("{} {word}", count(n))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_crash_loop_is_called_one() {
        let any = fixture::view().services.swap_remove(0).versions.swap_remove(0);
        let version = VersionView { ready: 13, starting: 0, crashed: 2, draining: 0, crashes: 1057, ..any };
        assert_eq!(states(&version), "13 ready, 2 in crash-loop back-off, 1,057 crashes so far");
        assert_eq!(states(&VersionView { crashed: 0, crashes: 1, ..version }), "13 ready, 1 crash so far");
    }
}
