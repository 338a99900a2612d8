use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use proxies::Workload;
use proxies::runner::{Reused, Run, RunConfig, deduplicated, sample_order};
use serde_json::json;
use shards::{Config as _, Part, Selection, Summary};
use spaces::Architecture;
use tables::{Provenance, ScoreTable};

use crate::exit;
use crate::output::{self, Format};
use crate::progress::Progress;
use crate::scoring::{BatchArgs, EngineArgs, NetworkArgs, ResolvedBatches, ResolvedEngine, ResolvedNetwork};
use crate::{jobs, selection};

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
    /// (indices, B left out); `file:PATH` (one string or index a line); `table:PATH` (those of a table of measured values).
    #[arg(long, default_value = "all")]
    archs: String,
    /// Evaluate every architecture by itself. Otherwise isomorphic networks share the evaluation of the first of them in the space
    /// (separately for proxies that read dead operations), which stands beside each score as its representative.
    #[arg(long)]
    no_dedupe: bool,
    /// Take over from RUN (may be given several times) the scores that come out the same: on the same images all of them, on another
    /// dataset of this resolution those of proxies that neither images nor classes concern (`zen` and the three of AZ-NAS).
    #[arg(long, value_name = "RUN")]
    reuse: Vec<PathBuf>,
    /// Single-threaded workers [default: one per core].
    #[arg(long)]
    workers: Option<usize>,
    /// Do part I of N (0-based) of a run that several processes share.
    #[arg(long, value_name = "I/N")]
    shard: Option<String>,
    /// Output folder.
    #[arg(long, required_unless_present = "explain")]
    out: Option<PathBuf>,
    /// Print the passes over each network, what every proxy reads of them, and their expected cost (as if nothing were reused); do
    /// nothing else.
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
    let part = jobs::part(args.shard.as_deref())?;
    let workers = jobs::workers(args.workers)?;
    let engine = args.engine.resolve(args.batches.seed(args.engine.seed()))?;
    let network = args.network.resolve()?;
    let out = match &args.out {
        Some(out) if !args.explain => out,
        _ => return explain(args, &engine, &network),
    };
    let architectures = selection::select(network.space, &args.archs)?;
    let batches = args.batches.resolve(&network.data, args.engine.seed())?;
    let config = configuration(args, &engine, &network, &batches, &architectures);
    let items = sample_order(deduplicated(network.space, &architectures, &engine.proxies, !args.no_dedupe)?);
    let reused = Reused::read(&args.reuse, &config, &engine.proxies)?;
    if !reused.sources.is_empty() {
        let sources: Vec<&str> = reused.sources.iter().map(|(words, _)| words.as_str()).collect();
        let (proxies, sources) = (reused.proxies.join(", "), sources.join(" and "));
        output::say(&format!("{} scores are taken over, of {proxies} (from {sources}); what they lack is evaluated", reused.count()));
    }
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
    let provenance = reused.sources.iter().fold(provenance, |provenance, (source, sha256)| provenance.with_input(source, sha256));
    let run = Run {
        config: &config,
        space: network.space,
        setting: network.setting,
        proxies: &engine.proxies,
        batches: &batches.batches,
        options: engine.options.clone(),
        items: &items,
        reused: &reused,
        provenance,
    };
    let stop = jobs::stop_on_interrupt()?;
    let progress = Progress::new("networks");
    let summary = run.execute(out, workers, part, &stop, &|event| progress.event(event));
    progress.finish();
    let summary = summary.with_context(|| format!("failed to score into {}", out.display()))?;
    if !engine.aggregates.is_empty() && (summary.left > 0 || part != Part::ALL) {
        let names: Vec<&str> = engine.aggregates.iter().map(|aggregate| aggregate.name.as_str()).collect();
        output::say(&format!(
            "no {} yet: it is ranked over all architectures, so the same command without --shard makes it when every shard is done",
            names.join(", ")
        ));
    } else if !engine.aggregates.is_empty() {
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
        dataset: network.data.dataset.name.into(),
        network: network.config(),
        proxies: engine.versions(),
        architectures: Selection::new(&args.archs, architectures.iter().map(|a| a.text.as_str())),
        batches: batches.config.clone(),
        init: engine.init.clone(),
        seed: args.engine.seed(),
        dtype: engine.dtype().into(),
        device: engine.device().into(),
        reduced_precision: false,
        deduplicate: !args.no_dedupe,
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
            "{} architectures, {evaluated} networks {} in {wall_s:.1} s ({:.2} per second), {found} found done: {}",
            config.architectures.count,
            // Reused scores were not evaluated.
            if args.reuse.is_empty() { "evaluated" } else { "done" },
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
