//! Scenario files as they are read: the language, its defects and what is found in a file that is sound.

mod changes;
mod contracts;
mod costs;
mod defects;
mod emptied;
mod findings;
mod language;
mod names;
mod repairs;
mod rollouts;
mod scaling;
mod secrets;
mod settings;
mod tables;
