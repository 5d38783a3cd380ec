//! Tools of those who respond: what their orders and words go through, and what goes down with what it runs on.

/// A tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// What deploys: orders that change the version of a service go through it.
    Deploy,
    /// Where people ask each other.
    Chat,
    /// What collects metrics and answers questions about them.
    Monitoring,
}

impl Tool {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Tool::Deploy => "the deploy tool",
            Tool::Chat => "the chat",
            Tool::Monitoring => "monitoring",
        }
    }

    /// That it does not answer, in words.
    #[must_use]
    pub fn outage(self) -> String {
        format!("{} is down", self.name())
    }
}
