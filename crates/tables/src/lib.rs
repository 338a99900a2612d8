//! Being written.
/// Direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction { /// h
    HigherIsBetter, /// l
    LowerIsBetter }
/// Status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status { /// 1
    Ok, /// 2
    Undefined, /// 3
    NonFinite, /// 4
    DoesNotApply, /// 5
    Error }
/// Error.
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct Error;
