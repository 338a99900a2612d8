//! Cells of the micro space and layers of the macro space of TransNAS-Bench-101.

use spaces::nb201;
use spaces::tnb101::{Body, Code, Op};

use super::chain::{Stage, chain};
use super::nb201::four_nodes;
use super::{Drawn, unreadable};
use crate::Result;
use crate::plots::Scene;

pub fn draw(drawn: Drawn<'_>, width: f64) -> Result<Scene> {
    let code = Code::parse(drawn.arch).map_err(|error| unreadable(drawn.arch, &error))?;
    Ok(match code.body {
        Body::Micro(cell) => four_nodes(nb201::Cell(cell.0.map(same)), name, width),
        Body::Basic => layers(&code, width),
    })
}

/// The operation of NAS-Bench-201 that is alive and dead in the same places.
const fn same(op: Op) -> nb201::Op {
    match op {
        Op::None => nb201::Op::None,
        Op::Skip => nb201::Op::Skip,
        Op::Conv1x1 => nb201::Op::Conv1x1,
        Op::Conv3x3 => nb201::Op::Conv3x3,
    }
}

fn name(op: nb201::Op) -> &'static str {
    match op {
        nb201::Op::None => "none",
        nb201::Op::Skip => "skip",
        nb201::Op::Conv1x1 => "conv1x1",
        nb201::Op::Conv3x3 => "conv3x3",
        nb201::Op::AvgPool => "pool",
    }
}

fn layers(code: &Code, width: f64) -> Scene {
    let mut channels = code.base;
    let mut stages = Vec::new();
    for (place, layer) in code.layers.iter().enumerate() {
        channels *= if layer.widens { 2 } else { 1 };
        stages.push(Stage {
            title: format!("layer {}: {channels} channels", place + 1),
            subtitle: if layer.reduces { "halves the resolution".into() } else { "keeps the resolution".into() },
            side: String::new(),
            channels,
            layers: 2,
            share: None,
            series: if layer.reduces { 2 } else { 0 },
        });
    }
    let description = format!("Layers of two residual blocks each, from top to bottom, with the channels of {code}.");
    chain(description, "stem", &stages, "head", width)
}
