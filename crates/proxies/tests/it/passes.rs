//! Each rewriting pass alone leaves every score alone.

use std::collections::BTreeMap;

use bench_loaders::{BatchSpec, datasets, noise_batches};
use engine::{DType, Placement};
use netgraph::passes::Passes;
use proxies::{Options, Proxy, TensorBatch, evaluate, plan, zoo};
use spaces::{Architecture, Head, Setting, Space};
use tch::Device;

/// Asserts that every rewriting pass leaves every score alone.
fn compare(space: &dyn Space, task: &str, setting: Setting, architectures: &[Architecture]) {
    let placement = Placement::new(Device::Cpu, DType::F64);
    let spec = BatchSpec { n_batches: 2, batch_size: 6, ..BatchSpec::default() };
    let set = noise_batches(&spec, datasets::find(task).unwrap(), setting.classes, setting.resolution).unwrap();
    let batches = TensorBatch::all(&set.batches, &Options { placement, ..Options::default() }).unwrap();
    let pruned = Passes { prune: true, ..Passes::NONE };
    let variants = [pruned, Passes { deduplicate: true, ..Passes::NONE }, Passes { fuse: true, ..Passes::NONE }, Passes::LIVE];
    // The decoders of images have twenty million weights to draw and thousands of channels to decompose: there, the proxies that
    // read what a decoder has and a classifier has not.
    let pixels = matches!(setting.head, Head::Segmentation | Head::Generator);
    let chosen = |proxy: &&&dyn Proxy| {
        !pixels || ["zico", "grad_norm", "snip", "fisher", "synflow", "naswot", "params", "flops"].contains(&proxy.meta().name)
    };
    // Those that leave equally much of a graph run together: who wants all of it would keep it for the others as well.
    let mut groups: BTreeMap<_, Vec<&dyn Proxy>> = BTreeMap::new();
    for proxy in zoo::ALL.iter().filter(chosen) {
        let left = plan(&[*proxy], &Options::default()).iter().map(|pass| (!pass.passes.prune, pass.passes.keep)).max();
        groups.entry(left).or_default().push(*proxy);
    }
    for (architecture, proxies) in architectures.iter().flat_map(|architecture| groups.values().map(move |proxies| (architecture, proxies)))
    {
        let graph = space.lower(architecture, &setting).unwrap();
        let scores = |passes| -> Vec<Option<f64>> {
            let options = Options { placement, passes, ..Options::default() };
            let outcomes = evaluate(&graph, proxies, &batches, &options).unwrap().outcomes;
            outcomes.into_iter().map(|o| o.score.ok().map(|s| s.value)).collect()
        };
        let plain = scores(Passes::NONE);
        for passes in variants {
            for ((proxy, got), want) in proxies.iter().zip(scores(passes)).zip(&plain) {
                let what = format!("{} of {} on {task} with {passes:?}", proxy.meta().name, architecture.text);
                // An image of ones makes plateaus; which of its pixels a max pooling picks is decided by rounding.
                if space.meta().name == "nb101" && matches!(proxy.meta().name, "synflow_bn" | "synflow_zen") {
                    continue;
                }
                match (got, want) {
                    (Some(got), Some(want)) => assert!((got - want).abs() <= 1e-6 * want.abs().max(1e-3), "{what}: {got} {want}"),
                    _ => assert_eq!(got, *want, "{what}"),
                }
            }
        }
    }
}

// Maps of 2 x 2 pixels, to which 8 x 8 images shrink, are constant behind a pooling or for an image of ones: what `gradsign` and
// `synflow_bn` make of their batch norms is rounding noise.

#[test]
fn every_pass_leaves_the_scores_alone() {
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 3, cells: 2, ..space.default_setting(10, 16) };
    // Dead edges of both kinds, shared and repeated operations, a disconnected cell, and a sample.
    let mut architectures: Vec<_> = ["3616", "15162", "2895", "1651"].iter().map(|a| space.parse(a).unwrap()).collect();
    architectures.extend(space.sample(9, 12));
    compare(space, "cifar10", setting, &architectures);
}

#[test]
fn every_pass_leaves_the_scores_of_other_spaces_alone() {
    let space = spaces::find("nb101").unwrap();
    compare(space, "cifar10", Setting { channels: 20, cells: 1, ..space.default_setting(10, 16) }, &space.sample(9, 6));
    let space = spaces::find("tnb101").unwrap();
    // Edges that cut the graph, a disconnected cell, shared tensors.
    let cells = ["8-41414-1_02_333", "8-41414-2_30_012", "8-41414-0_00_000", "8-41414-3_03_100"].map(|a| space.parse(a).unwrap());
    for (task, classes) in [("class_scene", 5), ("jigsaw", 7), ("segmentsemantic", 4), ("normal", 3)] {
        let head = datasets::find(task).unwrap().head;
        compare(space, task, Setting { head, ..space.default_setting(classes, 32) }, &cells);
    }
}
