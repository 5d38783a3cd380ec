//! How the seats respond when nobody has written down what they do.

/// How the seats respond when nobody has written down what they do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Back, unless what has been written since makes that unsafe; then forward.
    #[default]
    Careful,
    /// By the tier of the service that was changed.
    ByTier,
}

/// How a service that was changed is dealt with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Manner {
    /// Back once its data have been audited, when that is safe; else forward.
    #[default]
    Careful,
    /// Back as soon as the page is taken.
    AtOnce,
    /// Back as soon as somebody has looked.
    Fast,
    /// Forward, if there is a way.
    Forward,
}

impl Policy {
    /// How a service of this tier, from 1 (revenue) to 5 (data pipelines), is dealt with.
    #[must_use]
    pub const fn manner(self, tier: u8) -> Manner {
        match (self, tier) {
            (Policy::Careful, _) => Manner::Careful,
            (Policy::ByTier, ..=1) => Manner::AtOnce,
            (Policy::ByTier, 2) => Manner::Fast,
            (Policy::ByTier, 3..) => Manner::Forward,
        }
    }

    /// Whether what a service of this tier has read since it was changed is read again.
    #[must_use]
    pub const fn replays(self, tier: u8) -> bool {
        match self {
            Policy::Careful => false,
            Policy::ByTier => tier >= 5,
        }
    }
}
