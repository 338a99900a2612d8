//! Readers of the formats that benchmarks are published in. Files from outside are hostile: nothing in them is executed,
//! memory is bounded, and every error says where in the file it is.

pub mod ahead;
pub mod compressed;
mod crc32c;
pub mod data_frame;
pub mod pickle;
pub mod protobuf;
pub mod tar;
pub mod tfrecord;
pub mod torch_file;
