//! The section of one dataset and objective.

use super::super::compare::Comparison;
use super::super::config::Budget;
use super::super::diagram::{Drawn, diagram};
use super::super::model::Model;
use super::super::model::{Found, PLAINNET, Section};
use super::super::run::{Evaluated, Run};
use super::super::{methods, plots};
use super::{code, truth};
use crate::Result;
use crate::format;
use crate::html::{chart, escape, table, two_lines};

/// Rows of the front that the page shows; the rest stands in the data folder.
const FRONT_ROWS: usize = 25;

pub fn section(section: &Section, model: &Model) -> Result<String> {
    let slug = section.slug();
    let mut out = format!("<section id=\"{slug}\"><h2>{}</h2>\n", escape(&section.title()));
    if section.ranked {
        out += "<p class=\"note\">The objective ranks a set and gives no architecture a value of its own. Values here are ranks among all architectures that the searches of this section evaluated, so they can be compared with each other and with nothing else; each search ranked its own pool.</p>\n";
    }
    out += "<h3>What was found</h3>\n";
    out += &found_table(section)?;
    out += &missing_note(section);
    if let Some(truth) = &section.truth {
        out += &truth::part(truth, section);
    }
    out += &comparisons(section, model);
    if section.runs().any(|run| run.evaluated.iter().any(|evaluated| evaluated.value.is_some())) {
        out += "<h3>Best value so far</h3>\n";
        out += &chart(&|width| plots::curves(section, width));
        out += "<p class=\"note\">Thin: each seed. Thick: the mean over the seeds, as far as the shortest search goes.</p>\n";
        if let Some(pool) = &section.pool {
            out += "<h3>The pool over time</h3>\n";
            out += &chart(&|width| plots::pool(pool, section, width));
            out += &format!(
                "<p class=\"note\">Pool of {}, seed {}, {} members, played again from the history.</p>\n",
                escape(&methods::title(&pool.method)),
                pool.seed,
                format::count(pool.population)
            );
        }
        out += "<h3>FLOPs and score</h3>\n";
        out += &chart(&|width| plots::front(section, width));
        out += &front_table(section);
    } else {
        out += "<p>Nothing has a value of its own, so there is neither a curve nor a Pareto front.</p>\n";
    }
    out += &drawn(section)?;
    Ok(out + "</section>\n")
}

/// What the best architecture is, in a sentence.
pub fn found_sentence(section: &Section) -> Option<String> {
    let found = section.found.as_ref()?;
    let Evaluated { flops, layers, step, .. } = found.evaluated;
    let value = found.evaluated.value.map_or_else(|| "no value of its own".into(), format::score);
    let group = section.groups.iter().find(|group| group.method == found.method)?;
    let of = if group.runs.len() > 1 { format!(" (the best of {} seeds, seed {})", group.runs.len(), found.seed) } else { String::new() };
    Some(format!(
        "{} found an architecture with {} = {value} at step {}{of}: {} FLOPs, {} layers.",
        crate::model::capital(&methods::title(&found.method)),
        section.objective,
        format::count(step as usize),
        millions(flops),
        layers
    ))
}

/// Whether a method beats random search and by how much, in a sentence.
pub fn comparison_sentence(comparison: &Comparison, section: &Section, confidence: f64) -> String {
    let (method, baseline) = (methods::title(&comparison.method), methods::title(&comparison.baseline));
    let Some(paired) = &comparison.paired else {
        return format!("No seed was searched by both {method} and {baseline}.");
    };
    let n = paired.difference.n;
    let evaluations = range(&comparison.pairs.iter().map(|pair| pair.evaluations).collect::<Vec<_>>());
    let mean = paired.difference.mean;
    let verb = match (mean == 0.0, (mean > 0.0) == (section.direction == tables::Direction::HigherIsBetter)) {
        (true, _) => "equals",
        (_, true) => "beats",
        (_, false) => "falls behind",
    };
    let interval = paired.interval.map_or_else(
        || "one seed has no interval".into(),
        |interval| {
            let percent = format::trimmed(100.0 * confidence, 2);
            format!("{percent} % interval {} to {}", format::score(interval.low), format::score(interval.high))
        },
    );
    let conditions = if comparison.unequal.is_empty() {
        let budget =
            if section.runs().all(|run| run.config.budget == Budget::default()) { "without a budget" } else { "under the same budget" };
        format!("after {evaluations} evaluations each {budget}")
    } else {
        format!("after {evaluations} evaluations each, though not under the same conditions ({})", comparison.unequal.join("; "))
    };
    format!(
        "{} {verb} {baseline} on {} {conditions} by {} on average over {n} seed{} ({interval}); it wins on {} of {n}.",
        crate::model::capital(&method),
        section.objective,
        format::score(mean.abs()),
        if n == 1 { "" } else { "s" },
        paired.won
    )
}

/// One number, or the least and the greatest.
pub fn range(numbers: &[usize]) -> String {
    let (least, most) = (numbers.iter().min().copied().unwrap_or(0), numbers.iter().max().copied().unwrap_or(0));
    if least == most { format::count(least) } else { format!("{} to {}", format::count(least), format::count(most)) }
}

/// The limits of a search.
pub fn budget_text(run: &Run) -> String {
    let budget = run.config.budget;
    let parts: Vec<String> = [
        budget.flops.map(|flops| format!("{} FLOPs", millions(flops))),
        budget.params.map(|params| format!("{} parameters", millions(params))),
        budget.layers.map(|layers| format!("{} layers", format::trimmed(layers, 0))),
        budget.latency_ms.map(|ms| format!("{} ms", format::score(ms))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "no budget".into() } else { format!("at most {}", parts.join(", ")) }
}

/// In millions.
pub fn millions(number: f64) -> String {
    format!("{} M", format::score(number / 1e6))
}

/// In millions, for a cell that must not break.
fn cell(number: f64) -> String {
    millions(number).replace(' ', "\u{a0}")
}

fn found_table(section: &Section) -> Result<String> {
    let latency = section.runs().any(|run| run.evaluated.iter().any(|evaluated| evaluated.latency_ms.is_some()));
    let mut heads = vec!["Method, seed", "best value", "step", "evaluations", "FLOPs", "parameters", "layers"];
    if latency {
        heads.push("ms");
    }
    heads.push("architecture");
    let mut rows = Vec::new();
    for run in section.runs() {
        let name = two_lines(&escape(&methods::title(&run.config.method)), &format!("seed {}", run.config.seed));
        let evaluations = format::count(run.evaluated.len());
        let mut row = vec![name];
        if let Some(found) = run.found()? {
            let value = found.value.map_or_else(|| "–".into(), format::score);
            row.extend([format!("<b>{value}</b>"), format::count(found.step as usize), evaluations]);
            row.extend([cell(found.flops), cell(found.params), found.layers.to_string()]);
            row.extend(latency.then(|| found.latency_ms.map_or_else(|| "–".into(), format::score)));
            row.push(code(&found.arch));
        } else {
            row.extend(["none".to_owned(), "–".into(), evaluations, "–".into(), "–".into(), "–".into()]);
            row.extend(latency.then(|| "–".to_owned()));
            row.push("nothing has a value".into());
        }
        rows.push(row);
    }
    Ok(table("picks", &heads, &rows))
}

fn missing_note(section: &Section) -> String {
    let missing: usize = section.runs().flat_map(|run| &run.evaluated).filter(|evaluated| evaluated.missing.is_some()).count();
    if missing == 0 {
        return String::new();
    }
    let mut reasons: Vec<&str> = Vec::new();
    for (_, reason) in section.runs().flat_map(|run| &run.evaluated).filter_map(|evaluated| evaluated.missing.as_ref()) {
        if !reasons.contains(&reason.as_str()) && reasons.len() < 3 {
            reasons.push(reason);
        }
    }
    format!(
        "<p class=\"note\">{} evaluations gave no value ({}); they count as evaluations and take part in nothing else. The protocol has the numbers of each search.</p>\n",
        format::count(missing),
        escape(&reasons.join("; "))
    )
}

fn comparisons(section: &Section, model: &Model) -> String {
    let mut out = String::new();
    for comparison in &section.comparisons {
        let (method, baseline) = (methods::title(&comparison.method), methods::title(&comparison.baseline));
        out += &format!("<h3>{} against {}</h3>\n", escape(&crate::model::capital(&method)), escape(&baseline));
        out += &format!("<p>{}</p>\n", escape(&comparison_sentence(comparison, section, model.options.confidence)));
        let rows: Vec<Vec<String>> = comparison
            .pairs
            .iter()
            .map(|pair| {
                vec![
                    format!("seed {}", pair.seed),
                    format::count(pair.evaluations),
                    format::score(pair.method),
                    format::score(pair.baseline),
                    signed(pair.method - pair.baseline),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let (method, baseline) = (escape(&method), escape(&baseline));
            out += &table("pairs", &["", "evaluations of each", &method, &baseline, "difference"], &rows);
        }
    }
    out
}

fn signed(number: f64) -> String {
    let text = format::score(number);
    if number > 0.0 { format!("+{text}") } else { text }
}

fn front_table(section: &Section) -> String {
    // The good end of the front is what a search is after.
    let rows: Vec<Vec<String>> = section
        .front
        .iter()
        .rev()
        .take(FRONT_ROWS)
        .map(|row| {
            vec![
                format::score(row.value),
                cell(row.evaluated.flops),
                cell(row.evaluated.params),
                row.evaluated.layers.to_string(),
                two_lines(&escape(&methods::title(&row.method)), &format!("seed {}", row.seed)),
                code(&row.evaluated.arch),
            ]
        })
        .collect();
    let more = if section.front.len() > FRONT_ROWS {
        format!("; shown are the {FRONT_ROWS} with the best values, data/front.csv has all")
    } else {
        String::new()
    };
    format!(
        "<details><summary>Pareto front: {} architectures that no other evaluated one beats in both{more}</summary>\n{}</details>\n",
        section.front.len(),
        table("picks", &[&escape(&section.objective), "FLOPs", "parameters", "layers", "evaluated by", "architecture"], &rows)
    )
}

/// The found architecture as a picture, and those of all seeds below it.
fn drawn(section: &Section) -> Result<String> {
    let Some(found) = &section.found else { return Ok(String::new()) };
    let picture = |found: &Found| -> Result<String> {
        let config = section.runs().find(|run| run.config.method == found.method && run.config.seed == found.seed).map(|run| &run.config);
        let drawn = Drawn {
            space: &section.space,
            arch: &found.evaluated.arch,
            resolution: config.and_then(|config| config.resolution),
            classes: config.and_then(|config| config.classes),
        };
        // Drawn once to see whether it can be; a chart draws it for each of two widths.
        let Some(_) = diagram(drawn, 800.0)? else { return Ok(String::new()) };
        Ok(chart(&|width| diagram(drawn, width).ok().flatten().unwrap_or_else(|| crate::plots::Scene::new(1.0, 1.0, String::new()))))
    };
    let mut out = format!(
        "<h3>The architecture found</h3>\n<p>By {}, seed {}: {}</p>\n{}",
        escape(&methods::title(&found.method)),
        found.seed,
        code(&found.evaluated.arch),
        picture(found)?
    );
    if section.space == PLAINNET {
        out += "<p class=\"note\">From top to bottom: a box is as high as it has sub-layers (one strip each) and as wide as the square root of its output channels. E: expansion, K: side of the depthwise kernel; a sub-layer is two inverted bottlenecks, the first to the channels inside. To the left the sides of the maps that a block gives. FLOPs with residual links, as the budget counts them.</p>\n";
    }
    let mut others = String::new();
    let mut shown: Vec<String> = vec![found.evaluated.arch.clone()];
    for run in section.groups.iter().filter(|group| group.method == found.method).flat_map(|group| &group.runs) {
        let Some(evaluated) = run.found()?.filter(|evaluated| !shown.contains(&evaluated.arch)) else { continue };
        shown.push(evaluated.arch.clone());
        let other = Found { method: found.method.clone(), seed: run.config.seed, evaluated: evaluated.clone() };
        others += &format!("<h3>Seed {}</h3>\n<p>{}</p>\n{}", other.seed, code(&other.evaluated.arch), picture(&other)?);
    }
    if !others.is_empty() {
        out += &format!("<details><summary>What the other seeds found</summary>\n{others}</details>\n");
    }
    Ok(out)
}
