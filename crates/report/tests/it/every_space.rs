//! Reports on every benchmark: units, directions, joins, missing tables, and the index over them.
//!
//! `REPORT_PAGES=FOLDER cargo test -p report every_space` leaves the pages there, to be looked at.

use std::path::{Path, PathBuf};

use report::index::build_index;
use report::index::card::Card;
use report::{Options, Settings, Summary, TableChoice, build};
use tables::{CorrelationTable, Direction};

use crate::made_up::{Made, PROXIES, sample, write_run, write_table};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const PERCENT: Made<'static> = Made {
    space: "nb101",
    dataset: "cifar10",
    split: "test",
    metric: "accuracy",
    unit: "percent",
    direction: Direction::HigherIsBetter,
    epochs: 108,
    best: false,
    range: (83.0, 94.6),
    batches: "made up",
};

/// The seven tasks of TransNAS-Bench-101.
fn tasks() -> Vec<Made<'static>> {
    let task = |dataset, metric, unit, epochs, range| {
        // One task as a source that has the last epoch only would give it.
        let best = dataset != "normal";
        Made { space: "tnb101", dataset, metric, unit, epochs, best, range, ..PERCENT }
    };
    vec![
        task("class_scene", "top1", "percent", 25, (14.0, 54.9)),
        task("class_object", "top1", "percent", 25, (26.0, 46.3)),
        task("room_layout", "neg_loss", "1", 25, (-1.09, -0.59)),
        task("jigsaw", "top1", "percent", 10, (10.0, 95.4)),
        task("segmentsemantic", "miou", "percent", 30, (5.4, 26.3)),
        task("normal", "ssim", "1", 30, (0.32, 0.58)),
        task("autoencoder", "ssim", "1", 30, (0.05, 0.57)),
    ]
}

/// A folder that stays if the pages are to be looked at.
struct Pages {
    root: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

impl Pages {
    fn new() -> std::io::Result<Self> {
        if let Some(root) = std::env::var_os("REPORT_PAGES") {
            return Ok(Self { root: root.into(), _temporary: None });
        }
        let folder = tempfile::tempdir()?;
        Ok(Self { root: folder.path().into(), _temporary: Some(folder) })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Scores and values of `count` architectures, and the report on them.
    fn report(&self, name: &str, made: &[Made<'_>], count: usize, values: bool) -> report::Result<Summary> {
        let architectures = sample(made[0].space, count);
        let runs = made.iter().map(|one| write_run(&self.path(&format!("runs/{name}-{}", one.dataset)), &architectures, one));
        let scores = runs.collect();
        let table = self.path(&format!("{name}.parquet"));
        write_table(&table, &architectures, made, |_| 0);
        build(&Settings {
            scores,
            table: if values { TableChoice::File(table) } else { TableChoice::None },
            out: Some(self.path(&format!("reports/{name}"))),
            compare: Vec::new(),
            title: None,
            options: Options { replicates: 50, ..Options::default() },
        })
    }
}

#[test]
fn every_benchmark_has_its_page_and_an_index_lists_them() -> Outcome {
    let pages = Pages::new()?;
    let sss = |dataset, range| Made { space: "nats-sss", dataset, epochs: 90, range, ..PERCENT };
    pages.report("nb101", &[PERCENT], 500, true)?;
    let nb201 = pages.report("nb201", &[Made { space: "nb201", epochs: 200, ..PERCENT }], 1000, true)?;
    let sizes = [sss("cifar10", (80.0, 93.6)), sss("cifar100", (45.0, 71.0)), sss("imagenet16-120", (20.0, 46.0))];
    pages.report("nats-sss", &sizes, 600, false)?;
    let tasks = tasks();
    let tnb = pages.report("tnb101", &tasks, 400, true)?;

    // The datasets come in the order of the benchmark, each with the paper's figures where it has some.
    let findings: Vec<&str> = tnb.findings.iter().map(|(dataset, _)| dataset.as_str()).collect();
    assert_eq!(findings, tasks.iter().map(|task| task.dataset).collect::<Vec<_>>());
    let correlations = CorrelationTable::read(&pages.path("reports/tnb101/data/correlations.parquet"))?;
    assert_eq!(correlations.len(), 7 * PROXIES.len());
    let paper =
        |task: &str, proxy: &str| correlations.iter().find(|row| (row.dataset, row.proxy) == (task, proxy)).and_then(|row| row.paper_tau);
    assert_eq!((paper("jigsaw", "zico"), paper("room_layout", "zico"), paper("normal", "zen")), (Some(0.36), None, Some(0.52)));

    let html = std::fs::read_to_string(&tnb.index)?;
    for text in [
        "test SSIM at its best epoch of 30",
        "test SSIM after 30 epochs",
        "test mIoU in percent",
        "Test negative loss. Regret, in negative loss",
        "ZiCo’s search in the paper’s Table 6",
        "Surface normals",
        "Table 5",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(!html.contains("15,625"), "what is true of another space");
    assert!(std::fs::read_to_string(&nb201.index)?.contains("15,625 strings"));

    let index = pages.path("reports/index.html");
    assert!(build_index(&[], &index)?.starts_with("4 reports, 12 datasets"));
    let html = std::fs::read_to_string(&index)?;
    for text in
        ["href=\"nb101/index.html", "href=\"tnb101/index.html#jigsaw\"", "accuracies missing", "NATS-Bench size", "class=\"sketch\""]
    {
        assert!(html.contains(text), "{text}");
    }
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split(['"', '#']).next()).filter(|link| !link.starts_with("https://"));
    for link in links {
        assert!(pages.path("reports").join(link).exists(), "{link}");
    }
    for loader in ["<script", "<img", "<link", "url(", "@import"] {
        assert!(!html.contains(loader), "{loader}");
    }
    assert!(pages.path("reports/index-overview.png").exists());
    Ok(())
}

#[test]
fn without_values_the_page_shows_the_scores_and_says_which_file_is_missing() -> Outcome {
    let pages = Pages { root: tempfile::tempdir()?.keep(), _temporary: None };
    let summary = pages.report("nats-sss", &[Made { space: "nats-sss", epochs: 90, ..PERCENT }], 60, false)?;
    let html = std::fs::read_to_string(&summary.index)?;
    for text in [
        "The accuracies of NATS-Bench size are not on this machine",
        "NATS-sss-v1_0-50262-simple.tar",
        "zico ingest nats-sss",
        "τ-b with zico",
        "has no dead edge, and is the only one of its network",
        "none: the accuracies were not at hand",
        "32,768 different networks",
        "CIFAR-10 0.54",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let folder = pages.path("reports/nats-sss");
    for file in ["spread-cifar10.png", "proxies-cifar10.png", "scatter-cifar10-params.png", "data/spread.csv", "data/proxies.csv"] {
        assert!(folder.join(file).exists(), "{file}");
    }
    assert!(!folder.join("data/correlations.parquet").exists());
    let proxies = std::fs::read_to_string(folder.join("data/proxies.csv"))?;
    assert!(proxies.starts_with("dataset,proxy,other,tau_b,tau_b_low,tau_b_high,rho,rho_low,rho_high,n\n"), "{proxies}");
    let card = Card::read(&folder)?;
    assert!(!card.has_values && card.datasets[0].proxies.iter().all(|proxy| proxy.tau_b.is_none()));
    assert_eq!(card.datasets[0].proxies[0].paper, Some([0.54, 0.73]));

    // Where the table turns up later, the report is made again from its own scores.
    let table = TableChoice::File(pages.path("nats-sss.parquet"));
    let again = build(&Settings::rebuild(&folder, table)?)?;
    assert!(again.findings[0].1.starts_with("ZiCo ranks 60 architectures"), "{:?}", again.findings);
    assert!(Card::read(&folder)?.has_values);
    // And it is not lost again when the table is not at hand.
    let lost = build(&Settings::rebuild(&folder, TableChoice::Ingested)?).map(|_| ()).unwrap_err();
    assert!(lost.to_string().contains("zico ingest nats-sss"), "{lost}");
    Ok(std::fs::remove_dir_all(&pages.root)?)
}

fn listing(folder: &Path) -> report::Result<String> {
    build_index(&[folder.into()], &folder.join("index-of-all.html"))
}

#[test]
fn an_index_refuses_what_no_report_wrote() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("data/summary.json");
    let nothing = listing(folder.path()).unwrap_err();
    assert!(nothing.to_string().contains("there is no report in"), "{nothing}");
    assert_eq!(report::exit::code(&nothing), report::exit::NO_DATA);
    std::fs::create_dir_all(folder.path().join("data"))?;
    let good = r#"{"schema":1,"title":"t","space":"x","space_title":"<i>X","confidence":0.95,"has_values":true,"datasets":[
        {"dataset":"d","title":"D","anchor":"d","value":"v","n":3,"n_table":3,"batches":null,"finding":"f","proxies":[
        {"proxy":"p","version":1,"n":3,"tau_b":[0.5,0.4,0.6],"rho":null,"paper":null,"wall_ms":null}],"sketch":null}]}"#;
    std::fs::write(&path, good)?;
    listing(folder.path())?;
    assert!(std::fs::read_to_string(folder.path().join("index-of-all.html"))?.contains("&lt;i&gt;X"));
    for (from, to, part) in [
        ("\"schema\":1", "\"schema\":2", "expected schema version 1, got 2"),
        ("\"schema\":1,", "", "expected schema version 1, got none"),
        ("0.6]", "60]", "tau_b: expected a number from -1 to 1, got 60"),
        ("\"n\":3,\"tau_b\"", "\"n\":-3,\"tau_b\"", "invalid value"),
        ("{\"schema\"", "[", "summary.json"),
        ("\"sketch\":null", "\"sketch\":{\"proxy\":\"p\",\"against\":\"a\",\"dots\":[[1,5000]]}", "from 0 to 1000, got 5000"),
    ] {
        std::fs::write(&path, good.replace(from, to))?;
        let error = listing(folder.path()).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(report::exit::code(&error), report::exit::BAD_INPUT);
    }
    Ok(())
}

/// Run them with `cargo test -p report --test it all_of -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes: 423,624 architectures"]
fn all_of_nb101_is_reported_and_timed() -> Outcome {
    timed("nb101", &[PERCENT])
}

#[test]
#[ignore = "takes a minute: 4,096 architectures on seven tasks"]
fn all_of_tnb101_is_reported_and_timed() -> Outcome {
    timed("tnb101", &tasks())
}

#[expect(clippy::print_stdout, reason = "the time is what it is run for")]
fn timed(space: &str, made: &[Made<'_>]) -> Outcome {
    let pages = Pages::new()?;
    let architectures: Vec<_> = spaces::find(space)?.enumerate().collect();
    let runs = made.iter().map(|one| write_run(&pages.path(&format!("runs/all-{space}-{}", one.dataset)), &architectures, one));
    let scores = runs.collect();
    let table = pages.path(&format!("all-{space}.parquet"));
    write_table(&table, &architectures, made, |_| 3);
    let started = std::time::Instant::now();
    let summary = build(&Settings {
        scores,
        table: TableChoice::File(table),
        out: Some(pages.path(&format!("reports/all-{space}"))),
        compare: Vec::new(),
        title: None,
        options: Options::default(),
    })?;
    let (seconds, page) = (started.elapsed().as_secs_f64(), std::fs::metadata(&summary.index)?.len() / 1000);
    println!(
        "{} architectures, {} datasets, {} proxies: {seconds:.1} s, page of {page} kB",
        architectures.len(),
        made.len(),
        PROXIES.len()
    );
    Ok(())
}

#[test]
fn a_page_of_scores_on_noise_says_so_before_any_number_and_its_card_as_well() -> Outcome {
    let folder = tempfile::tempdir()?;
    let pages = Pages { root: folder.path().into(), _temporary: Some(folder) };
    let on_noise = Made { batches: "2 batches of 16 of standard normal noise: no images", ..PERCENT };
    let html = std::fs::read_to_string(pages.report("nb101", &[on_noise], 60, true)?.index)?;
    let (notice, finding) = (html.find("Noise instead of images.").ok_or("a notice")?, html.find("class=\"finding\"").ok_or("a finding")?);
    assert!(notice < finding, "the notice comes first");
    assert!(html.contains("just reproduce-nb101 --sample 60 --datasets cifar10 --batch random"));
    assert!(html.contains("--batch random --out DIR") && !html.contains("--images IMAGES"), "the command scores on noise again");

    // One of two datasets: it is named.
    let other = Made { space: "nats-sss", dataset: "cifar100", epochs: 90, ..PERCENT };
    let sizes = [Made { space: "nats-sss", epochs: 90, ..on_noise }, other];
    let html = std::fs::read_to_string(pages.report("nats-sss", &sizes, 60, true)?.index)?;
    assert!(html.contains("The scores of CIFAR-10 were computed on random noise"));
    assert!(html.contains("n\u{a0}=\u{a0}60, noise</small>") && html.contains("n\u{a0}=\u{a0}60</small>"));

    let images = std::fs::read_to_string(pages.report("nb201", &[Made { space: "nb201", epochs: 200, ..PERCENT }], 60, true)?.index)?;
    assert!(!images.contains("<p class=\"warning\">") && images.contains("--images IMAGES"));

    let index = pages.path("reports/index.html");
    build_index(&[], &index)?;
    let html = std::fs::read_to_string(&index)?;
    for text in [
        "2 of the 4 datasets were scored on noise",
        "scored on noise, not images</span>",
        "1 of 2 datasets scored on noise, not images</span>",
    ] {
        assert!(html.contains(text), "{text}");
    }
    Ok(())
}

#[test]
fn several_trainings_of_each_architecture_show_the_ceiling() -> Outcome {
    let folder = tempfile::tempdir()?;
    let architectures = sample("nb101", 40);
    let scores = write_run(&folder.path().join("run"), &architectures, &PERCENT);
    let report = |runs: u32| {
        let table = folder.path().join(format!("{runs}.parquet"));
        write_table(&table, &architectures, &[PERCENT], |_| runs);
        let out = folder.path().join(format!("report-{runs}"));
        build(&Settings {
            scores: vec![scores.clone()],
            table: TableChoice::File(table),
            out: Some(out.clone()),
            compare: Vec::new(),
            title: None,
            options: Options { replicates: 50, ..Options::default() },
        })?;
        let page = std::fs::read_to_string(out.join("index.html"))?;
        Ok::<_, Box<dyn std::error::Error>>((page, std::fs::read_to_string(out.join("data/ceiling.csv")).ok()))
    };
    // The made-up runs of an architecture differ by a constant, so they rank all alike.
    let (page, pairs) = report(3)?;
    assert!(page.contains("<b>Ceiling.</b>") && page.contains("another training"), "text and line of the chart");
    assert!(page.contains("1.000 to 1.000 over 3 pairs of runs") && page.contains("against the mean of the 2 others"));
    assert_eq!(pairs.as_deref().map(|csv| csv.lines().nth(1)), Some(Some("cifar10,0,1,40,1.0,1.0")));
    for runs in [0, 1] {
        let (page, pairs) = report(runs)?;
        assert!(!page.contains("Ceiling") && !page.contains("another training") && pairs.is_none());
    }
    Ok(())
}
