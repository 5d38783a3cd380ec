//! What holds for every input.

use model::ratio::Ratio;
use model::time::Span;
use proptest::prelude::*;

use super::*;

/// Reads and renders `text`; what is checked is that it comes to an end.
fn survives(text: &str) {
    let (sources, system, found) = read_with_sources(text);
    assert!(system.is_some() || found.has_errors(), "nothing read and nothing said");
    let _ = found.render(&sources, Paint::Plain);
    let _ = found.render(&sources, Paint::Colour);
}

/// `text` with some of its characters replaced, doubled or removed.
fn mutated(text: &str, edits: &[(prop::sample::Index, u8, char)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (index, kind, c) in edits {
        let at = index.index(chars.len());
        match kind {
            0 => chars[at] = *c,
            1 => chars.insert(at, *c),
            _ if chars.len() > 1 => drop(chars.remove(at)),
            _ => {}
        }
    }
    chars.into_iter().collect()
}

fn yaml_character() -> impl Strategy<Value = char> {
    prop_oneof![
        prop::sample::select("\n\r\t :-{}[],#&*!|>'\"%@`?~\u{85}\u{2028}\u{feff}\0é名".chars().collect::<Vec<_>>()),
        any::<char>(),
    ]
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn yaml_soup_never_panics(text in prop::collection::vec(yaml_character(), 0..80)) {
        survives(&text.into_iter().collect::<String>());
    }

    #[test]
    fn a_damaged_file_never_panics(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_u8..3, yaml_character()), 1..8,
        ),
    ) {
        survives(&mutated(GOOD, &edits));
    }

    #[test]
    fn a_written_duration_reads_back_the_same(nanos: u64, scale in 0_u32..18) {
        let span = Span::from_nanos(nanos / 10_u64.pow(scale));
        prop_assert_eq!(parse_duration(&Exact(span).to_string()), Ok(span));
    }

    #[test]
    fn a_written_rate_reads_back_the_same(events: u64, period in 1_u64..) {
        let (events, period) = (events.min(period / 1000), Span::from_nanos(period));
        let rate = Rate::new(events, period).expect("at most one event per microsecond");
        prop_assert_eq!(parse_rate(&rate.to_string()), Ok(rate));
    }

    #[test]
    fn a_written_share_reads_back_the_same(ppb in 0_u32..=1_000_000_000) {
        let share = Ratio::from_ppb(ppb).expect("at most the whole");
        prop_assert_eq!(parse_ratio(&share.to_string()), Ok(share));
    }

    #[test]
    fn any_text_is_a_quantity_or_explained(text in "[-+0-9a-zµ%/. _]{0,12}") {
        for bad in [
            parse_duration(&text).err(),
            parse_rate(&text).err(),
            parse_ratio(&text).err(),
            parse_count(&text, 9).err(),
            CountOrShare::parse(&text).err(),
        ].into_iter().flatten() {
            prop_assert!(!bad.message.is_empty());
        }
    }
}
