//! Batches that proxies see.

mod augment;
mod from_images;
mod noise;
mod set;
mod targets;

pub use augment::{Rectangle, View};
pub(crate) use from_images::CHOICE_STREAM;
pub use from_images::image_batches;
pub use noise::noise_batches;
pub use set::{Augment, Batch, BatchSet, BatchSpec};
pub use targets::{Target, Targets};
