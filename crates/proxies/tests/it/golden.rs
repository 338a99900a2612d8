//! Every golden case, with and without rewriting passes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{DType, Init, Network, Norm, Placement, Scheme, Trainable};
use netgraph::Graph;
use netgraph::passes::Passes;
use netgraph::rng::{normal, uniform};
use proxies::{Detail, Evaluation, Options, Proxy, Score, TensorBatch, TensorTargets, evaluate, to_vec, zoo};
use serde_json::Value;
use spaces::Setting;
use spaces::plainnet::{Structure, Variant};
use tables::Status;
use tch::Device;

const WEIGHT_SEED: u64 = 1;
const DATA_SEED: u64 = 7;

fn cases(file: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden").join(file);
    let Ok(text) = fs::read_to_string(&path) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: no golden proxy values beside the checkout");
        }
        return Vec::new();
    };
    serde_json::from_str(&text).unwrap()
}

fn number(value: &Value) -> usize {
    value.as_u64().unwrap_or_default() as usize
}

/// Name of the space of a case.
fn space_of(case: &Value) -> &str {
    case["network"]["space"].as_str().unwrap_or("plainnet")
}

/// The network of a case.
fn network(case: &Value) -> Graph {
    network_for(case, number(&case["resolution"]))
}

/// The same for images of another side.
fn network_for(case: &Value, resolution: usize) -> Graph {
    if let Some(text) = case["structure"].as_str() {
        let structure = Structure::parse(text).unwrap();
        let flag = |key: &str| case[key].as_bool().unwrap();
        let variant = Variant { residual_links: flag("residual_links"), squeeze: flag("use_se") };
        return structure.lower(resolution, number(&case["classes"]), variant).unwrap();
    }
    let net = &case["network"];
    let space = spaces::find(&net["space"].as_str().unwrap().replace("sss", "nats-sss")).unwrap();
    let either = |keys: [&str; 2]| keys.iter().find_map(|key| net[*key].as_u64()).unwrap_or_default() as usize;
    let setting = Setting {
        channels: either(["C", "stem"]),
        cells: either(["N", "modules_per_stack"]),
        ..space.default_setting(number(&net["classes"]), resolution)
    };
    space.lower(&space.parse(&architecture(net)).unwrap(), &setting).unwrap()
}

/// The string of a golden network; those of NAS-Bench-101 are given as a matrix and operations.
fn architecture(net: &Value) -> String {
    let Some(rows) = net["matrix"].as_array() else { return net["arch"].as_str().unwrap().to_owned() };
    let bits: String = rows.iter().flat_map(|row| row.as_array().unwrap()).map(Value::to_string).collect();
    let ops: Vec<&str> = net["ops"].as_array().unwrap().iter().map(|op| op.as_str().unwrap()).collect();
    format!("{bits}:{}", ops.join(","))
}

pub fn batch(number: u64, size: usize, resolution: usize, classes: usize, placement: Placement) -> TensorBatch {
    let n = size * 3 * resolution * resolution;
    let images: Vec<f64> = (0..n as u64).map(|i| normal(DATA_SEED, number, i)).collect();
    let labels: Vec<i64> = (0..size as u64).map(|j| (uniform(DATA_SEED, 500 + number, j) * classes as f64).floor() as i64).collect();
    let (size, resolution) = (size as i64, resolution as i64);
    TensorBatch {
        images: placement.tensor(&images, &[size, 3, resolution, resolution]).unwrap(),
        targets: TensorTargets::Classes(placement.labels(&labels).unwrap()),
    }
}

/// A golden figure and the proxy that must give it.
struct Figure<'a> {
    proxy: &'static dyn Proxy,
    golden: &'a Value,
    /// Images of each batch that it sees.
    samples: Option<usize>,
    /// Seeds of the weights, over which it is averaged.
    repeats: usize,
    /// Side of the images, if it is not that of the case.
    resolution: Option<usize>,
}

impl<'a> Figure<'a> {
    /// The proxy for a figure; `None` if there is none, or if it is a score of a set ([`aggregates`](super::aggregates)).
    fn new(golden: &'a Value) -> Option<Self> {
        let name = golden["proxy"].as_str().unwrap();
        let variant = golden["variant"].as_str().unwrap_or("default");
        let (name, samples, repeats) = match (name, variant) {
            ("jacob_cov", _) if golden["init"] == "kaiming-normal-fan-in" => ("jacob_cov_kaiming", None, 1),
            ("vkdnw_single" | "vkdnw_agg" | "vkdnw_agg_mbv2" | "az_nas" | "swap_regular", _) => return None,
            ("az_complexity", _) => ("flops", None, 1),
            (name, "default") => (name, None, 1),
            (name @ ("near" | "swap"), "repeat 4") => (name, None, 4),
            ("swap", "four batches") => ("swap_joined", None, 1),
            ("near", "random start") => ("near_random", None, 1),
            ("meco_opt", "random channels") => ("meco_random", None, 1),
            ("meco", "batch of one") => ("meco", Some(1), 1),
            ("meco_containers", "released" | "released measure, 64x64") => ("meco_containers", Some(1), 1),
            ("meco_containers", "released, whole batch") => ("meco_containers", None, 1),
            _ => return None,
        };
        let resolution = (variant == "released measure, 64x64").then_some(64);
        Some(Self { proxy: zoo::find(name).ok()?, golden, samples, repeats, resolution })
    }

    fn name(&self) -> &'static str {
        self.proxy.meta().name
    }
}

/// Relative tolerance: eigenvalues, determinants and singular values are looser (SPEC.md); f32 goldens show the size of f32
/// error, which is large by nature where a spread over batches is divided by.
fn tolerance(dtype: DType, proxy: &str) -> f64 {
    match (dtype, proxy) {
        (
            DType::F64,
            "jacob_cov" | "jacob_cov_kaiming" | "ntk" | "meco" | "meco_containers" | "meco_opt" | "meco_random" | "near" | "near_random",
        ) => 1e-5,
        (DType::F64, _) => 1e-6,
        (_, "zico" | "zico_eq15" | "zico_std" | "zico_accum") => 5e-2,
        (_, "vkdnw_entropy" | "gradsign" | "knas" | "plain" | "grasp" | "swap" | "swap_joined") => 1e-2,
        (_, "grad_norm" | "snip" | "synflow" | "naswot" | "params" | "flops") => 1e-4,
        _ => 2e-3,
    }
}

/// Batches that a figure counts on: those it names, all of one run.
fn n_batches(golden: &Value) -> usize {
    golden["batches"].as_array().unwrap().len().max(2)
}

fn close(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= if want.abs() < 1e-9 { 1e-9 } else { tolerance * want.abs() }
}

fn check_case(case: &Value, covered: &mut Coverage) {
    let dtype = DType::parse(case["dtype"].as_str().unwrap()).unwrap();
    let placement = Placement::new(Device::Cpu, dtype);
    let space = space_of(case);
    if let Some(want) = case["logits_train"].as_array() {
        let graph = network(case);
        let images = batch(0, number(&case["batch_size"]), number(&case["resolution"]), graph.classes(), placement).images;
        let init = Init { scheme: Scheme::TorchDefault, seed: WEIGHT_SEED };
        let logits = Network::new(&graph, &init, placement, Trainable::Layers).forward(&images, Norm::Train, &mut |_| {}).logits;
        let differs = |(got, want): (&f64, &Value)| (got - want.as_f64().unwrap()).abs() > 1e-9;
        if to_vec(&logits).iter().zip(want).any(differs) || logits.numel() != want.len() {
            covered.wrong.push(format!("{}: logits", case["case"]));
        }
    }
    // Figures of one initialisation and number of batches share their passes, as in a run. A proxy whose own initialisation it is
    // gets none from outside, so that its own is what is checked.
    let mut groups: BTreeMap<(&str, bool, usize, usize), Vec<Figure>> = BTreeMap::new();
    for golden in case["values"].as_array().unwrap() {
        match Figure::new(golden) {
            Some(figure) => {
                // `default` stands beside variants of one name, which then share nothing.
                let resolution = figure.resolution.unwrap_or_else(|| number(&case["resolution"]));
                let init = golden["init"].as_str().unwrap();
                let own = figure.proxy.meta().passes.iter().all(|pass| pass.state.init.name() == init);
                groups.entry((init, own, n_batches(golden), resolution)).or_default().push(figure);
            }
            None => covered.without_proxy(golden),
        }
    }
    for ((init, own, n_batches, resolution), mut members) in groups {
        let graph = network_for(case, resolution);
        // The measure that brings its own image has a stream of its own.
        let first = if resolution == number(&case["resolution"]) { 0 } else { 100 };
        let batches: Vec<TensorBatch> = (first..first + n_batches as u64)
            .map(|b| batch(b, number(&case["batch_size"]), resolution, graph.classes(), placement))
            .collect();
        while !members.is_empty() {
            // One figure of each proxy at a time: variants of one differ in their options.
            let mut taken: Vec<Figure> = Vec::new();
            let mut rest = Vec::new();
            for figure in members {
                if taken.iter().any(|t| t.name() == figure.name()) { rest.push(figure) } else { taken.push(figure) }
            }
            members = rest;
            let proxies: Vec<&dyn Proxy> = taken.iter().map(|m| m.proxy).collect();
            let samples: BTreeMap<String, usize> = taken.iter().filter_map(|m| Some((m.name().to_owned(), m.samples?))).collect();
            let repeats: BTreeMap<String, usize> = taken.iter().map(|m| (m.name().to_owned(), m.repeats)).collect();
            for passes in [Passes::LIVE, Passes::NONE] {
                let init = (!own).then(|| Scheme::parse(init).unwrap());
                let (samples, repeats) = (samples.clone(), repeats.clone());
                let options = Options { seed: WEIGHT_SEED, noise_seed: DATA_SEED, init, placement, passes, samples, repeats };
                let run: Evaluation = evaluate(&graph, &proxies, &batches, &options).unwrap();
                for (figure, outcome) in taken.iter().zip(&run.outcomes) {
                    let what = format!("{} {} {} {init:?} {passes:?}", case["case"], dtype.name(), figure.golden);
                    let what: String = what.chars().take(240).collect();
                    match (figure.golden["value"].as_f64(), &outcome.score) {
                        (Some(want), Ok(Score { value: got, details })) => {
                            if !close(*got, want, tolerance(dtype, figure.name())) {
                                covered.wrong.push(format!("{what}: {} got {got}, want {want}", figure.name()));
                            } else if dtype == DType::F64 && figure.repeats == 1 {
                                covered.compare_details(&what, figure, details);
                            }
                        }
                        // A pass that broke is no score, either, but not for the reason that the reference has none.
                        (None, Err(undefined)) if undefined.status != Status::Error => {}
                        (want, got) => covered.wrong.push(format!("{what}: {} got {got:?}, want {want:?}", figure.name())),
                    }
                }
            }
            if own {
                covered.own_init.extend(taken.iter().filter(|figure| !figure.golden["value"].is_null()).map(Figure::name));
            }
            covered.checked(space, dtype, &taken);
        }
    }
}

/// What was checked, for the table in the docs.
#[derive(Default)]
pub struct Coverage {
    /// Figures by (proxy, space): in f64, in f32.
    pub figures: BTreeMap<(&'static str, String), [usize; 2]>,
    /// Of these, nulls.
    pub nulls: BTreeMap<(&'static str, String), usize>,
    /// Proxies with a figure that is no null under their own initialisation.
    pub own_init: BTreeSet<&'static str>,
    /// What did not agree.
    pub wrong: Vec<String>,
    /// Names of figures that no proxy gives.
    pub without: BTreeMap<String, usize>,
    /// Details by (proxy, name): compared, and left out since the file keeps only a part of the list.
    pub details: BTreeMap<(&'static str, String), [usize; 2]>,
}

impl Coverage {
    fn checked(&mut self, space: &str, dtype: DType, figures: &[Figure]) {
        for figure in figures {
            let key = (figure.name(), space.to_owned());
            *self.nulls.entry(key.clone()).or_default() += usize::from(figure.golden["value"].is_null());
            self.figures.entry(key).or_default()[usize::from(dtype != DType::F64)] += 1;
        }
    }

    fn join(&mut self, other: Self) {
        self.wrong.extend(other.wrong);
        self.own_init.extend(other.own_init);
        for (key, count) in other.nulls {
            *self.nulls.entry(key).or_default() += count;
        }
        for (key, counts) in other.figures {
            let own = self.figures.entry(key).or_default();
            *own = [own[0] + counts[0], own[1] + counts[1]];
        }
        for (name, count) in other.without {
            *self.without.entry(name).or_default() += count;
        }
        for (key, counts) in other.details {
            let own = self.details.entry(key).or_default();
            *own = [own[0] + counts[0], own[1] + counts[1]];
        }
    }

    /// Compares the details that both have; [`every_proxy_equals_its_reference`] asks which were.
    fn compare_details(&mut self, what: &str, figure: &Figure, details: &[(&'static str, Detail)]) {
        for (name, detail) in details {
            let all = &figure.golden["details"];
            let list =
                |value: &Value| -> Vec<f64> { value.as_array().into_iter().flatten().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect() };
            let (mut got, mut want) = match (detail, &all[*name]) {
                (Detail::Number(got), Value::Number(want)) => (vec![*got], vec![want.as_f64().unwrap()]),
                (Detail::Numbers(got), Value::Array(_)) => (got.clone(), list(&all[*name])),
                // The files have other names for the terms of operations.
                (Detail::Numbers(got), _) if *name == "terms" => {
                    let of_kinds = ["terms_in_order_of_execution", "terms_last_block_first", "terms_weighted_modules", "terms_relu"];
                    (got.clone(), of_kinds.iter().flat_map(|kind| list(&all[*kind])).collect())
                }
                _ => continue,
            };
            // Of vectors, which have no correlations, some keep the zero.
            if figure.name().starts_with("meco") {
                got.retain(|term| *term != 0.0);
                want.retain(|term| *term != 0.0);
            }
            if want.is_empty() && !got.is_empty() {
                continue;
            }
            let counts = self.details.entry((figure.name(), (*name).to_owned())).or_default();
            let same_length = got.len() == want.len();
            counts[usize::from(!same_length)] += 1;
            if same_length {
                self.wrong.extend(wrong_detail(&format!("{what} {name}"), figure.name(), name, got, want));
            }
        }
    }

    fn without_proxy(&mut self, golden: &Value) {
        let name = format!("{} ({})", golden["proxy"].as_str().unwrap(), golden["variant"].as_str().unwrap_or("default"));
        *self.without.entry(name).or_default() += 1;
    }
}

/// Checks cases on all cores.
fn check(cases: &[Value]) -> Coverage {
    let (next, covered) = (AtomicUsize::new(0), Mutex::new(Coverage::default()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                engine::use_one_thread();
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if case["members"].is_null() {
                        let mut own = Coverage::default();
                        check_case(case, &mut own);
                        covered.lock().unwrap().join(own);
                    }
                }
            });
        }
    });
    covered.into_inner().unwrap()
}

#[test]
fn every_proxy_equals_its_reference() {
    let mut cases = [cases("visible.json"), cases("newer.json"), cases("plainnet.json")].concat();
    // Large structures have costs only, which `spaces` compares.
    cases.retain(|case| !case["values"].is_null());
    let covered = check(&cases);
    assert!(covered.wrong.is_empty(), "{} figures are wrong:\n{}", covered.wrong.len(), covered.wrong.join("\n"));
    if cases.is_empty() {
        return;
    }
    for name in covered.without.keys() {
        let elsewhere = ["vkdnw_single ", "vkdnw_agg ", "vkdnw_agg_mbv2 ", "az_nas ", "swap_regular "];
        assert!(elsewhere.iter().any(|known| name.starts_with(known)), "{name}: no proxy gives this figure, and no other test compares it");
    }
    for ((name, space), [double, single]) in &covered.figures {
        let runs = !zoo::find(name).unwrap().meta().passes.is_empty();
        let has_value = double + single > covered.nulls[&(*name, space.clone())];
        assert!(!(runs && has_value) || covered.own_init.contains(name), "{name}: no figure under its own initialisation");
    }
    for ((proxy, name), [compared, _]) in &covered.details {
        assert!(*compared > 0, "{proxy}: the detail {name} is compared nowhere");
    }
    assert!(covered.details.len() > 20, "{:?}", covered.details);
    up_to_date(&covered);
    #[expect(clippy::print_stderr, reason = "what is not covered must be seen")]
    {
        let checked: usize = covered.figures.values().flatten().sum();
        eprintln!(
            "checked {checked} golden values of {} proxies; checked elsewhere or without a proxy: {:?}",
            zoo::ALL.len(),
            covered.without
        );
    }
}

/// Where two lists differ. Single ratios of `ZiCo` are looser by nature (SPEC.md: layer sums up to 6e-5); of terms much smaller than the
/// largest only so much is left in sums of both.
fn wrong_detail(what: &str, proxy: &str, name: &str, mut got: Vec<f64>, mut want: Vec<f64>) -> Vec<String> {
    // Terms of operations come in an order that rewriting changes.
    if matches!(name, "terms" | "layer_terms" | "eigenvalues") {
        got.sort_unstable_by(f64::total_cmp);
        want.sort_unstable_by(f64::total_cmp);
    }
    let tolerance = match name {
        _ if want.len() == 1 => 1e-6,
        "layer_sums" if proxy.starts_with("zico") => 1e-4,
        _ => tolerance(DType::F64, proxy),
    };
    let largest = want.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let agree = |got: f64, want: f64| close(got, want, tolerance) || (got - want).abs() <= tolerance / 10.0 * largest;
    let differ = |(got, want): &(&f64, &f64)| !agree(**got, **want);
    let pairs = got.iter().zip(&want).enumerate().filter(|(_, pair)| differ(pair));
    pairs.map(|(k, (got, want))| format!("{what}[{k}]: got {got}, want {want}")).collect()
}

/// Proxies without a golden figure, and what they are compared with.
const WITHOUT_FIGURE: &[(&str, &str)] = &[
    ("live_layers", "against which gradients are zero"),
    ("zico_damped", "ours, against its formula"),
    ("synflow_log", "against the logarithm of `synflow`"),
    ("gradsign_sum", "as the sum in the details of `gradsign`"),
    ("vkdnw_single", "against the figures of a set, to 1e-6"),
];

/// What the documentation says was checked is what this test checked.
///
/// `ZICO_BLESS=1 cargo test -p proxies --test it golden` writes it anew.
fn up_to_date(covered: &Coverage) {
    let spaces: BTreeSet<&str> = covered.figures.keys().map(|(_, space)| space.as_str()).collect();
    let mut text = String::from(
        "# What each proxy was checked against\n\nMade by the golden test, which computes every figure with and without rewriting passes; don't edit. Numbers are figures of the reference \
         implementations (or, where there is none, of an independent computation of the definition; `../shared/golden/SPEC.md`) in f64, and after `+` in f32, that our value of the same dtype equals to \
         the tolerance beside. How many of them are null, and ours with them, stands in brackets. Every proxy was computed with its own initialisation where the figures have that one.\n\n",
    );
    let header: Vec<String> = spaces.iter().map(|space| format!(" {} |", space.replace("sss", "nats-sss"))).collect();
    let rule = "---|".repeat(spaces.len() + 3);
    let _ = writeln!(text, "| proxy |{} f64 within | f32 within |\n|{rule}", header.concat());
    for proxy in zoo::ALL.iter().map(|p| p.meta().name) {
        let counts: Vec<[usize; 2]> =
            spaces.iter().map(|space| covered.figures.get(&(proxy, (*space).to_owned())).copied().unwrap_or_default()).collect();
        let cells = spaces.iter().zip(&counts).map(|(space, [double, single])| {
            let figures = match (double, single) {
                (0, 0) => "-".into(),
                (double, 0) => format!("{double}"),
                (double, single) => format!("{double} + {single}"),
            };
            match covered.nulls.get(&(proxy, (*space).to_owned())) {
                None | Some(0) => format!(" {figures} |"),
                Some(nulls) => format!(" {figures} ({nulls}) |"),
            }
        });
        let within = [DType::F64, DType::F32]
            .iter()
            .enumerate()
            .map(|(k, &dtype)| if counts.iter().any(|c| c[k] > 0) { format!(" {:e} |", tolerance(dtype, proxy)) } else { " - |".into() });
        let _ = writeln!(text, "| `{proxy}` |{}", cells.chain(within).collect::<String>());
    }
    text += "\nScores of a set, `az_nas`, `vkdnw_agg`, `vkdnw_agg_mbv2` and `swap_regular`, are compared with their figures to 1e-12 by the tests of the crate `report` (`aggregates.rs`).\n";
    let without = zoo::ALL.iter().map(|p| p.meta().name).filter(|name| !covered.figures.keys().any(|(covered, _)| covered == name));
    let without: Vec<String> = without
        .map(|name| {
            let by = WITHOUT_FIGURE.iter().find(|(known, _)| *known == name);
            format!("`{name}` ({})", by.unwrap_or_else(|| panic!("{name} has no golden figure: say what it is compared with")).1)
        })
        .collect();
    assert_eq!(without.len(), WITHOUT_FIGURE.len(), "{without:?}");
    let _ = writeln!(text, "\nWithout a golden figure: {}.", without.join(", "));
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/proxies-verified.md");
    if std::env::var_os("ZICO_BLESS").is_some() {
        fs::write(&file, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), text, "docs/proxies-verified.md: run with ZICO_BLESS=1");
}

/// The figures of `vkdnw_single` stand under the members of a set.
#[test]
fn vkdnw_single_equals_its_figures_of_a_set() {
    let all: Vec<Value> = ["visible.json", "newer.json"].into_iter().flat_map(cases).collect();
    let placement = Placement::new(Device::Cpu, DType::F64);
    let mut checked = 0;
    for set in all.iter().filter(|case| case["members"].is_array()) {
        let golden = set["values"].as_array().unwrap().iter().find(|golden| golden["proxy"] == "vkdnw_single").unwrap();
        for (member, want) in golden["details"]["scores"].as_object().unwrap() {
            let is_member = |case: &&Value| case["case"] == **member && case["dtype"] == "f64" && case["network"]["space"] == "nb201";
            let Some(case) = all.iter().find(is_member) else { continue };
            let graph = network(case);
            let batches = [batch(0, number(&case["batch_size"]), number(&case["resolution"]), graph.classes(), placement)];
            let init = Some(Scheme::parse(golden["init"].as_str().unwrap()).unwrap());
            let options = Options { seed: WEIGHT_SEED, noise_seed: DATA_SEED, init, placement, ..Options::default() };
            let outcome = evaluate(&graph, &[zoo::find("vkdnw_single").unwrap()], &batches, &options).unwrap().outcomes.remove(0);
            let (got, want) = (outcome.score.unwrap().value, want.as_f64().unwrap());
            assert!(close(got, want, 1e-6), "{member}: got {got}, want {want}");
            checked += 1;
        }
    }
    assert!(checked >= 4 || all.is_empty(), "{checked} members");
}
