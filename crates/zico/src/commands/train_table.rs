use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use bench_loaders::Splits;
use engine::{DType, Placement};
use serde_json::json;
use shards::{Config as _, Job as _, Part, Selection, execute};
use spaces::Architecture;
use train::table::{ImagesConfig, TableConfig, TableJob, write_tables};
use train::{Distillation, Recipe, TeacherConfig};

use crate::exit::{self, usage};
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::scoring::{NetworkArgs, OwnImages, ResolvedNetwork, check_size};
use crate::{jobs, selection};

/// Train architectures and write a table of their accuracies. Can be interrupted, resumed and shared among processes.
///
/// `--dataset` names the images: `digits` (built in), `cifar10:PATH`, `cifar100:PATH`, `imagenet16-120:PATH`, `[NAME=]idx:DIR`,
/// `[NAME=]npz:FILE`, `[NAME=]folder:DIR[@SIDE]`. See docs/own-data.md.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    /// Architectures: `all`; `sample:N` (drawn with seed 0) or `sample:N@SEED`; `range:A..B` (indices, B left out); `file:PATH`
    /// (one string or index a line); `table:PATH` (those of a table of measured values).
    #[arg(long, default_value = "sample:512")]
    archs: String,
    #[command(flatten)]
    recipe: RecipeArgs,
    /// Seeds of the trainings of each architecture: `A..B` (B left out) or a list.
    #[arg(long, default_value = "0..3")]
    seeds: String,
    /// Epochs after which validation and test images are looked at [default: every quarter of the training].
    #[arg(long, value_name = "EPOCH,...", value_delimiter = ',')]
    milestones: Vec<u32>,
    /// f32 or f64.
    #[arg(long, default_value = "f32")]
    dtype: String,
    /// cpu, or cuda:N with a CUDA build of libtorch.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Single-threaded workers [default: one per core].
    #[arg(long)]
    workers: Option<usize>,
    /// Do part I of N (0-based) of the trainings, which several processes share; the table is written by a run without it.
    #[arg(long, value_name = "I/N")]
    shard: Option<String>,
    /// The table; parameters and FLOPs go to one beside it, `NAME-cost.parquet`.
    #[arg(long)]
    out: PathBuf,
    /// Folder of the single trainings, from which an interrupted run goes on [default: `NAME.trainings` beside the table].
    #[arg(long)]
    work: Option<PathBuf>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to print the summary.
    #[arg(long, default_value = "table")]
    format: Format,
}

/// A named recipe and what is changed of it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Recipe")]
struct RecipeArgs {
    /// How networks are trained: `nb201` (200 epochs), `zico` (480) or `short` (12).
    #[arg(long, default_value = "short")]
    recipe: String,
    /// Epochs in the recipe's place.
    #[arg(long)]
    epochs: Option<u32>,
    /// Images per step in the recipe's place.
    #[arg(long)]
    batch_size: Option<usize>,
    /// Learning rate after the warm-up in the recipe's place.
    #[arg(long)]
    learning_rate: Option<f64>,
    /// A trained network that the others imitate, as a `TorchScript` module: it gives logits, or a tuple of logits and maps of its stages. Without
    /// one nothing is distilled, whatever the recipe.
    #[arg(long, value_name = "FILE.pt")]
    teacher: Option<PathBuf>,
    /// Side of the images that the teacher sees, in pixels [default: the recipe's, 320 for `zico`; else that of the images].
    #[arg(long, value_name = "PIXELS", requires = "teacher")]
    teacher_side: Option<usize>,
}

/// Largest side of images for a teacher.
const MOST_PIXELS: usize = 1024;

impl RecipeArgs {
    /// The recipe for images of this side, in pixels.
    fn resolve(&self, side: usize) -> anyhow::Result<Recipe> {
        let mut recipe = Recipe::find(&self.recipe)?;
        let how = recipe.distillation.unwrap_or(Distillation { side, logits: 1.0, features: 1.0 });
        recipe.distillation = self.teacher.as_ref().map(|_| Distillation { side: self.teacher_side.unwrap_or(how.side), ..how });
        recipe.epochs = self.epochs.unwrap_or(recipe.epochs);
        recipe.warmup_epochs = recipe.warmup_epochs.min(recipe.epochs.saturating_sub(1));
        recipe.batch_size = self.batch_size.unwrap_or(recipe.batch_size);
        recipe.learning_rate = self.learning_rate.unwrap_or(recipe.learning_rate);
        if recipe.epochs == 0 || recipe.batch_size == 0 {
            return Err(usage("--epochs and --batch-size must be at least 1"));
        }
        if recipe.distillation.is_some_and(|how| !(1..=MOST_PIXELS).contains(&how.side)) {
            return Err(usage(format!("--teacher-side must be from 1 to {MOST_PIXELS} pixels")));
        }
        if !(recipe.learning_rate.is_finite() && recipe.learning_rate > 0.0) {
            return Err(usage("--learning-rate must be a number above 0"));
        }
        Ok(recipe)
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let part = jobs::part(args.shard.as_deref())?;
    let workers = jobs::workers(args.workers)?;
    let network = args.network.resolve()?;
    let Some(OwnImages::Splits(splits)) = &network.data.images else {
        return Err(usage(format!(
            "--dataset {}: name the images too, as in `digits`, `cifar10:PATH`, `idx:DIR`, `npz:FILE` or `folder:DIR@32`",
            args.network.dataset()
        )));
    };
    check_size(&splits.train, &network.data)?;
    let recipe = args.recipe.resolve(splits.train.resolution())?;
    let placement = placement(args)?;
    let architectures = selection::select(network.space, &args.archs)?;
    let config = configuration(args, recipe, &network, splits, &architectures, placement)?;
    let work = args.work.clone().unwrap_or_else(|| args.out.with_extension("trainings"));
    let job = TableJob::new(&config, network.space, network.setting, &architectures, splits, placement, &work)?;
    if args.dry_run {
        output::print_json(
            &json!({ "configuration": config.to_json(), "trainings": job.items().len(), "workers": workers, "work": work }),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let stop = jobs::stop_on_interrupt()?;
    let progress = Progress::of_steps("trainings", config.recipe.epochs as usize, "epochs");
    let watch = |epochs: u32, found: bool| progress.steps(epochs as usize, found);
    let job = job.watched(&watch);
    let summary = execute(&job, &work, workers, part, &stop, &|event| progress.event(event));
    progress.finish();
    let summary = summary.with_context(|| format!("failed to train into {}", work.display()))?;
    if summary.left > 0 {
        output::say(&format!("interrupted with {} trainings left: the same command goes on with them", summary.left));
        return Ok(ExitCode::from(if stop.load(Ordering::Relaxed) { exit::INTERRUPTED } else { exit::FAILURE }));
    }
    if part != Part::ALL {
        output::say("this part is done; the command without --shard writes the table once all parts are");
        return Ok(ExitCode::SUCCESS);
    }
    let written = write_tables(&work, &config, network.space, &network.setting, &architectures, &args.out)?;
    finish(args, &work, written, &summary)
}

fn placement(args: &Args) -> anyhow::Result<Placement> {
    let dtype = DType::parse(&args.dtype)?;
    if dtype == DType::Bf16Mixed {
        return Err(usage("--dtype bf16-mixed: networks are trained in f32 or f64"));
    }
    Ok(Placement::new(engine::parse_device(&args.device)?, dtype))
}

fn configuration(
    args: &Args,
    recipe: Recipe,
    network: &ResolvedNetwork,
    splits: &Splits,
    architectures: &[Architecture],
    placement: Placement,
) -> anyhow::Result<TableConfig> {
    let milestones = milestones(&args.milestones, recipe.epochs)?;
    Ok(TableConfig {
        space: network.space.meta().name.into(),
        dataset: network.data.dataset.name.into(),
        images: ImagesConfig {
            source: splits.train.name().into(),
            protocol: splits.protocol.clone(),
            sha256: [&splits.train, &splits.valid, &splits.test].map(|set| set.sha256().to_owned()),
        },
        network: network.config(),
        recipe,
        teacher: args.recipe.teacher.as_deref().map(TeacherConfig::of).transpose()?,
        architectures: Selection::new(&args.archs, architectures.iter().map(|a| a.text.as_str())),
        seeds: seeds(&args.seeds)?,
        milestones,
        dtype: placement.dtype.name().into(),
        device: if placement.device == tch::Device::Cpu { "cpu" } else { "cuda" }.into(),
    })
}

/// `A..B` or a list of different numbers.
fn seeds(text: &str) -> anyhow::Result<Vec<u32>> {
    let wrong = || usage(format!("--seeds {text}: expected A..B with A below B, or different numbers separated by commas"));
    let number = |text: &str| text.trim().parse::<u32>().map_err(|_| wrong());
    let seeds: Vec<u32> = match text.split_once("..") {
        Some((from, to)) => (number(from)?..number(to)?).collect(),
        None => text.split(',').map(number).collect::<Result<_, _>>()?,
    };
    let mut distinct = seeds.clone();
    distinct.sort_unstable();
    distinct.dedup();
    if seeds.is_empty() || distinct.len() != seeds.len() {
        return Err(wrong());
    }
    Ok(distinct)
}

/// The epochs that were asked for and the last one; every quarter if none was.
fn milestones(asked: &[u32], epochs: u32) -> anyhow::Result<Vec<u32>> {
    if let Some(wrong) = asked.iter().find(|epoch| !(1..=epochs).contains(epoch)) {
        return Err(usage(format!("--milestones {wrong}: the training has epochs 1 to {epochs}")));
    }
    let mut all =
        if asked.is_empty() { (1..=4).map(|quarter| (u64::from(epochs) * quarter).div_ceil(4) as u32).collect() } else { asked.to_vec() };
    all.push(epochs);
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn finish(args: &Args, work: &Path, written: train::table::Written, summary: &shards::Summary) -> anyhow::Result<ExitCode> {
    let per_minute = summary.evaluated as f64 / summary.wall_s.max(1e-9) * 60.0;
    match args.format {
        Format::Json => output::print_json(&json!({
            "architectures": written.architectures, "trainings": summary.evaluated, "found": summary.found, "diverged": written.diverged,
            "rows": written.rows, "wall_s": summary.wall_s, "trainings_per_minute": per_minute, "out": args.out, "work": work,
        }))?,
        Format::Table | Format::Csv => output::say(&format!(
            "{} architectures, {} trainings in {:.1} s ({per_minute:.1} per minute), {} found done: {} rows in {}",
            written.architectures,
            summary.evaluated,
            summary.wall_s,
            summary.found,
            written.rows,
            args.out.display()
        )),
    }
    if written.diverged > 0 {
        output::say(&format!("{} trainings diverged: what they were worth is kept, with the epoch (metric `diverged`)", written.diverged));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_a_range_or_a_list() {
        assert_eq!(seeds("0..3").unwrap(), [0, 1, 2]);
        assert_eq!(seeds("7, 3").unwrap(), [3, 7]);
        for wrong in ["3..3", "", "1,1", "a", "-1"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn milestones_end_with_the_training() {
        assert_eq!(milestones(&[], 12).unwrap(), [3, 6, 9, 12]);
        assert_eq!(milestones(&[], 2).unwrap(), [1, 2]);
        assert_eq!(milestones(&[5, 1], 12).unwrap(), [1, 5, 12]);
        assert!(milestones(&[13], 12).is_err() && milestones(&[0], 12).is_err());
    }
}
