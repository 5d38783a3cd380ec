//! Stores that have been through many formats.

use trials::runs::{lived, model};
use trials::text::{bundled, edited};

/// A store whose last format counts in another unit than all before it.
fn counted_in(formats: usize) -> String {
    let number = |index: usize| if index + 1 == formats { "euros" } else { "cents" };
    let schema = |index: usize| {
        let unit = number(index);
        let field = format!(r#"{{"name": "x", "type": "long", "unit": "{unit}"}}"#);
        format!("      v{index}: '{{\"type\": \"record\", \"name\": \"A\", \"fields\": [{field}]}}'\n")
    };
    let version =
        |index: usize| format!("      \"{index}\": {{formats: {{s: {{reads: v{index}, writes: v{index}}}}}}}\n");
    let schemas: String = (0..formats).map(schema).collect();
    let versions: String = (0..formats).map(version).collect();
    let last = formats - 1;
    format!(
        "title: many formats\nhorizon: 2m\nobjective: {{full: 1m, hold: 10s}}\ntraffic:\n  r: {{to: a.r, rate: 10/s}}\n\
         stores:\n  s:\n    formats:\n{schemas}    records:\n      - {{format: v{last}, by: a {last}, count: 100}}\n\
         services:\n  a:\n    runs: \"{last}\"\n    endpoints:\n      r: [{{read: s}}]\n    versions:\n{versions}\
         slos:\n  i: {{endpoint: a.r, good: 99 %}}\nseats: {{ic: {{role: commander}}}}\nplans:\n\
         \x20 back:\n    about: back\n    steps:\n      - {{at: 30s, do: {{deploy: a {before}}}}}\n",
        before = last - 1,
    )
}

#[test]
fn nobody_misreads_what_is_in_the_format_of_its_own() {
    for formats in [2, 4, 5, 9, 40] {
        let model = model(&edited(bundled("cents-as-euros"), |_| counted_in(formats)));
        let alone = lived(&model, None, 1).summary().harm;
        assert_eq!((alone.requests.wrong, alone.misread.ever), (0, 0), "{formats} formats");
        let back = lived(&model, Some("back"), 1).summary().harm;
        assert!(back.requests.wrong > 0 && back.misread.remaining == 100, "{formats} formats: {back:?}");
    }
}
