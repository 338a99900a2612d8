use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use search::{Error, HISTORY, Method, Objective, Search, Settings, Store, Value};
use serde::{Deserialize, Serialize};
use spaces::plainnet::{Rule, Structure};
use tables::{Provenance, SearchTable};

use super::{MORE, MadeUp, evaluated, plainnet};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Config {
    settings: Settings,
}

impl shards::Config for Config {}

fn open(folder: &Path, settings: &Settings) -> Result<Store, Error> {
    let components = ["made_up".to_owned()];
    Store::open(folder, &Config { settings: *settings }, Provenance::new(serde_json::json!({})), &components, 10)
}

/// Stops the search after so many evaluations.
struct Stopping<'a> {
    inner: MadeUp,
    left: AtomicU64,
    stop: &'a AtomicBool,
}

impl Objective<Structure> for Stopping<'_> {
    type Worker = ();

    fn worker(&self) -> Result<(), Error> {
        Ok(())
    }

    fn evaluate(&self, candidate: &Structure, worker: &()) -> Result<Vec<Value>, Error> {
        if self.left.fetch_sub(1, Ordering::Relaxed) <= 1 {
            self.stop.store(true, Ordering::Relaxed);
        }
        self.inner.evaluate(candidate, worker)
    }
}

#[test]
fn an_interrupted_search_ends_as_one_that_was_not() {
    let domain = plainnet(Rule::Even);
    for (method, rule_steps) in [(Method::Evolution, 120), (Method::Released, 600), (Method::Regularised, 120)] {
        let mut settings = Settings { population: 12, ..Settings::new(method, rule_steps, 9) };
        settings.budget.flops = Some(9e6);
        let [whole, broken] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let objective = MadeUp { wait: 50, none_of: 9 };
        let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &MORE, settings: &settings };
        let mut store = open(whole.path(), &settings).unwrap();
        let outcome = search.run(2, &AtomicBool::new(false), Some(&mut store), &|_| {}).unwrap();
        store.finish(&outcome.state.evaluated).unwrap();
        let wanted = evaluated(&outcome);

        let mut runs = 0;
        let resumed = loop {
            let stop = AtomicBool::new(false);
            let objective = Stopping { inner: MadeUp { wait: 50, none_of: 9 }, left: AtomicU64::new(37), stop: &stop };
            let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &MORE, settings: &settings };
            let mut store = open(broken.path(), &settings).unwrap();
            let outcome = search.run(3, &stop, Some(&mut store), &|_| {}).unwrap();
            runs += 1;
            assert!(runs < 40, "each run gets further");
            if outcome.is_whole {
                store.finish(&outcome.state.evaluated).unwrap();
                break evaluated(&outcome);
            }
        };
        assert!(runs > 2);
        assert_eq!(resumed, wanted, "{method:?}");
        let history = |folder: &Path| SearchTable::read(&folder.join(HISTORY)).unwrap();
        let rows = |table: &SearchTable| table.iter().map(|row| format!("{row:?}")).collect::<Vec<_>>();
        assert_eq!(rows(&history(whole.path())), rows(&history(broken.path())));
        assert_eq!(history(whole.path()).iter().count(), wanted.len());
    }
}

#[test]
fn a_folder_of_another_search_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::new(Method::Evolution, 20, 0);
    drop(open(folder.path(), &settings).unwrap());
    let error = open(folder.path(), &Settings { seed: 1, ..settings }).err().unwrap().to_string();
    assert!(error.contains("settings.seed (there 0, here 1)"), "{error}");
    std::fs::write(folder.path().join("evaluations/000000000000.parquet"), "no table").unwrap();
    assert!(matches!(open(folder.path(), &settings), Err(Error::Table(_))));
}

#[test]
fn a_checkpoint_that_goes_another_way_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    let settings = Settings::new(Method::Evolution, 30, 0);
    let other = Settings { seed: 5, ..settings };
    let search = |settings| Search { domain: &domain, objective: &objective, components: 1, ranking: &MORE, settings };
    search(&settings).run(1, &AtomicBool::new(false), Some(&mut open(folder.path(), &settings).unwrap()), &|_| {}).unwrap();
    let mut store = open(folder.path(), &settings).unwrap();
    assert_eq!(store.found(), 30);
    let error = search(&other).run(1, &AtomicBool::new(false), Some(&mut store), &|_| {}).err().unwrap();
    assert!(matches!(error, Error::Diverged { .. }), "{error}");
}
