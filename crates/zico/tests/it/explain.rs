//! `zico score --explain` and `--dtype bf16-mixed`, from the outside.

use serde_json::Value;

use crate::command::{stderr, stdout, zico_in};

fn json(words: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let output = zico_in(folder.path(), &words.split_whitespace().collect::<Vec<_>>());
    assert!(output.status.success(), "{words}: {}", stderr(&output));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), usize::from(words.contains("--out")), "nothing else is written");
    serde_json::from_str(&stdout(&output)).unwrap()
}

fn plan(proxies: &str) -> Value {
    json(&format!("score --space nb201 --proxies {proxies} --explain --format json"))
}

#[test]
fn proxies_of_one_state_share_a_pass_and_the_plan_says_so() {
    let alone = plan("zico");
    assert_eq!(alone["cost_over_zico"], 1.0);
    let shared = plan("zico,grad_norm,snip,params");
    let passes = shared["passes"].as_array().unwrap();
    assert_eq!((passes.len(), passes[0]["proxies"].as_array().unwrap().len()), (1, 3), "{shared}");
    assert_eq!(shared["from_the_graph_alone"], serde_json::json!(["params"]));
    assert!(shared["cost_over_zico"].as_f64().unwrap() < 1.2, "{shared}");
    let apart = plan("zico,synflow,zen");
    let of = |proxy: &str| {
        let mine = |pass: &&Value| pass["proxies"].as_array().unwrap().iter().any(|user| user["proxy"] == proxy);
        apart["passes"].as_array().unwrap().iter().find(mine).unwrap().clone()
    };
    assert_eq!((of("synflow")["input"].as_str(), of("synflow")["absolute_weights"].as_bool()), (Some("one image of ones"), Some(true)));
    assert_eq!((of("synflow")["dtype"].as_str(), of("zico")["dtype"].as_str()), (Some("f64"), Some("f32")));
    assert_eq!(of("zen")["input"], "noise, twice");
    let dead = |proxies: &str| plan(proxies)["passes"][0]["dead_operations_run"].clone();
    assert_eq!(["zico", "zico,naswot", "zico,naswot,meco"].map(dead), ["none", "up to ReLUs", "all"]);
    let sum: f64 = apart["passes"].as_array().unwrap().iter().map(|pass| pass["cost_over_zico"].as_f64().unwrap()).sum();
    assert!((sum - apart["cost_over_zico"].as_f64().unwrap()).abs() < 1e-9);
}

/// A table of words: every reading stands beside those who read it; and repeats cost what they cost.
#[test]
fn the_plan_says_who_reads_what_and_what_repeats_cost() {
    let folder = tempfile::tempdir().unwrap();
    let words = "score --space nb201 --proxies zico,snip,swap --repeats swap=3 --explain";
    let output = zico_in(folder.path(), &words.split(' ').collect::<Vec<_>>());
    let table = stdout(&output);
    assert!(output.status.success() && table.contains("gradients of the loss: snip") && table.contains("swap, 3 seeds"), "{table}");
    assert!(!table.contains("gradients of the loss: snip, "), "{table}");
    let repeated = json(&format!("{words} --format json"));
    let once = plan("zico,snip,swap");
    let cost = |plan: &Value| plan["cost_over_zico"].as_f64().unwrap();
    assert!((cost(&repeated) - cost(&once) - 2.0 * cost(&plan("swap"))).abs() < 1e-9, "{repeated}");
    let output = zico_in(folder.path(), &"score --space nb201 --proxies zico --repeats swap=3 --explain".split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("swap=3: it is not among the proxies of the run"), "{}", stderr(&output));
}

#[test]
fn bf16_is_near_f32_and_not_the_same() {
    let score = |dtype: &str| {
        let result = json(&format!(
            "score-one --space nb201 --arch 1462 --channels 8 --cells 1 --resolution 16 --batch random --batch-size 16 --dtype {dtype} \
             --proxies naswot,grad_norm --format json"
        ));
        assert_eq!(result["dtype"], dtype);
        ["naswot", "grad_norm"].map(|proxy| result["proxies"][proxy]["value"].as_f64().unwrap())
    };
    let (single, mixed) = (score("f32"), score("bf16-mixed"));
    for (single, mixed) in single.into_iter().zip(mixed) {
        assert!(single != mixed && (mixed / single - 1.0).abs() < 0.05, "{single} {mixed}");
    }
}
