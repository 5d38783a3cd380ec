//! Columns that migrations make of others: what versions say to both, and what somebody says of them.

use super::Resolver;
use crate::raw::{RawAccess, RawMigration, RawStatement, RawStore};
use crate::syntax::Text;
use model::data::sql::{History, Spoken};

impl Resolver<'_> {
    /// The same history, where it is known which columns go together.
    pub(super) fn in_step(&mut self, name: &Text, store: &RawStore, history: History) -> History {
        let said = |raw: &RawMigration| raw.more.as_ref().and_then(|more| more.in_step);
        let said: Vec<_> = store.migrations.iter().map(|(_, raw)| said(raw)).collect();
        let values: Vec<_> = said.iter().map(|said| said.as_ref().map(|said| said.value)).collect();
        let spoken = self.spoken(name, &history);
        let history = history.of_versions(&spoken, &values);
        for (migration, said) in said.iter().enumerate() {
            if let Some(said) = said.as_ref().filter(|_| !history.makes_columns(migration)) {
                let help = "say it of the migration that fills the column, or of the one that adds it where none does";
                self.error_with(said.span, "this migration makes no column of another one", help);
            }
        }
        history
    }

    /// What versions say to a table. What is said behind one flag, is said by a process of its own.
    fn spoken(&mut self, name: &Text, history: &History) -> Vec<Spoken> {
        let versions = self.raw.services.iter().flat_map(|(_, service)| service.versions.iter());
        let uses = versions.flat_map(|(_, version)| version.formats.iter()).filter(|(own, _)| own.value == name.value);
        let (mut spoken, mut speakers): (Vec<Spoken>, Vec<(usize, Option<&str>)>) = (Vec::new(), Vec::new());
        for (version, (_, access)) in uses.enumerate() {
            let RawAccess::Statements(raw) = access else { continue };
            for said in raw.select.0.iter().chain(&raw.insert.0).chain(&raw.update.0) {
                let RawStatement { sql, flag, state } = said;
                let state = history.state(&state.as_ref().unwrap_or(&raw.state).value);
                // What is wrong with a statement is told where it is compiled.
                let Some((state, statement)) = state.zip(self.prepared(sql).ok()) else { continue };
                let who = (version, flag.as_ref().map(|flag| flag.value.as_str()));
                let speaker = speakers.iter().position(|other| *other == who).unwrap_or(speakers.len());
                if speaker == speakers.len() {
                    speakers.push(who);
                }
                spoken.push(Spoken { speaker, state, statement });
            }
        }
        spoken
    }
}
