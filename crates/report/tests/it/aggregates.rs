//! Scores of sets against the golden ones.

use std::fs;
use std::path::PathBuf;

use report::aggregate::{Aggregate, regularised, with_aggregates};
use report::model::Loaded;
use serde_json::{Value, json};
use tables::{Provenance, ScoreRow, ScoreTable, Status};

fn cases(file: &str) -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden").join(file);
    let Ok(text) = fs::read_to_string(path) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: no golden proxy values beside the checkout");
        }
        return Vec::new();
    };
    serde_json::from_str(&text).unwrap()
}

/// The name of the proxy that a golden component is of.
fn proxy_of(component: &str) -> &str {
    match component {
        "az_complexity" => "flops",
        // Components have Kaiming weights.
        "jacob_cov" => "jacob_cov_kaiming",
        other => other,
    }
}

fn table(case: &Value) -> ScoreTable {
    let mut rows: Vec<(&str, &str, Option<f64>)> = Vec::new();
    for (member, scores) in case["components"].as_object().unwrap() {
        for (proxy, score) in scores.as_object().unwrap() {
            rows.push((member, proxy_of(proxy), score.as_f64()));
        }
    }
    rows.sort_by_key(|(member, proxy, _)| (*member, *proxy));
    let mut builder = ScoreTable::builder();
    for (arch, proxy, value) in rows {
        let (status, reason) = if value.is_some() { (Status::Ok, None) } else { (Status::Undefined, Some("minus infinity")) };
        let row = ScoreRow {
            space: "nb201",
            arch,
            index: None,
            dataset: "golden",
            proxy,
            version: 1,
            seed: 1,
            value,
            status,
            reason,
            representative: None,
            wall_ms: None,
        };
        builder.push(row).unwrap();
    }
    builder.finish(Provenance::new(json!({}))).unwrap()
}

#[test]
fn scores_of_sets_equal_their_references() {
    let mut checked = 0;
    let cases = cases("newer.json");
    for case in cases.iter().filter(|case| case["members"].is_array()) {
        let scores = table(case);
        for golden in case["values"].as_array().unwrap() {
            let name = golden["proxy"].as_str().unwrap();
            let Some(want) = golden["details"]["scores"].as_object().filter(|_| name != "vkdnw_single") else { continue };
            let all = with_aggregates(&scores, &[Aggregate::parse(name).unwrap()]).unwrap();
            let got: Vec<(&str, f64)> = all.iter().filter(|row| row.proxy == name).map(|row| (row.arch, row.value.unwrap())).collect();
            assert_eq!(got.len(), want.len());
            for (arch, value) in got {
                let want = want[arch].as_f64().unwrap();
                assert!((value - want).abs() < 1e-12, "{} {name} of {arch}: got {value}, want {want}", case["case"]);
            }
            checked += 1;
        }
    }
    assert!(checked >= 3 || cases.is_empty(), "{checked} aggregates");
}

/// The files' figures of its parts, `swap` and `params`, which the test of proxies compares with ours, give its own.
#[test]
fn regularised_swap_equals_its_reference() {
    let mut checked = 0;
    let (cases, more) = (cases("newer.json"), cases("visible.json"));
    for case in &cases {
        let Some(golden) = case["values"].as_array().unwrap().iter().find(|v| v["proxy"] == "swap_regular") else { continue };
        let figure = |proxy: &str| {
            let same = |other: &&Value| other["case"] == case["case"] && other["dtype"] == "f64";
            let mut values = cases.iter().chain(&more).filter(same).flat_map(|case| case["values"].as_array().into_iter().flatten());
            let of_itself = |v: &&Value| v["proxy"] == proxy && v["variant"].as_str().is_none_or(|variant| variant == "default");
            values.find(of_itself).and_then(|value| value["value"].as_f64())
        };
        let (Some(swap), Some(parameters)) = (figure("swap"), figure("params")) else { continue };
        let want = golden["value"].as_f64().unwrap();
        let size = |name: &str| golden["details"][name].as_f64().unwrap();
        let got = regularised(swap, parameters / 1000.0, size("mu"), size("sigma"));
        assert!((got / want - 1.0).abs() < 1e-12, "{}: {got}, want {want}", case["case"]);
        checked += 1;
    }
    assert!(checked >= 10 || cases.is_empty(), "{checked} figures");
}

/// What a part does not apply to is left out of the ranking, instead of being ranked by what is left of the sum.
#[test]
fn an_architecture_that_a_part_does_not_apply_to_has_no_aggregate() {
    let mut builder = ScoreTable::builder();
    for (arch, a, b) in [("x", Some(1.0), Some(3.0)), ("y", Some(2.0), None), ("z", Some(3.0), Some(4.0))] {
        for (proxy, value) in [("a", a), ("b", b)] {
            let (status, reason) = if value.is_some() { (Status::Ok, None) } else { (Status::DoesNotApply, Some("no blocks")) };
            let (space, dataset) = ("nb201", "cifar10");
            let row = ScoreRow {
                space,
                arch,
                index: None,
                dataset,
                proxy,
                version: 1,
                seed: 1,
                value,
                status,
                reason,
                representative: None,
                wall_ms: None,
            };
            builder.push(row).unwrap();
        }
    }
    let scores = builder.finish(Provenance::new(json!({}))).unwrap();
    let all = with_aggregates(&scores, &[Aggregate::parse("a+b").unwrap()]).unwrap();
    let got: Vec<_> = all.iter().filter(|row| row.proxy == "a+b").map(|row| (row.arch, row.value, row.status, row.reason)).collect();
    assert_eq!(got[0], ("x", Some(2.0 * 0.5f64.ln()), Status::Ok, None));
    assert_eq!(got[1], ("y", None, Status::DoesNotApply, Some("its part `b` has no score: no blocks")));
    assert_eq!(got[2], ("z", Some(0.0), Status::Ok, None));
    let told = json!([{ "name": "a+b", "of": ["a", "b"], "set_dependent": true }]);
    assert_eq!(all.provenance().config["aggregates"], told);

    // A report that is made of its own scores says it again.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scores.parquet");
    all.write(&path).unwrap();
    let again = Loaded::read(&[path], None).unwrap();
    assert_eq!(again.table.provenance().config["aggregates"], told);
}

#[test]
fn a_part_that_was_not_scored_is_named() {
    for case in cases("newer.json").iter().filter(|case| case["members"].is_array()) {
        let error = with_aggregates(&table(case), &[Aggregate::parse("az_expressivity+zico").unwrap()]).unwrap_err().to_string();
        assert!(error.contains("`zico` has not been scored on golden"), "{error}");
    }
}
