use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use bench_loaders::Batch;
use engine::{Norm, Placement, Scheme, Stopwatch};
use netgraph::passes::Passes;
use netgraph::{Graph, ModuleId};
use tables::Status;
use tch::{Device, Tensor};

use crate::critic::Critic;
use crate::evidence::Subject;
use crate::loss::TensorTargets;
use crate::pass::{Observation, Passed, run_graph};
use crate::plan::{Planned, plan};
use crate::reading::{Batches, Derivative};
use crate::repeats::average;
use crate::{Error, Evidence, Input, Proxy, Score, State, Undefined};

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
#[derive(Clone, Debug)]
pub struct Options {
    /// Seed of the weights.
    pub seed: u64,
    /// Seed of the noise that some proxies draw for themselves.
    pub noise_seed: u64,
    /// Replaces each proxy's own default initialisation.
    pub init: Option<Scheme>,
    /// Device, dtype, layout.
    pub placement: Placement,
    /// Rewriting passes before it runs; dead operations are kept where a proxy reads them.
    pub passes: Passes,
    /// By name of a proxy: how many images of each batch it sees, if not all.
    pub samples: BTreeMap<String, usize>,
    /// By name of a proxy: over how many seeds of the weights, from `seed` on, its score is a mean, if not one.
    pub repeats: BTreeMap<String, usize>,
}

impl Default for Options {
    fn default() -> Self {
        let (samples, repeats) = (BTreeMap::new(), BTreeMap::new());
        Self { seed: 0, noise_seed: 0, init: None, placement: Placement::default(), passes: Passes::LIVE, samples, repeats }
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
    /// Milliseconds ([`Stopwatch`]) of everything it needed, shared work counted in full: about what it would cost alone.
    pub wall_ms: f64,
    /// Milliseconds when shared work is split evenly among who shares it: these add up to what the network took.
    pub share_ms: f64,
}

/// Scores one network with several proxies in the fewest passes. A pass that fails, even with a panic of libtorch, leaves those proxies
/// without a score that read it; one whose output is not finite does the same with that as the reason.
///
/// # Errors
/// [`Error::Batches`] if there are fewer batches than a proxy needs.
pub fn evaluate(graph: &Graph, proxies: &[&dyn Proxy], batches: &[TensorBatch], options: &Options) -> Result<Evaluation, Error> {
    evaluate_observed(graph, proxies, batches, options, &mut |_| {})
}

/// The outcomes of one network among many, whatever goes wrong with it: a failure, even a panic of libtorch, is the outcome of each proxy.
pub fn evaluate_caught<E: std::error::Error>(
    lower: impl FnOnce() -> Result<Graph, E>,
    proxies: &[&dyn Proxy],
    batches: &[TensorBatch],
    options: &Options,
) -> Vec<Outcome> {
    let scored = catch_unwind(AssertUnwindSafe(|| {
        let graph = lower().map_err(|error| error.to_string())?;
        evaluate(&graph, proxies, batches, options).map(|evaluation| evaluation.outcomes).map_err(|error| error.to_string())
    }));
    let all_failed = |reason: &str| vec![failed(Status::Error, reason); proxies.len()];
    match scored {
        Ok(Ok(outcomes)) => outcomes,
        Ok(Err(reason)) => all_failed(&reason),
        Err(panic) => all_failed(&Error::Panicked { text: panic_text(panic.as_ref()) }.to_string()),
    }
}

/// The same as [`evaluate`], showing the gradients of each batch before they are dropped (for exports).
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_observed(
    graph: &Graph,
    proxies: &[&dyn Proxy],
    batches: &[TensorBatch],
    options: &Options,
    observe: &mut dyn FnMut(&Observation),
) -> Result<Evaluation, Error> {
    check_batches(proxies, batches.len())?;
    let mut evaluation = evaluate_once(graph, proxies, batches, options, observe);
    average(&mut evaluation, proxies, options, |proxies, options| evaluate_once(graph, proxies, batches, options, &mut |_| {}));
    Ok(evaluation)
}

/// Under one seed of the weights.
fn evaluate_once(
    graph: &Graph,
    proxies: &[&dyn Proxy],
    batches: &[TensorBatch],
    options: &Options,
    observe: &mut dyn FnMut(&Observation),
) -> Evaluation {
    let mut results = Vec::new();
    for (number, planned) in plan(proxies, options).into_iter().enumerate() {
        let made = caught(|| run_graph(graph, &planned, number, batches, options, observe));
        results.push((planned, made));
    }
    let layers: Vec<ModuleId> = (0..graph.modules().len()).filter(|&m| graph.modules()[m].is_layer()).collect();
    conclude(Subject::Graph(graph), proxies, &results, &layers, options.placement.device)
}

/// A pass with what it found, or why it broke.
pub(crate) type Made = (Planned, Result<Passed, Error>);

/// The scores, from what all passes found.
pub(crate) fn conclude(subject: Subject, proxies: &[&dyn Proxy], results: &[Made], layers: &[ModuleId], device: Device) -> Evaluation {
    let outcomes = proxies.iter().enumerate().map(|(k, proxy)| {
        let (mut found, mut states): (Vec<&dyn Any>, Vec<State>) = (Vec::new(), Vec::new());
        let (mut wall_ms, mut share_ms, mut alone) = (0.0, 0.0, false);
        for (planned, made) in results {
            let users: Vec<&[usize]> = planned.users.iter().map(|u| u.readings.as_slice()).collect();
            for user in planned.users.iter().filter(|u| u.proxy == k) {
                let passed = match made {
                    Ok(passed) => passed,
                    Err(error @ Error::NotFinite { .. }) => return failed(Status::NonFinite, &error.to_string()),
                    Err(error) => return failed(Status::Error, &error.to_string()),
                };
                found.extend(user.readings.iter().map(|&r| passed.found[r].as_ref()));
                states.push(planned.state);
                let takes_loss = user.readings.iter().any(|&r| planned.readings[r].demands().derivative == Derivative::Loss);
                alone |= passed.images == 1 && takes_loss && planned.state.norm == Norm::Train;
                let (alone, share) = passed.times.of(&user.readings, &users);
                wall_ms += alone;
                share_ms += share;
            }
        }
        let start = Stopwatch::start(device);
        let evidence = Evidence::new(subject, found, states, layers);
        let checked = if alone { evidence.needs_more_than_noise_alone() } else { Ok(()) };
        let score = checked.and_then(|()| proxy.score(&evidence));
        let own = start.ms();
        Outcome { score, wall_ms: wall_ms + own, share_ms: share_ms + own }
    });
    let outcomes = outcomes.collect();
    // A pass on noise or ones has no losses.
    let losses = results.iter().filter_map(|(_, made)| made.as_ref().ok()).map(|passed| &passed.losses).max_by_key(|losses| losses.len());
    Evaluation { outcomes, losses: losses.cloned().unwrap_or_default() }
}

/// A pass whose panics are errors, so that they are those of its own readers only.
pub(crate) fn caught(pass: impl FnOnce() -> Result<Passed, Error>) -> Result<Passed, Error> {
    catch_unwind(AssertUnwindSafe(pass)).unwrap_or_else(|panic| Err(Error::Panicked { text: panic_text(panic.as_ref()) }))
}

/// Whether there are batches enough for every proxy.
pub(crate) fn check_batches(proxies: &[&dyn Proxy], got: usize) -> Result<(), Error> {
    for meta in proxies.iter().map(|p| p.meta()) {
        let needed = meta.passes.iter().map(|spec| match spec.state.input {
            Input::Nothing | Input::Ones => 0,
            _ if spec.readings.iter().any(|r| r.demands().batches == Batches::All) => 2,
            Input::Batches | Input::Joined | Input::Noise | Input::Perturbed => 1,
        });
        let needed = needed.max().unwrap_or(0);
        if got < needed {
            return Err(Error::Batches { proxy: meta.name, needed, got });
        }
    }
    Ok(())
}

/// The outcome of a proxy one of whose passes broke, or whose network could not be evaluated at all.
fn failed(status: Status, reason: &str) -> Outcome {
    Outcome { score: Err(Undefined { status, reason: reason.to_owned() }), wall_ms: 0.0, share_ms: 0.0 }
}

/// Most letters of what a panic says.
const LONGEST_PANIC: usize = 300;

/// What a panic says, its first line.
fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    // An unwrapped error has its line breaks spelled out, and libtorch's a trace of the stack behind them.
    let first_line = text.and_then(|t| t.lines().next()).and_then(|line| line.split("\\n").next()).unwrap_or("unknown");
    first_line.chars().take(LONGEST_PANIC).collect()
}
