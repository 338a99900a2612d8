//! How searches search: names, order and marks.

use super::pool::Kept;

/// A way to search.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Name in a history's configuration.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What its pool keeps; none without a pool.
    pub kept: Option<Kept>,
}

/// What the other methods are compared with.
pub const BASELINE: &str = "random";

/// Algorithm 1 as in the paper's code.
pub const RELEASED: &str = "released";

/// Every known method, in the order of the page.
pub const ALL: &[Method] = &[
    Method { name: "evolution", title: "evolution", kept: Some(Kept::Best) },
    Method { name: RELEASED, title: "evolution, released rules", kept: Some(Kept::Best) },
    Method { name: "regularised", title: "regularised evolution", kept: Some(Kept::Latest) },
    Method { name: BASELINE, title: "random search", kept: None },
];

/// A known method.
pub fn find(name: &str) -> Option<&'static Method> {
    ALL.iter().find(|method| method.name == name)
}

/// Name for people; an unknown method keeps its own.
pub fn title(name: &str) -> String {
    find(name).map_or_else(|| name.to_owned(), |method| method.title.to_owned())
}

/// Place on the page and number of its colour; unknown methods share the place after the last but the baseline.
pub fn place(name: &str) -> usize {
    ALL.iter().position(|method| method.name == name).unwrap_or(ALL.len() - 2)
}

/// Number of a method's colour and mark: those of the first for the leading method, of the second for random search, and
/// those that are left for the others, so that the two that are compared most are furthest apart.
pub fn series(name: &str) -> usize {
    match place(name) {
        0 => 0,
        3 => 1,
        other => other + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_its_own_name_and_colour() {
        let mut seen: Vec<usize> = ALL.iter().map(|method| series(method.name)).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3]);
        assert_eq!(title("random"), "random search");
        assert_eq!((title("annealing"), place("annealing") < place(BASELINE)), ("annealing".into(), true));
    }
}
