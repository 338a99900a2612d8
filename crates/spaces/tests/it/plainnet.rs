//! Costs of the published structures by the code's own counters, against the golden file.

use std::path::PathBuf;

use netgraph::Module;
use serde_json::{Value, json};
use spaces::plainnet::{Structure, Variant};

#[test]
fn costs_and_layers_equal_the_codes_own_counters() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/plainnet.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        crate::skipped("no golden structures beside the checkout");
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    assert_eq!(cases.len(), 24);
    for case in &cases {
        let number = |key: &str| case[key].as_f64().expect(key);
        let flag = |key: &str| case[key].as_bool().expect(key);
        let text = case["structure"].as_str().expect("a structure");
        let structure = Structure::parse(text).expect("a published structure");
        assert_eq!(structure.to_string(), text);
        let variant = Variant { residual_links: flag("residual_links"), squeeze: flag("use_se") };
        let cost = structure.cost(number("resolution") as usize, number("classes") as usize, variant);
        let name = || format!("{} {variant:?}", case["case"].as_str().unwrap_or_default());
        assert_eq!((cost.flops, cost.size), (number("flops"), number("model_size")), "{}", name());
        assert_eq!(Value::from(structure.layers()), case["layers"], "{}", name());
        let network = structure.lower(number("resolution") as usize, number("classes") as usize, variant).expect("a network");
        assert_eq!(Value::from(network.n_params()), case["parameters"], "{}", name());
        if let Some(modules) = case["modules"].as_array() {
            let own: Vec<Value> = network.modules().iter().map(module).collect();
            assert_eq!(&own, modules, "{}", name());
        }
    }
}

/// A module as the golden file lists it.
fn module(module: &Module) -> Value {
    match *module {
        Module::Conv2d(c) => json!(["conv", c.c_in, c.c_out, c.kernel, c.stride, c.groups, c.bias]),
        Module::BatchNorm2d(norm) => json!(["bn", norm.channels, norm.eps]),
        Module::Linear(linear) => json!(["linear", linear.n_in, linear.n_out]),
        Module::ConvTranspose2d(_) => Value::Null,
    }
}
