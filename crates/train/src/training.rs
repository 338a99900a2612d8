use bench_loaders::ImageSet;
use engine::{Init, Moment, Network, Norm, Placement, Trainable};
use netgraph::Graph;
use netgraph::passes::Passes;
use netgraph::rng::Stream;
use tch::{Kind, Reduction, Tensor, no_grad};

use crate::examples::{Examples, Minibatch};
use crate::mixing::beta;
use crate::sgd::Sgd;
use crate::teacher::Pupil;
use crate::{Error, Recipe, Teacher};

/// Stream of the shares of two mixed images in the first step, and of their partners; the next steps have the next ones.
const SHARE_STREAM: u64 = 1 << 32;
const PARTNER_STREAM: u64 = 1 << 33;
/// Images per batch when nothing is learnt.
const MEASURING_BATCH: usize = 256;

/// Accuracy and loss over a set of images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Share of the images whose largest logit is that of their class, in percent.
    pub accuracy: f64,
    /// Mean cross entropy; not finite if the weights are not.
    pub loss: f64,
}

/// A network under training.
#[derive(Debug)]
pub struct Training<'a> {
    network: Network<'static>,
    recipe: &'a Recipe,
    seed: u64,
    placement: Placement,
    pupil: Option<Pupil<'a>>,
    sgd: Sgd,
    epoch: u32,
    diverged: bool,
}

/// A training between two epochs: tensors on the CPU.
#[derive(Debug)]
pub struct Checkpoint {
    /// Epochs done.
    pub epoch: u32,
    /// Whether the loss of a step was not finite.
    pub diverged: bool,
    /// Every parameter, in the order of the network's memory; then those of a pupil's projections.
    pub parameters: Tensor,
    /// Velocity of the optimiser, if there has been a step.
    pub velocity: Option<Tensor>,
    /// Running means and variances of the batch norms, one after the other.
    pub statistics: Tensor,
}

impl<'a> Training<'a> {
    /// A network with fresh weights, taught by a teacher if there is one and the recipe says how.
    ///
    /// # Errors
    /// [`Error::Engine`] if libtorch fails; [`Error::Teacher`] if the network has no maps like the teacher's.
    pub fn new(graph: &Graph, recipe: &'a Recipe, seed: u64, placement: Placement, teacher: Option<&'a Teacher>) -> Result<Self, Error> {
        let init = Init { scheme: Recipe::INIT, seed };
        let mut network = Network::owning(Passes::TRAINING.run(graph), &init, placement, Trainable::Everything);
        if let Some(momentum) = recipe.norm_momentum {
            network.set_norm_momentum(momentum);
        }
        let taught = teacher.zip(recipe.distillation);
        let pupil = taught.map(|(teacher, how)| Pupil::new(&network, teacher, how, seed, placement)).transpose()?;
        let own = network.trained().into_iter().map(|trained| trained.tensor);
        let sgd = Sgd::new(own.chain(pupil.iter().flat_map(Pupil::parameters)).collect())?;
        Ok(Self { network, recipe, seed, placement, pupil, sgd, epoch: 0, diverged: false })
    }

    /// Epochs done.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Whether the loss of a step was not finite: nothing is learnt any more.
    #[must_use]
    pub const fn has_diverged(&self) -> bool {
        self.diverged
    }

    /// One pass over the training images: the mean of the cross entropies of its steps (without what a teacher adds), and the accuracy before each
    /// step (a mixed image counts for each of its two classes by its share). None if it diverged, now or before.
    ///
    /// # Errors
    /// [`Error::Images`] if images have no classes, [`Error::Engine`] if libtorch fails.
    pub fn run_epoch(&mut self, images: &ImageSet) -> Result<Option<Measured>, Error> {
        let examples = Examples::new(images, self.placement)?;
        let order = examples.order(self.seed, self.epoch);
        let steps = order.len().div_ceil(self.recipe.batch_size);
        let (mut loss_sum, mut right) = (Vec::new(), Vec::new());
        for (step, members) in order.chunks(self.recipe.batch_size).enumerate() {
            if self.diverged {
                break;
            }
            let done = u64::from(self.epoch) * steps as u64 + step as u64;
            let first = u64::from(self.epoch) * order.len() as u64 + (step * self.recipe.batch_size) as u64;
            let batch = examples.augmented(members, self.seed, first, self.recipe)?;
            let (loss, hits) = self.step(&batch, done, f64::from(self.epoch) + step as f64 / steps as f64)?;
            loss_sum.push(loss * members.len() as f64);
            right.push(hits);
        }
        self.epoch += 1;
        let n = order.len() as f64;
        let measured = || Measured { accuracy: 100.0 * right.iter().sum::<f64>() / n, loss: loss_sum.iter().sum::<f64>() / n };
        Ok((!self.diverged).then(measured))
    }

    /// Cross entropy and number of right answers of a step.
    fn step(&mut self, batch: &Minibatch, step: u64, progress: f64) -> Result<(f64, f64), Error> {
        let cross_entropy = |logits: &Tensor, classes: &Tensor| {
            logits.f_cross_entropy_loss(classes, None::<&Tensor>, Reduction::Mean, -100, self.recipe.label_smoothing)
        };
        let mixing = (self.recipe.mixup > 0.0).then(|| {
            let share = beta(Stream::new(self.seed, SHARE_STREAM + step), self.recipe.mixup);
            let n = batch.images.size()[0] as usize;
            let partners: Vec<i64> = Stream::new(self.seed, PARTNER_STREAM + step).sample(n, n).into_iter().map(|k| k as i64).collect();
            (share, Tensor::from_slice(&partners).to_device(self.placement.device))
        });
        let images = match &mixing {
            Some((share, partners)) => {
                let mixed = &batch.images * *share + batch.images.index_select(0, partners) * (1.0 - share);
                self.placement.relayout(&mixed)
            }
            None => batch.images.shallow_clone(),
        };
        let (logits, maps) = self.forward(&images);
        let (right, loss) = match &mixing {
            Some((share, partners)) => {
                let others = batch.classes.index_select(0, partners);
                let loss = cross_entropy(&logits, &batch.classes)? * *share + cross_entropy(&logits, &others)? * (1.0 - share);
                (hits(&logits, &batch.classes) * share + hits(&logits, &others) * (1.0 - share), loss)
            }
            None => (hits(&logits, &batch.classes), cross_entropy(&logits, &batch.classes)?),
        };
        let value = loss.double_value(&[]);
        let loss = match &self.pupil {
            Some(pupil) => loss + pupil.loss(&images, &logits, &maps)?,
            None => loss,
        };
        if loss.double_value(&[]).is_finite() {
            self.sgd.step(&loss, self.recipe.rate(progress), self.recipe)?;
        } else {
            self.diverged = true;
        }
        Ok((value, right))
    }

    /// Logits, and the maps that a pupil keeps.
    fn forward(&self, images: &Tensor) -> (Tensor, Vec<Tensor>) {
        let mut maps: Vec<Option<Tensor>> = (0..self.pupil.as_ref().map_or(0, Pupil::maps)).map(|_| None).collect();
        let keep = &mut |moment: Moment<'_>| {
            for k in self.pupil.iter().flat_map(|pupil| pupil.position(moment.id)) {
                maps[k] = Some(moment.output.shallow_clone());
            }
        };
        let logits = self.network.forward(images, Norm::Tracked, keep).logits;
        (logits, maps.into_iter().flatten().collect())
    }

    /// Accuracy and loss over images as they are, with the batch norms' running statistics.
    ///
    /// # Errors
    /// [`Error::Images`] if images have no classes, [`Error::Engine`] if libtorch fails.
    pub fn measure(&self, images: &ImageSet) -> Result<Measured, Error> {
        let examples = Examples::new(images, self.placement)?;
        let all: Vec<usize> = (0..examples.len()).collect();
        let (mut loss, mut right) = (0.0, 0.0);
        for members in all.chunks(MEASURING_BATCH) {
            let batch = examples.plain(members)?;
            let logits = no_grad(|| self.network.forward(&batch.images, Norm::Eval, &mut |_| {}).logits);
            loss += logits.f_cross_entropy_loss(&batch.classes, None::<&Tensor>, Reduction::Sum, -100, 0.0)?.double_value(&[]);
            right += hits(&logits, &batch.classes);
        }
        let n = all.len() as f64;
        Ok(Measured { accuracy: 100.0 * right / n, loss: loss / n })
    }

    /// What must be kept to go on from here.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let keep = |tensor: &Tensor| tensor.detach().to_device(tch::Device::Cpu).copy();
        let (parameters, velocity) = self.sgd.state();
        let statistics: Vec<Tensor> = self.network.running_statistics().iter().map(|s| s.reshape([-1])).collect();
        let none = || Tensor::zeros([0], (self.placement.dtype.kind(), tch::Device::Cpu));
        let statistics = if statistics.is_empty() { none() } else { keep(&Tensor::cat(&statistics, 0)) };
        Checkpoint { epoch: self.epoch, diverged: self.diverged, parameters: keep(parameters), velocity: velocity.map(keep), statistics }
    }

    /// Goes on from a checkpoint.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if it is of another network.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), Error> {
        let statistics = self.network.running_statistics();
        let counts: Vec<i64> = statistics.iter().map(|s| s.numel() as i64).collect();
        let here = (self.sgd.state().0.numel() as i64, counts.iter().sum::<i64>());
        let there = (checkpoint.parameters.numel() as i64, checkpoint.statistics.numel() as i64);
        if here != there {
            let reason = format!("parameters and running statistics: there {there:?}, here {here:?}");
            return Err(Error::Checkpoint { reason });
        }
        self.sgd.restore(&checkpoint.parameters, checkpoint.velocity.as_ref().map(|v| v.to_device(self.placement.device)).as_ref());
        no_grad(|| {
            for (mut own, stored) in statistics.into_iter().zip(checkpoint.statistics.split_with_sizes(counts.as_slice(), 0)) {
                own.copy_(&stored);
            }
        });
        self.epoch = checkpoint.epoch;
        self.diverged = checkpoint.diverged;
        Ok(())
    }
}

/// Number of images whose largest logit is that of their class.
fn hits(logits: &Tensor, classes: &Tensor) -> f64 {
    logits.detach().argmax(1, false).eq_tensor(classes).sum(Kind::Int64).int64_value(&[]) as f64
}
