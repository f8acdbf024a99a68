//! What `kprov render` writes: golden files, and what real tools say to them.

mod fields;
mod golden;
mod quoting;
mod real;
mod specs;
mod yaml;
