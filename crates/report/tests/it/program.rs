//! The program: arguments, messages, exit codes.

use std::process::{Command, Output};

use report::exit;

use crate::synthetic::Fixture;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Runs the program in the fixture's folder.
fn run(fixture: &Fixture, arguments: &[&str]) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_report")).args(arguments).current_dir(fixture.folder.path()).output()
}

/// Code and message of a run that must fail.
fn failure(fixture: &Fixture, arguments: &[&str]) -> Result<(u8, String), Box<dyn std::error::Error>> {
    let output = run(fixture, arguments)?;
    assert!(output.stdout.is_empty());
    let code = output.status.code().and_then(|code| u8::try_from(code).ok()).ok_or("a code")?;
    Ok((code, String::from_utf8(output.stderr)?))
}

#[test]
fn a_report_is_made_and_then_made_again_without_scores() -> Outcome {
    let fixture = Fixture::new();
    fixture.run("base", "cifar10", 0);
    let arguments = ["--scores", "base", "--table", "table.parquet", "--out", "made", "--replicates", "20"];
    let first = run(&fixture, &arguments)?;
    let text = String::from_utf8(first.stderr)?;
    assert!(first.status.success(), "{text}");
    assert!(text.starts_with("cifar10: ZiCo ranks 108 architectures with τ-b = ") && text.ends_with("made/index.html\n"), "{text}");
    let page = std::fs::read(fixture.path("made/index.html"))?;
    let again = run(&fixture, &["--table", "table.parquet", "--out", "made", "--replicates", "20"])?;
    assert!(again.status.success());
    assert!(page == std::fs::read(fixture.path("made/index.html"))?, "the page changed");
    Ok(())
}

#[test]
fn every_failure_is_one_sentence_with_its_code() -> Outcome {
    let fixture = Fixture::new();
    fixture.run("base", "cifar10", 0);
    std::fs::write(fixture.path("file"), "no folder")?;
    std::fs::write(fixture.path("broken.parquet"), "no table")?;
    let table = ["--table", "table.parquet"];
    for (arguments, code, part) in [
        (vec![], exit::NO_DATA, "reports/nb201/data/scores.parquet"),
        (vec!["--scores", "base", "--table", "nowhere.parquet"], exit::NO_DATA, "zico ingest nb201"),
        (vec!["--scores", "nowhere", table[0], table[1]], exit::NO_DATA, "there are no scores at nowhere"),
        (vec!["--scores", "broken.parquet", table[0], table[1]], exit::BAD_INPUT, "broken.parquet"),
        (vec!["--scores", "base", "--table", "broken.parquet"], exit::BAD_INPUT, "broken.parquet"),
        (
            vec!["--scores", "base", table[0], table[1], "--dataset", "cifar11"],
            exit::BAD_INPUT,
            "no scores for dataset `cifar11`; scored: cifar10",
        ),
        (vec!["--scores", "base", table[0], table[1], "--compare", "nothing"], exit::USAGE, "expected LABEL=DIR"),
        (vec!["--scores", "base", table[0], table[1], "--confidence", "95"], exit::USAGE, "between 0 and 1"),
        (vec!["--scores", "base", table[0], table[1], "--out", "file"], exit::NO_OUTPUT, "file"),
    ] {
        let (got, text) = failure(&fixture, &arguments)?;
        assert_eq!(got, code, "{arguments:?}: {text}");
        assert!(text.starts_with("error: ") && text.contains(part), "{arguments:?}: {text}");
    }
    Ok(())
}
