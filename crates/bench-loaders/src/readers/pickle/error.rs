/// What is wrong with a pickle, or with what a reader expects of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The pickle wants to call something. Nothing is ever called.
    #[error("refused to call {name}")]
    Refused {
        /// What it wants to call, with its module.
        name: String,
    },
    /// The end of the file came too early.
    #[error("expected {expected}, got the end of the file")]
    Truncated {
        /// What should be there.
        expected: String,
    },
    /// The underlying stream failed; a damaged compressed file does.
    #[error("the stream cannot be read: {0}")]
    Stream(String),
    /// An opcode that this reader does not take, by name.
    #[error("{0}")]
    Unsupported(String),
    /// More memory than allowed.
    #[error("more than the {limit} bytes of memory allowed for this file")]
    Memory {
        /// The limit.
        limit: usize,
    },
    /// Something else than expected.
    #[error("expected {expected}, got {got}")]
    Wrong {
        /// What should be there.
        expected: String,
        /// What is there.
        got: String,
    },
}

impl Problem {
    pub(crate) fn wrong(expected: impl Into<String>, got: impl Into<String>) -> Self {
        Self::Wrong { expected: expected.into(), got: got.into() }
    }
}

/// A [`Problem`] and where it is.
#[derive(Debug, thiserror::Error)]
#[error("byte {offset} ({opcode}): {problem}")]
pub struct PickleError {
    /// Offset of the opcode from the start of the pickle (after decompression).
    pub offset: u64,
    /// Name of the opcode.
    pub opcode: &'static str,
    /// What is wrong.
    pub problem: Problem,
}
