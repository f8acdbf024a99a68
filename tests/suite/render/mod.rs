//! What `kprov render` writes: golden files, and what real tools say to them.

mod add_ons;
mod fields;
mod golden;
mod quoting;
mod real;
pub mod specs;
mod yaml;
