//! kprov builds Kubernetes course labs from one `cluster.toml` and proves that they work.
//!
//! `cluster.toml` becomes a [`Spec`](spec::Spec). A pure function turns it into a [`Plan`](plan::Plan):
//! one lane of steps for every node. A [provider] makes machines exist, the [engine] walks all lanes at
//! once over [transports](transport) and emits [events](event), and the [ui] draws them. `verify` is a
//! plan like any other. The plot of `kprov up` is [`plan::up`].
//!
//! Each module uses only modules of the rows below its own:
//!
//! | modules | what is in them |
//! | --- | --- |
//! | [`commands`] | a file for each verb of the command line; the only place where all the others meet |
//! | [`engine`], [`provider`] | carries a plan out; makes machines, through Vagrant |
//! | [`ui`], [`doctor`] | screen, logs and reports; what is wrong with this computer |
//! | [`plan`], [`transport`], [`artifact`] | what is to be done; SSH and local programs; what nodes are sent, and where it comes from |
//! | [`render`], [`event`] | Vagrantfile, kubeadm's files, manifests; what a run tells |
//! | [`spec`], [`workdir`], [`problems`] | the config, checked; `.kprov/CLUSTER`; the table of known problems |
//! | [`cli`], [`text`], [`names`], [`error`], [`versions`] | options, sentences in two languages, and other words that all share |
//! | [`platform`] | what differs between Linux, macOS and Windows |
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
