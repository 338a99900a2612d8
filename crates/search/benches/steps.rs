//! Candidates per second without scoring, and steps of Algorithm 1 with a table.

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use search::{Benchmark, Budget, Domain as _, Draws, Lookup, Method, Plainnet, Ranking, Search, Settings};
use spaces::Architecture;
use spaces::plainnet::{INITIAL, Rule, Structure};

fn candidates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mutation and budget");
    group.throughput(Throughput::Elements(1));
    let initial = Structure::parse(INITIAL).expect("the initial structure");
    for rule in [Rule::Released, Rule::Even] {
        let domain = Plainnet { initial: initial.clone(), rule, resolution: 224, classes: 1000, squeeze: false };
        let budget = Budget { flops: Some(450e6), layers: Some(14), ..Budget::default() };
        let (mut step, mut parent) = (0, domain.initial.clone());
        group.bench_function(format!("{rule:?}"), |bencher| {
            bencher.iter(|| {
                step += 1;
                let child = domain.mutate(&parent, 2, &mut Draws::of_step(0, step)).expect("a child");
                let cost = domain.cost(&child).expect("a cost");
                let text = domain.text(&child);
                if black_box(budget.broken_by(&cost)).is_none() {
                    parent = child;
                }
                text
            });
        });
    }
}

fn steps(criterion: &mut Criterion) {
    let space = spaces::find("nb201").expect("the space");
    let setting = space.default_setting(10, 32);
    let values = space.enumerate().map(|a| (a.text.clone(), netgraph::rng::mix(a.index.map_or(0, u64::from)) as f64)).collect();
    let objective = Lookup { key: |architecture: &Architecture| architecture.text.clone(), values };
    let settings = Settings::new(Method::Released, 100_000, 0);
    let ranking = Ranking::Value { higher: true };
    let mut group = criterion.benchmark_group("Algorithm 1 on a table of NAS-Bench-201");
    group.sample_size(10);
    group.bench_function("100,000 steps", |bencher| {
        bencher.iter(|| {
            let domain = Benchmark::new(space, setting, space.parse("0").expect("an architecture"), None);
            let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &ranking, settings: &settings };
            search.run(1, &AtomicBool::new(false), None, &|_| {}).expect("a search").steps
        });
    });
}

criterion_group!(benches, candidates, steps);
criterion_main!(benches);
