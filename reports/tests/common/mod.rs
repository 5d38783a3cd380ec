//! What the tests of every document have in common.

/// Each field of `document` has to be named in docs/JSON.md, alone or at the end of a path.
pub(crate) fn assert_documented(document: &serde_json::Value) {
    let documentation = include_str!("../../../docs/JSON.md");
    let mut names = Vec::new();
    field_names(document, &mut names);
    for name in names {
        let ends = [format!("`{name}`"), format!(".{name}`")];
        assert!(ends.iter().any(|end| documentation.contains(end)), "docs/JSON.md does not say what `{name}` is");
    }
}

fn field_names(value: &serde_json::Value, names: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        names.push(name.clone());
        field_names(inner, names);
    }
    value.as_array().into_iter().flatten().for_each(|item| field_names(item, names));
}
