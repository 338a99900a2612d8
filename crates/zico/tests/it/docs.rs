//! The pages of proxies in the documentation are what the registry says.
//!
//! `ZICO_BLESS=1 cargo test -p zico --test it docs` writes them anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use bench_loaders::{BatchSpec, datasets, noise_batches};
use engine::{DType, Placement};
use proxies::{Batches, Cost, Input, Meta, Options, Proxy, TensorBatch, TensorTargets, Workload, evaluate, plan, zoo};
use report::aggregate::{self, Aggregate};
use spaces::Setting;
use tch::{Device, Kind, Tensor};

/// What costs are stated for.
const WORK: Workload = Workload { batches: 2, batch_size: 64, classes: 10 };

/// Expected cost together, over that of `ZiCo` alone.
fn cost(proxies: &[&dyn Proxy]) -> f64 {
    let of = |proxies: &[&dyn Proxy]| -> f64 { plan(proxies, &Options::default()).iter().map(|pass| pass.cost(WORK)).sum() };
    // The sum of nothing is minus zero.
    of(proxies) / of(&[zoo::find("zico").unwrap()]) + 0.0
}

fn direction(meta: &Meta) -> &'static str {
    if meta.direction.as_str() == "higher" { "higher claims the better network" } else { "lower claims the better network" }
}

/// Measured cost alone over that of `ZiCo` alone, by proxy: none before `scripts/proxy_costs` has run.
fn measured_costs(docs: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(docs.join("proxy-costs.csv")).unwrap_or_default();
    let rows = text.lines().skip(1).map(|line| line.split_once(',').expect(line));
    let costs: BTreeMap<String, String> = rows.map(|(proxy, cost)| (proxy.to_owned(), cost.to_owned())).collect();
    for proxy in costs.keys() {
        zoo::find(proxy).unwrap();
    }
    costs
}

fn index(measured: &BTreeMap<String, String>) -> String {
    let mut text = String::from(
        "# Proxies\n\nMade from the registry (`zico list proxies --format json` has every field); don't edit. What each was checked against: [proxies-verified.md](proxies-verified.md).\n\n\
         Cost is what the proxy is expected to take alone, over ZiCo alone, for two batches of 64 images of 10 classes; together they share passes: `zico score --explain` prints which. \
         Scope *live*: depends only on what can reach the output; *whole*: operations that lead nowhere count too.",
    );
    let mut heads = vec!["name", "formula", "scope", "weights", "better", "cost"];
    if !measured.is_empty() {
        text += " What it took alone was measured on a few networks of NAS-Bench-201 (f32, a thread a network; from machine to machine and sample to sample such ratios differ by up to a third; `scripts/proxy_costs`).";
        heads.push("measured");
    }
    writeln!(text, "\n\n| {} |\n|{}", heads.join(" | "), "---|".repeat(heads.len())).unwrap();
    for proxy in zoo::ALL {
        let m = proxy.meta();
        let init = m.passes.first().map_or("-", |pass| pass.state.init.name());
        let (scope, formula) = (format!("{:?}", m.scope).to_lowercase(), m.formula.replace('|', "\\|"));
        let better = m.direction.as_str();
        write!(text, "| [`{0}`](proxies/{0}.md) | {formula} | {scope} | {init} | {better} | {1:.2} |", m.name, cost(&[*proxy])).unwrap();
        if !measured.is_empty() {
            write!(text, " {} |", measured.get(m.name).map_or("not yet", String::as_str)).unwrap();
        }
        text.push('\n');
    }
    text.push_str(
        "\n## Scores of a set\n\n`--aggregate` of `zico score`, `correlate` and `report` combines proxies over the architectures of a run: the sum over the parts of ln(rank / m), \
         rank 1 the worst of m, equal scores sharing the average of their ranks, architectures whose score is undefined the lowest; one that a part does not apply to, or failed on, has none. Such a score ranks a set; it cannot be compared between sets. \
         Any proxies joined by `+` make one (`a>b` ranks by a, and by b where a is equal); these have names. Unit: nats, those of `swap_regular` patterns; higher claims the better network; conventions are those of the parts. \
         Cost is what all parts take together, over ZiCo alone (expected).\n\n| name | parts | definition, and where code and paper differ | cost |\n|---|---|---|---|\n",
    );
    for named in aggregate::ALL {
        let parts = Aggregate::parse(named.name).unwrap();
        let parts: Vec<&dyn Proxy> = parts.proxies().iter().map(|part| zoo::find(part).unwrap() as &dyn Proxy).collect();
        writeln!(text, "| `{}` | `{}` | {} | {:.2} |", named.name, named.parts, named.about, cost(&parts)).unwrap();
    }
    text
}

fn page(proxy: &dyn Proxy, degenerate: &[(&str, String)]) -> String {
    let m = proxy.meta();
    let mut text = format!("# {}\n\n`{}`, version {}\n\n    {}\n\n", m.title, m.name, m.version, m.formula);
    writeln!(text, "| | |\n|---|---|\n| Unit | {} |\n| Direction | {} |", m.unit.replace('|', "\\|"), direction(m)).unwrap();
    writeln!(
        text,
        "| Scope | {} |",
        if format!("{:?}", m.scope) == "Live" { "live: dead operations do not matter" } else { "whole: dead operations count" }
    )
    .unwrap();
    if m.passes.is_empty() {
        writeln!(text, "| Reads | the graph alone; nothing runs |").unwrap();
    }
    for pass in m.passes {
        let input = match pass.state.input {
            Input::Nothing => "no input",
            Input::Batches => "the batches",
            Input::Joined => "all batches as one",
            Input::Noise => "noise",
            Input::Ones => "one image of ones",
            Input::Perturbed => "noise, twice",
        };
        let (absolute, dtype) =
            (if pass.state.absolute { ", absolute values" } else { "" }, pass.state.dtype.map_or("the run's", engine::DType::name));
        for reading in pass.readings {
            let demands = reading.demands();
            let seen = match demands.batches {
                Batches::First => "first batch".to_owned(),
                Batches::All => "every batch".to_owned(),
                Batches::UpTo(most) => format!("at most {most} batches"),
            };
            let own = match demands.cost {
                Cost::Forwards(0.0) => String::new(),
                Cost::Forwards(n) => format!(", own work about {n} forward passes"),
                Cost::PerImage(n) => format!(", own work about {n} forward passes an image"),
                Cost::PerClass(n) => format!(", own work about {n} forward passes a class"),
            };
            writeln!(
                text,
                "| Reads | {} ({seen}), of {input}; weights {}{absolute}; batch norm {}; dtype {dtype}{own} |",
                reading.name(),
                pass.state.init.name(),
                pass.state.norm.name()
            )
            .unwrap();
        }
    }
    writeln!(text, "| Cost alone | {:.2} times ZiCo (expected; 2 batches of 64, 10 classes) |", cost(&[proxy])).unwrap();
    writeln!(text, "| Paper | {} |\n| Reference code | `{}` |", m.paper, m.reference).unwrap();
    write!(text, "\n## Conventions, and where code and paper differ\n\n{}\n", m.conventions).unwrap();
    text += "\n## Degenerate input\n\nWhat it gives on a small network of NAS-Bench-201 in double precision (tried by the test that writes this page).\n\n| | |\n|---|---|\n";
    for (case, outcome) in degenerate {
        writeln!(text, "| {case} | {} |", outcome.replace('|', "\\|")).unwrap();
    }
    text
}

/// What every proxy gives where there is little to read: by proxy, cases with outcomes.
fn degenerate() -> Vec<Vec<(&'static str, String)>> {
    const SIZE: usize = 6;
    let space = spaces::find("nb201").unwrap();
    let setting = Setting { channels: 8, cells: 1, ..space.default_setting(4, 16) };
    let placement = Placement::new(Device::Cpu, DType::F64);
    let options = Options { placement, ..Options::default() };
    let batches = |size: usize| {
        let spec = BatchSpec { n_batches: 2, batch_size: size, ..BatchSpec::default() };
        let set = noise_batches(&spec, datasets::find("cifar10").unwrap(), setting.classes, setting.resolution).unwrap();
        TensorBatch::all(&set.batches, &options).unwrap()
    };
    let (mut twins, mut one_class, broken) = (batches(SIZE), batches(SIZE), batches(SIZE));
    for batch in &mut twins {
        batch.images = Tensor::cat(&[batch.images.narrow(0, 0, 1), batch.images.narrow(0, 0, SIZE as i64 - 1)], 0);
    }
    for batch in &mut one_class {
        batch.targets = TensorTargets::Classes(Tensor::zeros([SIZE as i64], (Kind::Int64, Device::Cpu)));
    }
    let _ = broken[0].images.narrow(0, 2, 1).fill_(f64::NAN);
    let cases = [
        ("The output does not depend on the image", "1651", batches(SIZE)),
        ("Two images of each batch are equal", "13398", twins),
        ("All images have one class", "13398", one_class),
        ("A batch is one image", "13398", batches(1)),
        ("A pixel is NaN or infinite", "13398", broken),
    ];
    let mut found: Vec<Vec<(&str, String)>> = vec![Vec::new(); zoo::ALL.len()];
    for (case, architecture, batches) in cases {
        let graph = space.lower(&space.parse(architecture).unwrap(), &setting).unwrap();
        for (outcomes, outcome) in found.iter_mut().zip(evaluate(&graph, zoo::ALL, &batches, &options).unwrap().outcomes) {
            let text = match outcome.score {
                Ok(score) if score.value == 0.0 => "0".to_owned(),
                Ok(_) => "a score".to_owned(),
                Err(undefined) => format!("none ({}): {}", undefined.status.as_str(), undefined.reason),
            };
            outcomes.push((case, text));
        }
    }
    found
}

#[test]
fn the_pages_of_proxies_are_up_to_date() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut pages = vec![("proxies.md".to_owned(), index(&measured_costs(&docs)))];
    let of_proxy =
        |(proxy, degenerate): (&&dyn Proxy, Vec<(&str, String)>)| (format!("proxies/{}.md", proxy.meta().name), page(*proxy, &degenerate));
    pages.extend(zoo::ALL.iter().zip(degenerate()).map(of_proxy));
    let bless = std::env::var_os("ZICO_BLESS").is_some();
    for (name, text) in &pages {
        let file = docs.join(name);
        if bless {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, text).unwrap();
        }
        assert_eq!(&fs::read_to_string(&file).unwrap_or_default(), text, "{name}: run with ZICO_BLESS=1");
    }
    let known: BTreeSet<String> = zoo::ALL.iter().map(|proxy| format!("{}.md", proxy.meta().name)).collect();
    let there: BTreeSet<String> =
        fs::read_dir(docs.join("proxies")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, known, "pages without a proxy");
}
