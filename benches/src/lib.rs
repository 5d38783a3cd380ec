//! What the benches share: bundled scenarios, and worlds in the middle of a run.
//!
//! The benches are in `benches/`, a file per part of the engine; how to run and read them is in
//! docs/PERFORMANCE.md. They measure elapsed time, so an idle machine is worth more than another sample;
//! `peers/` compares in CPU time.

use model::time::{Span, Time};
use scenarios::{Bundle, library};
use sim::{Model, World};

/// The bundled scenario of that name.
///
/// # Panics
/// When there is none, or it does not compile.
#[must_use]
pub fn bundled(name: &str) -> Model {
    edited(name, &[])
}

/// The bundled scenario of that name, with some of its text replaced.
///
/// # Panics
/// When there is none, a text is not in it, or it does not compile.
#[must_use]
pub fn edited(name: &str, replacements: &[(&str, &str)]) -> Model {
    let bundled = library::find(name).unwrap_or_else(|| panic!("no bundled scenario `{name}`"));
    let bundle = Bundle::bundled(bundled);
    let text = replacements.iter().fold(bundle.text.to_string(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is not in {name}");
        text.replace(from, to)
    });
    compiled(&bundle.with_text(text))
}

/// Online Boutique at 500 requests a second.
#[must_use]
pub fn busy_boutique() -> Model {
    edited(
        "online-boutique",
        &[("rate: 60/s", "rate: 333/s"), ("rate: 20/s", "rate: 111/s"), ("rate: 10/s", "rate: 56/s")],
    )
}

/// A world with a million records.
#[must_use]
pub fn million_records() -> Model {
    edited("ledger-format", &[("count: 40k", "count: 1M")])
}

/// A thousand services of ten replicas in ten ranks; each calls one of the next rank, and every timeout is different.
#[must_use]
pub fn thousand_services() -> Model {
    let mut text = String::from("title: a thousand services\nhorizon: 1h\ntraffic:\n");
    for first in 0..100 {
        text += &format!("  customers-{first}: {{to: s{first}.get, rate: 50/s}}\n");
    }
    text += "services:\n";
    for service in 0..1000 {
        text +=
            &format!("  s{service}:\n    replicas: 10\n    endpoints:\n      get:\n        - work: {{mean: 2ms}}\n");
        if service < 900 {
            text += &format!("        - {{call: s{}.get, timeout: {}ms}}\n", service + 100, 500 + service);
        }
    }
    compiled(&Bundle::from_text("thousand-services", text, "."))
}

fn compiled(bundle: &Bundle) -> Model {
    Model::new(scenarios::compile(bundle).unwrap_or_else(|problems| panic!("{problems}")).scenario)
}

/// A world, so many seconds into its run.
#[must_use]
pub fn in_flight(model: &Model, seconds: u64) -> World {
    let mut world = World::new(model.clone(), 1);
    world.run_until(Time::ZERO + Span::from_secs(seconds));
    world
}

/// The same world `seconds` later.
pub fn go_on(world: &mut World, seconds: u64) {
    world.run_until(world.now() + Span::from_secs(seconds));
}
