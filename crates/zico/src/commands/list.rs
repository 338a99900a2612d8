use std::process::ExitCode;

use clap::ValueEnum;
use proxies::zoo;
use serde_json::{Value, json};

use crate::output::{self, Format};

/// List proxies, benchmarks or spaces with their metadata.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to list.
    what: What,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    Proxies,
    Benchmarks,
    Spaces,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (objects, short): (Vec<Value>, &[&str]) = match args.what {
        What::Proxies => (zoo::ALL.iter().map(|p| proxy(p.meta())).collect(), &["name", "version", "scope", "batches", "formula"]),
        What::Benchmarks => (bench_loaders::ALL.iter().map(|b| benchmark(*b)).collect(), &["name", "space", "title"]),
        What::Spaces => {
            let named = spaces::ALL.iter().map(|s| space(s.meta()));
            (named.chain([plainnet()]).collect(), &["name", "size", "title", "grammar"])
        }
    };
    if args.format == Format::Json {
        output::print_json(&Value::Array(objects))?;
    } else {
        let cell = |object: &Value, key: &str| object[key].as_str().map_or_else(|| object[key].to_string(), str::to_owned);
        let mut rows = vec![short.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>()];
        rows.extend(objects.iter().map(|o| short.iter().map(|k| cell(o, k)).collect()));
        output::print_rows(&rows, args.format)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn proxy(m: &proxies::Meta) -> Value {
    let pass = |p: &proxies::PassSpec| {
        let demands: Vec<proxies::Demands> = p.readings.iter().map(|r| r.demands()).collect();
        json!({
            "input": format!("{:?}", p.state.input).to_lowercase(),
            "labels": demands.iter().any(|d| d.derivative == proxies::Derivative::Loss),
            "differentiates": demands.iter().any(|d| d.derivative != proxies::Derivative::Nothing),
            "reads": p.readings.iter().map(|r| r.name()).collect::<Vec<_>>(),
            "init": p.state.init.name(),
            "absolute_weights": p.state.absolute,
            "mode": p.state.norm.name(),
            "dtype": p.state.dtype.map(engine::DType::name),
        })
    };
    let batches = m.passes.iter().map(|p| match p.state.input {
        proxies::Input::Nothing | proxies::Input::Ones => "none",
        proxies::Input::Joined => "all",
        _ if p.readings.iter().any(|r| r.demands().batches == proxies::Batches::All) => "all (at least 2)",
        proxies::Input::Batches => "1",
        proxies::Input::Noise | proxies::Input::Perturbed => "noise",
    });
    let batches = { batches }.next().unwrap_or("none");
    json!({
        "name": m.name, "version": m.version, "title": m.title, "formula": m.formula, "paper": m.paper, "reference": m.reference,
        "direction": m.direction.as_str(), "unit": m.unit, "scope": format!("{:?}", m.scope).to_lowercase(),
        "batches": batches, "needs": m.passes.iter().map(pass).collect::<Vec<_>>(), "set_dependent": m.set_dependent, "conventions": m.conventions,
    })
}

fn space(m: &spaces::SpaceMeta) -> Value {
    json!({"name": m.name, "title": m.title, "paper": m.paper, "reference": m.reference, "grammar": m.grammar, "size": m.size})
}

/// The space that only `zico search` knows: it has no end and no benchmark.
fn plainnet() -> Value {
    json!({
        "name": "plainnet", "title": "Networks like MobileNetV2, for `zico search`",
        "paper": "ZiCo (Li et al., ICLR 2023), Section 4.3 (arXiv 2301.11300)", "reference": "SLDGroup/ZiCo@b0fec65 PlainNet",
        "grammar": "BLOCK(IN,OUT,STRIDE,WIDTH,LAYERS)..., such as SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)", "size": "unbounded",
    })
}

fn benchmark(b: &dyn bench_loaders::Benchmark) -> Value {
    let m = b.meta();
    let source = |s: &bench_loaders::Source| json!({"file": s.file, "urls": s.urls, "obtain": s.obtain, "sha256": s.sha256, "bytes": s.bytes, "size": s.about, "licence": s.licence});
    let edition = |e: &bench_loaders::Edition| {
        let sources: Vec<Value> = e.sources.iter().map(source).collect();
        json!({"name": e.name, "title": e.title, "holds": e.note, "rows": e.rows, "verified": e.verified, "sources": sources})
    };
    let editions: Vec<Value> = m.editions.iter().map(edition).collect();
    json!({
        "name": m.name, "aliases": m.aliases, "title": m.title, "paper": m.paper, "licence": m.licence, "space": m.space,
        "datasets": m.datasets, "editions": editions,
    })
}
