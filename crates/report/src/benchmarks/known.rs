//! The benchmarks, as data.

use super::{Benchmark, Choice, Dataset, Measured, OfficialFile};

/// Every benchmark, in the order of the index.
pub const ALL: &[Benchmark] = &[NB101, NB201, SSS, TNB101, TNB101_MACRO];

const fn choice(split: &'static str, metric: &'static str, epochs: u32, measured: Measured) -> Choice {
    Choice { split, metric, epochs, measured }
}

const NB101: Benchmark = Benchmark {
    name: "nb101",
    spaces: &["nb101"],
    title: "NAS-Bench-101",
    figures: "Figure 3",
    paper_protocol: "The figures are over all 423,624 cells (the plot shows 500 of them); batches, batch size and the choice among the three trainings of a cell are not given for this benchmark.",
    strings: "The 423,624 cells are distinct by the benchmark’s own module hash, after vertices that lead nowhere were pruned: none has a dead part, and no cell is counted twice. The score of a cell that was given as a matrix stands beside the accuracy of its hash.",
    datasets: &[Dataset { name: "cifar10", title: "CIFAR-10", choices: &[choice("test", "accuracy", 108, Measured::Last)] }],
    files: &[
        OfficialFile {
            name: "nasbench_only108.tfrecord",
            size: "about 499 MB",
            checksum: "SHA-256 4c39c3936e36a85269881d659e44e61a245babcb72cb374eacacf75d0e5f4fd1",
            holds: "three trainings of 108 epochs of every cell",
            from: "github.com/google-research/nasbench",
        },
        OfficialFile {
            name: "nasbench_full.tfrecord",
            size: "about 1.95 GB",
            checksum: "SHA-256 3d64db8180fb1b0207212f9032205064312b6907a3bbc81eabea10db2f5c7e9c",
            holds: "trainings of 4, 12, 36 and 108 epochs",
            from: "github.com/google-research/nasbench",
        },
    ],
};

const fn topology(name: &'static str, title: &'static str, choices: &'static [Choice]) -> Dataset {
    Dataset { name, title, choices }
}

const AFTER_200: &[Choice] = &[choice("test", "accuracy", 200, Measured::Last)];
const AFTER_90: &[Choice] = &[choice("test", "accuracy", 90, Measured::Last)];

const NB201: Benchmark = Benchmark {
    name: "nb201",
    spaces: &["nb201", "nats-tss"],
    title: "NAS-Bench-201",
    figures: "Tables 1 and 3",
    paper_protocol: "All architectures, test accuracy, N = 2 batches of B = 128.",
    strings: "15,625 strings make 6,466 classes by the benchmark’s own unique string, 9,445 after removing dead edges, and 5,260 exact classes of the live graph. Counting duplicates weights some functions more than others; the table under each dataset shows τ-b over each set.",
    datasets: &[
        topology("cifar10", "CIFAR-10", AFTER_200),
        topology("cifar100", "CIFAR-100", AFTER_200),
        topology("imagenet16-120", "ImageNet16-120", AFTER_200),
        topology("cifar10-valid", "CIFAR-10, half for validation", AFTER_200),
    ],
    files: &[
        OfficialFile {
            name: "nats_bench.csv",
            size: "3 MB",
            checksum: "checked when it is ingested",
            holds: "means of the test accuracy over the trainings of 200 epochs",
            from: "github.com/v-tao/nats-bench-landscape; downloaded by the command below if it is nowhere on this machine",
        },
        OfficialFile {
            name: "NATS-tss-v1_0-3ffb9-simple.tar",
            size: "not published",
            checksum: "MD5 begins with 3ffb9",
            holds: "every epoch of every training, 12 and 200 epochs",
            from: "github.com/D-X-Y/NATS-Bench",
        },
    ],
};

const SSS: Benchmark = Benchmark {
    name: "nats-sss",
    spaces: &["nats-sss"],
    title: "NATS-Bench size",
    figures: "Tables 1 and 3",
    paper_protocol: "All 32,768 architectures, test accuracy, N = 2 batches of B = 128.",
    strings: "32,768 strings are 32,768 different networks: one cell, five widths. Nothing in it is dead, every network is connected, and no two share an evaluation.",
    datasets: &[
        topology("cifar10", "CIFAR-10", AFTER_90),
        topology("cifar100", "CIFAR-100", AFTER_90),
        topology("imagenet16-120", "ImageNet16-120", AFTER_90),
        topology("cifar10-valid", "CIFAR-10, half for validation", AFTER_90),
    ],
    files: &[
        OfficialFile {
            name: "NATS-sss-v1_0-50262-simple.tar",
            size: "not published (32,769 files)",
            checksum: "MD5 begins with 50262",
            holds: "every epoch of every training: 1, 12 and 90 epochs. The unpacked folder does as well",
            from: "github.com/D-X-Y/NATS-Bench",
        },
        OfficialFile {
            name: "NATS-sss-v1_0-50262.pickle.pbz2",
            size: "not published",
            checksum: "MD5 begins with 50262",
            holds: "the same in one file",
            from: "github.com/D-X-Y/NATS-Bench",
        },
    ],
};

/// Test before validation, the best epoch before the last: the official interface answers with the best epoch unless asked
/// otherwise, and the public excerpts of the benchmark hold nothing else.
macro_rules! task {
    ($name:literal, $title:literal, $metric:literal, $epochs:literal) => {
        Dataset {
            name: $name,
            title: $title,
            choices: &[
                choice("test", $metric, $epochs, Measured::Best),
                choice("test", $metric, $epochs, Measured::Last),
                choice("valid", $metric, $epochs, Measured::Best),
                choice("valid", $metric, $epochs, Measured::Last),
            ],
        }
    };
}

const TASKS: &[Dataset] = &[
    task!("class_scene", "scene classification", "top1", 25),
    task!("class_object", "object classification", "top1", 25),
    task!("room_layout", "room layout", "neg_loss", 25),
    task!("jigsaw", "jigsaw", "top1", 10),
    task!("segmentsemantic", "semantic segmentation", "miou", 30),
    task!("normal", "surface normals", "ssim", 30),
    task!("autoencoder", "autoencoder", "ssim", 30),
];

const TNB101_FILES: &[OfficialFile] = &[OfficialFile {
    name: "transnas-bench_v10141024.pth",
    size: "not published",
    checksum: "not published",
    holds: "every epoch of seven tasks, on training, validation and test images, for both search spaces",
    from: "github.com/yawen-d/TransNASBench",
}];

const TNB101: Benchmark = Benchmark {
    name: "tnb101",
    spaces: &["tnb101", "tnb101-micro"],
    title: "TransNAS-Bench-101 Micro",
    figures: "Table 5",
    paper_protocol: "All 4,096 architectures, four of the seven tasks. Which split and epoch were read is not given, nor are the images and the loss of the two generative tasks.",
    strings: "4,096 strings of a cell with six edges: edges may lead nowhere, and different strings may describe one network. Isomorphic ones were trained anew each; the table under each task shows τ-b over each set.",
    datasets: TASKS,
    files: TNB101_FILES,
};

const TNB101_MACRO: Benchmark = Benchmark {
    name: "tnb101",
    spaces: &["tnb101-macro"],
    title: "TransNAS-Bench-101 Macro",
    figures: "no table of the paper",
    paper_protocol: "The paper has no figures for the macro space.",
    strings: "3,256 strings are 3,256 different chains of residual blocks; nothing in them is dead.",
    datasets: TASKS,
    files: TNB101_FILES,
};
