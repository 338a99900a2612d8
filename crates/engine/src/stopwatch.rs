use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use tch::Device;

/// Measures what work on a device costs its worker. Where libtorch runs on the calling thread alone, that is the processor time
/// of this thread: what the clock on the wall would show on an idle machine, whether or not other programs run beside it or
/// the run is halted meanwhile. Elsewhere (a GPU, several threads) it is the time on the wall.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Start);

#[derive(Clone, Copy, Debug)]
enum Start {
    Thread(ThreadTime),
    Wall(Instant),
}

impl Stopwatch {
    /// Starts, on the thread that does the work.
    pub fn start(device: Device) -> Self {
        let alone = device == Device::Cpu && tch::get_num_threads() == 1;
        Self(if alone { Start::Thread(ThreadTime::now()) } else { Start::Wall(Instant::now()) })
    }

    /// Milliseconds since the start.
    pub fn ms(self) -> f64 {
        let elapsed: Duration = match self.0 {
            Start::Thread(start) => start.elapsed(),
            Start::Wall(start) => start.elapsed(),
        };
        elapsed.as_secs_f64() * 1e3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_halt_of_a_worker_on_one_thread_costs_nothing() {
        crate::use_one_thread();
        let (stopwatch, wall) = (Stopwatch::start(Device::Cpu), Instant::now());
        std::thread::sleep(Duration::from_millis(50));
        assert!(stopwatch.ms() < wall.elapsed().as_secs_f64() * 1e3 / 2.0, "{} ms while it slept", stopwatch.ms());
    }
}
