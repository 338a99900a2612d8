use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::readers::tfrecord::{Record, TfRecordReader};
use crate::{Error, Event, Observer, Result};

use super::run::{BUDGETS, Run};

/// Most bytes of a record; real ones have about 400.
pub const MAX_RECORD_BYTES: u64 = 1 << 16;
/// Records that travel together.
const BATCH: usize = 2_048;
/// Training runs of a cell at each budget.
pub const TRIALS: usize = 3;
/// Most records of a file: three runs of every cell at every budget.
pub const MAX_RECORDS: u64 = super::CELLS as u64 * (TRIALS * BUDGETS.len()) as u64;

/// Records of a file, or the error that ended them, with the number of the batch.
type Batch<T> = (usize, Result<Vec<T>>);

/// Reads the runs of a `TFRecord` file in the order of its records: one thread frames records, `workers` parse them.
///
/// Memory is that of the runs ([`Run`] is 88 bytes) and of a few batches of records. Of several errors the first in the
/// file is reported, whatever the threads do.
///
/// # Errors
/// [`Error::Record`] or [`Error::Io`].
pub fn read_runs(path: &Path, workers: usize, observe: &Observer<'_>) -> Result<Vec<Run>> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let bytes = file.metadata().map_err(Error::io("open", path))?.len();
    let workers = workers.max(1);
    let stop = AtomicBool::new(false);
    let (raw_sender, raw_receiver) = sync_channel::<Batch<Record>>(2 * workers);
    let (sender, receiver) = sync_channel::<Batch<Run>>(2 * workers);
    let raw_receiver = Mutex::new(raw_receiver);
    let mut batches: Vec<Option<Vec<Run>>> = Vec::new();
    let mut failure: Option<(usize, Error)> = None;
    thread::scope(|scope| {
        let stop = &stop;
        scope.spawn(move || frame(file, path, &raw_sender, stop));
        for _ in 0..workers {
            let (raw_receiver, sender) = (&raw_receiver, sender.clone());
            scope.spawn(move || parse(raw_receiver, &sender, path, stop));
        }
        drop(sender);
        let mut done = 0;
        for (number, batch) in receiver {
            match batch {
                Ok(runs) => {
                    done += runs.len() as u64;
                    if let Some(last) = runs.last().filter(|last| last.offset > 0) {
                        // How many records there are is not known before the end: as many as the bytes so far suggest.
                        let total = u128::from(last.record) * u128::from(bytes) / u128::from(last.offset);
                        observe(Event::Reading { done, total: (total as u64).max(done), unit: "records" });
                    }
                    if batches.len() <= number {
                        batches.resize_with(number + 1, || None);
                    }
                    batches[number] = Some(runs);
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    if failure.as_ref().is_none_or(|(first, _)| number < *first) {
                        failure = Some((number, error));
                    }
                }
            }
        }
    });
    if let Some((_, error)) = failure {
        return Err(error);
    }
    let mut runs = Vec::new();
    runs.reserve_exact(batches.iter().flatten().map(Vec::len).sum());
    for batch in batches {
        runs.extend(batch.into_iter().flatten());
    }
    Ok(runs)
}

/// Cuts the file into records and sends them off. An error is sent as a batch of its own, after the records before it.
fn frame(file: File, path: &Path, sender: &SyncSender<Batch<Record>>, stop: &AtomicBool) {
    let mut reader = TfRecordReader::new(BufReader::with_capacity(1 << 20, file), path, MAX_RECORD_BYTES);
    let mut number = 0;
    let mut records = Vec::with_capacity(BATCH);
    let end = loop {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        match reader.next_record() {
            Ok(Some(record)) if record.number >= MAX_RECORDS => {
                break Some(record.wrong(path, format!("the end after {MAX_RECORDS} records"), "another record"));
            }
            Ok(Some(record)) => records.push(record),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        if records.len() == BATCH {
            let full = std::mem::replace(&mut records, Vec::with_capacity(BATCH));
            if sender.send((number, Ok(full))).is_err() {
                return;
            }
            number += 1;
        }
    };
    // Nobody listens any more only if all parsers are gone, and they go last.
    let _ = sender.send((number, Ok(records)));
    if let Some(error) = end {
        let _ = sender.send((number + 1, Err(error)));
    }
}

/// Parses batches until there are none.
fn parse(receiver: &Mutex<Receiver<Batch<Record>>>, sender: &SyncSender<Batch<Run>>, path: &Path, stop: &AtomicBool) {
    let mut buffer = Vec::new();
    loop {
        let received = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, batch)) = received else { return };
        let parsed = batch.and_then(|records| {
            let run = |record: &Record| {
                record.verify(path)?;
                Run::parse(record, path, &mut buffer)
            };
            records.iter().map(run).collect::<Result<Vec<Run>>>()
        });
        if parsed.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        if sender.send((number, parsed)).is_err() {
            return;
        }
    }
}
