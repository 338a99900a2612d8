//! The committed pages of `reports/`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Values of `name="..."` in a page that lead to files beside it.
fn leads<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let elsewhere = |link: &str| link.starts_with('#') || link.contains(':') || link.is_empty();
    let attribute = format!(" {name}=\"");
    let parts = page.split(attribute.as_str()).skip(1).filter_map(|rest| rest.split('"').next());
    parts.filter(|link| !elsewhere(link)).map(|link| link.split('#').next().unwrap_or_default()).collect()
}

#[test]
fn every_link_of_a_committed_page_leads_to_a_committed_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let listed = Command::new("git").args(["ls-files", "-z", "."]).current_dir(&root).output();
    let Some(listed) = listed.ok().filter(|output| output.status.success()) else {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("SKIPPED: this is no git checkout, so it is not known what is committed");
        }
        return;
    };
    let files: HashSet<PathBuf> = String::from_utf8(listed.stdout).unwrap().split_terminator('\0').map(|file| root.join(file)).collect();
    let reports = root.join("reports");
    let pages: Vec<&PathBuf> =
        files.iter().filter(|file| file.starts_with(&reports) && file.extension().is_some_and(|e| e == "html") && file.exists()).collect();
    assert!(pages.len() >= 5, "{pages:?}");
    let mut broken = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(page).unwrap();
        for link in leads(&text, "href").into_iter().chain(leads(&text, "src")) {
            let target = page.parent().unwrap().join(link).canonicalize();
            if !target.is_ok_and(|target| files.contains(&target)) {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
