//! Whole reports: every file, the page's structure, rebuilding.

use std::collections::BTreeSet;
use std::path::Path;

use report::{Error, Options, Settings, TableChoice, build};
use tables::{AnyTable, CorrelationTable, ScoreTable};

use crate::synthetic::{Fixture, PROXIES};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn settings(fixture: &Fixture) -> Settings {
    Settings {
        scores: vec![fixture.run("base10", "cifar10", 0), fixture.run("base100", "cifar100", 0)],
        table: TableChoice::File(fixture.table()),
        out: Some(fixture.path("report")),
        compare: vec![("other seed".into(), fixture.run("seed1", "cifar10", 1))],
        title: Some("A <title> & more".into()),
        options: Options { replicates: 20, ..Options::default() },
    }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> std::io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?.into_iter().map(|(name, bytes)| (format!("{}/{name}", file_name(&path)), bytes)));
        } else {
            found.push((file_name(&path), std::fs::read(&path)?));
        }
    }
    found.sort();
    Ok(found)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[test]
fn a_report_has_a_page_pictures_and_every_table_in_three_formats() -> Outcome {
    let fixture = Fixture::new();
    let summary = build(&settings(&fixture))?;
    let names: BTreeSet<String> = files(&fixture.path("report"))?.into_iter().map(|(name, _)| name).collect();
    let mut expected: BTreeSet<String> =
        ["index.html", "data/scores.parquet", "data/timings.parquet", "data/compare-other-seed.parquet", "data/summary.json"]
            .map(String::from)
            .into();
    for dataset in ["cifar10", "cifar100"] {
        expected.extend(["tau", "picks", "proxies"].map(|kind| format!("{kind}-{dataset}.png")));
        expected.extend(["zico", "params", "constant", "b-odd"].map(|proxy| format!("scatter-{dataset}-{proxy}.png")));
    }
    for table in ["correlations", "picks", "proxies", "sets", "noise"] {
        expected.extend(["parquet", "csv", "json"].map(|ending| format!("data/{table}.{ending}")));
    }
    assert_eq!(names, expected);
    assert_eq!(summary.files.len(), names.len());
    assert!(summary.files.iter().all(|path| path.exists()));
    assert_eq!(CorrelationTable::read(&fixture.path("report/data/correlations.parquet"))?.len(), 8);
    for (name, bytes) in
        files(&fixture.path("report"))?.iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|extension| extension == "json"))
    {
        let value: serde_json::Value = serde_json::from_slice(bytes)?;
        assert!(value.is_array() || name == "data/summary.json", "{name}");
    }
    Ok(())
}

#[test]
fn the_page_names_everything_and_loads_nothing() -> Outcome {
    let fixture = Fixture::new();
    let html = std::fs::read_to_string(build(&settings(&fixture))?.index)?;
    assert!(html.contains("<title>A &lt;title&gt; &amp; more</title>"));
    for proxy in PROXIES {
        let escaped = proxy.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(html.contains(&format!("<th scope=\"row\">{escaped}<small>version 3</small></th>")), "{proxy}");
    }
    assert!(!html.contains("<b>&odd") && !html.contains("</script><b>"), "a proxy's name became markup");
    for needed in [
        "id=\"cifar10\"",
        "id=\"cifar100\"",
        "id=\"noise\"",
        "id=\"protocol\"",
        "id=\"reading\"",
        "other seed",
        "B = 64",
        "Seed of the weights: 0 → 1",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
    // Nothing is loaded from anywhere: every reference is an anchor or a file beside the page.
    for attribute in ["src=\"", "href=\""] {
        for target in html.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()) {
            let local = target.starts_with('#') || fixture.path("report").join(target).exists();
            assert!(local, "{attribute}{target}");
        }
    }
    for loader in ["@import", "url(", "fetch(", "XMLHttpRequest", "import(", "<link", "<iframe"] {
        assert!(!html.contains(loader), "{loader}");
    }
    Ok(())
}

#[test]
fn the_page_is_well_formed() -> Outcome {
    let fixture = Fixture::new();
    let html = std::fs::read_to_string(build(&settings(&fixture))?.index)?;
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html.as_str();
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').ok_or("a tag that ends")?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "closed out of order");
        } else if !(tag.starts_with('!') || tag.ends_with('/') || ["meta", "img", "wbr"].contains(&name)) {
            open.push(name);
            if ["script", "style"].contains(&name) {
                rest = &rest[rest.find(&format!("</{name}>")).ok_or("an end of the script")?..];
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    Ok(())
}

#[test]
fn a_report_is_rebuilt_from_its_own_data_folder() -> Outcome {
    let fixture = Fixture::new();
    let settings = settings(&fixture);
    build(&settings)?;
    let first = files(&fixture.path("report"))?;
    let again = Settings::rebuild(&fixture.path("report"), TableChoice::File(fixture.table()))?;
    assert_eq!(again.compare, [("other seed".to_owned(), fixture.path("report/data/compare-other-seed.parquet"))]);
    build(&Settings { title: settings.title, options: settings.options, ..again })?;
    for (before, after) in first.iter().zip(files(&fixture.path("report"))?) {
        assert_eq!(before.0, after.0);
        assert!(before.1 == after.1, "{} changed", before.0);
    }
    Ok(())
}

#[test]
fn what_is_missing_is_named_with_the_remedy() {
    let fixture = Fixture::new();
    let nowhere = Settings::rebuild(&fixture.path("empty"), TableChoice::Ingested).map(|_| ()).unwrap_err();
    assert!(nowhere.to_string().contains("just reproduce-nb201"), "{nowhere}");
    assert_eq!(report::exit::code(&nowhere), report::exit::NO_DATA);

    let no_table =
        build(&Settings { table: TableChoice::File(fixture.path("missing.parquet")), ..settings(&fixture) }).map(|_| ()).unwrap_err();
    assert!(no_table.to_string().contains("zico ingest nb201"), "{no_table}");

    let label = build(&Settings { compare: vec![("../x".into(), fixture.path("base10"))], ..settings(&fixture) }).map(|_| ()).unwrap_err();
    assert!(matches!(label, Error::Label { .. }), "{label}");
    assert!(!fixture.path("report").exists(), "nothing was written");
}

#[test]
fn merged_scores_remember_every_run() -> Outcome {
    let fixture = Fixture::new();
    build(&settings(&fixture))?;
    let scores = ScoreTable::read(&fixture.path("report/data/scores.parquet"))?;
    let runs = scores.provenance().config["runs"].as_array().ok_or("a list of runs")?;
    let datasets: Vec<_> = runs.iter().map(|run| run["config"]["dataset"].as_str()).collect();
    assert_eq!(datasets, [Some("cifar10"), Some("cifar100")]);
    assert!(matches!(AnyTable::read(&fixture.path("report/data/timings.parquet"))?, AnyTable::Timing(_)));
    Ok(())
}
