//! Theorems 3.2 and 3.3: eigenvalues of the Gram matrix along training.

use tables::{GramRow, GramTable};

use super::{Picture, Section, of};
use crate::format;
use crate::html::{table, two_lines};
use crate::plots::{Paint, Series, Xy};

/// Of equal numbers one may be greater by a part of that, which is rounding.
const ROUNDING: f64 = 1e-9;

/// One training.
pub(super) type Training<'a> = Vec<GramRow<'a>>;

/// The trainings of each width, in the order of the table.
pub(super) fn by_width(gram: &GramTable) -> Vec<(u32, Vec<Training<'_>>)> {
    let mut widths: Vec<(u32, Vec<Training<'_>>)> = Vec::new();
    for row in gram.iter() {
        if widths.last().is_none_or(|(width, _)| *width != row.width) {
            widths.push((row.width, Vec::new()));
        }
        let Some((_, trainings)) = widths.last_mut() else { continue };
        if trainings.last().and_then(|rows| rows.last()).is_none_or(|last| last.run != row.run) {
            trainings.push(Vec::new());
        }
        trainings.last_mut().into_iter().for_each(|rows| rows.push(row));
    }
    widths
}

/// An inequality: name, formula, whether it is looked at only at the start, and its two sides, of which the first should be less.
struct Inequality {
    name: &'static str,
    formula: &'static str,
    at_start: bool,
    /// Of a moment and the first moment of its training.
    sides: fn(&GramRow<'_>, &GramRow<'_>) -> (f64, f64),
}

const INEQUALITIES: [Inequality; 7] = [
    Inequality {
        name: "near the limit",
        formula: "|H(0) − H∞| ≤ λ₀/4",
        at_start: true,
        sides: |row, _| (row.distance_limit, row.limit_least / 4.0),
    },
    Inequality {
        name: "least at the start",
        formula: "λmin(H(0)) ≥ ¾ λ₀",
        at_start: true,
        sides: |row, _| (0.75 * row.limit_least, row.least),
    },
    Inequality {
        name: "stays near",
        formula: "|H(t) − H(0)| ≤ λ₀/4",
        at_start: false,
        sides: |row, _| (row.distance_initial, row.limit_least / 4.0),
    },
    Inequality {
        name: "least later", formula: "λmin(H(t)) ≥ ½ λ₀", at_start: false, sides: |row, _| (0.5 * row.limit_least, row.least)
    },
    Inequality {
        name: "weights stay",
        formula: "|w(t) − w(0)| ≤ 4√n |y − u(0)| / (√m λ₀)",
        at_start: false,
        sides: |row, _| (row.movement, row.movement_bound),
    },
    Inequality {
        name: "linear rate",
        formula: "|u(t) − y|² ≤ (1 − ηλ₀/2)ᵗ |u(0) − y|²",
        at_start: false,
        sides: |row, _| (row.residual, row.residual_bound),
    },
    Inequality {
        name: "Weyl",
        formula: "|λmin(H(t)) − λmin(H(0))| ≤ |H(t) − H(0)|",
        at_start: false,
        sides: |row, first| ((row.least - first.least).abs(), row.distance_initial + 1e-13 * row.greatest),
    },
];

/// In how many moments of how many an inequality held, and the largest left side as a share of the right one.
struct Held {
    kept: usize,
    n: usize,
    worst: f64,
}

impl Inequality {
    fn look(&self, trainings: &[Training<'_>]) -> Held {
        let mut found = Held { kept: 0, n: 0, worst: 0.0 };
        for rows in trainings {
            let Some(first) = rows.first() else { continue };
            for row in rows.iter().take(if self.at_start { 1 } else { rows.len() }) {
                let (less, more) = (self.sides)(row, first);
                found.n += 1;
                found.kept += usize::from(less <= more + ROUNDING * more.abs());
                found.worst = found.worst.max(if more > 0.0 { less / more } else { f64::INFINITY });
            }
        }
        found
    }
}

pub fn section(gram: &GramTable) -> Section {
    let widths = by_width(gram);
    let first = gram.iter().next();
    let (limit_least, learning_rate) = first.map_or((0.0, 0.0), |row| (row.limit_least, row.learning_rate));
    let steps = gram.iter().map(|row| row.step).max().unwrap_or(0);
    let runs = widths.iter().map(|(_, trainings)| trainings.len()).max().unwrap_or(0);
    let images = gram.provenance().config.get("gram_images").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let before = format!(
        "<p class=\"lead\">H(t) has the entries (1/m) x·x′ times the number of hidden units active on both images; H∞ is its limit at infinite width and λ₀ = {} the least eigenvalue of that, here for {images} images. {runs} networks of each width, {} steps of gradient descent on ½|u − y|² over all images with η = {}. Norms are spectral.</p>\n\
         <p><b>Whose inequalities.</b> The paper’s own wording of Theorems 3.2, 3.3 and 3.5 was not at hand, only a summary of it (“eigenvalue bounds of the Gram matrix H(t) around H(0)”). Checked are the inequalities of the analysis on which they rest, Du, Zhai, Póczos and Singh (2019, arXiv 1810.02054); constants of the paper’s statements may differ.</p>\n\
         <p class=\"note\">Du et al. prove them for widths of the order of n⁶/λ₀⁴ = {} and steps of the order of λ₀/n² = {}, neither of which can be tried; at ordinary ones an inequality may fail without any contradiction, and what is seen is how far each is from holding. Weyl’s inequality holds for any two symmetric matrices: it checks the eigenvalues themselves.</p>\n",
        format::score(limit_least),
        format::count(steps as usize),
        format::score(learning_rate),
        format::score((images as f64).powi(6) / limit_least.powi(4)),
        format::score(limit_least / (images as f64).powi(2)),
    );
    Section {
        anchor: "theorem-3-2",
        title: "Theorems 3.2 and 3.3: the Gram matrix along training",
        finding: finding(&widths),
        before,
        pictures: pictures(&widths),
        after: verdicts(&widths),
    }
}

fn finding(widths: &[(u32, Vec<Training<'_>>)]) -> String {
    let from = |name: &str| {
        let inequality = INEQUALITIES.iter().find(|inequality| inequality.name == name)?;
        // The least width from which on it held in every moment.
        let failing = widths.iter().rposition(|(_, trainings)| {
            let found = inequality.look(trainings);
            found.kept < found.n
        });
        widths.get(failing.map_or(0, |k| k + 1)).map(|(width, _)| *width)
    };
    let words = |name: &str, formula: &str| match from(name) {
        Some(width) if Some(width) == widths.first().map(|(width, _)| *width) => format!("{formula} held at every width and moment"),
        Some(width) => format!("{formula} held in every moment from {} units on", format::count(width as usize)),
        None => format!("{formula} failed in some moment even at the largest width"),
    };
    format!(
        "{}; {}; {}; {}.",
        words("least at the start", "λmin(H(0)) ≥ ¾ λ₀"),
        words("least later", "λmin(H(t)) ≥ ½ λ₀"),
        words("stays near", "|H(t) − H(0)| ≤ λ₀/4"),
        words("linear rate", "the linear rate of the loss"),
    )
}

fn verdicts(widths: &[(u32, Vec<Training<'_>>)]) -> String {
    let heads: Vec<String> = widths.iter().map(|(width, _)| format!("{} units", format::count(*width as usize))).collect();
    let mut all = vec!["Inequality"];
    all.extend(heads.iter().map(String::as_str));
    let rows: Vec<Vec<String>> = INEQUALITIES
        .iter()
        .map(|inequality| {
            let cells = widths.iter().map(|(_, trainings)| {
                let found = inequality.look(trainings);
                let share = if found.kept == found.n { "holds".to_owned() } else { format!("<b>{}</b>", of(found.kept, found.n)) };
                let worst = if found.worst.is_finite() { format::score(found.worst) } else { "∞".into() };
                two_lines(&share, &format!("worst {worst}"))
            });
            std::iter::once(two_lines(inequality.name, inequality.formula)).chain(cells).collect()
        })
        .collect();
    format!(
        "<h3>In how many moments each inequality held</h3>\n{}<p class=\"note\">A moment is one network after one number of steps (the first two rows: at the start only). Worst: the largest ratio of the side that should be less to the other; up to 1 the inequality holds. ∞: an eigenvalue that should be positive is 0 or less (fewer units than images make H singular).</p>\n",
        table("theory", &all, &rows)
    )
}

/// A line for each width of the worst of its runs at each step.
fn lines(widths: &[(u32, Vec<Training<'_>>)], of: &dyn Fn(&GramRow<'_>, &GramRow<'_>) -> f64, worst: fn(f64, f64) -> f64) -> Vec<Series> {
    let most = (widths.len().saturating_sub(1)).max(1) as f64;
    widths
        .iter()
        .enumerate()
        .map(|(k, (width, trainings))| {
            let steps = trainings.iter().map(Vec::len).min().unwrap_or(0);
            let points = (0..steps)
                .filter_map(|step| {
                    let values = trainings.iter().map(|rows| of(&rows[step], &rows[0]));
                    Some((step as f64, values.reduce(worst)?))
                })
                .collect();
            Series::line(format!("m = {}", format::count(*width as usize)), Paint::Ramp(k as f64 / most), points)
        })
        .collect()
}

fn pictures(widths: &[(u32, Vec<Training<'_>>)]) -> Vec<Picture> {
    let chart = |description: &str, up: &str, series, levels| Xy {
        description: description.into(),
        subtitle: String::new(),
        across: "steps of training".into(),
        up: up.into(),
        series,
        levels,
        diagonal: false,
    };
    vec![
        Picture::new(
            "gram-least.png",
            "Least eigenvalue of H(t) divided by λ₀, the least of the runs",
            chart(
                "Least eigenvalue of the Gram matrix by step and width.",
                "λmin(H(t)) / λ₀",
                lines(widths, &|row, _| row.least / row.limit_least, f64::min),
                vec![(0.5, "½: Du et al.’s bound".into())],
            ),
        ),
        Picture::new(
            "gram-distance.png",
            "Distance of H(t) from H(0) divided by λ₀/4, the largest of the runs",
            chart(
                "Spectral distance of the Gram matrix from its start by step and width.",
                "|H(t) − H(0)| / (λ₀/4)",
                skip_start(lines(widths, &|row, _| 4.0 * row.distance_initial / row.limit_least, f64::max)),
                vec![(1.0, "1: Du et al.’s bound".into())],
            ),
        ),
        Picture::new(
            "gram-residual.png",
            "Loss divided by that at the start, the largest of the runs",
            chart(
                "Loss relative to its start by step and width, with the linear rate.",
                "|u(t) − y|² / |u(0) − y|²",
                losses(widths),
                Vec::new(),
            ),
        ),
    ]
}

/// Without the first moment, where the distance is 0 and has no logarithm.
fn skip_start(mut series: Vec<Series>) -> Vec<Series> {
    for line in &mut series {
        line.points.retain(|(step, _)| *step > 0.0);
    }
    series
}

fn losses(widths: &[(u32, Vec<Training<'_>>)]) -> Vec<Series> {
    let mut series = lines(widths, &|row, first| row.residual / first.residual, f64::max);
    if let Some(rows) = widths.first().and_then(|(_, trainings)| trainings.first()) {
        let points = rows.iter().map(|row| (f64::from(row.step), row.residual_bound / rows[0].residual_bound)).collect();
        series.push(Series::line("linear rate", Paint::Paper, points));
    }
    series
}
