//! Squeeze-and-excitation: what it computes, and its second derivatives.

use engine::{DType, Error, FirstOrder, Init, Network, Norm, Placement, Scheme, Trainable};
use netgraph::passes::Passes;
use netgraph::{Graph, Op};
use spaces::plainnet::{Structure, Variant};
use tch::{Device, Kind, Tensor};

fn gated() -> Graph {
    let structure = Structure::parse("SuperConvK3BNRELU(3,8,1,1)SuperResIDWE2K3(8,16,2,8,1)SuperConvK1BNRELU(16,24,1,1)").unwrap();
    structure.lower(8, 5, Variant { residual_links: true, squeeze: true }).unwrap()
}

/// Images and the outputs of every node.
fn run(network: &Network) -> (Tensor, Tensor, Vec<Option<Tensor>>) {
    tch::manual_seed(3);
    let images = Tensor::randn([6, 3, 8, 8], (Kind::Double, Device::Cpu));
    let mut outputs: Vec<Option<Tensor>> = (0..network.graph().nodes().len()).map(|_| None).collect();
    let forward = network.forward(&images, Norm::Train, &mut |moment| outputs[moment.id] = Some(moment.output.shallow_clone()));
    (images, forward.logits, outputs)
}

const F64: Placement = Placement::new(Device::Cpu, DType::F64);
const INIT: Init = Init { scheme: Scheme::TorchDefault, seed: 1 };

#[test]
fn a_gate_weighs_each_channel_by_a_logistic_function_of_its_mean() {
    let graph = gated();
    let network = Network::new(&graph, &INIT, F64, Trainable::Layers);
    let (_, _, outputs) = run(&network);
    let mut gates = 0;
    for (id, node) in graph.nodes().iter().enumerate().filter(|(_, node)| node.op == Op::Scale) {
        let of = |id: usize| outputs[id].as_ref().unwrap();
        let (map, gate) = (of(node.inputs[0]), of(node.inputs[1]));
        // sigmoid, batch norm, convolution, ReLU, batch norm, convolution, mean.
        let mut chain = node.inputs[1];
        for _ in 0..6 {
            chain = graph.node(chain).inputs[0];
        }
        assert!(of(chain).allclose(&map.mean_dim([2i64, 3].as_slice(), true, Kind::Double), 1e-12, 1e-12, false));
        let before = of(graph.node(node.inputs[1]).inputs[0]);
        assert!(gate.allclose(&((-before).exp() + 1.0).reciprocal(), 1e-12, 1e-12, false));
        assert!(of(id).allclose(&(map * gate.expand_as(map)), 0.0, 0.0, false));
        gates += 1;
    }
    assert_eq!(gates, 2, "one behind each depthwise convolution");
}

#[test]
fn the_hessian_of_a_gated_network_is_that_of_differentiating_twice() {
    let graph = gated();
    for passes in [Passes::NONE, Passes::LIVE] {
        let graph = passes.run(&graph);
        let network = Network::new(&graph, &INIT, F64, Trainable::Layers);
        let (images, logits, outputs) = run(&network);
        let classes = Tensor::from_slice(&[0i64, 1, 2, 3, 4, 0]);
        let loss = logits.cross_entropy_for_logits(&classes);
        let weights: Vec<&Tensor> = network.layers().iter().map(|layer| &layer.weight).collect();
        let gradients = Tensor::run_backward(&[&loss], &weights, true, true);
        let inner: Tensor = gradients.iter().map(|g| (g.detach() * g).sum(Kind::Double)).sum();
        let twice = Tensor::run_backward(&[inner], &weights, true, false);

        let bending = network.bending();
        let bent: Vec<&Tensor> = bending.iter().map(|&id| outputs[id].as_ref().unwrap()).collect();
        let mut cotangents: Vec<Option<Tensor>> = outputs.iter().map(|_| None).collect();
        for (&id, cotangent) in bending.iter().zip(Tensor::run_backward(&[&loss], &bent, true, false)) {
            cotangents[id] = Some(cotangent);
        }
        let direction: Vec<Option<Tensor>> = gradients.iter().map(|g| Some(g.detach())).collect();
        let known = FirstOrder { images: &images, outputs: &outputs, cotangents: &cotangents, direction: &direction };
        let sums = network
            .curvature(&known, &|tangent| {
                let logits = logits.detach().set_requires_grad(true);
                let loss = logits.cross_entropy_for_logits(&classes);
                let slope = Tensor::run_backward(&[loss], &[&logits], true, true).remove(0);
                let along = (slope * tangent).sum(Kind::Double);
                Ok::<_, Error>(Some(Tensor::run_backward(&[along], &[&logits], false, false).remove(0)))
            })
            .unwrap();
        for ((weight, product), sum) in weights.iter().zip(&twice).zip(sums) {
            let want = (*weight * product).detach().flatten(1, -1).sum_dim_intlist([1i64].as_slice(), false, Kind::Double);
            let got = sum.unwrap();
            assert!(got.allclose(&want, 1e-8, 1e-12, false), "{passes:?}: {got:?} {want:?}");
        }
    }
}
