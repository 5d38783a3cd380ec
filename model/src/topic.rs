//! Topics: logs of messages that outlive whoever wrote them, and the consumer groups that read them.

use crate::id::{EndpointId, StoreId, TopicId};
use crate::name::Name;
use crate::time::{Span, Time};

/// A log of messages in partitions, like a topic of Kafka.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: Name,
    /// The fields and formats of its messages: a message is a record kind, too.
    pub store: StoreId,
    /// How many partitions it has, at least one.
    pub partitions: u16,
    /// How long a message is kept, whether or not somebody has read it.
    pub retention: Span,
}

/// A group of consumers: each message of its topic is for one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: Name,
    /// What it reads.
    pub topic: TopicId,
    /// What is run for each message, by a replica of the endpoint's service.
    pub endpoint: EndpointId,
    /// What becomes of a message that fails.
    pub on_error: OnError,
    /// From a failed attempt to the next, and from looking for a replica in vain to looking again.
    pub pause: Span,
    /// How old the oldest message that waits may be before the group counts as behind.
    pub behind: Span,
}

/// What becomes of a message that a consumer fails on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// It is tried again for ever, and what is behind it in its partition waits.
    Block,
    /// After so many further attempts it is passed over.
    Skip {
        /// Further attempts.
        retries: u32,
    },
    /// After so many further attempts it is put aside, to be read again when somebody orders it.
    DeadLetter {
        /// Further attempts.
        retries: u32,
    },
}

impl OnError {
    /// Whether a message that has failed so often is given up.
    #[must_use]
    pub const fn gives_up(self, failures: u32) -> bool {
        match self {
            OnError::Block => false,
            OnError::Skip { retries } | OnError::DeadLetter { retries } => failures > retries,
        }
    }
}

/// Where a group is to go on reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seek {
    /// Behind the message a partition stands on, where one does.
    Next,
    /// At the end: what has not been read is not going to be.
    End,
    /// At the first message that was published then or later, if that has been read already.
    Since(Time),
}
