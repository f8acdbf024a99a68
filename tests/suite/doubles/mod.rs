//! kprov with doubles of the programs that make machines first on its PATH: what it calls, and what it makes of
//! their answers. No node ever answers, as there is no network.

mod auto;
mod boxes;
mod full;
mod libvirt;
mod server;
mod vagrant;
