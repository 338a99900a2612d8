use std::fmt;

use serde::Serialize;

use crate::column::Wrong;

/// Whether a score exists, and if not, why in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// There is a finite value.
    Ok,
    /// The definition gives no value for this network.
    Undefined,
    /// The computation overflowed or gave NaN.
    NonFinite,
    /// The proxy does not apply to this network or dataset.
    DoesNotApply,
    /// The evaluation failed.
    Error,
}

impl Status {
    /// All, in the order of the documentation.
    pub const ALL: [Self; 5] = [Self::Ok, Self::Undefined, Self::NonFinite, Self::DoesNotApply, Self::Error];

    /// `ok`, `undefined`, `non_finite`, `does_not_apply` or `error`, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Undefined => "undefined",
            Self::NonFinite => "non_finite",
            Self::DoesNotApply => "does_not_apply",
            Self::Error => "error",
        }
    }

    /// The status stored as `text`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A value stands with [`Status::Ok`] alone, a reason with everything else.
pub(crate) fn check_value(status: Status, value: Option<f64>, reason: Option<&str>) -> Result<(), Wrong> {
    match (status, value, reason) {
        (Status::Ok, None, _) => Err(Wrong::new("value", "a number, since the status is ok", "null")),
        (Status::Ok, _, Some(reason)) => Err(Wrong::new("reason", "null, since the status is ok", format!("{reason:?}"))),
        (Status::Ok, ..) => Ok(()),
        (_, Some(value), _) => Err(Wrong::new("value", format!("null, since the status is {status}"), value.to_string())),
        (_, _, None) => Err(Wrong::new("reason", format!("a text, since the status is {status}"), "null")),
        _ => Ok(()),
    }
}
