//! Progress of a run: a bar with rate and time left on a terminal, a line every so often elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use proxies::runner::Event;

/// Seconds between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Shows the events of a run.
pub struct Progress {
    bar: Option<ProgressBar>,
    total: AtomicUsize,
    done: AtomicUsize,
    found: AtomicUsize,
    start: Instant,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:32} {pos}/{len} networks  {per_sec}  {eta} left{msg}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let now = Instant::now();
        Self { bar, total: 0.into(), done: 0.into(), found: 0.into(), start: now, last_line: Mutex::new(now) }
    }

    pub fn event(&self, event: Event) {
        match event {
            Event::Planned { networks, done } => {
                self.total.store(networks, Ordering::Relaxed);
                self.found.store(done, Ordering::Relaxed);
                if done > 0 {
                    crate::output::say(&format!("resuming: {done} of {networks} networks are done already"));
                }
                if let Some(bar) = &self.bar {
                    bar.set_length((networks - done) as u64);
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
            }
            Event::Network => {
                let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
                match &self.bar {
                    Some(bar) => bar.inc(1),
                    None => self.line(done),
                }
            }
            Event::Shard => {}
        }
    }

    fn line(&self, done: usize) {
        let Ok(mut last) = self.last_line.try_lock() else { return };
        if last.elapsed() < LINE_EVERY {
            return;
        }
        *last = Instant::now();
        let seconds = self.start.elapsed().as_secs_f64();
        let total = self.total.load(Ordering::Relaxed) - self.found.load(Ordering::Relaxed);
        let rate = done as f64 / seconds;
        let left = (total.saturating_sub(done)) as f64 / rate;
        crate::output::say(&format!("{done}/{total} networks, {rate:.2} per second, {left:.0} s left"));
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
