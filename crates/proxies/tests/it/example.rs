//! The example of a proxy outside the zoo runs, and is as short as promised.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn a_proxy_of_ones_own_takes_less_than_forty_lines() {
    // `cargo test` builds examples beside the tests: target/PROFILE/deps/it-... and target/PROFILE/examples/custom_proxy.
    let test = std::env::current_exe().unwrap();
    let example = test.ancestors().nth(2).unwrap().join("examples/custom_proxy");
    let output = Command::new(&example).output().unwrap_or_else(|error| panic!("{}: {error}", example.display()));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // Two proxies on three architectures.
    let scores = |name: &str| text.lines().filter(|line| line.starts_with(name) && line.contains("Ok(")).count();
    assert_eq!((scores("stem_gradient"), scores("zico")), (3, 3), "{text}");
    let source = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/custom_proxy.rs")).unwrap();
    assert!(source.lines().filter(|line| !line.trim().is_empty()).count() < 40);
}
