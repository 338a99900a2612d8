/// What can be wrong with the name of a space or an architecture.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// No space of that name.
    #[error("unknown search space `{name}`{}; known: {known}", hint(suggestion.as_deref()))]
    UnknownSpace {
        /// What was asked for.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
        /// All names.
        known: String,
    },
    /// The text is no architecture of the space.
    #[error("not a {space} architecture: `{text}`: {reason}\nexpected {grammar}")]
    Architecture {
        /// Name of the space.
        space: &'static str,
        /// What was given (cut after 200 characters).
        text: String,
        /// What is wrong with it.
        reason: String,
        /// What would be right.
        grammar: &'static str,
    },
    /// An index beyond the space.
    #[error("no {space} architecture has the index {index}: indices are 0 to {last}")]
    Index {
        /// Name of the space.
        space: &'static str,
        /// What was given.
        index: u64,
        /// Largest index.
        last: u64,
    },
    /// The setting gives no network.
    #[error("no network of {space} with {setting}: {reason}")]
    Setting {
        /// Name of the space.
        space: &'static str,
        /// The setting, in words.
        setting: String,
        /// What is wrong with it.
        reason: String,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!(": did you mean `{s}`?"))
}
