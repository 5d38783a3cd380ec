//! Columns of which nobody says how they go together: what could be wrong with them is asked, and never answered by a
//! guess.

use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{lived, model};

/// A table, what is done to it, and what two versions and a reader say.
#[derive(Clone, Copy)]
struct Case {
    table: &'static str,
    /// Migrations, as they are listed.
    migrations: &'static str,
    /// What of them is made, and when the second version and the reader go out.
    release: &'static str,
    /// `SELECT`, `INSERT`, `UPDATE` of the version that is there first.
    old: [&'static str; 3],
    /// Those of the one that follows.
    new: [&'static str; 3],
    /// What a third one reads.
    read: &'static str,
}

const OLD: [&str; 3] = [
    "SELECT id, amount FROM orders",
    "INSERT INTO orders (id, amount) VALUES ($1, $2)",
    "UPDATE orders SET amount = $2 WHERE id = $1",
];
const MADE: &str = "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $2)";
const KEPT: &str = "UPDATE orders SET amount = $2, total = $2 WHERE id = $1";
const TOTAL: &str = "SELECT id, total FROM orders";
const ALONE: &str = "UPDATE orders SET total = $2 WHERE id = $1";
const ADDED: &str = "expand: {up: ALTER TABLE orders ADD COLUMN total integer}";
const RELEASE: &str = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, \
                       {at: 2m, do: {deploy: shop b}}, {at: 4m, do: {deploy: shop c}}";
const CASE: Case = Case {
    table: "amount integer",
    migrations: "expand: {up: ALTER TABLE orders ADD COLUMN total integer}, \
                 fill: {up: UPDATE orders SET total = amount}",
    release: RELEASE,
    old: OLD,
    new: ["SELECT id, amount FROM orders", MADE, KEPT],
    read: TOTAL,
};

impl Case {
    fn end(&self) -> Summary {
        let Case { table, migrations, release, old, new, read } = self;
        let says = |[select, insert, update]: [&str; 3], state: &str| {
            format!(
                "{{formats: {{orders: {{state: {state}, select: \"{select}\", insert: \"{insert}\", \
                 update: \"{update}\"}}}}}}"
            )
        };
        let [_, insert, update] = *new;
        let text = format!(
            "title: t
horizon: 6m
objective: {{full: 5m, hold: 10s}}
traffic:
  buyers: {{to: shop.buy, rate: 2/s}}
  clerks: {{to: shop.edit, rate: 2/s}}
  readers: {{to: shop.show, rate: 5/s}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, {table})
    migrations: {{{migrations}}}
    records: [{{by: shop a, count: 100}}]
services:
  shop:
    startup: 1s
    endpoints: {{buy: [{{create: orders}}], edit: [{{rewrite: orders}}], show: [{{read: orders}}]}}
    versions:
      a: {}
      b: {}
      c: {}
seats: {{ic: {{role: commander}}, release: {{role: release}}, owner: {{role: owner}}}}
release: [{release}]
",
            says(*old, "initial"),
            says(*new, "expand"),
            says([read, insert, update], "expand"),
        );
        let model = model(&Bundle::from_text("step", text, ""));
        let end = lived(&model, None, 1).summary();
        let expected = model.open_questions();
        for phrase in end.not_judged.iter().filter(|one| one.contains("what was meant") || one.contains("it goes by")) {
            assert!(expected.contains(phrase), "nobody has told before the run: {phrase}; but {expected:?}");
        }
        end
    }

    /// What it comes to: the outcome, requests that were wrong, and what is not judged.
    fn told(&self) -> (Outcome, u64, Vec<String>) {
        let end = self.end();
        assert_eq!(end.harm.requests.failed, 0, "{:#?}", end.timeline);
        (end.outcome, end.harm.requests.wrong + u64::from(end.harm.damaged.ever), end.not_judged)
    }

    #[track_caller]
    fn is_open(&self, phrase: &str) {
        let (outcome, harm, phrases) = self.told();
        assert_eq!((outcome, harm), (Outcome::Undecided, 0), "{phrases:?}");
        assert!(phrases.iter().any(|one| one == phrase), "{phrases:?}");
    }

    #[track_caller]
    fn is_harmless(&self) {
        assert_eq!(self.told(), (Outcome::NoHarm, 0, Vec::new()));
    }

    #[track_caller]
    fn is_harmful(&self) {
        let (outcome, harm, phrases) = self.told();
        assert!(outcome == Outcome::NotRecovered && harm > 50, "{outcome:?} {harm} {phrases:?}");
    }
}

fn meant(version: &str, column: &str) -> String {
    format!(
        "shop {version}: whether {column} is what was meant: nobody says if it goes with another column (`in_step:`)"
    )
}

#[test]
fn a_forgotten_dual_write_is_asked_about() {
    // It makes both, and changes one of them: be it because they are apart, or because somebody forgot.
    Case { new: [OLD[0], MADE, ALONE], ..CASE }.is_open(&meant("b", "amount"));
    Case { new: [TOTAL, MADE, OLD[2]], ..CASE }.is_open(&meant("b", "total"));
    Case { new: [TOTAL, OLD[1], OLD[2]], ..CASE }.is_open(&meant("b", "total"));
    Case { new: [OLD[0], OLD[1], ALONE], ..CASE }.is_open(&meant("b", "amount"));
    // Who writes both while nobody else writes leaves nothing open.
    let early = "{at: 1ms, do: {migrate: expand}}, {at: 2ms, do: {deploy: shop b}}, {at: 2m, do: {migrate: fill}}, \
                 {at: 4m, do: {deploy: shop c}}";
    Case { release: early, ..CASE }.is_harmless();
}

#[test]
fn what_is_listed_and_what_somebody_reads_is_no_proof() {
    let listed = "expand: {up: ALTER TABLE orders ADD COLUMN total integer}, \
                  fill: {up: UPDATE orders SET total = amount}, \
                  contract: {up: ALTER TABLE orders DROP COLUMN amount}";
    let two = ["SELECT id, amount FROM orders", "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $3)", KEPT];
    let plain = "UPDATE orders SET amount = $2, total = $3 WHERE id = $1";
    let open = meant("c", "total");
    Case { migrations: listed, new: [two[0], two[1], plain], ..CASE }.is_open(&open);
    let both = "SELECT id, coalesce(total, amount) FROM orders";
    Case { new: [both, two[1], plain], ..CASE }.is_open(&open);
    // Both are made the same, and changed together: by code that never ran, or that might mean it of this change only.
    Case::is_open(&CASE, &open);
    Case {
        release: "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 4m, do: {deploy: shop c}}",
        ..CASE
    }
    .is_open(&open);
    let said = |said: &'static str| match said {
        "yes" => {
            "expand: {up: ALTER TABLE orders ADD COLUMN total integer}, \
                  fill: {up: UPDATE orders SET total = amount, in_step: yes}"
        }
        _ => {
            "expand: {up: ALTER TABLE orders ADD COLUMN total integer}, \
              fill: {up: UPDATE orders SET total = amount, in_step: no}"
        }
    };
    Case { migrations: said("yes"), ..CASE }.is_harmful();
    Case { migrations: said("no"), ..CASE }.is_harmless();
}

#[test]
fn what_was_newer_in_a_column_that_is_dropped_is_gone() {
    let listed = "expand: {up: ALTER TABLE orders ADD COLUMN total integer}, \
                  fill: {up: UPDATE orders SET total = amount}, \
                  contract: {up: ALTER TABLE orders DROP COLUMN amount}";
    let release = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 3m, do: {deploy: shop b}}, \
                   {at: 4m, do: {migrate: contract}}";
    let new = [TOTAL, "INSERT INTO orders (id, total) VALUES ($1, $2)", ALONE];
    let end = Case { migrations: listed, release, new, ..CASE }.end();
    assert!(end.harm.damaged.ever > 50, "{:?}", end.harm);
}

#[test]
fn a_new_column_in_the_place_of_another_one_is_filled_by_nobody() {
    let new = [TOTAL, "INSERT INTO orders (id, total) VALUES ($1, $2)", ALONE];
    let release = "{at: 1ms, do: {migrate: expand}}, {at: 3m, do: {deploy: shop b}}";
    let case = Case { migrations: ADDED, release, new, ..CASE };
    case.is_open(&meant("b", "total"));
    let zero = "expand: {up: ALTER TABLE orders ADD COLUMN total integer NOT NULL DEFAULT 0}";
    Case { migrations: zero, ..case }.is_open(&meant("b", "total"));
    let yes = "expand: {up: ALTER TABLE orders ADD COLUMN total integer DEFAULT 0, in_step: yes}";
    Case { migrations: yes, ..case }.is_harmful();
    // Nearly all that is wrong is in the rows that were there: they hold the default.
    let early = "{at: 1ms, do: {migrate: expand}}, {at: 2ms, do: {deploy: shop b}}";
    Case { migrations: yes, release: early, ..case }.is_harmful();
    let no = "expand: {up: ALTER TABLE orders ADD COLUMN total integer, in_step: no}";
    Case { migrations: no, ..case }.is_harmless();
    // A column beside those that there are, and one that nothing can be put into, stand for nothing else.
    let all = [
        "SELECT id, amount, total FROM orders",
        "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $3)",
        "UPDATE orders SET amount = $2, total = $3 WHERE id = $1",
    ];
    Case { new: all, ..case }.is_harmless();
    let other = "expand: {up: ALTER TABLE orders ADD COLUMN total boolean}";
    Case { migrations: other, ..case }.is_harmless();
}

#[test]
fn a_default_is_not_what_a_column_goes_with() {
    let zero = "expand: {up: ALTER TABLE orders ADD COLUMN total integer DEFAULT 0}, \
                fill: {up: UPDATE orders SET total = amount WHERE total IS NULL}";
    Case { migrations: zero, ..CASE }.is_open(&meant("c", "total"));
}

#[test]
fn what_is_made_of_another_column_is_set_to_something_else() {
    let fits = |fill: &'static str, insert: &'static str, update: &'static str| {
        let fill = format!("expand: {{up: ALTER TABLE orders ADD COLUMN total integer}}, fill: {{up: \"{fill}\"}}");
        let migrations: &str = Box::leak(fill.into_boxed_str());
        let said: &str = Box::leak(migrations.replace("\"}", "\", in_step: yes}").into_boxed_str());
        let new = [TOTAL, insert, update];
        let release = "{at: 1ms, do: {migrate: expand}}, {at: 2ms, do: {deploy: shop b}}";
        let phrase = "shop b: whether total, which fill makes of amount, fits it".to_owned();
        let told =
            [migrations, said].map(|migrations| Case { migrations, release, new, ..CASE }.told().2.contains(&phrase));
        assert_eq!(told[0], told[1], "{insert}, {update}");
        !told[0]
    };
    let times = "UPDATE orders SET total = amount * 100";
    let hundred = "UPDATE orders SET amount = $2, total = $2 * 100 WHERE id = $1";
    assert!(fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $2 * 100)", hundred));
    // Either way round, on either side.
    let turned = "UPDATE orders SET amount = $2, total = 100 * $2 WHERE id = $1";
    assert!(fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, 100 * $2)", turned));
    let turned_fill = "UPDATE orders SET total = 7 + 100 * amount";
    let update = "UPDATE orders SET amount = $2, total = $2 * 100 + 7 WHERE id = $1";
    let insert = "INSERT INTO orders (id, amount, total) VALUES ($1, $2, 100 * $2 + 7)";
    assert!(fits(turned_fill, insert, update));
    assert!(!fits(turned_fill, insert, "UPDATE orders SET amount = $2, total = ($2 + 100) * 7 WHERE id = $1"));
    // What is taken away or divided by is not the same the other way round.
    let less = "INSERT INTO orders (id, amount, total) VALUES ($1, $2, 100 - $2)";
    let own = "UPDATE orders SET amount = $2, total = $2 - 100 WHERE id = $1";
    assert!(!fits("UPDATE orders SET total = amount - 100", less, own));
    assert!(fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, 5, 500)", hundred));
    assert!(!fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $3)", hundred));
    assert!(!fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, 5, 7)", hundred));
    assert!(!fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $2 * 10)", hundred));
    let own = "UPDATE orders SET amount = $2, total = $3 WHERE id = $1";
    assert!(!fits(times, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $2 * 100)", own));
    let abs = "UPDATE orders SET total = abs(amount)";
    let kept = "UPDATE orders SET amount = $2, total = abs($2) WHERE id = $1";
    assert!(fits(abs, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, abs($2))", kept));
    assert!(!fits(abs, "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $3)", kept));
}

#[test]
fn who_reads_what_is_generated_of_a_column_reads_that() {
    let generated = "expand: {up: \"ALTER TABLE orders ADD COLUMN total integer; \
                     ALTER TABLE orders ADD COLUMN twice integer GENERATED ALWAYS AS (total * 2) STORED\"}, \
                     fill: {up: UPDATE orders SET total = amount}";
    let read = "SELECT id, twice FROM orders";
    Case { migrations: generated, read, ..CASE }.is_open(&meant("c", "total"));
    let said: &str = Box::leak(generated.replace("= amount}", "= amount, in_step: yes}").into_boxed_str());
    Case { migrations: said, read, ..CASE }.is_harmful();
}

#[test]
fn what_somebody_says_leaves_nothing_to_ask_before_a_run() {
    let questions = |said: &str| {
        let added = "ALTER TABLE orders ADD COLUMN total integer";
        let fill = format!("{{up: UPDATE orders SET total = amount WHERE total IS NULL{said}}}");
        let table = format!(
            "table: \"CREATE TABLE orders (id bigint PRIMARY KEY, amount integer)\", \
             migrations: {{expand: {{up: {added}}}, fill: {fill}}}"
        );
        let says = |state: &str, [select, insert]: [&str; 2]| {
            format!("{{formats: {{orders: {{state: {state}, select: \"{select}\", insert: \"{insert}\"}}}}}}")
        };
        let (old, new) = (says("initial", [OLD[0], OLD[1]]), says("expand", [TOTAL, MADE]));
        let text = format!(
            "title: t
horizon: 6m
traffic: {{buyers: {{to: shop.buy, rate: 2/s}}, readers: {{to: shop.show, rate: 5/s}}}}
stores: {{orders: {{{table}}}}}
services:
  shop:
    endpoints: {{buy: [{{create: orders}}], show: [{{read: orders}}]}}
    versions: {{a: {old}, b: {new}}}
"
        );
        model(&Bundle::from_text("step", text, "")).open_questions()
    };
    assert_eq!(questions(""), [meant("b", "total")]);
    assert_eq!(questions(", in_step: yes"), Vec::<String>::new());
    assert_eq!(questions(", in_step: no"), Vec::<String>::new());
}
