//! kprov builds Kubernetes course labs from one `cluster.toml` and proves that they work.
//!
//! `cluster.toml` becomes a [`Spec`](spec::Spec). A pure function turns it into a [`Plan`](plan::Plan):
//! one lane of steps for every node. A [provider] makes machines exist, the [engine] walks all lanes at
//! once over [transports](transport) and emits [events](event), and the [ui] draws them. `verify` is a
//! plan like any other. The plot of `kprov up` is [`plan::up`].
#![deny(missing_docs)]

pub mod artifact;
pub mod cli;
pub mod commands;
pub mod doctor;
pub mod engine;
pub mod error;
pub mod event;
pub mod names;
pub mod plan;
pub mod platform;
pub mod problems;
pub mod provider;
pub mod render;
pub mod spec;
pub mod text;
pub mod transport;
pub mod ui;
pub mod versions;
pub mod workdir;
