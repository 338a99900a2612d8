//! Theorem 3.5: what the spread of the gradients says of the loss.

use tables::{GramRow, GramTable};

use super::gram::by_width;
use super::{Association, Found, Picture, Section, cells, of, tau_with_interval};
use crate::format;
use crate::html::table;
use crate::plots::{Paint, Series, Xy};

/// Rounding of sums of some ten thousand terms.
const ROUNDING: f64 = 1e-9;
/// Of so many moments one is drawn: more would cover each other.
const EVERY: usize = 5;

pub fn section(gram: &GramTable) -> Section {
    let rows: Vec<GramRow<'_>> = gram.iter().collect();
    let holds = |row: &&GramRow<'_>| {
        let slack = ROUNDING * row.sigma2_high.abs();
        row.sigma2_low <= row.sum_sigma2 + slack && row.sum_sigma2 <= row.sigma2_high + slack
    };
    let held = rows.iter().filter(holds).count();
    let ends = ends(gram);
    let column = |of: &dyn Fn(&(GramRow<'_>, GramRow<'_>)) -> f64| ends.iter().map(of).collect::<Vec<f64>>();
    let start = column(&|(first, _)| first.sum_sigma2);
    // Without a test loss there is no correlation: the statistics refuse what is not finite, and the page says so.
    let against = [
        ("training loss at the start", column(&|(first, _)| first.residual)),
        ("training loss at the end", column(&|(_, last)| last.residual)),
        ("test loss at the start", column(&|(first, _)| first.residual_test.unwrap_or(f64::NAN))),
        ("test loss at the end", column(&|(_, last)| last.residual_test.unwrap_or(f64::NAN))),
    ];
    let found: Vec<(&str, Found)> = against.into_iter().map(|(name, loss)| (name, Association::new(&start, &loss))).collect();
    let finding = format!(
        "The spread of the gradients lies between its two bounds by the loss and the eigenvalues of H(t) in {} moments. Over the {} networks, the spread before training ranks the training loss of that moment with τ-b {}, and the one after training with {}.",
        of(held, rows.len()),
        format::count(ends.len()),
        tau_with_interval(&found[0].1),
        tau_with_interval(&found[1].1),
    );
    Section {
        anchor: "theorem-3-5",
        title: "Theorem 3.5: the spread of the gradients and the loss",
        finding,
        before: STATEMENT.into(),
        pictures: vec![picture(gram)],
        after: correlations(&found),
    }
}

const STATEMENT: &str = "<p>The paper’s own wording of Theorem 3.5 was not at hand: what is checked is derived here, for the same network and the same H(t) as above.</p>\n\
    <p><b>What can be said exactly.</b> With residuals r = u − y and L = ½|r|², the gradient of sample i has the squared norm r²ᵢHᵢᵢ and the gradient of the sum r·Hr. The summed variance over the samples is therefore (1/n) Σ r²ᵢHᵢᵢ − (1/n²) r·Hr, and</p>\n\
    <p>(2L/n) (min Hᵢᵢ − λmax/n) ≤ Σσ² ≤ (2L/n) (max Hᵢᵢ − λmin/n).</p>\n\
    <p class=\"note\">So at one moment a small spread means a small training loss and the other way round, up to factors that hardly differ between networks (Hᵢᵢ is the share of active units, about ½). That is the relation of Figures 2 and 5. It says nothing by itself of a later moment or of other images; the table has what was seen there.</p>\n";

/// First and last moment of every training.
fn ends(gram: &GramTable) -> Vec<(GramRow<'_>, GramRow<'_>)> {
    let trainings = by_width(gram).into_iter().flat_map(|(_, trainings)| trainings);
    trainings.filter_map(|rows| Some((*rows.first()?, *rows.last()?))).collect()
}

fn picture(gram: &GramTable) -> Picture {
    let widths = by_width(gram);
    let most = (widths.len().saturating_sub(1)).max(1) as f64;
    let series = widths.iter().enumerate().map(|(k, (width, trainings))| {
        let points = trainings.iter().flat_map(|rows| rows.iter().step_by(EVERY)).map(|row| (row.residual, row.sum_sigma2)).collect();
        Series::dots(format!("m = {}", format::count(*width as usize)), Paint::Ramp(k as f64 / most), points)
    });
    let chart = Xy {
        description: "Spread of the per-sample gradients against the loss along every training.".into(),
        subtitle: String::new(),
        across: "|u − y|² of the training images".into(),
        up: "Σσ² of the gradients".into(),
        series: series.collect(),
        levels: Vec::new(),
        diagonal: false,
    };
    Picture::new("gram-spread.png", "Spread against the loss of the same moment, every fifth step of all trainings", chart)
}

fn correlations(found: &[(&str, Found)]) -> String {
    let heads = ["Σσ² before training against", "τ-b", "ρ", "n"];
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|(name, found)| {
            let [tau_b, rho, n] = cells(found);
            vec![(*name).to_owned(), tau_b, rho, n]
        })
        .collect();
    format!("<h3>Across networks</h3>\n{}", table("theory", &heads, &rows))
}
