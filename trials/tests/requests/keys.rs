//! What requests are about: as popular as the laws say, and the same wherever somebody asks.

use model::traffic::Keys;
use scenarios::Bundle;
use sim::World;
use sim::kernel::StreamKey;
use trials::runs::{lived, model};

fn keys_of(keys: &str) -> Keys {
    let text = format!(
        "title: keys
horizon: 1m
traffic:
  guests: {{to: door.open, rate: 1/s, keys: {keys}}}
services:
  door: {{endpoints: {{open: [work: 1ms]}}}}
"
    );
    model(&Bundle::from_text("keys", text, "")).system.sources[0].keys.clone().expect("keys")
}

/// Σ (found - expected)² / expected over the keys by themselves up to `single`, and all others together.
#[allow(clippy::cast_precision_loss)]
fn chi_square(keys: &Keys, share: impl Fn(u64) -> f64, single: u64) -> f64 {
    const DRAWS: u64 = 1_000_000;
    let stream = StreamKey::new(1, "keys", "test");
    let mut counts = vec![0_u64; usize::try_from(single).expect("few") + 1];
    for draw in 0..DRAWS {
        counts[usize::try_from(keys.pick(stream.word(draw, 0)).min(single)).expect("few")] += 1;
    }
    let shares: Vec<f64> = (0..single).map(&share).collect();
    let rest = 1.0 - shares.iter().sum::<f64>();
    let expected = shares.into_iter().chain([rest]).map(|share| share * DRAWS as f64);
    let terms = expected.zip(&counts).map(|(expected, found)| (*found as f64 - expected).powi(2) / expected);
    terms.sum()
}

/// With 1000 degrees of freedom 1 in 1000 lies below 867, and 1 in 1000 above 1143.
const USUAL: std::ops::Range<f64> = 867.0..1143.0;

#[test]
fn keys_are_as_popular_as_zipf_says() {
    for (zipf, exponent) in [("0.99", 0.99), ("0.5", 0.5), ("1.2", 1.2)] {
        let keys = keys_of(&format!("{{count: 100000, zipf: {zipf}}}"));
        let weight = |key: u64| f64::from(u32::try_from(key + 1).expect("few")).powf(-exponent);
        let whole: f64 = (0..100_000).map(weight).sum();
        let found = chi_square(&keys, |key| weight(key) / whole, 1000);
        assert!(USUAL.contains(&found), "{zipf}: {found}");
        let other = chi_square(&keys, |key| weight(key).powf(1.02) / whole, 1000);
        assert!(!USUAL.contains(&other), "another law is noticed: {other}");
    }
}

#[test]
fn keys_without_a_law_are_all_alike() {
    let found = chi_square(&keys_of("{count: 1001}"), |_| 1.0 / 1001.0, 1000);
    assert!(USUAL.contains(&found), "{found}");
}

#[test]
fn the_last_key_is_reached() {
    for keys in ["{count: 1}", "{count: 1, zipf: 3}", "{count: 1000000}", "{count: 1000000, zipf: 0.001}"] {
        let keys = keys_of(keys);
        assert_eq!((keys.pick(0), keys.pick(u64::MAX)), (0, u64::from(keys.count()) - 1));
    }
    assert_eq!(keys_of("{count: 1000000, zipf: 10}").pick(u64::MAX / 2), 0, "one key is all there is");
}

/// Two versions of which the old one cannot read what the new one writes, and a store of a hundred records.
fn rollout(keys: &str) -> World {
    let text = format!(
        "title: records by key
horizon: 10m
traffic:
  shoppers: {{to: shop.buy, rate: 100/s{keys}}}
stores:
  orders:
    formats:
      old: '{{\"type\": \"record\", \"name\": \"order\", \"fields\": [{{\"name\": \"n\", \"type\": \"int\"}}]}}'
      new: '{{\"type\": \"record\", \"name\": \"order\", \"fields\": [{{\"name\": \"n\", \"type\": \"long\"}}]}}'
    records: [{{format: old, by: shop 1, count: 100}}]
services:
  shop:
    replicas: 4
    startup: 1m
    runs: \"1\"
    endpoints:
      buy:
        - {{rewrite: orders, sets: [n]}}
    versions:
      \"1\": {{formats: {{orders: {{reads: old, writes: old}}}}}}
      \"2\": {{formats: {{orders: {{reads: new, writes: new}}}}}}
release:
  - {{at: 10s, do: {{deploy: shop 2}}}}
"
    );
    lived(&model(&Bundle::from_text("rollout", text, "")), None, 1)
}

/// Only records somebody asks about are ever written by the new version: as many as there are keys.
#[test]
fn a_request_picks_the_record_it_is_about() {
    for (keys, records) in [("", 100), (", keys: {count: 7}", 7), (", keys: {count: 150}", 100)] {
        let unreadable = rollout(keys).summary().harm.unreadable.ever;
        assert_eq!(unreadable, records, "{keys}");
    }
}
