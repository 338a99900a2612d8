//! The protocol box, and how to make the report again.

use super::markup::escape;
use crate::model::{Model, on_noise};
use serde_json::Value;

pub(super) fn section(model: &Model) -> String {
    let rows: String =
        model.protocol.entries.iter().map(|entry| format!("<dt>{}</dt><dd>{}</dd>", escape(&entry.name), escape(&entry.value))).collect();
    let configs: String = model.protocol.configs.iter().map(|config| format!("{config:#}\n")).collect();
    format!(
        "<section id=\"protocol\"><h2>Protocol</h2>\n<dl class=\"protocol\">{rows}</dl>\n\
         <details><summary>Full configuration as JSON</summary><pre>{}</pre></details></section>\n",
        escape(&configs)
    )
}

pub(super) fn reproduce(model: &Model) -> String {
    let commands: Vec<String> = model.protocol.configs.iter().filter_map(score_command).collect();
    let name = model.benchmark().map_or(model.space.as_str(), |benchmark| benchmark.name);
    let everything = everything(name, &model.protocol.configs);
    let table = if model.scored.is_empty() { format!("zico ingest {name}\n") } else { String::new() };
    let scores = if commands.is_empty() { String::new() } else { format!("# score again (resumable)\n{}\n\n", commands.join("\n")) };
    format!(
        "<section id=\"reproduce\"><h2>Make it again</h2>\n<pre>{}</pre>\n\
         <p class=\"note\">Scores depend on architecture, proxy, version, batch, seed and dtype only: neither on the number of workers nor on their order. Rebuilding the page from existing scores needs no libtorch.</p></section>\n",
        escape(&format!(
            "# everything, from nothing\n{everything}\n\n{scores}# this page again, from the scores in its data folder REPORT/data\n{table}cargo run -p report -- --out REPORT"
        ))
    )
}

/// The recipe that does all of it, with the architectures, datasets and batches of these runs.
fn everything(name: &str, configs: &[Value]) -> String {
    let asked = configs.iter().find_map(|config| config.pointer("/architectures/asked")?.as_str());
    let which = match asked.and_then(|asked| asked.strip_prefix("sample:")) {
        Some(count) => format!("--sample {count}"),
        None => "--full".into(),
    };
    let datasets: Vec<&str> = configs.iter().filter_map(|config| config.get("dataset")?.as_str()).collect();
    let datasets = if datasets.is_empty() { String::new() } else { format!(" --datasets {}", datasets.join(",")) };
    let noise = if !configs.is_empty() && configs.iter().all(on_noise) { " --batch random" } else { "" };
    format!("just reproduce-{name} {which}{datasets}{noise}")
}

/// The command that scores one run, as far as its configuration says.
fn score_command(config: &Value) -> Option<String> {
    let text = |pointer: &str| {
        config.pointer(pointer).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).filter(|text| text != "null")
    };
    let mut command = format!("zico score --space {}", text("/space")?);
    if let Some(proxies) = config.get("proxies").and_then(Value::as_array) {
        let names: Vec<&str> = proxies.iter().filter_map(|proxy| proxy.get("name")?.as_str()).collect();
        command += &format!(" --proxies {}", names.join(","));
    }
    for (flag, pointer) in [
        ("--dataset", "/dataset"),
        ("--archs", "/architectures/asked"),
        ("--batches", "/batches/count"),
        ("--batch-size", "/batches/size"),
        ("--data-seed", "/batches/data_seed"),
        ("--resolution", "/network/resolution"),
        ("--seed", "/seed"),
        ("--dtype", "/dtype"),
    ] {
        if let Some(value) = text(pointer) {
            command += &format!(" {flag} {value}");
        }
    }
    if let Some(init) = text("/init").filter(|init| init != "default") {
        command += &format!(" --init {init}");
    }
    let images = if on_noise(config) { "--batch random" } else { "--images IMAGES" };
    Some(format!("{command} {images} --out DIR"))
}
