//! The cell of NAS-Bench-201.

use spaces::nb201::{Cell, EDGES, Op};

use super::dag::{Edge, Node, dag};
use super::{Drawn, unreadable};
use crate::Result;
use crate::plots::{Paint, Scene};

pub fn draw(drawn: Drawn<'_>, width: f64) -> Result<Scene> {
    let cell = Cell::parse(drawn.arch).map_err(|error| unreadable(drawn.arch, &error))?;
    Ok(four_nodes(cell, Op::name, width))
}

/// A cell of four nodes whose operations are those of NAS-Bench-201 under other names.
pub fn four_nodes(cell: Cell, name: impl Fn(Op) -> &'static str, width: f64) -> Scene {
    let live = cell.live_edges();
    let edge = |(place, &op): (usize, &Op)| {
        let (source, target) = EDGES[place];
        let dead = op != Op::None && !live[place];
        let (paint, thickness) = match op {
            Op::None => (Paint::Plain, 1.0),
            _ if dead => (Paint::Plain, 1.5),
            Op::Skip => (Paint::Muted, 1.5),
            Op::Conv1x1 => (Paint::Series(0), 2.5),
            Op::Conv3x3 => (Paint::Series(0), 4.0),
            Op::AvgPool => (Paint::Series(2), 2.5),
        };
        let label = if dead { format!("{} (dead)", name(op)) } else { name(op).to_owned() };
        Edge { source, target, label, paint, thickness, dashed: op == Op::None || dead }
    };
    let edges: Vec<Edge> = cell.0.iter().enumerate().map(edge).collect();
    let nodes = ["in", "1", "2", "out"].map(|text| Node { lines: vec![text.into()], paint: Paint::Ink });
    let words: Vec<String> = edges.iter().map(|edge| format!("{} from node {} to node {}", edge.label, edge.source, edge.target)).collect();
    dag(format!("Cell of four nodes: {}.", words.join(", ")), &nodes, &edges, width)
}
