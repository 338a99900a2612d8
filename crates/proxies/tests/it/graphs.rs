//! Small graphs made by hand, whose scores are known from others.

use engine::{DType, Init, Network, Norm, Placement, Scheme, Trainable};
use netgraph::passes::Passes;
use netgraph::{Conv2d, Error, Graph, GraphBuilder, NodeId};
use proxies::{Options, Proxy, TensorBatch, TensorTargets, evaluate, to_vec, zoo};
use spaces::Scope;
use tch::{Device, Tensor, no_grad};

use crate::golden::batch;

const CLASSES: usize = 4;
const RESOLUTION: usize = 8;
const SIZE: usize = 6;
const CHANNELS: usize = 5;

fn placement() -> Placement {
    Placement::new(Device::Cpu, DType::F64)
}

/// Scores or reasons.
fn scores(graph: &Graph, proxies: &[&dyn Proxy], batches: &[TensorBatch], passes: Passes) -> Vec<Result<f64, String>> {
    let options = Options { placement: placement(), passes, ..Options::default() };
    let outcomes = evaluate(graph, proxies, batches, &options).unwrap().outcomes;
    outcomes.into_iter().map(|outcome| outcome.score.map(|score| score.value).map_err(|undefined| undefined.reason)).collect()
}

fn equal(what: &str, a: &Result<f64, String>, b: &Result<f64, String>) {
    match (a, b) {
        (Ok(a), Ok(b)) => assert!((a - b).abs() <= 1e-9 * a.abs(), "{what}: {a} {b}"),
        _ => assert_eq!(a, b, "{what}"),
    }
}

fn layer(b: &mut GraphBuilder, x: NodeId, c_in: usize, momentum: f64) -> Result<NodeId, Error> {
    let x = b.conv(x, Conv2d::new(c_in, CHANNELS, 3))?;
    let x = b.batch_norm_with(x, 1e-5, momentum)?;
    b.relu(x)
}

/// Three blocks and a classifier, and on demand a convolution that leads nowhere, its modules after all others.
fn with_dead_modules(dead: bool) -> Result<Graph, Error> {
    let mut b = GraphBuilder::new(3, RESOLUTION, RESOLUTION);
    let images = b.input();
    let stem = layer(&mut b, images, 3, 0.1)?;
    b.end_block(stem);
    let first = layer(&mut b, stem, CHANNELS, 0.1)?;
    b.end_block(first);
    let features = layer(&mut b, first, CHANNELS, 0.1)?;
    b.end_block(features);
    let pooled = b.global_avg_pool(features)?;
    let logits = b.linear(pooled, CLASSES)?;
    if dead {
        layer(&mut b, stem, CHANNELS, 0.1)?;
    }
    Ok(b.finish(features, logits))
}

/// The scope decides which networks share a score, so a proxy that read more than it says would get another network's.
#[test]
fn who_reads_live_operations_only_does_not_see_the_dead() {
    let batches: Vec<TensorBatch> = (0..2).map(|b| batch(b, SIZE, RESOLUTION, CLASSES, placement())).collect();
    let (clean, dead) = (with_dead_modules(false).unwrap(), with_dead_modules(true).unwrap());
    for passes in [Passes::LIVE, Passes::NONE] {
        let both = [&clean, &dead].map(|graph| scores(graph, zoo::ALL, &batches, passes));
        let [clean, dead] = both;
        let mut differ = Vec::new();
        for ((proxy, clean), dead) in zoo::ALL.iter().zip(&clean).zip(&dead) {
            let meta = proxy.meta();
            match meta.scope {
                Scope::Live => equal(meta.name, clean, dead),
                Scope::Whole if clean == dead => {}
                Scope::Whole => differ.push(meta.name),
            }
        }
        for name in ["params", "flops", "layers", "l2_norm", "gradsign", "zen", "naswot", "near", "meco", "vkdnw_dim"] {
            assert!(differ.contains(&name), "{name} is the same with dead operations: its scope may be `live`");
        }
    }
}

/// Two halves of an image through the same modules, their maps added; or the first half once, its map added to itself.
fn halves(shared: bool, momentum: f64) -> Result<Graph, Error> {
    let mut b = GraphBuilder::new(6, RESOLUTION, RESOLUTION);
    let first = b.slice(b.input(), 0, 3)?;
    let second = b.slice(b.input(), 3, 3)?;
    let branch = |b: &mut GraphBuilder, x: NodeId| {
        let x = layer(b, x, 3, momentum)?;
        layer(b, x, CHANNELS, momentum)
    };
    let one = branch(&mut b, first)?;
    let other = if shared { b.sharing(0, |b| branch(b, second))? } else { one };
    let features = b.add(vec![one, other])?;
    let pooled = b.global_avg_pool(features)?;
    let logits = b.linear(pooled, CLASSES)?;
    Ok(b.finish(features, logits))
}

/// Images whose halves are equal, so that both networks compute the same.
fn equal_halves() -> Vec<TensorBatch> {
    let twice = |batch: TensorBatch| TensorBatch { images: Tensor::cat(&[&batch.images, &batch.images], 1), ..batch };
    (0..2).map(|b| twice(batch(b, SIZE, RESOLUTION, CLASSES, placement()))).collect()
}

#[test]
fn the_gradient_of_a_shared_module_is_that_of_all_its_uses() {
    let names = [
        "zico",
        "zico_damped",
        "grad_norm",
        "snip",
        "plain",
        "grasp",
        "synflow",
        "knas",
        "gradsign",
        "ntk",
        "vkdnw_entropy",
        "params",
        "layers",
    ];
    let proxies: Vec<&dyn Proxy> = names.iter().map(|name| zoo::find(name).unwrap() as &dyn Proxy).collect();
    for passes in [Passes::LIVE, Passes::NONE] {
        let [shared, once] = [true, false].map(|shared| scores(&halves(shared, 0.1).unwrap(), &proxies, &equal_halves(), passes));
        for ((name, shared), once) in names.iter().zip(shared).zip(once) {
            assert!(shared.is_ok(), "{name}: {shared:?}");
            equal(name, &shared, &once);
        }
        // The rows of all uses would be one matrix.
        for name in ["near", "near_random"] {
            let proxy = zoo::find(name).unwrap();
            let reason = scores(&halves(true, 0.1).unwrap(), &[proxy], &equal_halves(), passes).remove(0).unwrap_err();
            assert!(reason.contains("share their modules"), "{name}: {reason}");
        }
    }
}

/// Batch norms and biases, too: what `grad_norm_total` adds up.
#[test]
fn every_parameter_of_a_shared_module_is_one() {
    let gradients = |graph: &Graph| -> Vec<Vec<f64>> {
        let init = Init { scheme: Scheme::TorchDefault, seed: 0 };
        let network = Network::new(graph, &init, placement(), Trainable::Everything);
        let logits = network.forward(&equal_halves()[0].images, Norm::Train, &mut |_| {}).logits;
        let parameters: Vec<Tensor> = network.trained().into_iter().map(|parameter| parameter.tensor).collect();
        Tensor::run_backward(&[logits.square().sum(None::<tch::Kind>)], &parameters, false, false).iter().map(to_vec).collect()
    };
    let (shared, once) = (gradients(&halves(true, 0.1).unwrap()), gradients(&halves(false, 0.1).unwrap()));
    // Two convolutions, two batch norms, a classifier with bias.
    assert_eq!(shared.len(), 2 + 2 * 2 + 2);
    for (k, (shared, once)) in shared.iter().zip(&once).enumerate() {
        let scale = once.iter().fold(1e-9, |most: f64, g| most.max(g.abs()));
        assert!(shared.iter().zip(once).all(|(a, b)| (a - b).abs() <= 1e-9 * scale), "parameter {k}: {shared:?} {once:?}");
    }
}

/// Two steps of a tenth are one of 19 hundredths.
#[test]
fn the_running_statistics_of_a_shared_module_see_all_its_uses() {
    let after_two_batches = |graph: &Graph| -> Vec<f64> {
        let init = Init { scheme: Scheme::Gaussian, seed: 0 };
        let network = Network::new(graph, &init, placement(), Trainable::Nothing);
        for batch in equal_halves() {
            no_grad(|| network.forward(&batch.images, Norm::Tracked, &mut |_| {}));
        }
        to_vec(&Tensor::cat(&network.running_variances(), 0))
    };
    let (shared, once) = (after_two_batches(&halves(true, 0.1).unwrap()), after_two_batches(&halves(false, 0.19).unwrap()));
    assert_eq!(shared.len(), 2);
    for (a, b) in shared.iter().zip(&once) {
        assert!((a - b).abs() <= 1e-12 * a, "{shared:?} {once:?}");
    }
}

/// Convolutions of one pixel one after the other, and one that leads nowhere.
fn chain(n: usize) -> Result<Graph, Error> {
    const WIDE: usize = 64;
    let mut b = GraphBuilder::new(3, 1, 1);
    let mut x = b.conv(b.input(), Conv2d::new(3, WIDE, 1))?;
    b.conv(x, Conv2d::new(WIDE, WIDE, 1))?;
    for _ in 0..n {
        let y = b.conv(x, Conv2d::new(WIDE, WIDE, 1))?;
        x = b.relu(y)?;
    }
    let pooled = b.global_avg_pool(x)?;
    let logits = b.linear(pooled, CLASSES)?;
    Ok(b.finish(x, logits))
}

/// `ln R` of a [`chain`], R the sum of its logits for an image of ones, one product after the other with the scale taken out.
fn log_output(graph: &Graph) -> f64 {
    let init = Init { scheme: Scheme::TorchDefault, seed: 0 };
    let network = Network::new(graph, &init, placement(), Trainable::Nothing);
    let live = graph.live_modules();
    let (mut x, mut logarithm) = (Tensor::ones([3], (tch::Kind::Double, Device::Cpu)), 0.0);
    for layer in network.layers().iter().filter(|layer| live[layer.modules[0]]) {
        x = layer.weight.abs().flatten(1, -1).matmul(&x);
        let sum = x.sum(None::<tch::Kind>);
        logarithm += sum.double_value(&[]).ln();
        x /= sum;
    }
    logarithm
}

/// Without biases to speak of, the flow through each of L layers is R, so SynFlow is L R.
#[test]
fn the_flow_of_a_deep_network_is_right_beyond_the_range_of_f64() {
    let proxies = [zoo::find("synflow").unwrap() as &dyn Proxy, zoo::find("synflow_log").unwrap()];
    let none = TensorBatch {
        images: Tensor::zeros([1, 3, 1, 1], (tch::Kind::Double, Device::Cpu)),
        targets: TensorTargets::Classes(Tensor::from_slice(&[0i64])),
    };
    // Rescaled once or more; beyond 2^1024.
    for (depth, overflows) in [(200, false), (400, false), (700, true)] {
        let graph = chain(depth).unwrap();
        let want = log_output(&graph) + ((depth + 2) as f64).ln();
        assert_eq!(want > f64::MAX.ln(), overflows, "{want}");
        assert!(want > 256.0 * std::f64::consts::LN_2, "{want}: nothing is rescaled");
        for passes in [Passes::LIVE, Passes::NONE] {
            let [flow, logarithm] = <[_; 2]>::try_from(scores(&graph, &proxies, std::slice::from_ref(&none), passes)).unwrap();
            let logarithm = logarithm.unwrap();
            assert!((logarithm - want).abs() < 1e-9 * want, "{depth}: {logarithm}, want {want}");
            match flow {
                Ok(flow) => assert!(!overflows && (flow.ln() - want).abs() < 1e-9 * want, "{depth}: {flow}"),
                Err(reason) => assert!(overflows && reason.contains("inf"), "{depth}: {reason}"),
            }
        }
    }
}
