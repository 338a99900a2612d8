//! Tables as text: CSV, JSON, or aligned for reading.

mod csv;
mod json;
mod text;
mod value;

pub use csv::to_csv;
pub use json::to_json;
pub use text::to_text;
