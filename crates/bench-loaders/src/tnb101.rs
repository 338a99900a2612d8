//! TransNAS-Bench-101: seven tasks, 4,096 architectures that vary the cell (micro) and 3,256 that vary the layers (macro).

mod best;
mod curve;
mod file;
mod metric;
mod part;
mod rows;

use std::ops::RangeInclusive;

use crate::{Benchmark, BenchmarkMeta, Edition, Form, IngestOptions, Located, Observer, Result, Sink, Source, Summary};

/// The benchmark of the spaces `tnb101` and `tnb101-macro`, from the official file or from lists of best values.
///
/// # Conventions
/// * Rows of a micro architecture are of the space `tnb101`, those of a macro architecture of `tnb101-macro`. The official
///   index of an architecture is its place in the official file, which cannot be derived without it: rows have none.
/// * Data sets are the tasks. Each architecture was trained once for a task, so rows have no trial.
/// * Metrics are those that the official file lists itself, under its names in lower case and without the split, see
///   `tnb101/metric.rs` for units. `time_elapsed` has the split `train`.
/// * The official file gives a value for each epoch: rows are those of the last epoch, or of all with `every_epoch`. With
///   them come rows of the best epoch (`epoch` is null): as in the official API the best is the largest value of that very
///   metric over all epochs, on test data as well. The API takes the largest loss for the best too; here only metrics for
///   which higher is better have such rows.
/// * A value that is not finite is left out and counted in [`Summary::warnings`].
/// * Costs are the file's, once for each task: `model_params` and `model_FLOPs` (multiply-adds, by its authors' counter) as
///   they stand there, and `inference_time` taken for seconds. `encoder_params` and `encoder_FLOPs` have no column.
pub struct Tnb101;

/// A task.
struct Task {
    name: &'static str,
    /// Length of its training in epochs.
    epochs: u32,
    /// Metric that lists of best values give.
    best_metric: &'static str,
    /// What values of it there can be.
    range: RangeInclusive<f64>,
}

/// Tasks in the order of their names.
const TASKS: [Task; 7] = [
    Task { name: "autoencoder", epochs: 30, best_metric: "ssim", range: -1.0..=1.0 },
    Task { name: "class_object", epochs: 25, best_metric: "top1", range: 0.0..=100.0 },
    Task { name: "class_scene", epochs: 25, best_metric: "top1", range: 0.0..=100.0 },
    Task { name: "jigsaw", epochs: 10, best_metric: "top1", range: 0.0..=100.0 },
    Task { name: "normal", epochs: 30, best_metric: "ssim", range: -1.0..=1.0 },
    Task { name: "room_layout", epochs: 25, best_metric: "neg_loss", range: f64::MIN..=0.0 },
    Task { name: "segmentsemantic", epochs: 30, best_metric: "miou", range: 0.0..=100.0 },
];

static META: BenchmarkMeta = BenchmarkMeta {
    name: "tnb101",
    aliases: &[],
    title: "TransNAS-Bench-101 (micro and macro)",
    paper: "TransNAS-Bench-101: Improving Transferability and Generalizability of Cross-Task Neural Architecture Search (Duan et al., CVPR 2021), arXiv 2105.11871",
    licence: "MIT",
    space: "tnb101",
    datasets: &["autoencoder", "class_object", "class_scene", "jigsaw", "normal", "room_layout", "segmentsemantic"],
    editions: &[OFFICIAL, BEST],
};

const OFFICIAL: Edition = Edition {
    name: "pth",
    title: "official file, transnas-bench_v10141024.pth",
    sources: &[Source {
        file: "transnas-bench_v10141024.pth",
        form: Form::Torch,
        urls: &[],
        obtain: "https://github.com/yawen-d/TransNASBench (its README links to the file)",
        sha256: None,
        bytes: None,
        about: "size not known here",
        licence: "MIT (yawen-d/TransNASBench)",
    }],
    note: "every metric of the file on train, valid and test, at the last epoch (or all) and at the best; parameters, multiply-adds, inference time",
    rows: "not counted: depends on the metrics of the file",
    verified: "the conforming fixtures in both containers of torch: every value; the official file was not to be had",
    read: read_file,
};

const BEST: Edition = Edition {
    name: "best",
    title: "best validation values by task that tomomasayamasaki/RBFleX-NAS took from the official file",
    sources: &BEST_SOURCES,
    note: "validation metric at the best epoch (accuracy, negative loss, SSIM, mIoU), micro and macro; one macro architecture is missing",
    rows: "51,457",
    verified: "micro: all 28,672 values equal another extraction's; macro: against the paper's extremes only",
    read: read_best,
};

/// The list of one part and task.
const fn list(file: &'static str, urls: &'static [&'static str], sha256: &'static str, bytes: u64) -> Source {
    let licence = "MIT (tomomasayamasaki/RBFleX-NAS); the values are those of TransNAS-Bench-101 (MIT)";
    Source { file, form: Form::JsonList, urls, obtain: "", sha256: Some(sha256), bytes: Some(bytes), about: "", licence }
}

macro_rules! lists {
    ($($folder:literal $file:literal $sha256:literal $bytes:literal,)*) => {
        [$(list(
            $file,
            &[concat!(
                "https://raw.githubusercontent.com/tomomasayamasaki/RBFleX-NAS/cd3a57b39f79a1007b49444a8c6e4d6f803070cd/designspace/",
                $folder, "/data/trans/", $file
            )],
            $sha256,
            $bytes,
        )),*]
    };
}

const BEST_SOURCES: [Source; 14] = lists![
    "Trans_Macro" "macro_autoencoder.json" "fc11e47410ec71e4b3d3f026f673714357a9359ba90802780fc6401f6379f05e" 132_412,
    "Trans_Macro" "macro_class_object.json" "8f2a61f44154d049e2840f5db5bcf8021a88f7c1af75bf3a3fc4ac1c46cb01d6" 129_552,
    "Trans_Macro" "macro_class_scene.json" "300f360ccf1e030bbbe02bb7c52757c93ec6b091d28152a620b88627ebd722eb" 129_538,
    "Trans_Macro" "macro_jigsaw.json" "e0f4176e9f69c4f06b5190c3ba784e4fe9563f24c605d357d7462e1b00b0a020" 128_061,
    "Trans_Macro" "macro_normal.json" "c46429d898876609136f5e4f17d7f99e212c2e4387ac650eb9c8e7b03bf556b8" 131_867,
    "Trans_Macro" "macro_room_layout.json" "1a0a5ccbb0de5510a410a170ddab2a9ccbcd2e37c79019e2527fdec3f40cc138" 135_145,
    "Trans_Macro" "macro_segmentsemantic.json" "f1f1f6867c040c2ab7cc1ab6789217cd310d347b30e27c4e6f802349cf44a60b" 131_016,
    "Trans_Micro" "micro_autoencoder.json" "0d7f9f96b89df2a01d0d9d3981443b4ca51c3dd4608a53c9c3fe1c36ca9edf55" 177_017,
    "Trans_Micro" "micro_class_object.json" "e8c6272680466afafe0dd7afcd5f7e0ed7f6d1dcfd9976bc08227966a7a36cc8" 172_849,
    "Trans_Micro" "micro_class_scene.json" "7e9e15e417d3f20c70e0e9cbef3451ff4fdfba0609cf644620f4afbaf42defa8" 172_962,
    "Trans_Micro" "micro_jigsaw.json" "c37189d326ef63b24a646c7e2cc833af5267d1e65c7deb2f9a7431e65b079be3" 171_815,
    "Trans_Micro" "micro_normal.json" "d9b5fbb319ca9e96422390b78532b24ebf848b9e35d43a9f8a02e8e5d3e5cc1d" 176_129,
    "Trans_Micro" "micro_room_layout.json" "77c5574436352aac0a31d187cff12a5438f821d83297930b8977b28317b4a6e9" 179_759,
    "Trans_Micro" "micro_segmentsemantic.json" "e3759c48a99d97038595315e543dc737c4b41da9846968dbf6467e9d07fb530f" 174_247,
];

impl Benchmark for Tnb101 {
    fn meta(&self) -> &'static BenchmarkMeta {
        &META
    }
}

fn read_file(sources: &Located, options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    file::ingest(&sources.only()?.path, options, sink, observe)
}

fn read_best(sources: &Located, _options: &IngestOptions, sink: &mut Sink, observe: &Observer<'_>) -> Result<Summary> {
    best::ingest(sources, sink, observe)
}
