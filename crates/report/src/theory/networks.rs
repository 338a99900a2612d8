//! Figures 2 and 5: losses of random two-layer networks against the spread of their gradients.

use tables::{MlpRow, MlpTable};

use super::{Association, Found, Picture, Section, cells, subtitle, tau};
use crate::format;
use crate::html::{escape, table};
use crate::plots::{Paint, Series, Xy, short};

/// Figures of the paper and their headings, with our own setting.
const FIGURES: &[(&str, &str, &str)] = &[
    ("fig2", "figure-2", "Figure 2: two-layer networks, batches of 256"),
    ("fig5", "figure-5", "Figure 5: two-layer networks, batches of 64 and 128"),
    ("fig2-trained", "trained", "Figure 2 with a learning rate that learns"),
];

/// A way to make one number of the deviations of all weights.
type Statistic = (&'static str, fn(&MlpRow<'_>) -> f64);

const STATISTICS: [Statistic; 3] = [
    ("root of the summed variances", |row| row.std_root),
    ("sum of the standard deviations", |row| row.std_sum),
    ("mean of the standard deviations", |row| row.std_mean),
];

/// One for each figure that has rows.
pub fn sections(mlp: &MlpTable) -> Vec<Section> {
    let of_figure = |figure: &str| mlp.iter().filter(|row| row.figure == figure).collect::<Vec<MlpRow<'_>>>();
    FIGURES
        .iter()
        .filter_map(|(figure, anchor, title)| {
            let rows = of_figure(figure);
            (!rows.is_empty()).then(|| section(figure, anchor, title, &rows))
        })
        .collect()
}

fn section(figure: &str, anchor: &'static str, title: &'static str, rows: &[MlpRow<'_>]) -> Section {
    let mut sizes: Vec<u32> = rows.iter().map(|row| row.batch_size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let ours = figure == "fig2-trained";
    let groups: Vec<(u32, Vec<MlpRow<'_>>)> =
        sizes.into_iter().map(|size| (size, rows.iter().copied().filter(|row| row.batch_size == size).collect())).collect();
    let pictures = groups.iter().flat_map(|(size, rows)| ["training", "test"].map(|part| picture(anchor, *size, part, rows))).collect();
    let learning_rate = rows.first().map_or(0.0, |row| row.learning_rate);
    let (low, high) = rows.iter().fold((u32::MAX, 0), |(low, high), row| (low.min(row.width), high.max(row.width)));
    let moved = rows.iter().map(|row| (row.loss_train / row.loss_initial - 1.0).abs()).fold(0.0, f64::max);
    let before = if ours {
        format!(
            "<p class=\"lead\">The same networks, batches and spread at the initial weights, but a learning rate of {} for the one epoch, which is ours and not the paper’s: the question a proxy has to answer is whether what is seen before training ranks what comes after.</p>\n",
            format::score(learning_rate)
        )
    } else {
        format!(
            "<p class=\"lead\">{} random networks (1/√m) Σ s ReLU(w·x): first layer standard normal, second fixed to ±1; {low} to {high} hidden units (the paper gives no width; ours has an even logarithm between 16 and 256). Loss: mean of (h − y)². One epoch of gradient descent at a learning rate of {}. Spread: standard deviation of each weight’s gradient across the batches of the epoch, at the initial weights; the root of the summed variances.</p>\n\
             <p class=\"note\">At that learning rate nothing is learned: the epoch changes no training loss by more than a part of {}. The figure shows the loss of random networks, and a gradient is a residual times features: its spread is large where the loss is.</p>\n",
            format::count(groups.first().map_or(0, |(_, rows)| rows.len())),
            short(&format::score(learning_rate)),
            format::score(moved),
        )
    };
    Section { anchor, title, finding: finding(&groups, ours), before, pictures, after: correlations(&groups) }
}

fn finding(groups: &[(u32, Vec<MlpRow<'_>>)], ours: bool) -> String {
    let one = |(size, rows): &(u32, Vec<MlpRow<'_>>)| {
        let [train, test] = ["training", "test"].map(|part| tau(&found(rows, STATISTICS[0].1, part)));
        let sum = tau(&found(rows, STATISTICS[1].1, "training"));
        format!(
            "batches of {size}: τ-b of the spread with the training loss {train}, with the test loss {test} (the sum of the standard deviations in place of the root of the summed variances: {sum} with the training loss)"
        )
    };
    let text = groups.iter().map(one).collect::<Vec<_>>().join("; ");
    if ours {
        let rows = groups.iter().flat_map(|(_, rows)| rows);
        let left = super::median(rows.map(|row| row.loss_train / row.loss_initial));
        return format!("One epoch that leaves {} of the loss (median), {text}.", format::score(left));
    }
    format!("{}.", crate::model::capital(&text))
}

fn loss(row: &MlpRow<'_>, part: &str) -> f64 {
    if part == "training" { row.loss_train } else { row.loss_test }
}

fn found(rows: &[MlpRow<'_>], statistic: fn(&MlpRow<'_>) -> f64, part: &str) -> Found {
    let spread: Vec<f64> = rows.iter().map(statistic).collect();
    let losses: Vec<f64> = rows.iter().map(|row| loss(row, part)).collect();
    Association::new(&spread, &losses)
}

fn picture(anchor: &str, size: u32, part: &str, rows: &[MlpRow<'_>]) -> Picture {
    let chart = Xy {
        description: format!("Scatter plot of the {part} loss against the spread of the gradients across batches of {size}."),
        subtitle: subtitle(&found(rows, STATISTICS[0].1, part), "networks"),
        across: "standard deviation of the gradients across batches".into(),
        up: format!("{part} loss"),
        series: vec![Series::dots("", Paint::Subject, rows.iter().map(|row| (row.std_root, loss(row, part))).collect())],
        levels: Vec::new(),
        diagonal: false,
    };
    let file = if part == "training" { format!("{anchor}-{size}-{part}.png") } else { String::new() };
    Picture::new(file, format!("{} loss, batches of {size}", crate::model::capital(part)), chart)
}

fn correlations(groups: &[(u32, Vec<MlpRow<'_>>)]) -> String {
    let heads = ["Batch size", "spread", "loss", "τ-b", "ρ", "n"];
    let mut table_rows = Vec::new();
    for (size, rows) in groups {
        for (name, statistic) in STATISTICS {
            for part in ["training", "test"] {
                let [tau_b, rho, n] = cells(&found(rows, statistic, part));
                table_rows.push(vec![size.to_string(), escape(name), part.into(), tau_b, rho, n]);
            }
        }
    }
    format!(
        "<h3>Rank correlation</h3>\n{}<p class=\"note\">Sum and mean of the deviations grow and fall with the root of the width, which has little to do with these losses. Which of the three the paper plots is not known to us. The paper’s claim is that the loss grows with the spread.</p>\n",
        table("theory", &heads, &table_rows)
    )
}
