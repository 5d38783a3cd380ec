//! Topics and those who read them.

use super::RawFormat;
use crate::syntax::{Map, Spanned, Text, keyword, record};
use model::time::Span;

record! {
    /// A topic: messages in partitions, which outlive whoever wrote them.
    pub struct RawTopic as "a topic" {
        /// The schemas of its formats, oldest first: a file beside this one (`name: file.avsc`, or
        /// `name: {file: ..., message: ...}`), or the schema itself.
        formats: Map<RawFormat>,
        /// How many partitions it has (default 1). Requests about one key publish to one partition.
        partitions: Option<Spanned<u32>>,
        /// How long a message is kept, read or not (default 7d).
        retention: Option<Spanned<Span>>,
    }
}

record! {
    /// A group of consumers: each message of its topic is read by one of them, in order within a partition.
    pub struct RawConsumer as "a consumer group" {
        /// The topic.
        topic: Text,
        /// The endpoint that is run for each message, as `service.endpoint`. It begins by decoding the message.
        runs: Text,
        /// What becomes of a message that fails (default `block`).
        on_error: Option<RawOnError>,
        /// How many more attempts after the first, with `skip` and `dead-letter` (default 0).
        retries: Option<Spanned<u32>>,
        /// How long to wait before a message is tried again (default 1s).
        pause: Option<Spanned<Span>>,
        /// How old the oldest message that waits may be before the group counts as behind (default 1m).
        behind: Option<Spanned<Span>>,
    }
}

keyword! {
    /// What becomes of a message that fails.
    pub enum RawOnError as "an error policy" {
        /// It is tried again for ever, and what is behind it in its partition waits.
        Block = "block",
        /// It is passed over.
        Skip = "skip",
        /// It is put aside, to be read again when somebody orders it.
        DeadLetter = "dead-letter",
    }
}
