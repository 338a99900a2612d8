//! Trains a [`netgraph::Graph`] on images with classes.
//!
//! A [`Recipe`] says how: optimiser, schedule, regularisation, augmentation. A [`Training`] runs it epoch by epoch on an
//! [`bench_loaders::ImageSet`] and measures accuracy and loss on others; [`table`] does so for many architectures and writes a table. Every draw (weights, order of the images, crops, flips,
//! mixing) is a function of the seed and its position, so a training that goes on from a checkpoint ends bit for bit where it
//! would have ended.

mod error;
mod examples;
mod mixing;
mod recipe;
mod sgd;
pub mod table;
mod teacher;
mod training;

pub use error::Error;
pub use recipe::{Distillation, RECIPES, Recipe};
pub use teacher::{Teacher, TeacherConfig};
pub use training::{Checkpoint, Measured, Training};
