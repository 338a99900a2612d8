//! What must not change a score, for every proxy.

use engine::{DType, Placement};
use proxies::{Input, Options, Proxy, TensorBatch, TensorTargets, evaluate, zoo};
use spaces::{Scope, Setting};
use tables::Status;
use tch::{Device, Kind, Tensor};

use crate::golden::batch;

const CLASSES: usize = 4;
const RESOLUTION: usize = 16;
const SIZE: usize = 6;

fn placement() -> Placement {
    Placement::new(Device::Cpu, DType::F64)
}

fn batches(n: u64) -> Vec<TensorBatch> {
    (0..n).map(|b| batch(b, SIZE, RESOLUTION, CLASSES, placement())).collect()
}

/// Scores of every proxy, `None` where there is none.
fn scores(architecture: &str, batches: &[TensorBatch]) -> Vec<Option<f64>> {
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 8, cells: 1, ..space.default_setting(CLASSES, RESOLUTION) };
    let graph = space.lower(&space.parse(architecture).unwrap(), &setting).unwrap();
    let options = Options { placement: placement(), ..Options::default() };
    let outcomes = evaluate(&graph, zoo::ALL, batches, &options).unwrap().outcomes;
    outcomes.into_iter().map(|o| o.score.ok().map(|s| s.value)).collect()
}

/// Asserts that the chosen proxies have the same scores.
fn same(what: &str, before: &[Option<f64>], after: &[Option<f64>], chosen: impl Fn(&dyn Proxy) -> bool) {
    let mut compared = 0;
    for ((proxy, before), after) in zoo::ALL.iter().zip(before).zip(after).filter(|((proxy, _), _)| chosen(**proxy)) {
        let name = proxy.meta().name;
        match (before, after) {
            // ZiCo and its like divide by spreads that may nearly vanish.
            (Some(a), Some(b)) => {
                assert!((a - b).abs() <= 1e-6 * a.abs().max(1e-3), "{what}: {name} was {a}, is {b}");
                compared += 1;
            }
            _ => assert_eq!(before, after, "{what}: {name}"),
        }
    }
    assert!(compared > 5, "{what}: {compared} proxies");
}

fn named(names: &[&str]) -> impl Fn(&dyn Proxy) -> bool {
    let names: Vec<String> = names.iter().map(|&n| n.to_owned()).collect();
    move |proxy| names.iter().any(|name| name == proxy.meta().name)
}

const ARCHITECTURE: &str = "13398";

#[test]
fn the_order_of_samples_matters_only_to_who_reads_the_first() {
    let before = batches(2);
    let order = Tensor::from_slice(&[3i64, 0, 5, 1, 4, 2]);
    let after: Vec<TensorBatch> = before
        .iter()
        .map(|batch| {
            let TensorTargets::Classes(classes) = &batch.targets else { panic!("these images have classes") };
            TensorBatch { images: batch.images.index_select(0, &order), targets: TensorTargets::Classes(classes.index_select(0, &order)) }
        })
        .collect();
    // AZ-NAS draws a direction for each position of the batch.
    let reads_the_first = named(&["meco", "meco_containers", "meco_opt", "meco_random", "near", "near_random", "az_trainability"]);
    same("samples in another order", &scores(ARCHITECTURE, &before), &scores(ARCHITECTURE, &after), |p| !reads_the_first(p));
}

#[test]
fn the_order_of_batches_does_not_matter_to_who_reads_all() {
    let before = batches(2);
    let after: Vec<TensorBatch> = batches(2).into_iter().rev().collect();
    let reads_all = named(&[
        "zico",
        "zico_eq15",
        "zico_floor",
        "zico_damped",
        "zico_mean",
        "zico_std",
        "swap_joined",
        "lswag",
        "zen",
        "synflow",
        "params",
    ]);
    same("batches in another order", &scores(ARCHITECTURE, &before), &scores(ARCHITECTURE, &after), reads_all);
}

#[test]
fn batches_seen_twice_change_no_spread() {
    let once = batches(2);
    let twice: Vec<TensorBatch> = batches(2).into_iter().chain(batches(2)).collect();
    let family = named(&["zico", "zico_eq15", "zico_floor", "zico_damped", "zico_mean", "zico_std", "swap_joined", "lswag"]);
    same("every batch twice", &scores(ARCHITECTURE, &once), &scores(ARCHITECTURE, &twice), family);
}

#[test]
fn a_loss_three_times_as_large_changes_no_ratio() {
    let times = |factor: f64| {
        let scaled = batches(2).into_iter().map(|TensorBatch { images, targets }| {
            let TensorTargets::Classes(classes) = targets else { panic!("these images have classes") };
            // This loss is linear in its targets.
            let targets = TensorTargets::Distribution(classes.one_hot(CLASSES as i64).to_kind(Kind::Double) * factor);
            TensorBatch { images, targets }
        });
        scores(ARCHITECTURE, &scaled.collect::<Vec<_>>())
    };
    let (before, after) = (times(1.0), times(3.0));
    let of = |name: &str| zoo::ALL.iter().zip(&before).find_map(|(proxy, &score)| score.filter(|_| proxy.meta().name == name)).unwrap();
    let shift = of("live_layers") * 3f64.ln();
    let mut compared = 0;
    for ((proxy, old), new) in zoo::ALL.iter().zip(&before).zip(&after) {
        let name = proxy.meta().name;
        let (&Some(old), &Some(new)) = (old, new) else {
            assert_eq!(old, new, "{name}");
            continue;
        };
        let expected = match name {
            "zico_mean" => old + shift,
            "zico_std" => old - shift,
            // Times a number of patterns that is no score of its own.
            "lswag" => continue,
            "grad_norm" | "grad_norm_total" | "snip" | "plain" => old * 3.0,
            "fisher" | "grasp" | "knas" => old * 9.0,
            // ZiCo and what else divides one gradient by another, signs of gradients, and what takes no loss.
            _ => old,
        };
        assert!((new - expected).abs() <= 1e-6 * expected.abs(), "{name} was {old}, is {new}, expected {expected}");
        compared += 1;
    }
    assert!(compared > 40, "{compared} proxies");
}

#[test]
fn labels_matter_only_to_who_takes_a_loss_or_groups_by_them() {
    let before = batches(2);
    let relabelled = |rename: &dyn Fn(i64) -> i64| -> Vec<TensorBatch> {
        batches(2)
            .into_iter()
            .map(|batch| {
                let TensorTargets::Classes(classes) = &batch.targets else { panic!("these images have classes") };
                let names: Vec<i64> = Vec::<i64>::try_from(classes).unwrap().into_iter().map(rename).collect();
                TensorBatch { images: batch.images, targets: TensorTargets::Classes(Tensor::from_slice(&names)) }
            })
            .collect()
    };
    let before = scores(ARCHITECTURE, &before);
    let takes_no_loss = |proxy: &dyn Proxy| {
        let mut demands = proxy.meta().passes.iter().flat_map(|pass| pass.readings).map(|r| r.demands());
        !demands.any(|d| d.derivative == proxies::Derivative::Loss)
    };
    same("one label for all", &before, &scores(ARCHITECTURE, &relabelled(&|_| 0)), |p| takes_no_loss(p) && p.meta().name != "epe_nas");
    let renamed = scores(ARCHITECTURE, &relabelled(&|class| (class + 1) % CLASSES as i64));
    same("classes renamed", &before, &renamed, takes_no_loss);
}

#[test]
fn isomorphic_architectures_have_one_score() {
    let batches = batches(2);
    // The same modules in the same order: a convolution behind a skip, by way of node 1 or of node 2; two convolutions and a pooling.
    for (first, second) in [
        (
            "|skip_connect~0|+|none~0|none~1|+|none~0|nor_conv_3x3~1|none~2|",
            "|none~0|+|skip_connect~0|none~1|+|none~0|none~1|nor_conv_3x3~2|",
        ),
        (
            "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|",
            "|nor_conv_3x3~0|+|none~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|",
        ),
    ] {
        // Nothing in them is dead, so the proxies that read everything read the same; but a skip is a module of the published code.
        same("isomorphic", &scores(first, &batches), &scores(second, &batches), |p| p.meta().name != "meco_containers");
    }
    // A convolution that leads nowhere changes what reads everything, and nothing else.
    let (clean, dead) =
        ("|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|", "|nor_conv_1x1~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|");
    // Weights are drawn by the number of their module: only what draws none can be compared; `graphs.rs` compares all.
    let reads_no_weights = named(&["live_layers", "params", "flops", "layers", "vkdnw_dim", "l2_norm"]);
    let (clean, dead) = (scores(clean, &batches), scores(dead, &batches));
    for ((proxy, clean), dead) in zoo::ALL.iter().zip(clean).zip(dead).filter(|((proxy, _), _)| reads_no_weights(**proxy)) {
        assert_eq!(clean == dead, proxy.meta().scope == Scope::Live, "{}", proxy.meta().name);
    }
}

#[test]
fn what_has_no_value_says_why() {
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 8, cells: 1, ..space.default_setting(CLASSES, RESOLUTION) };
    let options = Options { placement: placement(), ..Options::default() };
    let status = |architecture: &str, batches: &[TensorBatch], name: &str| {
        let graph = space.lower(&space.parse(architecture).unwrap(), &setting).unwrap();
        let outcome = evaluate(&graph, &[zoo::find(name).unwrap()], batches, &options).unwrap().outcomes.pop().unwrap();
        outcome.score.map(|s| s.value).map_err(|undefined| undefined.reason)
    };
    // A disconnected cell.
    for (name, part) in [
        ("naswot", "switch every ReLU alike"),
        ("zen", "disconnected"),
        ("ntk", "disconnected"),
        ("jacob_cov", "disconnected"),
        ("epe_nas", "disconnected"),
        ("az_expressivity", "disconnected"),
        ("az_progressivity", "disconnected"),
        ("vkdnw_entropy", "disconnected"),
        ("synflow_log", "disconnected"),
    ] {
        let reason = status("1651", &batches(2), name).unwrap_err();
        assert!(reason.contains(part), "{name}: {reason}");
    }
    assert_eq!(status("1651", &batches(2), "zico"), Ok(0.0));
    // Two equal images in a batch.
    let mut twins = batches(2);
    for batch in &mut twins {
        batch.images = Tensor::cat(&[batch.images.narrow(0, 0, 1), batch.images.narrow(0, 0, SIZE as i64 - 1)], 0);
    }
    assert!(status(ARCHITECTURE, &twins, "naswot").unwrap_err().contains("singular"));
    assert!(status(ARCHITECTURE, &twins, "ntk").unwrap_err().contains("singular"));
    assert!(status(ARCHITECTURE, &twins, "jacob_cov").is_ok());
    // An identity cell.
    assert!(status("186", &batches(2), "az_trainability").unwrap_err().contains("identity"));
    // TransNAS-Bench: every path of the classifier ends in a batch norm.
    let tnb = spaces::find("tnb101").unwrap();
    let graph = tnb.lower(&tnb.parse("8-41414-1_02_333").unwrap(), &tnb.default_setting(CLASSES, 64)).unwrap();
    let images: Vec<TensorBatch> = (0..2).map(|b| batch(b, 3, 64, CLASSES, placement())).collect();
    let names = ["jacob_cov", "epe_nas", "synflow_bn", "synflow_zen", "knas", "gradsign", "ntk"];
    let proxies: Vec<&dyn Proxy> = names.iter().map(|name| zoo::find(name).unwrap() as &dyn Proxy).collect();
    for (name, outcome) in names.iter().zip(evaluate(&graph, &proxies, &images, &options).unwrap().outcomes) {
        let reason = outcome.score.unwrap_err().reason;
        assert!(reason.contains("ends in a batch norm"), "{name}: {reason}");
    }
    // A batch of one: the logits themselves are constant, so every gradient of a loss is rounding noise.
    let one: Vec<TensorBatch> = (0..2).map(|b| batch(b, 1, 64, CLASSES, placement())).collect();
    let takes_loss = |proxy: &&'static dyn Proxy| {
        let mut passes = proxy.meta().passes.iter().filter(|pass| pass.state.norm == engine::Norm::Train);
        passes.any(|pass| pass.readings.iter().any(|r| r.demands().derivative == proxies::Derivative::Loss))
    };
    let chosen: Vec<&'static dyn Proxy> = zoo::ALL.iter().copied().filter(takes_loss).collect();
    assert!(chosen.len() > 12);
    for (proxy, outcome) in chosen.iter().zip(evaluate(&graph, &chosen, &one, &options).unwrap().outcomes) {
        let reason = outcome.score.map_or_else(|undefined| undefined.reason, |score| score.value.to_string());
        assert!(reason.contains("ends in a batch norm"), "{}: {reason}", proxy.meta().name);
    }
    // One image of four classes: the Fisher information of more than thirty parameters has three singular values.
    for name in ["vkdnw_entropy", "vkdnw_single"] {
        let reason = status(ARCHITECTURE, &[batch(0, 1, RESOLUTION, CLASSES, placement())], name).unwrap_err();
        assert!(reason.contains("a rank of at most 3"), "{name}: {reason}");
    }
    // NAS-Bench-101 names no blocks.
    let nb101 = spaces::find("nb101").unwrap();
    let setting = Setting { channels: 8, cells: 1, ..nb101.default_setting(CLASSES, RESOLUTION) };
    let graph = nb101.lower(&nb101.sample(0, 1)[0], &setting).unwrap();
    let outcome = evaluate(&graph, &[zoo::find("az_trainability").unwrap()], &batches(2), &options).unwrap().outcomes.pop().unwrap();
    assert!(outcome.score.unwrap_err().reason.contains("names no blocks"));
}

/// A sign, a rank or the number of what survives would make a number of NaN.
#[test]
fn numbers_that_are_not_finite_give_no_score() {
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 8, cells: 1, ..space.default_setting(CLASSES, RESOLUTION) };
    let graph = space.lower(&space.parse(ARCHITECTURE).unwrap(), &setting).unwrap();
    let options = Options { placement: placement(), ..Options::default() };
    for bad in [f64::NAN, f64::INFINITY] {
        let batches = batches(2);
        let _ = batches[0].images.narrow(0, 2, 1).fill_(bad);
        for (proxy, outcome) in zoo::ALL.iter().zip(evaluate(&graph, zoo::ALL, &batches, &options).unwrap().outcomes) {
            let meta = proxy.meta();
            let sees = meta.passes.iter().any(|pass| matches!(pass.state.input, Input::Batches | Input::Joined));
            match outcome.score {
                Ok(score) => assert!(!sees && score.value.is_finite(), "{} of images with {bad} is {}", meta.name, score.value),
                Err(undefined) if sees => {
                    let right = undefined.status == Status::NonFinite && undefined.reason.contains("an image of batch 0 is not finite");
                    assert!(right, "{}: {}", meta.name, undefined.reason);
                }
                Err(undefined) => panic!("{} sees no image and has no score: {}", meta.name, undefined.reason),
            }
        }
    }
}

#[test]
fn images_of_one_class_have_scores_or_a_reason() {
    let mut one_class = batches(2);
    for batch in &mut one_class {
        batch.targets = TensorTargets::Classes(Tensor::from_slice(&[1i64; SIZE]));
    }
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 8, cells: 1, ..space.default_setting(CLASSES, RESOLUTION) };
    let graph = space.lower(&space.parse(ARCHITECTURE).unwrap(), &setting).unwrap();
    let options = Options { placement: placement(), ..Options::default() };
    for (proxy, outcome) in zoo::ALL.iter().zip(evaluate(&graph, zoo::ALL, &one_class, &options).unwrap().outcomes) {
        match (proxy.meta().name, outcome.score) {
            (_, Ok(score)) => assert!(score.value.is_finite()),
            (name, Err(undefined)) => assert!(name == "epe_nas" && undefined.status == Status::Undefined, "{name}: {}", undefined.reason),
        }
    }
}

/// At 8 x 8 pixels the last stage has maps of 2 x 2, which a pooling of 3 x 3 pixels makes equal: alone, an image has nothing to
/// normalise there, and what is left is rounding noise that differs from machine to machine.
#[test]
fn what_is_only_rounding_noise_has_no_score() {
    let space = spaces::find("nb201").unwrap();
    let text = "|avg_pool_3x3~0|+|nor_conv_3x3~0|nor_conv_1x1~1|+|avg_pool_3x3~0|skip_connect~1|avg_pool_3x3~2|";
    let proxies = ["knas", "gradsign", "gradsign_sum", "synflow_bn", "synflow_zen"].map(|name| zoo::find(name).unwrap());
    for (resolution, defined) in [(8, false), (16, true)] {
        let setting = Setting { channels: 4, cells: 1, ..space.default_setting(CLASSES, resolution) };
        let graph = space.lower(&space.parse(text).unwrap(), &setting).unwrap();
        let batches = [batch(0, SIZE, resolution, CLASSES, placement())];
        let options = Options { placement: placement(), ..Options::default() };
        for (proxy, outcome) in proxies.iter().zip(evaluate(&graph, &proxies, &batches, &options).unwrap().outcomes) {
            let name = proxy.meta().name;
            match outcome.score {
                Ok(score) => assert!(defined, "{name}: {}", score.value),
                Err(undefined) => assert!(!defined && undefined.reason.contains("equal at all positions"), "{name}: {}", undefined.reason),
            }
        }
    }
}
