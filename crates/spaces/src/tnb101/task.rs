//! The seven tasks.

use crate::Head;

/// A task of the benchmark: the head it needs and the loss it is trained with.
///
/// Source: `yawen-d/TransNASBench@fcd4e9cca7c4 configs/train_from_scratch/*/config.py`, `lib/losses/all.py`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Name, as in the benchmark's files.
    pub name: &'static str,
    /// What the network ends in.
    pub head: Head,
    /// Classes, regressed numbers, or channels of the output.
    pub outputs: usize,
    /// Side of the input in pixels; of one tile for the jigsaw.
    pub resolution: usize,
    /// What training minimises.
    pub loss: Loss,
}

/// The loss of a task. All are means over the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// `-sum over classes of t ln(softmax + 1e-5)` with targets `t` that sum to 1.
    SoftCrossEntropy,
    /// Mean of the squared differences to nine normalised numbers (of a room's bounding box).
    MeanSquaredError,
    /// Cross entropy with one class per sample.
    CrossEntropy,
    /// Cross entropy with one class per pixel, without class weights, no pixel left out.
    PixelCrossEntropy,
    /// 0.99 times the mean absolute difference to the target image plus 0.01 times the binary cross entropy of the critic's
    /// logit on image and output against "true" ([`super::discriminator`]).
    Translation,
}

/// The tasks in the order of the benchmark's file.
pub const TASKS: [Task; 7] = [
    Task { name: "class_scene", head: Head::Classifier, outputs: 47, resolution: 256, loss: Loss::SoftCrossEntropy },
    Task { name: "class_object", head: Head::Classifier, outputs: 75, resolution: 256, loss: Loss::SoftCrossEntropy },
    Task { name: "room_layout", head: Head::Classifier, outputs: 9, resolution: 256, loss: Loss::MeanSquaredError },
    Task { name: "jigsaw", head: Head::Jigsaw, outputs: 1000, resolution: 64, loss: Loss::CrossEntropy },
    Task { name: "segmentsemantic", head: Head::Segmentation, outputs: 17, resolution: 256, loss: Loss::PixelCrossEntropy },
    Task { name: "normal", head: Head::Generator, outputs: 3, resolution: 256, loss: Loss::Translation },
    Task { name: "autoencoder", head: Head::Generator, outputs: 3, resolution: 256, loss: Loss::Translation },
];
