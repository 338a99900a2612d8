use bench_loaders::{ImageSet, Policy, Rectangle, View};
use engine::Placement;
use netgraph::rng::Stream;
use tch::Tensor;

use crate::{Error, Recipe};

/// Stream of the order of the images in the first epoch; the next epochs have the next ones.
const ORDER_STREAM: u64 = 10_000;

/// Images with classes, ready to be batched.
#[derive(Debug)]
pub struct Examples<'a> {
    set: &'a ImageSet,
    placement: Placement,
}

/// A batch on its device.
#[derive(Debug)]
pub struct Minibatch {
    /// `[batch, channels, h, w]`.
    pub images: Tensor,
    /// `[batch]`.
    pub classes: Tensor,
}

impl<'a> Examples<'a> {
    /// # Errors
    /// [`Error::Images`] if images have no classes or there are none.
    pub fn new(set: &'a ImageSet, placement: Placement) -> Result<Self, Error> {
        let wrong = |reason: &str| Err(Error::Images { set: set.name().into(), reason: reason.into() });
        match (set.labels().len(), set.len()) {
            (_, 0) => wrong("there are none"),
            (labels, images) if labels != images => wrong("they have no classes"),
            _ => Ok(Self { set, placement }),
        }
    }

    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Order of the images in an epoch, counted from 0.
    pub fn order(&self, seed: u64, epoch: u32) -> Vec<usize> {
        Stream::new(seed, ORDER_STREAM + u64::from(epoch)).sample(self.len(), self.len())
    }

    /// The images of these numbers as they are.
    ///
    /// # Errors
    /// [`Error::Engine`] if there is no memory for them.
    pub fn plain(&self, members: &[usize]) -> Result<Minibatch, Error> {
        self.seen(members, |_| View::PLAIN)
    }

    /// The images of these numbers as the recipe shows them; `first` is the position of the first one in the training.
    ///
    /// # Errors
    /// [`Error::Engine`] if there is no memory for them.
    pub fn augmented(&self, members: &[usize], seed: u64, first: u64, recipe: &Recipe) -> Result<Minibatch, Error> {
        let padding = if recipe.crop { self.set.dataset().crop_padding } else { 0 };
        let policy = recipe.auto_augment.then(|| Policy::of(self.set.dataset()));
        self.seen(members, |j| {
            let k = first + j as u64;
            let view = View::random(seed, k, padding);
            View {
                flip: view.flip && recipe.flip,
                operations: policy.map_or_else(Vec::new, |policy| policy.operations(seed, k)),
                erased: recipe.erasing.then(|| Rectangle::random(seed, k, self.set.resolution())).flatten(),
                ..view
            }
        })
    }

    fn seen(&self, members: &[usize], view: impl Fn(usize) -> View) -> Result<Minibatch, Error> {
        let (images, shape) = self.set.normalised(members, view);
        let classes: Vec<i64> = members.iter().map(|&member| i64::from(self.set.labels()[member])).collect();
        let shape = shape.map(|n| n as i64);
        Ok(Minibatch { images: self.placement.tensor(&images, &shape)?, classes: self.placement.labels(&classes)? })
    }
}
