//! The cases of a file as text: the counts, each difference, and the reasons for what was skipped.

use crate::paint::Paint;
use crate::paragraph::hanging;
use conformance::{Outcome, Report, Verdict};
use std::collections::BTreeMap;

/// One file for a terminal.
#[must_use]
pub fn text(report: &Report, paint: Paint) -> String {
    let differences: String = report.outcomes.iter().map(|outcome| difference(outcome, paint)).collect();
    format!("{}{differences}{}{}", counts(report, paint), skips(report), scant(report, paint))
}

fn counts(report: &Report, paint: Paint) -> String {
    let failed = format!("{} failed", report.failed());
    let failed = if report.failed() > 0 { paint.bad(&failed) } else { failed };
    let (file, passed, skipped) = (paint.strong(&report.file), report.passed(), report.skipped());
    format!("{file}: {passed} passed, {failed}, {skipped} skipped\n")
}

/// That too many are skipped.
fn scant(report: &Report, paint: Paint) -> String {
    if report.is_telling() { String::new() } else { format!("  {}\n", paint.bad("5 % or more are skipped")) }
}

fn difference(outcome: &Outcome, paint: Paint) -> String {
    match &outcome.verdict {
        Verdict::Failed { expected, got } => {
            let heading = paint.bad(&outcome.id);
            format!("  {heading}\n{}{}", hanging("    expected  ", expected), hanging("    got       ", got))
        }
        Verdict::Passed | Verdict::Skipped { .. } => String::new(),
    }
}

/// Each reason once, with the cases it goes for.
fn skips(report: &Report) -> String {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for outcome in &report.outcomes {
        if let Verdict::Skipped { why } = &outcome.verdict {
            reasons.entry(why).or_default().push(&outcome.id);
        }
    }
    let reason = |(why, ids): (&str, Vec<&str>)| {
        format!("{}{}", hanging("  skipped: ", why), hanging("           ", &ids.join(", ")))
    };
    reasons.into_iter().map(reason).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_its_case_and_a_reason_stands_once() {
        let skipped = || Verdict::Skipped { why: "too far".into() };
        let failed = Verdict::Failed { expected: "1".into(), got: "2".into() };
        let verdicts = [("a", Verdict::Passed), ("b", skipped()), ("c", failed), ("d", skipped())];
        let outcomes = verdicts.map(|(id, verdict)| Outcome { id: id.into(), verdict }).to_vec();
        let report = Report { file: "f.json".into(), outcomes };
        assert_eq!(
            text(&report, Paint::Plain),
            "f.json: 1 passed, 1 failed, 2 skipped\n  c\n    expected  1\n    got       2\n  \
             skipped: too far\n           b, d\n  5 % or more are skipped\n"
        );
    }
}
