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
    /// What a pass computed is not a number that a score could be made of.
    #[error("{what} of batch {batch} is not finite (NaN or infinity)")]
    NotFinite {
        /// The images, the network's output or the loss.
        what: &'static str,
        /// Number of the batch, from 0.
        batch: usize,
    },
    /// libtorch gave up in the middle of a pass.
    #[error("evaluation panicked: {text}")]
    Panicked {
        /// The first line of what it said.
        text: String,
    },
    /// A `TorchScript` module that does not classify such images.
    #[error("{} does not take images of shape {images:?} in train mode: {reason}", path.display())]
    Module {
        /// The file.
        path: PathBuf,
        /// Shape of the batch it was tried with.
        images: Vec<i64>,
        /// What it did.
        reason: String,
    },
    /// A run whose scores another one cannot take over.
    #[error("failed to take scores from {}: {reason}", path.display())]
    Reuse {
        /// Its folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A network that takes part in the loss cannot be built.
    #[error("failed to build the discriminator of the loss")]
    Network(#[from] netgraph::Error),
    /// The folder of the scores.
    #[error(transparent)]
    Shards(#[from] shards::Error),
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
