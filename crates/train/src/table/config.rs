use serde::{Deserialize, Serialize};
use shards::{NetworkConfig, Selection};

use crate::{Recipe, TeacherConfig};

/// Everything that a table of trained architectures depends on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableConfig {
    /// Search space.
    pub space: String,
    /// Name of the data set.
    pub dataset: String,
    /// The images.
    pub images: ImagesConfig,
    /// Network around the architecture.
    pub network: NetworkConfig,
    /// How networks are trained.
    pub recipe: Recipe,
    /// The network that teaches, if there is one.
    pub teacher: Option<TeacherConfig>,
    /// Which architectures.
    pub architectures: Selection,
    /// Seeds of the trainings of each: of weights, order and augmentation.
    pub seeds: Vec<u32>,
    /// Epochs after which validation and test images are looked at.
    pub milestones: Vec<u32>,
    /// Dtype of weights, activations and gradients.
    pub dtype: String,
    /// Kind of device.
    pub device: String,
}

/// Which images a table was trained and measured on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImagesConfig {
    /// Where they are from.
    pub source: String,
    /// How many there are of each kind, and how they were split, in words.
    pub protocol: String,
    /// SHA-256 of what was read for each split.
    pub sha256: [String; 3],
}

impl shards::Config for TableConfig {}
