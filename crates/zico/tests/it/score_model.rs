//! `zico score-model` from the outside, on a module that PyTorch wrote (`scripts/torchscript_fixture.py`).

use std::path::Path;

use serde_json::Value;

use crate::command::{stderr, stdout, zico_in};

fn module() -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proxies/tests/it/fixtures");
    fixtures.join("residual.pt").display().to_string()
}

fn run(words: &str) -> std::process::Output {
    let folder = tempfile::tempdir().unwrap();
    let module = module();
    let words: Vec<&str> = ["score-model", module.as_str()].into_iter().chain(words.split_whitespace()).collect();
    zico_in(folder.path(), &words)
}

#[test]
fn a_users_own_network_is_scored_and_what_does_not_apply_says_why() {
    let output = run("--input 3x12x12 --classes 5 --batch-size 8 --dtype f64 --proxies all --samples ntk=4 --format json");
    assert!(output.status.success(), "{}", stderr(&output));
    let result: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let proxy = |name: &str| result["proxies"][name].clone();
    for name in ["zico", "grad_norm", "snip", "jacob_cov", "l2_norm", "params"] {
        assert!(proxy(name)["value"].as_f64().is_some_and(f64::is_finite), "{name}: {}", proxy(name));
    }
    for (name, status) in
        [("naswot", "does_not_apply"), ("az_trainability", "does_not_apply"), ("synflow", "does_not_apply"), ("flops", "does_not_apply")]
    {
        let found = proxy(name);
        assert!(found["value"].is_null() && found["status"] == status, "{name}: {found}");
        assert!(found["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{name}: {found}");
    }
    assert_eq!((result["classes"].as_u64(), result["sha256"].as_str().map(str::len)), (Some(5), Some(64)));
}

#[test]
fn what_the_module_does_not_take_is_refused() {
    for (words, code, part) in [
        ("--input 3x12 --classes 5", 2, "expected CxHxW"),
        ("--input 3x12x12 --classes 7", 3, "a tensor of shape [64, 5] for them, where logits of shape [64, 7] are expected"),
        ("--input 3x12x12 --classes 3", 3, "a tensor of shape [64, 5] for them"),
        ("--input 1x12x12 --classes 5", 3, "to have 3 channels, but got 1"),
        ("--input 3x12x12 --classes 5 --proxies zyco", 3, "zyco"),
    ] {
        let output = run(words);
        let text = stderr(&output);
        assert!(
            output.status.code() == Some(code) && text.contains(part) && !text.contains("panicked"),
            "{words}: {:?} {text}",
            output.status
        );
    }
}
