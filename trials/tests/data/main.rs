//! What becomes of data: rows, records, messages and effects, of what is written and what is left behind.

mod cached_formats;
mod column_defaults;
mod contracts;
mod conversions;
mod defaults;
mod descriptor_sets;
mod effects;
mod holdings;
mod in_step;
mod json_records;
mod left_for_later;
mod many_formats;
mod migrated_rows;
mod migrations;
mod mistakes;
mod open_migrations;
mod passages;
mod played_statements;
mod random_tables;
mod restores;
mod restores_together;
mod said_statements;
mod set_values;
mod spoilt_values;
mod tables;
mod values_told_apart;
