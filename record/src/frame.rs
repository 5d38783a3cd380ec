//! Frames: how many bytes, their checksum, the bytes. Numbers are little-endian.

/// No frame is longer: a length beyond it was never written.
const LONGEST: usize = 64 * 1024 * 1024;
/// What stands before the bytes of a frame: their number and their CRC-32.
const HEAD: usize = 8;

/// A frame around some bytes.
///
/// # Panics
/// With more bytes than a frame holds: no scenario file is that large.
pub(crate) fn framed(bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() <= LONGEST, "a frame of {} bytes", bytes.len());
    let length = u32::try_from(bytes.len()).expect("no more than the longest");
    let mut frame = Vec::with_capacity(HEAD + bytes.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    frame.extend_from_slice(bytes);
    frame
}

/// Why there is no frame where one should begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoFrame {
    /// Nothing follows.
    End,
    /// It was not written to its end.
    Unfinished,
    /// It is not what was written.
    Damaged,
}

/// The bytes of the frame at the beginning of some bytes, and how many it takes with what stands before them.
pub(crate) fn first(bytes: &[u8]) -> Result<(&[u8], usize), NoFrame> {
    if bytes.is_empty() {
        return Err(NoFrame::End);
    }
    let length = number(bytes, 0).ok_or(NoFrame::Unfinished)?;
    let sum = number(bytes, 4).ok_or(NoFrame::Unfinished)?;
    let length = usize::try_from(length).map_err(|_| NoFrame::Damaged)?;
    if length > LONGEST {
        return Err(NoFrame::Damaged);
    }
    let inner = bytes.get(HEAD..HEAD + length).ok_or(NoFrame::Unfinished)?;
    if crc32fast::hash(inner) == sum { Ok((inner, HEAD + length)) } else { Err(NoFrame::Damaged) }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes(four.try_into().expect("four bytes")))
}
