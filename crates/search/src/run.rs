use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tables::Status;

use crate::propose::{Proposal, infeasible, propose};
use crate::state::{Drawn, Evaluated, State};
use crate::store::{Known, Store};
use crate::{Domain, Error, Missing, Objective, Ranking, Settings, Value};

/// Most often that a search is watched.
const WATCH_EVERY: Duration = Duration::from_millis(200);
/// Candidates of which none could join the pool, until the search is called impossible.
const MOST_USELESS: usize = 200;

/// A planned search.
pub struct Search<'a, D, O> {
    /// What it moves through.
    pub domain: &'a D,
    /// What it looks for.
    pub objective: &'a O,
    /// Number of components of the objective.
    pub components: usize,
    /// How candidates are compared.
    pub ranking: &'a Ranking<'a>,
    /// How it moves.
    pub settings: &'a Settings,
}

/// Where a search stands.
pub struct View<'a, 'b, C> {
    /// Steps whose results are known.
    pub steps: u64,
    /// Of these, found in a checkpoint.
    pub found: u64,
    /// What is known.
    pub state: &'a State<'b, C>,
}

/// A search that came to its end, or was interrupted.
pub struct Outcome<'a, C> {
    /// What it knows.
    pub state: State<'a, C>,
    /// Steps that were taken.
    pub steps: u64,
    /// Whether it took all of them, or found nothing new any more.
    pub is_whole: bool,
    /// Whether it ended early because it found nothing new any more.
    pub is_exhausted: bool,
    /// Evaluations that were found in a checkpoint or, for a candidate that came again, in memory.
    pub found: u64,
    /// Seconds of wall time.
    pub wall_s: f64,
    /// Seconds that the threads spent on evaluations, all together.
    pub scoring_s: f64,
    /// Seconds of drawing candidates and keeping the pool.
    pub scheduling_s: f64,
}

/// What became of a step.
enum Done<C> {
    Rejected,
    Evaluated { drawn: Drawn<C>, known: Known },
}

/// What the threads share.
struct Board<'a, 's, C> {
    state: State<'a, C>,
    store: Option<&'s mut Store>,
    /// The next step to take.
    next: u64,
    /// Number of steps to take.
    last: u64,
    /// Number of steps whose results the state has.
    taken: u64,
    done: BTreeMap<u64, Done<C>>,
    failure: Option<Error>,
    scheduling: Duration,
    found: u64,
    watched: Instant,
}

impl<D: Domain, O: Objective<D::Candidate>> Search<'_, D, O> {
    /// Searches with `workers` threads; any number gives the same result. `stop` makes each finish its candidate and leave; with a
    /// store the same search can then be resumed.
    ///
    /// # Errors
    /// [`Error::Setting`], [`Error::Infeasible`] if nothing is within the budget, [`Error::NoValue`] if no candidate has a value of the
    /// objective, those of domain, objective and store.
    pub fn run<'s>(
        &'s self,
        workers: usize,
        stop: &AtomicBool,
        store: Option<&mut Store>,
        watch: &(dyn Fn(&View<'_, '_, D::Candidate>) + Sync),
    ) -> Result<Outcome<'s, D::Candidate>, Error> {
        self.settings.check()?;
        let start = Instant::now();
        let board = Mutex::new(Board {
            state: State::new(self.ranking, self.settings),
            store,
            next: 0,
            last: self.settings.steps,
            taken: 0,
            done: BTreeMap::new(),
            failure: None,
            scheduling: Duration::ZERO,
            found: 0,
            watched: start,
        });
        let changed = Condvar::new();
        let scoring_ns = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..workers.clamp(1, self.settings.in_flight as usize) {
                scope.spawn(|| {
                    if let Err(error) = self.work(&board, &changed, stop, &scoring_ns, watch) {
                        lock(&board).failure.get_or_insert(error);
                    }
                    changed.notify_all();
                });
            }
        });
        let mut board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = board.failure.take() {
            // What was evaluated is not lost.
            if let Some(store) = board.store.as_deref_mut() {
                store.flush()?;
            }
            return Err(error);
        }
        self.take_up_to(&mut board, u64::MAX)?;
        let (taken, last) = (board.taken, board.last);
        board.state.trim();
        if let Some(store) = board.store {
            store.flush()?;
        }
        if taken >= last && board.state.pool.is_empty() {
            return Err(self.useless(&board.state));
        }
        Ok(Outcome {
            state: board.state,
            steps: taken,
            is_whole: taken >= last,
            is_exhausted: last < self.settings.steps,
            found: board.found,
            wall_s: start.elapsed().as_secs_f64(),
            scoring_s: scoring_ns.into_inner() as f64 * 1e-9,
            scheduling_s: board.scheduling.as_secs_f64(),
        })
    }

    fn work(
        &self,
        board: &Mutex<Board<'_, '_, D::Candidate>>,
        changed: &Condvar,
        stop: &AtomicBool,
        scoring_ns: &AtomicU64,
        watch: &(dyn Fn(&View<'_, '_, D::Candidate>) + Sync),
    ) -> Result<(), Error> {
        let worker = self.objective.worker()?;
        let mut shared = lock(board);
        loop {
            if shared.failure.is_some() || shared.next >= shared.last || stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let scheduling = Instant::now();
            // A step knows exactly the results of these, even if more are there: so it does not matter which thread was quicker.
            let known = (shared.next + 1).saturating_sub(self.settings.in_flight);
            self.take_up_to(&mut shared, known)?;
            if shared.taken < known {
                shared = changed.wait(shared).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let step = shared.next;
            let proposal = propose(self.domain, self.settings, &mut shared.state, step)?;
            shared.next += 1;
            let drawn = match proposal {
                Proposal::Evaluate(drawn) => drawn,
                Proposal::Reject => {
                    shared.done.insert(step, Done::Rejected);
                    shared.scheduling += scheduling.elapsed();
                    look(&mut shared, watch);
                    continue;
                }
                Proposal::Exhausted => {
                    shared.last = step;
                    return Ok(());
                }
            };
            let known = shared.store.as_deref().and_then(|store| store.known(&drawn.text)).cloned();
            shared.scheduling += scheduling.elapsed();
            let known = if let Some(known) = known {
                shared.found += 1;
                known
            } else {
                drop(shared);
                let scoring = Instant::now();
                let known = self.evaluate(&drawn.candidate, &worker)?;
                scoring_ns.fetch_add(scoring.elapsed().as_nanos() as u64, Ordering::Relaxed);
                shared = lock(board);
                known
            };
            shared.done.insert(step, Done::Evaluated { drawn, known });
            changed.notify_all();
            look(&mut shared, watch);
        }
    }

    fn evaluate(&self, candidate: &D::Candidate, worker: &O::Worker) -> Result<Known, Error> {
        let Some(limit) = self.settings.budget.latency_ms else {
            return Ok(Known { latency_ms: None, values: self.objective.evaluate(candidate, worker)? });
        };
        let latency_ms = self.objective.latency_ms(candidate, worker)?;
        let values = if latency_ms > limit {
            let reason = format!("its latency of {latency_ms:.4} ms is over the budget of {limit} ms");
            vec![Value::Err(Missing { status: Status::DoesNotApply, reason }); self.components]
        } else {
            self.objective.evaluate(candidate, worker)?
        };
        Ok(Known { latency_ms: Some(latency_ms), values })
    }

    /// Gives the state the results of the first `steps` steps, as far as they are there.
    fn take_up_to(&self, board: &mut Board<'_, '_, D::Candidate>, steps: u64) -> Result<(), Error> {
        while board.taken < steps {
            let Some(done) = board.done.remove(&board.taken) else { break };
            if let Done::Evaluated { drawn, known: Known { latency_ms, values } } = done {
                let evaluated = Evaluated { step: board.taken, drawn, latency_ms, values };
                if let Some(store) = board.store.as_deref_mut() {
                    store.keep(&evaluated)?;
                }
                board.state.take(evaluated);
                self.check_use(&board.state)?;
            }
            board.taken += 1;
        }
        Ok(())
    }

    /// Refuses an objective that no candidate has, and a limit of the latency that nothing meets.
    fn check_use(&self, state: &State<'_, D::Candidate>) -> Result<(), Error> {
        if state.evaluated.len() == MOST_USELESS && state.pool.is_empty() { Err(self.useless(state)) } else { Ok(()) }
    }

    /// Why no candidate could be used.
    fn useless(&self, state: &State<'_, D::Candidate>) -> Error {
        if state.evaluated.is_empty() {
            return infeasible(self.settings, state);
        }
        if let Some(fastest) = state.fastest().filter(|fastest| state.is_too_slow(fastest)) {
            let (budget, tries, nearest) = (self.settings.budget, state.counts().tries, fastest.drawn.text.clone());
            return Error::Infeasible { budget, tries, nearest, costs: format!("{:.4} ms", fastest.latency_ms.unwrap_or_default()) };
        }
        let reason = state.evaluated.iter().flat_map(|evaluated| &evaluated.values).find_map(|value| value.as_ref().err());
        Error::NoValue { candidates: state.evaluated.len(), reason: reason.map_or_else(String::new, |missing| missing.reason.clone()) }
    }
}

/// Shows where the search stands, now and then.
fn look<C>(board: &mut Board<'_, '_, C>, watch: &(dyn Fn(&View<'_, '_, C>) + Sync)) {
    if board.watched.elapsed() >= WATCH_EVERY {
        board.watched = Instant::now();
        watch(&View { steps: board.taken + board.done.len() as u64, found: board.found, state: &board.state });
    }
}

fn lock<'m, 'a, 's, C>(board: &'m Mutex<Board<'a, 's, C>>) -> MutexGuard<'m, Board<'a, 's, C>> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
