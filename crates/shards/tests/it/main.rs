//! Squares of numbers, worked out in several ways: the files must be the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use shards::{Config as _, Error, Event, Job, Part, Summary, execute};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Config {
    power: u32,
    inner: BTreeMap<String, u32>,
}

impl shards::Config for Config {}

struct Powers {
    config: Config,
    items: Vec<u64>,
    /// An item that is a failure, and one at which the work gives up.
    fails: Option<u64>,
    breaks: Option<u64>,
}

impl Job for Powers {
    type Config = Config;
    type Item = u64;
    type Outcome = u64;
    type Worker = ();
    type Error = Error;
    const FOLDERS: &'static [&'static str] = &["whole", "aside"];

    fn config(&self) -> &Config {
        &self.config
    }

    fn items(&self) -> &[u64] {
        &self.items
    }

    fn shard_size(&self) -> usize {
        3
    }

    fn describe(&self, item: &u64) -> String {
        item.to_string()
    }

    fn worker(&self) -> Result<(), Error> {
        Ok(())
    }

    fn work(&self, item: &u64, (): &(), _: &AtomicBool) -> Result<Option<u64>, Error> {
        if self.breaks == Some(*item) {
            return Err(Error::Part { index: 7, count: 7 });
        }
        Ok(Some(if self.fails == Some(*item) { 0 } else { item.pow(self.config.power) }))
    }

    fn has_failed(outcome: &u64) -> bool {
        *outcome == 0
    }

    fn write(&self, out: &Path, name: &str, items: &[u64], outcomes: &[u64]) -> Result<(), Error> {
        assert_eq!(items.len(), outcomes.len());
        for folder in ["aside", "whole"] {
            tables::atomic_write(&out.join(folder).join(name), |w| w.write_all(format!("{outcomes:?}").as_bytes()))?;
        }
        Ok(())
    }
}

fn squares() -> Powers {
    Powers { config: Config { power: 2, inner: BTreeMap::new() }, items: (1..=10).collect(), fails: None, breaks: None }
}

fn run(job: &Powers, out: &Path, workers: usize, part: Part, stop_after: usize) -> Result<Summary, Error> {
    let (stop, items) = (AtomicBool::new(false), AtomicUsize::new(0));
    execute(job, out, workers, part, &stop, &|event| {
        if event == Event::Item && items.fetch_add(1, Ordering::SeqCst) + 1 == stop_after {
            stop.store(true, Ordering::SeqCst);
        }
    })
}

fn files(out: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(out.join("whole")).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read_to_string(e.path()).unwrap())).collect()
}

#[test]
fn files_do_not_depend_on_workers_parts_or_interruptions() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let summary = run(&squares(), &at("one"), 1, Part::ALL, usize::MAX).unwrap();
    assert_eq!((summary.evaluated, summary.failed, summary.left), (10, 0, 0));
    let expected = files(&at("one"));
    assert_eq!(expected.values().map(String::as_str).collect::<Vec<_>>(), ["[1, 4, 9]", "[16, 25, 36]", "[49, 64, 81]", "[100]"]);

    run(&squares(), &at("three"), 3, Part::ALL, usize::MAX).unwrap();
    assert_eq!(files(&at("three")), expected);

    for index in [1, 0] {
        run(&squares(), &at("parts"), 1, Part::new(index, 2).unwrap(), usize::MAX).unwrap();
    }
    assert_eq!(files(&at("parts")), expected);

    let interrupted = run(&squares(), &at("resumed"), 1, Part::ALL, 5).unwrap();
    assert_eq!((interrupted.evaluated, interrupted.left), (3, 7));
    let resumed = run(&squares(), &at("resumed"), 2, Part::ALL, usize::MAX).unwrap();
    assert_eq!((resumed.found, resumed.evaluated, resumed.left), (3, 7, 0));
    assert_eq!(files(&at("resumed")), expected);
}

#[test]
fn a_failure_is_counted_and_an_error_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let failing = Powers { fails: Some(4), ..squares() };
    assert_eq!(run(&failing, &folder.path().join("a"), 1, Part::ALL, usize::MAX).unwrap().failed, 1);
    let breaking = Powers { breaks: Some(5), ..squares() };
    let out = folder.path().join("b");
    assert!(matches!(run(&breaking, &out, 1, Part::ALL, usize::MAX), Err(Error::Part { .. })));
    assert_eq!(files(&out).len(), 1, "the first shard was whole");
    assert!(Part::new(2, 2).is_err());
}

#[test]
fn a_folder_of_another_configuration_is_refused_with_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    run(&squares(), folder.path(), 1, Part::ALL, 1).unwrap();
    let mut other = squares();
    other.config.power = 3;
    other.config.inner.insert("new".into(), 1);
    let error = run(&other, folder.path(), 1, Part::ALL, usize::MAX).unwrap_err();
    assert!(
        matches!(&error, Error::OtherConfiguration { differences, .. } if differences == "power (there 2, here 3); inner.new (there null, here 1)"),
        "{error}"
    );
    fs::write(folder.path().join("run.json"), "{").unwrap();
    assert!(matches!(run(&other, folder.path(), 1, Part::ALL, usize::MAX), Err(Error::Configuration { .. })));
}

#[test]
fn everything_changes_the_hash() {
    let (a, mut b) = (squares().config, squares().config);
    assert_eq!((a.hash_with([]), a.differences(&b)), (b.hash_with([]), String::new()));
    b.power = 4;
    assert_ne!(a.hash_with([]), b.hash_with([]));
    assert_ne!(a.hash_with(["a"]), a.hash_with(["b"]));
}
