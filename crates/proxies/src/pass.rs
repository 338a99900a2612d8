use std::any::Any;
use std::path::Path;

use engine::{Absolute, Forward, Init, Layer, Network, Norm, Placement, ScriptModel, Stopwatch, Trainable, Trained};
use netgraph::{Graph, ModuleId, Shape};
use tch::{Device, Tensor, no_grad};

use crate::layer_sums::is_finite;
use crate::plan::Planned;
use crate::reading::{Batches, Demands, Derivative, Model, Reader, Reading, Run, Setup, derivatives};
use crate::readings::Flow;
use crate::{Error, Input, Options, State, TensorBatch, TensorTargets, noise};

/// What was read from a pass, and how long each part took.
pub(crate) struct Passed {
    /// By reading.
    pub found: Vec<Box<dyn Any>>,
    pub times: Times,
    /// Mean loss of each batch that was differentiated.
    pub losses: Vec<f64>,
    /// Images in each batch.
    pub images: usize,
}

/// Milliseconds of the parts of a pass.
pub(crate) struct Times {
    pub build: f64,
    /// By batch.
    pub forward: Vec<f64>,
    /// By batch; 0 where no loss was differentiated.
    pub backward: Vec<f64>,
    /// By reading: its own work.
    pub own: Vec<f64>,
    /// By reading: batches that it saw.
    pub seen: Vec<usize>,
    /// By reading: batches whose loss was differentiated for it.
    pub with_loss: Vec<usize>,
}

/// Gradients of a batch before they are dropped, for exports.
#[derive(Debug)]
pub struct Observation<'a> {
    /// What the pass runs on.
    pub state: State,
    /// Number of the pass.
    pub pass: usize,
    /// Number of the batch.
    pub batch: usize,
    /// What was differentiated: `loss` or `sum of logits`.
    pub objective: &'static str,
    /// Its value.
    pub value: f64,
    /// Power of two by which value and gradients were divided.
    pub exponent: i32,
    /// Modules along the first dimension, and the gradient, of each layer that has one.
    pub gradients: Vec<(&'a [ModuleId], &'a Tensor)>,
}

struct GraphModel<'a> {
    network: &'a Network<'a>,
    norm: Norm,
}

impl Model for GraphModel<'_> {
    fn layers(&self) -> &[Layer] {
        self.network.layers()
    }

    fn trained(&self) -> Vec<Trained> {
        self.network.trained()
    }

    fn running_variances(&self) -> Vec<Tensor> {
        self.network.running_variances()
    }

    fn network(&self) -> Option<&Network<'_>> {
        Some(self.network)
    }

    fn forward(&self, images: &Tensor) -> Result<Tensor, Error> {
        Ok(self.network.forward(images, self.norm, &mut |_| {}).logits)
    }
}

struct Scripted(ScriptModel);

impl Model for Scripted {
    fn layers(&self) -> &[Layer] {
        self.0.layers()
    }

    fn trained(&self) -> Vec<Trained> {
        self.0.trained()
    }

    fn running_variances(&self) -> Vec<Tensor> {
        Vec::new()
    }

    fn network(&self) -> Option<&Network<'_>> {
        None
    }

    fn forward(&self, images: &Tensor) -> Result<Tensor, Error> {
        Ok(self.0.forward(images)?)
    }
}

/// A reading under way, with what it demands and how long it took.
struct Active {
    reader: Box<dyn Reader>,
    demands: Demands,
    device: Device,
    own: f64,
    seen: usize,
    with_loss: usize,
}

impl Active {
    fn sees(&self, batch: usize) -> bool {
        match self.demands.batches {
            Batches::First => batch == 0,
            Batches::All => true,
            Batches::UpTo(most) => batch < most && (batch == 0 || !self.reader.is_done()),
        }
    }

    fn shares_loss(&self) -> bool {
        self.demands.derivative == Derivative::Loss
    }

    fn timed<T>(&mut self, work: impl FnOnce(&mut dyn Reader) -> T) -> T {
        let start = Stopwatch::start(self.device);
        let result = work(self.reader.as_mut());
        self.own += start.ms();
        result
    }
}

/// Runs one pass over a graph.
pub(crate) fn run_graph(
    graph: &Graph,
    planned: &Planned,
    number: usize,
    batches: &[TensorBatch],
    options: &Options,
    observe: &mut dyn FnMut(&Observation),
) -> Result<Passed, Error> {
    let state = planned.state;
    let start = Stopwatch::start(options.placement.device);
    let placement = state.dtype.map_or(options.placement, |dtype| Placement::new(options.placement.device, dtype));
    let rewritten = planned.passes.run(graph);
    let init = Init { scheme: state.init, seed: options.seed };
    let trainable = planned.readings.iter().map(|r| r.demands().trainable).max().unwrap_or(Trainable::Nothing);
    let network = if state.absolute {
        Network::new(&rewritten, &Absolute(init), placement, trainable)
    } else {
        Network::new(&rewritten, &init, placement, trainable)
    };
    let inputs = inputs(state.input, planned.samples, graph.input_shape(), batches, graph.classes(), placement, options.noise_seed)?;
    let build = start.ms();
    let model = GraphModel { network: &network, norm: state.norm };
    let forward = |batch: usize, images: &Tensor, active: &mut [Active]| {
        if state.norm == Norm::Identity {
            return Ok(network.forward_rescaled(images));
        }
        Ok(network.forward(images, state.norm, &mut |moment| {
            for active in active.iter_mut().filter(|a| a.sees(batch)) {
                active.timed(|reader| reader.tap(batch, &moment));
            }
        }))
    };
    let setup = Setup {
        graph: Some(&rewritten),
        batch_size: inputs.first().map_or(0, |(images, _)| images.size()[0] as usize),
        noise_seed: options.noise_seed,
        placement,
    };
    let mut passed = run(&model, planned, &setup, &inputs, state.norm, &forward, &mut |batch, loss, gradients| {
        let pairs = network.layers().iter().zip(gradients).filter_map(|(layer, g)| Some((layer.modules.as_slice(), g.as_ref()?)));
        let gradients = pairs.collect();
        observe(&Observation { state, pass: number, batch, objective: "loss", value: loss, exponent: 0, gradients });
    })?;
    for flow in passed.found.iter().filter_map(|found| found.downcast_ref::<Flow>()) {
        let (value, exponent, gradients) = (flow.gradients.value(), flow.exponent, flow.gradients.layers().collect());
        observe(&Observation { state, pass: number, batch: 0, objective: "sum of logits", value, exponent, gradients });
    }
    passed.times.build = build;
    Ok(passed)
}

/// Runs one pass over a `TorchScript` module, whose weights stay as they are if no initialisation is given.
pub(crate) fn run_script(
    path: &Path,
    classes: usize,
    planned: &Planned,
    batches: &[TensorBatch],
    options: &Options,
) -> Result<Passed, Error> {
    let state = planned.state;
    let start = Stopwatch::start(options.placement.device);
    let placement = state.dtype.map_or(options.placement, |dtype| Placement::new(options.placement.device, dtype));
    let mut model = ScriptModel::load(path, placement)?;
    if let Some(scheme) = options.init {
        model.initialise(scheme, options.seed);
    }
    if state.absolute {
        model.make_absolute();
    }
    model.set_train(state.norm != Norm::Eval)?;
    // What a module draws itself, for dropout.
    tch::manual_seed(options.seed as i64);
    let shape = batches.first().map_or_else(Vec::new, |batch| batch.images.size());
    let shape = match shape[..] {
        [_, c, h, w] => Shape::Map { c: c as usize, h: h as usize, w: w as usize },
        _ => Shape::Vector(shape.iter().skip(1).product::<i64>() as usize),
    };
    let inputs = inputs(state.input, planned.samples, shape, batches, classes, placement, options.noise_seed)?;
    let batch_size = inputs.first().map_or(0, |(images, _)| images.size()[0] as usize);
    let setup = Setup { graph: None, batch_size, noise_seed: options.noise_seed, placement };
    let build = start.ms();
    let model = Scripted(model);
    let forward = |_: usize, images: &Tensor, _: &mut [Active]| {
        let logits = model.forward(images)?;
        let size = logits.size();
        if size.first() != Some(&images.size()[0]) {
            return Err(engine::Error::Torch { message: format!("the output has the shape {size:?}, not one row an image") }.into());
        }
        Ok(Forward { features: logits.shallow_clone(), logits, exponent: 0 })
    };
    let mut passed = run(&model, planned, &setup, &inputs, state.norm, &forward, &mut |_, _, _| {})?;
    passed.times.build = build;
    Ok(passed)
}

/// What goes in, with its targets.
type Pair = (Tensor, Option<TensorTargets>);
/// Runs a batch and shows its operations to the readings.
type RunForward<'a> = dyn Fn(usize, &Tensor, &mut [Active]) -> Result<Forward, Error> + 'a;

/// Gets batch, loss and the gradient of each layer.
type Observe<'a> = dyn FnMut(usize, f64, &[Option<Tensor>]) + 'a;

fn run(
    model: &dyn Model,
    planned: &Planned,
    setup: &Setup,
    inputs: &[Pair],
    norm: Norm,
    forward: &RunForward,
    observe: &mut Observe,
) -> Result<Passed, Error> {
    let device = setup.placement.device;
    let start = |r: &&dyn Reading| Active { reader: r.start(setup), demands: r.demands(), device, own: 0.0, seen: 0, with_loss: 0 };
    let mut active: Vec<Active> = planned.readings.iter().map(start).collect();
    for active in &mut active {
        active.timed(|reader| reader.begin(model));
    }
    let (mut forwards, mut backwards, mut losses) = (Vec::new(), Vec::new(), Vec::new());
    for (batch, (images, targets)) in inputs.iter().enumerate() {
        let seeing: Vec<bool> = active.iter().map(|a| a.sees(batch)).collect();
        if !seeing.contains(&true) {
            break;
        }
        let any = |demand: &dyn Fn(&Demands) -> bool| active.iter().zip(&seeing).any(|(a, sees)| *sees && demand(&a.demands));
        let (differentiates, wants_loss) = (any(&|d| d.derivative != Derivative::Nothing), any(&|d| d.derivative == Derivative::Loss));
        let images =
            if any(&|d| d.derivative == Derivative::Image) { images.detach().set_requires_grad(true) } else { images.shallow_clone() };

        let start = Stopwatch::start(device);
        let before: f64 = active.iter().map(|a| a.own).sum();
        let ran = if differentiates { forward(batch, &images, &mut active)? } else { no_grad(|| forward(batch, &images, &mut active))? };
        let loss = match targets {
            Some(targets) if wants_loss => Some(targets.loss(&images, &ran.logits, norm)?),
            _ => None,
        };
        check_finite(batch, &images, &ran.logits, loss.as_ref())?;
        forwards.push(start.ms() - (active.iter().map(|a| a.own).sum::<f64>() - before));

        let run = Run { batch, model, images: &images, targets: targets.as_ref(), forward: &ran, loss: loss.as_ref(), norm };
        for (active, _) in active.iter_mut().zip(&seeing).filter(|(_, sees)| **sees) {
            active.seen += 1;
            active.timed(|reader| reader.after_forward(&run))?;
        }
        backwards.push(0.0);
        if let Some(loss) = &loss {
            let start = Stopwatch::start(device);
            let before: f64 = active.iter().map(|a| a.own).sum();
            let gradients = share_loss(&mut active, &seeing, &run, loss)?;
            backwards[batch] = start.ms() - (active.iter().map(|a| a.own).sum::<f64>() - before);
            let loss = loss.double_value(&[]);
            losses.push(loss);
            observe(batch, loss, &gradients);
        }
    }
    let times = Times {
        build: 0.0,
        forward: forwards,
        backward: backwards,
        own: Vec::new(),
        seen: active.iter().map(|a| a.seen).collect(),
        with_loss: active.iter().map(|a| a.with_loss).collect(),
    };
    let (mut found, mut own) = (Vec::new(), Vec::new());
    for active in active {
        let start = Stopwatch::start(device);
        found.push(active.reader.finish());
        own.push(active.own + start.ms());
    }
    Ok(Passed { found, losses, images: setup.batch_size, times: Times { own, ..times } })
}

/// Refuses numbers that would be read as something else further on: a sign, a rank, the absence of a gradient.
fn check_finite(batch: usize, images: &Tensor, logits: &Tensor, loss: Option<&Tensor>) -> Result<(), Error> {
    let wrong = |what| Err(Error::NotFinite { what, batch });
    match (is_finite(logits), loss.is_none_or(is_finite)) {
        (true, true) => Ok(()),
        (true, false) => wrong("the loss"),
        (false, _) if is_finite(images) => wrong("the network's output"),
        (false, _) => wrong("an image"),
    }
}

/// One backward pass of the loss for all that want a gradient of it; gives the gradients of the layers.
fn share_loss(active: &mut [Active], seeing: &[bool], run: &Run, loss: &Tensor) -> Result<Vec<Option<Tensor>>, Error> {
    let layers = run.model.layers();
    let takes_part = |(active, sees): (&Active, &bool)| *sees && active.shares_loss();
    let wants_layers = active.iter().zip(seeing).any(|(a, sees)| takes_part((a, sees)) && a.reader.wants_layers(run.batch));
    let trained: Vec<usize> = (0..layers.len()).filter(|&k| wants_layers && layers[k].weight.requires_grad()).collect();
    let mut of: Vec<Tensor> = trained.iter().map(|&k| layers[k].weight.shallow_clone()).collect();
    let mut ranges = Vec::new();
    for (active, sees) in active.iter_mut().zip(seeing) {
        let wanted = if *sees && active.shares_loss() { active.reader.wants(run.batch) } else { Vec::new() };
        ranges.push(of.len()..of.len() + wanted.len());
        of.extend(wanted);
    }
    let goes_on = active.iter().zip(seeing).any(|(a, sees)| takes_part((a, sees)) && a.reader.goes_on(run.batch));
    let gradients = if goes_on { derivatives(loss, &of, false)? } else { last_derivatives(loss, &of)? };
    let mut of_layers: Vec<Option<Tensor>> = layers.iter().map(|_| None).collect();
    for (&k, gradient) in trained.iter().zip(&gradients) {
        of_layers[k] = gradient.as_ref().map(Tensor::shallow_clone);
    }
    for ((active, sees), range) in active.iter_mut().zip(seeing).zip(ranges) {
        if *sees && active.shares_loss() {
            active.with_loss += usize::from(!range.is_empty() || active.reader.wants_layers(run.batch));
            active.timed(|reader| reader.gradients(run, &of_layers, &gradients[range]))?;
        }
    }
    Ok(of_layers)
}

/// Gradients of a scalar that nobody differentiates after this: what the forward pass kept is freed as it goes.
fn last_derivatives(scalar: &Tensor, of: &[Tensor]) -> Result<Vec<Option<Tensor>>, Error> {
    if of.is_empty() || !scalar.requires_grad() {
        return Ok(of.iter().map(|_| None).collect());
    }
    let of: Vec<&Tensor> = of.iter().collect();
    let gradients = Tensor::f_run_backward(&[scalar], &of, false, false).map_err(engine::Error::from)?;
    Ok(gradients.into_iter().map(|g| Some(g).filter(Tensor::defined)).collect())
}

/// Streams of the noise of [`Input::Noise`] and [`Input::Perturbed`].
const NOISE_STREAM: u64 = 0;
const SHIFT_STREAM: u64 = 100;
const LABEL_STREAM: u64 = 500;
/// Scale of the second noise.
const SHIFT: f64 = 0.01;

fn inputs(
    input: Input,
    samples: Option<usize>,
    shape: Shape,
    batches: &[TensorBatch],
    classes: usize,
    placement: Placement,
    noise_seed: u64,
) -> Result<Vec<Pair>, Error> {
    let sized = |n: i64| match shape {
        Shape::Map { c, h, w } => vec![n, c as i64, h as i64, w as i64],
        Shape::Vector(features) => vec![n, features as i64],
    };
    let cut = |batch: &TensorBatch| -> Pair {
        let all = batch.images.size()[0];
        let taken = samples.map_or(all, |n| (n as i64).min(all));
        if taken == all {
            (batch.images.shallow_clone(), Some(batch.targets.shallow_clone()))
        } else {
            (placement.relayout(&batch.images.narrow(0, 0, taken)), Some(batch.targets.narrow(0, taken)))
        }
    };
    Ok(match input {
        Input::Nothing => Vec::new(),
        Input::Batches => batches.iter().map(cut).collect(),
        Input::Joined => {
            let parts: Vec<Pair> = batches.iter().map(cut).collect();
            let images: Vec<&Tensor> = parts.iter().map(|(images, _)| images).collect();
            vec![(placement.relayout(&Tensor::cat(&images, 0)), None)]
        }
        Input::Noise => {
            let Some(batch) = batches.first() else { return Ok(Vec::new()) };
            let (images, targets) = cut(batch);
            let noise = noise::normal(noise_seed, NOISE_STREAM, &images.size(), placement)?;
            vec![(noise, targets.map(|targets| targets.with_random_classes(noise_seed, LABEL_STREAM, classes)))]
        }
        Input::Ones => {
            let ones = Tensor::ones(sized(1).as_slice(), (placement.dtype.kind(), placement.device));
            vec![(placement.relayout(&ones), None)]
        }
        Input::Perturbed => {
            let n = batches.first().map_or(0, |batch| batch.images.size()[0]);
            let shape = sized(samples.map_or(n, |samples| (samples as i64).min(n)));
            let first = noise::normal(noise_seed, NOISE_STREAM, &shape, placement)?;
            let second = &first + noise::normal(noise_seed, SHIFT_STREAM, &shape, placement)? * SHIFT;
            vec![(first, None), (second, None)]
        }
    })
}

impl Times {
    /// Milliseconds of a user of these readings: what it would cost alone, and its share when everything that several use is
    /// split among them. `users` gives the readings of every user of the pass.
    pub fn of(&self, own: &[usize], users: &[&[usize]]) -> (f64, f64) {
        let count = |uses: &dyn Fn(&[usize]) -> bool| users.iter().filter(|readings| uses(readings)).count().max(1) as f64;
        let (mut alone, mut share) = (self.build, self.build / users.len().max(1) as f64);
        let sees = |readings: &[usize], batch: usize, counts: &[usize]| readings.iter().any(|&r| counts[r] > batch);
        for (parts, counts) in [(&self.forward, &self.seen), (&self.backward, &self.with_loss)] {
            for (batch, &part) in parts.iter().enumerate().filter(|&(batch, _)| sees(own, batch, counts)) {
                alone += part;
                share += part / count(&|readings| sees(readings, batch, counts));
            }
        }
        for &reading in own {
            alone += self.own[reading];
            share += self.own[reading] / count(&|readings| readings.contains(&reading));
        }
        (alone, share)
    }
}
