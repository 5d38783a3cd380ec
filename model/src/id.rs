//! Typed ids: dense indices into the tables of a compiled system.
//!
//! A `ServiceId` is not a `StoreId`, and neither is a number to do sums with. Dense ids are for
//! looking things up; whatever must survive an edit of the scenario (random streams, digests)
//! goes by the hash of the *name* instead ([`stable_hash`]).

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident($raw:ty);)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($raw);

        impl $name {
            /// The first entry of its table.
            pub const ZERO: Self = Self(0);

            /// How many binary digits it has.
            pub const BITS: u32 = <$raw>::BITS;

            /// The id of the entry at `index` of its table.
            ///
            /// # Panics
            /// When the table is larger than the id can count: a limit the scenario compiler checks.
            #[must_use]
            pub fn new(index: usize) -> Self {
                Self(<$raw>::try_from(index).expect("table outgrew its id"))
            }

            /// The place in its table.
            #[must_use]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

ids! {
    /// A region.
    RegionId(u16);
    /// A zone of a region.
    ZoneId(u16);
    /// A host in a zone.
    HostId(u32);
    /// A service.
    ServiceId(u16);
    /// A version, counted over all services: `payments 51`.
    VersionId(u16);
    /// An endpoint, counted over all services: `payments.pay`.
    EndpointId(u16);
    /// An edge of the call graph: one endpoint calling another.
    EdgeId(u32);
    /// A class of requests: `wallet`.
    ClassId(u16);
    /// A source of traffic.
    SourceId(u16);
    /// A feature flag.
    FlagId(u8);
    /// What processes have in them to learn of flags.
    ProviderId(u8);
    /// A config.
    ConfigId(u8);
    /// A store of records.
    StoreId(u16);
    /// A format of a store's records, counted within the store.
    FormatId(u8);
    /// What the calls of an endpoint carry.
    ContractId(u16);
    /// How one caller speaks to one endpoint.
    DialectId(u16);
    /// What one caller and one version that serves make of each other.
    ExchangeId(u16);
    /// A compiled way of touching records: (version, step, flag state) resolved to masks.
    AccessId(u16);
    /// A cache.
    CacheId(u16);
    /// A backup of a store.
    BackupId(u16);
    /// A conversion of records from one format to another.
    ConversionId(u16);
    /// A migration of a table.
    MigrationId(u16);
    /// A kind of deferred work.
    JobId(u16);
    /// A background job.
    BackgroundId(u16);
    /// An external effect.
    EffectId(u16);
    /// A defect carried by a version.
    DefectId(u16);
    /// A table of percentiles.
    PercentilesId(u16);
    /// A fault.
    FaultId(u16);
    /// A secret that processes need.
    SecretId(u16);
    /// A topic.
    TopicId(u16);
    /// A consumer group, counted over all topics.
    GroupId(u16);
    /// A service level objective.
    SloId(u16);
    /// An alert rule.
    AlertId(u16);
    /// A seat: somebody, or a bot, with a part in the response.
    SeatId(u16);
    /// A runbook.
    RunbookId(u16);
    /// An audience: people who are kept informed.
    AudienceId(u16);
}

/// A 64-bit hash of a name (FNV-1a, offset and prime as published by Fowler, Noll and Vo, finished
/// with the splitmix64 mixer so that short names differ in every bit).
///
/// Part of the trajectory: random streams and digests are keyed by it.
#[must_use]
pub const fn stable_hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        i += 1;
    }
    mix(hash)
}

/// The finisher of splitmix64 (Steele, Lea, Flood 2014): a bijection that spreads every bit.
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
