//! What a search shows of itself: the best, the pool, how much is accepted, the speed, the time left.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use search::View;

use crate::output;

/// Seconds between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(30);

pub struct Progress {
    bar: Option<ProgressBar>,
    steps: u64,
    start: Instant,
    last_line: Mutex<Instant>,
    /// Steps that took no time, since their values were found.
    found: Mutex<Option<u64>>,
}

impl Progress {
    pub fn new(steps: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:32} {pos}/{len} steps  {msg}  {eta} left");
            let bar = ProgressBar::new(steps).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        let now = Instant::now();
        Self { bar, steps, start: now, last_line: Mutex::new(now), found: Mutex::new(None) }
    }

    pub fn watch<C>(&self, view: &View<'_, '_, C>) {
        let first = *self.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(view.found);
        let new = view.steps.saturating_sub(first);
        let rate = new as f64 / self.start.elapsed().as_secs_f64().max(1e-9);
        let text = || {
            let pool = view.state.pool_values();
            let quantile = |q: f64| pool.get(((pool.len() as f64 - 1.0) * q).round() as usize).map_or("-".into(), |m| format!("{m:.5}"));
            // Of all that was evaluated: the best may have left the pool. A combination of proxies gives it a rank only.
            let best = view.state.best().map_or("-".into(), |best| match best.values.as_slice() {
                [Ok(value)] => format!("{value:.5}"),
                _ => format!("of step {}", best.step),
            });
            format!(
                "best {best}, pool {} to {} (median {}), {:.0} % accepted, {rate:.2} steps/s",
                quantile(0.05),
                quantile(0.95),
                quantile(0.5),
                100.0 * view.state.counts().acceptance_rate()
            )
        };
        if let Some(bar) = &self.bar {
            bar.set_position(view.steps);
            bar.set_message(text());
            return;
        }
        let Ok(mut last) = self.last_line.try_lock() else { return };
        if last.elapsed() >= LINE_EVERY {
            *last = Instant::now();
            let left = self.steps.saturating_sub(view.steps) as f64 / rate.max(1e-9);
            output::say(&format!("{}/{} steps, {}, {left:.0} s left", view.steps, self.steps, text()));
        }
    }

    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
