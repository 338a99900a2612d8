use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use bench_loaders::Mnist;
use clap::ValueEnum;
use serde_json::{Value, json};
use shards::Event;
use tables::{GramTable, MlpTable, Provenance, StepTable};
use theory::linear::Step;
use theory::{Data, Done, gram, linear, mlp, theorem31};

use crate::data::{SourceArgs, observer};
use crate::exit::usage;
use crate::jobs;
use crate::output::{self, Format};
use crate::progress::Progress;

/// Run the paper's experiments with its theorems on MNIST, and make a page of them.
///
/// Figures 1, 2 and 5, and numerical checks of Theorems 3.1, 3.2, 3.3 and 3.5. Takes the 10,000 test images, found by checksum or
/// downloaded, or those of `--mnist`. Experiments that are not asked for keep the results that the folder has of them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder of the page.
    #[arg(long, default_value = "reports/theory")]
    out: PathBuf,
    /// Folder with MNIST's IDX files: `t10k-...`, `train-...` or both, compressed or not.
    #[arg(long, value_name = "DIR")]
    mnist: Option<PathBuf>,
    /// Which experiments.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "all")]
    experiments: Vec<Experiment>,
    /// Seed of everything random.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Single-threaded workers [default: one per core].
    #[arg(long)]
    workers: Option<usize>,
    #[command(flatten)]
    linear: LinearArgs,
    #[command(flatten)]
    mlp: MlpArgs,
    #[command(flatten)]
    gram: GramArgs,
    #[command(flatten)]
    sources: SourceArgs,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to print the summary.
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Linear model (fig1, theorem31)")]
struct LinearArgs {
    /// Initial weight vectors.
    #[arg(long, default_value_t = 1000)]
    repetitions: usize,
    /// Images, the paper's M.
    #[arg(long, default_value_t = 1000)]
    images: usize,
    /// Standard deviation of an initial weight.
    #[arg(long, default_value_t = 1.0, allow_negative_numbers = true)]
    initial_std: f64,
    /// Further step sizes, on the sum of the gradients [always: 1/(2M), 1/M, 3/(2M), 1/2, 1, 3/2].
    #[arg(long, value_name = "SIZE,...", value_delimiter = ',', allow_negative_numbers = true)]
    eta: Vec<f64>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Two-layer networks (fig2, fig5)")]
struct MlpArgs {
    /// Random networks.
    #[arg(long, default_value_t = 500)]
    networks: usize,
    /// Learning rate of the one epoch.
    #[arg(long, default_value_t = 1e-8, allow_negative_numbers = true)]
    learning_rate: f64,
    /// Most images to learn from [default: all].
    #[arg(long)]
    train_images: Option<usize>,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_field_names, reason = "the names are flags, which other experiments have too")]
#[command(next_help_heading = "Gram matrices (gram)")]
struct GramArgs {
    /// Hidden units.
    #[arg(long, value_name = "WIDTH,...", value_delimiter = ',', default_value = "64,256,1024,4096,16384")]
    gram_widths: Vec<usize>,
    /// Networks of each width.
    #[arg(long, default_value_t = 5)]
    gram_runs: usize,
    /// Images in the matrix.
    #[arg(long, default_value_t = 64)]
    gram_images: usize,
    /// Steps of training.
    #[arg(long, default_value_t = 100)]
    gram_steps: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Experiment {
    /// All of them.
    All,
    /// Figure 1: one step on a linear model. Theorem 3.1 comes with it.
    Fig1,
    /// Figure 2: two-layer networks, batches of 256.
    Fig2,
    /// Figure 5: two-layer networks, batches of 64 and 128.
    Fig5,
    /// Theorem 3.1: the bounds of the loss after a step. Figure 1 comes with it.
    Theorem31,
    /// Theorems 3.2, 3.3 and 3.5: the Gram matrix along training.
    Gram,
}

/// What will be run.
struct Plan {
    linear: bool,
    settings: Vec<mlp::Setting>,
    gram: bool,
}

impl Plan {
    fn new(args: &Args) -> anyhow::Result<Self> {
        let asked = |experiment| args.experiments.contains(&Experiment::All) || args.experiments.contains(&experiment);
        let mut settings = Vec::new();
        let learning_rate = args.mlp.learning_rate;
        if !(learning_rate.is_finite() && learning_rate > 0.0) {
            return Err(usage(format!("--learning-rate {learning_rate}: expected a number above 0")));
        }
        if asked(Experiment::Fig2) {
            settings.extend(mlp::figure_2(learning_rate));
        }
        if asked(Experiment::Fig5) {
            settings.extend(mlp::figure_5(learning_rate));
        }
        Ok(Self { linear: asked(Experiment::Fig1) || asked(Experiment::Theorem31), settings, gram: asked(Experiment::Gram) })
    }

    /// Items of the progress bar, by kind.
    fn items(&self, args: &Args) -> [(&'static str, usize); 3] {
        let networks = if self.settings.is_empty() { 0 } else { args.mlp.networks };
        let trainings = if self.gram { args.gram.gram_widths.len() * args.gram.gram_runs } else { 0 };
        [("repetitions", if self.linear { args.linear.repetitions } else { 0 }), ("networks", networks), ("trainings", trainings)]
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let workers = jobs::workers(args.workers)?;
    let plan = Plan::new(args)?;
    if args.dry_run {
        let items: serde_json::Map<String, Value> = plan.items(args).into_iter().map(|(unit, n)| (unit.into(), n.into())).collect();
        let configuration = [linear_config(args), mlp_config(args, &plan), gram_config(args)];
        output::print_json(&json!({ "configuration": configuration, "items": items, "workers": workers, "out": args.out }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mnist = match &args.mnist {
        Some(folder) => Mnist::open(folder),
        None => Mnist::fetch(&args.sources.fetcher(), &observer()),
    };
    let data = Data::new(&mnist.context("failed to load the images")?)?;
    let folder = args.out.join("data");
    let start = Instant::now();
    if plan.linear {
        linear_model(args, &data, workers, &folder)?;
    }
    if !plan.settings.is_empty() {
        networks(args, &plan, &data, workers, &folder)?;
    }
    if plan.gram {
        gram_matrices(args, &data, workers, &folder)?;
    }
    let wall_s = start.elapsed().as_secs_f64();
    let built = report::theory::build(&args.out)?;
    match args.format {
        Format::Json => {
            let findings: serde_json::Map<String, Value> =
                built.findings.iter().map(|(title, text)| (title.clone(), text.as_str().into())).collect();
            output::print_json(&json!({ "findings": findings, "wall_s": wall_s, "page": built.index }))?;
        }
        Format::Table | Format::Csv => output::say(&format!("{wall_s:.1} s\n{}", built.in_words())),
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows the progress of `items` while `work` runs.
fn shown<T>(unit: &'static str, items: usize, work: impl FnOnce(&Done<'_>) -> theory::Result<T>) -> theory::Result<T> {
    let progress = Progress::new(unit);
    progress.event(Event::Planned { items, done: 0 });
    let result = work(&|| progress.event(Event::Item));
    progress.finish();
    result
}

fn provenance(config: Value, data: &Data, torch: bool) -> Provenance {
    let mut config = config;
    config["images"] = data.protocol.as_str().into();
    let made = Provenance {
        libtorch: torch.then(|| engine::libtorch_version().into()),
        device: Some("cpu".into()),
        dtype: Some("f64".into()),
        ..Provenance::new(config)
    };
    data.inputs.iter().fold(made, |made, (name, sha256)| made.with_input(name, sha256))
}

fn linear_config(args: &Args) -> Value {
    let LinearArgs { repetitions, images, initial_std, eta } = &args.linear;
    json!({ "experiment": "linear", "seed": args.seed, "repetitions": repetitions, "samples": images, "initial_std": initial_std, "further_eta": eta })
}

fn linear_model(args: &Args, data: &Data, workers: usize, folder: &Path) -> anyhow::Result<()> {
    let LinearArgs { repetitions, images, initial_std, eta } = &args.linear;
    let further: Vec<(String, f64)> = eta.iter().map(|&eta| (eta.to_string(), eta)).collect();
    let mut steps: Vec<Step<'_>> = theorem31::steps(*images)?;
    steps.extend(further.iter().map(|(name, eta)| Step { name, eta: *eta }));
    let options = linear::Options { repetitions: *repetitions, images: *images, initial_std: *initial_std, steps: &steps, seed: args.seed };
    let rows = shown("repetitions", *repetitions, |done| linear::run(&data.train, &options, workers, done))?;
    let mut builder = StepTable::builder();
    for row in rows.into_iter().chain([theorem31::counter_example()]) {
        builder.push(row)?;
    }
    let table = builder.finish(provenance(linear_config(args), data, false))?;
    Ok(table.write(&folder.join(report::theory::STEPS))?)
}

fn mlp_config(args: &Args, plan: &Plan) -> Value {
    let settings: Vec<Value> =
        plan.settings.iter().map(|s| json!({ "figure": s.figure, "batch_size": s.batch_size, "learning_rate": s.learning_rate })).collect();
    json!({
        "experiment": "networks", "seed": args.seed, "networks": args.mlp.networks, "widths": mlp::WIDTHS,
        "most_train_images": args.mlp.train_images, "settings": settings,
    })
}

fn networks(args: &Args, plan: &Plan, data: &Data, workers: usize, folder: &Path) -> anyhow::Result<()> {
    let images = args.mlp.train_images.unwrap_or(usize::MAX);
    let options = mlp::Options { networks: args.mlp.networks, images, settings: &plan.settings, seed: args.seed };
    let rows = shown("networks", args.mlp.networks, |done| mlp::run(data, &options, workers, done))?;
    let mut builder = MlpTable::builder();
    for row in rows {
        builder.push(row)?;
    }
    let table = builder.finish(provenance(mlp_config(args, plan), data, true))?;
    Ok(table.write(&folder.join(report::theory::MLP))?)
}

fn gram_config(args: &Args) -> Value {
    let GramArgs { gram_widths, gram_runs, gram_images, gram_steps } = &args.gram;
    json!({
        "experiment": "gram", "seed": args.seed, "gram_widths": gram_widths, "gram_runs": gram_runs, "gram_images": gram_images,
        "gram_steps": gram_steps,
    })
}

fn gram_matrices(args: &Args, data: &Data, workers: usize, folder: &Path) -> anyhow::Result<()> {
    let GramArgs { gram_widths, gram_runs, gram_images, gram_steps } = &args.gram;
    let options = gram::Options { widths: gram_widths, runs: *gram_runs, images: *gram_images, steps: *gram_steps, seed: args.seed };
    let items = gram_widths.len() * gram_runs;
    let rows = shown("trainings", items, |done| gram::run(data, &options, workers, done))?;
    let mut builder = GramTable::builder();
    for row in rows {
        builder.push(row)?;
    }
    let table = builder.finish(provenance(gram_config(args), data, true))?;
    Ok(table.write(&folder.join(report::theory::GRAM))?)
}
