//! A small run, done in several ways: its files must be the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bench_loaders::{Batch, BatchSet, BatchSpec, datasets, noise_batches};
use proxies::runner::{BatchConfig, Item, ProxyVersion, Reused, Run, RunConfig, deduplicated, sample_order};
use proxies::{Error, Options, Proxy, zoo};
use shards::{Config as _, Event, NetworkConfig, Part, Selection, Summary};
use spaces::{Architecture, Setting, Space};
use tables::{Provenance, ScoreTable, Status};

const N_ARCHITECTURES: usize = 20;

struct Small {
    space: &'static dyn Space,
    proxies: Vec<&'static dyn Proxy>,
    batches: Vec<Batch>,
    config: RunConfig,
    items: Vec<Item>,
    options: Options,
    reused: Reused,
}

fn noise(dataset: &str, classes: usize, seed: u64) -> BatchSet {
    let spec = BatchSpec { n_batches: 2, batch_size: 4, seed, ..BatchSpec::default() };
    noise_batches(&spec, datasets::find(dataset).unwrap(), classes, 8).unwrap()
}

impl Small {
    fn new(seed: u64, deduplicate: bool) -> Self {
        Self::on("cifar10", 10, seed, deduplicate)
    }

    fn on(dataset: &str, classes: usize, seed: u64, deduplicate: bool) -> Self {
        let space = spaces::find("nb201").unwrap();
        let architectures: Vec<Architecture> = space.sample(3, N_ARCHITECTURES);
        let proxies = zoo::ALL.to_vec();
        let set = noise(dataset, classes, 0);
        let config = RunConfig {
            space: "nb201".into(),
            dataset: dataset.into(),
            network: NetworkConfig { channels: 2, cells: 1, classes, resolution: 8 },
            proxies: proxies.iter().map(|p| ProxyVersion::new(p.meta(), &Options::default())).collect(),
            architectures: Selection::new("sample:20", architectures.iter().map(|a| a.text.as_str())),
            batches: BatchConfig { protocol: set.protocol, sha256: set.sha256, count: 2, size: 4, data_seed: 0 },
            init: "default".into(),
            seed,
            dtype: "f32".into(),
            device: "cpu".into(),
            reduced_precision: false,
            deduplicate,
            optimise: true,
            shard_size: 3,
        };
        let items = sample_order(deduplicated(space, &architectures, &proxies, deduplicate).unwrap());
        Self {
            space,
            proxies,
            batches: set.batches,
            config,
            items,
            options: Options { seed, ..Options::default() },
            reused: Reused::default(),
        }
    }

    fn execute(&self, out: &Path, workers: usize, part: Part, stop_after: usize) -> Result<Summary, Error> {
        let run = Run {
            config: &self.config,
            space: self.space,
            setting: Setting { channels: 2, cells: 1, ..self.space.default_setting(self.config.network.classes, 8) },
            proxies: &self.proxies,
            batches: &self.batches,
            options: self.options.clone(),
            items: &self.items,
            reused: &self.reused,
            provenance: Provenance::new(self.config.to_json()),
        };
        let (stop, networks) = (AtomicBool::new(false), AtomicUsize::new(0));
        run.execute(out, workers, part, &stop, &|event| {
            if event == Event::Item && networks.fetch_add(1, Ordering::SeqCst) + 1 == stop_after {
                stop.store(true, Ordering::SeqCst);
            }
        })
    }
}

/// Name and bytes of every score file.
fn files(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(out.join("scores")).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

#[test]
fn files_do_not_depend_on_workers_parts_or_interruptions() {
    let small = Small::new(0, false);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);

    let whole = small.execute(&at("one"), 1, Part::ALL, usize::MAX).unwrap();
    assert_eq!((whole.evaluated, whole.left), (N_ARCHITECTURES, 0));
    let expected = files(&at("one"));
    assert_eq!(expected.len(), N_ARCHITECTURES.div_ceil(3));

    small.execute(&at("two"), 2, Part::ALL, usize::MAX).unwrap();
    assert_eq!(files(&at("two")), expected);

    for index in [1, 0] {
        small.execute(&at("parts"), 1, Part::new(index, 2).unwrap(), usize::MAX).unwrap();
    }
    assert_eq!(files(&at("parts")), expected);

    let interrupted = small.execute(&at("resumed"), 1, Part::ALL, 7).unwrap();
    assert_eq!((interrupted.evaluated, interrupted.left), (6, 14));
    // What a killed process leaves behind must not be taken for a shard.
    fs::write(at("resumed").join("scores/.half-written.tmp"), b"PAR1").unwrap();
    let resumed = small.execute(&at("resumed"), 2, Part::ALL, usize::MAX).unwrap();
    assert_eq!((resumed.found, resumed.evaluated, resumed.left), (6, 14, 0));
    fs::remove_file(at("resumed").join("scores/.half-written.tmp")).unwrap();
    assert_eq!(files(&at("resumed")), expected);

    let table = ScoreTable::read_dir(&at("two")).unwrap();
    assert_eq!(table.len(), N_ARCHITECTURES * small.proxies.len());
    assert!(table.iter().all(|row| row.wall_ms.is_some()));
    assert!(table.iter().filter(|row| row.proxy == "zico").all(|row| row.value.is_some()));
}

#[test]
fn a_folder_of_another_configuration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Small::new(0, false).execute(folder.path(), 1, Part::ALL, 1).unwrap();
    let error = Small::new(1, false).execute(folder.path(), 1, Part::ALL, usize::MAX).unwrap_err();
    assert!(
        matches!(&error, Error::Shards(shards::Error::OtherConfiguration { differences, .. }) if differences == "seed (there 0, here 1)"),
        "{error}"
    );
}

#[test]
fn what_no_dataset_changes_is_taken_over_and_equal() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    Small::new(0, true).execute(&at("cifar10"), 1, Part::ALL, usize::MAX).unwrap();
    let mut small = Small::on("cifar100", 100, 0, true);
    small.batches = noise("cifar100", 100, 1).batches;
    small.execute(&at("evaluated"), 1, Part::ALL, usize::MAX).unwrap();
    small.reused = Reused::read(&[at("cifar10")], &small.config, &small.proxies).unwrap();
    assert_eq!(small.reused.proxies, ["zen", "az_expressivity", "az_progressivity", "az_trainability"]);
    small.execute(&at("reused"), 1, Part::ALL, usize::MAX).unwrap();
    assert_eq!(files(&at("reused")), files(&at("evaluated")));

    // Other weights would show in whatever is evaluated.
    small.options.seed = 1;
    small.execute(&at("other weights"), 1, Part::ALL, usize::MAX).unwrap();
    let [evaluated, other] = ["evaluated", "other weights"].map(|run| ScoreTable::read_dir(&at(run)).unwrap());
    let mut n_reused = 0;
    for (row, other) in evaluated.iter().zip(other.iter()) {
        if small.reused.proxies.contains(&row.proxy) && row.status != Status::NonFinite {
            assert_eq!((row.arch, row.value, row.reason), (other.arch, other.value, other.reason));
            assert!(other.wall_ms.is_none(), "{other:?}");
            n_reused += 1;
        }
        assert!(row.proxy != "zico" || row.value == Some(0.0) || row.value != other.value, "{row:?}");
    }
    assert!(n_reused > 3 * N_ARCHITECTURES, "{n_reused}");
}

#[test]
fn what_ran_on_the_same_images_is_taken_over_and_equal() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut small = Small::new(0, true);
    small.execute(&at("evaluated"), 1, Part::ALL, usize::MAX).unwrap();
    // Every second proxy in one run and a third of the others in another, unfinished, each with passes of its own: what is left shares
    // other passes than in the run of all.
    let part = |chosen: &dyn Fn(usize) -> bool, stop_after: usize, out: &str| {
        let mut part = Small::new(0, true);
        let is_chosen: Vec<bool> = (0..part.proxies.len()).map(chosen).collect();
        let mut of_proxy = is_chosen.iter();
        part.proxies.retain(|_| *of_proxy.next().unwrap());
        let mut of_version = is_chosen.iter();
        part.config.proxies.retain(|_| *of_version.next().unwrap());
        part.items = sample_order(deduplicated(part.space, &part.space.sample(3, N_ARCHITECTURES), &part.proxies, true).unwrap());
        part.execute(&at(out), 1, Part::ALL, stop_after).unwrap();
        part.proxies.len()
    };
    let n_even = part(&|k| k % 2 == 0, usize::MAX, "even");
    let n_other = part(&|k| k % 6 == 1, 7, "unfinished");
    small.reused = Reused::read(&[at("even"), at("unfinished")], &small.config, &small.proxies).unwrap();
    assert_eq!((small.reused.sources.len(), small.reused.proxies.len()), (2, n_even + n_other));
    small.execute(&at("reused"), 1, Part::ALL, usize::MAX).unwrap();
    assert_eq!(files(&at("reused")), files(&at("evaluated")));

    let all = Reused::read(&[at("evaluated")], &small.config, &small.proxies).unwrap();
    assert_eq!(all.proxies.len(), small.proxies.len());
}

#[test]
fn scores_that_would_be_others_are_not_taken_over() {
    type Change<'a> = &'a dyn Fn(&mut RunConfig);
    let folder = tempfile::tempdir().unwrap();
    let small = Small::new(0, true);
    small.execute(folder.path(), 1, Part::ALL, usize::MAX).unwrap();
    let folders = [folder.path().to_owned()];
    let read = |config: &RunConfig, proxies: &[&'static dyn Proxy]| Reused::read(&folders, config, proxies).map_err(|e| e.to_string());
    let changed = |change: Change| {
        let mut config = small.config.clone();
        change(&mut config);
        read(&config, &small.proxies)
    };
    let others: [(&str, Change); 12] = [
        ("space", &|c| c.space = "nats-sss".into()),
        ("network.channels", &|c| c.network.channels = 4),
        ("network.cells", &|c| c.network.cells = 2),
        ("network.resolution", &|c| c.network.resolution = 16),
        ("batches.size", &|c| c.batches.size = 8),
        ("batches.data_seed", &|c| c.batches.data_seed = 1),
        ("init", &|c| c.init = "gaussian".into()),
        ("seed", &|c| c.seed = 1),
        ("dtype", &|c| c.dtype = "f64".into()),
        ("device", &|c| c.device = "cuda".into()),
        ("reduced_precision", &|c| c.reduced_precision = true),
        ("optimise", &|c| c.optimise = false),
    ];
    for (name, change) in others {
        let error = changed(change).unwrap_err();
        assert!(error.contains(&format!("its scores would be others here: {name} (there ")), "{error}");
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let provenance = Provenance { libtorch: Some("0.4".into()), ..Provenance::new(small.config.to_json()) };
    let table = ScoreTable::builder().finish(provenance).unwrap();
    table.write(&elsewhere.path().join("scores/none.parquet")).unwrap();
    let error = Reused::read(&[elsewhere.path().to_owned()], &small.config, &small.proxies).unwrap_err().to_string();
    assert!(error.contains("they are of libtorch 0.4, this is "), "{error}");
    assert!(changed(&|c| c.dataset = "jigsaw".into()).unwrap_err().ends_with("the networks of cifar10 have another head"));
    let versions: [&dyn Fn(&mut ProxyVersion); 2] = [&|proxy| proxy.version += 1, &|proxy| proxy.repeats = Some(2)];
    for change in versions {
        assert!(
            changed(&|c| c.proxies.iter_mut().for_each(change))
                .unwrap_err()
                .ends_with("share no proxy, in one version and with the same settings")
        );
    }
    let zico = [zoo::find("zico").unwrap()];
    let of_other_images: [Change; 4] =
        [&|c| c.dataset = "cifar100".into(), &|c| c.network.classes = 100, &|c| c.batches.sha256 = "00".into(), &|c| c.batches.count = 3];
    for change in of_other_images {
        let mut config = small.config.clone();
        change(&mut config);
        assert!(read(&config, &zico).unwrap_err().contains("no proxy that neither images nor classes concern"));
    }
    let same: [Change; 6] = [
        &|c| c.network.classes = 100,
        &|c| c.batches.sha256 = "00".into(),
        &|c| c.batches.count = 3,
        &|c| c.architectures = Selection::new("range:0..1", ["a"]),
        &|c| c.deduplicate = false,
        &|c| c.shard_size = 1,
    ];
    for change in same {
        assert!(changed(change).is_ok_and(|reused| reused.count() > 0));
    }
}

#[test]
fn deduplicated_scores_name_the_architecture_that_ran() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = Small::new(0, true);
    // Two names of one live network; the second has a dead convolution, which NASWOT reads.
    let twins =
        ["|none~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|", "|nor_conv_1x1~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|"];
    let architectures: Vec<_> = twins.iter().map(|t| small.space.parse(t).unwrap()).collect();
    small.items = deduplicated(small.space, &architectures, &small.proxies, true).unwrap();
    small.execute(folder.path(), 1, Part::ALL, usize::MAX).unwrap();
    let table = ScoreTable::read_dir(folder.path()).unwrap();
    let of = |proxy: &str, arch: &str| {
        table.iter().find(|r| r.proxy == proxy && r.arch == arch).map(|r| (r.value, r.representative.map(str::to_owned))).unwrap()
    };
    // Of all that are isomorphic, the first of the space runs.
    let (first, index) = (of("zico", twins[0]).1.unwrap(), |text: &str| small.space.parse(text).unwrap().index);
    assert_eq!(of("zico", twins[1]), (of("zico", twins[0]).0, Some(first.clone())));
    assert!(twins.iter().all(|twin| index(&first) < index(twin)), "{first}");
    assert_ne!(of("naswot", twins[1]).1, Some(first));
    assert_ne!(of("params", twins[0]).0, of("params", twins[1]).0);
}
