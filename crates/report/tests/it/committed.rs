//! The committed pages of `reports/`.

use std::path::{Path, PathBuf};

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
    let ignored: Vec<PathBuf> = std::fs::read_to_string(root.join(".gitignore"))
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("/reports/"))
        .map(|folder| root.join("reports").join(folder.trim_end_matches('/')))
        .collect();
    let is_ignored = |path: &Path| ignored.iter().any(|folder| path.starts_with(folder));
    let reports = std::fs::read_dir(root.join("reports")).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<PathBuf> = reports
        .map(|path| if path.is_dir() { path.join("index.html") } else { path })
        .filter(|path| path.extension().is_some_and(|ending| ending == "html") && path.exists() && !is_ignored(path))
        .collect();
    assert!(pages.len() >= 5, "{pages:?}");
    let mut broken = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        let all = leads(&text, "href").into_iter().chain(leads(&text, "src"));
        let beside = page.parent().unwrap();
        for link in all {
            let target = beside.join(link);
            let there = target.canonicalize().is_ok_and(|target| target.starts_with(&root) && !is_ignored(&target));
            if !there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
