//! What a run does to each network: passes, what is read from them, what they cost.

use netgraph::passes::Keep;
use proxies::{Input, Options, Proxy, Workload, plan, zoo};
use serde_json::{Value, json};

use crate::output::{self, Format};

/// Prints the plan.
pub fn print(proxies: &[&dyn Proxy], options: &Options, work: Workload, format: Format) -> anyhow::Result<()> {
    let planned = plan(proxies, options);
    // What ZiCo alone would cost, in the same unit.
    let yardstick: f64 = plan(&[zoo::find("zico")?], options).iter().map(|pass| pass.cost(work)).sum();
    let passes: Vec<Value> = planned
        .iter()
        .enumerate()
        .map(|(number, pass)| {
            let users: Vec<Value> = pass
                .users
                .iter()
                .map(|user| {
                    let reads: Vec<&str> = user.readings.iter().map(|&r| pass.readings[r].name()).collect();
                    json!({ "proxy": proxies[user.proxy].meta().name, "reads": reads })
                })
                .collect();
            json!({
                "pass": number + 1, "input": input(pass.state.input), "images": pass.samples, "init": pass.state.init.name(),
                "absolute_weights": pass.state.absolute, "batch_norm": pass.state.norm.name(),
                "dtype": pass.state.dtype.unwrap_or(options.placement.dtype).name(),
                "dead_operations_run": dead_operations(pass.passes.keep), "readings": pass.readings.iter().map(|r| r.name()).collect::<Vec<_>>(),
                "proxies": users, "cost": pass.cost(work), "cost_over_zico": pass.cost(work) / yardstick,
            })
        })
        .collect();
    let graph_only: Vec<&str> = proxies.iter().map(|p| p.meta()).filter(|m| m.passes.is_empty()).map(|m| m.name).collect();
    let again = |proxy: &&dyn Proxy| options.repeats.get(proxy.meta().name).map_or(0, |n| n - 1) as f64;
    let alone = |proxy: &dyn Proxy| -> f64 { plan(&[proxy], options).iter().map(|pass| pass.cost(work)).sum() };
    let repeats: f64 = proxies.iter().map(|proxy| again(proxy) * alone(*proxy)).sum::<f64>() + 0.0;
    if format == Format::Json {
        let total: f64 = planned.iter().map(|pass| pass.cost(work)).sum();
        output::print_json(&json!({
            "passes": passes, "from_the_graph_alone": graph_only, "repeats": options.repeats, "repeats_over_zico": repeats / yardstick,
            "cost_over_zico": (total + repeats) / yardstick,
        }))?;
        return Ok(());
    }
    let mut rows =
        vec![["pass", "input", "weights", "batch norm", "dtype", "what is read, and by whom", "cost / zico"].map(str::to_owned).to_vec()];
    for (pass, planned) in passes.iter().zip(&planned) {
        let readers = |reading: usize| -> String {
            let users = planned.users.iter().filter(|user| user.readings.contains(&reading));
            users.map(|user| proxies[user.proxy].meta().name).collect::<Vec<_>>().join(", ")
        };
        let read = planned.readings.iter().enumerate().map(|(k, reading)| format!("{}: {}", reading.name(), readers(k)));
        let text = |key: &str| pass[key].as_str().unwrap_or_default().to_owned();
        let images = planned.samples.map_or_else(String::new, |n| format!(" (first {n} images)"));
        let absolute = if planned.state.absolute { ", absolute" } else { "" };
        rows.push(vec![
            pass["pass"].to_string(),
            text("input") + &images,
            text("init") + absolute,
            text("batch_norm"),
            text("dtype"),
            read.collect::<Vec<_>>().join("; "),
            format!("{:.2}", planned.cost(work) / yardstick),
        ]);
    }
    if !graph_only.is_empty() {
        let cells = ["", "the graph alone", "", "", "", &graph_only.join(", "), "0.00"];
        rows.push(cells.map(str::to_owned).to_vec());
    }
    if repeats > 0.0 {
        let names: Vec<String> = options.repeats.iter().map(|(proxy, n)| format!("{proxy}, {n} seeds")).collect();
        let cells = ["", "again under other seeds", "", "", "", &names.join("; "), &format!("{:.2}", repeats / yardstick)];
        rows.push(cells.map(str::to_owned).to_vec());
    }
    let total: f64 = planned.iter().map(|pass| pass.cost(work)).sum();
    let cells = ["", "all", "", "", "", "", &format!("{:.2}", (total + repeats) / yardstick)];
    rows.push(cells.map(str::to_owned).to_vec());
    output::print_rows(&rows, format)
}

/// Which operations run although they lead nowhere.
const fn dead_operations(keep: Keep) -> &'static str {
    match keep {
        Keep::Live => "none",
        Keep::Relus => "up to ReLUs",
        Keep::All => "all",
    }
}

const fn input(input: Input) -> &'static str {
    match input {
        Input::Nothing => "nothing",
        Input::Batches => "batches",
        Input::Joined => "all batches as one",
        Input::Noise => "noise",
        Input::Ones => "one image of ones",
        Input::Perturbed => "noise, twice",
    }
}
