//! Scores and values brought together: keys, training runs, units, the wrong table.

use report::{Error, Options, Runs, Values, correlate, correlate_values, join::join};
use spaces::Architecture;
use tables::{BenchTable, Direction, ScoreTable};

use crate::made_up::{Made, sample, write_run, write_table};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const MADE: Made<'static> = Made {
    space: "nb101",
    dataset: "cifar10",
    split: "test",
    metric: "accuracy",
    unit: "percent",
    direction: Direction::HigherIsBetter,
    epochs: 108,
    best: false,
    range: (60.0, 94.0),
    batches: "made up",
};

fn quick() -> Options {
    Options { replicates: 20, ..Options::default() }
}

/// A table and scores of the architectures, in memory.
fn tables_of(
    made: &Made<'_>,
    architectures: &[Architecture],
    runs: impl Fn(usize) -> u32,
) -> Result<(ScoreTable, BenchTable), tables::Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let table = folder.path().join("table.parquet");
    write_table(&table, architectures, std::slice::from_ref(made), runs);
    Ok((ScoreTable::read_any(&write_run(&folder.path().join("run"), architectures, made))?, BenchTable::read(&table)?))
}

#[test]
fn a_table_of_single_runs_is_averaged_and_the_protocol_says_so() -> Outcome {
    let architectures = sample("nats-sss", 30);
    let made = Made { space: "nats-sss", epochs: 90, ..MADE };
    let (scores, means) = tables_of(&made, &architectures, |_| 0)?;
    let (_, single) = tables_of(&made, &architectures, |k| [0, 1, 3][k % 3])?;
    let of_means = join(&scores, Values::Table(&means), &quick())?;
    let of_runs = join(&scores, Values::Table(&single), &quick())?;
    assert_eq!(of_means[0].quantity.runs, Runs::Mean);
    assert_eq!(of_runs[0].quantity.runs, Runs::Averaged { architectures: 20, fewest: 1, most: 3 });
    let words = of_runs[0].quantity.in_words();
    assert!(words.contains("mean over 1 to 3 training runs of an architecture (averaged here, for 20 architectures)"), "{words}");
    for (a, b) in of_means[0].architectures.iter().zip(&of_runs[0].architectures) {
        assert!(a.arch == b.arch && (a.value - b.value).abs() < 1e-9, "{a:?} {b:?}");
    }
    let one = join(&scores, Values::Table(&single), &Options { trial: Some(2), ..quick() })?;
    assert_eq!((one[0].quantity.runs, one[0].architectures.len()), (Runs::One(2), 10));
    assert_eq!(one[0].quantity.in_words(), "test accuracy in percent after 90 epochs, training run 2");
    let none = join(&scores, Values::Table(&means), &Options { trial: Some(2), ..quick() }).map(|_| ()).unwrap_err();
    assert!(none.to_string().contains("trial 2; it has: test accuracy after 90 epochs (mean)"), "{none}");
    Ok(())
}

#[test]
fn a_cell_given_as_a_matrix_finds_the_accuracy_of_its_hash() -> Outcome {
    let space = spaces::find("nb101")?;
    let hashes = sample("nb101", 20);
    // The last cell as a matrix with another order of vertices than the benchmark's: input, two operations, output.
    let matrix = "0110000100010000:input,maxpool3x3,conv3x3-bn-relu,output";
    let other = space.parse(matrix)?;
    let key = space.table_key(&other);
    let mut table_of = hashes.clone();
    table_of.push(space.parse(&key)?);
    let mut scored = hashes;
    scored.push(other);
    let (_, table) = tables_of(&MADE, &table_of, |_| 3)?;
    let (scores, _) = tables_of(&MADE, &scored, |_| 0)?;
    let joined = join(&scores, Values::Table(&table), &quick())?;
    assert_eq!(joined[0].architectures.len(), 21);
    assert!(joined[0].proxies.iter().all(|column| column.n_unmatched == 0));
    Ok(())
}

#[test]
fn lower_values_can_be_the_better_ones() -> Outcome {
    let architectures = sample("nb201", 40);
    let made =
        Made { space: "nb201", metric: "loss", unit: "nats", direction: Direction::LowerIsBetter, epochs: 200, range: (2.3, 0.2), ..MADE };
    let (scores, table) = tables_of(&made, &architectures, |_| 0)?;
    let options = Options { metric: Some("loss".into()), ..quick() };
    let joined = join(&scores, Values::Table(&table), &options)?;
    let least = joined[0].architectures.iter().map(|valued| valued.value).fold(f64::INFINITY, f64::min);
    assert_eq!(joined[0].best.value, least);
    assert_eq!(joined[0].quantity.axis_title(), "test loss (nats, lower is better)");
    let zico = correlate(&scores, &table, &options)?;
    assert!(zico.iter().find(|row| row.proxy == "zico").is_some_and(|row| row.tau_b < Some(-0.5)), "coefficients keep their sign");
    Ok(())
}

#[test]
fn what_stands_in_for_the_benchmarks_own_choice_is_named() -> Outcome {
    let architectures = sample("tnb101", 30);
    let made =
        Made { space: "tnb101", dataset: "normal", split: "valid", metric: "ssim", unit: "1", epochs: 30, range: (0.3, 0.6), ..MADE };
    let (scores, table) = tables_of(&made, &architectures, |_| 0)?;
    let words = join(&scores, Values::Table(&table), &quick())?[0].quantity.in_words();
    assert!(words.starts_with("valid SSIM after 30 epochs"), "{words}");
    assert!(words.ends_with("the benchmark’s own choice, test SSIM at its best epoch of 30, is not in the table"), "{words}");
    // What the user asked for is not replaced by anything.
    let asked = join(&scores, Values::Table(&table), &Options { split: Some("test".into()), ..quick() }).map(|_| ()).unwrap_err();
    assert!(matches!(asked, Error::NoValues { .. }), "{asked}");
    Ok(())
}

#[test]
fn the_table_of_another_space_is_refused_by_both_names() -> Outcome {
    let (scores, _) = tables_of(&MADE, &sample("nb101", 10), |_| 0)?;
    let (_, table) = tables_of(&Made { space: "nb201", epochs: 200, ..MADE }, &sample("nb201", 10), |_| 0)?;
    let error = correlate(&scores, &table, &quick()).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("the scores are of space nb101, but the table holds nb201"), "{error}");
    assert_eq!(report::exit::code(&error), report::exit::BAD_INPUT);
    Ok(())
}

#[test]
fn a_file_gives_the_same_correlations_as_the_table_in_memory() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("table.parquet");
    let architectures = sample("nats-sss", 40);
    let made = Made { space: "nats-sss", epochs: 90, ..MADE };
    write_table(&path, &architectures, &[made, Made { dataset: "cifar100", ..made }], |_| 0);
    let scores = ScoreTable::read_any(&write_run(&folder.path().join("run"), &architectures, &made))?;
    let in_memory = correlate(&scores, &BenchTable::read(&path)?, &quick())?;
    let of_file = correlate_values(&scores, Values::File(&path), &quick())?;
    assert!(in_memory.iter().eq(of_file.iter()));
    Ok(())
}
