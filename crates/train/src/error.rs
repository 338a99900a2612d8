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
    /// A checkpoint that is none of this training.
    #[error("the checkpoint is of another training: {reason}")]
    Checkpoint {
        /// What differs.
        reason: String,
    },
    /// libtorch or the network.
    #[error(transparent)]
    Engine(#[from] engine::Error),
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        Self::Engine(error.into())
    }
}
