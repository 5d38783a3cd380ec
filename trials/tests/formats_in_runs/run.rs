//! A run in which one version writes in a format, and another one reads, writes back and is asked in its own.

use super::drawing::Pair;
use super::judged::Stated;
use model::data::Preset;
use scenarios::Bundle;
use sim::{Model, Summary};
use trials::runs::lived;

/// Records there at the start; more are made.
const RECORDS: u32 = 20;

/// What there was of each harm: all records had it, or none. Of requests, as of records: refused or wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) unreadable: bool,
    pub(crate) misread: bool,
    pub(crate) damaged: bool,
    pub(crate) lost: bool,
}

/// What comes of records that `sides[0]` writes and `sides[1]` reads with this codec.
///
/// # Errors
/// What is wrong with the scenario, or that requests fare otherwise than records.
pub(crate) fn run(pair: &Pair, sides: [usize; 2], codec: &Preset, stated: &Stated) -> Result<Ran, String> {
    let bundle = Bundle::from_text("pair", scenario(pair, sides, codec, stated), pair.folder());
    let compiled = scenarios::compile(&bundle).map_err(|problems| problems.to_string())?;
    let summary = lived(&Model::new(compiled.scenario), None, 1).summary();
    let (ran, asked) = (harmed(&summary), asked(&summary));
    let is_alike = matches!(stated, Stated::Without { .. }) || asked == (ran.unreadable, ran.misread);
    if is_alike { Ok(ran) } else { Err(format!("records {ran:?}, requests {asked:?}")) }
}

fn scenario(pair: &Pair, sides: [usize; 2], codec: &Preset, stated: &Stated) -> String {
    let (values, mix) = match stated {
        Stated::Plain => (String::new(), String::new()),
        Stated::Value { field, text, .. } => {
            let text = text.replace('\'', "''");
            (format!("'{field}': {{all: '{text}'}}"), format!(", values: {{'{field}': {{'{text}': 100 %}}}}"))
        }
        Stated::Without { field, .. } => (String::new(), format!(", without: {{'{field}': 100 %}}")),
    };
    let [written, read] = sides.map(|side| pair.schema(side));
    // A message has all fields, so what is left out is left out at the start only.
    let makes = if matches!(stated, Stated::Without { .. }) { "" } else { "makers: {to: maker.make, rate: 5/s}" };
    format!(
        "title: two formats
horizon: 6s
classes: [all]
traffic:
  {makes}
  askers: {{to: maker.ask, rate: 5/s}}
background: {{edits: {{run: editor.edit, every: 50ms}}}}
stores:
  s:
    formats: {{w: {written}, r: {read}}}
    records: [{{format: w, by: maker 1, count: {RECORDS}{mix}}}]
contracts:
  editor.take:
    revisions: {{w: {{request: {written}}}, r: {{request: {read}}}}}
    values: {{request: {{{values}}}}}
services:
  maker:
    endpoints: {{make: [{{create: s, values: {{{values}}}}}], ask: [{{call: editor.take}}]}}
    versions: {{\"1\": {{formats: {{s: {{reads: w, writes: w}}}}, calls: {{editor.take: w}}}}}}
  editor:
    endpoints: {{edit: [{{rewrite: s}}], take: [{{work: 1ms}}]}}
    versions:
      \"1\":
        formats: {{s: {{reads: r, writes: r, codec: {0}}}}}
        serves: {{take: {{revision: r, codec: {0}}}}}
",
        codec.name
    )
}

fn harmed(summary: &Summary) -> Ran {
    let harm = &summary.harm;
    let all = [harm.unreadable, harm.misread, harm.damaged, harm.fields_lost].map(|count| count.ever);
    assert!(all.iter().all(|count| *count == 0 || *count >= RECORDS), "all records are alike: {harm:?}");
    let [unreadable, misread, damaged, lost] = all.map(|count| count > 0);
    Ran { unreadable, misread, damaged, lost }
}

/// Whether requests were refused, and whether they were misunderstood.
fn asked(summary: &Summary) -> (bool, bool) {
    let requests = &summary.harm.requests;
    (requests.failed > 0, requests.wrong > 0)
}
