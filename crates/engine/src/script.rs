use std::collections::HashMap;
use std::fs;
use std::path::Path;

use netgraph::rng::Stream;
use tch::{CModule, IValue, Tensor, jit, no_grad};

use crate::init::FIRST_STREAM;
use crate::network::Layer;
use crate::{Error, Placement, Scheme, Slot, Trained};

/// Somebody's `TorchScript` module: its parameters are known by name and shape, nothing else.
///
/// # Conventions
/// A parameter whose name ends in `weight` is a weight, any other a bias. Weights of two or more dimensions belong to layers
/// (convolutions, linear layers, whatever else has such a weight), weights of one dimension to normalisations.
#[derive(Debug)]
pub struct ScriptModel {
    module: CModule,
    parameters: Vec<(String, Tensor)>,
    layers: Vec<Layer>,
}

impl ScriptModel {
    /// Loads a module from a file written by `torch.jit.save`, every parameter asking for a gradient.
    ///
    /// # Errors
    /// [`Error::Script`] if the file is none, or has no parameters.
    pub fn load(path: &Path, placement: Placement) -> Result<Self, Error> {
        // Optimised graphs have backward formulas of their own, of first order only.
        jit::f_set_graph_executor_optimize(false)?;
        let module = load(path, placement)?;
        let parameters = module.named_parameters()?;
        if parameters.is_empty() {
            return Err(Error::Script { path: path.into(), reason: "it has no parameters".into() });
        }
        let mut model = Self { module, parameters, layers: Vec::new() };
        model.collect_layers();
        Ok(model)
    }

    fn collect_layers(&mut self) {
        let weights = self.parameters.iter().map(|(name, tensor)| (name, tensor.set_requires_grad(true)));
        let weights = weights.filter(|(name, tensor)| is_weight(name) && tensor.dim() >= 2);
        self.layers = weights.enumerate().map(|(k, (_, weight))| Layer::bare(k, weight)).collect();
    }

    /// Draws fresh weights: as [`crate::Init`] does, parameter tensor `k` in the order of the module.
    pub fn initialise(&mut self, scheme: Scheme, seed: u64) {
        let fan_in: HashMap<String, f64> = self
            .parameters
            .iter()
            .filter(|(name, tensor)| is_weight(name) && tensor.dim() >= 2)
            .map(|(name, tensor)| (owner(name).to_owned(), tensor.size()[1..].iter().product::<i64>() as f64))
            .collect();
        for (k, (name, tensor)) in self.parameters.iter_mut().enumerate() {
            let (weight, layer) = (is_weight(name), fan_in.get(owner(name)));
            let n = tensor.numel() as u64;
            let stream = Stream::new(seed, FIRST_STREAM + k as u64);
            let values: Vec<f64> = match layer {
                None => vec![f64::from(u8::from(weight)); n as usize],
                Some(_) if !weight && scheme != Scheme::TorchDefault => vec![0.0; n as usize],
                Some(&fan_in) => (0..n).map(|i| scheme.draw(stream, i, fan_in)).collect(),
            };
            no_grad(|| tensor.copy_(&Tensor::from_slice(&values).view_as(tensor)));
        }
    }

    /// Takes the signs off all parameters.
    pub fn make_absolute(&mut self) {
        for (_, tensor) in &mut self.parameters {
            no_grad(|| tensor.copy_(&tensor.abs()));
        }
    }

    /// Train mode (batch statistics) or eval mode.
    ///
    /// # Errors
    /// [`Error::Torch`] if the module knows no modes.
    pub fn set_train(&mut self, train: bool) -> Result<(), Error> {
        let set = if train { self.module.f_set_train() } else { self.module.f_set_eval() };
        Ok(set?)
    }

    /// Whether the module of a file has batch norms with running statistics, by the name that PyTorch's have: libtorch gives no names
    /// of buffers, and what `torch.jit.save` writes is not compressed.
    ///
    /// # Errors
    /// [`Error::Script`] if the file cannot be read.
    pub fn has_running_statistics(path: &Path) -> Result<bool, Error> {
        const NAME: &[u8] = b"running_mean";
        let bytes = fs::read(path).map_err(|error| Error::Script { path: path.into(), reason: error.to_string() })?;
        Ok(bytes.windows(NAME.len()).any(|window| window == NAME))
    }

    /// Runs a batch.
    ///
    /// # Errors
    /// [`Error::Torch`] if it does not take such a batch, or gives something other than one tensor.
    pub fn forward(&self, images: &Tensor) -> Result<Tensor, Error> {
        Ok(self.module.forward_ts(&[images])?)
    }

    /// Layers in the order of the module.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Every parameter.
    #[must_use]
    pub fn trained(&self) -> Vec<Trained> {
        let of = |(name, tensor): &(String, Tensor)| Trained {
            slot: if is_weight(name) { Slot::Weight } else { Slot::Bias },
            tensor: tensor.shallow_clone(),
        };
        self.parameters.iter().map(of).collect()
    }
}

/// Somebody's `TorchScript` module that is only asked for its outputs, in eval mode.
#[derive(Debug)]
pub struct FrozenScript {
    module: CModule,
}

impl FrozenScript {
    /// Loads a module from a file written by `torch.jit.save`.
    ///
    /// # Errors
    /// [`Error::Script`] if the file is none.
    pub fn load(path: &Path, placement: Placement) -> Result<Self, Error> {
        let mut module = load(path, placement)?;
        // A module without modes has nothing that differs between them.
        let _ = module.f_set_eval();
        for (_, parameter) in module.named_parameters()? {
            let _ = parameter.set_requires_grad(false);
        }
        Ok(Self { module })
    }

    /// Tensors that it gives for a batch, without gradients: its output, or those of the tuples and lists in it one after the other.
    ///
    /// # Errors
    /// [`Error::Torch`] if it does not take such a batch, or gives something other than tensors.
    pub fn outputs(&self, images: &Tensor) -> Result<Vec<Tensor>, Error> {
        let mut tensors = Vec::new();
        let output = no_grad(|| self.module.forward_is(&[IValue::Tensor(images.shallow_clone())]))?;
        flatten(output, &mut tensors)?;
        Ok(tensors)
    }
}

fn flatten(value: IValue, tensors: &mut Vec<Tensor>) -> Result<(), Error> {
    match value {
        IValue::Tensor(tensor) => tensors.push(tensor),
        IValue::TensorList(list) => tensors.extend(list),
        IValue::Tuple(values) | IValue::GenericList(values) => values.into_iter().try_for_each(|value| flatten(value, tensors))?,
        _ => return Err(tch::TchError::Kind("the module gives something other than tensors".into()).into()),
    }
    Ok(())
}

fn load(path: &Path, placement: Placement) -> Result<CModule, Error> {
    let first_line = |error: &tch::TchError| error.to_string().lines().next().unwrap_or_default().to_owned();
    let mut module =
        CModule::load_on_device(path, placement.device).map_err(|error| Error::Script { path: path.into(), reason: first_line(&error) })?;
    module.to(placement.device, placement.dtype.kind(), false);
    Ok(module)
}

fn is_weight(name: &str) -> bool {
    name.ends_with("weight")
}

/// Name of the module that a parameter belongs to.
fn owner(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(owner, _)| owner)
}
