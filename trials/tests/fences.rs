//! Rollouts keep to their fences in every moment, whatever else is ordered meanwhile; and a rollback that is in effect
//! has left nobody behind.

use model::controllers::deployment::{CountOrShare, Fenceposts};
use model::time::{Span, Time};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::World;
use trials::runs::{begun, model};

/// What a Deployment may do, and what is ordered of it.
#[derive(Clone, Debug)]
struct Orders {
    replicas: u32,
    surge: u32,
    unavailable: u32,
    starts: bool,
    /// Seconds between one order and the next, and what it is.
    orders: Vec<(u32, Order)>,
}

#[derive(Clone, Copy, Debug)]
enum Order {
    Restart,
    Pause,
    Resume,
    Undo,
    Deploy,
}

impl Orders {
    fn bundle(&self) -> Bundle {
        let mut at = 10;
        let steps = self.orders.iter().map(|(after, order)| {
            at += after;
            format!("      - {{at: {at}s, do: {{{}}}}}\n", order.text())
        });
        let defect = if self.starts { "" } else { "defects: [{defect: stillborn, at: start}]" };
        let Orders { replicas, surge, unavailable, .. } = self;
        let text = format!(
            "title: a shop\nhorizon: 10m\ntraffic:\n  guests: {{to: shop.buy, rate: 2/s}}\nservices:\n  shop:\n    \
             replicas: {replicas}\n    startup: 3s\n    rollout: {{surge: {surge}, unavailable: {unavailable}}}\n    \
             endpoints: {{buy: [work: 5ms]}}\n    versions: {{\"1\": {{}}, \"2\": {{{defect}}}}}\nrelease:\n  - \
             {{at: 5s, do: {{deploy: shop 2}}}}\nplans:\n  all:\n    about: all of it\n    steps:\n{}",
            steps.collect::<String>()
        );
        Bundle::from_text("shop", text, "")
    }

    /// The most replicas there may be, but for those on their way out, and the fewest that serve.
    fn fences(&self) -> (u32, u32) {
        let Fenceposts { surge, unavailable } =
            Fenceposts::resolve(CountOrShare::Count(self.surge), CountOrShare::Count(self.unavailable), self.replicas)
                .clamped_to(self.replicas);
        (self.replicas + surge, self.replicas - unavailable)
    }
}

impl Order {
    const fn text(self) -> &'static str {
        match self {
            Order::Restart => "restart: shop",
            Order::Pause => "pause: shop",
            Order::Resume => "resume: shop",
            Order::Undo => "undo: shop",
            Order::Deploy => "deploy: shop 2",
        }
    }
}

fn any_orders() -> impl Strategy<Value = Orders> {
    let order = prop::sample::select(vec![Order::Restart, Order::Pause, Order::Resume, Order::Undo, Order::Deploy]);
    let parts = (1..=6_u32, 0..=3_u32, 0..=3_u32, any::<bool>(), prop::collection::vec((1..=8_u32, order), 1..6));
    let parts = parts.prop_filter("there is room to move", |(_, surge, unavailable, ..)| surge + unavailable > 0);
    let told = |(replicas, surge, unavailable, starts, orders)| Orders { replicas, surge, unavailable, starts, orders };
    parts.prop_map(told)
}

/// Replicas by label: those that serve, and those that do not yet.
fn there(world: &World) -> Vec<(String, u32, u32)> {
    let view = world.view(world.scenario().player);
    let versions = view.services[0].versions.iter();
    versions.map(|own| (own.label.clone(), own.ready, own.starting + own.crashed)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fences_hold_in_every_moment(orders in any_orders()) {
        let mut world = begun(&model(&orders.bundle()), Some("all"), 1);
        let (most, fewest) = orders.fences();
        for quarter in 0..400_u64 {
            world.run_until(Time::ZERO + Span::from_millis(250 * quarter));
            let there = there(&world);
            let all: u32 = there.iter().map(|(_, ready, others)| ready + others).sum();
            let ready: u32 = there.iter().map(|(_, ready, _)| ready).sum();
            prop_assert!(all <= most && ready >= fewest, "{} at {}: {:?}", all, world.now(), there);
        }
    }

    #[test]
    fn who_has_gone_back_has_left_nobody_behind(orders in any_orders()) {
        let orders = Orders { orders: vec![(orders.orders[0].0, Order::Undo)], ..orders };
        let mut world = begun(&model(&orders.bundle()), Some("all"), 1);
        world.run_until(Time::ZERO + Span::from_secs(300));
        let told = world.summary().timeline.iter().any(|line| line.what == "in effect: roll back shop");
        prop_assert!(told);
        prop_assert_eq!(there(&world), vec![("1".to_owned(), orders.replicas, 0)]);
    }
}
