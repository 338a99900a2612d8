//! Integration tests of the crate `search`.

mod algorithm;
mod folder;
mod limits;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use search::{Benchmark, Domain, Error, Missing, Objective, Outcome, Plainnet, Ranking, Search, Settings, Store, Value};
use spaces::plainnet::{INITIAL, Rule, Structure, Variant};
use spaces::{Architecture, Space};
use tables::Status;

const MORE: Ranking<'static> = Ranking::Value { higher: true };

/// The paper's space at 32 pixels.
fn plainnet(rule: Rule) -> Plainnet {
    Plainnet { initial: Structure::parse(INITIAL).unwrap(), rule, resolution: 32, classes: 10, squeeze: false }
}

fn nb201() -> (&'static dyn Space, Benchmark<'static>) {
    let space = spaces::find("nb201").unwrap();
    (space, Benchmark::new(space, space.default_setting(10, 32), space.parse("0").unwrap(), None))
}

/// An objective made up of the string, so that it is rugged; it takes a while that has nothing to do with its value.
struct MadeUp {
    /// Most microseconds for a candidate.
    wait: u64,
    /// One in so many has no value.
    none_of: u64,
}

fn hash(text: &str) -> u64 {
    text.bytes().fold(7, |hash, byte| netgraph::rng::mix(hash ^ u64::from(byte)))
}

impl MadeUp {
    fn value(&self, text: &str) -> Value {
        let hash = hash(text);
        if hash.is_multiple_of(self.none_of) {
            return Err(Missing { status: Status::Undefined, reason: "made up".into() });
        }
        Ok((hash >> 40) as f64 / 16.0 + text.len() as f64 * 1e3)
    }
}

impl Objective<Structure> for MadeUp {
    type Worker = ();

    fn worker(&self) -> Result<(), Error> {
        Ok(())
    }

    fn evaluate(&self, candidate: &Structure, (): &()) -> Result<Vec<Value>, Error> {
        let text = candidate.to_string();
        std::thread::sleep(std::time::Duration::from_micros(hash(&text) % self.wait.max(1)));
        Ok(vec![self.value(&text)])
    }

    fn latency_ms(&self, candidate: &Structure, (): &()) -> Result<f64, Error> {
        Ok(candidate.cost(32, 10, Variant::COUNTED).flops / 1e6)
    }
}

/// Step, string, step of the parent, value.
type Row = (u64, String, Option<u64>, Value);

/// What a search evaluated, in its order.
fn evaluated<C>(outcome: &Outcome<'_, C>) -> Vec<Row> {
    let of = |e: &search::Evaluated<C>| (e.step, e.drawn.text.clone(), e.drawn.parent, e.values[0].clone());
    outcome.state.evaluated.iter().map(of).collect()
}

fn run<'a, D: Domain, O: Objective<D::Candidate>>(
    domain: &'a D,
    objective: &'a O,
    settings: &'a Settings,
    workers: usize,
    store: Option<&mut Store>,
) -> Result<Vec<Row>, Error> {
    let search = Search { domain, objective, components: 1, ranking: &MORE, settings };
    search.run(workers, &AtomicBool::new(false), store, &|_| {}).map(|outcome| evaluated(&outcome))
}

/// Values of all of NAS-Bench-201, made up.
fn table(space: &dyn Space) -> HashMap<String, f64> {
    space.enumerate().map(|architecture| (architecture.text.clone(), (hash(&architecture.text) >> 50) as f64)).collect()
}

fn key(architecture: &Architecture) -> String {
    architecture.text.clone()
}
