use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use spaces::tnb101::{Tnb101, Tnb101Macro, discriminator};
use spaces::{Head, Setting, Space};

/// Decoders by their names in the golden file: head, outputs and resolution. `normal` and `autoencoder` have the same.
const DECODERS: [(&str, Head, usize, usize); 6] = [
    ("class_object(75)", Head::Classifier, 75, 256),
    ("class_scene(47)", Head::Classifier, 47, 256),
    ("room_layout(9)", Head::Classifier, 9, 256),
    ("jigsaw(1000,9 tiles)", Head::Jigsaw, 1000, 64),
    ("segmentsemantic(17ch,256)", Head::Segmentation, 17, 256),
    ("normal/autoencoder(3ch,256)", Head::Generator, 3, 256),
];

#[test]
fn parameters_and_multiply_adds_equal_the_official_ones() {
    let Some(golden) = crate::golden() else { return };
    let rows = golden["tnb101"].as_array().unwrap();
    assert_eq!(rows.len(), 13);
    for row in rows {
        let arch = Tnb101.parse(row["arch"].as_str().unwrap()).unwrap();
        let encoder = row["encoder_params"].as_u64().unwrap();
        assert_eq!(row["decoder_params"].as_object().unwrap().len(), DECODERS.len());
        for (decoder, head, outputs, resolution) in DECODERS {
            let setting = Setting { head, ..Tnb101.default_setting(outputs, resolution) };
            let network = Tnb101.lower(&arch, &setting).unwrap();
            let want = row["decoder_params"][decoder].as_u64().unwrap();
            assert_eq!(network.n_params() - encoder, want, "{} {decoder}", arch.text);
        }
        let network = Tnb101.lower(&arch, &Tnb101.default_setting(9, 224)).unwrap();
        let output: Vec<u64> = row["backbone_out_at_224"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
        let features = network.node(network.features()).shape;
        assert_eq!(features.to_string(), format!("[{}, {}, {}]", output[1], output[2], output[3]), "{}", arch.text);
        let head = features.channels() as u64 * 9 + 9;
        assert_eq!(Some(network.flops() - head), row["encoder_conv_MACs_224"].as_u64(), "{}", arch.text);
        assert_eq!(Some(discriminator(256).unwrap().n_params()), row["discriminator_params_spectral"].as_u64());
    }
}

#[test]
fn a_jigsaw_encodes_nine_times_with_the_same_weights() {
    let arch = Tnb101.parse("64-41414-3_13_123").unwrap();
    let network = |head| Tnb101.lower(&arch, &Setting { head, ..Tnb101.default_setting(1000, 64) }).unwrap();
    let (one, nine) = (network(Head::Classifier), network(Head::Jigsaw));
    assert_eq!(one.modules().len(), nine.modules().len());
    let linear = |tiles: u64| tiles * 512 * 1000 + 1000;
    assert_eq!(nine.flops() - linear(9), 9 * (one.flops() - linear(1)));
    assert_eq!(nine.node(nine.features()).shape.channels(), 9 * 512);
}

#[test]
fn the_spaces_are_the_architectures_of_the_public_tables() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mirror/tnb101");
    // The public macro file has 3,255 rows: one architecture of the space is not in it.
    let missing: [&[&str]; 2] = [&[], &["64-113444-basic"]];
    for ((space, file), missing) in
        [(&Tnb101 as &dyn Space, "micro_class_scene.json"), (&Tnb101Macro, "macro_class_scene.json")].into_iter().zip(missing)
    {
        let Ok(text) = fs::read_to_string(folder.join(file)) else {
            crate::skipped("no tables of TransNAS-Bench-101 beside the checkout");
            return;
        };
        let rows: Value = serde_json::from_str(&text).unwrap();
        let theirs: BTreeSet<String> = rows.as_array().unwrap().iter().map(|row| row[0].as_str().unwrap().to_owned()).collect();
        let ours: BTreeSet<String> = space.enumerate().map(|arch| arch.text).collect();
        assert!(ours.is_superset(&theirs), "{file}");
        assert_eq!(ours.difference(&theirs).collect::<Vec<_>>(), missing, "{file}");
    }
}
