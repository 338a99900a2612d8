//! Proxies without a reference to compare with, against a few lines of their definition.

use std::collections::BTreeMap;

use engine::{DType, Placement};
use proxies::{Options, Proxy, TensorBatch, evaluate_observed, to_vec, zoo};
use spaces::Setting;
use tch::Device;

use crate::golden::batch;

const CLASSES: usize = 4;
const RESOLUTION: usize = 16;

/// Gradients of each module's weight, batch by batch.
type Gradients = BTreeMap<usize, Vec<Vec<f64>>>;

/// Scores of `names` on an architecture of NAS-Bench-201, and the gradients of the loss that they were made of.
fn scores_and_gradients(index: u32, names: &[&str]) -> (Vec<Option<f64>>, Gradients) {
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 6, cells: 1, ..space.default_setting(CLASSES, RESOLUTION) };
    let graph = space.lower(&space.at(index).unwrap(), &setting).unwrap();
    let placement = Placement::new(Device::Cpu, DType::F64);
    let batches: Vec<TensorBatch> = (0..2).map(|b| batch(b, 6, RESOLUTION, CLASSES, placement)).collect();
    let options = Options { placement, ..Options::default() };
    let proxies: Vec<&dyn Proxy> = names.iter().map(|name| zoo::find(name).unwrap() as &dyn Proxy).collect();
    let mut gradients = Gradients::new();
    let evaluation = evaluate_observed(&graph, &proxies, &batches, &options, &mut |observation| {
        if observation.objective != "loss" {
            return;
        }
        for (modules, gradient) in &observation.gradients {
            let flat = to_vec(gradient);
            // Fused convolutions stand one after the other.
            for (module, own) in modules.iter().zip(flat.chunks(flat.len() / modules.len())) {
                gradients.entry(*module).or_default().push(own.to_vec());
            }
        }
    });
    let scores = evaluation.unwrap().outcomes.into_iter().map(|outcome| outcome.score.ok().map(|score| score.value)).collect();
    (scores, gradients)
}

/// Of every tenth of the space, dead edges and disconnected cells as they fall.
fn indices() -> impl Iterator<Item = u32> {
    (0..15_625).step_by(1_563).chain([1_651])
}

/// Ours: Eq. 15's sum with the spread `sqrt(std^2 + (0.1 mean|g|)^2)`, ZiCo's signed standard deviation over batches.
#[test]
fn the_damped_score_is_its_formula() {
    for index in indices() {
        let (scores, gradients) = scores_and_gradients(index, &["zico_damped"]);
        let mut want = 0.0;
        for batches in gradients.values() {
            let [first, second] = batches.as_slice() else { panic!("two batches") };
            let mut sum = 0.0;
            for (a, b) in first.iter().zip(second) {
                let (size, spread) = (f64::midpoint(a.abs(), b.abs()), (a - b).abs() / 2.0);
                if size > 0.0 {
                    sum += size / (spread * spread + 0.01 * size * size).sqrt();
                }
            }
            if sum != 0.0 {
                want += sum.ln();
            }
        }
        let got = scores[0].unwrap();
        assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{index}: got {got}, want {want}");
    }
}

/// The layers that the graph calls live are those whose gradient is not zero.
#[test]
fn a_layer_is_live_where_its_gradient_is_not_zero() {
    for index in indices() {
        let (scores, gradients) = scores_and_gradients(index, &["live_layers", "zico"]);
        let moves = |batches: &&Vec<Vec<f64>>| batches.iter().flatten().any(|gradient| *gradient != 0.0);
        assert_eq!(scores[0], Some(gradients.values().filter(moves).count() as f64), "{index}");
    }
}

/// `synflow` has golden figures; its logarithm is that of the same number.
#[test]
fn the_logarithm_of_the_flow_is_the_flows() {
    for index in indices() {
        let (scores, _) = scores_and_gradients(index, &["synflow", "synflow_log"]);
        match scores[..] {
            [Some(flow), Some(logarithm)] => assert!((flow.ln() - logarithm).abs() < 1e-9, "{index}: {flow} {logarithm}"),
            [Some(flow), None] => assert_eq!(flow, 0.0, "{index}"),
            _ => panic!("{index}: {scores:?}"),
        }
    }
}
