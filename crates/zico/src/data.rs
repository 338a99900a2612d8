//! Where official files are looked for.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bench_loaders::{Event, Fetcher};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output;

/// Folder of mirrored files beside the checkout, used where it exists.
const DEFAULT_MIRROR: &str = "../shared/data/mirror";

/// Seconds between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Where official files are looked for, by checksum: the raw folder, then mirrors, then the network.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sources")]
pub struct SourceArgs {
    /// Folder of official files; downloads go there.
    #[arg(long, default_value = "data/raw")]
    raw: PathBuf,
    /// Further folders to search (also `ZICO_MIRROR`, separated by colons) [default: ../shared/data/mirror where it exists].
    #[arg(long = "mirror", value_name = "DIR")]
    mirrors: Vec<PathBuf>,
    /// Download nothing.
    #[arg(long)]
    offline: bool,
}

impl SourceArgs {
    pub fn fetcher(&self) -> Fetcher {
        let mut mirrors = self.mirrors.clone();
        if let Some(list) = std::env::var_os("ZICO_MIRROR") {
            mirrors.extend(std::env::split_paths(&list).filter(|p| !p.as_os_str().is_empty()));
        }
        let default = PathBuf::from(DEFAULT_MIRROR);
        if mirrors.is_empty() && default.is_dir() {
            mirrors.push(default);
        }
        Fetcher { raw: self.raw.clone(), mirrors, offline: self.offline }
    }
}

/// Tells how far reading and downloading have come: a bar on a terminal; elsewhere a line for every tenth of a download and
/// for every half minute of reading.
pub fn observer() -> impl Fn(Event<'_>) {
    let bar = std::io::stderr().is_terminal().then(|| {
        let style = ProgressStyle::with_template("{msg:24} {bar:32} {percent:>3} %  {eta} left");
        ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    });
    let told = Cell::new((0, Instant::now()));
    move |event| {
        let (what, done, total) = match event {
            Event::Checking { path } => (format!("checking {}", path.file_name().unwrap_or_default().display()), 0, 0),
            Event::Downloading { file, received, total } => (format!("downloading {file}"), received, total.unwrap_or(0)),
            Event::Reading { done, total, unit } => (format!("reading {unit}"), done, total),
            Event::Counting { done, total } => ("counting networks".into(), done, total),
            Event::Writing { done, total } => ("writing".into(), done, total),
            _ => return,
        };
        if let Some(bar) = &bar {
            bar.set_message(what);
            bar.set_length(total);
            bar.set_position(done);
            return;
        }
        let (tenth, last) = told.get();
        let now = (done * 10).checked_div(total).unwrap_or(done / 100_000_000);
        let is_download = matches!(event, Event::Downloading { .. });
        if (is_download && now != tenth) || (!is_download && last.elapsed() >= LINE_EVERY) {
            told.set((now, Instant::now()));
            output::say(&if total > 0 { format!("{what}: {done} of {total}") } else { format!("{what}: {done}") });
        }
    }
}
