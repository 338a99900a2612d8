//! Trainings of small networks on the built-in digits.

use bench_loaders::{Splits, digits_split};
use engine::{DType, Placement};
use netgraph::Graph;
use tch::Device;
use train::{Recipe, Training};

/// A cell with convolutions, a pooling, a skip connection and two dead edges, in a small skeleton.
fn network() -> Graph {
    let space = spaces::find("nb201").unwrap();
    let text = "|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|+|none~0|none~1|nor_conv_1x1~2|";
    let setting = spaces::Setting { channels: 4, cells: 1, ..space.default_setting(10, 8) };
    space.lower(&space.parse(text).unwrap(), &setting).unwrap()
}

fn recipe() -> Recipe {
    Recipe { epochs: 3, ..Recipe::find("short").unwrap() }
}

const F32: Placement = Placement::new(Device::Cpu, DType::F32);

/// Accuracy and loss of every epoch on the training and test images.
fn figures(recipe: &Recipe, splits: &Splits, seed: u64) -> Vec<[f64; 4]> {
    let mut training = Training::new(&network(), recipe, seed, F32).unwrap();
    let mut figures = Vec::new();
    while training.epoch() < recipe.epochs {
        let learnt = training.run_epoch(&splits.train).unwrap();
        let test = training.measure(&splits.test).unwrap();
        figures.push([learnt.accuracy, learnt.loss, test.accuracy, test.loss]);
    }
    figures
}

#[test]
fn a_network_learns_and_the_seed_decides() {
    let splits = digits_split().unwrap();
    let found = figures(&recipe(), &splits, 0);
    let [first, .., last] = found.as_slice() else { panic!("three epochs") };
    // Guessing gets 10 %.
    assert!(last[1] < first[1] && last[2] > 50.0, "{found:?}");
    assert_eq!(found, figures(&recipe(), &splits, 0));
    assert_ne!(found, figures(&recipe(), &splits, 1));
}

#[test]
fn a_training_goes_on_from_a_checkpoint_as_if_nothing_had_happened() {
    let splits = digits_split().unwrap();
    let recipe = Recipe { mixup: 0.2, label_smoothing: 0.1, flip: true, ..recipe() };
    let whole = figures(&recipe, &splits, 5);
    let mut training = Training::new(&network(), &recipe, 5, F32).unwrap();
    training.run_epoch(&splits.train).unwrap();
    let checkpoint = training.checkpoint();
    drop(training);
    let mut resumed = Training::new(&network(), &recipe, 5, F32).unwrap();
    resumed.restore(&checkpoint).unwrap();
    for want in &whole[1..] {
        let learnt = resumed.run_epoch(&splits.train).unwrap();
        let test = resumed.measure(&splits.test).unwrap();
        assert_eq!([learnt.accuracy, learnt.loss, test.accuracy, test.loss], *want);
    }
    let other = Recipe { epochs: 1, ..recipe };
    let space = spaces::find("nb201").unwrap();
    let wide = space.lower(&space.at(0).unwrap(), &space.default_setting(10, 8)).unwrap();
    let error = Training::new(&wide, &other, 0, F32).unwrap().restore(&checkpoint).unwrap_err();
    assert!(error.to_string().contains("of another training"), "{error}");
}

#[test]
fn a_training_that_diverges_says_so() {
    let splits = digits_split().unwrap();
    let recipe = Recipe { learning_rate: 1e30, warmup_epochs: 0, ..recipe() };
    let mut training = Training::new(&network(), &recipe, 0, F32).unwrap();
    for _ in 0..recipe.epochs {
        training.run_epoch(&splits.train).unwrap();
    }
    assert!(training.has_diverged());
    let mut resumed = Training::new(&network(), &recipe, 0, F32).unwrap();
    resumed.restore(&training.checkpoint()).unwrap();
    assert!(resumed.has_diverged() && resumed.run_epoch(&splits.train).unwrap().loss.is_nan());
}
