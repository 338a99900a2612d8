//! Noise that a proxy draws for itself, from the portable generator, kept for the next network of the same shapes.

use std::cell::RefCell;
use std::collections::HashMap;

use engine::Placement;
use netgraph::rng::Stream;
use tch::Tensor;

use crate::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Distribution {
    Normal,
    Signs,
}

type Key = (Distribution, u64, u64, Vec<i64>);

thread_local! {
    /// Networks of one space ask for the same few tensors again and again; a million draws take longer than a forward pass.
    static DRAWN: RefCell<(Option<Placement>, HashMap<Key, Tensor>)> = RefCell::new((None, HashMap::new()));
}

/// Elements kept at most by each thread.
const CAPACITY: usize = 1 << 25;

/// `N(0, 1)`: element `i` (flat, row-major) is drawn at `(seed, stream, i)`.
///
/// # Errors
/// [`Error::Engine`] if there is no memory for it.
pub fn normal(seed: u64, stream: u64, shape: &[i64], placement: Placement) -> Result<Tensor, Error> {
    drawn(Distribution::Normal, seed, stream, shape, placement)
}

/// +1 where the uniform draw at `(seed, stream, i)` is below 1/2, else -1.
///
/// # Errors
/// [`Error::Engine`] if there is no memory for it.
pub fn signs(seed: u64, stream: u64, shape: &[i64], placement: Placement) -> Result<Tensor, Error> {
    drawn(Distribution::Signs, seed, stream, shape, placement)
}

fn drawn(distribution: Distribution, seed: u64, stream: u64, shape: &[i64], placement: Placement) -> Result<Tensor, Error> {
    let key = (distribution, seed, stream, shape.to_vec());
    DRAWN.with_borrow_mut(|(kept_for, kept)| {
        if *kept_for != Some(placement) {
            kept.clear();
            *kept_for = Some(placement);
        }
        if let Some(tensor) = kept.get(&key) {
            return Ok(tensor.shallow_clone());
        }
        let (source, n) = (Stream::new(seed, stream), shape.iter().product::<i64>() as u64);
        let values: Vec<f64> = match distribution {
            Distribution::Normal => (0..n).map(|i| source.normal(i)).collect(),
            Distribution::Signs => (0..n).map(|i| if source.uniform(i) < 0.5 { 1.0 } else { -1.0 }).collect(),
        };
        let tensor = placement.tensor(&values, shape)?;
        if kept.values().map(Tensor::numel).sum::<usize>() + tensor.numel() > CAPACITY {
            kept.clear();
        }
        kept.insert(key, tensor.shallow_clone());
        Ok(tensor)
    })
}
