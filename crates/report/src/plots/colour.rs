//! What the colour of a dot says: the first property of an architecture that tells the dots apart.

use spaces::Features;

/// A property that dots are coloured by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colouring {
    /// Edges that lead nowhere.
    DeadEdges,
    /// Convolutions on the longest path.
    Depth,
    /// One colour: the architectures of the space don't differ in these, or the space is unknown.
    Plain,
}

impl Colouring {
    /// Every property that differs among connected architectures, the one to begin with first; never empty.
    pub fn all(features: &[Option<Features>]) -> Vec<Self> {
        let differs = |of: &dyn Fn(&Features) -> u32| {
            let mut values = features.iter().flatten().filter(|f| f.connected).map(of);
            values.next().is_some_and(|first| values.any(|value| value != first))
        };
        let found = [(Self::DeadEdges, differs(&|f| f.dead_edges)), (Self::Depth, differs(&|f| f.depth))];
        let mut found: Vec<Self> = found.into_iter().filter(|(_, differs)| *differs).map(|(colouring, _)| colouring).collect();
        if found.is_empty() {
            found.push(Self::Plain);
        }
        found
    }

    /// The property of an architecture; none in one colour.
    pub fn of(self, features: &Features) -> Option<u32> {
        match self {
            Self::DeadEdges => Some(features.dead_edges),
            Self::Depth => Some(features.depth),
            Self::Plain => None,
        }
    }

    /// Its name.
    pub fn title(self) -> &'static str {
        match self {
            Self::DeadEdges => "dead edges",
            Self::Depth => "depth",
            Self::Plain => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_that_never_differs_colours_nothing() {
        let features = |dead_edges, depth| Some(Features { dead_edges, depth, connected: true });
        let cut = Some(Features { dead_edges: 9, depth: 9, connected: false });
        assert_eq!(Colouring::all(&[features(0, 3), features(0, 3), cut, None]), [Colouring::Plain]);
        assert_eq!(Colouring::all(&[features(0, 3), features(0, 2)]), [Colouring::Depth]);
        assert_eq!(Colouring::all(&[features(0, 3), features(1, 2)]), [Colouring::DeadEdges, Colouring::Depth]);
        assert_eq!(Colouring::all(&[]), [Colouring::Plain]);
    }
}
