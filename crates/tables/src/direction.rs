use std::fmt;

use serde::Serialize;

/// Which of two values of a metric or proxy is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Direction {
    /// Accuracies, and most proxies.
    #[serde(rename = "higher")]
    HigherIsBetter,
    /// Losses and errors.
    #[serde(rename = "lower")]
    LowerIsBetter,
}

impl Direction {
    /// Both, in the order of the documentation.
    pub const ALL: [Self; 2] = [Self::HigherIsBetter, Self::LowerIsBetter];

    /// `higher` or `lower`, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HigherIsBetter => "higher",
            Self::LowerIsBetter => "lower",
        }
    }

    /// The direction stored as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == text)
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
