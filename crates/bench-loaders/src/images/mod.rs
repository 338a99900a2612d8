//! Image sets: the official archives, official pickles, `.npz` and IDX files, folders of pictures, and the digits that are built in.

mod auto_augment;
mod cifar;
mod colour;
mod data_spec;
mod digits;
mod idx;
mod image_set;
mod imagenet_folder;
mod mnist;
mod npy_header;
mod npz;
mod operations;
mod pickles;
mod picture_folder;
mod raw;
mod splits;

pub use auto_augment::Policy;
pub(crate) use auto_augment::changed;
pub use data_spec::DataSpec;
pub use digits::{digits, digits_split};
pub use image_set::ImageSet;
pub use imagenet_folder::ImagenetFolder;
pub use mnist::{GreyImages, MNIST_TEST, Mnist};
pub use operations::Operation;
pub use splits::Splits;
