//! The bundled scenarios.

/// A scenario that comes with gameday.
#[derive(Debug)]
pub struct Bundled {
    /// Its name.
    pub name: &'static str,
    /// The text of its scenario file.
    pub text: &'static str,
    /// The files beside it, by name.
    pub files: &'static [(&'static str, &'static str)],
    /// What it is there for.
    pub purpose: Purpose,
}

/// What a bundled scenario is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To play.
    Drill,
    /// To read and to run: a page that shows one way in which rollbacks fail.
    Lesson,
    /// To hold the engine to what is known.
    Model,
}

macro_rules! bundled {
    ($name:literal, $purpose:ident $(, $file:literal)*) => {
        Bundled {
            name: $name,
            text: include_str!(concat!("../library/", $name, "/", $name, ".yaml")),
            files: &[$(($file, include_str!(concat!("../library/", $name, "/", $file)))),*],
            purpose: Purpose::$purpose,
        }
    };
}

/// In the order of `gameday list`: the first one is the first drill.
static ALL: &[Bundled] = &[
    bundled!("ledger-format", Drill, "ledger-2.avsc", "ledger-3.avsc"),
    bundled!("online-boutique", Drill),
    bundled!("retry-storm", Drill),
    bundled!("new-format", Lesson),
    bundled!("enum-symbol", Lesson),
    bundled!("lossy-rewrite", Lesson),
    bundled!("cents-as-euros", Lesson),
    bundled!("artifact-gone", Lesson),
    bundled!("prepare-activate", Lesson),
    bundled!("cache-key", Lesson),
    bundled!("poison-message", Lesson, "order-1.avsc", "order-2.avsc"),
    bundled!("double-charge", Lesson),
    bundled!("broken-saga", Lesson),
    bundled!("irreversible", Lesson),
    bundled!("waits-for-a-signature", Lesson),
    bundled!("by-the-book", Lesson),
    bundled!("last-deploy", Lesson),
    bundled!("lost-writes", Lesson),
    bundled!("removed-field", Lesson),
    bundled!("tightened-contract", Lesson),
    bundled!("stalls-at-8-5", Lesson),
    bundled!("deadline-reports", Lesson),
    bundled!("undo-refused", Lesson),
    bundled!("still-terminating", Lesson),
    bundled!("hpa-fight", Lesson),
    bundled!("undo-stuck", Lesson),
    bundled!("no-room", Lesson),
    bundled!("locked-out", Lesson),
    bundled!("stays-behind", Lesson),
    bundled!("region-wave", Lesson),
    bundled!("stateful-blocks", Lesson),
    bundled!("canary-abort", Lesson),
    bundled!("second-deploy", Lesson),
    bundled!("waits-for-a-word", Lesson),
    bundled!("too-late", Lesson),
    bundled!("sized-for-five", Lesson),
    bundled!("abort-waits", Lesson),
    bundled!("every-step-again", Lesson),
    bundled!("no-verdict", Lesson),
    bundled!("same-image", Lesson),
    bundled!("wedged-canary", Lesson),
    bundled!("metric-errors", Lesson),
    bundled!("no-traffic", Lesson),
    bundled!("git-wins", Lesson),
    bundled!("rotated-secret", Lesson),
    bundled!("half-pulled", Lesson),
    bundled!("shared-fate", Lesson),
    bundled!("nobody-heard", Lesson),
    bundled!("several-deep", Lesson),
    bundled!("shrunk-stable", Lesson),
    bundled!("small-standby", Lesson),
    bundled!("right-sized", Lesson),
    bundled!("switch-reads-early", Lesson),
    bundled!("aborted-grows", Lesson, "order.avsc"),
    bundled!("kept-after-abort", Lesson),
    bundled!("one-pod-window", Lesson),
    bundled!("strict-parser", Lesson, "pay-1.schema.json", "pay-2.schema.json"),
    bundled!("partner-changes", Lesson),
    bundled!("dropped-column", Lesson),
    bundled!("expand-contract", Lesson),
    bundled!("parked-carts", Lesson),
    bundled!("flag-flip", Lesson),
    bundled!("config-stays", Lesson),
    bundled!("reused-flag", Lesson),
    bundled!("coordinated-launch", Lesson),
    bundled!("mm1", Model),
    bundled!("mm8", Model),
    bundled!("chain", Model),
    bundled!("mm1k", Model),
    bundled!("mmcc", Model),
    bundled!("mdcc", Model),
    bundled!("mgcc", Model),
    bundled!("md1", Model),
    bundled!("mg1", Model),
    bundled!("mg1-percentiles", Model),
    bundled!("mm1-ps", Model),
    bundled!("mg1-ps", Model),
    bundled!("mm1-breakdown", Model),
    bundled!("jackson", Model),
    bundled!("retry-64", Model),
    bundled!("retry-243", Model),
    bundled!("retry-cap", Model),
    bundled!("retry-budget", Model),
    bundled!("brown-out", Model),
    bundled!("look-aside", Model),
    bundled!("burn-rate", Model),
    bundled!("skew-calls", Model),
    bundled!("skew-rollout", Model),
    bundled!("contamination", Model),
    bundled!("repair-time", Model),
    bundled!("canary", Model),
    bundled!("rolling-overload", Model),
    bundled!("closed", Model),
    bundled!("diurnal", Model),
];

/// All bundled scenarios, the first drill first.
#[must_use]
pub fn all() -> &'static [Bundled] {
    ALL
}

/// The bundled scenario of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Bundled> {
    ALL.iter().find(|scenario| scenario.name == name)
}

/// The names of all bundled scenarios.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|scenario| scenario.name)
}
