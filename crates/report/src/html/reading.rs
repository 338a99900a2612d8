//! What the paper says, and why numbers may differ.

use super::markup::{escape, table};
use crate::format;
use crate::model::{Dataset, Model, capital, per_run};
use crate::paper;
use serde_json::Value;

pub(super) fn section(model: &Model) -> String {
    let mut items = vec![
        figures(model),
        sampling(model),
        model.benchmark().map_or(String::new(), |benchmark| format!("<b>Set of architectures.</b> {}", benchmark.strings)),
        values(model),
        "<b>Ties.</b> τ-a and τ-b differ wherever scores or values tie: parameters and FLOPs have large groups of equal networks, and where a space has disconnected architectures, many proxies give all of them one score.".to_owned(),
        "<b>Missing scores</b> are counted in the table and left out. Other code replaces them by extreme numbers, which then take part in the ranking.".to_owned(),
        format!(
            "<b>Batches and initialisation.</b> One fixed set of batches serves all networks here; some code draws fresh batches for each. Zen-type proxies take Gaussian weights, AZ-NAS Kaiming weights, ZiCo PyTorch’s default.{}",
            if model.comparisons.is_empty() { "" } else { " The score’s noise section shows what another draw does." }
        ),
        "<b>At N = 2</b> each term of ZiCo is (|g₁| + |g₂|) / |g₁ − g₂|, at least 1, so the score is at least the sum over layers of the logarithm of the number of weights that count: part of its ranking is size and depth. Few weights carry most of a layer’s sum, which makes single precision noisy.".to_owned(),
        "<b>FLOPs</b> are multiply-adds of convolutions and linear layers; other counters add batch norm, pooling and bias, which can change ranks.".to_owned(),
    ];
    items.extend(model.datasets.iter().filter_map(difference));
    let list: String = items.into_iter().filter(|item| !item.is_empty()).map(|item| format!("<li>{item}</li>")).collect();
    format!("<section id=\"reading\"><h2>Reading this</h2>\n<ul class=\"reading\">{list}</ul>\n{}</section>\n", others(model))
}

/// Where the paper's figures stand and how they were made.
fn figures(model: &Model) -> String {
    let Some(benchmark) = model.benchmark() else { return settings(model) };
    format!(
        "<b>The paper’s figures</b> stand in {} (two digits). {} They are shown beside the numbers of this run and enter none of them. {}",
        benchmark.figures,
        benchmark.paper_protocol,
        settings(model)
    )
}

/// Which value an architecture has, where there were others to choose.
fn values(model: &Model) -> String {
    let other =
        model.datasets.iter().any(|dataset| dataset.joined.quantity.epoch.is_none() || dataset.joined.quantity.instead_of.is_some());
    if !other {
        return String::new();
    }
    "<b>Best epoch.</b> A value at its best epoch was chosen by the very metric it is a value of, on the very images it was measured on, so it lies a little above what the last epoch has; <code>--epoch last</code> takes that instead, where the table has it.".into()
}

/// N, B and the like of this run, where its configuration has them.
fn settings(model: &Model) -> String {
    let runs = model.protocol.configs.iter().filter_map(|config| {
        let number = |pointer: &str| config.pointer(pointer).and_then(Value::as_u64);
        let (count, size) = (number("/batches/count")?, number("/batches/size")?);
        Some((config.get("dataset").and_then(Value::as_str).unwrap_or("this run"), format!("N = {count}, B = {size}")))
    });
    let runs = per_run(runs.collect());
    if runs.is_empty() { String::new() } else { format!("This run has {}.", escape(&runs)) }
}

/// What the choice of architectures alone does.
fn sampling(model: &Model) -> String {
    let parts: Vec<String> = model
        .datasets
        .iter()
        .filter_map(|dataset| {
            let widths =
                dataset.correlations.iter().filter_map(|c| c.coefficients.as_ref().ok()).map(|c| (c.tau_b.high - c.tau_b.low) / 2.0);
            let widest = widths.fold(f64::NAN, f64::max);
            let n = format::count(dataset.joined.architectures.len());
            widest
                .is_finite()
                .then(|| format!("{}: ±{} at most with {n} architectures", escape(&dataset.title()), format::fixed(widest, 3)))
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let percent = format::trimmed(model.options.confidence * 100.0, 2);
    format!("<b>Sampling.</b> Half width of the {percent} % interval of τ-b, from drawing the architectures again: {}.", parts.join("; "))
}

/// Whether the paper's ZiCo figure lies within the interval.
fn difference(dataset: &Dataset) -> Option<String> {
    let zico = dataset.correlations.iter().find(|correlation| correlation.proxy == "zico")?;
    let (tau, paper) = (zico.coefficients.as_ref().ok()?.tau_b, zico.paper?);
    // The paper's two digits stand for half a unit of the second on either side.
    let within = paper.tau + 0.005 >= tau.low && paper.tau - 0.005 <= tau.high;
    Some(format!(
        "<b>{}.</b> ZiCo’s τ-b is {}, the paper’s τ {}: difference {}. The printed figure, give or take its rounding, lies {} the interval {} to {}.",
        escape(&capital(&dataset.title())),
        format::fixed(tau.value, 3),
        format::fixed(paper.tau, 2),
        format::signed(tau.value - paper.tau, 3),
        if within { "within" } else { "outside" },
        format::fixed(tau.low, 3),
        format::fixed(tau.high, 3),
    ))
}

/// Published reproductions, for the space they were made on.
fn others(model: &Model) -> String {
    if !matches!(model.space.as_str(), "nb201" | "nats-tss") || model.datasets.is_empty() {
        return String::new();
    }
    let mut rows: Vec<Vec<String>> = paper::REPRODUCTIONS
        .iter()
        .map(|row| {
            let figures = row.figures.iter().map(|figure| escape(figure));
            [escape(row.source), escape(row.protocol)].into_iter().chain(figures).collect()
        })
        .collect();
    let ours = ["cifar10", "cifar100", "imagenet16-120"].map(|name| {
        let dataset = model.datasets.iter().find(|dataset| dataset.joined.dataset == name);
        let zico = dataset.and_then(|dataset| dataset.correlations.iter().find(|c| c.proxy == "zico")?.coefficients.as_ref().ok());
        zico.map_or("–".into(), |c| format!("<b>{} / {}</b>", format::fixed(c.tau_b.value, 3), format::fixed(c.rho.value, 3)))
    });
    rows.push(["this run".to_owned(), "see the protocol".to_owned()].into_iter().chain(ours).collect());
    let heads = ["ZiCo, τ / ρ", "protocol", "CIFAR-10", "CIFAR-100", "ImageNet16-120"];
    format!("<h3>The same proxy elsewhere, as published</h3>\n{}", table("others", &heads, &rows))
}
