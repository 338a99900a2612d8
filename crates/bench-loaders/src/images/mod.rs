//! Image sets: the official archives, official pickles and `.npz` files.

mod cifar;
mod image_set;
mod npy_header;
mod npz;
mod pickles;

pub use image_set::ImageSet;
