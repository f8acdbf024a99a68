//! Memory, processors and disk against what the machines ask for.

use super::Severity::{Stops, Warns};
use super::{Depth, Examination, Host, Windows, virtualbox};
use crate::platform::System;
use crate::spec::{LEAST_CONTROL_PLANE, Provider};
use crate::t;

const MIB: u64 = 1024 * 1024;
/// What a machine's disk comes to after its first day: the box's clone, images and logs.
const DISK_MIB: u64 = 4 * 1024;
/// What a node in a container comes to, programs and images, and what kubelets want to be free beside all of them.
const CONTAINER_MIB: u64 = 1024;
/// What is left of a machine's for one that is there.
const MORE_MIB: u64 = 512;

pub(super) fn check(examination: &mut Examination) {
    if examination.provider.is_some() && examination.depth == Depth::Full {
        clock(examination);
    }
    if examination.provider == Some(Provider::Docker) && examination.depth == Depth::Full {
        containers(examination);
    }
    // Containers share what there is, and hosts that exist have what they have.
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
    let host = examination.host;
    let seen = match host.os() {
        System::Linux => {
            let question = ["show", "--property", "NTPSynchronized", "--value"];
            let said = host.run("timedatectl", &question);
            said.filter(|said| said.ok && said.text.trim() == "no")
                .map(|_| "timedatectl: NTPSynchronized=no".to_owned())
        }
        // Whether a Mac sets its clock only its administrator may ask; how wrong it is, everybody.
        System::Mac => host
            .run("sntp", &["-t", "1", "time.apple.com"])
            .filter(|said| said.ok)
            .and_then(|said| offset(&said.text))
            .filter(|seconds| seconds.abs() > CLOCK_SECONDS)
            .map(|seconds| format!("sntp: {seconds:+.0} s")),
        System::Windows => examination
            .windows
            .get("time")
            .filter(|kind| *kind == "NoSync")
            .map(|kind| format!("W32Time: {kind}")),
    };
    if let Some(seen) = seen {
        examination.find("KP-HOST-008", Warns, seen);
    }
}

/// How far a clock may be off: certificates are valid from the minute on in which they are made.
const CLOCK_SECONDS: f64 = 30.0;

/// The seconds of `+0.003451 +/- 0.022193 time.apple.com 17.253.14.125`.
fn offset(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains("+/-"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The memory in MiB that programs may still take; `None` where the system does not say.
#[must_use]
pub fn available_memory(host: &dyn Host) -> Option<u64> {
    memory_of(host, &Windows::ask(host))?.1
}

/// Total and available memory in MiB.
fn memory_of(host: &dyn Host, windows: &Windows) -> Option<(u64, Option<u64>)> {
    match host.os() {
        System::Linux => {
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
        System::Mac => {
            let bytes: u64 = host
                .run("sysctl", &["-n", "hw.memsize"])?
                .text
                .trim()
                .parse()
                .ok()?;
            let total = bytes / MIB;
            let said = host.run("memory_pressure", &["-Q"]);
            let available = said
                .and_then(|said| free_percent(&said.text))
                .map(|percent| total * percent / 100);
            Some((total, available))
        }
        System::Windows => {
            let free = windows.number("free-memory-kib").map(|kib| kib / 1024);
            Some((windows.number("memory")? / MIB, free))
        }
    }
}

/// The number of `System-wide memory free percentage: 61%`.
fn free_percent(text: &str) -> Option<u64> {
    let (_, percent) = text.split_once("free percentage:")?;
    percent.trim().split_once('%')?.0.parse().ok()
}

fn memory(examination: &mut Examination) {
    let wanted: u64 = examination
        .spec
        .nodes
        .iter()
        .map(|node| u64::from(node.memory_mib))
        .sum();
    let Some((total, available)) = memory_of(examination.host, &examination.windows) else {
        return;
    };
    if wanted >= total {
        let seen = t!("doctor.seen-memory", wanted = wanted, there = total);
        examination.find("KP-HOST-003", Stops, seen);
    } else if let Some(available) =
        available.filter(|available| wanted > *available && !examination.is_known())
    {
        // Machines that run have theirs already.
        let seen = t!("doctor.seen-free-memory", wanted = wanted, there = available);
        examination.find("KP-HOST-010", Warns, seen);
    }
}

/// What kubeadm asks of a control plane it asks of this computer, if that is in a container.
fn containers(examination: &mut Examination) {
    let count = processors_of(examination.host);
    let memory = memory_of(examination.host, &examination.windows).map(|(total, _)| total);
    let (least_processors, least_memory) = LEAST_CONTROL_PLANE;
    let few = count.is_some_and(|count| count < least_processors);
    let little = memory.is_some_and(|total| total < u64::from(least_memory));
    if few || little {
        let processors = count.unwrap_or(least_processors);
        let memory = memory.unwrap_or_else(|| u64::from(least_memory));
        let seen = t!("doctor.seen-computer", processors = processors, memory = memory);
        examination.find("KP-DOCKER-008", Stops, seen);
    }
    let root = ["info", "--format", "{{.DockerRootDir}}"];
    let said = examination.host.run("docker", &root).filter(|said| said.ok);
    let folder = said.map(|said| said.text.trim().to_owned());
    let Some(folder) = folder.filter(|folder| !folder.is_empty()) else {
        return;
    };
    let nodes = u64::try_from(examination.spec.nodes.len()).unwrap_or(u64::MAX);
    let new = if examination.is_known() { 0 } else { nodes };
    let wanted = (new + 1) * CONTAINER_MIB;
    if let Some(free) = free_disk(examination, &folder).filter(|free| *free < wanted) {
        let seen = t!("doctor.seen-disk", folder = folder, wanted = wanted, there = free);
        examination.find("KP-DOCKER-009", Stops, seen);
    }
}

fn processors_of(host: &dyn Host) -> Option<u32> {
    let count = match host.os() {
        System::Linux => host.run("nproc", &[]),
        System::Mac => host.run("sysctl", &["-n", "hw.ncpu"]),
        System::Windows => host
            .env("NUMBER_OF_PROCESSORS")
            .map(|text| super::Said { ok: true, text }),
    };
    count.and_then(|said| said.text.trim().parse().ok())
}

fn processors(examination: &mut Examination) {
    let most = examination
        .spec
        .nodes
        .iter()
        .map(|node| node.cpus)
        .max()
        .unwrap_or_default();
    if let Some(count) = processors_of(examination.host).filter(|count| most > *count) {
        let seen = t!("doctor.seen-processors", wanted = most, there = count);
        examination.find("KP-HOST-005", Stops, seen);
    }
}

fn disk(examination: &mut Examination) {
    let each = if examination.is_known() {
        MORE_MIB
    } else {
        DISK_MIB
    };
    let wanted = each * u64::try_from(examination.spec.nodes.len()).unwrap_or(u64::MAX);
    let places = [machine_folder(examination), Some(examination.host.folder())];
    let found = places
        .into_iter()
        .flatten()
        .find_map(|folder| free_disk(examination, &folder).map(|free| (folder, free)));
    if let Some((folder, free)) = found.filter(|(_, free)| *free < wanted) {
        let seen = t!("doctor.seen-disk", folder = folder, wanted = wanted, there = free);
        examination.find("KP-HOST-004", Stops, seen);
    }
}

/// Where the machines' disks are.
fn machine_folder(examination: &Examination) -> Option<String> {
    match examination.provider {
        Some(Provider::Libvirt) => Some("/var/lib/libvirt/images".to_owned()),
        _ => virtualbox::machine_folder(examination),
    }
}

/// The room on the disk that a folder lies on, in MiB.
fn free_disk(examination: &Examination, folder: &str) -> Option<u64> {
    if examination.host.os() == System::Windows {
        // \\?\C:\lab is C:\lab in the form that has no limit to its length.
        let drive = folder.trim_start_matches(r"\\?\").split_once(':')?.0;
        let mut drives = examination
            .windows
            .all("drive")
            .filter_map(|drive| drive.split_once(' '));
        let (_, free) = drives.find(|(name, _)| name.eq_ignore_ascii_case(drive))?;
        return Some(free.parse::<u64>().ok()? / MIB);
    }
    let said = examination.host.run("df", &["-Pk", folder])?;
    let free = said.text.lines().last()?.split_whitespace().nth(3)?;
    free.parse::<u64>().ok().map(|kib| kib / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mac_says_is_read() {
        assert_eq!(
            offset("+0.003451 +/- 0.022193 time.apple.com 17.253.14.125\n"),
            Some(0.003_451)
        );
        assert_eq!(
            offset("sntp 4.2.8\n-75.250000 +/- 0.1 time.apple.com 17.253.14.125\n"),
            Some(-75.25)
        );
        assert_eq!(offset("sntp: timed out\n"), None);
        let said = "The system has 17179869184 (1048576 pages with a page size of 16384).\n\
                    System-wide memory free percentage: 61%\n";
        assert_eq!(free_percent(said), Some(61));
    }
}
