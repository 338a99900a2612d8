//! Runs a [`netgraph::Graph`] on libtorch.
//!
//! A [`Network`] holds the parameter tensors of a graph, filled by a [`Parameters`] source ([`Init`] draws them from the
//! portable generator). [`Network::forward`] runs a batch and shows every activation to a tap as it is made, without
//! storing any; [`Network::gradients`] gives the gradient of a scalar with respect to every live weight.
//! [`SignKernel`] reduces ReLU signs to a kernel between samples as they pass.
//!
//! Device, dtype and memory format are the caller's choice ([`Placement`]); nothing here reads files or knows a proxy.
//!
//! ```
//! use engine::{Init, Network, Norm, Placement, Scheme, Trainable};
//! use netgraph::{Conv2d, GraphBuilder};
//!
//! let mut b = GraphBuilder::new(3, 8, 8);
//! let x = b.conv(b.input(), Conv2d::new(3, 4, 3))?;
//! let x = b.relu(x)?;
//! let pooled = b.global_avg_pool(x)?;
//! let logits = b.linear(pooled, 10)?;
//! let graph = b.finish(x, logits);
//!
//! let network = Network::new(&graph, &Init { scheme: Scheme::TorchDefault, seed: 1 }, Placement::default(), Trainable::Layers);
//! let images = Placement::default().tensor(&vec![0.5; 2 * 3 * 8 * 8], &[2, 3, 8, 8])?;
//! let out = network.forward(&images, Norm::Train, &mut |_| {});
//! assert_eq!(out.logits.size(), [2, 10]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod curvature;
mod error;
mod init;
mod network;
mod placement;
mod script;
mod signs;
mod stopwatch;

pub use curvature::FirstOrder;
pub use error::Error;
pub use init::{Absolute, Init, Parameters, Scheme, Slot};
pub use network::{Forward, Layer, Moment, Network, Norm, Trainable, Trained};
pub use placement::{
    DType, Placement, forbid_reduced_precision, give_back_memory, ignore_alignment, keep_freed_memory, libtorch_version, parse_device,
    use_one_thread,
};
pub use script::{FrozenScript, ScriptModel};
pub use signs::SignKernel;
pub use stopwatch::Stopwatch;
