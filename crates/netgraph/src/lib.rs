//! Neural networks as data.
//!
//! A [`Graph`] is a feed-forward network: typed operations ([`Op`]) in topological order over modules with parameters
//! ([`Module`]) in *canonical order*, the order that numbers every weight. [`GraphBuilder`] makes one and infers shapes;
//! [`Graph::n_params`] and [`Graph::flops`] count; [`Liveness`] tells which operations can influence the output;
//! [`passes`] rewrite a graph into a faster one with the same scores. [`rng`] is the portable generator of all weights.
//!
//! Nothing here computes with tensors: the `engine` crate runs a graph on libtorch.
//!
//! ```
//! use netgraph::{Conv2d, GraphBuilder, Shape};
//!
//! let mut b = GraphBuilder::new(3, 8, 8);
//! let x = b.conv(b.input(), Conv2d::new(3, 4, 3))?;
//! let x = b.batch_norm(x)?;
//! let features = b.relu(x)?;
//! let pooled = b.global_avg_pool(features)?;
//! let logits = b.linear(pooled, 10)?;
//! let graph = b.finish(features, logits);
//! assert_eq!(graph.n_params(), 3 * 4 * 9 + 2 * 4 + 4 * 10 + 10);
//! assert_eq!(graph.flops(), 3 * 4 * 9 * 64 + 4 * 10 + 10); // multiply-adds
//! assert_eq!(graph.node(graph.output()).shape, Shape::Vector(10));
//! # Ok::<(), netgraph::Error>(())
//! ```

mod batch_constant;
mod builder;
mod count;
mod error;
mod flat;
mod graph;
mod liveness;
mod module;
pub mod passes;
pub mod rng;

pub use builder::GraphBuilder;
pub use error::Error;
pub use graph::{Graph, Node, NodeId, Op, Pool, Shape, Slope};
pub use liveness::Liveness;
pub use module::{BatchNorm2d, Conv2d, ConvTranspose2d, Linear, Module, ModuleId};
