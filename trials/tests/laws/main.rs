//! What holds for every system: one trajectory, nobody else's luck, books that balance, harm that has a cause.

mod as_others;
mod bounds;
mod brought_about;
mod causes;
mod derived_roots;
mod determinism;
mod extremes;
mod input;
mod left_behind;
mod links;
mod luck;
mod mixed_fleets;
mod orders_again;
mod properties;
mod random_books;
mod random_futures;
mod random_luck;
mod random_systems;
mod read_again;
mod roots;
mod stale_again;
mod ties;
mod writers_again;
