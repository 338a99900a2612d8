use serde_json::Value;

use crate::golden;

/// Dataset, classes and resolution of the official counts.
const DATASETS: [(&str, usize, usize); 3] = [("cifar10", 10, 32), ("cifar100", 100, 32), ("ImageNet16-120", 120, 16)];

#[test]
fn parameters_and_multiply_adds_equal_the_official_ones() {
    let Some(golden) = golden() else { return };
    let mut checked = 0;
    for (name, rows) in [("nb201", &golden["nb201_tss"]), ("nats-sss", &golden["nats_sss"]["rows"])] {
        let space = spaces::find(name).unwrap();
        for row in rows.as_array().unwrap() {
            let arch = space.parse(row["arch"].as_str().unwrap()).unwrap();
            assert_eq!(arch.index.map(u64::from), row["index"].as_u64(), "{}", arch.text);
            for (dataset, classes, resolution) in DATASETS {
                let network = space.lower(&arch, &space.default_setting(classes, resolution)).unwrap();
                assert_eq!(Some(network.n_params()), row[dataset]["params"].as_u64(), "{} {dataset}", arch.text);
                let flops = network.flops() as f64 / 1e6;
                assert!((flops - row[dataset]["flops_M"].as_f64().unwrap()).abs() < 1e-9, "{} {dataset}: {flops}", arch.text);
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 66);
}

#[test]
fn counts_equal_what_the_official_benchmark_stores() {
    let Some(golden) = golden() else { return };
    let rows = golden["official_sample_values"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        // [file, index, index, arch, dataset, .., params in millions, .., multiply-adds in millions]
        let text = |k: usize| row[k].as_str().unwrap();
        let space = spaces::find(if text(0).starts_with("sss") { "nats-sss" } else { "nb201" }).unwrap();
        let dataset = text(4).trim_end_matches("-valid");
        let (_, classes, resolution) = *DATASETS.iter().find(|d| d.0 == dataset).unwrap();
        let network = space.lower(&space.parse(text(3)).unwrap(), &space.default_setting(classes, resolution)).unwrap();
        let stored: Vec<f64> = row.as_array().unwrap().iter().skip(5).filter_map(Value::as_f64).collect();
        for ours in [network.n_params() as f64 / 1e6, network.flops() as f64 / 1e6] {
            assert!(stored.iter().any(|s| (s - ours).abs() < 1e-6), "{row}: {ours}");
        }
    }
}
