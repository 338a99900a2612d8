use std::sync::atomic::AtomicBool;

use search::{Error, Lookup, Method, Ranking, Search, Settings};
use spaces::plainnet::Rule;

use super::{MadeUp, key, nb201, plainnet, run, table};

#[test]
fn a_budget_that_nothing_meets_is_named_with_the_nearest_miss() {
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    for method in Method::ALL {
        let mut settings = Settings::new(method, 200_000, 0);
        settings.budget.flops = Some(1_000.0);
        let error = run(&domain, &objective, &settings, 1, None).unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Infeasible { .. }), "{text}");
        assert!(text.contains("1000 FLOPs") && text.contains("among 100000 candidates") && text.contains("SuperConvK3BNRELU"), "{text}");
    }
    // A short search that only met rejections says the same.
    let mut settings = Settings::new(Method::Released, 50, 0);
    settings.budget.flops = Some(1_000.0);
    let text = run(&domain, &objective, &settings, 1, None).unwrap_err().to_string();
    assert!(text.contains("1000 FLOPs") && text.contains("among 50 candidates") && text.contains("SuperConvK3BNRELU"), "{text}");
}

#[test]
fn a_budget_below_the_initial_structure_is_met_by_going_down() {
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    let mut settings = Settings::new(Method::Evolution, 60, 0);
    // The initial structure has 2.3 million at 32 pixels; no single replacement takes as much away.
    settings.budget.flops = Some(1.0e6);
    assert_eq!(run(&domain, &objective, &settings, 2, None).unwrap().len(), 60);
}

#[test]
fn too_slow_candidates_are_kept_apart_and_an_impossible_latency_is_named() {
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    let mut settings = Settings::new(Method::Evolution, 300, 0);
    // The made-up latency is in proportion to the FLOPs; the initial structure has 2.3.
    settings.budget.latency_ms = Some(2.5);
    let found = run(&domain, &objective, &settings, 2, None).unwrap();
    let slow = found.iter().filter(|(.., value)| value.as_ref().is_err_and(|missing| missing.reason.contains("over the budget of 2.5 ms")));
    let (slow, all) = (slow.count(), found.len());
    assert!(slow > 0 && slow < all && all == 300, "{slow} of {all}");
    // No single replacement takes as much away: it goes down step by step.
    settings.budget.latency_ms = Some(1.0);
    let found = run(&domain, &objective, &settings, 2, None).unwrap();
    let fast = found.iter().filter(|(.., value)| value.is_ok()).count();
    assert!(fast > 10, "{fast} of {}", found.len());
    settings.budget.latency_ms = Some(0.0005);
    let error = run(&domain, &objective, &settings, 2, None).unwrap_err().to_string();
    assert!(error.contains("0.0005 ms") && error.contains("nearest miss"), "{error}");
    let short = Settings { steps: 20, ..settings };
    let error = run(&domain, &objective, &short, 2, None).unwrap_err().to_string();
    assert!(error.contains("0.0005 ms") && error.contains("nearest miss"), "{error}");
    let (space, domain) = nb201();
    let error = run(&domain, &Lookup { key, values: table(space) }, &settings, 1, None).unwrap_err();
    assert!(matches!(error, Error::NoLatency));
}

#[test]
fn a_space_that_is_used_up_ends_the_search_and_says_so() {
    let (space, domain) = nb201();
    let mut settings = Settings::new(Method::Evolution, 15_625, 0);
    // Stem, two reductions of three, classifier: cells without a convolution, three operations on six edges.
    settings.budget.layers = Some(8);
    let values = table(space);
    let objective = Lookup { key, values };
    let ranking = Ranking::Value { higher: true };
    let search = Search { domain: &domain, objective: &objective, components: 1, ranking: &ranking, settings: &settings };
    let outcome = search.run(1, &AtomicBool::new(false), None, &|_| {}).unwrap();
    assert!(outcome.is_whole && outcome.is_exhausted && outcome.steps < 15_625);
}

#[test]
fn an_objective_that_no_candidate_has_ends_the_search_early() {
    let domain = plainnet(Rule::Even);
    let settings = Settings::new(Method::Evolution, 5_000, 0);
    let error = run(&domain, &MadeUp { wait: 0, none_of: 1 }, &settings, 2, None).unwrap_err().to_string();
    assert_eq!(error, "none of the first 200 candidates has a value of the objective: made up");
}

#[test]
fn settings_without_sense_are_refused() {
    let domain = plainnet(Rule::Even);
    let objective = MadeUp { wait: 0, none_of: u64::MAX };
    let good = Settings::new(Method::Evolution, 5, 0);
    for (bad, name) in [
        (Settings { steps: 0, ..good }, "steps"),
        (Settings { population: 0, ..good }, "population"),
        (Settings { tournament: 0, ..good }, "tournament"),
        (Settings { in_flight: 0, ..good }, "in_flight"),
        (Settings { method: Method::Released, ..good }, "in_flight"),
    ] {
        let error = run(&domain, &objective, &bad, 1, None).unwrap_err().to_string();
        assert!(error.starts_with(name), "{error}");
    }
}
