use std::path::PathBuf;
use std::process::ExitCode;

use proxies::{Evaluation, Outcome, Proxy, TensorBatch, evaluate_observed};
use serde_json::{Map, Value, json};

use crate::output::{self, Format};
use crate::scoring::{BatchArgs, EngineArgs, NetworkArgs};

mod export;

/// Score one architecture and show every intermediate quantity.
#[derive(Debug, clap::Args)]
#[command(mut_arg("aggregate", |arg| arg.hide(true)))]
pub struct Args {
    #[command(flatten)]
    network: NetworkArgs,
    /// The architecture: the space's string, or an index.
    #[arg(long)]
    arch: String,
    #[command(flatten)]
    batches: BatchArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// Also write weights, batches, gradients (safetensors) and scores (JSON) to a folder, for recomputing them elsewhere.
    #[arg(long, value_name = "DIR")]
    export: Option<PathBuf>,
    /// How to print.
    #[arg(long, default_value = "table")]
    format: Format,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let engine = args.engine.resolve_for_one(args.batches.seed(args.engine.seed()))?;
    let network = args.network.resolve()?;
    let architecture = network.space.parse(&args.arch)?;
    let graph = network.space.lower(&architecture, &network.setting)?;
    let batches = args.batches.resolve(&network.data, args.engine.seed())?;
    let on_device = TensorBatch::all(&batches.batches, &engine.options)?;

    let mut export = args.export.as_deref().map(|folder| export::Export::new(folder, &graph, engine.options.clone())).transpose()?;
    let mut exported = Ok(());
    let evaluation = evaluate_observed(&graph, &engine.proxies, &on_device, &engine.options, &mut |seen| {
        if let (Some(export), Ok(())) = (&mut export, &exported) {
            exported = export.observe(seen);
        }
    })?;
    exported?;

    let config = network.config();
    let own = |n: usize| if n == 0 { Value::Null } else { n.into() };
    let result = json!({
        "space": network.space.meta().name,
        "arch": architecture.text,
        "index": architecture.index,
        "network": {
            "channels": own(config.channels), "cells": own(config.cells), "classes": config.classes, "resolution": config.resolution,
            "params": graph.n_params(), "flops": graph.flops(),
        },
        "init": engine.init,
        "seed": args.engine.seed(),
        "dtype": engine.dtype(),
        "device": engine.device(),
        "batch": {
            "source": batches.config.protocol, "size": batches.config.size, "count": batches.config.count,
            "data_seed": batches.config.data_seed, "sha256": batches.config.sha256,
        },
        "losses": evaluation.losses,
        "proxies": outcomes(&engine.proxies, &evaluation),
    });
    if let Some(export) = export {
        export.finish(&batches.batches, &result)?;
    }
    print(&result, args.format)?;
    Ok(ExitCode::SUCCESS)
}

/// What every proxy says, by name.
pub fn outcomes(proxies: &[&dyn Proxy], evaluation: &Evaluation) -> Map<String, Value> {
    let metas = proxies.iter().map(|p| p.meta()).zip(&evaluation.outcomes);
    metas.map(|(meta, o)| (meta.name.to_owned(), outcome(meta.version, o))).collect()
}

fn outcome(version: u32, outcome: &Outcome) -> Value {
    // Alone: what it needed, shared work counted in full; share: shared work split among who shares it.
    let ms = json!({ "alone": outcome.wall_ms, "share": outcome.share_ms });
    match &outcome.score {
        Ok(score) => {
            let details: Map<String, Value> = score.details.iter().map(|(name, detail)| ((*name).to_owned(), json!(detail))).collect();
            json!({ "value": score.value, "status": "ok", "reason": null, "version": version, "details": details, "ms": ms })
        }
        Err(undefined) => {
            json!({ "value": null, "status": undefined.status.as_str(), "reason": undefined.reason, "version": version, "details": {}, "ms": ms })
        }
    }
}

/// Prints the object, or a row a proxy.
pub fn print(result: &Value, format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        output::print_json(result)?;
        return Ok(());
    }
    let mut rows = vec![["proxy", "value", "status", "reason"].map(str::to_owned).to_vec()];
    if let Value::Object(proxies) = &result["proxies"] {
        let cell = |v: &Value| v.as_str().map_or_else(|| if v.is_null() { String::new() } else { v.to_string() }, str::to_owned);
        rows.extend(proxies.iter().map(|(name, p)| vec![name.clone(), cell(&p["value"]), cell(&p["status"]), cell(&p["reason"])]));
    }
    output::print_rows(&rows, format)
}
