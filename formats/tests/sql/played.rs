//! What a run takes a migration to do to a row, held to the migration itself, executed on that row.
//!
//! Scripts of two or three steps in any order, over two tables, with rules, defaults and values computed anew. The row
//! becomes a kind whose values are stated. What is not judged, or hangs on data, must be said; then nothing is claimed.

use formats::sql::migration;
use model::data::sql::{Database, Fit, History, Leaves, Row, SqlError, Stated, Value, fit, migrate};
use model::data::{Kind, Mask, create};
use model::id::{FormatId, VersionId};

const TABLES: &str = "CREATE TABLE t (id bigint PRIMARY KEY, a integer CONSTRAINT c CHECK (a > -100), \
                      b text NOT NULL DEFAULT 'b', n numeric(6,2)); \
                      CREATE TABLE u (id bigint PRIMARY KEY, a integer, b text);";

const STEPS: [&str; 36] = [
    "ALTER TABLE t ADD COLUMN x integer",
    "ALTER TABLE t ADD COLUMN x integer NOT NULL DEFAULT 0",
    "ALTER TABLE t ADD COLUMN x integer NOT NULL",
    "ALTER TABLE t ADD COLUMN x integer DEFAULT -1 CHECK (x > 0)",
    "ALTER TABLE t ALTER COLUMN x SET NOT NULL",
    "UPDATE t SET x = 1",
    "UPDATE t SET x = a",
    "UPDATE t SET x = 7 WHERE x IS NULL",
    "UPDATE t SET x = 1 WHERE a > 0",
    "UPDATE u SET a = 1",
    "UPDATE t SET a = a * 100",
    "UPDATE t SET a = a / 100",
    "UPDATE t SET a = 100 * a WHERE id > 5",
    "UPDATE t SET a = 0 WHERE a IS NULL",
    "UPDATE t SET a = -a",
    "UPDATE t SET a = 0",
    "UPDATE t SET a = NULL",
    "UPDATE t SET n = n / 100",
    "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    "ALTER TABLE t DROP CONSTRAINT c",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 100)",
    "ALTER TABLE t ADD CONSTRAINT d CHECK (a > 0) NOT VALID",
    "ALTER TABLE t ADD CHECK (b IN ('b', 'ab'))",
    "ALTER TABLE t ALTER COLUMN a TYPE smallint",
    "ALTER TABLE t ALTER COLUMN a TYPE integer USING a * 2",
    "ALTER TABLE t ALTER COLUMN b TYPE varchar(2)",
    "ALTER TABLE t ALTER COLUMN b TYPE varchar(2) USING left(b, 2)",
    "ALTER TABLE t ALTER COLUMN b TYPE integer USING b::integer",
    "ALTER TABLE u ALTER COLUMN b TYPE varchar(1)",
    "ALTER TABLE t ALTER COLUMN n TYPE integer",
    "ALTER TABLE t ADD COLUMN g integer GENERATED ALWAYS AS (100 / a) STORED",
    "ALTER TABLE t DROP COLUMN n",
    "ALTER TABLE t ADD COLUMN y bigint; UPDATE t SET y = a; ALTER TABLE t DROP COLUMN a; ALTER TABLE t RENAME y TO a",
    "ALTER TABLE t RENAME b TO y; ALTER TABLE t ADD COLUMN b varchar(2); UPDATE t SET b = left(y, 2); \
     ALTER TABLE t DROP COLUMN y",
    "TRUNCATE t",
    "DELETE FROM t WHERE a < 0",
];

const VALUES: [[&str; 6]; 4] = [
    ["1", "2", "6", "9", "1000", "-3"],
    ["null", "5", "-7", "0", "250", "400000"],
    ["b", "ab", "abc", "12", "", "b "],
    ["null", "1.50", "100.25", "0", "-2", "9999.99"],
];

/// Numbers without an end, by Sebastiano Vigna's SplitMix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("below an index")
    }
}

fn database() -> Database {
    let mut database = Database::default();
    migrate(&migration("tables", TABLES).expect("a script"), &mut database).expect("it fits");
    database
}

/// A row of these texts, and what a run knows of it: every value is stated.
struct Told {
    history: History,
    row: Row,
    kind: Kind,
}

/// `None` where the script fails for everybody.
fn told(before: &Database, script: &str, texts: [&str; 4]) -> Option<Told> {
    let steps = migration("migration", script).expect("a script");
    let history = History::new("t", ("before", before), &[("after", steps)]).ok()?;
    let fields = &history.entity.formats[0].fields;
    let text = |text: &str| (text != "null").then(|| text.to_owned());
    let stated: Vec<Stated> = fields.iter().zip(texts).map(|(field, own)| (field.slot, text(own))).collect();
    let value = |(field, (_, text)): (_, &Stated)| history.value(FormatId::ZERO, field, text.as_deref());
    let row: Row = fields.iter().zip(&stated).map(value).collect::<Result<_, _>>().ok()?;
    let slots = history.entity.formats[0].slots();
    let kind = create(FormatId::ZERO, slots, slots, VersionId::ZERO);
    Some(Told { history: history.of_values(stated), row, kind })
}

/// What the script itself makes of the row.
fn made(before: &Database, script: &str, row: &Row) -> Result<Vec<Row>, SqlError> {
    let mut database = before.clone();
    database.tables.get_mut("t").expect("it is there").rows = vec![row.clone()];
    migrate(&migration("migration", script).expect("a script"), &mut database)?;
    Ok(database.tables["t"].rows.clone())
}

#[derive(Debug, Default)]
struct Count {
    stopped: usize,
    gone: usize,
    kept: usize,
    changed: usize,
    undecided: usize,
    cautious: usize,
}

/// Slots whose value is another one than it was, or of another meaning.
fn changed(told: &Told, after: &Row) -> Mask {
    let [old, new] = [0, 1].map(|state| told.history.entity.formats[state].clone());
    let [from, to] = [0, 1].map(|state| told.history.table(FormatId::new(state)).expect("it is there"));
    let enums = &told.history.states[1].database.enums;
    let mut slots = Mask::EMPTY;
    for (place, field) in old.fields.iter().enumerate() {
        let Some(now) = new.fields.iter().position(|other| other.slot == field.slot) else { continue };
        let (was, is) = (&told.row[place], &after[now]);
        let stored = fit(was, &from.columns[place].of, &to.columns[now].of, enums);
        let same = stored == Fit::Same(is.clone()) || (*was == Value::Null && *is == Value::Null);
        let cast = was.text(&from.columns[place].of) == is.text(&to.columns[now].of);
        if !(same || cast) {
            slots.insert(field.slot);
        }
    }
    slots
}

fn hold(before: &Database, script: &str, texts: [&str; 4], count: &mut Count) {
    let Some(told) = told(before, script, texts) else { return };
    let real = match made(before, script, &told.row) {
        Ok(rows) => Some(rows),
        Err(SqlError::Raised { .. }) => None,
        Err(SqlError::Unsupported(_)) => return,
    };
    let upgrade = told.history.upgrade(FormatId::new(1)).expect("there is a migration");
    let place = format!("{script}\n{texts:?}\n{real:?}\n{:?}", upgrade.table.findings);
    if !upgrade.unjudged.is_empty() || !upgrade.picked.is_empty() || upgrade.leaves == Leaves::Some {
        count.undecided += 1;
        return;
    }
    let row = upgrade.row(&told.kind, VersionId::ZERO);
    match (real, row) {
        (None, Err(_)) => count.stopped += 1,
        (None, Ok(_)) => panic!("not foretold: {place}"),
        (Some(rows), _) if rows.is_empty() => {
            assert_eq!(upgrade.leaves, Leaves::None, "{place}");
            count.gone += 1;
        }
        (Some(_), Err(_)) => count.cautious += 1,
        (Some(rows), Ok((kind, _))) => {
            assert_eq!(upgrade.leaves, Leaves::All, "{place}");
            let changed = changed(&told, &rows[0]);
            let rescaled = changed - kind.bad - kind.lost;
            let old = &told.history.entity.formats[0];
            let new = &told.history.entity.formats[1];
            let another = |slot| {
                let units = old.field(slot).zip(new.field(slot));
                units.is_some_and(|(old, new)| old.unit.clashes(&new.unit))
            };
            assert!(rescaled.into_iter().all(another), "{place}: {kind:?}");
            *(if changed.is_empty() { &mut count.kept } else { &mut count.changed }) += 1;
        }
    }
}

#[test]
fn what_a_run_takes_a_migration_to_do_is_what_it_does() {
    let before = database();
    let (mut draw, mut count) = (Draw(6), Count::default());
    for _ in 0..350 {
        let steps: Vec<&str> = (0..2 + draw.below(2)).map(|_| STEPS[draw.below(STEPS.len())]).collect();
        let texts: [&str; 4] = VALUES.map(|values| values[draw.below(values.len())]);
        hold(&before, &steps.join("; "), texts, &mut count);
    }
    for step in STEPS {
        for pick in [0, 2, 3, 5] {
            hold(&before, step, VALUES.map(|values| values[pick]), &mut count);
        }
    }
    let Count { stopped, gone, kept, changed, undecided, cautious } = count;
    assert!(stopped > 20 && gone > 5 && kept > 30 && changed > 15 && undecided > 10, "{count:?}");
    assert!(cautious * 10 < stopped + kept + changed, "{count:?}");
}
