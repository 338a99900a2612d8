//! A `TorchScript` module and the same network as a graph get the same scores.

use std::path::{Path, PathBuf};

use engine::{DType, Placement, Scheme};
use netgraph::{Conv2d, Error, Graph, GraphBuilder, NodeId};
use proxies::{Options, Proxy, TensorBatch, evaluate, evaluate_script, zoo};
use tables::Status;
use tch::Device;

use crate::golden::batch;

const CLASSES: usize = 5;
const RESOLUTION: usize = 12;

/// Made by `scripts/torchscript_fixture.py`.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

fn module() -> PathBuf {
    fixture("residual.pt")
}

/// The network of plain.pt.
fn plain() -> Result<Graph, Error> {
    let mut b = GraphBuilder::new(3, RESOLUTION, RESOLUTION);
    let x = b.conv(b.input(), Conv2d::new(3, 4, 3).with_bias())?;
    let x = b.relu(x)?;
    let x = b.conv(x, Conv2d::new(4, 6, 3).with_stride(2))?;
    let features = b.relu(x)?;
    let pooled = b.global_avg_pool(features)?;
    let logits = b.linear(pooled, CLASSES)?;
    Ok(b.finish(features, logits))
}

/// The network of residual.pt.
fn residual() -> Result<Graph, Error> {
    fn block(b: &mut GraphBuilder, x: NodeId, c_in: usize, c_out: usize, stride: usize) -> Result<NodeId, Error> {
        let y = b.conv(x, Conv2d::new(c_in, c_out, 3).with_stride(stride))?;
        let y = b.batch_norm(y)?;
        let y = b.relu(y)?;
        let y = b.conv(y, Conv2d::new(c_out, c_out, 3))?;
        let y = b.batch_norm(y)?;
        let shortcut = b.conv(x, Conv2d::new(c_in, c_out, 1).with_stride(stride).with_bias())?;
        let sum = b.add(vec![y, shortcut])?;
        b.relu(sum)
    }
    let mut b = GraphBuilder::new(3, RESOLUTION, RESOLUTION);
    let x = b.conv(b.input(), Conv2d::new(3, 4, 3).with_bias())?;
    let x = block(&mut b, x, 4, 4, 1)?;
    let features = block(&mut b, x, 4, 6, 2)?;
    let pooled = b.global_avg_pool(features)?;
    let logits = b.linear(pooled, CLASSES)?;
    Ok(b.finish(features, logits))
}

#[test]
fn a_module_and_its_graph_get_the_same_scores() {
    let in_eval_mode = ["vkdnw_entropy", "vkdnw_single"];
    // Nothing says which running statistics belong to freshly drawn weights.
    same_scores("residual.pt", &residual().unwrap(), &in_eval_mode);
    same_scores("plain.pt", &plain().unwrap(), &[]);
}

/// Asserts that the module has the graph's scores, but of what reads the inside of a network, takes its batch norms out, or is `refused`.
fn same_scores(name: &str, graph: &Graph, refused: &[&str]) {
    let placement = Placement::new(Device::Cpu, DType::F64);
    let batches: Vec<TensorBatch> = (0..3).map(|b| batch(b, 6, RESOLUTION, CLASSES, placement)).collect();
    let options = Options { seed: 3, init: Some(Scheme::TorchDefault), placement, ..Options::default() };
    let of_graph = evaluate(graph, zoo::ALL, &batches, &options).unwrap();
    let of_module = evaluate_script(&fixture(name), CLASSES, zoo::ALL, &batches, &options).unwrap();
    let mut applicable = Vec::new();
    for ((proxy, graph), module) in zoo::ALL.iter().zip(&of_graph.outcomes).zip(&of_module.outcomes) {
        let name = proxy.meta().name;
        match (&graph.score, &module.score) {
            (Ok(want), Ok(got)) => {
                assert!((got.value - want.value).abs() <= 1e-7 * want.value.abs(), "{name}: {} {}", got.value, want.value);
                applicable.push(name);
            }
            (_, Err(undefined)) => {
                assert_eq!(undefined.status, Status::DoesNotApply, "{name}: {}", undefined.reason);
                assert!(undefined.reason.contains("TorchScript"), "{name}: {}", undefined.reason);
            }
            (want, got) => panic!("{name}: {got:?}, want {want:?}"),
        }
    }
    let inside = [
        "live_layers",
        "fisher",
        "synflow",
        "synflow_log",
        "naswot",
        "linear_regions",
        "flops",
        "zen",
        "az_expressivity",
        "az_progressivity",
        "az_trainability",
        "meco",
        "meco_containers",
        "meco_opt",
        "meco_random",
        "swap",
        "swap_joined",
        "near",
        "near_random",
        "lswag",
    ];
    for proxy in zoo::ALL {
        let name = proxy.meta().name;
        assert_eq!(applicable.contains(&name), !inside.contains(&name) && !refused.contains(&name), "{name}");
    }
    assert!((of_graph.losses[1] - of_module.losses[1]).abs() < 1e-12);
}

/// A traced module keeps the mode it was traced in, whatever it is told: what needs the other would be another number.
#[test]
fn a_traced_module_has_the_scores_of_its_mode_only() {
    let placement = Placement::new(Device::Cpu, DType::F64);
    let batches: Vec<TensorBatch> = (0..2).map(|b| batch(b, 6, RESOLUTION, CLASSES, placement)).collect();
    let names = ["zico", "gradsign", "jacob_cov", "vkdnw_entropy", "vkdnw_single", "params", "l2_norm"];
    let proxies: Vec<&dyn Proxy> = names.iter().map(|name| zoo::find(name).unwrap() as &dyn Proxy).collect();
    let options = Options { placement, ..Options::default() };
    let scores = |module: &str| evaluate_script(&fixture(module), CLASSES, &proxies, &batches, &options).unwrap().outcomes;
    let scripted = scores("residual.pt");
    for (mode, other) in [("train", "eval"), ("eval", "train")] {
        for ((name, traced), scripted) in names.iter().zip(scores(&format!("traced_{mode}.pt"))).zip(&scripted) {
            let needs = match *name {
                "params" | "l2_norm" => mode,
                "vkdnw_entropy" | "vkdnw_single" => "eval",
                _ => "train",
            };
            match traced.score {
                // Tracing in train mode has moved the running statistics, which only eval mode reads.
                Ok(score) => {
                    let want = scripted.score.as_ref().unwrap().value;
                    assert!(needs == mode && (score.value - want).abs() <= 1e-9 * want.abs(), "{name}: {} {want}", score.value);
                }
                Err(undefined) => {
                    assert!(needs == other && undefined.status == Status::DoesNotApply, "{name}: {}", undefined.reason);
                    assert!(undefined.reason.contains(&format!("stays in {mode} mode")), "{name}: {}", undefined.reason);
                }
            }
        }
    }
}

#[test]
fn without_an_initialisation_the_stored_weights_count() {
    let placement = Placement::new(Device::Cpu, DType::F64);
    let batches: Vec<TensorBatch> = (0..2).map(|b| batch(b, 6, RESOLUTION, CLASSES, placement)).collect();
    let proxies: [&dyn Proxy; 2] = [zoo::find("l2_norm").unwrap(), zoo::find("zico").unwrap()];
    let scores = |init, seed| -> Vec<f64> {
        let options = Options { seed, init, placement, ..Options::default() };
        let outcomes = evaluate_script(&module(), CLASSES, &proxies, &batches, &options).unwrap().outcomes;
        outcomes.into_iter().map(|o| o.score.unwrap().value).collect()
    };
    assert_eq!(scores(None, 0), scores(None, 1));
    assert_ne!(scores(Some(Scheme::Gaussian), 0), scores(Some(Scheme::Gaussian), 1));
}

#[test]
fn a_module_that_takes_other_images_or_knows_other_classes_is_refused() {
    let placement = Placement::new(Device::Cpu, DType::F32);
    let options = Options { placement, ..Options::default() };
    let mut batches: Vec<TensorBatch> = (0..2).map(|b| batch(b, 6, RESOLUTION, CLASSES, placement)).collect();
    let proxies = [zoo::find("zico").unwrap(), zoo::find("params").unwrap()];
    let refused = |path: &Path, classes: usize, batches: &[TensorBatch]| {
        evaluate_script(path, classes, &proxies, batches, &options).unwrap_err().to_string()
    };
    // Fewer classes would give a loss, too, and a score of another network.
    for classes in [CLASSES - 1, CLASSES + 1] {
        let text = refused(&module(), classes, &batches);
        assert!(
            text.contains(&format!("a tensor of shape [6, {CLASSES}] for them, where logits of shape [6, {classes}] are expected")),
            "{text}"
        );
    }
    for batch in &mut batches {
        batch.images = batch.images.narrow(1, 0, 2);
    }
    let text = refused(&module(), CLASSES, &batches);
    assert!(text.contains("does not take images of shape [6, 2, 12, 12]") && text.contains("to have 3 channels, but got 2"), "{text}");
    assert!(refused(&module().with_extension("none"), CLASSES, &batches).contains("failed to load the TorchScript module"));
}

/// Its last operation but the mean and the classifier is a batch norm; a graph would say so, a module is tried.
#[test]
fn a_module_whose_output_is_blind_to_its_images_has_no_score_of_rounding_noise() {
    let placement = Placement::new(Device::Cpu, DType::F64);
    let batches: Vec<TensorBatch> = (0..2).map(|b| batch(b, 6, RESOLUTION, CLASSES, placement)).collect();
    let options = Options { seed: 3, placement, ..Options::default() };
    let names = ["jacob_cov", "epe_nas", "ntk", "knas", "gradsign", "zico", "grad_norm"];
    let proxies: Vec<&dyn Proxy> = names.iter().map(|name| zoo::find(name).unwrap() as &dyn Proxy).collect();
    let scores = || evaluate_script(&fixture("normalised.pt"), CLASSES, &proxies, &batches, &options).unwrap().outcomes;
    let (first, again) = (scores(), scores());
    for ((name, first), again) in names.iter().zip(first).zip(again) {
        match (first.score, again.score) {
            // The seed decides what the dropout drops.
            (Ok(a), Ok(b)) => assert!(matches!(*name, "zico" | "grad_norm") && a.value == b.value, "{name}: {} {}", a.value, b.value),
            (Err(undefined), Err(_)) => {
                let right = undefined.reason.contains("is the same for other images")
                    || undefined.reason.contains("the same output for another image");
                assert!(right && undefined.status == Status::Undefined, "{name}: {}", undefined.reason);
            }
            _ => panic!("{name}"),
        }
    }
}
