//! Memory, processors and disk against what the machines ask for.

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, Os};
use crate::spec::Provider;

const MIB: u64 = 1024 * 1024;
/// What a machine's disk comes to after its first day: the box's clone, images and logs.
const DISK_MIB: u64 = 4 * 1024;

pub(super) fn check(examination: &mut Examination) {
    if examination.provider.is_some() && examination.depth == Depth::Full {
        clock(examination);
    }
    // Containers take what they need, and hosts that exist have what they have.
    let machines = matches!(
        examination.provider,
        Some(Provider::Virtualbox | Provider::Libvirt)
    );
    if !machines || examination.depth == Depth::Quick {
        return;
    }
    memory(examination);
    processors(examination);
    disk(examination);
}

/// A clock that nobody sets drifts, and what the nodes trust is dated.
fn clock(examination: &mut Examination) {
    if examination.host.os() != Os::Linux {
        return;
    }
    let question = ["show", "--property", "NTPSynchronized", "--value"];
    let said = examination.host.run("timedatectl", &question);
    if said.is_some_and(|said| said.ok && said.text.trim() == "no") {
        examination.find("KP-HOST-008", Warns, "timedatectl: NTPSynchronized=no");
    }
}

/// Total and available memory in MiB.
fn memory_of(examination: &Examination) -> Option<(u64, Option<u64>)> {
    let host = examination.host;
    match host.os() {
        Os::Linux => {
            let text = host.read("/proc/meminfo")?;
            let of = |key: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(key))?;
                line.split_whitespace()
                    .next()?
                    .parse::<u64>()
                    .ok()
                    .map(|kib| kib / 1024)
            };
            Some((of("MemTotal:")?, of("MemAvailable:")))
        }
        Os::Macos => {
            let bytes: u64 = host
                .run("sysctl", &["-n", "hw.memsize"])?
                .text
                .trim()
                .parse()
                .ok()?;
            Some((bytes / MIB, None))
        }
        Os::Windows => {
            let question = "(Get-CimInstance Win32_ComputerSystem).TotalPhysicalMemory";
            let said = host.run("powershell", &["-NoProfile", "-Command", question])?;
            Some((said.text.trim().parse::<u64>().ok()? / MIB, None))
        }
    }
}

fn memory(examination: &mut Examination) {
    let wanted: u64 = examination
        .spec
        .nodes
        .iter()
        .map(|node| u64::from(node.memory_mib))
        .sum();
    let Some((total, available)) = memory_of(examination) else {
        return;
    };
    if wanted >= total {
        examination.find("KP-HOST-003", Stops, format!("{wanted} MiB, {total} MiB"));
    } else if let Some(available) = available.filter(|available| wanted > *available) {
        examination.find("KP-HOST-010", Warns, format!("{wanted} MiB, {available} MiB"));
    }
}

fn processors(examination: &mut Examination) {
    let host = examination.host;
    let count = match host.os() {
        Os::Linux => host.run("nproc", &[]),
        Os::Macos => host.run("sysctl", &["-n", "hw.ncpu"]),
        Os::Windows => host
            .env("NUMBER_OF_PROCESSORS")
            .map(|text| super::Said { ok: true, text }),
    };
    let count = count.and_then(|said| said.text.trim().parse::<u32>().ok());
    let most = examination
        .spec
        .nodes
        .iter()
        .map(|node| node.cpus)
        .max()
        .unwrap_or_default();
    if let Some(count) = count.filter(|count| most > *count) {
        examination.find("KP-HOST-005", Stops, format!("{most}, {count}"));
    }
}

fn disk(examination: &mut Examination) {
    if examination.host.os() == Os::Windows {
        return;
    }
    let folder = examination.host.folder();
    let Some(said) = examination.host.run("df", &["-Pk", &folder]) else {
        return;
    };
    let free = said
        .text
        .lines()
        .last()
        .and_then(|line| line.split_whitespace().nth(3));
    let wanted = DISK_MIB * u64::try_from(examination.spec.nodes.len()).unwrap_or(u64::MAX);
    if let Some(free) = free.and_then(|kib| kib.parse::<u64>().ok()).map(|kib| kib / 1024)
        && free < wanted
    {
        examination.find("KP-HOST-004", Stops, format!("{wanted} MiB, {free} MiB"));
    }
}
