use std::path::PathBuf;

/// What can go wrong before a network runs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A device that cannot be used.
    #[error("cannot use device `{device}`: {reason}\nuse cpu, or cuda:N with a CUDA build of libtorch (scripts/setup --cuda)")]
    Device {
        /// What was asked for.
        device: String,
        /// Why not.
        reason: String,
    },
    /// A name that is none of the known ones.
    #[error("unknown {what} `{got}`; known: {known}")]
    Unknown {
        /// What was being named.
        what: &'static str,
        /// What was given.
        got: String,
        /// The known names.
        known: String,
    },
    /// A batch that does not have the shape it claims.
    #[error("a batch of shape {shape:?} has {expected} values, got {got}")]
    Batch {
        /// Claimed shape.
        shape: Vec<i64>,
        /// Values that shape has.
        expected: usize,
        /// Values given.
        got: usize,
    },
    /// A file that is no usable `TorchScript` module.
    #[error("failed to load the TorchScript module {}: {reason}\nwrite one with `torch.jit.save(torch.jit.trace(model, example), \"model.pt\")`", path.display())]
    Script {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// An error of libtorch.
    #[error("libtorch failed: {message}")]
    Torch {
        /// The line of its message that says what went wrong.
        message: String,
    },
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        let text = error.to_string();
        // What a TorchScript module fails with stands below where it happened.
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        let telling = lines().find_map(|line| line.strip_prefix("RuntimeError: ")).or_else(|| lines().next());
        Self::Torch { message: telling.unwrap_or_default().to_owned() }
    }
}
