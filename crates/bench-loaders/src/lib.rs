//! Being written.
/// A batch.
#[derive(Clone, Debug)]
pub struct Batch { 
/// Flat NCHW.
pub images: Vec<f64>,
/// Classes.
pub labels: Vec<i64>,
/// NCHW.
pub shape: [usize; 4] }
