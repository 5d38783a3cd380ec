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
const SCENE: Scene = Scene { old: BOTH, new: TOTAL, backfill: "UPDATE orders SET total = amount", release: MIGRATED };

impl Scene {
    fn text(&self) -> String {
        let Scene { old: [old_insert, old_update], new: [select, insert, update], backfill, release } = self;
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
      fill: {{up: {}}}
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
        let scene = Scene { old: ALONE, new: dual, backfill, release: again };
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
