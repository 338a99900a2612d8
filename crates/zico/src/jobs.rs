//! What commands that run long have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use shards::Part;

use crate::exit::{self, usage};
use crate::output;

/// Number of worker threads: what was asked for, or one per core.
pub fn workers(asked: Option<usize>) -> anyhow::Result<usize> {
    match asked {
        Some(0) => Err(usage("--workers must be at least 1")),
        Some(workers) => Ok(workers),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}

/// The first Ctrl-C lets what is under way come to a good end; a second one ends the process.
pub fn stop_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(exit::INTERRUPTED.into());
        }
        output::say("finishing what is under way; once more to stop at once");
    })
    .context("failed to listen for Ctrl-C")?;
    Ok(stop)
}

/// Which part of a run that several processes share; all of it if nothing is said.
pub fn part(text: Option<&str>) -> anyhow::Result<Part> {
    let Some(text) = text else { return Ok(Part::ALL) };
    let wrong = || usage(format!("--shard {text}: expected I/N with I from 0 to N - 1, such as 0/4"));
    let (index, count) = text.split_once('/').ok_or_else(wrong)?;
    Part::new(index.parse().map_err(|_| wrong())?, count.parse().map_err(|_| wrong())?).map_err(|_| wrong())
}
