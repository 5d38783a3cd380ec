//! What is drawn: values of a row, a migration and maybe its way back, and what the only version says to the table.

/// A column of the table.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) of: &'static str,
    pub(crate) nullable: bool,
    /// Values that a row may have; `null` is none.
    values: &'static [&'static str],
    /// Literals of usual values, of which the first is taken that goes.
    pub(crate) usual: [&'static str; 4],
    /// Expressions over the column, or over a parameter in its place.
    made: &'static [&'static str],
}

pub(crate) const COLUMNS: [Column; 5] = [
    Column {
        name: "amount",
        of: "integer",
        nullable: false,
        values: &["5", "7", "0", "-3", "70000", "2147483647"],
        usual: ["1", "7", "150", "2"],
        made: &["{} * 2", "{} + 1", "abs({})", "{} / 2", "-{}"],
    },
    Column {
        name: "note",
        of: "text",
        nullable: true,
        values: &["x", "hello", "12", "null", "2024-01-02", "abcdefghijkl", ""],
        usual: ["'1'", "'a'", "'2024-01-02'", "'ab'"],
        made: &["upper({})", "{} || 'y'", "left({}, 3)", "coalesce({}, '')"],
    },
    Column {
        name: "q",
        of: "integer",
        nullable: true,
        values: &["1", "null", "300", "5"],
        usual: ["1", "7", "150", "2"],
        made: &["{} * 10", "{} - 1", "coalesce({}, 1)"],
    },
    Column {
        name: "p",
        of: "numeric(8,2)",
        nullable: true,
        values: &["1.25", "3.00", "null", "99999.99"],
        usual: ["2", "8", "150", "4"],
        made: &["{} / 2", "round({})", "{} * 100"],
    },
    Column {
        name: "at",
        of: "timestamp",
        nullable: true,
        values: &["2024-01-02 03:04:05.5", "null", "2024-01-02 00:00:00"],
        usual: ["'2024-01-02'", "'2024-05-06 07:08:09'", "'1999-01-01'", "'2024-01-02 03:04:05'"],
        made: &["{}::date", "{}::timestamp(0)", "coalesce({}, '2020-01-01')"],
    },
];

/// What happens to a table.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The value of each column in each row; `null` is none.
    pub(crate) values: [&'static str; 5],
    pub(crate) up: String,
    pub(crate) down: Option<String>,
    pub(crate) select: String,
    pub(crate) write: Option<Write>,
    /// Whether the version has written before the migration.
    pub(crate) early: bool,
}

/// An `INSERT` or an `UPDATE`, whose parameters stand for columns; the first one is the number of the row.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) is_insert: bool,
    pub(crate) text: String,
    /// Of which column each further parameter is, and whether it gets the value of the row; else it is a usual one.
    pub(crate) parameters: Vec<(usize, bool)>,
}

impl Case {
    pub(crate) fn table() -> String {
        let each = COLUMNS.map(|column| {
            let null = if column.nullable { "" } else { " NOT NULL" };
            format!("{} {}{null}", column.name, column.of)
        });
        format!("CREATE TABLE orders (id bigint PRIMARY KEY, {})", each.join(", "))
    }

    /// How often the statements have to be tried with other usual values.
    pub(crate) fn variants(&self) -> usize {
        let is_usual = |write: &Write| write.parameters.iter().any(|(_, is_stated)| !is_stated);
        if self.write.as_ref().is_some_and(is_usual) { COLUMNS[0].usual.len() } else { 1 }
    }

    /// Whether what is harm in general may not be for these values: a multiple of zero is zero, and columns that change
    /// places may hold the same.
    pub(crate) fn is_same_by_chance(&self) -> bool {
        let text = self.write.as_ref().map_or("", |write| &write.text);
        let is_written = [" 0,", " 0)", "= 0 "].iter().any(|zero| text.contains(zero));
        self.values.contains(&"0") || is_written || self.up.contains("RENAME q TO amount")
    }

    /// Whether the version gives a NULL to a column that has room for no value of its own.
    pub(crate) fn gives_null_only(&self) -> bool {
        let is_null = |(column, is_stated): &(usize, bool)| *is_stated && self.values[*column] == "null";
        self.up.contains(" TYPE ") && self.write.as_ref().is_some_and(|write| write.parameters.iter().any(is_null))
    }

    /// Whether the version computes a column from itself: each time it is another value.
    pub(crate) fn goes_on(&self) -> bool {
        let is_own = |name: &str| {
            let Some(write) = &self.write else { return false };
            write
                .text
                .split_once(&format!("{name} = "))
                .is_some_and(|(_, rest)| rest.split([',', 'W']).next().is_some_and(|expr| expr.contains(name)))
        };
        COLUMNS.iter().any(|column| is_own(column.name))
    }

    /// Whether the version reads more than columns as they are: what is made of them may come out the same.
    pub(crate) fn is_composed(&self) -> bool {
        self.select.contains(['(', '+', '-', '/', '|', ':']) || self.select.contains("* 1")
    }

    /// The value of a column as a literal.
    pub(crate) fn literal(&self, column: usize) -> String {
        match (self.values[column], COLUMNS[column].of) {
            ("null", _) => "NULL".to_owned(),
            (value, "text" | "timestamp") => format!("'{value}'"),
            (value, _) => value.to_owned(),
        }
    }
}

/// Numbers drawn one after the other (Steele, Lea, Flood: splitmix64).
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) const fn new(seed: u64) -> Self {
        Draw(seed)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn column(&mut self) -> &'static Column {
        &COLUMNS[self.below(COLUMNS.len())]
    }
}

/// A case in which the version only reads.
pub(crate) fn reading(draw: &mut Draw) -> Case {
    let values = COLUMNS.each_ref().map(|column| draw.pick(column.values));
    let count = draw.pick(&[1, 1, 2, 3]);
    let (up, down) = if draw.one_in(3) {
        let pairs: Vec<_> = (0..count.min(2)).map(|_| pair(draw)).collect();
        let downs: Vec<String> = pairs.iter().rev().map(|(_, down)| down.clone()).collect();
        (pairs.into_iter().map(|(up, _)| up).collect::<Vec<_>>(), Some(downs.join("; ")))
    } else {
        ((0..count).map(|_| step(draw)).collect(), None)
    };
    Case { values, up: up.join("; "), down, select: select(draw), write: None, early: false }
}

/// A case in which the version makes rows, too.
pub(crate) fn inserting(draw: &mut Draw) -> Case {
    let case = reading(draw);
    Case { write: Some(insert(draw)), early: draw.one_in(2), ..case }
}

/// A case in which the version changes rows, too.
pub(crate) fn updating(draw: &mut Draw) -> Case {
    let case = reading(draw);
    Case { write: Some(update(draw)), early: draw.one_in(2), ..case }
}

fn select(draw: &mut Draw) -> String {
    if draw.one_in(8) {
        return "SELECT * FROM orders".to_owned();
    }
    let listed: Vec<String> = COLUMNS
        .iter()
        .filter_map(|column| match draw.below(6) {
            0 | 1 => None,
            2 => Some(draw.pick(column.made).replace("{}", column.name)),
            _ => Some(column.name.to_owned()),
        })
        .collect();
    format!("SELECT {} FROM orders", [vec!["id".to_owned()], listed].concat().join(", "))
}

fn insert(draw: &mut Draw) -> Write {
    let named: Vec<usize> = (0..COLUMNS.len()).filter(|index| *index == 0 || !draw.one_in(3)).collect();
    let mut parameters = Vec::new();
    let mut given = vec!["$1".to_owned()];
    for index in &named {
        let column = &COLUMNS[*index];
        let choice = draw.below(8);
        let is_open = choice > 1;
        if is_open {
            parameters.push((*index, choice > 2));
        }
        let parameter = format!("${}", parameters.len() + 1);
        given.push(match choice {
            0 | 1 => constant(column, draw),
            2 => draw.pick(column.made).replace("{}", &parameter),
            _ => parameter,
        });
    }
    let names: Vec<&str> = ["id"].into_iter().chain(named.iter().map(|index| COLUMNS[*index].name)).collect();
    let text = format!("INSERT INTO orders ({}) VALUES ({})", names.join(", "), given.join(", "));
    Write { is_insert: true, text, parameters }
}

fn update(draw: &mut Draw) -> Write {
    let mut parameters = Vec::new();
    let first = draw.below(COLUMNS.len());
    let second = (first + 1 + draw.below(COLUMNS.len() - 1)) % COLUMNS.len();
    let count = 1 + usize::from(draw.one_in(3));
    let sets = [first, second].into_iter().take(count).map(|index| {
        let column = &COLUMNS[index];
        let value = match draw.below(4) {
            0 => constant(column, draw),
            1 => draw.pick(&column.made[..2]).replace("{}", column.name),
            2 if index == 2 => "amount".to_owned(),
            _ => {
                parameters.push((index, false));
                format!("${}", parameters.len() + 1)
            }
        };
        format!("{} = {value}", column.name)
    });
    let sets: Vec<String> = sets.collect();
    Write { is_insert: false, text: format!("UPDATE orders SET {} WHERE id = $1", sets.join(", ")), parameters }
}

fn constant(column: &Column, draw: &mut Draw) -> String {
    // One at the end of a type may be met by a way back only.
    let values = &column.values[..column.values.len() - 1];
    match (draw.pick(values), column.of) {
        ("null", _) if column.nullable => "NULL".to_owned(),
        (value, "text" | "timestamp") => format!("'{value}'"),
        (value, _) => value.to_owned(),
    }
}

const TYPES: [&str; 13] = [
    "smallint",
    "integer",
    "bigint",
    "text",
    "varchar(3)",
    "varchar(20)",
    "numeric",
    "numeric(5,1)",
    "numeric(12,4)",
    "real",
    "date",
    "timestamp(0)",
    "timestamptz",
];

/// Steps of which nothing is drawn any more.
const STEPS: [&str; 44] = [
    "ALTER TABLE orders ADD CHECK (amount > 0)",
    "ALTER TABLE orders ADD CHECK (amount > 0) NOT VALID",
    "ALTER TABLE orders ADD CHECK (amount < 1000 OR q IS NOT NULL)",
    "ALTER TABLE orders ADD CHECK (length(note) < 6)",
    "ALTER TABLE orders ADD CHECK (note IN ('x', 'hello'))",
    "ALTER TABLE orders ADD CHECK (q > 0)",
    "ALTER TABLE orders ADD CHECK (p < 1000)",
    "ALTER TABLE orders ADD UNIQUE (note)",
    "ALTER TABLE orders ADD UNIQUE (id, q)",
    "UPDATE orders SET amount = amount * 100",
    "UPDATE orders SET amount = amount / 100",
    "UPDATE orders SET amount = 0",
    "UPDATE orders SET amount = coalesce(q, 0)",
    "UPDATE orders SET amount = abs(amount)",
    "UPDATE orders SET amount = amount * 1000000",
    "UPDATE orders SET q = amount",
    "UPDATE orders SET q = coalesce(q, 1)",
    "UPDATE orders SET q = q * 10",
    "UPDATE orders SET q = nullif(q, 5)",
    "UPDATE orders SET q = 2 WHERE note IS NULL",
    "UPDATE orders SET amount = 1 WHERE p IS NOT NULL",
    "UPDATE orders SET note = coalesce(note, '')",
    "UPDATE orders SET note = left(note, 3)",
    "UPDATE orders SET note = upper(note)",
    "UPDATE orders SET note = 'x'",
    "UPDATE orders SET note = amount::text",
    "UPDATE orders SET p = p / 3",
    "UPDATE orders SET p = round(p)",
    "UPDATE orders SET at = at::date",
    "ALTER TABLE orders ADD COLUMN z integer",
    "ALTER TABLE orders ADD COLUMN z integer NOT NULL",
    "ALTER TABLE orders ADD COLUMN z integer NOT NULL DEFAULT 3",
    "ALTER TABLE orders ADD COLUMN z integer DEFAULT 0 CHECK (z > 0)",
    "ALTER TABLE orders ADD COLUMN z integer GENERATED ALWAYS AS (100 / amount) STORED",
    "ALTER TABLE orders ADD COLUMN z smallint GENERATED ALWAYS AS (amount) STORED",
    "ALTER TABLE orders ADD COLUMN z serial",
    "ALTER TABLE orders ADD COLUMN z integer NOT NULL DEFAULT 1; ALTER TABLE orders ALTER COLUMN z DROP DEFAULT",
    "ALTER TABLE orders ADD COLUMN z integer; UPDATE orders SET z = q; ALTER TABLE orders ALTER COLUMN z SET NOT NULL",
    "ALTER TABLE orders ADD COLUMN z text; UPDATE orders SET z = note; ALTER TABLE orders DROP COLUMN note; \
     ALTER TABLE orders RENAME z TO note",
    "ALTER TABLE orders RENAME amount TO z; ALTER TABLE orders RENAME q TO amount; ALTER TABLE orders RENAME z TO q",
    "ALTER TABLE orders RENAME TO elsewhere",
    "CREATE TYPE mood AS ENUM ('x', 'hello'); ALTER TABLE orders ALTER COLUMN note TYPE mood USING note::mood",
    "CREATE TABLE n (id bigint PRIMARY KEY, amount integer NOT NULL, note text, q integer, p numeric(8,1), at date); \
     INSERT INTO n SELECT id, amount, note, q, p, at FROM orders; DROP TABLE orders; ALTER TABLE n RENAME TO orders",
    "DELETE FROM orders",
];

fn step(draw: &mut Draw) -> String {
    let Column { name, .. } = draw.column();
    let alter = |what: String| format!("ALTER TABLE orders {what}");
    match draw.below(13) {
        12 => replaced(draw),
        0..=2 => {
            let of = draw.pick(&TYPES);
            let using = draw.pick(&["", " USING {}::{of}", " USING {}::text::{of}"]);
            let using = using.replace("{of}", of).replace("{}", name);
            alter(format!("ALTER COLUMN {name} TYPE {of}{using}"))
        }
        3 => alter(format!("ALTER COLUMN {name} SET NOT NULL")),
        4 => alter(format!("DROP COLUMN {name}")),
        5 if draw.one_in(2) => alter(format!("RENAME COLUMN {name} TO {name}_n")),
        5 => format!("UPDATE orders SET {name} = NULL"),
        _ => draw.pick(&STEPS).to_owned(),
    }
}

/// A column of maybe another type that is filled from one and takes its place, as it is done to be quick about locks.
fn replaced(draw: &mut Draw) -> String {
    let Column { name, nullable, .. } = draw.column();
    let of = draw.pick(&TYPES);
    let cast = if draw.one_in(2) { format!("::{of}") } else { String::new() };
    let filled = |made: &str, from: &str| {
        let required =
            if *nullable { String::new() } else { format!("ALTER TABLE orders ALTER COLUMN {made} SET NOT NULL; ") };
        format!(
            "ALTER TABLE orders ADD COLUMN {made} {of}; UPDATE orders SET {made} = {from}{cast}; \
             {required}ALTER TABLE orders DROP COLUMN {from}"
        )
    };
    if draw.one_in(3) {
        format!("ALTER TABLE orders RENAME COLUMN {name} TO z; {}", filled(name, "z"))
    } else {
        format!("{}; ALTER TABLE orders RENAME COLUMN z TO {name}", filled("z", name))
    }
}

/// A step, and what undoes it.
fn pair(draw: &mut Draw) -> (String, String) {
    let Column { name, of, .. } = draw.column();
    let pair = |(up, down): (&str, &str)| (up.to_owned(), down.to_owned());
    if draw.one_in(2) {
        // Of a float it is not told what it has cut before.
        let to = draw.pick(&TYPES[..9]);
        let using = |of: &str, draw: &mut Draw| {
            let using = draw.pick(&["", " USING {}::{of}", " USING {}::text::{of}"]);
            using.replace("{of}", of).replace("{}", name)
        };
        let alter = |of: &str, using: String| format!("ALTER TABLE orders ALTER COLUMN {name} TYPE {of}{using}");
        return (alter(to, using(to, draw)), alter(of, using(of, draw)));
    }
    pair(draw.pick(&[
        ("UPDATE orders SET amount = amount / 100", "UPDATE orders SET amount = amount * 100"),
        ("UPDATE orders SET amount = amount * 10", "UPDATE orders SET amount = amount / 10"),
        ("UPDATE orders SET p = p / 100", "UPDATE orders SET p = p * 100"),
        ("UPDATE orders SET q = q * 100", "UPDATE orders SET q = q / 100"),
        ("UPDATE orders SET amount = -amount", "UPDATE orders SET amount = -amount"),
        ("UPDATE orders SET amount = amount + 1", "UPDATE orders SET amount = amount - 1"),
        ("ALTER TABLE orders RENAME COLUMN amount TO sum", "ALTER TABLE orders RENAME COLUMN sum TO amount"),
        ("ALTER TABLE orders ALTER amount DROP NOT NULL", "ALTER TABLE orders ALTER amount SET NOT NULL"),
        ("ALTER TABLE orders DROP COLUMN at", "ALTER TABLE orders ADD COLUMN at timestamp"),
        ("ALTER TABLE orders ADD COLUMN z integer", "ALTER TABLE orders DROP COLUMN z"),
        ("ALTER TABLE orders ADD CONSTRAINT k CHECK (amount > 0)", "ALTER TABLE orders DROP CONSTRAINT k"),
        (
            "UPDATE orders SET note = coalesce(note, ''); ALTER TABLE orders ALTER note SET NOT NULL",
            "ALTER TABLE orders ALTER note DROP NOT NULL",
        ),
    ]))
}
