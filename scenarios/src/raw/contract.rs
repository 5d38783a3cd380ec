//! Contracts: what calls carry, and who speaks which revision.

use super::{RawCodec, RawFormat};
use crate::syntax::{Defs, Diagnostics, Map, Node, Shape, SourceSpan, Text, Value};
use crate::syntax::{keyword, record};
use serde_json::{Value as Json, json};

record! {
    /// What calls to an endpoint carry.
    pub struct RawContract as "a contract" {
        /// Its revisions by name, oldest first. All of them state a request, or none, and so with the response.
        revisions: Map<RawRevision>,
        /// Values worth telling apart.
        values: Option<RawMessageValues>,
    }
}

record! {
    /// Values worth telling apart, by field and class of request: `request: {currency: {tourist: USD}}`. A revision
    /// that cannot hold the value has an ordinary one instead.
    pub struct RawMessageValues as "values of a contract" {
        /// In requests.
        request: Map<Map<Text>>,
        /// In responses.
        response: Map<Map<Text>>,
    }
}

record! {
    /// A revision of a contract.
    pub struct RawRevision as "a revision" {
        /// The schema of requests: a file beside this one, or the schema itself.
        request: Option<RawFormat>,
        /// The schema of responses.
        response: Option<RawFormat>,
    }
}

/// The revision somebody speaks, and how their library reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSpeech {
    /// The revision.
    pub revision: Text,
    /// How the library reads.
    pub codec: Option<RawCodec>,
}

record! {
    /// A revision that is spoken, and how the library reads it.
    pub struct RawSpoken as "a spoken revision" {
        /// The revision.
        revision: Text,
        /// How the library reads it: `avro-python`, or what it does where the format leaves a choice.
        codec: Option<RawCodec>,
    }
}

impl Shape for RawSpeech {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        match node.value {
            Value::Map(_) => {
                RawSpoken::read(node, out).map(|spoken| RawSpeech { revision: spoken.revision, codec: spoken.codec })
            }
            Value::Null | Value::Scalar(_) | Value::Seq(_) => {
                Text::read(node, out).map(|revision| RawSpeech { revision, codec: None })
            }
        }
    }

    fn stand_in(span: SourceSpan) -> Option<Self> {
        Text::stand_in(span).map(|revision| RawSpeech { revision, codec: None })
    }

    fn schema(defs: &mut Defs) -> Json {
        json!({ "anyOf": [Text::schema(defs), RawSpoken::schema(defs)] })
    }
}

keyword! {
    /// After which failures a call is tried again.
    pub enum RawRetryOn as "what is retried" {
        /// After all but these: the callee refuses the request, or has no such endpoint, or the caller cannot read
        /// the answer.
        Errors = "errors",
        /// After these, too: in a mixed fleet the next attempt may meet another version.
        Everything = "everything",
    }
}
