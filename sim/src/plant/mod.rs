//! The plant: what runs and what remembers. Replicas serve requests, stores keep records, topics messages, caches
//! answers, backups snapshots, jobs wait, conversions sweep, migrations lock. What happens here is reported as facts;
//! nobody outside is told any other way.

pub(crate) mod background;
pub(crate) mod backups;
pub(crate) mod balancing;
pub(crate) mod caches;
pub(crate) mod conversions;
pub(crate) mod effects;
pub(crate) mod faults;
pub(crate) mod fleet;
pub(crate) mod jobs;
pub(crate) mod migrations;
pub(crate) mod misled;
pub(crate) mod network;
pub(crate) mod onsets;
pub(crate) mod requests;
pub(crate) mod steering;
pub(crate) mod stores;
pub(crate) mod strays;
pub(crate) mod topics;
pub(crate) mod traffic;
pub(crate) mod under_way;
pub(crate) mod workers;
