//! Files: real ones where they are there, small ones made here for everything that can be wrong with them.

mod batches;
mod cifar;
mod fetch;
mod imagenet;
mod nb101;
mod nb201;
mod npz;
mod support;
mod targets;
mod tnb101;
