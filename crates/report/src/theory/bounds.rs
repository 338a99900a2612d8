//! Theorem 3.1: the printed bound, its counter-example, and the corrected one.

use tables::{StepRow, StepTable};

use super::figure_1::{names, rows_of};
use super::{Picture, Section, median, of};
use crate::format;
use crate::html::{escape, table, two_lines};
use crate::plots::{Paint, Series, Xy};

/// A bound of a row, where it has one.
type Bound = fn(&StepRow<'_>) -> Option<f64>;

const PRINTED: Bound = |row| row.bound_printed;
const CORRECTED: Bound = |row| row.bound_corrected;
const VARIANCE: Bound = |row| row.bound_variance;

/// Violations and cases of a bound.
fn count(rows: &[StepRow<'_>], bound: Bound) -> (usize, usize) {
    let bounds = || rows.iter().filter_map(|row| Some((row, bound(row)?)));
    (bounds().filter(|(row, bound)| row.violates(*bound)).count(), bounds().count())
}

pub fn section(steps: &StepTable) -> Section {
    let all: Vec<StepRow<'_>> = steps.iter().filter(|row| row.data == "mnist").collect();
    let [printed, corrected, variance] = [PRINTED, CORRECTED, VARIANCE].map(|bound| count(&all, bound));
    let finding = format!(
        "The bound as printed (Eq. 5) is violated in {}. With the factor M that it lost, it is violated in {} within its range, and Eq. 6 in {}.",
        cases(printed),
        cases(corrected),
        cases(variance),
    );
    let before = format!(
        "<p><b>As printed.</b> For 0 &lt; η &lt; 2: Σ loss after ≤ G/2 − (η/2) M² (2 − η) Σμ², with G = Σ over images and parameters of the squared gradient, which is twice the loss before since |x| = 1.</p>\n\
         <p><b>Corrected.</b> For 0 &lt; η &lt; 2/M: Σ loss after ≤ ½ [G − η M² (2 − Mη) Σμ²]. At η = 1/M it is <b>Eq. 6</b>, (M/2) Σσ², which is right as printed.</p>\n\
         <p><b>Why.</b> The exact loss has the term (η²M²/2) Q with Q = Σ(μ·x)² over the images. Each summand is at most |μ|², so Q ≤ M Σμ²; the printed bound has Q ≤ Σμ². It fails exactly where Q &gt; Σμ², whatever η is, and would hold for images at right angles to each other.</p>\n{}",
        steps.iter().find(|row| row.data == "example").map_or(String::new(), |row| counter_example(&row))
    );
    let figure = rows_of(steps, "1/M");
    let pictures = if figure.is_empty() { Vec::new() } else { vec![picture(&figure)] };
    Section { anchor: "theorem-3-1", title: "Theorem 3.1: the loss after one step", finding, before, pictures, after: violations(steps) }
}

fn cases((violated, n): (usize, usize)) -> String {
    format!("{} cases", of(violated, n))
}

/// The smallest case, written out. Inputs are those of `theory::theorem31::counter_example`; the rest is what the program computed.
fn counter_example(row: &StepRow<'_>) -> String {
    let number = |value: Option<f64>| value.map_or("–".into(), |value| format::trimmed(value, 6));
    let verdict = |bound: Option<f64>| match bound {
        Some(bound) if row.violates(bound) => "violated",
        Some(_) => "holds",
        None => "out of range",
    };
    format!(
        "<p><b>Counter-example.</b> One dimension, M = {} equal samples x = 1, y = 0, from a = 1 with η = {}. Both gradients are 1: G = {}, Σμ² = {}, Σσ² = {}. The step goes to a = 1 − ½ (1 + 1) = 0, so the loss falls from {} to {}. The printed bound is {} (<b>{}</b>: below any loss), the corrected one {} ({}), Eq. 6 {} ({}).</p>\n",
        row.samples,
        number(Some(row.eta)),
        number(Some(row.gradient_square)),
        number(Some(row.sum_mu2)),
        number(Some(row.sum_sigma2)),
        number(Some(row.loss_before)),
        number(Some(row.loss_after)),
        number(row.bound_printed),
        verdict(row.bound_printed),
        number(row.bound_corrected),
        verdict(row.bound_corrected),
        number(row.bound_variance),
        verdict(row.bound_variance),
    )
}

fn picture(rows: &[StepRow<'_>]) -> Picture {
    let points = |bound: Bound| rows.iter().filter_map(|row| Some((row.loss_after, bound(row)?))).collect::<Vec<_>>();
    let chart = Xy {
        description: "Bounds against the loss they bound. Points below the dashed line of equality are violations.".into(),
        subtitle: "dashed: bound = loss; a bound below it is false".into(),
        across: "total loss after the step".into(),
        up: "bound".into(),
        series: vec![
            Series::dots("as printed", Paint::Paper, points(PRINTED)),
            Series::dots("corrected, which is Eq. 6 here", Paint::Subject, points(CORRECTED)),
        ],
        levels: Vec::new(),
        diagonal: true,
    };
    Picture::new("theorem-3-1-bounds.png", "Both bounds against the loss, η = 1/M", chart)
}

fn violations(steps: &StepTable) -> String {
    let heads = ["η on the sum", "as printed", "corrected", "Eq. 6", "loss after / before, median", "printed bound / loss before, median"];
    let rows: Vec<Vec<String>> = names(steps)
        .into_iter()
        .map(|name| {
            let rows = rows_of(steps, name);
            let cell = |bound: Bound| match count(&rows, bound) {
                (_, 0) => two_lines("–", "out of its range"),
                (0, n) => two_lines("holds", &of(0, n)),
                (violated, n) => two_lines("<b>violated</b>", &of(violated, n)),
            };
            let share = |of: &dyn Fn(&StepRow<'_>) -> Option<f64>| {
                let shares: Vec<f64> = rows.iter().filter_map(|row| Some(of(row)? / row.loss_before)).collect();
                if shares.is_empty() { "–".into() } else { super::figure_1::ratio(median(shares.into_iter())) }
            };
            let (after, printed) = (share(&|row| Some(row.loss_after)), share(&PRINTED));
            vec![escape(name), cell(PRINTED), cell(CORRECTED), cell(VARIANCE), after, printed]
        })
        .collect();
    format!(
        "<h3>Violations by step size</h3>\n{}<p class=\"note\">A loss violates a bound if it exceeds it by more than rounding: a part in 10¹² of the largest that the terms of either can be. “Out of its range”: the statement says nothing of this η.</p>\n",
        table("theory", &heads, &rows)
    )
}
