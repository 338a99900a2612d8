//! The published structures beside those found.

use super::super::model::Model;
use super::super::published::{CLASSES, RESOLUTION};
use super::code;
use crate::format;
use crate::html::{escape, table, two_lines};

pub fn section(model: &Model) -> String {
    if model.published.is_empty() {
        return String::new();
    }
    let mega = |number: f64| format::fixed(number / 1e6, 1);
    let rows: Vec<Vec<String>> = model
        .published
        .iter()
        .map(|counted| {
            let paper = counted.paper;
            vec![
                escape(&counted.name),
                counted.layers.to_string(),
                counted.score.map_or_else(|| "–".into(), |score| format!("<b>{}</b>", format::score(score))),
                paper.map_or_else(|| "–".into(), |paper| paper.printed.to_owned()),
                format!("<b>{}</b>", mega(counted.linked.flops)),
                mega(counted.squeezed.flops),
                mega(counted.bare.flops),
                two_lines(&mega(counted.linked.size), &format!("{} with SE", mega(counted.squeezed.size))),
                paper.and_then(|paper| paper.top1).map_or_else(|| "–".into(), str::to_owned),
                code(&counted.arch),
            ]
        })
        .collect();
    let heads = [
        "Structure",
        "layers",
        "score",
        "paper prints (M)",
        "FLOPs (M)",
        "FLOPs with SE (M)",
        "FLOPs as scored (M)",
        "parameters (M)",
        "paper’s top-1 (%)",
        "architecture",
    ];
    format!(
        "<section id=\"published\"><h2>Beside the published structures</h2>\n\
         <p class=\"lead\">All counted by one counter at {RESOLUTION} × {RESOLUTION} pixels and {CLASSES} classes, whatever they were searched at.</p>\n{}\
         <p class=\"note\">Score: the objective on the images and weights of the search that found what is shown, at its resolution; the published structures were searched at 224 pixels. Paper prints: the FLOPs of Tables 2 and 9, which are none of the numbers that the released code’s own counter gives for the released strings. \
         FLOPs: multiply-adds of convolutions and classifier and one operation for each value of a batch norm, with residual links; this is what the search’s budget is on. \
         With SE: with squeeze-and-excitation behind each depthwise convolution, as trained. As scored: without residual links. \
         Parameters as the code counts them, with residual links (a batch norm counts its channels once). \
         Top-1: ImageNet, trained with distillation, from Table 2.</p></section>\n",
        table("picks", &heads, &rows)
    )
}
