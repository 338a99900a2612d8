//! Where official files are looked for.

use std::path::PathBuf;

use bench_loaders::{Event, Fetcher};
use clap::Args;

use crate::output;

/// Folder of mirrored files beside the checkout, used where it exists.
const DEFAULT_MIRROR: &str = "../shared/data/mirror";

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

/// Tells of downloads, every 10 %; everything else is quick.
pub fn observer() -> impl Fn(Event<'_>) {
    let told = std::cell::Cell::new(0);
    move |event| {
        if let Event::Downloading { file, received, total } = event {
            // Every tenth of a known size, every 100 MB of an unknown one.
            let step = total.map_or(received / 100_000_000, |total| received * 10 / total.max(1));
            if step != told.get() {
                told.set(step);
                output::say(&match total {
                    Some(total) => format!("downloading {file}: {step}0 % of {total} bytes"),
                    None => format!("downloading {file}: {received} bytes"),
                });
            }
        }
    }
}
