//! SQL: what scripts do to a table and to statements, as a PostgreSQL server does it.

mod classes;
mod history;
mod pairs;
mod played;
mod postgres;
mod reading;
