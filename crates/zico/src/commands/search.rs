use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use proxies::runner::BatchConfig;
use report::paper::SEARCHED;
use report::{SearchSettings, build_search};
use search::{Benchmark, Budget, Domain, Limit, Lookup, Method, Objective, Outcome, Plainnet, Search, Settings, Store};
use serde_json::json;
use shards::{Config as _, NetworkConfig};
use spaces::plainnet::{INITIAL, Rule, Structure, Variant};
use spaces::{Architecture, Space};
use tables::Provenance;

use crate::exit::{self, usage};
use crate::jobs;
use crate::output::{self, Format};
use crate::scoring::{BatchArgs, DataArgs, ResolvedBatches, ResolvedData, ResolvedEngine, RunArgs, SizeArgs};

mod config;
mod objective;
mod progress;
mod scored;

use config::SearchConfig;
use objective::{Kind, ObjectiveArgs, Resolved};
use progress::Progress;
use scored::Scored;

/// The space that has no table.
const PLAINNET: &str = "plainnet";
/// Evaluations between two checkpoints, where they are computed and where they are only looked up.
const CHECKPOINT_EVERY: usize = 50;
const CHECKPOINT_EVERY_KNOWN: usize = 100_000;
/// What came of a search, in its folder.
const SUMMARY: &str = "summary.json";
/// How long its sessions took.
const SECONDS: &str = "seconds.json";

/// Search for the architecture with the best objective under a budget (Algorithm 1). Can be interrupted and resumed.
///
/// Writes `history.parquet`, `summary.json` and a page, `index.html`, into the output folder.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Search space: `plainnet` (the paper's space of networks like `MobileNetV2`), or that of a benchmark.
    #[arg(long, default_value = PLAINNET)]
    space: String,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    size: SizeArgs,
    #[command(flatten)]
    objective: ObjectiveArgs,
    #[command(flatten)]
    way: WayArgs,
    #[command(flatten)]
    budget: BudgetArgs,
    #[command(flatten)]
    batches: BatchArgs,
    #[command(flatten)]
    run: RunArgs,
    /// Worker threads, each with one candidate [default: one per core]; no more than --in-flight, and one with --faithful.
    #[arg(long)]
    workers: Option<usize>,
    /// Output folder.
    #[arg(long)]
    out: PathBuf,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// How to print what was found.
    #[arg(long, default_value = "table")]
    format: Format,
}

/// How the search goes on.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
struct WayArgs {
    /// `evolution` (Algorithm 1 without wasted steps), `regularised` (evolution of the youngest), or `random`.
    #[arg(long, default_value = "evolution", conflicts_with = "faithful")]
    method: String,
    /// Algorithm 1 as the paper's code runs it: a candidate over the budget uses up a step, one step after the other.
    #[arg(long)]
    faithful: bool,
    /// Steps [default: 1000; 100000 with --faithful]. Each evaluates a candidate, but with --faithful one over the budget uses up a step.
    #[arg(long, visible_alias = "evaluations")]
    steps: Option<u64>,
    /// Most members of the pool [default: a sixteenth of the steps, 16 to 512; 512 with --faithful].
    #[arg(long)]
    population: Option<usize>,
    /// Members drawn for a parent (regularised).
    #[arg(long)]
    tournament: Option<usize>,
    /// Candidates under way at once, whatever the number of workers [default: 16].
    #[arg(long)]
    in_flight: Option<u64>,
    /// Seed of the search, of the weights and of the images.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Architecture to begin with [default: the paper's; in a benchmark's space a random one].
    #[arg(long)]
    initial: Option<String>,
    /// Evaluations between two checkpoints.
    #[arg(long)]
    checkpoint_every: Option<usize>,
}

/// What an architecture may cost.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Budget")]
struct BudgetArgs {
    /// Most FLOPs for an image (multiply-adds; in the space plainnet as the paper's code counts them), such as 450e6.
    #[arg(long, allow_negative_numbers = true)]
    budget_flops: Option<f64>,
    /// Most parameters (likewise).
    #[arg(long, allow_negative_numbers = true)]
    budget_params: Option<f64>,
    /// Most layers: sub-layers in the space plainnet, else convolutions and linear layers.
    #[arg(long)]
    max_layers: Option<u32>,
    /// Count parameters and FLOPs, and measure latency, with squeeze-and-excitation, as the networks are trained in the end (space plainnet);
    /// the paper's code counts without. The scored network has none either way.
    #[arg(long)]
    squeeze: bool,
    /// Most milliseconds of a forward pass of one image on this device (median of five). The search is then no longer reproducible.
    #[arg(long, allow_negative_numbers = true)]
    budget_latency: Option<f64>,
}

impl WayArgs {
    fn method(&self) -> anyhow::Result<Method> {
        if self.faithful {
            return Ok(Method::Released);
        }
        let named = || Method::ALL.into_iter().filter(|method| *method != Method::Released);
        named().find(|method| method.name() == self.method).ok_or_else(|| {
            let known: Vec<&str> = named().map(Method::name).collect();
            let hint =
                spaces::suggest(&self.method, known.iter().copied()).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            usage(format!("--method {}: expected one of {}{hint}", self.method, known.join(", ")))
        })
    }

    fn settings(&self, budget: Budget) -> anyhow::Result<Settings> {
        let method = self.method()?;
        let steps = self.steps.unwrap_or(if self.faithful { 100_000 } else { 1_000 });
        let own = Settings::new(method, steps, self.seed);
        Ok(Settings {
            population: self.population.unwrap_or(own.population),
            tournament: self.tournament.unwrap_or(own.tournament),
            in_flight: self.in_flight.unwrap_or(own.in_flight),
            budget,
            ..own
        })
    }
}

impl BudgetArgs {
    fn resolve(&self) -> anyhow::Result<Budget> {
        let limits =
            [("--budget-flops", self.budget_flops), ("--budget-params", self.budget_params), ("--budget-latency", self.budget_latency)];
        for (flag, limit) in limits {
            if limit.is_some_and(|limit| !(limit.is_finite() && limit > 0.0)) {
                return Err(usage(format!("{flag} must be a number above 0")));
            }
        }
        Ok(Budget { flops: self.budget_flops, params: self.budget_params, layers: self.max_layers, latency_ms: self.budget_latency })
    }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.way.settings(args.budget.resolve()?)?;
    let space = if args.space == PLAINNET { None } else { Some(benchmark(&args.space)?) };
    let data = args.data.resolve()?;
    let resolved = args.objective.resolve(space, data.dataset.name, args.way.seed)?;
    let computed = match &resolved.kind {
        Kind::Computed { proxies, .. } => Some(Computed::resolve(args, proxies, &data)?),
        Kind::Known(_) => None,
    };
    match space {
        Some(_) if args.budget.squeeze => Err(usage("--squeeze: only networks of the space plainnet have squeeze-and-excitation")),
        None => in_plainnet(args, &settings, &data, &resolved, computed.as_ref()),
        Some(space) => in_benchmark(args, &settings, data, &resolved, computed.as_ref(), space),
    }
}

/// The space of a benchmark; a misspelt `plainnet` is told so.
fn benchmark(name: &str) -> anyhow::Result<&'static dyn Space> {
    let known = || spaces::ALL.iter().map(|space| space.meta().name).chain([PLAINNET]);
    match spaces::suggest(name, known()) {
        Some(suggestion) if suggestion == PLAINNET => Err(spaces::Error::UnknownSpace {
            name: name.into(),
            suggestion: Some(suggestion),
            known: known().collect::<Vec<_>>().join(", "),
        }
        .into()),
        _ => Ok(spaces::find(name)?),
    }
}

/// What it takes to compute an objective.
struct Computed {
    engine: ResolvedEngine,
    batches: ResolvedBatches,
}

impl Computed {
    fn resolve(args: &Args, proxies: &[&'static dyn proxies::Proxy], data: &ResolvedData) -> anyhow::Result<Self> {
        let seed = args.way.seed;
        let engine = args.run.resolve(proxies.to_vec(), Vec::new(), seed, args.batches.seed(seed))?;
        Ok(Self { engine, batches: args.batches.resolve(data, seed)? })
    }
}

fn in_plainnet(
    args: &Args,
    settings: &Settings,
    data: &ResolvedData,
    resolved: &Resolved,
    computed: Option<&Computed>,
) -> anyhow::Result<ExitCode> {
    let text = args.way.initial.as_deref().unwrap_or(INITIAL);
    let initial = Structure::parse(text).map_err(|wrong| exit::bad_input(format!("--initial: {wrong}")))?;
    let ResolvedData { resolution, classes, .. } = *data;
    // A mutation leaves strides alone, so this holds for all candidates.
    let stride = initial.stride();
    if !resolution.is_multiple_of(stride) {
        return Err(exit::bad_input(format!("{resolution} pixels a side: {initial} needs a multiple of {stride} (give --resolution)")));
    }
    let deployed = Variant { squeeze: args.budget.squeeze, ..Variant::COUNTED };
    initial.lower(resolution, classes, deployed).with_context(|| format!("failed to build {initial} at {resolution} pixels"))?;
    let rule = if settings.method == Method::Released { Rule::Released } else { Rule::Even };
    let domain = Plainnet { initial: initial.clone(), rule, resolution, classes, squeeze: deployed.squeeze };
    let network = NetworkConfig { channels: 0, cells: 0, classes, resolution };
    let config = configuration(args, settings, data, resolved, computed, network, initial.to_string());
    let Computed { engine, batches } = computed.context("the objective has nothing to be computed from")?;
    // As released, the scored network has no residual links; the one that would be trained has.
    let objective = Scored {
        proxies: &engine.proxies,
        batches: &batches.batches,
        options: &engine.options,
        lower: |structure: &Structure| structure.lower(resolution, classes, Variant::SCORED),
        deployed: |structure: &Structure| structure.lower(resolution, classes, deployed),
    };
    // Images may be too small for what a published structure shrinks them by.
    let published: Vec<(&str, Structure)> = SEARCHED
        .iter()
        .filter_map(|searched| Some((searched.name, Structure::parse(searched.arch).ok()?)))
        .filter(|(_, structure)| resolution.is_multiple_of(structure.stride()))
        .collect();
    go(args, settings, &config, resolved, computed, None, &domain, &objective, &published)
}

fn in_benchmark(
    args: &Args,
    settings: &Settings,
    data: ResolvedData,
    resolved: &Resolved,
    computed: Option<&Computed>,
    space: &'static dyn Space,
) -> anyhow::Result<ExitCode> {
    let network = args.size.resolve(space, data);
    let setting = network.setting;
    let initial = match &args.way.initial {
        Some(text) => space.parse(text)?,
        None => space.sample(settings.seed, 1).pop().context("failed to draw an architecture")?,
    };
    let config = configuration(args, settings, &network.data, resolved, computed, network.config(), initial.text.clone());
    let domain = Benchmark::new(space, setting, initial, resolved.scope());
    match (&resolved.kind, computed) {
        (Kind::Known(values), _) => {
            let objective = Lookup { key: |architecture: &Architecture| space.table_key(architecture), values: values.clone() };
            go(args, settings, &config, resolved, computed, Some(space), &domain, &objective, &[])
        }
        (_, Some(Computed { engine, batches })) => {
            let lower = |architecture: &Architecture| space.lower(architecture, &setting);
            let (proxies, batches, options) = (engine.proxies.as_slice(), batches.batches.as_slice(), &engine.options);
            let objective = Scored { proxies, batches, options, lower, deployed: lower };
            go(args, settings, &config, resolved, computed, Some(space), &domain, &objective, &[])
        }
        (Kind::Computed { .. }, None) => Err(anyhow::anyhow!("the objective has nothing to be computed from")),
    }
}

fn configuration(
    args: &Args,
    settings: &Settings,
    data: &ResolvedData,
    resolved: &Resolved,
    computed: Option<&Computed>,
    network: NetworkConfig,
    initial: String,
) -> SearchConfig {
    let batches: Option<BatchConfig> = computed.map(|computed| computed.batches.config.clone());
    SearchConfig {
        space: args.space.clone(),
        dataset: data.dataset.name.into(),
        method: settings.method.name().into(),
        objective: resolved.config.clone(),
        seed: settings.seed,
        evaluations: settings.steps,
        population: settings.population,
        tournament: settings.tournament,
        in_flight: settings.in_flight,
        budget: settings.budget,
        squeeze: args.budget.squeeze,
        network,
        proxies: computed.map_or_else(Vec::new, |computed| computed.engine.versions()),
        batches,
        init: computed.map(|computed| computed.engine.init.clone()),
        dtype: computed.map(|computed| computed.engine.dtype().into()),
        device: computed.map(|computed| computed.engine.device().into()),
        initial,
    }
}

/// Searches, and writes what came of it.
#[expect(clippy::too_many_arguments, reason = "the one place where domain and objective, which have types of their own, meet the settings")]
fn go<D: Domain, O: Objective<D::Candidate>>(
    args: &Args,
    settings: &Settings,
    config: &SearchConfig,
    resolved: &Resolved,
    computed: Option<&Computed>,
    space: Option<&'static dyn Space>,
    domain: &D,
    objective: &O,
    published: &[(&str, D::Candidate)],
) -> anyhow::Result<ExitCode> {
    let workers = jobs::workers(args.workers)?.min(settings.in_flight.max(1) as usize);
    if args.dry_run {
        output::print_json(&json!({ "configuration": config.to_json(), "workers": workers, "out": args.out }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut provenance = Provenance::new(config.to_json());
    if let Some(Computed { engine, batches }) = computed {
        provenance = Provenance {
            libtorch: Some(engine::libtorch_version().into()),
            device: Some(engine.device().into()),
            dtype: Some(engine.dtype().into()),
            ..provenance.with_input("batches", &batches.config.sha256)
        };
    }
    let every = args.way.checkpoint_every.unwrap_or(if computed.is_some() { CHECKPOINT_EVERY } else { CHECKPOINT_EVERY_KNOWN });
    let mut store = Store::open(&args.out, config, provenance, &config.objective.components, every)?;
    if store.found() > 0 {
        output::say(&format!("resuming: {} evaluations are done already", store.found()));
    }
    let ranking = resolved.ranking();
    let search = Search { domain, objective, components: config.objective.components.len(), ranking: &ranking, settings };
    let stop = jobs::stop_on_interrupt()?;
    let progress = Progress::new(settings.steps);
    let outcome = search.run(workers, &stop, Some(&mut store), &|view| progress.watch(view));
    progress.finish();
    let outcome = outcome.with_context(|| format!("failed to search into {}", args.out.display()))?;
    let published = if outcome.is_whole { values_of(published, domain, objective)? } else { Vec::new() };
    finish(args, config, &outcome, workers, &mut store, space, &published, &stop)
}

/// What the objective says of published architectures, for the page; nothing for combinations of proxies, which rank a set.
fn values_of<D: Domain, O: Objective<D::Candidate>>(
    published: &[(&str, D::Candidate)],
    domain: &D,
    objective: &O,
) -> anyhow::Result<Vec<serde_json::Value>> {
    if published.is_empty() {
        return Ok(Vec::new());
    }
    let worker = objective.worker()?;
    let value_of = |(name, candidate): &(&str, D::Candidate)| {
        let values = objective.evaluate(candidate, &worker)?;
        let [value] = values.as_slice() else { return Ok(None) };
        let reason = value.as_ref().err().map(|missing| missing.reason.clone());
        Ok(Some(json!({ "name": name, "arch": domain.text(candidate), "value": value.as_ref().ok(), "reason": reason })))
    };
    let values: Result<Vec<_>, search::Error> = published.iter().map(value_of).collect();
    Ok(values?.into_iter().flatten().collect())
}

#[expect(clippy::too_many_arguments, reason = "everything that a summary tells")]
fn finish<C>(
    args: &Args,
    config: &SearchConfig,
    outcome: &Outcome<'_, C>,
    workers: usize,
    store: &mut Store,
    space: Option<&'static dyn Space>,
    published: &[serde_json::Value],
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let seconds = Seconds::of(args, outcome);
    seconds.keep(args)?;
    if !outcome.is_whole {
        output::say(&format!("interrupted after {} of {} steps: the same command goes on", outcome.steps, config.evaluations));
        return Ok(ExitCode::from(if stop.load(Ordering::Relaxed) { exit::INTERRUPTED } else { exit::FAILURE }));
    }
    let Some(best) = outcome.state.best() else {
        return Err(exit::bad_input(format!(
            "none of {} candidates has a value of {}",
            outcome.state.evaluated.len(),
            config.objective.name
        )));
    };
    if outcome.is_exhausted {
        output::say(&format!(
            "nothing new was within the budget after {} of {} steps: the search ends there",
            outcome.steps, config.evaluations
        ));
    }
    store.finish(&outcome.state.evaluated)?;
    let counts = outcome.state.counts();
    let rejected: serde_json::Map<_, _> =
        Limit::ALL.iter().zip(counts.rejected).map(|(limit, count)| (limit.name().to_owned(), count.into())).collect();
    let value = if best.values.len() == 1 { best.values[0].as_ref().ok().copied() } else { None };
    let cost = best.drawn.cost;
    let summary = json!({
        "method": config.method, "seed": config.seed,
        "best": {
            "arch": best.drawn.text, "value": value, "step": best.step, "flops": cost.flops, "params": cost.params, "layers": cost.layers,
            "latency_ms": best.latency_ms,
        },
        "steps": outcome.steps, "evaluated": outcome.state.evaluated.len(), "found": outcome.found, "tries": counts.tries,
        "duplicates": counts.duplicates, "unscored": counts.unscored, "rejected": rejected, "acceptance_rate": counts.acceptance_rate(),
        "workers": workers, "wall_s": seconds.wall, "scoring_s": seconds.scoring, "scheduling_s": seconds.scheduling,
        "overhead": (args.objective.is_computed() && seconds.scoring > 0.0).then(|| seconds.scheduling / seconds.scoring),
        "published": published,
        "steps_per_second": outcome.steps as f64 / seconds.wall.max(1e-9),
    });
    let text = format!("{summary:#}\n");
    tables::atomic_write(&args.out.join(SUMMARY), |file| file.write_all(text.as_bytes()))?;
    page(args, space)?;
    print(args, config, outcome, &summary)?;
    Ok(ExitCode::SUCCESS)
}

/// Seconds that a search took, in all its sessions.
#[derive(Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
struct Seconds {
    wall: f64,
    scoring: f64,
    scheduling: f64,
}

impl Seconds {
    /// With those of the sessions before, which [`SECONDS`] keeps. A session that only finds what is known adds nothing.
    fn of<C>(args: &Args, outcome: &Outcome<'_, C>) -> Self {
        let before = std::fs::read(args.out.join(SECONDS)).ok().and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok());
        let before = before.unwrap_or_default();
        if outcome.found >= outcome.state.evaluated.len() as u64 && before.wall > 0.0 {
            return before;
        }
        Self {
            wall: before.wall + outcome.wall_s,
            scoring: before.scoring + outcome.scoring_s,
            scheduling: before.scheduling + outcome.scheduling_s,
        }
    }

    fn keep(&self, args: &Args) -> anyhow::Result<()> {
        let text = serde_json::to_string(self)? + "\n";
        tables::atomic_write(&args.out.join(SECONDS), |file| file.write_all(text.as_bytes()))?;
        Ok(())
    }
}

fn page(args: &Args, space: Option<&'static dyn Space>) -> anyhow::Result<()> {
    let settings = SearchSettings {
        runs: vec![args.out.clone()],
        scores: Vec::new(),
        table: args.objective.table_of(space),
        out: args.out.clone(),
        title: None,
        options: report::Options::default(),
    };
    build_search(&settings).context("failed to make the page")?;
    Ok(())
}

fn print<C>(args: &Args, config: &SearchConfig, outcome: &Outcome<'_, C>, summary: &serde_json::Value) -> anyhow::Result<()> {
    if args.format == Format::Json {
        output::print_json(summary)?;
        return Ok(());
    }
    let best = &summary["best"];
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let rows = [
        row("what", "value".into()),
        row("architecture", best["arch"].as_str().unwrap_or_default().to_owned()),
        row(&config.objective.name, best["value"].as_f64().map_or_else(|| "by rank".into(), |value| value.to_string())),
        row("flops", best["flops"].to_string()),
        row("params", best["params"].to_string()),
        row("layers", best["layers"].to_string()),
    ];
    output::print_rows(&rows, args.format)?;
    output::say(&format!(
        "{} steps, {} evaluated in {:.1} s: open {}",
        outcome.steps,
        outcome.state.evaluated.len(),
        outcome.wall_s,
        Path::new(&args.out).join("index.html").display()
    ));
    Ok(())
}
