//! Rules whose expression itself fails for some values: divisions, numbers out of range, texts that are no numbers.

use super::drawing::{Case, Draw, inserting, reading, updating};

/// Conditions of one column.
const SINGLE: [&str; 13] = [
    "100 / amount < 60",
    "amount * 2 > -100",
    "amount + 1 > -10",
    "amount::smallint < 20000",
    "1000 % amount >= 0",
    "10 / q >= 0",
    "q / (q - 5) < 100",
    "note::integer > 5",
    "note::date > '2000-01-01'",
    "note::numeric(3,1) > 0",
    "1 / (p - 3) < 5",
    "p::numeric(4,2) > 0",
    "amount > 100 / (5 - 5)",
];

/// Conditions of several.
const JOINT: [&str; 4] = [
    "amount / q < 1000",
    "q = 0 OR amount / q < 1000",
    "CASE WHEN amount > 0 THEN 100 / q < 60 ELSE true END",
    "note IS NULL OR note::integer < amount",
];

/// Values that a row may have beside those that are drawn elsewhere.
const Q: [&str; 4] = ["0", "5", "null", "300"];
const NOTE: [&str; 5] = ["12", "x", "null", "-3", "2024-01-02"];

fn condition(draw: &mut Draw) -> String {
    match draw.below(16) {
        0 => draw.pick(&JOINT).to_owned(),
        1 => format!("{} OR {}", draw.pick(&SINGLE), draw.pick(&SINGLE)),
        2 => format!("{} AND {}", draw.pick(&SINGLE), draw.pick(&SINGLE)),
        _ => draw.pick(&SINGLE).to_owned(),
    }
}

/// A case in which a migration makes such a rule, and maybe takes it away again.
pub(crate) fn ruling(draw: &mut Draw) -> Case {
    let mut case = match draw.below(3) {
        0 => reading(draw),
        1 => inserting(draw),
        _ => updating(draw),
    };
    (case.values[1], case.values[2]) = (draw.pick(&NOTE), draw.pick(&Q));
    let validated = if draw.one_in(2) { "" } else { " NOT VALID" };
    case.up = format!("ALTER TABLE orders ADD CONSTRAINT k CHECK ({}){validated}", condition(draw));
    case.down = draw.one_in(4).then(|| "ALTER TABLE orders DROP CONSTRAINT k".to_owned());
    case
}
