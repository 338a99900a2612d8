//! Pages of searches, from made-up histories of real architectures.
//!
//! `SEARCH_PAGES=FOLDER cargo test -p report searches` leaves the pages there, to be looked at.

use std::path::{Path, PathBuf};

use netgraph::rng::Stream;
use report::{Options, SearchSettings, build_search, exit};
use serde_json::{Value, json};
use spaces::plainnet::{INITIAL, Mutation, Rule, Structure, Variant};
use tables::{Provenance, SearchRow, SearchTable, Status};

use crate::made_up::{Made, sample, write_run, write_table};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A folder that stays if the pages are to be looked at.
struct Pages {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Pages {
    fn new() -> std::io::Result<Self> {
        if let Some(root) = std::env::var_os("SEARCH_PAGES") {
            return Ok(Self { root: root.into(), _temporary: None });
        }
        let folder = tempfile::tempdir()?;
        Ok(Self { root: folder.path().into(), _temporary: Some(folder) })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

/// What an evaluation gave: string, value, FLOPs, parameters, layers.
type Step = (String, Option<f64>, f64, f64, u32);

fn config(space: &str, method: &str, seed: u64, evaluations: usize) -> Value {
    json!({
        "space": space, "dataset": "cifar10", "method": method,
        "objective": { "name": "zico", "direction": "higher", "components": ["zico"], "kind": "proxy" },
        "seed": seed, "evaluations": evaluations, "population": 24,
        "budget": { "flops": if space == "plainnet" { json!(9e6) } else { Value::Null }, "params": null, "layers": null, "latency_ms": null },
        "network": { "resolution": 32, "classes": 10 }, "batches": { "protocol": "made up", "count": 2, "size": 16 }, "initial": null,
    })
}

fn write_history(folder: &Path, config: Value, steps: &[Step]) -> PathBuf {
    let mut builder = SearchTable::builder();
    for (step, (arch, value, flops, params, layers)) in steps.iter().enumerate() {
        builder
            .push(SearchRow {
                step: 2 * step as u64,
                arch,
                parent: (step > 0).then_some(0),
                objective: "zico",
                value: *value,
                status: if value.is_some() { Status::Ok } else { Status::NonFinite },
                reason: value.is_none().then_some("it overflowed"),
                flops: *flops,
                params: *params,
                layers: *layers,
                latency_ms: None,
            })
            .expect("a good row");
    }
    let path = folder.join("history.parquet");
    builder.finish(Provenance::new(config)).and_then(|table| table.write(&path)).expect("the history is written");
    folder.into()
}

/// A walk of even mutations, from the best so far or from the initial structure, with a made-up score that grows with layers and
/// FLOPs. Every tenth evaluation has no value.
fn plainnet_steps(method: &str, seed: u64, count: usize) -> Vec<Step> {
    let initial = Structure::parse(INITIAL).expect("a structure");
    let (stream, noise) = (Stream::new(seed, u64::from(method == "random")), Stream::new(seed, 9));
    let (mut counter, mut best, mut best_value) = (0, initial.clone(), f64::NEG_INFINITY);
    let mut steps = Vec::new();
    while steps.len() < count {
        let parent = if method == "random" { &initial } else { &best };
        let child = Mutation { replacements: 2, rule: Rule::Even }.apply(parent, stream, &mut counter).expect("it can change");
        let cost = child.cost(32, 10, Variant { residual_links: true, squeeze: false });
        if cost.flops > 9e6 || child.layers() > 40 {
            continue;
        }
        let score = 10.0 * child.layers() as f64 + cost.flops.sqrt() / 50.0 + 5.0 * noise.uniform(counter);
        let value = (steps.len() % 10 != 7).then_some(score);
        if value.is_some_and(|value| value > best_value) {
            (best, best_value) = (child.clone(), score);
        }
        steps.push((child.to_string(), value, cost.flops, cost.size, child.layers() as u32));
    }
    steps
}

fn settings(runs: Vec<PathBuf>, out: PathBuf) -> SearchSettings {
    SearchSettings { runs, scores: Vec::new(), table: None, out, title: None, options: Options::default() }
}

/// The best of the values in a list of steps.
fn best(steps: &[Step]) -> f64 {
    steps.iter().filter_map(|step| step.1).fold(f64::NEG_INFINITY, f64::max)
}

fn loads_nothing(html: &str, folder: &Path) {
    for loader in ["@import", "url(", "fetch(", "XMLHttpRequest", "import(", "<link", "<iframe", "<script", "src=\""] {
        assert!(!html.contains(loader), "{loader}");
    }
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for link in links {
        let local = link.starts_with('#') || link == report::paper::LINK || folder.join(link).exists();
        assert!(local, "{link}");
    }
}

#[test]
fn searches_for_a_structure_have_a_page_that_says_by_how_much_random_search_is_beaten() -> Outcome {
    let pages = Pages::new()?;
    let (mut runs, mut differences) = (Vec::new(), Vec::new());
    for seed in 0..5 {
        let all = ["evolution", "random"].map(|method| plainnet_steps(method, seed, 120));
        differences.push(best(&all[0]) - best(&all[1]));
        for (method, steps) in ["evolution", "random"].iter().zip(&all) {
            let folder = pages.path(&format!("runs/{method}-{seed}"));
            runs.push(write_history(&folder, config("plainnet", method, seed, 120), steps));
            let found = steps.iter().position(|step| step.1 == Some(best(steps))).ok_or("a best step")?;
            let summary = json!({
                "best": { "arch": steps[found].0, "value": best(steps), "step": 2 * found }, "steps": 500, "evaluated": 120, "duplicates": 3,
                "rejected": { "layers": 7, "params": 0, "flops": 370, "latency": 0 }, "acceptance_rate": 0.24, "wall_s": 61.5,
                "scoring_s": 60.0, "overhead": 0.0244, "steps_per_second": 8.13, "method": method, "seed": seed,
            });
            std::fs::write(folder.join("summary.json"), summary.to_string())?;
        }
    }
    let summary = build_search(&settings(runs, pages.path("plainnet")))?;
    let html = std::fs::read_to_string(&summary.index)?;
    loads_nothing(&html, &pages.path("plainnet"));
    let won = differences.iter().filter(|difference| **difference > 0.0).count();
    let mean = differences.iter().sum::<f64>() / 5.0;
    assert!(mean > 0.0, "the made-up evolution is better by construction");
    assert!(html.contains(&format!("it wins on {won} of 5")), "{:?}", summary.findings);
    for text in [
        "Evolution beats random search on zico after 120 evaluations each under the same budget",
        "120 evaluations gave no value (it overflowed)",
        "24 members",
        "layers 7",
        "flops 370",
        "1 min 2 s",
        "SuperConvK3BNRELU(3,",
        "ZiCo 450M",
        "438.4",
        "590.3",
        "979.2",
        "450.0",
        "441.6",
        "found here: zico on CIFAR-10, evolution",
        "at most 9 M FLOPs",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let folder = pages.path("plainnet");
    for name in ["curve", "flops", "pool", "architecture"] {
        assert!(folder.join(format!("{name}-cifar10-zico.png")).exists(), "{name}");
    }
    for name in ["found", "curve", "front", "comparisons", "published"] {
        for ending in ["csv", "json", "parquet"] {
            assert!(folder.join(format!("data/{name}.{ending}")).exists(), "{name}.{ending}");
        }
    }
    let rows = std::fs::read_to_string(folder.join("data/comparisons.csv"))?;
    let column = |row: &str, k: usize| row.split(',').nth(k).and_then(|text| text.parse::<f64>().ok());
    for (row, want) in rows.lines().skip(1).zip(&differences) {
        let difference = column(row, 6).zip(column(row, 7)).map(|(method, baseline)| method - baseline).ok_or("two numbers")?;
        assert!((difference - want).abs() < 1e-9, "{row}");
    }
    // The page is made again from its own data folder.
    let again = build_search(&settings(vec![folder.join("data")], folder.clone()))?;
    assert!(std::fs::read_to_string(again.index)? == html, "the page changed");
    Ok(())
}

/// Scores that follow the made-up accuracies, over drawn architectures in some order.
fn nb201_steps(seed: u64, count: usize, of: usize) -> Vec<Step> {
    let architectures = sample("nb201", of);
    let order = Stream::new(seed, 3).sample(of, count);
    let step = |&k: &usize| {
        let value = TOPOLOGY.value(k) + 2.0 * Stream::new(5, 0).uniform(k as u64);
        (architectures[k].text.clone(), Some(value), 1e6 * (10.0 + k as f64), 1e5, 5)
    };
    order.iter().map(step).collect()
}

const TOPOLOGY: Made<'static> = Made {
    space: "nb201",
    dataset: "cifar10",
    split: "test",
    metric: "accuracy",
    unit: "percent",
    direction: tables::Direction::HigherIsBetter,
    epochs: 200,
    best: false,
    range: (60.0, 94.37),
    batches: "made up",
};

#[test]
fn a_search_on_a_benchmark_shows_what_its_finds_are_worth_beside_the_paper() -> Outcome {
    let pages = Pages::new()?;
    let architectures = sample("nb201", 300);
    let table = pages.path("nb201.parquet");
    write_table(&table, &architectures, &[TOPOLOGY], |_| 0);
    let (mut runs, mut worth) = (Vec::new(), Vec::new());
    for seed in 0..3 {
        let steps = nb201_steps(seed, 60, 300);
        let found = steps.iter().find(|step| step.1 == Some(best(&steps))).ok_or("a best step")?;
        let place = architectures.iter().position(|arch| arch.text == found.0).ok_or("it was drawn")?;
        worth.push(TOPOLOGY.value(place));
        runs.push(write_history(&pages.path(&format!("nb201-runs/{seed}")), config("nb201", "evolution", seed, 60), &steps));
    }
    let scores = vec![write_run(&pages.path("nb201-scores"), &architectures, &TOPOLOGY)];
    let settings = SearchSettings { table: Some(table), scores, ..settings(runs, pages.path("nb201")) };
    let summary = build_search(&settings)?;
    let html = std::fs::read_to_string(&summary.index)?;
    loads_nothing(&html, &pages.path("nb201"));
    let mean = worth.iter().sum::<f64>() / 3.0;
    let deviation = (worth.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 2.0).sqrt();
    assert!(html.contains(&format!("{mean:.2} ± {deviation:.2}")), "{:?}", summary.findings);
    let top = (0..300).map(|k| TOPOLOGY.value(k)).fold(f64::NEG_INFINITY, f64::max);
    assert!(html.contains(&format!("regret {:.2} percentage points", top - mean)), "{:?}", summary.findings);
    let rank = 1 + (0..300).filter(|k| TOPOLOGY.value(*k) > worth[0]).count();
    assert!(std::fs::read_to_string(pages.path("nb201/data/found.csv"))?.lines().nth(1).ok_or("a row")?.contains(&format!(",{rank},")));
    for text in
        ["94.15 ± 0.22", "Table 8", "Table 4", "gives 94.5 as the best", "nor_conv_3x3", "First of all scored architectures", "synflow"]
    {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("id=\"published\""), "the structures of another space");
    // A table without what was found.
    let other = pages.path("other.parquet");
    let missing = &architectures[..1];
    write_table(&other, missing, &[TOPOLOGY], |_| 0);
    let error = build_search(&SearchSettings { table: Some(other), scores: Vec::new(), ..settings }).map(|_| ()).unwrap_err();
    assert!(matches!(error, report::Error::NotInTable { .. }), "{error}");
    assert_eq!(exit::code(&error), exit::BAD_INPUT);
    Ok(())
}

/// The worth of what a search found, in every benchmark: by whatever key its table has, in its own unit and direction.
#[test]
fn the_finds_have_their_worth_and_regret_in_every_benchmark() -> Outcome {
    let pages = Pages::new()?;
    let sized = Made { space: "nats-sss", epochs: 90, ..TOPOLOGY };
    let cells = Made { space: "nb101", epochs: 108, ..TOPOLOGY };
    let task =
        |dataset, metric, unit, epochs, range| Made { space: "tnb101", dataset, metric, unit, epochs, best: true, range, ..TOPOLOGY };
    let ssim = task("autoencoder", "ssim", "1", 30, (0.05, 0.57));
    let loss = task("room_layout", "neg_loss", "1", 25, (-1.09, -0.59));
    for (made, unit) in [(sized, "percentage points"), (cells, "percentage points"), (ssim, "SSIM"), (loss, "negative loss")] {
        let architectures = sample(made.space, 60);
        let name = format!("{}-{}", made.space, made.dataset);
        let table = pages.path(&format!("{name}.parquet"));
        write_table(&table, &architectures, &[made], |_| 0);
        // The objective follows the value, with some noise; thirty of them are evaluated.
        let objective = |k: usize| made.value(k) + 0.2 * (made.range.1 - made.range.0) * Stream::new(5, 0).uniform(k as u64);
        let steps: Vec<Step> = (0..30).map(|k| (architectures[k].text.clone(), Some(objective(k)), 1e6, 1e5, 5)).collect();
        let mut json = config(made.space, "evolution", 0, 30);
        json["dataset"] = json!(made.dataset);
        let run = write_history(&pages.path(&format!("{name}-run")), json, &steps);
        let summary = build_search(&SearchSettings { table: Some(table), ..settings(vec![run], pages.path(&name)) })?;
        let html = std::fs::read_to_string(&summary.index)?;
        let found = (0..30).max_by(|&a, &b| objective(a).total_cmp(&objective(b))).ok_or("a best one")?;
        let top = (0..60).map(|k| made.value(k)).fold(f64::NEG_INFINITY, f64::max);
        let rank = 1 + (0..60).filter(|k| made.value(*k) > made.value(found)).count();
        let row = std::fs::read_to_string(pages.path(&name).join("data/found.csv"))?.lines().nth(1).ok_or("a row")?.to_owned();
        let numbers: Vec<f64> = row.rsplit(',').filter_map(|cell| cell.parse().ok()).collect();
        for wanted in [made.value(found), top - made.value(found), rank as f64] {
            assert!(numbers.iter().any(|number| (number - wanted).abs() < 1e-9), "{name}: {wanted} is not in {row}");
        }
        assert!(html.contains("regret") && html.contains(unit), "{name}: {:?}", summary.findings);
    }
    Ok(())
}

#[test]
fn an_aggregate_is_compared_over_all_that_was_evaluated() -> Outcome {
    let folder = tempfile::tempdir()?;
    let architectures = sample("nb201", 8);
    let mut json = config("nb201", "random", 0, 8);
    json["objective"] = json!({ "name": "zico+naswot", "direction": "higher", "components": ["zico", "naswot"], "kind": "aggregate" });
    let mut builder = SearchTable::builder();
    for (k, arch) in architectures.iter().enumerate() {
        for (objective, value) in [("zico", k as f64), ("naswot", if k == 7 { 0.0 } else { k as f64 })] {
            let (step, arch, flops) = (k as u64, arch.text.as_str(), 1e6 * k as f64);
            let status = Status::Ok;
            let row = SearchRow {
                step,
                arch,
                parent: None,
                objective,
                value: Some(value),
                status,
                reason: None,
                flops,
                params: 1.0,
                layers: 1,
                latency_ms: None,
            };
            builder.push(row)?;
        }
    }
    builder.finish(Provenance::new(json))?.write(&folder.path().join("history.parquet"))?;
    let summary = build_search(&settings(vec![folder.path().into()], folder.path().join("page")))?;
    assert!(std::fs::read_to_string(&summary.index)?.contains("The objective ranks a set"));
    // Number 6 is second by the one and first by the other, number 7 first and last.
    let rows = std::fs::read_to_string(folder.path().join("page/data/found.csv"))?;
    assert!(rows.contains(&architectures[6].text), "{rows}");
    let value: f64 = rows.lines().nth(1).and_then(|row| row.split(',').nth(7)).ok_or("a value")?.parse()?;
    assert!((value - (7.0f64 / 8.0).ln()).abs() < 1e-9, "{value}");
    Ok(())
}

#[test]
fn what_is_no_search_is_refused_with_its_reason_and_code() -> Outcome {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name);
    let steps = plainnet_steps("random", 0, 4);
    let good = write_history(&at("good"), config("plainnet", "random", 0, 4), &steps);
    let empty = write_history(&at("empty"), config("plainnet", "random", 0, 4), &[]);
    let mut json = config("plainnet", "random", 0, 4);
    json["objective"]["name"] = json!("params");
    json["objective"]["components"] = json!(["params"]);
    let named = write_history(&at("named"), json, &steps);
    let mut json = config("plainnet", "random", 0, 4);
    json.as_object_mut().ok_or("an object")?.remove("method");
    let keyless = write_history(&at("keyless"), json, &steps);
    let other = write_history(&at("other"), config("nb201", "random", 0, 4), &nb201_steps(0, 4, 10));
    let twin = write_history(&at("twin"), config("plainnet", "random", 0, 4), &steps);
    let foreign = write_history(&at("foreign"), config("plainnet", "random", 0, 4), &nb201_steps(0, 4, 10));
    let lying = write_history(&at("lying"), config("plainnet", "random", 0, 4), &steps);
    std::fs::write(lying.join("summary.json"), r#"{"best":{"arch":"nowhere","value":1,"step":0}}"#)?;
    let broken = write_history(&at("broken"), config("plainnet", "random", 0, 4), &steps);
    std::fs::write(broken.join("summary.json"), "{")?;
    let bench = at("table.parquet");
    write_table(&bench, &sample("nb201", 3), &[TOPOLOGY], |_| 0);
    for (runs, code, part) in [
        (vec![at("nowhere")], exit::NO_DATA, "there is no search history at"),
        (vec![folder.path().into()], exit::NO_DATA, "history.parquet"),
        (vec![empty], exit::BAD_INPUT, "holds no evaluations"),
        (vec![named], exit::BAD_INPUT, "got `params`; row of step 0 is of `zico`"),
        (vec![keyless], exit::BAD_INPUT, "`method`: expected a text, got nothing"),
        (vec![good.clone(), other], exit::BAD_INPUT, "several spaces: nb201, plainnet"),
        (vec![good.clone(), twin], exit::BAD_INPUT, "are both random of zico on cifar10 with seed 0"),
        (vec![foreign], exit::BAD_INPUT, "cannot be read"),
        (vec![lying], exit::BAD_INPUT, "does not stand in the history"),
        (vec![broken], exit::BAD_INPUT, "summary.json"),
        (vec![bench.clone()], exit::BAD_INPUT, "expected a search table"),
    ] {
        let error = build_search(&settings(runs.clone(), at("page"))).map(|_| ()).unwrap_err();
        assert_eq!(exit::code(&error), code, "{runs:?}: {error}");
        assert!(error.to_string().contains(part), "{runs:?}: {error}");
        assert!(!at("page/index.html").exists(), "{runs:?}");
    }
    let no_table = SearchSettings { table: Some(at("missing.parquet")), ..settings(vec![good.clone()], at("page")) };
    assert_eq!(exit::code(&build_search(&no_table).map(|_| ()).unwrap_err()), exit::NO_DATA);
    let wrong_table = SearchSettings { table: Some(bench), ..settings(vec![good], at("page")) };
    assert_eq!(exit::code(&build_search(&wrong_table).map(|_| ()).unwrap_err()), exit::BAD_INPUT);
    Ok(())
}
