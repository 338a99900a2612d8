use std::sync::atomic::AtomicBool;

use search::{Domain as _, Draws, Lookup, Method, Ranking, Search, Settings};
use spaces::plainnet::{Rule, Variant};

use super::{MORE, MadeUp, evaluated, key, nb201, plainnet, run, table};

/// Algorithm 1 of the released code once more, in its own few lines.
#[test]
fn the_released_method_is_algorithm_1() {
    let domain = plainnet(Rule::Released);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    let mut settings = Settings { population: 20, ..Settings::new(Method::Released, 3_000, 4) };
    settings.budget.flops = Some(9e6);
    settings.budget.layers = Some(14);
    let mut pool: Vec<(String, f64)> = Vec::new();
    let mut wanted = Vec::new();
    for step in 0..settings.steps {
        while pool.len() > settings.population {
            let lowest = pool.iter().map(|(_, score)| *score).fold(f64::INFINITY, f64::min);
            let first = pool.iter().position(|(_, score)| *score == lowest).unwrap();
            pool.remove(first);
        }
        let mut draws = Draws::of_step(settings.seed, step);
        let child = if pool.len() <= 10 {
            domain.mutate(&domain.initial, 1, &mut draws).unwrap()
        } else {
            let parent = spaces::plainnet::Structure::parse(&pool[draws.below(pool.len())].0).unwrap();
            domain.mutate(&parent, 2, &mut draws).unwrap()
        };
        let cost = child.cost(32, 10, Variant { residual_links: true, squeeze: false });
        if child.layers() > 14 || cost.flops > 9e6 {
            continue;
        }
        let score = objective.value(&child.to_string()).unwrap();
        pool.push((child.to_string(), score));
        wanted.push((step, child.to_string(), score));
    }
    let found = run(&domain, &objective, &settings, 1, None).unwrap();
    let found: Vec<_> = found.into_iter().map(|(step, text, _, value)| (step, text, value.unwrap())).collect();
    assert!(wanted.len() > 500 && wanted.len() < 2_900, "{} of 3,000 steps are within the budget", wanted.len());
    assert_eq!(found, wanted);
}

#[test]
fn any_number_of_workers_finds_the_same() {
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 300, none_of: 7 };
    for method in [Method::Evolution, Method::Regularised, Method::Random] {
        let mut settings = Settings { population: 15, ..Settings::new(method, 250, 1) };
        settings.budget.flops = Some(9e6);
        let alone = run(&domain, &objective, &settings, 1, None).unwrap();
        assert_eq!(alone.len(), 250, "every step evaluates a candidate");
        for workers in [2, 5, 40] {
            assert_eq!(run(&domain, &objective, &settings, workers, None).unwrap(), alone, "{method:?}");
        }
        let other = run(&domain, &objective, &Settings { seed: 2, ..settings }, 2, None).unwrap();
        assert_ne!(other, alone);
    }
}

#[test]
fn no_step_is_wasted_on_a_candidate_that_came_before_or_costs_too_much() {
    let domain = plainnet(Rule::Even);
    let mut settings = Settings::new(Method::Evolution, 400, 3);
    settings.budget.flops = Some(9e6);
    settings.budget.layers = Some(12);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &MORE, settings: &settings };
    let outcome = search.run(2, &AtomicBool::new(false), None, &|_| {}).unwrap();
    let mut texts: Vec<_> = outcome.state.evaluated.iter().map(|evaluated| &evaluated.drawn.text).collect();
    assert!(outcome.state.evaluated.iter().all(|e| e.drawn.cost.flops <= 9e6 && e.drawn.cost.layers <= 12));
    texts.sort_unstable();
    texts.dedup();
    let counts = outcome.state.counts();
    assert_eq!((texts.len(), outcome.steps, outcome.is_whole), (400, 400, true));
    assert_eq!(counts.tries, 400 + counts.duplicates + counts.rejected.iter().sum::<u64>());
    assert!(counts.duplicates > 0 && counts.rejected[0] > 0 && counts.rejected[2] > 0, "{counts:?}");
    let rejected = counts.rejected.iter().sum::<u64>() as f64;
    assert_eq!(counts.acceptance_rate(), 1.0 - rejected / counts.tries as f64);
}

#[test]
fn evolution_finds_more_than_random_search_and_the_best_is_the_best() {
    let (space, domain) = nb201();
    // Smooth: parameters. The best cells are few.
    let setting = space.default_setting(10, 32);
    let values = space.enumerate().map(|a| (a.text.clone(), space.lower(&a, &setting).unwrap().flops() as f64)).collect();
    let objective = Lookup { key, values };
    let best = |method: Method, seed: u64| {
        let settings = Settings::new(method, 150, seed);
        let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &MORE, settings: &settings };
        let outcome = search.run(2, &AtomicBool::new(false), None, &|_| {}).unwrap();
        let largest = evaluated(&outcome).into_iter().filter_map(|(.., value)| value.ok()).fold(0.0, f64::max);
        assert_eq!(outcome.state.best().unwrap().values[0], Ok(largest));
        largest
    };
    let mean = |method| (0..10).map(|seed| best(method, seed)).sum::<f64>() / 10.0;
    let random = mean(Method::Random);
    for method in [Method::Evolution, Method::Regularised] {
        assert!(mean(method) > random, "{method:?}: {} against {random}", mean(method));
    }
}

#[test]
fn a_space_that_is_searched_through_ends_the_search() {
    let (space, _) = nb201();
    let domain = search::Benchmark::new(space, space.default_setting(10, 32), space.parse("0").unwrap(), Some(spaces::Scope::Live));
    let objective = Lookup { key, values: table(space) };
    let mut settings = Settings::new(Method::Random, 15_625, 0);
    // Cells without convolutions.
    settings.budget.params = Some(80_000.0);
    let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &MORE, settings: &settings };
    let outcome = search.run(2, &AtomicBool::new(false), None, &|_| {}).unwrap();
    assert!(outcome.is_whole && outcome.steps < 15_625, "{}", outcome.steps);
    let mut identities: Vec<_> =
        outcome.state.evaluated.iter().map(|e| space.canonical(&e.drawn.candidate, spaces::Scope::Live).unwrap()).collect();
    identities.sort_unstable();
    identities.dedup();
    assert_eq!(identities.len() as u64, outcome.steps, "isomorphic networks are evaluated once");
}

#[test]
fn a_merit_of_the_set_decides_who_stays() {
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    // The middle of the set is best.
    let middle = |values: &[&[search::Value]]| {
        let mut sorted: Vec<f64> = values.iter().map(|v| *v[0].as_ref().unwrap()).collect();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[sorted.len() / 2];
        values.iter().map(|v| Some(-(v[0].as_ref().unwrap() - median).abs())).collect()
    };
    let ranking = Ranking::Set(Box::new(middle));
    let settings = Settings { population: 12, ..Settings::new(Method::Evolution, 101, 0) };
    let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &ranking, settings: &settings };
    let outcome = search.run(1, &AtomicBool::new(false), None, &|_| {}).unwrap();
    let mut values: Vec<f64> = evaluated(&outcome).into_iter().map(|(.., value)| value.unwrap()).collect();
    values.sort_by(f64::total_cmp);
    assert_eq!(outcome.state.best().unwrap().values[0], Ok(values[50]));
    assert_eq!(outcome.state.pool_values().len(), 12);
}
