//! Where a run and the database differ.

use super::drawing::Case;
use super::measured::{Answer, Measured, OK, Pair, ROWS};
use super::ran::{Asked, Ran};

/// Whether a scenario is refused because the database would refuse a script whatever the rows are.
pub(crate) fn is_refused(what: &str) -> bool {
    what.contains("the database refuses this script: SQLSTATE")
}

/// What a version sees of a table, beside what it was meant to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    /// Whether it is something else.
    is_changed: bool,
    /// Whether it is of another type, or not there: whether a program can do with that, the database does not say.
    is_other: bool,
}

/// Each difference, in words.
pub(crate) fn differences(case: &Case, pair: &Pair, ran: &Ran) -> Vec<String> {
    let mut all = Vec::new();
    let ways = [Some(&case.up), case.down.as_ref()];
    for (index, way) in ways.into_iter().enumerate() {
        let Some(way) = way else { break };
        let (real, own) = (&pair.real.ways[index], &ran.ways[index]);
        // Of two errors that a row meets, the one told need not be the first.
        let is_alike = if is_long(way) || *own == OK { (real == OK) == (own == OK) } else { is_one(real, own) };
        if !is_alike {
            all.push(format!("way {index}: {real}, but {own}"));
        }
        if real != OK || own != OK {
            break;
        }
        all.extend(phase(case, pair, ran, index + 1).into_iter().map(|one| format!("phase {}: {one}", index + 1)));
    }
    all
}

fn phase(case: &Case, pair: &Pair, ran: &Ran, number: usize) -> Vec<String> {
    let (real, meant, own) = (&pair.real.phases[number], &pair.meant.phases[number], &ran.phases[number]);
    let is_long = is_long(&case.up);
    let mut all = Vec::new();
    let first = real.writes.iter().take(ROWS).all(|state| state == OK);
    let is_known = case.gives_null_only() || case.goes_on() && first;
    if !is_known {
        all.extend(asked("write", &real.writes, &own.write, is_long));
    }
    let writes_fail = pair.real.phases[..=number].iter().any(|phase| phase.writes.iter().any(|state| state != OK));
    let is_insert = case.write.as_ref().is_some_and(|write| write.is_insert);
    let [read, whole] = [(&real.read, &meant.read), (&real.all, &meant.all)].map(|(is, was)| seen(is, was, is_insert));
    // Of no rows nothing is read. What is left of a value may fail where the run says that it is damaged.
    let is_empty = real.read.state == OK && real.read.rows.is_empty();
    let is_told = real.read.state != OK && own.wrong > 0;
    if !read.is_other && !is_empty && !is_told {
        all.extend(asked("read", std::slice::from_ref(&real.read.state), &own.read, is_long));
    }
    if writes_fail || case.write.is_some() && own.write.failed > 0 {
        return all;
    }
    let noticed = own.wrong + own.read.failed > 0 || !own.harm.is_empty();
    // What a column is computed from itself again and again, is as fine as it gets.
    if read.is_changed && !noticed && !case.goes_on() {
        all.push(format!("silent: {:?} where {:?} was meant", real.read.rows, meant.read.rows));
    }
    let is_same = |seen: Seen| !seen.is_changed && !seen.is_other;
    if is_same(whole) && is_same(read) && noticed && !case.is_same_by_chance() {
        all.push(format!("false: {:?}, {} wrong, {} failed", own.harm, own.wrong, own.read.failed));
    }
    if is_same(read) && case.write.is_none() && own.wrong > 0 && !case.is_composed() && !case.is_same_by_chance() {
        all.push(format!("false: {} wrong answers", own.wrong));
    }
    all
}

/// Whether two SQLSTATEs are one; of a text that is no date it hangs on the text which of two it is.
fn is_one(real: &str, own: &str) -> bool {
    let of_dates = |state: &str| matches!(state, "22007" | "22008");
    real == own || of_dates(real) && of_dates(own)
}

fn is_long(script: &str) -> bool {
    script.contains("; ")
}

/// Whether some fail where the database fails some, and with the same SQLSTATE, unless several things happened.
fn asked(what: &str, real: &[String], own: &Asked, is_any: bool) -> Option<String> {
    let failed = real.iter().filter(|state| *state != OK).count();
    let all_fail = failed == real.len() && failed > 0;
    let is_alike = (failed > 0) == (own.failed > 0)
        && (!all_fail || own.failed == own.count)
        && own.states.iter().all(|state| is_any || real.iter().any(|real| is_one(real, state)));
    (!is_alike).then(|| format!("{what}: {real:?}, but {} of {} {:?}", own.failed, own.count, own.states))
}

/// Whether something fails in the database, or is not what it was meant to be.
pub(crate) fn is_harmful(case: &Case, pair: &Pair) -> bool {
    let Measured { ways, phases } = &pair.real;
    let count = 1 + usize::from(case.down.is_some());
    ways[..count].iter().any(|state| state != OK)
        || phases.iter().zip(&pair.meant.phases).take(count + 1).any(|(real, meant)| {
            real.writes.iter().any(|state| state != OK) || seen(&real.read, &meant.read, false).is_changed
        })
}

/// `is_filled`: what nobody gave may be filled in.
fn seen(real: &Answer, meant: &Answer, is_filled: bool) -> Seen {
    if real.state != OK {
        return Seen { is_changed: true, is_other: false };
    }
    let is_gone = meant.rows.keys().any(|id| !real.rows.contains_key(id));
    let is_narrow = real.types.len() < meant.types.len();
    let is_changed =
        is_gone || is_narrow || real.rows.iter().any(|(id, row)| differs(row, meant.rows.get(id), is_filled));
    let other = real.types.iter().zip(&meant.types).any(|(real, meant)| real != meant);
    Seen { is_changed, is_other: other || is_narrow }
}

fn differs(row: &[String], meant: Option<&Vec<String>>, is_filled: bool) -> bool {
    let differs = |(a, b): (&String, &String)| canonical(a) != canonical(b) && !(is_filled && a == "NULL");
    meant.is_some_and(|meant| meant.iter().zip(row).any(differs))
}

/// A value in the form that all types share which can hold it.
fn canonical(text: &str) -> String {
    let plain = text.trim_end_matches("+00").trim_end_matches(" 00:00:00");
    let is_number = text.parse::<f64>().is_ok() && text.contains('.');
    if is_number { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { plain.to_owned() }
}
