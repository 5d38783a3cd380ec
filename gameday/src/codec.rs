//! A codec as it is typed: the name of a preset, and what it does otherwise: `json-serde,range=truncate`.

use model::data::{Codec, Knob, PRESETS, Preset};
use scenarios::syntax::{did_you_mean, listed};

/// A codec that was chosen.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// As it was typed.
    pub(crate) name: String,
    /// What it goes by.
    pub(crate) preset: &'static Preset,
    /// What it does.
    pub(crate) codec: Codec,
}

impl Chosen {
    /// A preset as it is.
    pub(crate) fn preset(preset: &'static Preset) -> Self {
        Chosen { name: preset.name.to_owned(), preset, codec: preset.codec }
    }
}

/// A codec that has a name, and what is said of it besides.
pub(crate) fn parse(typed: &str) -> Result<Chosen, String> {
    let mut parts = typed.split(',');
    let preset = named(parts.next().unwrap_or_default())?;
    let codec = parts.try_fold(preset.codec, |codec, part| Ok::<_, String>(codec.turned(knob(part, preset)?)))?;
    Ok(Chosen { name: typed.to_owned(), preset, codec })
}

fn named(typed: &str) -> Result<&'static Preset, String> {
    let names = || PRESETS.iter().map(|preset| preset.name);
    Preset::named(typed)
        .ok_or_else(|| did_you_mean(typed, names()).unwrap_or_else(|| format!("there is {}", listed(names()))))
}

/// `range=truncate`, where the family leaves that open.
fn knob(typed: &str, preset: &Preset) -> Result<Knob, String> {
    let (name, setting) = typed.split_once('=').unwrap_or((typed, ""));
    let settings = || Knob::settings(name).map(|(setting, _)| setting);
    if settings().next().is_none() {
        let known = did_you_mean(name, Knob::names());
        return Err(known.unwrap_or_else(|| format!("what can be said besides is {}", listed(Knob::names()))));
    }
    let found = Knob::settings(name).find(|(own, _)| *own == setting);
    let (_, knob) = found.ok_or_else(|| format!("`{name}=` is {}", listed(settings())))?;
    let left_open = preset.family.leaves_open(knob);
    left_open.then_some(knob).ok_or_else(|| format!("{} leaves no choice of `{typed}`", preset.family))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::data::{Range, Unknown};

    #[test]
    fn a_name_may_be_followed_by_what_is_otherwise() {
        let chosen = parse("json-serde,range=truncate,unknown=reject").unwrap();
        assert_eq!((chosen.codec.range, chosen.codec.unknown), (Range::Truncate, Unknown::Reject));
        assert_eq!(parse("json-serde").unwrap().codec, Preset::named("json-serde").unwrap().codec);
    }

    #[test]
    fn what_is_mistyped_is_told_with_the_way_out() {
        let told = |typed: &str| parse(typed).unwrap_err();
        assert_eq!(told("json-serde,rnage=truncate"), "did you mean `range`?");
        assert_eq!(told("json-serde,range=cut"), "`range=` is `error` or `truncate`");
        assert_eq!(told("json-serde,range"), "`range=` is `error` or `truncate`");
        assert_eq!(told("avro,range=truncate"), "Avro leaves no choice of `range=truncate`");
        assert!(told("json-serde,what=ever").starts_with("what can be said besides is"));
    }
}
