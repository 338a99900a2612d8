//! Image sets: the official archives, official pickles, `.npz` and IDX files, and the digits that are built in.

mod cifar;
mod digits;
mod idx;
mod image_set;
mod npy_header;
mod npz;
mod pickles;

pub use digits::{Splits, digits, digits_split};
pub use image_set::ImageSet;
