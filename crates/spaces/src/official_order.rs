//! The official numbering of NAS-Bench-201: Python's `random.seed(88); random.shuffle(list)`, reproduced.

use std::sync::LazyLock;

use rand_mt::Mt;

use crate::nb201::{Cell, OPS};

/// Cells in official order, and the official index of each cell's number ([`Cell::number`]).
pub struct Order {
    cells: Vec<Cell>,
    indices: Vec<u32>,
}

/// Computed once.
pub static ORDER: LazyLock<Order> = LazyLock::new(Order::new);

impl Order {
    fn new() -> Self {
        let n = OPS.len().pow(6) as u32;
        let mut numbers: Vec<u32> = (0..n).collect();
        // Python seeds its Mersenne Twister with the key array [88] and shuffles from the end; `randbelow(i + 1)` takes
        // the top bits of one word and rejects what is too large.
        let mut twister = Mt::new_with_key([88]);
        for i in (1..n).rev() {
            let bits = u32::BITS - (i + 1).leading_zeros();
            let j = loop {
                let draw = twister.next_u32() >> (u32::BITS - bits);
                if draw <= i {
                    break draw;
                }
            };
            numbers.swap(i as usize, j as usize);
        }
        let mut indices = vec![0; n as usize];
        for (index, &number) in numbers.iter().enumerate() {
            indices[number as usize] = index as u32;
        }
        Self { cells: numbers.into_iter().map(Cell::from_number).collect(), indices }
    }

    /// The cell of an official index below 15,625.
    pub fn cell(&self, index: u32) -> Option<Cell> {
        self.cells.get(index as usize).copied()
    }

    /// The official index of a cell.
    pub fn index(&self, cell: Cell) -> u32 {
        self.indices[cell.number() as usize]
    }
}
