//! Correlation tables from score and benchmark tables.

use report::{Error, Options, correlate};
use tables::{BenchTable, ScoreTable};

use crate::synthetic::{COUNT, Fixture};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn quick() -> Options {
    Options { replicates: 50, ..Options::default() }
}

#[test]
fn every_proxy_gets_a_row_with_its_coverage() -> Outcome {
    let fixture = Fixture::new();
    let scores = ScoreTable::read_any(&fixture.run("run", "cifar10", 0))?;
    let table = correlate(&scores, &BenchTable::read(&fixture.table())?, &quick())?;
    assert_eq!(table.len(), 4);
    let zico = table.iter().find(|row| row.proxy == "zico").ok_or("a row of zico")?;
    // Every tenth architecture from number 3 has a null; the one beyond the table has no value.
    assert_eq!((zico.n, zico.n_missing, zico.n_unmatched), (COUNT - 12, 12, 1));
    assert!(zico.tau_b > Some(0.9) && zico.tau_b_low <= zico.tau_b && zico.tau_b <= zico.tau_b_high);
    assert_eq!((zico.paper_tau, zico.paper_rho, zico.version, zico.epochs), (Some(0.61), Some(0.80), 3, 200));
    assert_eq!((zico.ties_score, zico.wall_ms_mean), (0, Some(12.5)));
    let params = table.iter().find(|row| row.proxy == "params").ok_or("a row of params")?;
    assert!(params.ties_score > 500 && params.tau_a < params.tau_b);
    Ok(())
}

#[test]
fn coefficients_keep_the_sign_of_score_against_value() -> Outcome {
    let fixture = Fixture::new();
    let scores = ScoreTable::read_any(&fixture.run("run", "cifar10", 0))?;
    let options = Options { lower_is_better: vec!["<b>&odd\"".into()], ..quick() };
    let table = correlate(&scores, &BenchTable::read(&fixture.table())?, &options)?;
    let odd = table.iter().find(|row| row.proxy.contains("odd")).ok_or("a row")?;
    assert!(odd.tau_b < Some(-0.9), "{odd:?}");
    Ok(())
}

#[test]
fn a_constant_proxy_has_no_coefficients_but_a_reason() -> Outcome {
    let fixture = Fixture::new();
    let scores = ScoreTable::read_any(&fixture.run("run", "cifar10", 0))?;
    let table = correlate(&scores, &BenchTable::read(&fixture.table())?, &quick())?;
    let constant = table.iter().find(|row| row.proxy == "constant").ok_or("a row")?;
    assert_eq!((constant.tau_b, constant.rho_low, constant.n), (None, None, COUNT));
    assert_eq!(constant.reason, Some("the score column is constant: all 120 entries equal 1"));
    Ok(())
}

#[test]
fn equal_inputs_give_an_equal_table() -> Outcome {
    let fixture = Fixture::new();
    let table = BenchTable::read(&fixture.table())?;
    let scores = ScoreTable::read_any(&fixture.run("run", "cifar10", 0))?;
    let (first, second) = (correlate(&scores, &table, &quick())?, correlate(&scores, &table, &quick())?);
    first.write(&fixture.path("first.parquet"))?;
    second.write(&fixture.path("second.parquet"))?;
    assert_eq!(std::fs::read(fixture.path("first.parquet"))?, std::fs::read(fixture.path("second.parquet"))?);
    Ok(())
}

#[test]
fn what_cannot_be_joined_is_refused_in_one_sentence() -> Outcome {
    let fixture = Fixture::new();
    let table = BenchTable::read(&fixture.table())?;
    let scores = ScoreTable::read_any(&fixture.run("run", "cifar10", 0))?;
    let message = |scores: &ScoreTable, options: &Options| correlate(scores, &table, options).map(|_| ()).unwrap_err().to_string();

    let unknown = message(&scores, &Options { datasets: vec!["cifar11".into()], ..quick() });
    assert_eq!(unknown, "no scores for dataset `cifar11`; scored: cifar10");
    let split = message(&scores, &Options { split: Some("valid".into()), ..quick() });
    assert!(split.contains("valid accuracy after 200 epochs") && split.contains("test accuracy after 200 epochs (mean)"), "{split}");
    let elsewhere = ScoreTable::read_any(&fixture.run("svhn", "svhn", 0))?;
    assert_eq!(message(&elsewhere, &quick()), "the table has no values for nb201 on svhn; it has: cifar10, cifar100");
    let confidence = correlate(&scores, &table, &Options { confidence: 95.0, ..quick() });
    assert!(matches!(confidence, Err(Error::Statistic { .. })));
    Ok(())
}
