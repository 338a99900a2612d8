//! How alike two proxies rank.

use crate::join::Joined;
use crate::stats::{Sample, rho_of};

/// Spearman's rho of every pair of proxies, over the architectures both scored.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Proxies in the order of rows and columns.
    pub proxies: Vec<String>,
    /// Rho by row and column; none where it is undefined.
    pub rho: Vec<Vec<Option<f64>>>,
    /// Architectures that both scored.
    pub n: Vec<Vec<usize>>,
}

impl Matrix {
    /// The matrix of the proxies numbered `order`.
    pub(super) fn new(joined: &Joined, order: &[usize]) -> Self {
        let cell = |row: usize, column: usize| {
            let (a, b): (Vec<f64>, Vec<f64>) =
                joined.proxies[row].scores.iter().zip(&joined.proxies[column].scores).filter_map(|(a, b)| Some(((*a)?, (*b)?))).unzip();
            (Sample::new(&a, &b).ok().map(|sample| rho_of(&sample)), a.len())
        };
        let cells: Vec<Vec<_>> = order.iter().map(|&row| order.iter().map(|&column| cell(row, column)).collect()).collect();
        Self {
            proxies: order.iter().map(|&proxy| joined.proxies[proxy].proxy.clone()).collect(),
            rho: cells.iter().map(|row| row.iter().map(|cell| cell.0).collect()).collect(),
            n: cells.iter().map(|row| row.iter().map(|cell| cell.1).collect()).collect(),
        }
    }
}
