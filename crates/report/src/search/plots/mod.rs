//! Charts of searches.

mod curves;
mod frame;
mod front;
mod pool;

pub use curves::curves;
pub use front::front;
pub use pool::pool;
