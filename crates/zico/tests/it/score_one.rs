use std::fs;

use serde_json::Value;

use crate::command::{stderr, stdout, zico_in};

#[test]
fn one_object_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let words = "score-one --space nb201 --arch 1462 --channels 4 --cells 1 --resolution 16 --init torch-default --seed 1 --batch golden \
                 --batch-size 8 --batches 2 --dtype f64 --format json --export x --proxies zico,grad_norm,snip,synflow,naswot";
    let output = zico_in(folder.path(), &words.split_whitespace().collect::<Vec<_>>());
    assert!(output.status.success(), "{}", stderr(&output));
    let result: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(result["network"]["params"], 23_374);
    assert_eq!(result["network"]["flops"], 806_058);
    // Golden figures of case A01 (visible.json).
    let value = |proxy: &str| result["proxies"][proxy]["value"].as_f64().unwrap();
    for (proxy, want) in [
        ("grad_norm", 13.839_483_567_110_651),
        ("snip", 15.513_292_649_259_132),
        ("synflow", 83_289_863_722.477),
        ("naswot", 72.273_954_647_786_86),
        ("zico", 211.889_001_972_890_04),
    ] {
        assert!((value(proxy) / want - 1.0).abs() < 1e-6, "{proxy}: {}", value(proxy));
    }
    assert!((result["losses"][1].as_f64().unwrap() - 2.322_946_142_897_707).abs() < 1e-9);
    assert_eq!(result["proxies"]["zico"]["details"]["layer_sums"].as_array().unwrap().len(), 26);

    let export = folder.path().join("x");
    let mut names: Vec<_> = fs::read_dir(&export).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let expected = [
        "batches.safetensors",
        "gradients-0.safetensors",
        "gradients-1.safetensors",
        "network.json",
        "scores.json",
        "weights-0.safetensors",
        "weights-1.safetensors",
    ];
    assert_eq!(names, expected);
    grad_norm_can_be_recomputed(&fs::read(export.join("gradients-0.safetensors")).unwrap(), value("grad_norm"));
}

/// The exported gradients of batch 0 give the score again.
fn grad_norm_can_be_recomputed(bytes: &[u8], want: f64) {
    let tensors = safetensors::SafeTensors::deserialize(bytes).unwrap();
    let norm = |name: &str| {
        let data = tensors.tensor(name).unwrap();
        let squares = data.data().chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap()).powi(2));
        squares.sum::<f64>().sqrt()
    };
    let total: f64 = tensors.names().into_iter().filter(|n| n.starts_with("batch0.")).map(norm).sum();
    assert!((total / want - 1.0).abs() < 1e-9, "{total} {want}");
}
