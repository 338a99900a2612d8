//! Each rewriting pass alone leaves every score alone.

use bench_loaders::{BatchSpec, datasets, noise_batches};
use engine::{DType, Placement};
use netgraph::passes::Passes;
use proxies::{Options, TensorBatch, evaluate, zoo};
use spaces::Setting;
use tch::Device;

#[test]
fn every_pass_leaves_the_scores_alone() {
    let placement = Placement::new(Device::Cpu, DType::F64);
    let set = noise_batches(&BatchSpec { n_batches: 2, batch_size: 6, ..BatchSpec::default() }, datasets::find("cifar10").unwrap(), 10, 8)
        .unwrap();
    let batches: Vec<TensorBatch> = set.batches.iter().map(|b| TensorBatch::new(b, placement).unwrap()).collect();
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 3, cells: 2, ..space.default_setting(10, 8) };
    let pruned = Passes { prune: true, ..Passes::NONE };
    let variants = [pruned, Passes { deduplicate: true, ..Passes::NONE }, Passes { fuse: true, ..Passes::NONE }, Passes::LIVE];
    // Dead edges of both kinds, shared and repeated operations, a disconnected cell, and a sample.
    let mut architectures: Vec<_> = ["3616", "15162", "2895", "1651"].iter().map(|a| space.parse(a).unwrap()).collect();
    architectures.extend(space.sample(9, 12));
    for architecture in architectures {
        let graph = space.lower(&architecture, &setting).unwrap();
        let scores = |passes| -> Vec<Option<f64>> {
            let options = Options { placement, passes, ..Options::default() };
            let outcomes = evaluate(&graph, zoo::ALL, &batches, &options).unwrap().outcomes;
            outcomes.into_iter().map(|o| o.score.ok().map(|s| s.value)).collect()
        };
        let plain = scores(Passes::NONE);
        for passes in variants {
            for ((proxy, got), want) in zoo::ALL.iter().zip(scores(passes)).zip(&plain) {
                let what = format!("{} of {} with {passes:?}", proxy.meta().name, architecture.text);
                match (got, want) {
                    (Some(got), Some(want)) => assert!((got - want).abs() <= 1e-6 * want.abs().max(1e-3), "{what}: {got} {want}"),
                    _ => assert_eq!(got, *want, "{what}"),
                }
            }
        }
    }
}
