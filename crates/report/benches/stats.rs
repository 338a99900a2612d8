//! Statistics at the sizes of the benchmarks: all 423,624 architectures of nb101, and a bootstrap over all of nb201.

use criterion::{Criterion, criterion_group, criterion_main};
use netgraph::rng::Stream;
use report::stats::{BootstrapOptions, Sample, bootstrap, rho, tau_b};
use std::hint::black_box;

/// Correlated columns, the value rounded as accuracies are, so that it has ties.
fn columns(n: u64) -> (Vec<f64>, Vec<f64>) {
    let (signal, noise) = (Stream::new(1, 0), Stream::new(1, 1));
    let scores: Vec<f64> = (0..n).map(|i| signal.normal(i)).collect();
    let values = scores.iter().zip(0..n).map(|(score, i)| ((score + noise.normal(i)) * 1000.0).round() / 1000.0).collect();
    (scores, values)
}

fn benches(criterion: &mut Criterion) {
    let (scores, values) = columns(423_624);
    criterion.bench_function("tau_b of 423,624 pairs", |b| b.iter(|| tau_b(black_box(&scores), &values)));
    criterion.bench_function("rho of 423,624 pairs", |b| b.iter(|| rho(black_box(&scores), &values)));

    let (scores, values) = columns(15_625);
    let sample = Sample::new(&scores, &values).expect("two columns of finite numbers");
    let mut group = criterion.benchmark_group("bootstrap");
    group.sample_size(10);
    group.bench_function("1,000 replicates of tau_a, tau_b and rho at 15,625", |b| {
        b.iter(|| bootstrap(black_box(&sample), &BootstrapOptions::default()));
    });
    group.finish();
}

criterion_group!(stats, benches);
criterion_main!(stats);
