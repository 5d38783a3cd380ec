//! Columns that a migration has made of others: whoever writes the one alone leaves the other behind, and who reads
//! that alone takes it for what is meant.

use scenarios::Bundle;
use sim::{Outcome, Summary};
use trials::runs::{is_told, lived, model};
use trials::text::{bundled, edited, swapped};

/// What versions say, and what is done when.
#[derive(Clone, Copy)]
struct Scene {
    /// The `INSERT` and the `UPDATE` of the version that is there first.
    old: [&'static str; 2],
    /// The `SELECT`, `INSERT` and `UPDATE` of the one that follows.
    new: [&'static str; 3],
    backfill: &'static str,
    /// What is said of the backfill besides.
    said: &'static str,
    release: &'static str,
}

const ALONE: [&str; 2] =
    ["INSERT INTO orders (id, amount) VALUES ($1, $2)", "UPDATE orders SET amount = $2 WHERE id = $1"];
const BOTH: [&str; 2] = [
    "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $2)",
    "UPDATE orders SET amount = $2, total = $2 WHERE id = $1",
];
const TOTAL: [&str; 3] = [
    "SELECT id, total FROM orders",
    "INSERT INTO orders (id, total) VALUES ($1, $2)",
    "UPDATE orders SET total = $2 WHERE id = $1",
];
const MIGRATED: &str =
    "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 3m, do: {deploy: shop b}}";
const SAID: &str = ", in_step: yes";
const SCENE: Scene =
    Scene { old: BOTH, new: TOTAL, backfill: "UPDATE orders SET total = amount", said: SAID, release: MIGRATED };

impl Scene {
    fn text(&self) -> String {
        let Scene { old: [old_insert, old_update], new: [select, insert, update], backfill, said, release } = self;
        let flow = |text: &str| format!("\"{text}\"");
        // Old code that writes both knows the new column.
        let state =
            if [old_insert, old_update].iter().any(|text| text.contains("total")) { "expand" } else { "initial" };
        format!(
            "title: t
horizon: 6m
objective: {{full: 5m, hold: 10s}}
traffic:
  buyers: {{to: shop.buy, rate: 2/s}}
  clerks: {{to: shop.edit, rate: 2/s}}
  readers: {{to: shop.show, rate: 5/s}}
stores:
  orders:
    table: CREATE TABLE orders (id bigint PRIMARY KEY, amount integer)
    migrations:
      expand: {{up: ALTER TABLE orders ADD COLUMN total integer, down: ALTER TABLE orders DROP COLUMN total}}
      fill: {{up: {}{said}}}
      again: {{up: {}}}
    records: [{{by: shop a, count: 100}}]
services:
  shop:
    startup: 1s
    endpoints: {{buy: [{{create: orders}}], edit: [{{rewrite: orders}}], show: [{{read: orders}}]}}
    versions:
      a: {{formats: {{orders: {{state: {state}, select: \"SELECT id, amount FROM orders\", insert: {}, update: {}}}}}}}
      b: {{formats: {{orders: {{state: expand, select: {}, insert: {}, update: {}}}}}}}
seats: {{ic: {{role: commander}}, release: {{role: release}}, owner: {{role: owner}}}}
release: [{release}]
",
            flow(backfill),
            flow(backfill),
            flow(old_insert),
            flow(old_update),
            flow(select),
            flow(insert),
            flow(update),
        )
    }

    fn end(&self) -> Summary {
        lived(&model(&Bundle::from_text("step", self.text(), "")), None, 1).summary()
    }
}

fn wrong(scene: Scene) -> u64 {
    let end = scene.end();
    assert_eq!(end.harm.requests.failed, 0, "{:#?}", end.timeline);
    assert_eq!(end.harm.requests.wrong > 0, end.harm.misread.ever > 0, "{:?}", end.harm);
    end.harm.requests.wrong
}

#[test]
fn what_is_written_to_one_column_alone_is_not_in_the_other() {
    let [insert, update] = ALONE;
    let end = Scene { old: ALONE, ..SCENE }.end();
    assert!(end.harm.misread.ever > 300 && end.harm.requests.wrong > 300, "{:?}", end.harm);
    assert!(is_told(&end, "reads something else than was written into `total`"), "{:#?}", end.timeline);
    assert!(wrong(Scene { old: [insert, BOTH[1]], ..SCENE }) > 100, "rows without a total");
    assert!(wrong(Scene { old: [BOTH[0], update], ..SCENE }) > 50, "rows with the total of before");
    // Who writes both keeps them in step, and nothing is left open.
    let both = SCENE.end();
    assert_eq!((both.harm.requests.wrong, both.not_judged.len()), (0, 0), "{:?}", both.not_judged);
    assert_eq!(both.outcome, Outcome::NoHarm, "{:#?}", both.timeline);
}

#[test]
fn a_way_back_misses_what_was_written_to_the_new_column_alone() {
    let back = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 2m, do: {deploy: shop b}}, \
                {at: 4m, do: {undo: shop}}";
    assert!(wrong(Scene { release: back, ..SCENE }) > 100);
    let [select, ..] = TOTAL;
    assert_eq!(wrong(Scene { release: back, new: [select, BOTH[0], BOTH[1]], ..SCENE }), 0);
}

#[test]
fn reads_are_switched_when_the_column_is_filled() {
    let early = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {deploy: shop b}}, {at: 3m, do: {migrate: fill}}";
    let [select, ..] = TOTAL;
    let scene = Scene { new: [select, BOTH[0], BOTH[1]], ..SCENE };
    assert!(wrong(Scene { release: early, ..scene }) > 20);
    assert_eq!(wrong(scene), 0);
}

#[test]
fn a_second_backfill_reaches_what_it_writes() {
    let again = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 2m, do: {deploy: shop b}}, \
                 {at: 3m, do: {migrate: again}}, {at: 4m, do: {look: data of orders}}";
    // The second version writes both, and reads the old column still: only afterwards somebody reads the new one.
    let dual = ["SELECT id, amount FROM orders", BOTH[0], BOTH[1]];
    let stale = |backfill| {
        let scene = Scene { old: ALONE, new: dual, backfill, release: again, ..SCENE };
        let text = scene.text().replace(
            "seats:",
            &format!(
                "      c:
        formats:
          orders:
            state: expand
            select: SELECT id, total FROM orders
            insert: {}
            update: {}
seats:",
                BOTH[0], BOTH[1]
            ),
        );
        let text = text.replace("{look: data of orders}", "{deploy: shop c}");
        lived(&model(&Bundle::from_text("step", text, "")), None, 1).summary().harm.requests.wrong
    };
    assert_eq!(stale("UPDATE orders SET total = amount"), 0);
    assert!(stale("UPDATE orders SET total = amount WHERE total IS NULL") > 10);
}

#[test]
fn who_reads_both_goes_by_either() {
    let select = "SELECT id, coalesce(total, amount) FROM orders";
    let scene = |old| Scene { old, new: [select, BOTH[0], BOTH[1]], ..SCENE };
    let end = scene([ALONE[0], BOTH[1]]).end();
    assert_eq!((end.harm.requests.wrong, end.not_judged.len()), (0, 0), "{:?}", end.not_judged);
    let end = scene([BOTH[0], ALONE[1]]).end();
    assert_eq!(end.outcome, Outcome::Undecided);
    let phrase = "b: whether it goes by total where only what that goes with was set";
    assert!(end.not_judged.iter().any(|one| one.ends_with(phrase)), "{:?}", end.not_judged);
}

#[test]
fn columns_that_have_a_meaning_of_their_own_are_not_in_step() {
    // Both were there, and one is computed of the other in some way.
    let text = SCENE.text().replace("amount integer)", "amount integer, total integer)");
    let text = text.replace("ADD COLUMN total integer", "ADD COLUMN z integer");
    let text = text.replace("DROP COLUMN total", "DROP COLUMN z").replace("total = amount\"", "total = abs(amount)\"");
    let [insert, update] = ALONE;
    let text = text.replace(BOTH[0], insert).replace(BOTH[1], update);
    let end = lived(&model(&Bundle::from_text("step", text, "")), None, 1).summary();
    assert_eq!(end.harm.misread.ever, 0, "{:#?}", end.timeline);
}

#[test]
fn the_reads_are_switched_before_everybody_writes_both() {
    let lesson = |plan, edit: &dyn Fn(&str) -> String| {
        lived(&model(&edited(bundled("switch-reads-early"), edit)), plan, 1).summary()
    };
    let early = lesson(None, &str::to_owned);
    assert_eq!((early.harm.requests.failed, early.outcome), (0, Outcome::NotRecovered));
    assert!(early.harm.requests.wrong > 1_000 && early.harm.misread.remaining > 500, "{:?}", early.harm);
    assert_eq!(early.not_judged.len(), 0, "{:?}", early.not_judged);
    let back = lesson(Some("back"), &str::to_owned);
    assert_eq!((back.outcome, back.harm.misread.remaining), (Outcome::Recovered, 0), "{:#?}", back.timeline);
    let backfill = "  - {at: 6m, do: {migrate: backfill}}";
    let first = |text: &str| swapped(text, backfill, &format!("  - {{at: 3m, do: {{deploy: orders 2}}}}\n{backfill}"));
    let both = lesson(None, &first);
    assert_eq!((both.outcome, both.harm.requests.wrong), (Outcome::NoHarm, 0), "{:#?}", both.timeline);
}

#[test]
fn a_column_that_goes_takes_what_was_newer_with_it() {
    // The new version has written the new column alone; the way back takes that away.
    let back = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 2m, do: {deploy: shop b}}, \
                {at: 4m, do: {undo: shop}}, {at: 5m, do: {down: fill}}, {at: 310s, do: {down: expand}}";
    let end = Scene { old: ALONE, release: back, ..SCENE }.end();
    assert!(end.harm.damaged.remaining > 100, "{:?}", end.harm);
    assert_eq!(end.outcome, Outcome::NotRecovered, "{:#?}", end.timeline);
    let [select, ..] = TOTAL;
    let both = Scene { old: ALONE, release: back, new: [select, BOTH[0], BOTH[1]], ..SCENE }.end();
    assert_eq!(both.harm.damaged.remaining, 0, "{:?}", both.harm);
}

#[test]
fn a_copy_that_takes_over_the_name_in_a_later_migration_loses_nothing() {
    let swap = "again: {up: \"UPDATE orders SET total = amount WHERE total IS NULL; \
                ALTER TABLE orders DROP COLUMN amount; ALTER TABLE orders RENAME COLUMN total TO amount\"}";
    let release = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 3m, do: {migrate: again}}";
    let ended = |said, old, filled| {
        let text = Scene { old, said, release, ..SCENE }.text();
        let text = swapped(&text, "again: {up: \"UPDATE orders SET total = amount\"}", swap);
        let text = text.replace(" WHERE total IS NULL;", filled);
        lived(&model(&Bundle::from_text("step", text, "")), None, 1).summary()
    };
    // Rows are made without the copy; those that are changed leave it behind.
    let made = [ALONE[0], "UPDATE orders SET amount = amount WHERE id = $1"];
    for said in [SAID, ""] {
        let end = ended(said, made, ";");
        let harm = &end.harm;
        let all = [harm.damaged.ever, harm.fields_lost.ever, harm.misread.ever, harm.unreadable.ever];
        assert_eq!((all, harm.requests.wrong, end.outcome), ([0; 4], 0, Outcome::Undecided), "{:#?}", end.timeline);
        // What was changed since it was copied is gone where only what is NULL is filled.
        let behind = ended(said, ALONE, " WHERE total IS NULL;");
        assert_eq!(behind.harm.fields_lost.ever, 0, "{:?}", behind.harm);
        assert!(behind.harm.damaged.ever > 20, "{:?}", behind.harm);
    }
}

#[test]
fn what_is_set_beside_each_other_need_not_fit() {
    let phrase = "whether total, which fill makes of amount, fits it";
    let told = |new: [&'static str; 3], backfill| {
        let end = Scene { new, backfill, ..SCENE }.end();
        (end.outcome, end.not_judged.iter().filter(|one| one.ends_with(phrase)).count())
    };
    let [select, ..] = TOTAL;
    let plain = SCENE.backfill;
    let placeholder = "INSERT INTO orders (id, amount, total) VALUES ($1, 0, $2)";
    assert_eq!(told([select, placeholder, BOTH[1]], plain), (Outcome::Undecided, 1));
    let other = "UPDATE orders SET amount = $2, total = $3 WHERE id = $1";
    assert_eq!(told([select, BOTH[0], other], plain), (Outcome::Undecided, 1));
    // Both get the same, where the one is a hundred times the other.
    assert_eq!(told([select, BOTH[0], BOTH[1]], "UPDATE orders SET total = amount * 100").0, Outcome::Undecided);
    assert_eq!(told([select, BOTH[0], BOTH[1]], plain), (Outcome::NoHarm, 0));
}

#[test]
fn the_way_back_misses_what_was_written_to_what_tells_the_original() {
    let back = "{at: 1ms, do: {migrate: expand}}, {at: 10ms, do: {migrate: fill}}, {at: 1s, do: {deploy: shop b}}, \
                {at: 4m, do: {undo: shop}}";
    let scene = Scene { old: ALONE, release: back, ..SCENE };
    let missed = |backfill| {
        let (_, wrong, phrases) = told(Scene { backfill, ..scene });
        (wrong, phrases.into_iter().filter(|phrase| phrase.starts_with("shop a: whether amount is")).count())
    };
    let plain = missed(SCENE.backfill);
    assert!(plain.0 > 100 && plain.1 == 0, "{plain:?}");
    for tells in ["coalesce(total, amount)", "amount + 0", "amount::bigint", "coalesce(amount, 0)", "amount * 100 - 1"]
    {
        assert_eq!(missed(Box::leak(format!("UPDATE orders SET total = {tells}").into_boxed_str())), plain, "{tells}");
    }
    let other = missed("UPDATE orders SET total = abs(amount)");
    assert!(other.0 < plain.0 && other.1 == 1, "{other:?}");
}

#[test]
fn a_table_that_is_copied_makes_columns_too() {
    let copy = "CREATE TABLE n (id bigint PRIMARY KEY, amount integer, total integer); INSERT INTO n COLUMNS SELECT \
                id, amount, amount FROM orders; DROP TABLE orders; ALTER TABLE n RENAME TO orders";
    let [select, ..] = TOTAL;
    let wrong = |columns: &str| {
        let scene =
            Scene { old: ALONE, new: [select, BOTH[0], BOTH[1]], backfill: "ANALYZE orders", said: "", ..SCENE };
        let text =
            scene.text().replace("ALTER TABLE orders ADD COLUMN total integer", &copy.replace("COLUMNS", columns));
        let text =
            text.replace(", down: ALTER TABLE orders DROP COLUMN total", "").replace("{up: CREATE", "{up: \"CREATE");
        let text = text.replace("RENAME TO orders}", "RENAME TO orders\", in_step: yes}");
        lived(&model(&Bundle::from_text("step", text, "")), None, 1).summary().harm.requests.wrong
    };
    assert!(wrong("(id, amount, total)") > 100);
    assert_eq!(wrong("(id, amount, total)"), wrong(""));
}

/// What a run comes to, and how many of its requests were wrong.
fn told(scene: Scene) -> (Outcome, u64, Vec<String>) {
    let end = scene.end();
    assert_eq!(end.harm.requests.failed, 0, "{:#?}", end.timeline);
    (end.outcome, end.harm.requests.wrong, end.not_judged)
}

#[test]
fn a_column_that_only_starts_as_a_copy_goes_its_own_way() {
    // A date of creation and one of change: made the same, and the one changed alone by who reads the other.
    let new = ["SELECT id, amount FROM orders", BOTH[0], TOTAL[2]];
    let own = Scene { old: ALONE, new, said: ", in_step: no", ..SCENE };
    assert_eq!(told(own), (Outcome::NoHarm, 0, vec![]));
    // Or they go together, and somebody has forgotten the one.
    let (outcome, wrong, _) = told(Scene { said: SAID, ..own });
    assert_eq!(outcome, Outcome::NotRecovered);
    assert!(wrong > 100, "{wrong}");
}

#[test]
fn what_nobody_says_of_two_columns_is_not_judged() {
    // Two addresses, which whoever knows both gives whatever they are.
    let [select, ..] = TOTAL;
    let insert = "INSERT INTO orders (id, amount, total) VALUES ($1, $2, $3)";
    let update = "UPDATE orders SET amount = $2, total = $3 WHERE id = $1";
    let open = Scene { old: ALONE, new: [select, insert, update], said: "", ..SCENE };
    let (outcome, wrong, phrases) = told(open);
    assert_eq!((outcome, wrong), (Outcome::Undecided, 0));
    let adrift = "shop b: whether total is what was meant: nobody says if it goes with another column (`in_step:`)";
    assert!(phrases.iter().any(|phrase| phrase == adrift), "{phrases:?}");
    assert_eq!(told(Scene { said: ", in_step: no", ..open }), (Outcome::NoHarm, 0, vec![]));
    assert!(told(Scene { said: SAID, ..open }).1 > 300);
    // A fill that is listed and never made shows nothing either.
    let never = Scene { release: "{at: 1ms, do: {migrate: expand}}, {at: 3m, do: {deploy: shop b}}", ..open };
    assert_eq!((told(never).0, told(never).1), (Outcome::Undecided, 0));
    // What a second fill puts in the place of what somebody gave may be wrong.
    let again = "{at: 1ms, do: {migrate: expand}}, {at: 1m, do: {migrate: fill}}, {at: 2m, do: {deploy: shop b}}, \
                 {at: 4m, do: {migrate: again}}";
    let again = Scene { said: ", in_step: no", release: again, ..open };
    let (outcome, wrong, phrases) = told(again);
    assert_eq!((outcome, wrong, phrases.contains(&adrift.to_owned())), (Outcome::Undecided, 0, true), "{phrases:?}");
}

#[test]
fn columns_are_said_to_be_in_step_where_they_are_made() {
    let compiled = |text: String| scenarios::compile(&Bundle::from_text("step", text, "")).map(|_| ());
    let text = Scene { said: "", ..SCENE }.text().replace("fill: {up: ", "fill: {in_step: no, up: ");
    assert_eq!(compiled(text.clone()).map_err(|problems| problems.to_string()), Ok(()));
    // Said where the column is only added, it would say nothing.
    let added = compiled(Scene { said: "", ..SCENE }.text().replace("expand: {up: ", "expand: {in_step: no, up: "))
        .unwrap_err()
        .to_string();
    assert!(added.contains("step.yaml:12:25: error: this migration makes no column"), "{added}");
    let none = "again: {in_step: no, up: \"ALTER TABLE orders ALTER amount TYPE bigint\"}";
    let text = swapped(&text, "again: {up: \"UPDATE orders SET total = amount\"}", none);
    let wrong = compiled(text).unwrap_err().to_string();
    assert!(wrong.contains("this migration makes no column of another one"), "{wrong}");
}
