//! Everything behind a score as files that PyTorch reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bench_loaders::{Batch, Targets};
use engine::{Absolute, DType, Init, Parameters, Slot};
use netgraph::{Graph, Module};
use proxies::{Observation, Options};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::{Value, json};
use tch::{Kind, Tensor};

/// Tensors by name: shape and little-endian bytes.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// An export under way.
///
/// Writes `network.json` (modules in canonical order), `weights-K.safetensors` and `gradients-K.safetensors` for pass K,
/// `batches.safetensors` (images with labels or other targets), and `scores.json`. Tensor names are `M.weight` and `M.bias` with M the canonical module number, and
/// `batchB.M.weight` for gradients.
pub struct Export<'a> {
    folder: PathBuf,
    graph: &'a Graph,
    options: Options,
    passes: Vec<Pass>,
}

/// A pass with the gradients that are not written yet.
struct Pass {
    number: usize,
    description: Value,
    gradients: Tensors,
}

impl<'a> Export<'a> {
    pub fn new(folder: &Path, graph: &'a Graph, options: Options) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("failed to make the folder {}", folder.display()))?;
        Ok(Self { folder: folder.into(), graph, options, passes: Vec::new() })
    }

    /// Keeps the gradients of a batch, and writes the weights of its pass.
    pub fn observe(&mut self, seen: &Observation) -> anyhow::Result<()> {
        if self.passes.last().is_none_or(|pass| pass.number != seen.pass) {
            self.flush()?;
            let k = self.passes.len();
            let dtype = seen.state.dtype.unwrap_or(self.options.placement.dtype);
            let init = Init { scheme: seen.state.init, seed: self.options.seed };
            let weights = if seen.state.absolute { self.weights(&Absolute(init), dtype) } else { self.weights(&init, dtype) };
            self.write(&format!("weights-{k}.safetensors"), &weights)?;
            let description = json!({
                "weights": format!("weights-{k}.safetensors"), "gradients": format!("gradients-{k}.safetensors"),
                "input": format!("{:?}", seen.state.input), "objective": seen.objective, "norm": format!("{:?}", seen.state.norm),
                "init": seen.state.init.name(), "absolute": seen.state.absolute, "dtype": dtype.name(), "losses": [],
                "divided_by_two_to_the": seen.exponent,
                "note": "a module without a gradient cannot influence the logits: its gradient is zero",
            });
            self.passes.push(Pass { number: seen.pass, description, gradients: Tensors::new() });
        }
        let Some(pass) = self.passes.last_mut() else { return Ok(()) };
        if let Value::Array(losses) = &mut pass.description["losses"] {
            losses.push(seen.value.into());
        }
        for (modules, gradient) in &seen.gradients {
            // Fused convolutions lie along the first dimension, in equal shares.
            for (&module, part) in modules.iter().zip(gradient.chunk(modules.len() as i64, 0)) {
                pass.gradients.insert(format!("batch{}.{module}.weight", seen.batch), tensor(&part));
            }
        }
        Ok(())
    }

    /// Writes the gradients of the last pass.
    fn flush(&mut self) -> anyhow::Result<()> {
        let k = self.passes.len();
        let Some(pass) = self.passes.last_mut() else { return Ok(()) };
        let gradients = std::mem::take(&mut pass.gradients);
        self.write(&format!("gradients-{}.safetensors", k - 1), &gradients)
    }

    /// Writes the rest.
    pub fn finish(mut self, batches: &[Batch], result: &Value) -> anyhow::Result<()> {
        self.flush()?;
        let mut tensors = Tensors::new();
        for (b, batch) in batches.iter().enumerate() {
            let images = batch.images.iter().flat_map(|v| v.to_le_bytes()).collect();
            tensors.insert(format!("batch{b}.images"), (Dtype::F64, batch.shape.to_vec(), images));
            let (name, target) = targets(&batch.targets, batch.shape);
            tensors.insert(format!("batch{b}.{name}"), target);
        }
        self.write("batches.safetensors", &tensors)?;
        let modules: Vec<Value> = self.graph.modules().iter().map(module).collect();
        let passes: Vec<&Value> = self.passes.iter().map(|pass| &pass.description).collect();
        self.write_json("network.json", &json!({ "modules": modules, "passes": passes }))?;
        self.write_json("scores.json", result)
    }

    fn weights(&self, parameters: &dyn Parameters, dtype: DType) -> Tensors {
        let mut tensors = Tensors::new();
        let numbers = self.graph.tensor_numbers();
        for (id, module) in self.graph.modules().iter().enumerate() {
            for (slot, name, shape) in [(Slot::Weight, "weight", module.weight_shape()), (Slot::Bias, "bias", vec![module.n_biases()])] {
                let mut values = vec![0.0; shape.iter().product()];
                if values.is_empty() {
                    continue;
                }
                parameters.fill(module, id, numbers[id], slot, &mut values);
                let (kind, bytes) = match dtype {
                    DType::F32 | DType::Bf16Mixed => (Dtype::F32, values.iter().flat_map(|v| (*v as f32).to_le_bytes()).collect()),
                    DType::F64 => (Dtype::F64, values.iter().flat_map(|v| v.to_le_bytes()).collect()),
                };
                tensors.insert(format!("{id}.{name}"), (kind, shape, bytes));
            }
        }
        tensors
    }

    fn write(&self, name: &str, tensors: &Tensors) -> anyhow::Result<()> {
        let views = tensors.iter().map(|(name, (dtype, shape, bytes))| Ok((name.clone(), TensorView::new(*dtype, shape.clone(), bytes)?)));
        let views: Vec<(String, TensorView)> = views.collect::<Result<_, safetensors::SafeTensorError>>()?;
        let bytes = safetensors::serialize(views, None)?;
        tables::atomic_write(&self.folder.join(name), |w| w.write_all(&bytes))?;
        Ok(())
    }

    fn write_json(&self, name: &str, value: &Value) -> anyhow::Result<()> {
        let text = format!("{value:#}\n");
        tables::atomic_write(&self.folder.join(name), |w| w.write_all(text.as_bytes()))?;
        Ok(())
    }
}

/// Targets under the name `labels` (classes) or `targets` (numbers) for images `[n, _, h, w]`.
fn targets(targets: &Targets, [n, _, h, w]: [usize; 4]) -> (&'static str, (Dtype, Vec<usize>, Vec<u8>)) {
    let numbers = |values: &[f64]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let columns = |values: &[f64]| values.len() / n.max(1);
    match targets {
        Targets::Classes(labels) => ("labels", (Dtype::I64, vec![n], labels.iter().flat_map(|v| v.to_le_bytes()).collect())),
        Targets::PixelClasses(labels) => ("labels", (Dtype::I64, vec![n, h, w], labels.iter().flat_map(|v| v.to_le_bytes()).collect())),
        Targets::Distribution(values) | Targets::Values(values) => ("targets", (Dtype::F64, vec![n, columns(values)], numbers(values))),
        Targets::Image(values) => ("targets", (Dtype::F64, vec![n, columns(values) / (h * w).max(1), h, w], numbers(values))),
    }
}

/// A tensor's values in row-major order.
fn tensor(tensor: &Tensor) -> (Dtype, Vec<usize>, Vec<u8>) {
    let shape: Vec<usize> = tensor.size().iter().map(|&n| n as usize).collect();
    let (dtype, bytes) = if tensor.kind() == Kind::Float { (Dtype::F32, 4) } else { (Dtype::F64, 8) };
    let plain = tensor.to_device(tch::Device::Cpu).contiguous();
    let mut values = vec![0u8; plain.numel() * bytes];
    plain.copy_data_u8(&mut values, plain.numel());
    (dtype, shape, values)
}

fn module(module: &Module) -> Value {
    match module {
        Module::Conv2d(c) => json!({
            "kind": "conv2d", "c_in": c.c_in, "c_out": c.c_out, "kernel": c.kernel, "stride": c.stride, "padding": c.padding, "bias": c.bias, "groups": c.groups,
        }),
        Module::ConvTranspose2d(c) => json!({
            "kind": "conv_transpose2d", "c_in": c.c_in, "c_out": c.c_out, "kernel": c.kernel, "stride": c.stride, "padding": c.padding,
            "output_padding": c.output_padding, "bias": true,
        }),
        Module::BatchNorm2d(b) => json!({ "kind": "batch_norm2d", "channels": b.channels, "eps": b.eps, "momentum": b.momentum }),
        Module::Linear(l) => json!({ "kind": "linear", "n_in": l.n_in, "n_out": l.n_out }),
    }
}
