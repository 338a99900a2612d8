use std::path::PathBuf;

/// What can go wrong with a folder of shards.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder already holds results of other settings.
    #[error("{} holds results of another configuration: {differences}\nuse another output folder, or the old settings to resume", path.display())]
    OtherConfiguration {
        /// The folder.
        path: PathBuf,
        /// Which settings differ, with both values.
        differences: String,
    },
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
    /// A part of a run split over processes that does not exist.
    #[error("no such part of the run: {index}/{count}; parts are 0/N to N-1/N")]
    Part {
        /// Number of the part.
        index: usize,
        /// Number of parts.
        count: usize,
    },
    /// The tables.
    #[error(transparent)]
    Table(#[from] tables::Error),
}
