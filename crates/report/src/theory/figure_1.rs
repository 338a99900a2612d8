//! Figure 1: the loss of a linear model after one step against the moments of its gradients.

use tables::{StepRow, StepTable};

use super::{Association, Found, Picture, Section, cells, direction, median, partial_rho, subtitle, tau};
use crate::format;
use crate::html::{escape, table};
use crate::plots::{Paint, Series, Xy, shades};

/// The step of the figure: one on the mean gradient with eta = 1.
const MEAN: &str = "1/M";
/// The step as the words say: one on the sum with eta = 1.
const SUM: &str = "1";

/// What is held against the loss after the step.
struct Ranked {
    mu: Found,
    sigma: Found,
    /// Rho with the one at equal ranks of the other.
    mu_given_sigma: Option<f64>,
    sigma_given_mu: Option<f64>,
}

impl Ranked {
    fn new(rows: &[StepRow<'_>]) -> Self {
        let column = |of: &dyn Fn(&StepRow<'_>) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        let (mu, sigma, loss) = (column(&|row| row.sum_mu2), column(&|row| row.sum_sigma2), column(&|row| row.loss_after));
        Self {
            mu: Association::new(&mu, &loss),
            sigma: Association::new(&sigma, &loss),
            mu_given_sigma: partial_rho(&mu, &loss, &sigma).ok().flatten(),
            sigma_given_mu: partial_rho(&sigma, &loss, &mu).ok().flatten(),
        }
    }
}

/// The rows of a step, in the order of the repetitions; the counter-example is none of them.
pub(super) fn rows_of<'a>(steps: &'a StepTable, name: &str) -> Vec<StepRow<'a>> {
    steps.iter().filter(|row| row.data == "mnist" && row.step == name).collect()
}

/// Names of the steps, in the order of the table.
pub(super) fn names(steps: &StepTable) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for row in steps.iter().filter(|row| row.data == "mnist") {
        if !names.contains(&row.step) {
            names.push(row.step);
        }
    }
    names
}

pub fn section(steps: &StepTable) -> Section {
    let all: Vec<(&str, Vec<StepRow<'_>>, Ranked)> = names(steps)
        .into_iter()
        .map(|name| {
            let rows = rows_of(steps, name);
            let ranked = Ranked::new(&rows);
            (name, rows, ranked)
        })
        .collect();
    let shown = all.iter().filter(|(name, ..)| [MEAN, SUM].contains(name));
    let images = all.first().and_then(|(_, rows, _)| rows.first()).map_or(0, |row| row.samples);
    let mut pictures = Vec::new();
    for (name, rows, ranked) in shown.clone() {
        pictures.extend(pictures_of(name, rows, ranked));
    }
    let sentences: Vec<String> = shown.map(|(name, rows, ranked)| sentence(name, rows, ranked)).collect();
    let before = format!(
        "<p class=\"lead\">Model a·x without a bias on {} images, total loss Σ(a·x − y)²/2. From {} random initial a, one step; μ and σ are the mean and the standard deviation of each parameter’s gradient over the images, before the step. The paper’s claim: the loss falls with Σμ² and grows with Σσ².</p>\n\
         <p class=\"note\">The paper says “accumulated” gradient and η = 1. On the <i>sum</i> of the gradients that is far beyond 2/M, where the theorem ends, and the loss explodes; on their <i>mean</i> it is η = 1/M on the sum. Both are shown; every η on this page is one on the sum.</p>\n",
        format::count(images as usize),
        format::count(all.first().map_or(0, |(_, rows, _)| rows.len())),
    );
    Section {
        anchor: "figure-1",
        title: "Figure 1: one step on a linear model",
        finding: sentences.join(" "),
        before,
        pictures,
        after: correlations(&all),
    }
}

/// Loss after by loss before, for reading.
pub(super) fn ratio(growth: f64) -> String {
    if growth >= 1000.0 { format::count(growth.round() as usize) } else { format::score(growth) }
}

fn sentence(name: &str, rows: &[StepRow<'_>], ranked: &Ranked) -> String {
    let growth = median(rows.iter().map(|row| row.loss_after / row.loss_before));
    let which =
        if name == MEAN { "After a step on the mean gradient (η = 1/M)".to_owned() } else { format!("With η = {name} on the sum") };
    let change = if growth > 100.0 {
        format!("the loss is multiplied by {}", ratio(growth))
    } else {
        format!("the loss is {} of what it was", format::score(growth))
    };
    let given = ranked
        .mu_given_sigma
        .filter(|_| name == MEAN)
        .map_or(String::new(), |rho| format!(" At equal ranks of Σσ² its correlation with Σμ² is ρ = {}.", format::fixed(rho, 3)));
    let expected = matches!(&ranked.sigma, Ok(found) if found.tau_b.low > 0.0) && matches!(&ranked.mu, Ok(found) if found.tau_b.high < 0.0);
    let verdict = match (expected, direction(&ranked.mu)) {
        (true, _) => " Both directions are the paper’s.",
        (false, "grows") => " The direction with Σμ² is the opposite of the paper’s.",
        (false, _) => " That is not what the paper has.",
    };
    format!(
        "{which} {change} (median); it {} with Σσ² (τ-b {}) and {} with Σμ² (τ-b {}).{verdict}{given}",
        direction(&ranked.sigma),
        tau(&ranked.sigma),
        direction(&ranked.mu),
        tau(&ranked.mu),
    )
}

fn pictures_of(name: &str, rows: &[StepRow<'_>], ranked: &Ranked) -> Vec<Picture> {
    let slug = if name == MEAN { "mean" } else { "sum" };
    let step =
        if name == MEAN { "a step on the mean gradient, η = 1/M".into() } else { format!("a step on the summed gradient, η = {name}") };
    let dots = |title: &str, statistic: &dyn Fn(&StepRow<'_>) -> f64, found: &Found| {
        let points = rows.iter().map(|row| (statistic(row), row.loss_after)).collect();
        Xy {
            description: format!("Scatter plot of the total loss after {step} against {title}."),
            subtitle: subtitle(found, "initial weights"),
            across: title.into(),
            up: "total loss after the step".into(),
            series: vec![Series::dots("", Paint::Subject, points)],
            levels: Vec::new(),
            diagonal: false,
        }
    };
    let (mu, sigma) = ("Σμ² of the gradients before the step", "Σσ² of the gradients before the step");
    let mut pictures = vec![
        Picture::new(
            format!("figure-1-sigma-{slug}.png"),
            format!("Loss against Σσ²: {step}"),
            dots(sigma, &|row| row.sum_sigma2, &ranked.sigma),
        ),
        Picture::new(format!("figure-1-mu-{slug}.png"), format!("Loss against Σμ²: {step}"), dots(mu, &|row| row.sum_mu2, &ranked.mu)),
    ];
    if name == MEAN {
        let losses: Vec<f64> = rows.iter().map(|row| row.loss_after).collect();
        let points = rows.iter().map(|row| (row.sum_mu2, row.sum_sigma2)).collect();
        let series = Series { shades: shades(&losses), ..Series::dots("", Paint::Subject, points) };
        let both = Xy {
            description: "Scatter plot of both moments, coloured by the rank of the loss after the step.".into(),
            subtitle: "dark: least loss after the step, bright green: greatest (by rank)".into(),
            across: mu.into(),
            up: sigma.into(),
            series: vec![series],
            levels: Vec::new(),
            diagonal: false,
        };
        pictures.push(Picture::new(format!("figure-1-both-{slug}.png"), format!("Both moments, coloured by the loss: {step}"), both));
    }
    pictures
}

fn correlations(all: &[(&str, Vec<StepRow<'_>>, Ranked)]) -> String {
    let heads =
        ["η on the sum", "statistic", "τ-b with the loss after", "ρ", "n", "ρ at equal ranks of the other", "loss after / before, median"];
    let rho = |rho: Option<f64>| rho.map_or("–".into(), |rho| format::fixed(rho, 3));
    let mut rows = Vec::new();
    for (name, step, ranked) in all {
        let growth = ratio(median(step.iter().map(|row| row.loss_after / row.loss_before)));
        for (statistic, found, given) in [("Σσ²", &ranked.sigma, ranked.sigma_given_mu), ("Σμ²", &ranked.mu, ranked.mu_given_sigma)] {
            let [tau_b, rho_cell, n] = cells(found);
            rows.push(vec![escape(name), statistic.into(), tau_b, rho_cell, n, rho(given), growth.clone()]);
        }
    }
    format!(
        "<h3>Rank correlation with the loss after the step</h3>\n{}<p class=\"note\">Exactly: 2 · loss after = M(Σσ² + Σμ²) − 2ηM²Σμ² + η²M²Q with Q = Σ(μ·x)² over the images. Since the loss before the step is M(Σσ² + Σμ²)/2, both moments are large where it is: weights that begin with a large loss have both. That is why the loss after grows with Σμ² here, against the paper’s claim. At equal Σσ² what Σμ² adds to it has the factor 1 − 2s + cs² with s = ηM and c = Q/(MΣμ²), at most 1. It helps only where that is negative: never at 1/(2M), always at 1/M unless c = 1, and at no η far beyond 2/M. We do not know how the paper’s initial weights were drawn.</p>\n",
        table("theory", &heads, &rows)
    )
}
