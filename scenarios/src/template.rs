//! A scenario to start from.

/// A commented, valid scenario called `name`.
#[must_use]
pub fn template(name: &str) -> String {
    include_str!("template.yaml").replace("NAME", name)
}
