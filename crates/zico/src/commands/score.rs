use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use proxies::Workload;
use proxies::runner::{Part, Run, RunConfig, Selection, Summary, deduplicated, sample_order};
use serde_json::json;
use spaces::{Architecture, Space};
use tables::{Provenance, ScoreTable};

use crate::exit::{self, bad_input, usage};
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::scoring::{BatchArgs, EngineArgs, NetworkArgs, ResolvedBatches, ResolvedEngine, ResolvedNetwork};

mod explain;

/// Networks per shard: what a killed worker loses at most.
const SHARD_SIZE: usize = 16;

/// File of the output folder that holds the scores of the set as a whole.
const AGGREGATES: &str = "aggregates.parquet";

/// Score architectures into a folder of Parquet files. Can be interrupted, resumed and shared among processes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    #[command(flatten)]
    batches: BatchArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// Architectures: `all`; `sample:N` (drawn with seed 0, whatever the seed of the weights) or `sample:N@SEED`; `range:A..B`
    /// (indices, B left out); `file:PATH` (one string or index a line).
    #[arg(long, default_value = "all")]
    archs: String,
    /// Evaluate one architecture of each class of isomorphic networks (separately for proxies that read dead operations).
    #[arg(long)]
    dedupe: bool,
    /// Single-threaded workers [default: one per core].
    #[arg(long)]
    workers: Option<usize>,
    /// Do part I of N (0-based) of a run that several processes share.
    #[arg(long, value_name = "I/N")]
    shard: Option<String>,
    /// Output folder.
    #[arg(long, required_unless_present = "explain")]
    out: Option<PathBuf>,
    /// Print the passes over each network, what every proxy reads of them, and their expected cost; do nothing else.
    #[arg(long)]
    explain: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to print the summary.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let part = args.shard.as_deref().map_or(Ok(Part::ALL), parse_part)?;
    let workers = args.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    if workers == 0 {
        return Err(usage("--workers must be at least 1"));
    }
    let engine = args.engine.resolve(args.batches.seed(args.engine.seed()))?;
    let network = args.network.resolve()?;
    let out = match &args.out {
        Some(out) if !args.explain => out,
        _ => return explain(args, &engine, &network),
    };
    let architectures = select(network.space, &args.archs)?;
    let batches = args.batches.resolve(&network, args.engine.seed())?;
    let config = configuration(args, &engine, &network, &batches, &architectures);
    let items = sample_order(deduplicated(network.space, &architectures, &engine.proxies, args.dedupe)?);
    if args.dry_run {
        describe(&config, items.len(), workers)?;
        return Ok(ExitCode::SUCCESS);
    }
    let provenance = Provenance {
        libtorch: Some(engine::libtorch_version().into()),
        device: Some(config.device.clone()),
        dtype: Some(config.dtype.clone()),
        ..Provenance::new(config.to_json()).with_input("batches", &config.batches.sha256)
    };
    let run = Run {
        config: &config,
        space: network.space,
        setting: network.setting,
        proxies: &engine.proxies,
        batches: &batches.batches,
        options: engine.options.clone(),
        items: &items,
        provenance,
    };
    let stop = stop_on_interrupt()?;
    let progress = Progress::new();
    let summary = run.execute(out, workers, part, &stop, &|event| progress.event(event));
    progress.finish();
    let summary = summary.with_context(|| format!("failed to score into {}", out.display()))?;
    if summary.left == 0 && part == Part::ALL && !engine.aggregates.is_empty() {
        let scores = ScoreTable::read_dir(out)?;
        let aggregated = report::aggregate::only_aggregates(&scores, &engine.aggregates)?;
        aggregated.write(&out.join(AGGREGATES))?;
    }
    finish(args, out, &config, &summary, stop.load(Ordering::Relaxed))
}

fn explain(args: &Args, engine: &ResolvedEngine, network: &ResolvedNetwork) -> anyhow::Result<ExitCode> {
    let (batches, batch_size) = args.batches.size();
    let work = Workload { batches, batch_size, classes: network.setting.classes };
    explain::print(&engine.proxies, &engine.options, work, args.format)?;
    Ok(ExitCode::SUCCESS)
}

fn configuration(
    args: &Args,
    engine: &ResolvedEngine,
    network: &ResolvedNetwork,
    batches: &ResolvedBatches,
    architectures: &[Architecture],
) -> RunConfig {
    RunConfig {
        space: network.space.meta().name.into(),
        dataset: network.dataset.name.into(),
        network: network.config(),
        proxies: engine.versions(),
        architectures: Selection::new(&args.archs, architectures.iter().map(|a| a.text.as_str())),
        batches: batches.config.clone(),
        init: engine.init.clone(),
        seed: args.engine.seed(),
        dtype: engine.dtype().into(),
        device: engine.device().into(),
        reduced_precision: false,
        deduplicate: args.dedupe,
        optimise: engine.options.passes != netgraph::passes::Passes::NONE,
        shard_size: SHARD_SIZE,
    }
}

fn describe(config: &RunConfig, networks: usize, workers: usize) -> anyhow::Result<()> {
    let plan = json!({ "configuration": config.to_json(), "networks_to_evaluate": networks, "shards": networks.div_ceil(SHARD_SIZE), "workers": workers });
    output::print_json(&plan)?;
    Ok(())
}

fn finish(args: &Args, out: &Path, config: &RunConfig, summary: &Summary, interrupted: bool) -> anyhow::Result<ExitCode> {
    let Summary { evaluated, failed, found, left, wall_s } = *summary;
    match args.format {
        Format::Json => output::print_json(&json!({
            "architectures": config.architectures.count, "evaluated": evaluated, "failed": failed, "found": found, "left": left, "wall_s": wall_s,
            "networks_per_second": if wall_s > 0.0 { evaluated as f64 / wall_s } else { 0.0 }, "out": out,
        }))?,
        Format::Table | Format::Csv => output::say(&format!(
            "{} architectures, {evaluated} networks evaluated in {wall_s:.1} s ({:.2} per second), {found} found done: {}",
            config.architectures.count,
            evaluated as f64 / wall_s.max(1e-9),
            out.display()
        )),
    }
    if failed > 0 {
        output::say(&format!("{failed} networks could not be evaluated: their rows have the status `error` and the reason"));
    }
    if interrupted && left > 0 {
        output::say(&format!("interrupted with {left} networks left: the same command resumes"));
        return Ok(ExitCode::from(exit::INTERRUPTED));
    }
    Ok(if failed > 0 { ExitCode::from(exit::FAILURE) } else { ExitCode::SUCCESS })
}

/// The first Ctrl-C lets the running networks finish; a second one ends the process.
fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(exit::INTERRUPTED.into());
        }
        output::say("finishing the running networks; once more to stop at once");
    })
    .context("failed to listen for Ctrl-C")?;
    Ok(stop)
}

fn parse_part(text: &str) -> anyhow::Result<Part> {
    let wrong = || usage(format!("--shard {text}: expected I/N with I from 0 to N - 1, such as 0/4"));
    let (index, count) = text.split_once('/').ok_or_else(wrong)?;
    Part::new(index.parse().map_err(|_| wrong())?, count.parse().map_err(|_| wrong())?).map_err(|_| wrong())
}

/// The architectures that a selection names.
fn select(space: &dyn Space, selection: &str) -> anyhow::Result<Vec<Architecture>> {
    let wrong =
        |reason: &str| usage(format!("--archs {selection}: {reason}; expected all, sample:N, sample:N@SEED, range:A..B or file:PATH"));
    let size = space.meta().size;
    let chosen = match selection.split_once(':') {
        None if selection == "all" => space.enumerate().collect(),
        Some(("sample", sample)) => {
            let (count, seed) = sample.split_once('@').unwrap_or((sample, "0"));
            let count: usize = count.parse().map_err(|_| wrong("N is not a number"))?;
            let seed: u64 = seed.parse().map_err(|_| wrong("SEED is not a number"))?;
            if count > size as usize {
                return Err(wrong(&format!("the space has {size} architectures")));
            }
            space.sample(seed, count)
        }
        Some(("range", range)) => {
            let (from, to) = range.split_once("..").ok_or_else(|| wrong("a range is written A..B"))?;
            let bound = |text: &str| text.parse::<u32>().map_err(|_| wrong("A and B must be numbers"));
            let (from, to) = (bound(from)?, bound(to)?);
            if to > size {
                return Err(wrong(&format!("the space has {size} architectures")));
            }
            (from..to).map(|index| space.at(index)).collect::<Result<_, _>>()?
        }
        Some(("file", path)) => read_list(space, Path::new(path))?,
        _ => return Err(wrong("no such selection")),
    };
    if chosen.is_empty() {
        return Err(wrong("selects nothing"));
    }
    Ok(chosen)
}

/// One architecture a line; empty lines and lines that begin with `#` are left out.
fn read_list(space: &dyn Space, path: &Path) -> anyhow::Result<Vec<Architecture>> {
    let text = fs::read_to_string(path).with_context(|| format!("failed to read the list of architectures {}", path.display()))?;
    let mut chosen: Vec<Architecture> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
        let at = || format!("{}, line {}", path.display(), number + 1);
        let architecture = space.parse(line.trim()).with_context(at)?;
        if !seen.insert(architecture.text.clone()) {
            return Err(bad_input(format!("{}: {} stands there twice", at(), architecture.text)));
        }
        chosen.push(architecture);
    }
    Ok(chosen)
}
