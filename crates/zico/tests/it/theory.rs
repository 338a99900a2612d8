//! `zico theory` from the outside: a small run on MNIST, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};

use tables::{GramTable, MlpTable, StepTable};

use crate::command::{stderr, stdout, zico_in};

/// Few repetitions, networks and steps.
const SMALL: [&str; 17] = [
    "theory",
    "--offline",
    "--out",
    "out",
    "--repetitions",
    "20",
    "--networks",
    "6",
    "--train-images",
    "1024",
    "--gram-widths",
    "16,64",
    "--gram-runs",
    "2",
    "--gram-images",
    "12",
    "--gram-steps=3",
];

/// The mirrored files, or a loud note that the test is skipped.
fn mirror() -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/mirror/mnist");
    if found.is_dir() {
        return Some(found);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    {
        eprintln!("SKIPPED: no data/mirror/mnist in a folder `shared` beside the checkout");
    }
    None
}

#[test]
fn a_small_run_makes_a_page_and_tables_whatever_the_workers() {
    let Some(mirror) = mirror() else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let words = [&SMALL[..], &["--mirror", mirror.to_str().unwrap()], words].concat();
        let output = zico_in(folder.path(), &words);
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output)
    };
    let summary: serde_json::Value = serde_json::from_str(&run(&["--workers", "2", "--format", "json"])).unwrap();
    assert_eq!(summary["findings"].as_object().unwrap().len(), 7, "{summary:#}");

    let data = folder.path().join("out/data");
    let steps = StepTable::read(&data.join("steps.parquet")).unwrap();
    // Six step sizes and the counter-example.
    assert_eq!(steps.len(), 20 * 6 + 1);
    assert_eq!(steps.provenance().config["repetitions"], 20);
    assert!(steps.provenance().inputs.contains_key("t10k-images-idx3-ubyte.gz"));
    for row in steps.iter() {
        assert!(row.bound_corrected.is_none_or(|bound| !row.violates(bound)), "{row:?}");
        assert!(row.bound_variance.is_none_or(|bound| !row.violates(bound)), "{row:?}");
        // Images of digits are far from orthogonal, so the printed bound fails for every step.
        assert!(row.bound_printed.is_some_and(|bound| row.violates(bound)), "{row:?}");
    }
    let networks = MlpTable::read(&data.join("networks.parquet")).unwrap();
    assert_eq!(networks.len(), 6 * 4);
    assert!(networks.iter().filter(|row| row.figure != "fig2-trained").all(|row| (row.loss_train / row.loss_initial - 1.0).abs() < 1e-6));
    assert!(networks.iter().filter(|row| row.figure == "fig2-trained").all(|row| row.loss_train < row.loss_initial));
    let gram = GramTable::read(&data.join("gram.parquet")).unwrap();
    assert_eq!(gram.len(), 2 * 2 * 4);

    let page = fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    for anchor in ["figure-1", "theorem-3-1", "figure-2", "figure-5", "trained", "theorem-3-2", "theorem-3-5", "protocol", "files"] {
        assert!(page.contains(&format!("<section id=\"{anchor}\"")) && page.contains(&format!("href=\"#{anchor}\"")), "{anchor}");
    }
    // Everything the page shows or links to is there, and it loads nothing from elsewhere.
    for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).filter(|link| !link.starts_with('#')) {
        assert!(folder.path().join("out").join(link).is_file(), "{link}");
    }
    assert!(!page.contains("<script") && !page.contains("src=\"http") && !page.contains("NaN"));

    // Made again from its tables it is the same page, and an index lists it.
    let output = zico_in(folder.path(), &["report", "--theory", "out"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.path().join("out/index.html")).unwrap(), page);
    let output = zico_in(folder.path(), &["report", "--index", "out", "--out", "all.html"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let index = fs::read_to_string(folder.path().join("all.html")).unwrap();
    assert!(index.contains("href=\"out/index.html\"") && index.contains("Theorem 3.1"), "{index}");

    // Another number of workers, one experiment at a time: the same tables and page.
    let texts = || {
        let text = |batch| {
            let mut text = Vec::new();
            tables::to_csv(batch, &mut text).unwrap();
            text
        };
        [
            text(StepTable::read(&data.join("steps.parquet")).unwrap().batch()),
            text(MlpTable::read(&data.join("networks.parquet")).unwrap().batch()),
            text(GramTable::read(&data.join("gram.parquet")).unwrap().batch()),
        ]
    };
    let before = texts();
    fs::remove_dir_all(&data).unwrap();
    for experiments in ["fig1", "fig2,fig5", "gram"] {
        run(&["--workers", "1", "--experiments", experiments]);
    }
    assert!(before == texts());
    assert_eq!(page, fs::read_to_string(folder.path().join("out/index.html")).unwrap());
}

#[test]
fn a_plan_is_printed_and_nothing_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let output = zico_in(folder.path(), &["theory", "--dry-run", "--experiments", "fig5,gram", "--workers", "3"]);
    let plan: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        (&plan["items"]["repetitions"], &plan["items"]["networks"], &plan["items"]["trainings"]),
        (&0.into(), &500.into(), &25.into())
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_run_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    // Two folders down, where the default mirror, `../shared`, cannot be one that lies beside temporary folders.
    let folder = outer.path().join("a/checkout");
    fs::create_dir_all(&folder).unwrap();
    let refused = |words: &[&str], code: i32, part: &str| {
        let output = zico_in(&folder, words);
        assert!(output.status.code() == Some(code) && stderr(&output).contains(part), "{words:?}: {}", stderr(&output));
        assert!(!folder.join("reports").exists() && stdout(&output).is_empty());
    };
    refused(&["theory", "--offline"], 4, "no source of MNIST");
    refused(&["theory", "--mnist", "nowhere"], 4, "nowhere");
    refused(&["theory", "--experiments", "fig3"], 2, "fig3");
    refused(&["theory", "--workers", "0"], 2, "--workers must be at least 1");
    refused(&["theory", "--learning-rate", "-1"], 2, "--learning-rate");
    fs::create_dir(folder.join("empty")).unwrap();
    refused(&["theory", "--mnist", "empty"], 4, "no images of MNIST: expected t10k-images-idx3-ubyte.gz");

    // Sixty images of 8 x 8 pixels in MNIST's format.
    let mnist = folder.join("mnist");
    fs::create_dir(&mnist).unwrap();
    let pixels = (0..60 * 64_u32).map(|k| (k * 7 % 255) as u8);
    let images: Vec<u8> = [0, 0, 8, 3, 0, 0, 0, 60, 0, 0, 0, 8, 0, 0, 0, 8].into_iter().chain(pixels).collect();
    let labels: Vec<u8> = [0, 0, 8, 1, 0, 0, 0, 60].into_iter().chain((0..60).map(|k| k % 10)).collect();
    fs::write(mnist.join("t10k-images-idx3-ubyte"), &images).unwrap();
    fs::write(mnist.join("t10k-labels-idx1-ubyte"), &labels).unwrap();
    refused(&["theory", "--mnist", "mnist", "--repetitions", "0"], 2, "--repetitions must be at least 1, got 0");
    refused(&["theory", "--mnist", "mnist", "--images", "1"], 2, "--images must be at least 2");
    refused(&["theory", "--mnist", "mnist"], 3, "the linear model needs 1000 images, there are 52");
    refused(&["theory", "--mnist", "mnist", "--experiments", "fig2", "--networks", "0"], 2, "--networks must be at least 1, got 0");
    refused(&["theory", "--mnist", "mnist", "--experiments", "fig2"], 3, "a spread across batches needs 512 images");
    refused(&["theory", "--mnist", "mnist", "--experiments", "gram", "--gram-runs", "0"], 2, "--gram-runs must be at least 1");
    fs::write(mnist.join("t10k-images-idx3-ubyte"), &images[..500]).unwrap();
    refused(&["theory", "--mnist", "mnist"], 3, "t10k-images-idx3-ubyte is not an IDX file");
    fs::write(mnist.join("t10k-images-idx3-ubyte"), [&images[..16], &[0; 60 * 64][..]].concat()).unwrap();
    refused(&["theory", "--mnist", "mnist"], 3, "black all over");
}
