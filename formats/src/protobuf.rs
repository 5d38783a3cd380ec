//! Protobuf schemas (`.proto`, descriptor sets) to formats of an entity, for both encodings.
//!
//! The crates `protox` and `prost-reflect` parse and check; which parts of a message become fields
//! is decided here. A message inside a message is a field, and each of its parts is one, named by
//! the way down: `total.units`, `items[].quantity`, `prices{}.units`.
//!
//! *Not taken apart*: well-known types, and a message inside itself. All that is told about those is
//! whether their definitions are the same. *Refused*: imports that are not at hand; a required field
//! inside a message that may be missing (one bit per field cannot tell "missing" from "missing with
//! the message around it"); editions; extensions.

mod files;
mod flatten;
mod meaning;

use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};

use crate::draft::Draft;
use crate::{Encoding, Language, Message, SchemaError, Source};
use model::data::{Family, TypeName};

/// Reads one message.
pub(crate) fn parse(source: &Source<'_>, message: Message<'_>) -> Result<Draft, Vec<SchemaError>> {
    let pool = pool(source)?;
    draft(source, &pick(source, &pool, message.name)?, message.encoding)
}

/// Reads the message that is named, or every message of the file (not of what it imports).
pub(crate) fn drafts(source: &Source<'_>, message: Message<'_>) -> Result<Vec<Draft>, Vec<SchemaError>> {
    if message.name.is_some() {
        return parse(source, message).map(|draft| vec![draft]);
    }
    let (mut drafts, mut errors) = (Vec::new(), Vec::new());
    for descriptor in messages(&pool(source)?) {
        match draft(source, &descriptor, message.encoding) {
            Ok(draft) => drafts.push(draft),
            Err(more) => errors.extend(more),
        }
    }
    if errors.is_empty() { Ok(drafts) } else { Err(errors) }
}

/// What can be called, each as it is written: `rpc shop.Cart.Get(shop.User) returns (shop.Items)`.
pub(crate) fn methods(source: &Source<'_>) -> Result<Vec<String>, Vec<SchemaError>> {
    let pool = pool(source)?;
    let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    Ok(methods.map(|method| signature(&method)).collect())
}

fn signature(method: &MethodDescriptor) -> String {
    let message =
        |streams: bool, of: &MessageDescriptor| format!("{}{}", if streams { "stream " } else { "" }, of.full_name());
    let request = message(method.is_client_streaming(), &method.input());
    let response = message(method.is_server_streaming(), &method.output());
    format!("rpc {}({request}) returns ({response})", method.full_name())
}

fn draft(source: &Source<'_>, descriptor: &MessageDescriptor, encoding: Encoding) -> Result<Draft, Vec<SchemaError>> {
    let family = match encoding {
        Encoding::Binary => Family::Protobuf,
        Encoding::Json => Family::ProtoJson,
    };
    let is_text = matches!(source.language, Language::Proto(_));
    let (leaves, reserved) = flatten::leaves((source.format, is_text), descriptor, encoding)?;
    let name = TypeName::new(descriptor.full_name());
    Ok(Draft { format: source.format.to_owned(), family, name, leaves, closed: false, reserved, text: None })
}

fn pool(source: &Source<'_>) -> Result<DescriptorPool, Vec<SchemaError>> {
    match source.language {
        Language::Descriptors(_) => files::decode(source.format, source.bytes),
        Language::Proto(_) | Language::Avro | Language::JsonSchema | Language::Sql => {
            files::compile(source.format, source.text()?)
        }
    }
}

/// Those that are not of the well-known types, nor made for a map.
fn messages(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    let own = pool.all_messages().filter(|message| !flatten::is_well_known(message) && !message.is_map_entry());
    own.collect()
}

/// The message of that name; the only one when no name is given.
fn pick(source: &Source<'_>, pool: &DescriptorPool, name: Option<&str>) -> Result<MessageDescriptor, Vec<SchemaError>> {
    let all = messages(pool);
    let is_named = |message: &&MessageDescriptor| name.is_none_or(|name| ends_with(message.full_name(), name));
    let exact = all.iter().find(|message| Some(message.full_name()) == name);
    let found: Vec<_> = exact.map_or_else(|| all.iter().filter(is_named).collect(), |exact| vec![exact]);
    if let [only] = found[..] {
        return Ok(only.clone());
    }
    let names: Vec<_> = all.iter().map(|message| message.full_name()).collect();
    let found = match (name, found.is_empty()) {
        (_, true) if names.is_empty() => "found no message".to_owned(),
        (None, _) => format!("found {} messages", names.len()),
        (Some(name), true) => format!("found no message {name}"),
        (Some(name), false) => format!("found several messages {name}"),
    };
    let help = if names.is_empty() { "define the record as a message".into() } else { one_of(&names) };
    Err(vec![source.whole(found, help)])
}

fn ends_with(full: &str, name: &str) -> bool {
    full == name || full.strip_suffix(name).is_some_and(|before| before.ends_with('.'))
}

/// As many as a person reads.
fn one_of(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let more = if names.len() > SHOWN { ", ..." } else { "" };
    format!("name one of its messages: {}{more}", names[..names.len().min(SHOWN)].join(", "))
}
