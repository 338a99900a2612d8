use std::rc::Rc;
use std::time::Instant;

use bench_loaders::Batch;
use engine::{Absolute, Init, Network, Placement, Scheme, SignKernel};
use netgraph::passes::Passes;
use netgraph::{Graph, Op, Shape};
use tables::Status;
use tch::{Kind, Tensor};

use crate::critic::Critic;
use crate::loss::TensorTargets;
use crate::plan::{Planned, plan};
use crate::{Error, Evidence, Input, LayerEvidence, Needs, Objective, Pass, PassSpec, Proxy, Score, Undefined};

/// A batch on its device.
#[derive(Debug)]
pub struct TensorBatch {
    /// `[batch, channels, height, width]`, normalised, in the run's dtype.
    pub images: Tensor,
    /// What the network should give for them.
    pub targets: TensorTargets,
}

impl TensorBatch {
    /// Moves batches to the device of a run. If their targets are images, the critic that takes part in the loss is made
    /// once for all of them.
    ///
    /// # Errors
    /// [`Error::Engine`] if a batch has another size than its shape says, or there is no memory for it; [`Error::Network`] if
    /// its images are too small for the critic.
    pub fn all(batches: &[Batch], options: &Options) -> Result<Vec<Self>, Error> {
        let placement = options.placement;
        let mut critic: Option<Rc<Critic>> = None;
        let mut of_batch = |batch: &Batch| {
            let shape = batch.shape.map(|n| n as i64);
            let made = || match &critic {
                Some(critic) => Ok(Rc::clone(critic)),
                None => Ok::<_, Error>(Rc::clone(critic.insert(Rc::new(Critic::new(batch.shape[3], options.seed, placement)?)))),
            };
            let targets = TensorTargets::new(&batch.targets, shape, placement, made)?;
            Ok(Self { images: placement.tensor(&batch.images, &shape)?, targets })
        };
        batches.iter().map(&mut of_batch).collect()
    }
}

/// How to evaluate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Seed of the weights.
    pub seed: u64,
    /// Replaces each proxy's own default initialisation.
    pub init: Option<Scheme>,
    /// Device, dtype, layout.
    pub placement: Placement,
    /// Rewriting passes before it runs; dead operations are kept where a proxy reads them.
    pub passes: Passes,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, init: None, placement: Placement::default(), passes: Passes::LIVE }
    }
}

/// Scores of one network.
#[derive(Debug)]
pub struct Evaluation {
    /// One per proxy, in the order asked for.
    pub outcomes: Vec<Outcome>,
    /// Loss of each batch, if a proxy took it.
    pub losses: Vec<f64>,
}

/// Result of one proxy.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The score, or why there is none.
    pub score: Result<Score, Undefined>,
    /// Milliseconds of everything it needed, shared work counted in full: about what it would cost alone.
    pub wall_ms: f64,
}

/// Scores one network with several proxies in the fewest passes.
///
/// # Errors
/// [`Error::Batches`] if there are fewer batches than a proxy needs, [`Error::Engine`] if libtorch fails.
///
/// # Panics
/// If libtorch runs out of memory, or a batch does not fit the network.
pub fn evaluate(graph: &Graph, proxies: &[&dyn Proxy], batches: &[TensorBatch], options: &Options) -> Result<Evaluation, Error> {
    evaluate_observed(graph, proxies, batches, options, &mut |_, _| {})
}

/// The same, showing each pass with its gradients before it is dropped (for exports).
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_observed(
    graph: &Graph,
    proxies: &[&dyn Proxy],
    batches: &[TensorBatch],
    options: &Options,
    observe: &mut dyn FnMut(PassSpec, &Pass),
) -> Result<Evaluation, Error> {
    check_batches(proxies, batches.len())?;
    let mut outcomes: Vec<Option<Outcome>> = vec![None; proxies.len()];
    let mut losses = Vec::new();
    for planned in plan(proxies, options.init, options.passes) {
        let (pass, times) = run(graph, &planned, batches, options)?;
        for &k in &planned.proxies {
            let start = Instant::now();
            let score = proxies[k].score(&Evidence { graph, pass: Some(&pass) });
            let Needs::Pass(own) = proxies[k].meta().needs else { unreachable!("the plan holds proxies that need a pass") };
            outcomes[k] = Some(Outcome { score, wall_ms: times.of(own) + ms(start) });
        }
        if planned.spec.objective == Objective::Loss {
            losses.clone_from(&pass.losses);
        }
        observe(planned.spec, &pass);
    }
    let outcomes = outcomes.into_iter().zip(proxies).map(|(outcome, proxy)| {
        outcome.unwrap_or_else(|| {
            let start = Instant::now();
            Outcome { score: proxy.score(&Evidence { graph, pass: None }), wall_ms: ms(start) }
        })
    });
    Ok(Evaluation { outcomes: outcomes.collect(), losses })
}

/// Whether there are batches enough for every proxy.
pub(crate) fn check_batches(proxies: &[&dyn Proxy], got: usize) -> Result<(), Error> {
    for meta in proxies.iter().map(|p| p.meta()) {
        let needed = match meta.needs {
            Needs::Pass(PassSpec { input: Input::Batches, all_batches, .. }) => 1 + usize::from(all_batches),
            _ => 0,
        };
        if got < needed {
            return Err(Error::Batches { proxy: meta.name, needed, got });
        }
    }
    Ok(())
}

/// Milliseconds of the parts of a pass.
#[derive(Default)]
struct Times {
    build: f64,
    forward: Vec<f64>,
    backward: Vec<f64>,
    signs: f64,
}

impl Times {
    /// What a proxy with these needs used.
    fn of(&self, needs: PassSpec) -> f64 {
        let batches = if needs.all_batches { self.forward.len() } else { 1 };
        let backward = if needs.objective == Objective::Nothing { 0 } else { batches };
        let signs = if needs.relu_signs { self.signs } else { 0.0 };
        self.build + self.forward.iter().take(batches).sum::<f64>() + self.backward.iter().take(backward).sum::<f64>() + signs
    }
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Runs one pass.
fn run(graph: &Graph, planned: &Planned, batches: &[TensorBatch], options: &Options) -> Result<(Pass, Times), Error> {
    let spec = planned.spec;
    let placement = match spec.dtype {
        Some(dtype) => Placement::new(options.placement.device, dtype),
        None => options.placement,
    };
    let mut times = Times::default();
    let start = Instant::now();
    let rewritten = planned.passes.run(graph);
    let init = Init { scheme: spec.init, seed: options.seed };
    let network =
        if spec.absolute { Network::new(&rewritten, &Absolute(init), placement) } else { Network::new(&rewritten, &init, placement) };
    times.build = ms(start);

    let ones;
    let inputs: Vec<(&Tensor, Option<&TensorTargets>)> = match spec.input {
        Input::Batches => {
            batches.iter().take(if spec.all_batches { batches.len() } else { 1 }).map(|b| (&b.images, Some(&b.targets))).collect()
        }
        Input::Ones => {
            ones = one_image_of_ones(graph, placement)?;
            vec![(&ones, None)]
        }
    };
    let mut signs = spec.relu_signs.then(|| SignKernel::new(inputs[0].0.size()[0] as usize));
    let mut layers: Vec<LayerEvidence> = network
        .layers()
        .iter()
        .map(|l| LayerEvidence { modules: l.modules.clone(), weight: l.weight.shallow_clone(), gradients: Vec::new() })
        .collect();
    let mut losses = Vec::new();
    for (k, (images, targets)) in inputs.into_iter().enumerate() {
        let (start, mut tapped) = (Instant::now(), 0.0);
        let forward = network.forward(images, spec.norm, &mut |_, node, output| {
            if let (0, Op::Relu, Some(signs)) = (k, &node.op, signs.as_mut()) {
                let start = Instant::now();
                signs.push(output, node.multiplicity);
                tapped += ms(start);
            }
        });
        times.signs += tapped;
        let objective = match (spec.objective, targets) {
            (Objective::Nothing, _) | (Objective::Loss, None) => None,
            (Objective::Loss, Some(targets)) => Some(targets.loss(images, &forward.logits)?),
            (Objective::SumOfLogits, _) => Some(forward.logits.sum(placement.dtype.kind())),
        };
        times.forward.push(ms(start) - tapped);
        let Some(objective) = objective else { continue };
        let start = Instant::now();
        for (layer, gradient) in layers.iter_mut().zip(network.gradients(&objective, false)?) {
            layer.gradients.extend(gradient);
        }
        losses.push(objective.detach().to_kind(Kind::Double));
        times.backward.push(ms(start));
    }
    let losses = if losses.is_empty() { Vec::new() } else { crate::evidence::to_vec(&Tensor::stack(&losses, 0)) };
    let layer_modules = (0..graph.modules().len()).filter(|&m| graph.modules()[m].is_layer()).collect();
    Ok((Pass { layers, losses, signs, layer_modules }, times))
}

fn one_image_of_ones(graph: &Graph, placement: Placement) -> Result<Tensor, Error> {
    let shape = match graph.input_shape() {
        Shape::Map { c, h, w } => vec![1, c as i64, h as i64, w as i64],
        Shape::Vector(n) => vec![1, n as i64],
    };
    let ones = vec![1.0; shape.iter().product::<i64>() as usize];
    Ok(placement.tensor(&ones, &shape)?)
}

/// An outcome for a network that could not be evaluated.
pub(crate) fn failed(reason: &str) -> Outcome {
    Outcome { score: Err(Undefined { status: Status::Error, reason: reason.to_owned() }), wall_ms: 0.0 }
}
