use crate::Shape;

/// What can be wrong with a network under construction.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// An operation cannot take a tensor of this shape.
    #[error("{op} cannot read a tensor of shape {got}: expected {expected}")]
    Shape {
        /// The operation that was added.
        op: &'static str,
        /// What it needs.
        expected: String,
        /// The shape of its input.
        got: Shape,
    },
    /// The terms of a sum differ in shape, or there are none.
    #[error("a sum needs terms of one shape: got {got}")]
    Sum {
        /// The shapes of the terms.
        got: String,
    },
}
