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
    /// Whether it is a drill to play, as opposed to a model to check the engine with.
    pub drill: bool,
}

macro_rules! bundled {
    ($name:literal, drill: $drill:literal $(, $file:literal)*) => {
        Bundled {
            name: $name,
            text: include_str!(concat!("../library/", $name, "/", $name, ".yaml")),
            files: &[$(($file, include_str!(concat!("../library/", $name, "/", $file)))),*],
            drill: $drill,
        }
    };
}

/// In the order of `gameday list`: the first one is the first drill.
static ALL: &[Bundled] = &[
    bundled!("ledger-format", drill: true, "ledger-2.avsc", "ledger-3.avsc"),
    bundled!("online-boutique", drill: true),
    bundled!("retry-storm", drill: true),
    bundled!("mm1", drill: false),
    bundled!("mm8", drill: false),
    bundled!("chain", drill: false),
    bundled!("mm1k", drill: false),
    bundled!("mmcc", drill: false),
    bundled!("mdcc", drill: false),
    bundled!("mgcc", drill: false),
    bundled!("md1", drill: false),
    bundled!("mg1", drill: false),
    bundled!("mg1-percentiles", drill: false),
    bundled!("mm1-ps", drill: false),
    bundled!("mg1-ps", drill: false),
    bundled!("mm1-breakdown", drill: false),
    bundled!("jackson", drill: false),
    bundled!("retry-64", drill: false),
    bundled!("retry-243", drill: false),
    bundled!("retry-cap", drill: false),
    bundled!("retry-budget", drill: false),
    bundled!("brown-out", drill: false),
    bundled!("look-aside", drill: false),
    bundled!("burn-rate", drill: false),
    bundled!("skew-calls", drill: false),
    bundled!("skew-rollout", drill: false),
    bundled!("contamination", drill: false),
    bundled!("repair-time", drill: false),
    bundled!("canary", drill: false),
    bundled!("rolling-overload", drill: false),
    bundled!("closed", drill: false),
    bundled!("diurnal", drill: false),
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
