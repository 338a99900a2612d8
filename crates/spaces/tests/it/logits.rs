use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use spaces::Setting;

/// The engine's tests compare the logits; this one needs no libtorch.
#[test]
fn networks_of_the_golden_logits_have_their_modules_and_parameters() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/network_logits.json");
    let Ok(text) = fs::read_to_string(path) else {
        crate::skipped("no golden logits beside the checkout");
        return;
    };
    let golden: Value = serde_json::from_str(&text).unwrap();
    for case in golden["nets"].as_array().unwrap() {
        let net = &case["net"];
        let number = |name: &str, default: u64| net[name].as_u64().unwrap_or(default) as usize;
        let (name, text) = match net["space"].as_str().unwrap() {
            "nb101" => ("nb101", crate::record(net)),
            other => (if other == "sss" { "nats-sss" } else { other }, net["arch"].as_str().unwrap().to_owned()),
        };
        let space = spaces::find(name).unwrap();
        let resolution = case["input_shape"][2].as_u64().unwrap() as usize;
        let setting = Setting {
            channels: number("C", number("stem", 0) as u64),
            cells: number("N", number("modules_per_stack", 1) as u64),
            ..space.default_setting(number("classes", 9), resolution)
        };
        let network = space.lower(&space.parse(&text).unwrap(), &setting).unwrap();
        assert_eq!(Some(network.modules().len() as u64), case["modules_filled"].as_u64(), "{net}");
        assert_eq!(Some(network.n_params()), case["params"].as_u64(), "{net}");
    }
}
