//! Readers of file formats that several benchmarks share.

mod crc32c;
pub mod protobuf;
pub mod tfrecord;
