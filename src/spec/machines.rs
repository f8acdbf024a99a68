//! How large the machines are.

use super::Role;
use super::cluster::bounded;
use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::size;
use crate::t;

/// The size of a machine.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub cpus: u32,
    pub memory_mib: u32,
}

/// The processors and the MiB of memory that kubeadm's preflight asks of a control plane (kubernetes,
/// `cmd/kubeadm/app/constants`).
pub const LEAST_CONTROL_PLANE: (u32, u32) = (2, 1700);
const CONTROL_PLANE: Size = Size {
    cpus: LEAST_CONTROL_PLANE.0,
    memory_mib: LEAST_CONTROL_PLANE.1,
};
/// Less than this does not boot a current Linux distribution.
const WORKER: Size = Size {
    cpus: 1,
    memory_mib: 256,
};
/// A slip of the pen rather than a machine.
const MOST: Size = Size {
    cpus: 128,
    memory_mib: 1 << 20,
};

/// The size of a role's machines where the file does not say.
pub(super) const fn default_of(role: Role) -> Size {
    match role {
        Role::ControlPlane => Size {
            cpus: 2,
            memory_mib: 2048,
        },
        Role::Worker => Size {
            cpus: 1,
            memory_mib: 1024,
        },
    }
}

/// A size with what a table says instead.
pub(super) fn change(
    size: Size,
    section: &Section<'_>,
    role: Role,
    problems: &mut Vec<Diagnostic>,
) -> Option<Size> {
    let cpus = if section.has("cpus") {
        section
            .whole("cpus")
            .and_then(|cpus| check_cpus(&cpus, role, problems))
    } else {
        Some(size.cpus)
    };
    let memory_mib = if section.has("memory") {
        section
            .text("memory")
            .and_then(|memory| check_memory(&memory, role, problems))
    } else {
        Some(size.memory_mib)
    };
    Some(Size {
        cpus: cpus?,
        memory_mib: memory_mib?,
    })
}

fn check_cpus(written: &At<i64>, role: Role, problems: &mut Vec<Diagnostic>) -> Option<u32> {
    let least = CONTROL_PLANE.cpus;
    if role == Role::ControlPlane && (0..i64::from(least)).contains(&written.value) {
        problems.push(
            Diagnostic::new(
                written.place_or(&(0..0)),
                t!("spec.few-cpus", cpus = written.value),
                t!("spec.few-cpus-here", least = least),
            )
            .why(t!("spec.preflight-why"))
            .help(t!("spec.write", line = format!("cpus = {least}"))),
        );
        return None;
    }
    bounded("cpus", written, WORKER.cpus, MOST.cpus, problems)
}

fn check_memory(written: &At<&str>, role: Role, problems: &mut Vec<Diagnostic>) -> Option<u32> {
    let place = written.place_or(&(0..0));
    let value = shown(written.value);
    let mib = match size::parse_mib(written.value) {
        Ok(mib) => mib,
        Err(meant) => {
            let meant = meant.unwrap_or_else(|| "2GiB".to_owned());
            problems.push(
                Diagnostic::new(
                    place,
                    t!("spec.size-form", value = value),
                    t!("spec.size-form-here"),
                )
                .help(t!("spec.write", line = format!("memory = \"{meant}\""))),
            );
            return None;
        }
    };
    let least = match role {
        Role::ControlPlane => CONTROL_PLANE.memory_mib,
        Role::Worker => WORKER.memory_mib,
    };
    let problem = if mib > MOST.memory_mib {
        Diagnostic::new(
            place,
            t!("spec.much-memory", value = value),
            t!("spec.much-memory-here"),
        )
        .help(t!("spec.write", line = "memory = \"2GiB\""))
    } else if mib >= least {
        return Some(mib);
    } else {
        let label = t!("spec.little-memory-here", mib = mib, least = least);
        match role {
            Role::ControlPlane => Diagnostic::new(place, t!("spec.little-memory", value = value), label)
                .why(t!("spec.preflight-why"))
                .help(t!("spec.write", line = "memory = \"2GiB\"")),
            Role::Worker => Diagnostic::new(place, t!("spec.little-memory-worker", value = value), label)
                .help(t!("spec.write", line = "memory = \"1GiB\"")),
        }
    };
    problems.push(problem);
    None
}
