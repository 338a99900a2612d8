use super::Problem;
use super::store::{Store, Val};

/// The values at hand, with marks among them.
#[derive(Default)]
pub struct Stack {
    values: Vec<Val>,
    marks: Vec<usize>,
    /// The last mark: values below it are out of reach until it is gone.
    floor: usize,
}

impl Stack {
    /// Where the next value goes.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// What is left when the pickle ends.
    pub fn only(&self) -> Result<Val, Problem> {
        match (self.values.as_slice(), self.marks.as_slice()) {
            (&[root], []) => Ok(root),
            (values, marks) => Err(Problem::wrong("one value at the end", format!("{} and {} marks", values.len(), marks.len()))),
        }
    }

    #[inline]
    pub fn push(&mut self, val: Val, store: &mut Store) -> Result<(), Problem> {
        if self.values.len() == self.values.capacity() {
            let more = self.values.capacity().max(64);
            store.charge(more * size_of::<Val>())?;
            self.values.reserve_exact(more);
        }
        self.values.push(val);
        Ok(())
    }

    pub fn pop(&mut self) -> Result<Val, Problem> {
        if self.values.len() <= self.floor {
            return Err(empty());
        }
        self.values.pop().ok_or_else(empty)
    }

    /// Removes the last value, or the last mark if it is what came last.
    pub fn drop_last(&mut self) -> Result<(), Problem> {
        if self.values.len() == self.floor && !self.marks.is_empty() { self.unmark().map(drop) } else { self.pop().map(drop) }
    }

    #[inline]
    pub fn top(&self) -> Result<Val, Problem> {
        self.below(self.values.len())
    }

    /// The value below a place.
    #[inline]
    pub fn below(&self, place: usize) -> Result<Val, Problem> {
        if place <= self.floor {
            return Err(empty());
        }
        self.values.get(place - 1).copied().ok_or_else(empty)
    }

    /// Where the last `n` values start.
    pub fn start_of(&self, n: usize) -> Result<usize, Problem> {
        self.values.len().checked_sub(n).filter(|start| *start >= self.floor).ok_or_else(empty)
    }

    /// The values from a place on.
    pub fn from(&self, start: usize) -> &[Val] {
        &self.values[start..]
    }

    /// Removes the values from a place on.
    pub fn truncate(&mut self, start: usize) {
        self.values.truncate(start);
    }

    pub fn mark(&mut self, store: &mut Store) -> Result<(), Problem> {
        if self.marks.len() == self.marks.capacity() {
            let more = self.marks.capacity().max(16);
            store.charge(more * size_of::<usize>())?;
            self.marks.reserve_exact(more);
        }
        self.floor = self.values.len();
        self.marks.push(self.floor);
        Ok(())
    }

    /// Removes the last mark; what was above it starts there.
    pub fn unmark(&mut self) -> Result<usize, Problem> {
        let start = self.marks.pop().ok_or_else(|| Problem::wrong("a mark", "none"))?;
        self.floor = self.marks.last().copied().unwrap_or(0);
        Ok(start)
    }
}

fn empty() -> Problem {
    Problem::wrong("a value", "an empty stack")
}
