//! Statistics against SciPy's (`scripts/scipy_goldens.py`), with ties.

use netgraph::rng::uniform;
use report::stats::{BootstrapOptions, Interval, Sample, StatsError, bootstrap, rho, tau_a, tau_b};
use serde_json::Value;

const GOLDENS: &str = include_str!("goldens/scipy.json");

fn goldens() -> Value {
    serde_json::from_str(GOLDENS).expect("the committed goldens are JSON")
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"))
}

/// The columns of a case, as `columns` in the script builds them.
fn columns(case: &Value) -> (Vec<f64>, Vec<f64>) {
    let (n, seed, zeros) = (number(case, "n") as u64, number(case, "seed") as u64, number(case, "zeros") as usize);
    let (weight, sign) = (number(case, "weight"), number(case, "sign"));
    let cut = |x: f64, levels: f64| if levels > 0.0 { (x * levels).floor() } else { x };
    let u: Vec<f64> = (0..n).map(|i| uniform(seed, 0, i)).collect();
    let mut scores: Vec<f64> = u.iter().map(|&x| sign * cut(x, number(case, "levels_score"))).collect();
    scores[..zeros].fill(0.0);
    let values = u.iter().zip(0..).map(|(&x, i)| cut(weight * x + (1.0 - weight) * uniform(seed, 1, i), number(case, "levels_value")));
    let values = values.collect();
    (scores, values)
}

fn assert_close(got: f64, want: f64, what: &str) {
    assert!((got - want).abs() <= 1e-13, "{what}: got {got:?}, SciPy has {want:?}");
}

#[test]
fn every_coefficient_equals_scipys() -> Result<(), StatsError> {
    for case in goldens()["cases"].as_array().expect("cases") {
        let name = case["name"].as_str().expect("name");
        let (scores, values) = columns(case);
        assert_close(tau_a(&scores, &values)?, number(case, "tau_a"), &format!("tau_a, {name}"));
        assert_close(tau_b(&scores, &values)?, number(case, "tau_b"), &format!("tau_b, {name}"));
        assert_close(rho(&scores, &values)?, number(case, "rho"), &format!("rho, {name}"));
    }
    Ok(())
}

#[test]
fn bootstrap_intervals_equal_those_of_numpy_and_scipy_on_the_same_resamples() -> Result<(), StatsError> {
    let document = goldens();
    let golden = &document["bootstrap"];
    let (scores, values) = columns(&document["cases"][number(golden, "case") as usize]);
    let options = BootstrapOptions {
        replicates: number(golden, "replicates") as u32,
        confidence: number(golden, "confidence"),
        seed: number(golden, "seed") as u64,
    };
    let intervals = bootstrap(&Sample::new(&scores, &values)?, &options)?;
    for (name, Interval { low, high }) in [("tau_a", intervals.tau_a), ("tau_b", intervals.tau_b), ("rho", intervals.rho)] {
        assert_close(low, golden[name][0].as_f64().expect("low"), name);
        assert_close(high, golden[name][1].as_f64().expect("high"), name);
    }
    Ok(())
}
