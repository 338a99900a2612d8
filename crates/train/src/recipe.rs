use std::f64::consts::PI;

use engine::Scheme;
use serde::{Deserialize, Serialize};

use crate::Error;

/// How a network is trained: stochastic gradient descent, a learning rate that warms up linearly and falls along half a cosine,
/// cross entropy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is an ingredient of its own that a recipe has or has not")]
pub struct Recipe {
    /// Name on the command line.
    pub name: String,
    /// Where it is from, and what is different here.
    pub source: String,
    /// Passes over the training images.
    pub epochs: u32,
    /// Images per step; the last step of an epoch has what is left.
    pub batch_size: usize,
    /// Learning rate after the warm-up.
    pub learning_rate: f64,
    /// Epochs in which it grows from 0.
    pub warmup_epochs: u32,
    /// Learning rate at the end.
    pub final_learning_rate: f64,
    /// Momentum, 0 to 1.
    pub momentum: f64,
    /// Whether the momentum is Nesterov's.
    pub nesterov: bool,
    /// Weight decay: this times each parameter is added to its gradient.
    pub weight_decay: f64,
    /// Whether batch norms and biases decay too.
    pub decay_all: bool,
    /// Share of a batch in the batch norms' running statistics; none for that of the network.
    pub norm_momentum: Option<f64>,
    /// Share of the target that is spread evenly over the classes, 0 to 1.
    pub label_smoothing: f64,
    /// Parameter of the Beta distribution by which two images are mixed; 0 for no mixing.
    pub mixup: f64,
    /// Whether an image is padded with zeros (as much as its data set says) and cropped at random.
    pub crop: bool,
    /// Whether every other image is flipped.
    pub flip: bool,
    /// Whether `AutoAugment` changes the images, by the list for their data set ([`bench_loaders::Policy::of`]).
    pub auto_augment: bool,
    /// Whether every other image loses a rectangle ([`bench_loaders::Rectangle::random`]).
    pub erasing: bool,
    /// How a teacher's outputs are learnt; none without a teacher.
    pub distillation: Option<Distillation>,
}

/// What is added to the loss for a [`crate::Teacher`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distillation {
    /// Side in pixels of the images that the teacher sees: the augmented and mixed ones, resized (bilinear).
    pub side: usize,
    /// Weight of the cross entropy with the teacher's probabilities for targets.
    pub logits: f64,
    /// Weight of the sum over the teacher's maps of the smooth L1 distance (mean over elements) to the network's map of the same stage, projected to
    /// as many channels by a convolution of one pixel that is learnt as well.
    pub features: f64,
}

/// Every named recipe.
pub static RECIPES: [fn() -> Recipe; 3] = [nb201, zico, short];

/// The training of NAS-Bench-201.
fn nb201() -> Recipe {
    Recipe {
        name: "nb201".into(),
        source: "NAS-Bench-201 (Dong and Yang, ICLR 2020), Table 1: D-X-Y/AutoDL-Projects@f46486e configs/nas-benchmark/CIFAR.config"
            .into(),
        epochs: 200,
        batch_size: 256,
        learning_rate: 0.1,
        warmup_epochs: 0,
        final_learning_rate: 0.0,
        momentum: 0.9,
        nesterov: true,
        weight_decay: 5e-4,
        decay_all: true,
        norm_momentum: None,
        label_smoothing: 0.0,
        mixup: 0.0,
        crop: true,
        flip: true,
        auto_augment: false,
        erasing: false,
        distillation: None,
    }
}

/// The training of the networks that ZiCo found.
fn zico() -> Recipe {
    Recipe {
        name: "zico".into(),
        source: "ZiCo (Li et al., ICLR 2023), appendix; what is not stated there by SLDGroup/ZiCo@0993c51 \
            scripts/ZiCo_NAS_ImageNet_flops450M.sh and idstcv/ZenNAS@ec10755 ts_train_image_classification.py; weights are drawn as for the \
            other recipes, images are cropped as their data set says"
            .into(),
        epochs: 480,
        batch_size: 512,
        // 0.1 for 256 images.
        learning_rate: 0.2,
        warmup_epochs: 5,
        weight_decay: 4e-5,
        decay_all: false,
        norm_momentum: Some(0.01),
        label_smoothing: 0.1,
        mixup: 0.2,
        auto_augment: true,
        erasing: true,
        distillation: Some(Distillation { side: 320, logits: 1.0, features: 1.0 }),
        ..nb201()
    }
}

/// NAS-Bench-201's recipe cut down to a dozen epochs of small batches, for small data sets.
fn short() -> Recipe {
    Recipe {
        name: "short".into(),
        source: "this project: the recipe of NAS-Bench-201 with 12 epochs of batches of 64, without flips".into(),
        epochs: 12,
        batch_size: 64,
        warmup_epochs: 1,
        flip: false,
        ..nb201()
    }
}

impl Recipe {
    /// The recipe of that name.
    ///
    /// # Errors
    /// [`Error::UnknownRecipe`].
    pub fn find(name: &str) -> Result<Self, Error> {
        let known = || RECIPES.map(|recipe| recipe().name).join(", ");
        let found = RECIPES.iter().map(|recipe| recipe()).find(|recipe| recipe.name == name);
        found.ok_or_else(|| Error::UnknownRecipe { got: name.into(), known: known() })
    }

    /// How weights are drawn.
    pub(crate) const INIT: Scheme = Scheme::TorchDefault;

    /// Learning rate of a step; `progress` counts epochs from 0, with fractions.
    #[must_use]
    pub fn rate(&self, progress: f64) -> f64 {
        let warmup = f64::from(self.warmup_epochs);
        if progress < warmup {
            return self.learning_rate * progress / warmup;
        }
        let rest = (f64::from(self.epochs) - warmup).max(f64::MIN_POSITIVE);
        let share = ((progress - warmup) / rest).min(1.0);
        self.final_learning_rate + (self.learning_rate - self.final_learning_rate) * f64::midpoint(1.0, (PI * share).cos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recipe_is_found_by_its_name() {
        for recipe in RECIPES.map(|recipe| recipe()) {
            assert_eq!(Recipe::find(&recipe.name).unwrap(), recipe);
            assert!(recipe.epochs > recipe.warmup_epochs && recipe.batch_size > 0 && !recipe.source.is_empty());
        }
        assert!(Recipe::find("nasbench").unwrap_err().to_string().contains("known: nb201, zico, short"));
    }

    #[test]
    fn the_rate_warms_up_and_falls_along_half_a_cosine() {
        let recipe = Recipe { epochs: 12, warmup_epochs: 2, learning_rate: 0.4, final_learning_rate: 0.1, ..short() };
        let rates: Vec<f64> = [0.0, 1.0, 2.0, 7.0, 12.0].map(|at| recipe.rate(at)).into();
        for (got, want) in rates.into_iter().zip([0.0, 0.2, 0.4, 0.25, 0.1]) {
            assert!((got - want).abs() < 1e-12, "{got} {want}");
        }
    }
}
