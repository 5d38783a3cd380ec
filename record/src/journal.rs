//! Writing a recording while the run goes on.

use crate::FORMAT;
use crate::entry::Entry;
use crate::frame::framed;
use crate::header::{Beside, Head, Header};
use crate::recording::Recording;
use serde::Serialize;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

/// A recording that is being written. An entry has been handed to the system when [`Journal::append`] is over: the
/// program may be killed from then on. A machine that loses its power may lose the last ones.
#[derive(Debug)]
pub struct Journal {
    file: File,
}

impl Journal {
    /// Begins a recording.
    ///
    /// # Errors
    /// When there is such a file already, or it cannot be written.
    pub fn create(path: &Path, header: &Header, files: &[Beside]) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let mut journal = Journal { file };
        let mut head = format!("{}{FORMAT}\n", crate::recording::FIRST_WORDS).into_bytes();
        head.extend(framed(&json(&Head { header: header.clone(), files: files.len() })));
        head.extend(files.iter().flat_map(|file| framed(&file.frame())));
        journal.write(&head)?;
        Ok(journal)
    }

    /// Goes on with a recording behind its last whole entry: what was left unfinished there goes, and so does what says
    /// that the run was over.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn go_on(path: &Path, recording: &Recording) -> io::Result<Self> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.set_len(recording.open_end)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Journal { file })
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, entry: &Entry) -> io::Result<()> {
        self.write(&framed(&json(entry)))
    }

    /// In one piece, so that nothing of another frame can come between.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers")
}
