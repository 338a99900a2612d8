use std::path::PathBuf;

/// What can go wrong when architectures are scored. A score that cannot be had is no error: see [`crate::Undefined`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No proxy of that name.
    #[error("unknown proxy `{name}`{}; known: {known}", suggestion.as_ref().map_or_else(String::new, |s| format!(": did you mean `{s}`?")))]
    UnknownProxy {
        /// What was asked for.
        name: String,
        /// The nearest name.
        suggestion: Option<String>,
        /// All names.
        known: String,
    },
    /// Too few batches for a proxy.
    #[error("proxy `{proxy}` needs at least {needed} batches, got {got}")]
    Batches {
        /// The proxy.
        proxy: &'static str,
        /// Batches it needs.
        needed: usize,
        /// Batches there are.
        got: usize,
    },
    /// The folder already holds scores of other settings.
    #[error("{} holds scores of another configuration: {differences}\nuse another output folder, or the old settings to resume", path.display())]
    OtherConfiguration {
        /// The folder.
        path: PathBuf,
        /// Which settings differ, with both values.
        differences: String,
    },
    /// A network that takes part in the loss cannot be built.
    #[error("failed to build the discriminator of the loss")]
    Network(#[from] netgraph::Error),
    /// A file or folder could not be read or written.
    #[error("failed to {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// `run.json` is not one of ours.
    #[error("failed to read the configuration {}", path.display())]
    Configuration {
        /// The file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: serde_json::Error,
    },
    /// A shard of a run split over processes that does not exist.
    #[error("no such part of the run: {index}/{count}; parts are 0/N to N-1/N")]
    Part {
        /// Number of the part.
        index: usize,
        /// Number of parts.
        count: usize,
    },
    /// The engine.
    #[error(transparent)]
    Engine(#[from] engine::Error),
    /// The search space.
    #[error(transparent)]
    Space(#[from] spaces::Error),
    /// The tables.
    #[error(transparent)]
    Table(#[from] tables::Error),
}
