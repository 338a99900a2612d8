use crate::state::{Drawn, State};
use crate::{Domain, Draws, Error, Limit, Method, Settings};

/// Candidates that a step draws at most until one is within the budget and new; and steps of [`Method::Released`] without any.
const MOST_TRIES: u64 = 100_000;
/// Tries after which a step of [`Method::Evolution`] or [`Method::Regularised`] makes one replacement more, and how many more at most.
const NEARBY_TRIES: u64 = 200;
const MOST_FURTHER: u64 = 8;
/// Up to so many members the parent is the initial candidate.
const FOUNDERS: usize = 10;

/// What a step does.
pub enum Proposal<C> {
    /// It evaluates a candidate.
    Evaluate(Drawn<C>),
    /// Its candidate breaks the budget.
    Reject,
    /// It finds nothing new.
    Exhausted,
}

/// Draws the candidate of a step.
///
/// # Errors
/// [`Error::Infeasible`] if nothing that was ever drawn is within the budget, and those of the domain.
pub fn propose<D: Domain>(
    domain: &D,
    settings: &Settings,
    state: &mut State<'_, D::Candidate>,
    step: u64,
) -> Result<Proposal<D::Candidate>, Error> {
    let mut draws = Draws::of_step(settings.seed, step);
    let is_released = settings.method == Method::Released;
    if !is_released {
        state.trim();
    }
    for attempt in 0..MOST_TRIES {
        if is_released {
            state.trim();
        }
        let starts = step == 0 && attempt == 0 && settings.method == Method::Evolution;
        let (candidate, parent) =
            if starts { (domain.initial().clone(), None) } else { draw(domain, settings, state, attempt, &mut draws)? };
        state.counts.tries += 1;
        let cost = domain.cost(&candidate)?;
        let drawn = Drawn { text: domain.text(&candidate), candidate, parent, cost };
        if let Some(limit) = settings.budget.broken_by(&cost) {
            miss(settings, state, limit, drawn);
            if is_released {
                let none = state.evaluated.is_empty() && step + 1 >= MOST_TRIES;
                return if none { Err(infeasible(settings, state)) } else { Ok(Proposal::Reject) };
            }
        } else if is_released || state.seen.insert(domain.identity(&drawn.candidate)?) {
            return Ok(Proposal::Evaluate(drawn));
        } else {
            state.counts.duplicates += 1;
        }
    }
    if state.seen.is_empty() { Err(infeasible(settings, state)) } else { Ok(Proposal::Exhausted) }
}

/// A candidate and the step of its parent.
fn draw<D: Domain>(
    domain: &D,
    settings: &Settings,
    state: &State<'_, D::Candidate>,
    attempt: u64,
    draws: &mut Draws,
) -> Result<(D::Candidate, Option<u64>), Error> {
    let pool = &state.pool;
    // A neighbourhood may be used up: a step that finds nothing new looks further away.
    let further = (attempt / NEARBY_TRIES).min(MOST_FURTHER) as usize;
    let of = |member: usize, replacements: usize, draws: &mut Draws| -> Result<_, Error> {
        let parent = &state.evaluated[pool[member]];
        Ok((domain.mutate(&parent.drawn.candidate, replacements, draws)?, Some(parent.step)))
    };
    match settings.method {
        Method::Random => Ok((domain.random(draws)?, None)),
        Method::Regularised if pool.len() < settings.population => Ok((domain.random(draws)?, None)),
        Method::Regularised => {
            let chosen: Vec<usize> = (0..settings.tournament).map(|_| draws.below(pool.len())).collect();
            let positions: Vec<usize> = chosen.iter().map(|&member| pool[member]).collect();
            let best = crate::ranking::highest(&state.merits(&positions)).unwrap_or(0);
            of(chosen[best], 1 + further, draws)
        }
        Method::Released if pool.len() > FOUNDERS => of(draws.below(pool.len()), 2, draws),
        Method::Released => Ok((domain.mutate(domain.initial(), 1, draws)?, None)),
        Method::Evolution if pool.len() > FOUNDERS => of(draws.below(pool.len()), 2 + further, draws),
        Method::Evolution if settings.budget.broken_by(&domain.cost(domain.initial())?).is_none() && !starts_too_slow(state) => {
            Ok((domain.mutate(domain.initial(), 1 + further, draws)?, None))
        }
        // What the search begins with breaks the budget: it goes on from what it found, or else from what breaks it least.
        Method::Evolution if !pool.is_empty() => of(draws.below(pool.len()), 1 + further, draws),
        Method::Evolution => {
            if let Some(fastest) = state.fastest() {
                return Ok((domain.mutate(&fastest.drawn.candidate, 1 + further, draws)?, Some(fastest.step)));
            }
            let nearest = state.nearest.as_ref().map_or(domain.initial(), |(_, drawn)| &drawn.candidate);
            Ok((domain.mutate(nearest, 1 + further, draws)?, None))
        }
    }
}

/// Whether the candidate that the search began with is known to be over the limit of the latency.
fn starts_too_slow<C>(state: &State<'_, C>) -> bool {
    state.evaluated.first().is_some_and(|first| first.drawn.parent.is_none() && state.is_too_slow(first))
}

fn miss<C>(settings: &Settings, state: &mut State<'_, C>, limit: Limit, drawn: Drawn<C>) {
    state.counts.reject(limit);
    let excess = settings.budget.excess(&drawn.cost);
    if state.nearest.as_ref().is_none_or(|(least, _)| excess < *least) {
        state.nearest = Some((excess, drawn));
    }
}

/// That nothing is within the budget, with the nearest miss.
pub fn infeasible<C>(settings: &Settings, state: &State<'_, C>) -> Error {
    let (nearest, costs) = state.nearest.as_ref().map_or_else(
        || ("none".to_owned(), "no cost known".to_owned()),
        |(_, drawn)| {
            let cost = drawn.cost;
            (drawn.text.clone(), format!("{} layers, {} parameters, {} FLOPs", cost.layers, cost.params, cost.flops))
        },
    );
    Error::Infeasible { budget: settings.budget, tries: state.counts.tries, nearest, costs }
}
