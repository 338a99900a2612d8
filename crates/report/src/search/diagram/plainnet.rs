//! Blocks of a structure like `MobileNetV2`.

use spaces::plainnet::{Block, Structure, Variant};

use super::super::published::{CLASSES, RESOLUTION, parse};
use super::chain::{Stage, chain};
use super::{Drawn, unreadable};
use crate::Result;
use crate::format;
use crate::plots::Scene;

pub fn draw(drawn: Drawn<'_>, width: f64) -> Result<Scene> {
    let structure = parse(drawn.arch)?;
    let (mut side, classes) = (drawn.resolution.unwrap_or(RESOLUTION), drawn.classes.unwrap_or(CLASSES));
    let total = structure.cost(side, classes, Variant::COUNTED).flops;
    let shares = shares(&structure, side, total).map_err(|wrong| unreadable(drawn.arch, &wrong))?;
    let from = format!("image 3 × {side} × {side}");
    let mut stages = Vec::new();
    for (block, share) in structure.blocks().iter().zip(&shares) {
        side /= block.stride();
        stages.push(stage(block, side, *share));
    }
    let rest = 1.0 - shares.iter().sum::<f64>();
    let to = format!("pooling, {classes} classes ({} %)", format::fixed(100.0 * rest, 1));
    let description = format!(
        "Network of {} blocks and {} sub-layers from top to bottom: {}.",
        stages.len(),
        structure.layers(),
        stages.iter().map(|stage| format!("{}, {}", stage.title, stage.subtitle)).collect::<Vec<_>>().join("; ")
    );
    Ok(chain(description, &from, &stages, &to, width))
}

/// Each block's part of the FLOPs: what the structure up to it costs more than the one up to the block before.
fn shares(structure: &Structure, resolution: usize, total: f64) -> std::result::Result<Vec<f64>, spaces::plainnet::Wrong> {
    let (mut text, mut before, mut shares) = (String::new(), 0.0, Vec::new());
    for block in structure.blocks() {
        text += &block.to_string();
        // Without classes the classifier costs nothing.
        let so_far = Structure::parse(&text)?.cost(resolution, 0, Variant::COUNTED).flops;
        shares.push(if total > 0.0 { (so_far - before) / total } else { 0.0 });
        before = so_far;
    }
    Ok(shares)
}

fn stage(block: &Block, side: usize, share: f64) -> Stage {
    let step = if block.stride() > 1 { format!(", stride {}", block.stride()) } else { String::new() };
    let channels = format!("{} to {}", block.c_in(), block.c_out());
    let (title, subtitle, series) = match *block {
        Block::Conv { kernel: 1, .. } => ("1 × 1 convolution".into(), format!("{channels} channels{step}"), 2),
        Block::Conv { kernel, .. } => (format!("K{kernel} convolution"), format!("{channels} channels{step}"), 2),
        Block::Residual { expansion, kernel, bottleneck, sub_layers, .. } => {
            let title = format!("E{expansion} K{kernel}, {sub_layers} sub-layer{}", if sub_layers == 1 { "" } else { "s" });
            (title, format!("{channels} channels, {bottleneck} inside{step}"), 0)
        }
    };
    Stage {
        title,
        subtitle,
        side: format!("{side} × {side}"),
        channels: block.c_out(),
        layers: block.sub_layers(),
        share: Some(share),
        series,
    }
}
