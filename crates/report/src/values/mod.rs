//! Values of trained architectures: which rows of a benchmark's table scores are held against.

mod choose;
mod select;
mod source;

pub(crate) use select::{Known, Selected, better, regret, select};
pub use source::Values;

use std::collections::HashMap;

use crate::{Options, Quantity, Result};

/// The value that speaks for each architecture of a dataset, by its key in the table, and what it is. `example` is the key of an
/// architecture, for errors that say what there is instead.
///
/// # Errors
/// [`Error::WrongSpace`](crate::Error::WrongSpace), [`Error::NoValues`](crate::Error::NoValues), [`Error::Ambiguous`](crate::Error::Ambiguous), and those of reading.
pub fn values_of(
    source: Values<'_>,
    space: &str,
    dataset: &str,
    example: &str,
    options: &Options,
) -> Result<(Quantity, HashMap<String, f64>)> {
    let selected = select(source, space, dataset, example, options)?;
    Ok((selected.quantity, selected.values.into_iter().map(|known| (known.arch, known.value)).collect()))
}
