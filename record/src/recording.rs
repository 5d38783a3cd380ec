//! Reading a recording, as far as it is whole.

use crate::FORMAT;
use crate::entry::Entry;
use crate::frame::{NoFrame, first};
use crate::header::{Beside, Head, Header};
use std::fmt;

/// How a recording begins; the number of its format follows, and the end of the line.
pub(crate) const FIRST_WORDS: &str = "gameday recording ";
/// No number of a format has more digits.
const DIGITS: usize = 9;

/// What was written of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The version of its format.
    pub format: u32,
    /// Which run it is.
    pub header: Header,
    /// The files of the scenario, its own first.
    pub files: Vec<Beside>,
    /// What happened, in order.
    pub entries: Vec<Entry>,
    /// What could not be read at its end, if there is something.
    pub torn: Option<Torn>,
    /// Where the run could go on: behind the last entry that does not end it.
    pub(crate) open_end: u64,
}

/// The rest of a file that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The byte at which it begins.
    pub at: u64,
    /// How many bytes it is.
    pub bytes: u64,
    /// Whether it is not what was written, as opposed to not having been written to its end.
    pub is_damaged: bool,
}

/// Why nothing of a file can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no recording.
    Foreign,
    /// It is one of a format that came later.
    Newer(u32),
    /// Its head cannot be read, from this byte on.
    Headless(u64),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Foreign => f.write_str("it is no recording of gameday"),
            Unreadable::Newer(format) => {
                write!(f, "it is a recording of format {format}; this gameday reads formats 1 to {FORMAT}")
            }
            Unreadable::Headless(at) => {
                write!(f, "its head ends at byte {at} before it says which run it is: the recording had only begun")
            }
        }
    }
}

impl std::error::Error for Unreadable {}

impl Recording {
    /// Reads a recording up to the first frame that is not whole.
    ///
    /// # Errors
    /// When it is no recording, one of a later format, or does not even have a whole head.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (format, start) = format_of(bytes)?;
        let mut frames = Frames { bytes, at: start };
        let headless = |frames: &Frames<'_>| Unreadable::Headless(position(frames.at));
        let head: Option<Head> = frames.next().ok().and_then(|frame| serde_json::from_slice(frame).ok());
        let Some(Head { header, files: count }) = head else { return Err(headless(&frames)) };
        let mut files = Vec::new();
        for _ in 0..count {
            let file = frames.next().ok().and_then(Beside::of_frame).ok_or_else(|| headless(&frames))?;
            files.push(file);
        }
        Ok(entries(frames, Recording { format, header, files, entries: vec![], torn: None, open_end: 0 }))
    }

    /// Whether it says how the run was over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.entries.last(), Some(Entry::End(..)))
    }
}

/// The entries that follow the head.
fn entries(mut frames: Frames<'_>, mut recording: Recording) -> Recording {
    recording.open_end = position(frames.at);
    loop {
        let begins = frames.at;
        let entry = frames.next().and_then(|frame| serde_json::from_slice(frame).map_err(|_| NoFrame::Damaged));
        match entry {
            Ok(entry) => {
                if !matches!(entry, Entry::End(..)) {
                    recording.open_end = position(frames.at);
                }
                recording.entries.push(entry);
            }
            Err(NoFrame::End) => return recording,
            Err(why) => {
                let (at, bytes) = (position(begins), position(frames.bytes.len() - begins));
                recording.torn = Some(Torn { at, bytes, is_damaged: why == NoFrame::Damaged });
                return recording;
            }
        }
    }
}

/// The version of the format, and where the first frame begins.
fn format_of(bytes: &[u8]) -> Result<(u32, usize), Unreadable> {
    let rest = bytes.strip_prefix(FIRST_WORDS.as_bytes()).ok_or(Unreadable::Foreign)?;
    let digits = rest.iter().take(DIGITS).take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).ok().and_then(|digits| digits.parse().ok());
    match (number, rest.get(digits)) {
        (Some(number), Some(b'\n')) if (1..=FORMAT).contains(&number) => Ok((number, FIRST_WORDS.len() + digits + 1)),
        (Some(number), Some(b'\n')) if number > FORMAT => Err(Unreadable::Newer(number)),
        (_, None) => Err(Unreadable::Headless(position(bytes.len()))),
        (_, Some(_)) => Err(Unreadable::Foreign),
    }
}

struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    fn next(&mut self) -> Result<&'a [u8], NoFrame> {
        let (frame, taken) = first(&self.bytes[self.at..])?;
        self.at += taken;
        Ok(frame)
    }
}

fn position(at: usize) -> u64 {
    u64::try_from(at).expect("no more than 64 bits of address")
}
