//! Hosts that exist already: whether they answer, and whether somebody else's cluster is on them.

use std::thread;

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, Said};
use crate::spec::{Node, Role};

/// Where a cluster's clients reach it.
const API: u16 = 6443;

pub(super) fn check(examination: &mut Examination) {
    if examination.depth == Depth::Quick {
        return;
    }
    let known = examination.is_known();
    let (host, spec) = (examination.host, examination.spec);
    // All at once: each that is switched off costs as long as an answer may take.
    let answers: Vec<(&Node, Option<Said>, Option<Said>)> = thread::scope(|scope| {
        let asked = spec.nodes.iter();
        let asked: Vec<_> = asked
            .map(|node| scope.spawn(move || ask(host, node, known)))
            .collect();
        let answers = asked.into_iter().filter_map(|asked| asked.join().ok());
        answers.collect()
    });
    for (node, ssh, api) in answers {
        let Some(host) = &node.host else { continue };
        let values = |port: u16| vec![("host", host.host.clone()), ("port", port.to_string())];
        let at = |port: u16| format!("{} ({}:{port})", node.name, host.host);
        match ssh {
            Some(said) if !said.ok || !said.text.starts_with("SSH-") => {
                let seen = format!("{}: {}", at(host.port), said.text);
                examination.find_with("KP-SSH-001", Stops, seen, values(host.port));
            }
            _ => {}
        }
        if api.is_some_and(|said| said.ok) {
            examination.find_with("KP-NET-004", Warns, at(API), values(API));
        }
    }
}

/// What a node says at its SSH port, and a control plane of a new cluster at the port that will be the API server's.
fn ask<'a>(host: &dyn super::Host, node: &'a Node, known: bool) -> (&'a Node, Option<Said>, Option<Said>) {
    let Some(own) = &node.host else {
        return (node, None, None);
    };
    let ssh = host.greeting(&own.host, own.port);
    let answers = ssh.as_ref().is_some_and(|said| said.ok);
    let api = (answers && !known && node.role == Role::ControlPlane)
        .then(|| host.greeting(&own.host, API))
        .flatten();
    (node, ssh, api)
}
