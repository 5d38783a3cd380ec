//! What is drawn: tables, rows, migrations, statements of an application that knew the table before.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};

/// Something to be done in both databases.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) setup: String,
    pub(crate) migration: String,
    pub(crate) statements: Vec<String>,
}

/// A type of a column, with literals of it: the last ones are those that other types do not hold.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) literals: &'static [&'static str],
}

pub(crate) const KINDS: [Kind; 19] = [
    Kind { name: "smallint", literals: &["5", "0", "-7", "32767"] },
    Kind { name: "integer", literals: &["5", "0", "1", "-2147483648", "100000"] },
    Kind { name: "bigint", literals: &["5", "1999", "0", "5000000000", "9223372036854775807"] },
    Kind { name: "numeric(10,2)", literals: &["1.5", "12.56", "0.005", "99999.995", "-3"] },
    Kind { name: "numeric", literals: &["1.50", "2.5", "1000000", "0.12345678", "-0.5"] },
    Kind { name: "real", literals: &["1.5", "0.1", "100000", "1e10", "2.5"] },
    Kind { name: "double precision", literals: &["2.55", "3.5", "0.1", "1e20", "1e-5", "123456789.125"] },
    Kind { name: "text", literals: &["'x'", "'5'", "'12.5'", "'true'", "'2024-01-02'", "''", "'abcdefghijkl  '"] },
    Kind { name: "varchar(10)", literals: &["'ab'", "'5 '", "'ok'", "'abcdefghij'"] },
    Kind { name: "char(5)", literals: &["'ab'", "'5'", "'abcde'", "'sad'"] },
    Kind { name: "boolean", literals: &["true", "false", "'yes'"] },
    Kind { name: "date", literals: &["'2024-01-02'", "'1999-12-31'", "'2024-02-29'"] },
    Kind { name: "timestamp", literals: &["'2024-01-02 03:04:05'", "'2024-01-02 23:59:59.999999'", "'1999-01-01'"] },
    Kind { name: "timestamptz", literals: &["'2024-01-02 03:04:05.5+02'", "'2024-06-30 22:00:00Z'"] },
    Kind { name: "timestamp(0)", literals: &["'2024-01-02 03:04:05.5'", "'1999-12-31 23:59:59.6'"] },
    Kind {
        name: "uuid",
        literals: &["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'{A0EEBC999C0B4EF8BB6D6BB9BD380A12}'"],
    },
    Kind { name: "bytea", literals: &["'ab'", "'\\x6162'", "'a\\\\b'"] },
    Kind { name: "jsonb", literals: &["'{\"b\":1, \"a\":[1.0,2e2]}'", "'5'", "'true'", "'\"x\"'"] },
    Kind { name: "mood", literals: &["'sad'", "'ok'"] },
];

/// Literals that may be of any type, or of none.
pub(crate) const ODD: [&str; 9] =
    ["NULL", "'nonsense'", "2000000000", "'not a date'", "1.5", "'7'", "5000000000", "true", "'ok'"];

/// A tape of drawn numbers, read from the front.
struct Draw(std::vec::IntoIter<u64>);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        let number = self.0.next().expect("the tape is long enough");
        (number % end as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// The same cases every time.
pub(crate) fn cases(count: usize) -> Vec<Case> {
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(Config::default().rng_algorithm));
    let tape = prop::collection::vec(any::<u64>(), 400);
    let mut draw = || Draw(tape.new_tree(&mut runner).expect("a tape").current().into_iter());
    (0..count).map(|_| case(&mut draw())).collect()
}

const NAMES: [&str; 3] = ["a", "b", "c"];

fn case(draw: &mut Draw) -> Case {
    let kinds: Vec<usize> = NAMES.iter().map(|_| draw.below(KINDS.len())).collect();
    let columns: Vec<String> = NAMES.iter().zip(&kinds).map(|(name, kind)| column(name, &KINDS[*kind], draw)).collect();
    let mut setup =
        "CREATE TYPE mood AS ENUM ('sad','ok','happy'); CREATE SEQUENCE q; CREATE TABLE p(id integer PRIMARY KEY); "
            .to_owned();
    setup += "INSERT INTO p VALUES (5),(1999),(0); ";
    setup += &format!("CREATE TABLE t(id integer PRIMARY KEY, {})", columns.join(", "));
    for id in 1..=draw.below(4) {
        let values: Vec<&str> = kinds.iter().map(|kind| draw.pick(KINDS[*kind].literals)).collect();
        setup += &format!("; INSERT INTO t VALUES ({id}, {})", values.join(", "));
    }
    let steps: Vec<String> = (0..=draw.below(3)).map(|_| step(&kinds, draw)).collect();
    let statements = (0..5).map(|_| statement(&kinds, draw)).collect();
    Case { setup, migration: steps.join("; "), statements }
}

fn column(name: &str, kind: &Kind, draw: &mut Draw) -> String {
    let default = if draw.one_in(3) { format!(" DEFAULT {}", draw.pick(kind.literals)) } else { String::new() };
    let check = match kind.name {
        "integer" | "bigint" | "smallint" if draw.one_in(4) => format!(" CHECK ({name} > -100)"),
        "text" if draw.one_in(4) => format!(" CHECK ({name} <> 'bad')"),
        _ => String::new(),
    };
    let null = if draw.one_in(3) { " NOT NULL" } else { "" };
    format!("{name} {}{null}{default}{check}", kind.name)
}

/// A step of a migration; it may well fail.
fn step(kinds: &[usize], draw: &mut Draw) -> String {
    let index = draw.below(NAMES.len());
    let (name, kind) = (NAMES[index], &KINDS[kinds[index]]);
    let literal = draw.pick(kind.literals);
    let other = &KINDS[draw.below(KINDS.len())];
    let alter = |what: String| format!("ALTER TABLE t {what}");
    match draw.below(42) {
        36..=41 => story((name, kind), other, draw),
        21 => alter(format!("ALTER COLUMN {name} TYPE {} USING {}", other.name, expression(name, draw))),
        22 => alter(format!("ADD COLUMN d {} GENERATED ALWAYS AS ({}) STORED", other.name, expression(name, draw))),
        23 => format!("UPDATE t SET {name} = {}", expression(NAMES[draw.below(3)], draw)),
        24 => format!("CREATE UNIQUE INDEX i ON t({name})"),
        25 => {
            "ALTER TABLE t RENAME COLUMN a TO d; ALTER TABLE t RENAME COLUMN b TO a; ALTER TABLE t RENAME COLUMN d TO b"
                .to_owned()
        }
        26 => alter(format!("DROP CONSTRAINT {}", draw.pick(&["t_a_check", "t_pkey", "k"]))),
        27 => alter("VALIDATE CONSTRAINT k".to_owned()),
        28 => format!("DELETE FROM t WHERE {name} = {literal}"),
        29 => alter(format!("ADD CHECK (({}) = ({}))", expression(name, draw), expression(name, draw))),
        30 => "ALTER TABLE t RENAME TO s; ALTER TABLE s RENAME TO t".to_owned(),
        31 => "DELETE FROM p; ALTER TABLE t ADD COLUMN d integer REFERENCES p; TRUNCATE t".to_owned(),
        32 => alter(format!("ALTER COLUMN {name} ADD GENERATED {} AS IDENTITY", draw.pick(&["ALWAYS", "BY DEFAULT"]))),
        33 => alter(format!("ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (START WITH {})", draw.below(5) + 1)),
        34 => alter("ALTER COLUMN id SET DEFAULT nextval('q'::regclass)".to_owned()),
        35 => alter(format!("ALTER COLUMN id DROP IDENTITY{}", draw.pick(&["", " IF EXISTS"]))),
        0 => alter(format!("ADD COLUMN d {}", other.name)),
        1 => alter(format!("ADD COLUMN d {} NOT NULL DEFAULT {}", other.name, draw.pick(other.literals))),
        2 => alter(format!("ADD COLUMN d {} NOT NULL", other.name)),
        3 => alter(format!("DROP COLUMN {name}")),
        4 => alter(format!("RENAME COLUMN {name} TO {}", draw.pick(&["d", "e", "a", "b"]))),
        5..=7 => alter(format!("ALTER COLUMN {name} TYPE {}", other.name)),
        8 | 9 => alter(format!("ALTER COLUMN {name} TYPE {} USING {name}::{}", other.name, other.name)),
        10 => alter(format!("ALTER COLUMN {name} SET NOT NULL")),
        11 => alter(format!("ALTER COLUMN {name} DROP NOT NULL")),
        12 if draw.one_in(2) => alter(format!("ALTER COLUMN {name} SET DEFAULT {}", draw_odd(draw))),
        12 => alter(format!("ALTER COLUMN {name} SET DEFAULT {literal}")),
        13 => alter(format!("ALTER COLUMN {name} DROP DEFAULT")),
        14 => alter(format!("ADD CONSTRAINT k CHECK ({name} {} {literal})", draw.pick(&["=", "<>", "<", ">="]))),
        15 => alter(format!("ADD CONSTRAINT k CHECK ({name} <> {literal}) NOT VALID")),
        16 => alter(format!("ADD CONSTRAINT u UNIQUE ({name})")),
        17 => alter(format!("ADD CONSTRAINT f FOREIGN KEY ({name}) REFERENCES p(id)")),
        18 => format!("UPDATE t SET {name} = {literal} WHERE {name} IS NULL"),
        19 => format!("UPDATE t SET {name} = {name} {} 100", draw.pick(&["/", "*", "+"])),
        20 => alter(format!("ADD COLUMN d {}, DROP COLUMN {name}", other.name)),
        _ => format!("UPDATE t SET {name} = {}", draw_odd(draw)),
    }
}

/// Several steps that belong together: a column that is filled, written by two versions and left alone in the end, a
/// rule that comes to hold later, a default that comes and goes.
fn story((name, kind): (&str, &Kind), other: &Kind, draw: &mut Draw) -> String {
    let literal = draw.pick(kind.literals);
    let added = format!("ALTER TABLE t ADD COLUMN d {}; UPDATE t SET d = {name}", other.name);
    let written = draw.pick(&[
        "UPDATE t SET {x} = {y} WHERE id = 1",
        "UPDATE t SET {x} = {y}, d = {x} WHERE id = 2",
        "UPDATE t SET d = NULL WHERE id = 1",
        "INSERT INTO t(id, {x}) VALUES (7, {y})",
        "INSERT INTO t(id, d) VALUES (7, {y})",
    ]);
    let written = written.replace("{x}", name).replace("{y}", literal);
    let again = draw.pick(&["UPDATE t SET d = {x} WHERE d IS NULL; ", "UPDATE t SET d = coalesce(d, {x}); ", ""]);
    let again = again.replace("{x}", name);
    match draw.below(5) {
        0 => format!("{added}; {written}; {again}ALTER TABLE t DROP COLUMN {name}"),
        1 => format!("{added}; {written}; {again}ALTER TABLE t DROP COLUMN d"),
        2 => format!("{added}; {written}; ALTER TABLE t ADD CONSTRAINT n CHECK (d = {name}) NOT VALID; {written}"),
        3 => {
            let rule = format!("ALTER TABLE t ADD CONSTRAINT n CHECK ({name} <> {literal}) NOT VALID");
            let odd = draw_odd(draw);
            format!("{rule}; UPDATE t SET {name} = {odd}; ALTER TABLE t VALIDATE CONSTRAINT n")
        }
        _ => format!(
            "ALTER TABLE t ALTER COLUMN {name} SET DEFAULT {literal}; INSERT INTO t(id) VALUES (11); \
             ALTER TABLE t ALTER COLUMN {name} DROP DEFAULT; INSERT INTO t(id) VALUES (12)"
        ),
    }
}

/// An expression over one column; it may well be of the wrong type.
fn expression(x: &str, draw: &mut Draw) -> String {
    let shapes = [
        "{x}",
        "-{x}",
        "{x} / 3",
        "{x} * 2",
        "{x} % 7",
        "{x} - 1",
        "{x} || 'y'",
        "{x}::text",
        "{x}::integer",
        "{x}::numeric",
        "{x}::varchar(3)",
        "{x}::date",
        "{x}::boolean",
        "round({x})",
        "round({x}, 1)",
        "trunc({x})",
        "ceil({x})",
        "floor({x})",
        "abs({x})",
        "upper({x})",
        "length({x})",
        "left({x}, 2)",
        "right({x}, 2)",
        "substring({x}, 2, 3)",
        "coalesce({x}, NULL)",
        "nullif({x}, {x})",
        "CASE WHEN {x} IS NULL THEN 'none' ELSE 'some' END",
        "CASE WHEN {x} = {x} THEN 1 ELSE 2.5 END",
        "{x} IN ({x}, {x})",
        "{x} IS NOT NULL",
        "{x} > {x} OR {x} = {x}",
        "convert_to({x}, 'UTF8')",
        "to_timestamp({x})",
        "NOT {x}",
        "{x}::text::integer",
        "{x}::integer::text || 'z'",
        "({x} * 1.5)::bigint",
        "{x}::real / 3",
        "1 / {x}",
        "{x}::double precision * {x}",
        "{x} BETWEEN {x} AND {x}",
        "{x}::mood",
        "{x}::timestamp(0)",
        "{x}::json",
    ];
    draw.pick(&shapes).replace("{x}", x)
}

fn draw_odd(draw: &mut Draw) -> &'static str {
    draw.pick(&ODD)
}

/// What the application said before the migration, and still says.
fn statement(kinds: &[usize], draw: &mut Draw) -> String {
    let index = draw.below(NAMES.len());
    let (name, kind) = (NAMES[index], &KINDS[kinds[index]]);
    let literal = if draw.one_in(4) { draw_odd(draw) } else { draw.pick(kind.literals) };
    let compared = draw.pick(&["=", "<>", "<", ">="]);
    let values: Vec<&str> = kinds.iter().map(|kind| draw.pick(KINDS[*kind].literals)).collect();
    match draw.below(16) {
        14 => format!("INSERT INTO t({name}) VALUES ({literal})"),
        15 => format!("INSERT INTO t(id, {name}) VALUES (DEFAULT, {literal})"),
        12 => format!(
            "SELECT {} FROM t WHERE ({}) = {} ORDER BY id",
            expression(name, draw),
            expression(name, draw),
            literal
        ),
        13 => format!("UPDATE t SET {name} = {}, id = id + 1", expression(NAMES[draw.below(3)], draw)),
        0 => "SELECT id, a, b, c FROM t ORDER BY id".to_owned(),
        1 => "SELECT * FROM t".to_owned(),
        2 => format!("SELECT id, {name} FROM t WHERE {name} {compared} {literal}"),
        3 => format!("INSERT INTO t(id,a,b,c) VALUES (9,{})", values.join(",")),
        4 => format!("INSERT INTO t(id,{name}) VALUES (9,{literal})"),
        5 => format!("INSERT INTO t VALUES (9,{})", values.join(",")),
        6 => format!("UPDATE t SET {name} = {literal} WHERE id = 1"),
        7 => format!("UPDATE t SET {name} = {literal}"),
        8 => format!("DELETE FROM t WHERE {name} {compared} {literal}"),
        9 => format!("SELECT {name}::text FROM t ORDER BY id"),
        10 => format!("SELECT id, {name} {} {literal} FROM t", draw.pick(&["+", "-", "*", "/", "||"])),
        _ => format!("INSERT INTO t(id,a,b,c) VALUES (8,{}),(1,{})", values.join(","), values.join(",")),
    }
}
