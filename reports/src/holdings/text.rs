//! What is stored as text: a store after the other, whose records below it, and below those who makes what of them.

use crate::paint::Paint;
use crate::paragraph::hanging;
use crate::skew::SkewContext;
use model::count::grouped;
use sim::{Fate, Harmed, Holding, Holdings, Lot, Reader};

/// What is stored, for a terminal, at most 80 columns wide.
#[must_use]
pub fn text(holdings: &Holdings, context: &SkewContext<'_>, paint: Paint) -> String {
    let plan = context.plan.map_or_else(|| "none, nobody acts".to_owned(), str::to_owned);
    let when = format!("what is stored at {}, and what each version makes of it", holdings.at);
    let name = paint.strong(context.scenario);
    let heading = format!("{name}\n{}{}", hanging("plan: ", &plan), hanging("", &when));
    if holdings.stores.is_empty() {
        return format!("{heading}\nthere is no store and no topic; what a cache holds is not a record\n");
    }
    let stores = holdings.stores.iter().map(|store| holding(store, paint));
    [heading].into_iter().chain(stores).collect::<Vec<_>>().join("\n")
}

fn holding(holding: &Holding, paint: Paint) -> String {
    let lots: String = holding.lots.iter().map(lot).collect();
    format!("{}   {} records\n{lots}", paint.strong(&holding.store), grouped(holding.records))
}

fn lot(lot: &Lot) -> String {
    let head = format!("{} in {} of {}, from {} on", grouped(lot.records), lot.format, lot.writer, lot.since);
    let mut text = hanging("  ", &head);
    text.extend(harmed(&lot.damaged, "no longer what was meant"));
    text.extend(harmed(&lot.fields_lost, "gone"));
    text.extend(lot.readers.iter().map(|own| reader(own, lot)));
    text
}

fn harmed(harmed: &Harmed, how: &str) -> Option<String> {
    let since = harmed.since.map_or(String::new(), |since| format!(", from {since} on"));
    let said = format!("{} with {} {how}{since}", grouped(harmed.records), quoted(&harmed.fields));
    (harmed.records > 0).then(|| hanging("    ", &said))
}

fn reader(reader: &Reader, lot: &Lot) -> String {
    let who = if reader.serves { format!("{}, serving", reader.version) } else { reader.version.clone() };
    let many = if reader.records == lot.records { "them".to_owned() } else { grouped(reader.records) };
    let fields = quoted(&reader.fields);
    let what = match reader.fate {
        Fate::Read => format!("reads {many}"),
        Fate::Open => format!("reads {many}, but not judged:"),
        Fate::Stripped => format!("reads {many}, and would not keep {fields}"),
        Fate::Misread => format!("MISREADS {many}"),
        Fate::Unwritable => format!("reads {many}, and CANNOT WRITE THEM BACK"),
        Fate::Unreadable => format!("CANNOT READ {many}"),
    };
    let since = reader.since.map_or(String::new(), |since| format!(", from {since} on"));
    // A reason names its field.
    let is_named = !reader.reasons.is_empty() || reader.fields.is_empty() || reader.fate == Fate::Stripped;
    let on = if is_named { String::new() } else { format!(" on {fields}") };
    let head = hanging("    ", &format!("{who}: {what}{on}{since}"));
    let reasons = reader.reasons.iter().map(|reason| hanging("      ", reason));
    format!("{head}{}", reasons.collect::<String>())
}

fn quoted(fields: &[String]) -> String {
    fields.iter().map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ")
}
