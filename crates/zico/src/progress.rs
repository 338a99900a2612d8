//! Progress of a run: a bar with rate and time left on a terminal, a line every so often elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use shards::Event;

/// Seconds between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// Shows the events of a run.
pub struct Progress {
    /// What the items are, in the plural.
    unit: &'static str,
    bar: Option<ProgressBar>,
    total: AtomicUsize,
    done: AtomicUsize,
    found: AtomicUsize,
    start: Instant,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub fn new(unit: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(&format!("{{bar:32}} {{pos}}/{{len}} {unit}  {{per_sec}}  {{eta}} left{{msg}}"));
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let now = Instant::now();
        Self { unit, bar, total: 0.into(), done: 0.into(), found: 0.into(), start: now, last_line: Mutex::new(now) }
    }

    pub fn event(&self, event: Event) {
        match event {
            Event::Planned { items, done } => {
                self.total.store(items, Ordering::Relaxed);
                self.found.store(done, Ordering::Relaxed);
                if done > 0 {
                    crate::output::say(&format!("resuming: {done} of {items} {} are done already", self.unit));
                }
                if let Some(bar) = &self.bar {
                    bar.set_length((items - done) as u64);
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
            }
            Event::Item => {
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
        crate::output::say(&format!("{done}/{total} {}, {rate:.2} per second, {left:.0} s left", self.unit));
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
