//! Proxies of a network that is known from outside only: a `TorchScript` module.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use engine::{Norm, Scheme, ScriptModel};
use tch::{Kind, Tensor, no_grad};

use crate::evaluate::{Made, caught, check_batches, conclude};
use crate::evidence::{Blind, Subject};
use crate::pass::run_script;
use crate::plan::plan;
use crate::{Error, Evaluation, Input, Options, Outcome, Proxy, TensorBatch, Undefined, noise};

/// libtorch's generator is one for the whole process: a module on another thread would draw, or seed it anew, in between.
static GENERATOR: Mutex<()> = Mutex::new(());

/// Stream of the images that a module is tried with beside those of the run.
const PROBE_STREAM: u64 = 900;
/// Differences up to this share of the output are rounding.
const ROUNDING: f64 = 1e-4;

/// Scores a `TorchScript` module with every proxy that needs no knowledge of its graph; the others get the reason why they don't
/// apply. Without an initialisation in the options the weights stay as they stand in the file, for every proxy. What a module draws itself
/// (dropout) follows from the seed of the options.
///
/// # Errors
/// [`Error::Batches`] if there are fewer batches than a proxy needs, [`Error::Engine`] if the file is no module, [`Error::Module`] if it does not give
/// logits of these classes for such images. A pass that the module cannot make gives its proxies the status [`tables::Status::Error`].
///
/// # Panics
/// If libtorch runs out of memory.
pub fn evaluate_script(
    path: &Path,
    classes: usize,
    proxies: &[&dyn Proxy],
    batches: &[TensorBatch],
    options: &Options,
) -> Result<Evaluation, Error> {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let model = ScriptModel::load(path, options.placement)?;
    let Probed { blind, modes } = match batches.first() {
        Some(batch) => probe(path, batch, classes, options)?,
        None => Probed::default(),
    };
    let parameters = model.trained();
    let subject = Subject::Parameters {
        count: parameters.iter().map(|p| p.tensor.numel() as u64).sum(),
        tensors: parameters.len(),
        layer_weights: model.layers().iter().map(|layer| layer.weight.numel() as u64).sum(),
        classes,
        blind,
    };
    let layers: Vec<usize> = (0..model.layers().len()).collect();
    let reasons: Vec<Option<Undefined>> = proxies.iter().map(|proxy| obstacle(*proxy, modes)).collect();
    let applicable: Vec<&dyn Proxy> = proxies.iter().zip(&reasons).filter(|(_, reason)| reason.is_none()).map(|(p, _)| *p).collect();
    check_batches(&applicable, batches.len())?;
    // Weights that stay as they are make one state of all initialisations.
    let planning = Options { init: options.init.or(Some(Scheme::TorchDefault)), ..options.clone() };
    let results: Vec<Made> = plan(&applicable, &planning)
        .into_iter()
        .map(|planned| {
            let made = caught(|| run_script(path, classes, &planned, batches, options));
            (planned, made)
        })
        .collect();
    let evaluation = conclude(subject, &applicable, &results, &layers, options.placement.device);
    let mut scored = evaluation.outcomes.into_iter();
    let outcomes = reasons.into_iter().filter_map(|reason| match reason {
        Some(reason) => Some(Outcome { score: Err(reason), wall_ms: 0.0, share_ms: 0.0 }),
        None => scored.next(),
    });
    Ok(Evaluation { outcomes: outcomes.collect(), losses: evaluation.losses })
}

/// What became of a module's modes. One that was traced keeps the mode it was traced in, whatever it is told later.
#[derive(Clone, Copy, Debug, Default)]
struct Modes {
    /// In train mode it normalises by running statistics.
    stays_in_eval: bool,
    /// In eval mode it normalises by those of the batch.
    stays_in_train: bool,
    /// Its running statistics belong to other weights than those that were drawn for it.
    foreign_statistics: bool,
}

/// What trying a module shows.
#[derive(Debug, Default)]
struct Probed {
    blind: Blind,
    modes: Modes,
}

/// Tries a module with noise in the place of the images: what its output does not depend on, which modes it has, and whether it gives logits
/// of these classes at all.
fn probe(path: &Path, batch: &TensorBatch, classes: usize, options: &Options) -> Result<Probed, Error> {
    let mut model = ScriptModel::load(path, options.placement)?;
    if let Some(scheme) = options.init {
        model.initialise(scheme, options.seed);
    }
    let images = &batch.images;
    let noise = noise::normal(options.noise_seed, PROBE_STREAM, &images.size(), options.placement)?;
    let output = |model: &ScriptModel, images: &Tensor| {
        tch::manual_seed(options.seed as i64);
        no_grad(|| model.forward(images))
    };
    let same = |a: &Tensor, b: &Tensor, scale: &Tensor| {
        let most = |tensor: &Tensor| tensor.abs().max().double_value(&[]);
        most(&(a - b)) <= ROUNDING * most(scale)
    };
    let wrong = |reason: String| Error::Module { path: path.into(), images: images.size(), reason };

    model.set_train(true)?;
    let a = output(&model, images).map_err(|error| wrong(error.to_string()))?;
    let expected = [images.size()[0], classes as i64];
    if a.size() != expected {
        return Err(wrong(format!("it gives a tensor of shape {:?} for them, where logits of shape {expected:?} are expected", a.size())));
    }
    let Ok(b) = output(&model, &noise) else { return Ok(Probed::default()) };
    let over_batch = |tensor: &Tensor| tensor.sum_dim_intlist([0i64].as_slice(), false, None::<Kind>);
    let in_sum = same(&over_batch(&a), &over_batch(&b), &over_batch(&a.abs()));
    let alone = match (output(&model, &images.narrow(0, 0, 1)), output(&model, &noise.narrow(0, 0, 1))) {
        (Ok(a), Ok(b)) => same(&a, &b, &a),
        _ => false,
    };

    let others = images.size()[0] - 1;
    let with_noise = Tensor::cat(&[images.narrow(0, 0, 1), noise.narrow(0, 1, others)], 0);
    let heeds_others = |model: &ScriptModel| -> Result<bool, Error> {
        let (a, b) = (output(model, images)?, output(model, &with_noise)?);
        Ok(!same(&a.get(0), &b.get(0), &a))
    };
    let has_statistics = ScriptModel::has_running_statistics(path)?;
    let stays_in_eval = others > 0 && has_statistics && !heeds_others(&model)?;
    model.set_train(false)?;
    let stays_in_train = heeds_others(&model)?;
    let foreign_statistics = options.init.is_some() && has_statistics;
    Ok(Probed { blind: Blind { in_sum, alone }, modes: Modes { stays_in_eval, stays_in_train, foreign_statistics } })
}

/// Why a proxy cannot be had of a network whose graph is not known; nothing if it can.
fn obstacle(proxy: &dyn Proxy, modes: Modes) -> Option<Undefined> {
    let because = |reason: String| Some(Undefined::does_not_apply(reason));
    for pass in proxy.meta().passes {
        if pass.state.norm == Norm::Identity {
            return because("it takes the batch norms out of the network, which a TorchScript module does not allow".into());
        }
        if let Some(reading) = pass.readings.iter().find(|r| r.demands().operations) {
            return because(format!("it reads {} inside the network, which a TorchScript module does not show", reading.name()));
        }
        let eval = pass.state.norm == Norm::Eval;
        if pass.state.input == Input::Nothing {
            continue;
        }
        if (eval && modes.stays_in_train) || (!eval && modes.stays_in_eval) {
            let (wanted, stays) = if eval { ("eval", "train") } else { ("train", "eval") };
            return because(format!(
                "it runs the network in {wanted} mode, and this TorchScript module stays in {stays} mode, as one does that was traced in it \
                 (torch.jit.script keeps both)"
            ));
        }
        if eval && modes.foreign_statistics {
            return because(
                "it runs the network in eval mode, and the running statistics of this TorchScript module are not those of freshly drawn weights \
                 (without --init its own weights count)"
                    .into(),
            );
        }
    }
    None
}
