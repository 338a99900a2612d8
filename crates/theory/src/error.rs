/// What can go wrong with an experiment. Reads after "failed to run the experiments:".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting that no experiment can have.
    #[error("{name} must be {expected}, got {got}")]
    Setting {
        /// Which one.
        name: &'static str,
        /// What it may be.
        expected: String,
        /// What it is.
        got: String,
    },
    /// Fewer images than an experiment needs.
    #[error("{what} needs {needed} images, there are {got}")]
    TooFewImages {
        /// The experiment.
        what: &'static str,
        /// How many it needs.
        needed: usize,
        /// How many there are.
        got: usize,
    },
    /// An image without ink, which has no direction.
    #[error("image {image} of {name} (from 0) is black all over: it cannot be scaled to norm 1")]
    Blank {
        /// The file.
        name: String,
        /// Its number.
        image: usize,
    },
    /// Images of different sizes.
    #[error("the images to learn from have {train} pixels a side, those to judge by {test}")]
    Sides {
        /// Of those to learn from.
        train: usize,
        /// Of those to judge by.
        test: usize,
    },
    /// A training that left the finite numbers.
    #[error("{what} diverged at learning rate {learning_rate}: choose a smaller one")]
    Diverged {
        /// Which network.
        what: String,
        /// Its learning rate.
        learning_rate: f64,
    },
    /// libtorch refused.
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
}
