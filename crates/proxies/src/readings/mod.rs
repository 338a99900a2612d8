//! What is taken from passes: one file each. Several proxies may read the same.

mod activation_ranks;
mod blocks;
mod channel_correlations;
mod curvature;
mod flow;
mod input_jacobian;
mod layer_gradients;
mod logit_sensitivities;
mod moments;
mod perturbation;
mod relu_signs;
mod saliency;
mod sample_gradients;
mod sign_patterns;
mod tangent_kernel;
mod total_gradient;
mod weight_norms;

pub use activation_ranks::{ActivationRanks, DrawnRanks, Ranks};
pub use blocks::{BlockReading, Blocks};
pub use channel_correlations::{
    AllChannels, ChannelChoice, ChannelCorrelations, Correlations, DrawnChannels, FirstChannels, NestedChannels,
};
pub use curvature::{Curvature, CurvatureGradient};
pub use flow::{Flow, FlowGradients};
pub use input_jacobian::{InputJacobian, Jacobian};
pub use layer_gradients::{GradientReading, LayerGradients};
pub use logit_sensitivities::{LogitSensitivities, Sensitivities};
pub use moments::{AccumulatedMoments, LayerMoments, MagnitudeMoments, MomentReading, Moments, SignedMoments};
pub use perturbation::{Perturbation, PerturbationReading};
pub use relu_signs::{ReluSigns, Signs};
pub use saliency::{ChannelSaliency, Saliency};
pub use sample_gradients::{SampleGradients, SampleReading};
pub use sign_patterns::{Patterns, SignPatterns};
pub use tangent_kernel::{Kernel, TangentKernel};
pub use total_gradient::{TotalGradient, TotalReading};
pub use weight_norms::{Norms, WeightNorms};
