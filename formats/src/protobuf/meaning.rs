//! Units: what the schema's author says the numbers mean.

use model::data::Unit;
use prost_reflect::{FieldDescriptor, Value};

/// What an option must be called to state a unit.
const OPTION: &str = "unit";

/// The unit of a field: an option of its own called `unit`, of type string, whoever defines it
/// (`extend google.protobuf.FieldOptions { string unit = 50001; }`); else what its name tells.
pub(super) fn unit(field: &FieldDescriptor) -> Unit {
    let options = field.options();
    let extensions = field.parent_pool().all_extensions().filter(|extension| {
        extension.name() == OPTION && extension.containing_message().full_name() == "google.protobuf.FieldOptions"
    });
    let mut stated = extensions.filter(|extension| options.has_extension(extension)).filter_map(|extension| {
        match options.get_extension(&extension).as_ref() {
            Value::String(unit) if !unit.is_empty() => Some(Unit::Stated(unit.clone())),
            _ => None,
        }
    });
    stated.next().unwrap_or_else(|| Unit::from_name(field.name()))
}
