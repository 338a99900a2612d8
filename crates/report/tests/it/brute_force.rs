//! Statistics against their definitions, and what must not change them.

use proptest::prelude::*;
use report::stats::{BootstrapOptions, Column, PairCounts, Sample, StatsError, Ties, bootstrap, rho, tau_a, tau_b};

/// Columns of one length with many ties, some negative, some large.
fn columns() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let entry = || prop_oneof![4 => (-4_i32..5).prop_map(f64::from), 1 => -1e12_f64..1e12, 1 => Just(-0.0)];
    (2_usize..90).prop_flat_map(move |n| (prop::collection::vec(entry(), n), prop::collection::vec(entry(), n)))
}

fn brute_counts(x: &[f64], y: &[f64]) -> PairCounts {
    let mut counts = PairCounts { total: 0, tied_scores: 0, tied_values: 0, tied_both: 0, discordant: 0 };
    for i in 0..x.len() {
        for j in 0..i {
            counts.total += 1;
            counts.tied_scores += u64::from(x[i] == x[j]);
            counts.tied_values += u64::from(y[i] == y[j]);
            counts.tied_both += u64::from(x[i] == x[j] && y[i] == y[j]);
            counts.discordant += u64::from((x[i] < x[j] && y[i] > y[j]) || (x[i] > x[j] && y[i] < y[j]));
        }
    }
    counts
}

fn brute_rho(x: &[f64], y: &[f64]) -> f64 {
    let rank = |column: &[f64], entry: f64| {
        let below = column.iter().filter(|&&other| other < entry).count() as f64;
        let equal = column.iter().filter(|&&other| other == entry).count() as f64;
        below + f64::midpoint(equal, 1.0)
    };
    let mean = f64::midpoint(x.len() as f64, 1.0);
    let ranks = |column: &[f64]| column.iter().map(|&entry| rank(column, entry) - mean).collect::<Vec<f64>>();
    let (a, b) = (ranks(x), ranks(y));
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(p, q)| p * q).sum::<f64>();
    dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt()
}

proptest! {
    #[test]
    fn pair_counts_equal_the_definition((x, y) in columns()) {
        if let Ok(sample) = Sample::new(&x, &y) {
            prop_assert_eq!(PairCounts::of(&sample), brute_counts(&x, &y));
        }
    }

    #[test]
    fn coefficients_equal_the_definition((x, y) in columns()) {
        if Sample::new(&x, &y).is_ok() {
            let counts = brute_counts(&x, &y);
            let ordered = ((counts.total - counts.tied_scores) as f64 * (counts.total - counts.tied_values) as f64).sqrt();
            prop_assert!((tau_b(&x, &y).unwrap() - counts.balance() as f64 / ordered).abs() < 1e-14);
            prop_assert!((tau_a(&x, &y).unwrap() - counts.balance() as f64 / counts.total as f64).abs() < 1e-14);
            prop_assert!((rho(&x, &y).unwrap() - brute_rho(&x, &y)).abs() < 1e-12);
        }
    }

    #[test]
    fn ties_equal_the_definition((x, _) in columns()) {
        let ties = Ties::of(&x);
        prop_assert_eq!(ties.pairs, brute_counts(&x, &x).tied_scores);
        let tied = |entry: f64| x.iter().filter(|&&other| other == entry).count() > 1;
        prop_assert_eq!(ties.entries, x.iter().filter(|&&entry| tied(entry)).count() as u64);
    }

    #[test]
    fn a_rank_correlation_sees_order_only((x, y) in columns(), turn in 0_usize..90) {
        if Sample::new(&x, &y).is_ok() {
            let base = (tau_a(&x, &y).unwrap(), tau_b(&x, &y).unwrap(), rho(&x, &y).unwrap());
            // Doubling is exact, so ties and order stay.
            let doubled: Vec<f64> = x.iter().map(|entry| entry * 2.0).collect();
            prop_assert_eq!(base, (tau_a(&doubled, &y).unwrap(), tau_b(&doubled, &y).unwrap(), rho(&doubled, &y).unwrap()));
            let mirrored: Vec<f64> = x.iter().map(|entry| -entry).collect();
            prop_assert_eq!(base, (-tau_a(&mirrored, &y).unwrap(), -tau_b(&mirrored, &y).unwrap(), -rho(&mirrored, &y).unwrap()));
            prop_assert_eq!(base, (tau_a(&y, &x).unwrap(), tau_b(&y, &x).unwrap(), rho(&y, &x).unwrap()));
            let (mut turned_x, mut turned_y) = (x.clone(), y.clone());
            turned_x.rotate_left(turn % x.len());
            turned_y.rotate_left(turn % x.len());
            prop_assert_eq!(base, (tau_a(&turned_x, &turned_y).unwrap(), tau_b(&turned_x, &turned_y).unwrap(), rho(&turned_x, &turned_y).unwrap()));
        }
    }
}

#[test]
fn a_column_agrees_perfectly_with_itself_and_opposes_its_mirror() -> Result<(), StatsError> {
    let x: Vec<f64> = (0..997).map(|i| f64::from(i * i % 101)).collect();
    let mirrored: Vec<f64> = x.iter().map(|entry| -entry).collect();
    assert_eq!((tau_b(&x, &x)?, rho(&x, &x)?), (1.0, 1.0));
    assert_eq!((tau_b(&x, &mirrored)?, rho(&x, &mirrored)?), (-1.0, -1.0));
    assert!(tau_a(&x, &x)? < 1.0, "ties keep tau-a below 1");
    Ok(())
}

#[test]
fn constant_scores_have_no_tau() {
    let error = StatsError::Constant { column: Column::Score, n: 3, value: 2.0 };
    assert_eq!(tau_b(&[2.0; 3], &[1.0, 2.0, 3.0]), Err(error.clone()));
    assert_eq!(rho(&[2.0; 3], &[1.0, 2.0, 3.0]), Err(error.clone()));
    assert_eq!(tau_a(&[2.0; 3], &[1.0, 2.0, 3.0]), Err(error));
}

#[test]
fn empty_and_single_samples_have_no_tau() {
    assert_eq!(tau_b(&[], &[]), Err(StatsError::TooFew { needed: 2, got: 0 }));
    assert_eq!(rho(&[1.0], &[1.0]), Err(StatsError::TooFew { needed: 2, got: 1 }));
}

#[test]
fn columns_of_different_lengths_are_refused() {
    assert_eq!(tau_b(&[1.0], &[1.0, 2.0]), Err(StatsError::Lengths { scores: 1, values: 2 }));
}

#[test]
fn infinities_and_nan_are_refused_with_their_row() {
    let error = tau_b(&[1.0, f64::NEG_INFINITY, 3.0], &[1.0, 2.0, 3.0]);
    assert_eq!(error, Err(StatsError::NonFinite { column: Column::Score, row: 1, value: f64::NEG_INFINITY }));
    let error = Sample::from_optional(&[None, Some(1.0), Some(2.0)], &[1.0, 2.0, f64::NAN]).map(|_| ());
    assert!(matches!(error, Err(StatsError::NonFinite { column: Column::Value, row: 2, .. })), "{error:?}");
}

#[test]
fn missing_scores_are_counted_and_left_out() -> Result<(), StatsError> {
    let sample = Sample::from_optional(&[Some(1.0), None, Some(3.0), None, Some(2.0)], &[1.0, 9.0, 3.0, 0.0, 2.0])?;
    assert_eq!((sample.len(), sample.n_missing()), (3, 2));
    assert_eq!(sample.values(), [1.0, 3.0, 2.0]);
    Ok(())
}

#[test]
fn the_bootstrap_is_the_same_for_every_number_of_threads_and_row_order() -> Result<(), Box<dyn std::error::Error>> {
    let scores: Vec<f64> = (0..500).map(|i| f64::from(i * 37 % 101)).collect();
    let values: Vec<f64> = (0..500).map(|i| f64::from(i * 53 % 211)).collect();
    let options = BootstrapOptions { replicates: 64, ..BootstrapOptions::default() };
    let mut results = Vec::new();
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        results.push(pool.install(|| bootstrap(&Sample::new(&scores, &values)?, &options))?);
    }
    let (mut turned_scores, mut turned_values) = (scores, values);
    turned_scores.rotate_left(77);
    turned_values.rotate_left(77);
    results.push(bootstrap(&Sample::new(&turned_scores, &turned_values)?, &options)?);
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
    let other_seed = bootstrap(&Sample::new(&turned_scores, &turned_values)?, &BootstrapOptions { seed: 1, ..options })?;
    assert_ne!(results[0], other_seed);
    Ok(())
}

#[test]
fn bootstrap_options_out_of_range_are_refused() -> Result<(), StatsError> {
    let sample = Sample::new(&[1.0, 2.0], &[1.0, 2.0])?;
    for options in [
        BootstrapOptions { replicates: 0, ..BootstrapOptions::default() },
        BootstrapOptions { confidence: 1.0, ..BootstrapOptions::default() },
        BootstrapOptions { confidence: f64::NAN, ..BootstrapOptions::default() },
    ] {
        assert!(matches!(bootstrap(&sample, &options), Err(StatsError::Parameter { .. })), "{options:?}");
    }
    Ok(())
}

#[test]
fn constant_resamples_are_counted() -> Result<(), StatsError> {
    let intervals = bootstrap(&Sample::new(&[1.0, 2.0], &[1.0, 2.0])?, &BootstrapOptions::default())?;
    assert!((400..600).contains(&intervals.degenerate), "half of all resamples of two rows repeat one: {intervals:?}");
    assert_eq!((intervals.tau_b.low, intervals.tau_b.high), (1.0, 1.0));
    Ok(())
}
