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
    /// Steps of each item, and what they are: an item that takes long is shown by its steps.
    steps: Option<(usize, &'static str)>,
    bar: Option<ProgressBar>,
    /// To do now.
    total: AtomicUsize,
    done: AtomicUsize,
    start: Instant,
    last_line: Mutex<Instant>,
}

impl Progress {
    pub fn new(unit: &'static str) -> Self {
        Self::of(unit, None)
    }

    /// Of items that have `steps` steps each, of which it is told by [`Progress::steps`].
    pub fn of_steps(unit: &'static str, steps: usize, step: &'static str) -> Self {
        Self::of(unit, Some((steps, step)))
    }

    fn of(unit: &'static str, steps: Option<(usize, &'static str)>) -> Self {
        let shown = steps.map_or(unit, |(_, step)| step);
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(&format!("{{bar:32}} {{pos}}/{{len}} {shown}  {{per_sec}}  {{eta}} left{{msg}}"));
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let now = Instant::now();
        Self { unit, steps, bar, total: 0.into(), done: 0.into(), start: now, last_line: Mutex::new(now) }
    }

    pub fn event(&self, event: Event) {
        match event {
            Event::Planned { items, done } => {
                let todo = (items - done) * self.steps.map_or(1, |(steps, _)| steps);
                self.total.store(todo, Ordering::Relaxed);
                if done > 0 {
                    crate::output::say(&format!("resuming: {done} of {items} {} are done already", self.unit));
                }
                if let Some(bar) = &self.bar {
                    bar.set_length(todo as u64);
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
            }
            Event::Item if self.steps.is_none() => self.advance(1),
            Event::Item | Event::Shard => {}
        }
    }

    /// So many steps of an item were done, or found done where it goes on from a checkpoint.
    pub fn steps(&self, steps: usize, found: bool) {
        if found {
            let total = self.total.fetch_sub(steps, Ordering::Relaxed) - steps;
            if let Some(bar) = &self.bar {
                bar.set_length(total as u64);
            }
        } else {
            self.advance(steps);
        }
    }

    fn advance(&self, steps: usize) {
        let done = self.done.fetch_add(steps, Ordering::Relaxed) + steps;
        match &self.bar {
            Some(bar) => bar.inc(steps as u64),
            None => self.line(done),
        }
    }

    fn line(&self, done: usize) {
        let Ok(mut last) = self.last_line.try_lock() else { return };
        if last.elapsed() < LINE_EVERY {
            return;
        }
        *last = Instant::now();
        let seconds = self.start.elapsed().as_secs_f64();
        let total = self.total.load(Ordering::Relaxed);
        let rate = done as f64 / seconds;
        let left = (total.saturating_sub(done)) as f64 / rate;
        let shown = self.steps.map_or(self.unit, |(_, step)| step);
        crate::output::say(&format!("{done}/{total} {shown}, {rate:.2} per second, {left:.0} s left"));
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
