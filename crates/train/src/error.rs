use std::path::PathBuf;

/// What can go wrong with a training.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that is no recipe.
    #[error("unknown recipe `{got}`; known: {known}")]
    UnknownRecipe {
        /// What was given.
        got: String,
        /// The known names.
        known: String,
    },
    /// Images that the recipe cannot train on.
    #[error("cannot train on {set}: {reason}")]
    Images {
        /// Which images.
        set: String,
        /// What is wrong.
        reason: String,
    },
    /// A file that cannot teach.
    #[error("the teacher {} cannot teach: {reason}", path.display())]
    Teacher {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A checkpoint that is none of this training.
    #[error("the checkpoint is of another training: {reason}")]
    Checkpoint {
        /// What differs.
        reason: String,
    },
    /// An architecture that is asked for twice.
    #[error("{architecture} is asked for twice")]
    Twice {
        /// Its name in tables.
        architecture: String,
    },
    /// A training that could not be done.
    #[error("failed to train {architecture} under seed {seed}: {reason}")]
    Training {
        /// The architecture.
        architecture: String,
        /// The seed.
        seed: u32,
        /// Why.
        reason: String,
    },
    /// A saved training that cannot be read or written.
    #[error("failed to use the saved training {}: {reason}\ndelete the file to train this network from the start", path.display())]
    Saved {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The folder of the trainings.
    #[error(transparent)]
    Shards(#[from] shards::Error),
    /// The tables.
    #[error(transparent)]
    Table(#[from] tables::Error),
    /// The search space.
    #[error(transparent)]
    Space(#[from] spaces::Error),
    /// libtorch or the network.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        Self::Engine(error.into())
    }
}
