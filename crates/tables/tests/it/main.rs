//! Files: what is written is what is read, and what is damaged is refused.

mod damage;
mod folder;
mod round_trip;
mod rows;
mod streamed;
