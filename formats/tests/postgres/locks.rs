//! Steps whose locks are looked at.

/// The tables they concern.
pub(crate) const LOCK_TABLES: &str = "CREATE TABLE p(id int PRIMARY KEY); \
    CREATE TABLE t(id int PRIMARY KEY, b int, v varchar(10), x text, n numeric(10,2), h char(5), ts timestamp, \
    tz timestamptz(3), CONSTRAINT k CHECK (b > 0) ); CREATE TYPE mood AS ENUM ('sad','ok'); \
    INSERT INTO p VALUES (5); INSERT INTO t VALUES (1,5,'v','x',1.5,'h','2024-01-02','2024-01-02'); \
    ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES p(id) NOT VALID; CREATE INDEX i ON t(v)";

/// Steps beside changes of types.
const OTHERS: [&str; 44] = [
    "ALTER TABLE t ADD COLUMN c int",
    "ALTER TABLE t ADD COLUMN c int NOT NULL DEFAULT 5",
    "ALTER TABLE t ADD COLUMN c uuid DEFAULT gen_random_uuid()",
    "ALTER TABLE t ADD COLUMN c timestamptz DEFAULT now()",
    "ALTER TABLE t ADD COLUMN c serial",
    "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE t ADD COLUMN c int GENERATED ALWAYS AS (b*2) STORED",
    "ALTER TABLE t ADD COLUMN c int REFERENCES p(id)",
    "ALTER TABLE t ADD COLUMN c int CHECK (c > 0)",
    "ALTER TABLE t ADD COLUMN c int UNIQUE",
    "ALTER TABLE t ADD COLUMN c mood DEFAULT 'sad'",
    "ALTER TABLE t DROP COLUMN b",
    "ALTER TABLE t DROP COLUMN v",
    "ALTER TABLE t RENAME COLUMN b TO bb",
    "ALTER TABLE t RENAME TO t2",
    "ALTER TABLE t RENAME CONSTRAINT k TO k2",
    "ALTER TABLE t ALTER COLUMN b SET DEFAULT 5",
    "ALTER TABLE t ALTER COLUMN b DROP DEFAULT",
    "ALTER TABLE t ALTER COLUMN b SET NOT NULL",
    "ALTER TABLE t ALTER COLUMN b DROP NOT NULL",
    "ALTER TABLE t ALTER COLUMN b SET STATISTICS 100",
    "ALTER TABLE t SET (fillfactor = 70)",
    "ALTER TABLE t ADD CHECK (b > 1)",
    "ALTER TABLE t ADD CONSTRAINT k3 CHECK (b > 1) NOT VALID",
    "ALTER TABLE t ADD UNIQUE (b)",
    "ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p(id)",
    "ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p NOT VALID",
    "ALTER TABLE t VALIDATE CONSTRAINT k",
    "ALTER TABLE t VALIDATE CONSTRAINT f",
    "ALTER TABLE t DROP CONSTRAINT k",
    "ALTER TABLE t DROP CONSTRAINT f",
    "ALTER TABLE t DROP CONSTRAINT t_pkey",
    "CREATE INDEX j ON t(b)",
    "CREATE UNIQUE INDEX j ON t(b)",
    "DROP INDEX i",
    "DROP TABLE t",
    "TRUNCATE t",
    "ANALYZE t",
    "REINDEX TABLE t",
    "COMMENT ON COLUMN t.b IS 'unit=cents'",
    "UPDATE t SET n = n / 100",
    "DELETE FROM t WHERE id = 1",
    "INSERT INTO t(id) VALUES (2)",
    "SELECT * FROM t",
];

/// Steps to be looked at, one at a time.
pub(crate) fn lock_steps() -> Vec<String> {
    let types = [
        "smallint",
        "integer",
        "bigint",
        "numeric",
        "numeric(10,2)",
        "numeric(12,2)",
        "numeric(12,4)",
        "numeric(8,2)",
        "real",
        "text",
        "varchar",
        "varchar(5)",
        "varchar(10)",
        "varchar(20)",
        "char(5)",
        "char(9)",
        "timestamp",
        "timestamp(0)",
        "timestamp(6)",
        "timestamptz",
        "timestamptz(0)",
        "timestamptz(3)",
        "date",
    ];
    let columns = ["b", "v", "x", "n", "h", "ts", "tz"];
    let pairs = columns.iter().flat_map(|column| types.iter().map(move |of| (column, of)));
    let using = pairs.map(|(c, of)| format!("ALTER TABLE t ALTER COLUMN {c} TYPE {of} USING {c}::text::{of}"));
    let plain =
        columns.iter().flat_map(|c| types.iter().map(move |of| format!("ALTER TABLE t ALTER COLUMN {c} TYPE {of}")));
    let castable = |step: &String| {
        let steps = formats::sql::migration("step", step).expect("a step");
        let mut database = formats::sql::database("tables", LOCK_TABLES).expect("tables");
        model::data::sql::migrate(&steps, &mut database).is_ok()
    };
    let others = OTHERS.iter().map(|step| (*step).to_owned());
    using.chain(plain).filter(castable).chain(others).collect()
}

/// Takes a step in a transaction of its own and prints what it holds: the strongest lock on `t` and on `p` taken since,
/// and what became of the file.
pub(crate) fn lock_script(step: &str) -> String {
    let strongest = |table: &str| {
        format!(
            "coalesce((SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = :{table} \
             ORDER BY array_position(ARRAY[\
             'AccessShareLock','RowShareLock','RowExclusiveLock','ShareUpdateExclusiveLock','ShareLock',\
             'ShareRowExclusiveLock','ExclusiveLock','AccessExclusiveLock'], mode) DESC LIMIT 1), 'none')"
        )
    };
    format!(
        "\\echo @case\n{LOCK_TABLES};\nSELECT 't'::regclass::oid AS t, 'p'::regclass::oid AS p, \
         pg_relation_filenode('t') AS file \\gset\nBEGIN;\n\\o /dev/null\n{step};\n\\o\n\
         SELECT {} || ' ' || {} || ' ' || coalesce((SELECT CASE WHEN pg_relation_filenode(oid) = :file THEN 'kept' \
         ELSE 'rewritten' END FROM pg_class WHERE oid = :t), 'gone');\nROLLBACK;\nDROP TABLE t, p;\nDROP TYPE mood;\n",
        strongest("t"),
        strongest("p"),
    )
}
