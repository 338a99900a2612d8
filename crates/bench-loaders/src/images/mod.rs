//! Image sets: the official archives and `.npz` files.

mod cifar;
mod image_set;
mod npy_header;
mod npz;

pub use image_set::ImageSet;
