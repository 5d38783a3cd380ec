//! Rollouts keep to their fences in every moment, whatever else is ordered meanwhile; and a rollback that is in effect
//! has left nobody behind.

use model::controllers::deployment::{CountOrShare, Fenceposts};
use proptest::prelude::*;
use scenarios::Bundle;
use sim::World;
use trials::runs::{begun, instant_of, model, second, to_next_change};

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
    Scale(u32),
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

    /// The most replicas there may be, but for those on their way out, and the fewest that serve. Somebody may have
    /// changed how many are wanted: what is true of the most and of the fewest wanted at any time is true then.
    fn fences(&self) -> (u32, u32) {
        let (surge, unavailable) = (CountOrShare::Count(self.surge), CountOrShare::Count(self.unavailable));
        let fences = |wanted: u32| {
            let Fenceposts { surge, unavailable } = Fenceposts::resolve(surge, unavailable, wanted).clamped_to(wanted);
            (wanted + surge, wanted - unavailable)
        };
        let all: Vec<_> = self.wanted().into_iter().map(fences).collect();
        let most = all.iter().map(|(most, _)| *most).max().expect("at first, at least");
        (most, all.iter().map(|(_, fewest)| *fewest).min().expect("at first, at least"))
    }

    /// How many replicas are wanted, one after the other.
    fn wanted(&self) -> Vec<u32> {
        let scaled = self.orders.iter().filter_map(|(_, order)| match order {
            Order::Scale(to) => Some(*to),
            Order::Restart | Order::Pause | Order::Resume | Order::Undo | Order::Deploy => None,
        });
        std::iter::once(self.replicas).chain(scaled).collect()
    }
}

impl Order {
    fn text(self) -> String {
        match self {
            Order::Restart => "restart: shop".to_owned(),
            Order::Pause => "pause: shop".to_owned(),
            Order::Resume => "resume: shop".to_owned(),
            Order::Undo => "undo: shop".to_owned(),
            Order::Deploy => "deploy: shop 2".to_owned(),
            Order::Scale(to) => format!("scale: shop, to: {to}"),
        }
    }
}

fn any_orders() -> impl Strategy<Value = Orders> {
    let plain = vec![Order::Restart, Order::Pause, Order::Resume, Order::Undo, Order::Deploy];
    let order = prop_oneof![5 => prop::sample::select(plain), 1 => (1..=8_u32).prop_map(Order::Scale)];
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
        let mut looks = 0;
        while to_next_change(&mut world, second(100)) {
            looks += 1;
            let there = there(&world);
            let all: u32 = there.iter().map(|(_, ready, others)| ready + others).sum();
            let ready: u32 = there.iter().map(|(_, ready, _)| ready).sum();
            prop_assert!(all <= most && ready >= fewest, "{} at {}: {:?}", all, world.now(), there);
        }
        prop_assert!(looks > 10, "something has changed: {}", looks);
    }

    #[test]
    fn who_has_gone_back_has_left_nobody_behind(orders in any_orders()) {
        let others = orders.orders.iter().copied().filter(|(_, order)| matches!(order, Order::Scale(_)));
        let last = std::iter::once((orders.orders[0].0, Order::Undo));
        let orders = Orders { orders: others.chain(last).collect(), ..orders };
        let wanted = *orders.wanted().last().expect("at first, at least");
        let told = "in effect: roll back shop";
        let world = instant_of(|| begun(&model(&orders.bundle()), Some("all"), 1), told, second(300));
        let world = world.expect("it is in effect some time");
        prop_assert_eq!(there(&world), vec![("1".to_owned(), wanted, 0)]);
    }
}
