//! How the searches were made, as a list of settings.

use serde_json::Value;

use super::methods;
use super::run::{Run, Told};
use crate::model::{Entry, flatten, label_of};
use crate::values::Values;
use crate::{Options, Result, format};

/// Names for people of settings that searches have and scores don't; those of reports on scores come after them.
const LABELS: &[(&str, &str)] = &[
    ("method", "Method"),
    ("seed", "Seed of the search"),
    ("objective.name", "Objective"),
    ("objective.direction", "Better values of the objective are"),
    ("objective.components", "Parts of the objective"),
    ("objective.kind", "Kind of objective"),
    ("evaluations", "Evaluations asked for"),
    ("steps", "Steps asked for"),
    ("population", "Members of the pool"),
    ("budget.flops", "Budget: FLOPs"),
    ("budget.params", "Budget: parameters"),
    ("budget.layers", "Budget: layers"),
    ("budget.latency_ms", "Budget: milliseconds"),
    ("network.resolution", "Image side in pixels"),
    ("initial", "First architecture"),
];

/// Settings of all searches, what they counted, and with what they were made.
///
/// # Errors
/// Those of reading the table's checksums.
pub fn protocol(runs: &[Run], table: Option<Values<'_>>, options: &Options) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut add = |name: String, value: String| entries.push(Entry { name, value });
    let flat: Vec<Vec<(String, String)>> = runs.iter().map(|run| flatten(&run.config.json)).collect();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in flat.iter().flatten() {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    for key in keys {
        let of_run = |entries: &Vec<(String, String)>| {
            entries
                .iter()
                .find(|(name, _)| name == key)
                .map_or_else(|| "not set".to_owned(), |(_, value)| if key == "method" { methods::title(value) } else { value.clone() })
        };
        let label = match key {
            // The released algorithm counts candidates over the budget, too.
            "evaluations" if runs.iter().all(|run| run.config.method == methods::RELEASED) => "Steps asked for".to_owned(),
            _ => LABELS.iter().find(|(name, _)| *name == key).map_or_else(|| label_of(key), |(_, label)| (*label).to_owned()),
        };
        add(label, by_run(runs, flat.iter().map(of_run).collect()));
    }
    let counted = |name: &str, count: &dyn Fn(&Run) -> Option<String>| {
        let values: Vec<Option<String>> = runs.iter().map(count).collect();
        let any = values.iter().any(Option::is_some);
        any.then(|| {
            (name.to_owned(), by_run(runs, values.into_iter().map(|value| value.unwrap_or_else(|| "not recorded".into())).collect()))
        })
    };
    let whole = |number: u64| format::count(number as usize);
    let told: &[(&str, &Count<'_>)] = &[
        ("Steps", &|told| told.steps.map(whole)),
        ("Evaluations known from a checkpoint, or of the same candidate again", &|told| told.found.filter(|&found| found > 0).map(whole)),
        ("Candidates that had been evaluated before", &|told| told.duplicates.map(whole)),
        ("Candidates beyond a budget", &|told| (!told.rejected.is_empty()).then(|| rejections(told))),
        ("Candidates within the budgets", &|told| told.acceptance_rate.map(|rate| format!("{} %", format::fixed(100.0 * rate, 1)))),
        ("Wall time", &|told| told.wall_s.map(format::duration)),
        ("Time of the objective", &|told| told.scoring_s.map(format::duration)),
        ("Time that is not the objective’s", &|told| told.overhead.map(|part| format!("{} %", format::fixed(100.0 * part, 2)))),
        ("Steps per second", &|told| told.steps_per_second.map(format::score)),
    ];
    let evaluated = counted("Evaluations", &|run| Some(format::count(run.evaluated.len())));
    let missing = counted("Evaluations without a value", &|run| Some(missing(run)));
    for (name, value) in evaluated.into_iter().chain(missing) {
        add(name, value);
    }
    for (name, get) in told {
        if let Some((name, value)) = counted(name, &|run| get(&run.told)) {
            add(name, value);
        }
    }
    let percent = format::trimmed(options.confidence * 100.0, 2);
    add("Intervals".into(), format!("{percent} % interval of Student’s t for the mean of the differences of searches with the same seed"));
    let provenance =
        |get: &dyn Fn(&tables::Provenance) -> String| by_run(runs, runs.iter().map(|run| get(run.table.provenance())).collect());
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".into());
    add("libtorch".into(), provenance(&|p| or_none(&p.libtorch)));
    add("Device".into(), provenance(&|p| or_none(&p.device)));
    add("Dtype".into(), provenance(&|p| or_none(&p.dtype)));
    add("Searched by".into(), provenance(&|p| format!("zico {} at commit {}", p.version, p.git_commit)));
    add("Reported by".into(), format!("zico {} at commit {}", env!("CARGO_PKG_VERSION"), tables::git_commit()));
    let mut inputs: Vec<&String> = runs.iter().flat_map(|run| run.table.provenance().inputs.keys()).collect();
    inputs.sort();
    inputs.dedup();
    for input in inputs {
        let value = provenance(&|p| p.inputs.get(input).cloned().unwrap_or_else(|| "none".into()));
        add(format!("SHA-256 of input {input}"), value);
    }
    add("SHA-256 of the rows of the history".into(), by_run(runs, runs.iter().map(|run| run.table.content_sha256()).collect()));
    if let Some(values) = table {
        let (rows, inputs) = values.checksums()?;
        add("SHA-256 of the table".into(), rows);
        for (name, sha256) in inputs {
            add(format!("SHA-256 of the benchmark’s {name}"), sha256);
        }
    }
    Ok(entries)
}

/// A count of a summary in words, where it has it.
type Count<'a> = dyn Fn(&Told) -> Option<String> + 'a;

/// Most different values that are shown one by one.
const SHOWN: usize = 30;

/// One value if all agree; otherwise each after the searches that have it.
fn by_run(runs: &[Run], values: Vec<String>) -> String {
    let mut distinct: Vec<(String, Vec<String>)> = Vec::new();
    for (run, value) in runs.iter().zip(values) {
        let name = format!(
            "{}, {}, {}, seed {}",
            run.config.dataset,
            run.config.objective.name,
            methods::title(&run.config.method),
            run.config.seed
        );
        match distinct.iter_mut().find(|(known, _)| *known == value) {
            Some((_, names)) => names.push(name),
            None => distinct.push((value, vec![name])),
        }
    }
    if distinct.len() == 1 {
        return distinct.remove(0).0;
    }
    // What tells searches apart by definition needs no list of who has it.
    if distinct
        .iter()
        .all(|(value, names)| names.iter().all(|name| name.split(", ").any(|part| part == value || part == format!("seed {value}"))))
    {
        return distinct.into_iter().map(|(value, _)| value).collect::<Vec<_>>().join(", ");
    }
    let more = if distinct.len() > SHOWN { "; ..." } else { "" };
    let shown: Vec<String> = distinct.into_iter().take(SHOWN).map(|(value, names)| format!("{value} ({})", names.join("; "))).collect();
    format!("{}{more}", shown.join("; "))
}

fn rejections(told: &Told) -> String {
    told.rejected.iter().map(|(budget, n)| format!("{budget} {}", format::count(*n as usize))).collect::<Vec<_>>().join(", ")
}

/// How many evaluations gave no value, and why.
fn missing(run: &Run) -> String {
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for (status, reason) in run.evaluated.iter().filter_map(|evaluated| evaluated.missing.as_ref()) {
        let text = format!("{}: {reason}", status.as_str().replace('_', " "));
        match reasons.iter_mut().find(|(known, _)| *known == text) {
            Some((_, n)) => *n += 1,
            None => reasons.push((text, 1)),
        }
    }
    let total: usize = reasons.iter().map(|(_, n)| n).sum();
    if total == 0 {
        return "0".into();
    }
    reasons.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let more = if reasons.len() > 5 { ", ..." } else { "" };
    let shown: Vec<String> = reasons.iter().take(5).map(|(reason, n)| format!("{} {reason}", format::count(*n))).collect();
    format!("{} ({}{more})", format::count(total), shown.join(", "))
}

/// The configurations of all searches as JSON.
pub fn configurations(runs: &[&Run]) -> String {
    let mut shown: Vec<&Value> = Vec::new();
    for run in runs {
        if !shown.contains(&&run.config.json) {
            shown.push(&run.config.json);
        }
    }
    shown.iter().map(|config| format!("{config:#}\n")).collect::<Vec<_>>().concat()
}
