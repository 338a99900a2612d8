use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use bench_loaders::{Batch, Targets};
use netgraph::rng::Stream;
use proxies::{TensorBatch, evaluate_script};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::commands::score_one::{outcomes, print};
use crate::exit::usage;
use crate::output::Format;
use crate::scoring::EngineArgs;

/// Score your own network: a `TorchScript` file (`scripts/export_torchscript.py` writes one), on noise or on your own images.
#[derive(Debug, clap::Args)]
#[command(mut_arg("init", |arg| arg.help(INIT)), mut_arg("seed", |arg| arg.help(SEED)))]
#[command(mut_arg("aggregate", |arg| arg.hide(true)), mut_arg("repeats", |arg| arg.hide(true)), mut_arg("no_passes", |arg| arg.hide(true)))]
pub struct Args {
    /// The module, as `torch.jit.save` writes it.
    model: PathBuf,
    /// Shape of one image: channels, height, width.
    #[arg(long, value_name = "CxHxW", value_parser = parse_shape)]
    input: [usize; 3],
    /// Number of classes: entries of the output.
    #[arg(long)]
    classes: usize,
    /// Images and labels, normalised, in a safetensors file: `images` `[n, C, H, W]` and `labels` `[n]` [default: noise].
    #[arg(long, value_name = "FILE")]
    images: Option<PathBuf>,
    /// Number of batches; a proxy that needs one takes the first.
    #[arg(long, default_value_t = 2)]
    batches: usize,
    /// Images per batch.
    #[arg(long, default_value_t = 64)]
    batch_size: usize,
    /// Seed of the noise.
    #[arg(long, default_value_t = 0)]
    data_seed: u64,
    #[command(flatten)]
    engine: EngineArgs,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

const INIT: &str = "Draw fresh weights for every proxy [default: the weights of the file, whatever the proxy's own initialisation]";
const SEED: &str = "Seed of the weights that --init draws, and of what the module draws itself";

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.batches == 0 || args.batch_size == 0 || args.classes == 0 || args.input.contains(&0) {
        return Err(usage("--batches, --batch-size, --classes and the sides of --input must be at least 1"));
    }
    let engine = args.engine.resolve_for_one(args.data_seed)?;
    if !engine.options.repeats.is_empty() {
        return Err(usage("--repeats: the weights of a module are those of its file; average over `--init SCHEME --seed S` yourself"));
    }
    let bytes = fs::read(&args.model).with_context(|| format!("failed to read the model {}", args.model.display()))?;
    let (batches, source) = match &args.images {
        Some(path) => (images::read(path, args)?, format!("the first {} images of {}", args.batches * args.batch_size, path.display())),
        None => (noise(args), format!("noise, seed {}", args.data_seed)),
    };
    let batches = TensorBatch::all(&batches, &engine.options)?;
    let evaluation = evaluate_script(&args.model, args.classes, &engine.proxies, &batches, &engine.options)?;
    let init = if engine.options.init.is_none() { "as in the file" } else { &engine.init };
    let result = json!({
        "model": args.model,
        "sha256": tables::hex(&Sha256::digest(&bytes)),
        "input": args.input,
        "classes": args.classes,
        "init": init,
        "seed": args.engine.seed(),
        "dtype": engine.dtype(),
        "device": engine.device(),
        "batch": { "source": source, "size": args.batch_size, "count": args.batches },
        "losses": evaluation.losses,
        "proxies": outcomes(&engine.proxies, &evaluation),
    });
    print(&result, args.format)?;
    Ok(ExitCode::SUCCESS)
}

fn parse_shape(text: &str) -> Result<[usize; 3], String> {
    let sides: Option<Vec<usize>> = text.split('x').map(|side| side.parse().ok()).collect();
    sides.and_then(|sides| sides.try_into().ok()).ok_or_else(|| "expected CxHxW, such as 3x224x224".into())
}

/// Standard normal images and uniform labels, in the streams of `zico score --batch random`.
fn noise(args: &Args) -> Vec<Batch> {
    const LABELS: u64 = 500;
    let [c, h, w] = args.input;
    let batch = |b: u64| {
        let (images, labels) = (Stream::new(args.data_seed, b), Stream::new(args.data_seed, LABELS + b));
        let label = |j: usize| (labels.uniform(j as u64) * args.classes as f64).floor() as i64;
        Batch {
            images: (0..(args.batch_size * c * h * w) as u64).map(|i| images.normal(i)).collect(),
            targets: Targets::Classes((0..args.batch_size).map(label).collect()),
            shape: [args.batch_size, c, h, w],
        }
    };
    (0..args.batches as u64).map(batch).collect()
}

mod images;
