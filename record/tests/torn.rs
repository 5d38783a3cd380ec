//! A recording survives the death of whoever writes it, at any byte.

use proptest::prelude::*;
use record::{Beside, Entry, Header, Journal, Mark, Recording, Unreadable};
use std::fs;
use std::path::PathBuf;

fn header() -> Header {
    Header {
        made_by: "gameday 0.1.0".to_owned(),
        trajectory: 4,
        scenario: "drill.yaml".to_owned(),
        name: "drill".to_owned(),
        scenario_hash: 0xfeed,
        seed: 7,
        plan: None,
        responder: Some("policy".to_owned()),
        until_ns: 1_800_000_000_000,
        max_events: None,
        max_memory: Some(1 << 30),
        is_played: true,
    }
}

fn files() -> Vec<Beside> {
    let file = |name: &str, bytes: &[u8]| Beside { name: name.to_owned(), bytes: bytes.to_vec() };
    vec![file("drill.yaml", "title: \u{fc}\n".as_bytes()), file("a.binpb", &[0, 1, 255, 0])]
}

fn entries() -> Vec<Entry> {
    let mark = |at_ns| Mark { at_ns, digest: at_ns.wrapping_mul(0x9e37_79b9_7f4a_7c15) };
    let step = "{at: 7.5s, who: \"ivy\", do: {undo: \"shop\"}}".to_owned();
    let mut entries: Vec<_> = (1..20).map(|at| Entry::Mark(mark(at * 1_000_000_000))).collect();
    entries.insert(7, Entry::Command { given_ns: 7_500_000_000, step });
    entries.push(Entry::End(mark(20_000_000_000)));
    entries
}

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gameday-record-{}-{name}", std::process::id()));
        fs::remove_file(&path).ok();
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}

fn written(name: &str) -> (Scratch, Vec<u8>) {
    let scratch = Scratch::new(name);
    let mut journal = Journal::create(&scratch.0, &header(), &files()).unwrap();
    entries().iter().for_each(|entry| journal.append(entry).unwrap());
    let bytes = fs::read(&scratch.0).unwrap();
    (scratch, bytes)
}

#[test]
fn what_was_written_is_read() {
    let (_scratch, bytes) = written("whole");
    let read = Recording::read(&bytes).unwrap();
    assert_eq!((read.format, &read.header, &read.files, &read.entries), (2, &header(), &files(), &entries()));
    assert_eq!((read.torn, read.is_over()), (None, true));
}

#[test]
fn nothing_is_written_over() {
    let (scratch, bytes) = written("twice");
    assert!(Journal::create(&scratch.0, &header(), &files()).is_err());
    assert_eq!(fs::read(&scratch.0).unwrap(), bytes);
}

#[test]
fn cut_at_any_byte_it_loses_at_most_the_unfinished_entry() {
    let (_scratch, bytes) = written("cut");
    let mut most = None;
    for cut in 0..bytes.len() {
        match Recording::read(&bytes[..cut]) {
            Ok(read) => {
                let count = read.entries.len();
                assert_eq!(read.entries, entries()[..count], "cut at {cut}");
                assert!(most.is_none_or(|most| count >= most), "cut at {cut}: an entry that was there is lost");
                let whole = read.torn.map_or(cut as u64, |torn| torn.at);
                assert_eq!(read.torn.map_or(0, |torn| torn.bytes), cut as u64 - whole, "cut at {cut}");
                assert!(read.torn.is_none_or(|torn| !torn.is_damaged), "cut at {cut}");
                most = Some(count);
            }
            Err(why) => {
                assert!(most.is_none(), "cut at {cut}: {why}");
                assert!(matches!(why, Unreadable::Headless(_) | Unreadable::Foreign), "cut at {cut}: {why}");
            }
        }
    }
    assert_eq!(most, Some(entries().len() - 1));
}

#[test]
fn what_was_cut_goes_on_as_if_it_had_not_been() {
    let (scratch, bytes) = written("go-on");
    for cut in (bytes.len() - 300)..bytes.len() {
        fs::write(&scratch.0, &bytes[..cut]).unwrap();
        let cut_off = Recording::read(&bytes[..cut]).unwrap();
        let mut journal = Journal::go_on(&scratch.0, &cut_off).unwrap();
        entries()[cut_off.entries.len()..].iter().for_each(|entry| journal.append(entry).unwrap());
        assert_eq!(fs::read(&scratch.0).unwrap(), bytes, "cut at {cut}");
    }
}

#[test]
fn whoever_goes_on_takes_the_end_away() {
    let (scratch, bytes) = written("end");
    Journal::go_on(&scratch.0, &Recording::read(&bytes).unwrap()).unwrap();
    let read = Recording::read(&fs::read(&scratch.0).unwrap()).unwrap();
    assert_eq!((&read.entries[..], read.is_over()), (&entries()[..entries().len() - 1], false));
}

#[test]
fn what_is_none_says_so() {
    let read = |bytes: &[u8]| Recording::read(bytes).unwrap_err();
    assert_eq!(read(b"title: a drill\n"), Unreadable::Foreign);
    assert_eq!(read(b"gameday recording one\n"), Unreadable::Foreign);
    assert_eq!(read(b"gameday recording 0\n"), Unreadable::Foreign);
    assert_eq!(read(b"gameday recording 3\n"), Unreadable::Newer(3));
    assert_eq!(read(b"gameday recording 1"), Unreadable::Headless(19));
    assert_eq!(read(b""), Unreadable::Foreign);
}

proptest! {
    #[test]
    fn another_bit_anywhere_is_found_out(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let (_scratch, bytes) = written("bit");
        let mut damaged = bytes.clone();
        let at = at.index(bytes.len());
        damaged[at] ^= 1 << bit;
        if let Ok(read) = Recording::read(&damaged) {
            prop_assert_eq!(&read.entries[..], &entries()[..read.entries.len()]);
            prop_assert_eq!((read.header, read.files), (header(), files()));
            prop_assert!(read.torn.is_some());
        }
    }

    #[test]
    fn no_bytes_make_it_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let framed = [b"gameday recording 1\n".as_slice(), &bytes].concat();
        prop_assert!(Recording::read(&framed).is_err());
    }
}
