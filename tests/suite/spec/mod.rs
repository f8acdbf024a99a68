//! Config files as users write them: right ones become a `Spec`, wrong ones every diagnostic at once.

mod examples;
mod invalid;
mod labs;
mod mutations;

use std::path::PathBuf;

use kprov::spec::{Computer, Interface};

/// A computer in a network that no example uses, where `VirtualBox` has its usual limit.
fn computer() -> Computer {
    Computer {
        interfaces: vec![interface("eth0", "192.168.178.20", "192.168.178.0/24")],
        host_only_ranges: Some(vec!["192.168.56.0/21".parse().unwrap()]),
        user: Some("student".to_owned()),
        home: Some(PathBuf::from("/home/student")),
        arch: None,
    }
}

fn interface(name: &str, address: &str, net: &str) -> Interface {
    Interface {
        name: name.to_owned(),
        address: address.parse().unwrap(),
        net: net.parse().unwrap(),
    }
}

/// The files and directories of a directory of the repository, sorted.
fn entries(directory: &str) -> Vec<PathBuf> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(directory);
    let entries = std::fs::read_dir(&directory).expect("the directory is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The cluster files of `examples/`.
fn examples() -> Vec<PathBuf> {
    entries("examples")
        .into_iter()
        .filter(|path| path.is_file())
        .collect()
}
