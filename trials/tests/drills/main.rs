//! The library as it is played: what it teaches, how its drills end, and what people see and are told of them.

mod alerts;
mod authority;
mod bills;
mod chains;
mod endings;
mod explanations;
mod lessons;
mod patterns;
mod pauses;
mod policy;
mod put_right;
mod reviewed;
mod room;
mod runbooks;
mod seen;
mod time_budgets;
mod told_again;
mod updates;
mod views;
mod written_steps;
