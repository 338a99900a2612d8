//! The page over all reports: what was scored, which proxies rank best, how far from the paper.

#![expect(clippy::format_collect, reason = "a page is put together once, from small texts; `write!` would add a result to ignore to each")]

pub mod card;
mod grid;
pub(crate) mod other;
mod page;
mod summary;

use std::path::{Component, Path, PathBuf};

use card::Card;
pub use grid::{Grid, GridCell, GridColumn};
use other::Other;
pub(crate) use summary::summary;

use crate::model::slug;
use crate::{Error, Result, benchmarks, plots};

/// A report with the place of its page relative to the index.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it says.
    pub card: Card,
    /// Link to its folder, ending in a slash; percent-encoded.
    pub folder: String,
    /// Name of its folder.
    pub name: String,
}

/// Writes the index of the reports and other pages in `folders` to `out`, with a picture of the overview beside it, and returns a sentence.
/// Without folders, those beside `out` that hold a report.
///
/// # Errors
/// [`Error::NoReport`] or [`Error::Summary`] for a folder without a report of this program; those of writing.
pub fn build_index(folders: &[PathBuf], out: &Path) -> Result<String> {
    let beside = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folders = if folders.is_empty() { folders_in(beside)? } else { folders.to_vec() };
    let (mut listed, mut others) = (Vec::new(), Vec::new());
    for folder in &folders {
        if let Some(other) = Other::read(folder)? {
            others.push((other, relative(beside, folder)));
            continue;
        }
        let name = folder.file_name().map_or_else(|| folder.display().to_string(), |name| name.to_string_lossy().into_owned());
        listed.push(Listed { card: Card::read(folder)?, folder: relative(beside, folder), name });
    }
    let place = |space: &str| benchmarks::ALL.iter().position(|benchmark| benchmark.spaces.contains(&space)).unwrap_or(usize::MAX);
    listed.sort_by(|a, b| (place(&a.card.space), &a.name).cmp(&(place(&b.card.space), &b.name)));
    listed.dedup();
    others.sort_by(|a, b| a.1.cmp(&b.1));
    others.dedup();

    let grid = Grid::new(&listed);
    let stem = out.file_stem().map_or_else(|| "index".into(), |stem| slug(&stem.to_string_lossy()));
    let picture = format!("{stem}-overview.png");
    let heading = "Kendall’s τ-b of score and value: proxies and benchmarks";
    plots::overview(&grid, plots::PICTURE * 1.5)
        .with_subtitle("the paper’s in small, and in grey where nothing was measured")
        .with_title(heading)
        .write_png(&beside.join(&picture))?;
    let html = page::page(&listed, &others, &grid, &picture);
    tables::atomic_write(out, |output| output.write_all(html.as_bytes()))?;
    let datasets: usize = listed.iter().map(|report| report.card.datasets.len()).sum();
    let pages = if others.is_empty() { String::new() } else { format!(", {} pages of searches and experiments", others.len()) };
    Ok(format!("{} reports, {datasets} datasets{pages}\nopen {}", listed.len(), out.display()))
}

/// Folders that hold a report, by name.
fn folders_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| Error::Io { action: "list", path: folder.into(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join(card::FILE).exists() || path.join(other::FILE).exists() {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() { Err(Error::NoReport { path: folder.into() }) } else { Ok(found) }
}

/// The way from a folder to another as a link that ends in a slash.
fn relative(from: &Path, to: &Path) -> String {
    let absolute = |path: &Path| std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into());
    let (from, to) = (absolute(from), absolute(to));
    let parts = |path: &Path| -> Vec<String> {
        let names = path.components().filter(|part| !matches!(part, Component::RootDir | Component::CurDir));
        names.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
    };
    let (from, to) = (parts(&from), parts(&to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.len() - common);
    let link: Vec<String> = up.chain(to[common..].iter().map(|name| encoded(name))).collect();
    if link.is_empty() { "./".into() } else { format!("{}/", link.join("/")) }
}

/// A name as part of a link.
fn encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_from_the_index_to_the_reports_and_are_encoded() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["reports/nb 201#", "elsewhere/x"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        assert_eq!(relative(&at("reports"), &at("reports/nb 201#")), "nb%20201%23/");
        assert_eq!(relative(&at("reports"), &at("elsewhere/x")), "../elsewhere/x/");
        assert_eq!(relative(&at("reports"), &at("reports")), "./");
    }
}
