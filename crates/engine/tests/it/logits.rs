use std::fs;
use std::path::PathBuf;

use engine::{Network, Norm, Parameters, Placement, Slot, Trainable};
use netgraph::passes::Passes;
use netgraph::{Graph, Module, ModuleId};
use serde_json::Value;
use spaces::Setting;
use tch::Device;

/// The parameters behind `network_logits.json`: waves, so that no generator is involved.
struct Waves;

impl Parameters for Waves {
    fn fill(&self, module: &Module, id: ModuleId, _: usize, slot: Slot, values: &mut [f64]) {
        let (off, amp) = match (module, slot) {
            (Module::BatchNorm2d(_), Slot::Weight) | (_, Slot::RunningVariance) => (1.0, 0.25),
            (_, Slot::RunningMean) => (0.0, 0.1),
            (_, Slot::Bias) => (0.0, 0.125),
            (Module::Conv2d(c), Slot::Weight) => (0.0, (2.0 / c.fan_in() as f64).sqrt()),
            (Module::Linear(l), Slot::Weight) => (0.0, (1.0 / l.n_in as f64).sqrt()),
            (Module::ConvTranspose2d(_), Slot::Weight) => unreachable!("no golden network has a pixel decoder"),
        };
        for (i, value) in values.iter_mut().enumerate() {
            *value = off + amp * (0.9 * (i + 1) as f64 + 0.7 * (id + 1) as f64).sin();
        }
    }
}

#[test]
fn logits_equal_the_official_networks() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/network_logits.json");
    let Ok(text) = fs::read_to_string(&path) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: no golden logits beside the checkout");
        }
        return;
    };
    let golden: Value = serde_json::from_str(&text).unwrap();
    let mut cases = 0;
    for case in golden["nets"].as_array().unwrap() {
        let net = &case["net"];
        let name = net["space"].as_str().unwrap().replace("sss", "nats-sss");
        let shape: Vec<i64> = case["input_shape"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect();
        let space = spaces::find(&name).unwrap();
        let number = |keys: [&str; 2]| keys.iter().find_map(|key| net[*key].as_u64()).unwrap_or_default() as usize;
        let setting = Setting {
            channels: number(["C", "stem"]),
            cells: number(["N", "modules_per_stack"]),
            // The head of the TransNAS networks is named in words, of nine classes.
            classes: net["classes"].as_u64().unwrap_or(9) as usize,
            ..space.default_setting(0, shape[2] as usize)
        };
        let graph = space.lower(&space.parse(&architecture(net)).unwrap(), &setting).unwrap();
        assert_eq!(graph.modules().len() as u64, case["modules_filled"].as_u64().unwrap());
        assert_eq!(graph.n_params(), case["params"].as_u64().unwrap());
        for norm in [Norm::Eval, Norm::Train] {
            let want = &case[if norm == Norm::Eval { "logits_eval" } else { "logits_train_bn" }];
            let want: Vec<f64> = want.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
            // Made-up batch-norm biases forbid pruning; the other passes must leave the logits alone.
            for passes in [Passes::NONE, Passes { deduplicate: true, fuse: true, ..Passes::NONE }, Passes::TRAINING] {
                let worst = worst_difference(&passes.run(&graph), &shape, norm, &want);
                assert!(worst < 1e-9, "{net} {norm:?} {passes:?}: {worst:e}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 6 * golden["nets"].as_array().unwrap().len());
}

/// The string of a golden network; those of NAS-Bench-101 are given as a matrix and operations.
fn architecture(net: &Value) -> String {
    let Some(rows) = net["matrix"].as_array() else { return net["arch"].as_str().unwrap().to_owned() };
    let bits: String = rows.iter().flat_map(|row| row.as_array().unwrap()).map(Value::to_string).collect();
    let ops: Vec<&str> = net["ops"].as_array().unwrap().iter().map(|op| op.as_str().unwrap()).collect();
    format!("{bits}:{}", ops.join(","))
}

fn worst_difference(graph: &Graph, shape: &[i64], norm: Norm, want: &[f64]) -> f64 {
    let placement = Placement::new(Device::Cpu, engine::DType::F64);
    let n = shape.iter().product::<i64>() as usize;
    let wave: Vec<f64> = (0..n).map(|i| (0.05 * (i + 1) as f64 * (1.0 + i as f64 / n as f64)).sin()).collect();
    let network = Network::new(graph, &Waves, placement, Trainable::Layers);
    let logits = network.forward(&placement.tensor(&wave, shape).unwrap(), norm, &mut |_| {}).logits;
    assert_eq!(logits.numel(), want.len());
    let mut got = vec![0.0; want.len()];
    logits.detach().copy_data(&mut got, want.len());
    got.iter().zip(want).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
