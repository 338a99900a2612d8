use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::{Config, Error, folder};

/// Work of one kind on every item of a list.
pub trait Job: Sync {
    /// What the results depend on.
    type Config: Config + Sync;
    /// What is worked on.
    type Item: Sync;
    /// What comes of an item.
    type Outcome: Clone + Send;
    /// What a thread keeps between items.
    type Worker;
    /// What can go wrong.
    type Error: From<Error> + Send;

    /// Folders of result files. The file in the first one is written last: where it stands, its shard is whole.
    const FOLDERS: &'static [&'static str];

    /// The configuration.
    fn config(&self) -> &Self::Config;

    /// The items, in order of work; shards are consecutive stretches.
    fn items(&self) -> &[Self::Item];

    /// Items per shard.
    fn shard_size(&self) -> usize;

    /// A text that two items share only if they are equal.
    fn describe(&self, item: &Self::Item) -> String;

    /// Called at the start of every thread.
    ///
    /// # Errors
    /// The job's own: the run ends.
    fn worker(&self) -> Result<Self::Worker, Self::Error>;

    /// Works on an item. `None` if it gave up because `stop` was set; then nothing of it may be lost that took long.
    ///
    /// # Errors
    /// The job's own: the run ends. What is wrong with one item alone belongs into its outcome.
    fn work(&self, item: &Self::Item, worker: &Self::Worker, stop: &AtomicBool) -> Result<Option<Self::Outcome>, Self::Error>;

    /// Whether the outcome is a failure, for the summary.
    fn has_failed(outcome: &Self::Outcome) -> bool;

    /// Writes the results of a shard, each file of this name in its folder below `out`.
    ///
    /// # Errors
    /// The job's own: the run ends.
    fn write(&self, out: &Path, name: &str, items: &[Self::Item], outcomes: &[Self::Outcome]) -> Result<(), Self::Error>;
}

/// One of `count` processes that share the work: it takes every shard whose number is `index` modulo `count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// 0 to `count - 1`.
    pub index: usize,
    /// Number of processes.
    pub count: usize,
}

impl Part {
    /// The whole run.
    pub const ALL: Self = Self { index: 0, count: 1 };

    /// Part `index` of `count`.
    ///
    /// # Errors
    /// [`Error::Part`] if there is no such part.
    pub const fn new(index: usize, count: usize) -> Result<Self, Error> {
        if index < count { Ok(Self { index, count }) } else { Err(Error::Part { index, count }) }
    }
}

/// What happens during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Before the work: items of this part, and how many are done already.
    Planned {
        /// Items of this part.
        items: usize,
        /// Of these, in finished shards.
        done: usize,
    },
    /// An item is done.
    Item,
    /// A shard was written.
    Shard,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// Items of shards finished now.
    pub evaluated: usize,
    /// Of these, items that failed.
    pub failed: usize,
    /// Items found done.
    pub found: usize,
    /// Items left, after an interruption.
    pub left: usize,
    /// Seconds of wall time.
    pub wall_s: f64,
}

/// A shard to do.
struct Shard<'a, J: Job> {
    /// File name.
    name: String,
    items: &'a [J::Item],
    /// What its items have given so far.
    done: Mutex<Vec<Option<J::Outcome>>>,
}

impl<J: Job> Shard<'_, J> {
    /// Keeps the outcome of an item; gives all of them if it was the last.
    fn finish(&self, item: usize, outcome: J::Outcome) -> Option<Vec<J::Outcome>> {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done[item] = Some(outcome);
        if done.iter().all(Option::is_some) { done.drain(..).collect() } else { None }
    }
}

/// Does what is left of the part with `workers` threads. `stop` makes every worker finish or give up its item and leave; shards
/// under way are dropped, finished ones stay.
///
/// # Errors
/// [`Error::OtherConfiguration`] if the folder holds another run, [`Error::File`] or [`Error::Table`] if a file cannot be
/// written, and those of the job: the other workers then finish their item, and the run can be resumed.
pub fn execute<J: Job>(
    job: &J,
    out: &Path,
    workers: usize,
    part: Part,
    stop: &AtomicBool,
    observe: &(dyn Fn(Event) + Sync),
) -> Result<Summary, J::Error> {
    let start = Instant::now();
    folder::open(out, job.config(), J::FOLDERS)?;
    let mut todo: Vec<Shard<'_, J>> = Vec::new();
    let (mut all, mut found) = (0, 0);
    for (number, items) in job.items().chunks(job.shard_size().max(1)).enumerate().filter(|(n, _)| n % part.count == part.index) {
        let described: Vec<String> = items.iter().map(|item| job.describe(item)).collect();
        let name = format!("{number:06}-{}.parquet", job.config().hash_with(described.iter().map(String::as_str)));
        all += items.len();
        if out.join(J::FOLDERS[0]).join(&name).exists() {
            found += items.len();
        } else {
            todo.push(Shard { name, items, done: Mutex::new(vec![None; items.len()]) });
        }
    }
    observe(Event::Planned { items: all, done: found });
    let [next, evaluated, failed] = std::array::from_fn(|_| AtomicUsize::new(0));
    let failure = Mutex::new(None);
    // Workers take items one by one, so that none idles while another finishes a shard; whoever does the last item of a shard
    // writes it. Items are taken in order, so every unfinished shard has one under way: there are never more of them than
    // workers.
    let items_todo: Vec<(usize, usize)> =
        todo.iter().enumerate().flat_map(|(s, shard)| (0..shard.items.len()).map(move |i| (s, i))).collect();
    let work = || -> Result<(), J::Error> {
        let worker = job.worker()?;
        while let Some(&(s, i)) = items_todo.get(next.fetch_add(1, Ordering::Relaxed)) {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let shard = &todo[s];
            let Some(outcome) = job.work(&shard.items[i], &worker, stop)? else { return Ok(()) };
            observe(Event::Item);
            if let Some(outcomes) = shard.finish(i, outcome) {
                job.write(out, &shard.name, shard.items, &outcomes)?;
                evaluated.fetch_add(shard.items.len(), Ordering::Relaxed);
                failed.fetch_add(outcomes.iter().filter(|outcome| J::has_failed(outcome)).count(), Ordering::Relaxed);
                observe(Event::Shard);
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        for _ in 0..workers.clamp(1, items_todo.len().max(1)) {
            scope.spawn(|| {
                if let Err(error) = work() {
                    // Give the others nothing more.
                    next.store(items_todo.len(), Ordering::Relaxed);
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            });
        }
    });
    if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error);
    }
    let evaluated = evaluated.into_inner();
    Ok(Summary { evaluated, failed: failed.into_inner(), found, left: all - found - evaluated, wall_s: start.elapsed().as_secs_f64() })
}
