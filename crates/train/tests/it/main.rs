//! Trainings of small networks on the built-in digits.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use bench_loaders::{Splits, digits_split};
use engine::{DType, Placement};
use netgraph::Graph;
use shards::{Job as _, NetworkConfig, Part, Selection, execute};
use tables::{BenchTable, CostTable};
use tch::Device;
use train::table::{ImagesConfig, TableConfig, TableJob, write_tables};
use train::{Distillation, Recipe, Teacher, TeacherConfig, Training};

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
    let mut training = Training::new(&network(), recipe, seed, F32, None).unwrap();
    let mut figures = Vec::new();
    while training.epoch() < recipe.epochs {
        let learnt = training.run_epoch(&splits.train).unwrap().unwrap();
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
    let mut training = Training::new(&network(), &recipe, 5, F32, None).unwrap();
    training.run_epoch(&splits.train).unwrap();
    let checkpoint = training.checkpoint();
    drop(training);
    let mut resumed = Training::new(&network(), &recipe, 5, F32, None).unwrap();
    resumed.restore(&checkpoint).unwrap();
    for want in &whole[1..] {
        let learnt = resumed.run_epoch(&splits.train).unwrap().unwrap();
        let test = resumed.measure(&splits.test).unwrap();
        assert_eq!([learnt.accuracy, learnt.loss, test.accuracy, test.loss], *want);
    }
    let other = Recipe { epochs: 1, ..recipe };
    let space = spaces::find("nb201").unwrap();
    let wide = space.lower(&space.at(0).unwrap(), &space.default_setting(10, 8)).unwrap();
    let error = Training::new(&wide, &other, 0, F32, None).unwrap().restore(&checkpoint).unwrap_err();
    assert!(error.to_string().contains("of another training"), "{error}");
}

/// The paper's recipe in small.
fn paper() -> Recipe {
    let how = Distillation { side: 8, logits: 1.0, features: 1.0 };
    Recipe { epochs: 3, batch_size: 64, warmup_epochs: 1, distillation: Some(how), ..Recipe::find("zico").unwrap() }
}

#[test]
fn a_teacher_is_imitated_and_a_training_under_it_goes_on_from_a_checkpoint() {
    let (splits, recipe) = (digits_split().unwrap(), paper());
    // Made by `scripts/torchscript_fixture.py`.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/teacher.pt");
    let teacher = Teacher::load(&path, &recipe.distillation.unwrap(), 10, F32).unwrap();
    let trained = |teacher: Option<&Teacher>, stops: bool| {
        let mut training = Training::new(&network(), &recipe, 2, F32, teacher).unwrap();
        let mut losses = Vec::new();
        while training.epoch() < recipe.epochs {
            losses.push(training.run_epoch(&splits.train).unwrap().unwrap().loss);
            if stops {
                let checkpoint = training.checkpoint();
                training = Training::new(&network(), &recipe, 2, F32, teacher).unwrap();
                training.restore(&checkpoint).unwrap();
            }
        }
        (losses, training.measure(&splits.test).unwrap())
    };
    let taught = trained(Some(&teacher), false);
    assert_eq!(taught, trained(Some(&teacher), true));
    assert_ne!(taught, trained(None, false));
    assert!(taught.0[2] < taught.0[0] && taught.1.loss.is_finite(), "{taught:?}");
}

#[test]
fn augmentation_is_part_of_a_training_and_no_other_draw_depends_on_it() {
    let splits = digits_split().unwrap();
    let plain = Recipe { auto_augment: false, erasing: false, distillation: None, mixup: 0.0, ..paper() };
    let of = |recipe: &Recipe| {
        let mut training = Training::new(&network(), recipe, 2, F32, None).unwrap();
        training.run_epoch(&splits.train).unwrap().unwrap()
    };
    let results = [of(&plain), of(&Recipe { auto_augment: true, ..plain.clone() }), of(&Recipe { erasing: true, ..plain.clone() })];
    assert!(results[0] != results[1] && results[0] != results[2] && results[1] != results[2]);
    assert_eq!(of(&plain), results[0]);
}

#[test]
fn a_training_that_diverges_says_so() {
    let splits = digits_split().unwrap();
    let recipe = Recipe { learning_rate: 1e30, warmup_epochs: 0, ..recipe() };
    let mut training = Training::new(&network(), &recipe, 0, F32, None).unwrap();
    for _ in 0..recipe.epochs {
        training.run_epoch(&splits.train).unwrap();
    }
    assert!(training.has_diverged());
    let mut resumed = Training::new(&network(), &recipe, 0, F32, None).unwrap();
    resumed.restore(&training.checkpoint()).unwrap();
    assert!(resumed.has_diverged() && resumed.run_epoch(&splits.train).unwrap().is_none());
}

/// Everything that a table of two cells on the digits depends on.
fn table_config(recipe: Recipe) -> TableConfig {
    let splits = digits_split().unwrap();
    TableConfig {
        space: "nb201".into(),
        dataset: "digits".into(),
        images: ImagesConfig {
            source: splits.train.name().into(),
            protocol: splits.protocol.clone(),
            sha256: [&splits.train, &splits.valid, &splits.test].map(|set| set.sha256().to_owned()),
        },
        network: NetworkConfig { channels: 4, cells: 1, classes: 10, resolution: 8 },
        recipe,
        teacher: None,
        architectures: Selection::new("two", []),
        seeds: vec![3, 5],
        milestones: vec![1, 3],
        dtype: "f32".into(),
        device: "cpu".into(),
    }
}

/// Trains two cells, one of them disconnected, and reads the table back; `interrupted` after each of the first two epochs.
fn table(config: &TableConfig, folder: &Path, interrupted: bool) -> BenchTable {
    let space = spaces::find("nb201").unwrap();
    let splits = digits_split().unwrap();
    let setting = spaces::Setting { channels: 4, cells: 1, ..space.default_setting(10, 8) };
    let architectures = [space.at(100).unwrap(), space.at(1651).unwrap()];
    let job = TableJob::new(config, space, setting, &architectures, &splits, F32, folder).unwrap();
    assert_eq!(job.items().len(), 4);
    if interrupted {
        // It does an epoch and saves itself.
        let stop = AtomicBool::new(true);
        assert_eq!(job.work(&job.items()[0], &None, &stop).unwrap(), None);
        assert_eq!(fs::read_dir(folder.join("checkpoints")).unwrap().count(), 1);
        assert_eq!(job.work(&job.items()[0], &None, &stop).unwrap(), None);
    }
    let summary = execute(&job, folder, 2, Part::ALL, &AtomicBool::new(false), &|_| {}).unwrap();
    assert_eq!((summary.evaluated, summary.left), (4, 0));
    assert_eq!(fs::read_dir(folder.join("checkpoints")).unwrap().count(), 0);
    let path = folder.join("table.parquet");
    let written = write_tables(folder, config, space, &setting, &architectures, &path).unwrap();
    assert_eq!(written.architectures, 2);
    let costs = CostTable::read(&bench_loaders::cost_path(&path)).unwrap();
    assert_eq!(costs.iter().map(|row| row.index).collect::<Vec<_>>().len(), 2);
    BenchTable::read(&path).unwrap()
}

#[test]
fn a_table_is_the_same_after_an_interruption() {
    let config = table_config(recipe());
    let [whole, resumed] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let expected = table(&config, whole.path(), false);
    // Two architectures, two seeds; three epochs of training images and two milestones of the other two splits; accuracy and loss.
    assert_eq!(expected.len(), 2 * 2 * (3 + 2 * 2) * 2);
    assert!(expected.iter().filter(|row| row.metric == "accuracy").all(|row| (0.0..=100.0).contains(&row.value)));
    fs::create_dir_all(resumed.path().join("checkpoints")).unwrap();
    assert_eq!(table(&config, resumed.path(), true), expected);
}

/// Of the two cells one cuts the images off: its maps are constant, and the teacher's are learnt by the projections' biases.
#[test]
fn a_teacher_teaches_disconnected_cells_too() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/teacher.pt");
    let taught = TableConfig { teacher: Some(TeacherConfig::of(&path).unwrap()), ..table_config(paper()) };
    let folder = tempfile::tempdir().unwrap();
    let table = table(&taught, folder.path(), false);
    assert_eq!(table.provenance().inputs["teacher"], taught.teacher.unwrap().sha256);
    assert!(table.iter().all(|row| row.metric != "diverged"));
}

#[test]
fn a_training_that_diverged_is_in_the_table() {
    let config = table_config(Recipe { learning_rate: 1e30, warmup_epochs: 0, ..recipe() });
    let folder = tempfile::tempdir().unwrap();
    let table = table(&config, folder.path(), false);
    let diverged: Vec<_> = table.iter().filter(|row| row.metric == "diverged").map(|row| (row.index, row.trial, row.value)).collect();
    assert!(diverged.contains(&(Some(100), Some(3), 1.0)) && diverged.contains(&(Some(100), Some(5), 1.0)), "{diverged:?}");
    assert!(table.iter().any(|row| row.metric == "accuracy" && row.index == Some(100) && row.split == "test"));
    assert!(table.iter().filter(|row| row.metric == "loss").all(|row| row.value.is_finite()));
}

#[test]
fn a_batch_larger_than_the_images_and_a_damaged_file_are_refused() {
    let space = spaces::find("nb201").unwrap();
    let splits = digits_split().unwrap();
    let setting = spaces::Setting { channels: 4, cells: 1, ..space.default_setting(10, 8) };
    let folder = tempfile::tempdir().unwrap();
    let job = |config| TableJob::new(config, space, setting, &[space.at(0).unwrap()], &splits, F32, folder.path());
    let large = table_config(Recipe { batch_size: 2_000, ..recipe() });
    let error = job(&large).err().unwrap().to_string();
    assert!(error.contains("1197 images to learn from are fewer than a batch of 2000: choose --batch-size 1197 or less"), "{error}");

    let config = table_config(recipe());
    let job = job(&config).unwrap();
    fs::create_dir_all(folder.path().join("checkpoints")).unwrap();
    job.work(&job.items()[0], &None, &AtomicBool::new(true)).unwrap();
    let saved = fs::read_dir(folder.path().join("checkpoints")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&saved).unwrap();
    for at in (0..whole.len()).step_by(97) {
        fs::write(&saved, &whole[..at]).unwrap();
        let error = job.work(&job.items()[0], &None, &AtomicBool::new(false)).unwrap_err().to_string();
        assert!(error.contains("failed to use the saved training") && error.contains("delete the file"), "{error}");
    }
}
