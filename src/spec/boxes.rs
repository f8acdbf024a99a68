//! The boxes that machines are made of: those of the guest, in order, or the user's own.

use std::ops::Range;

use super::diagnostic::{Diagnostic, shown};
use super::document::{At, Section};
use super::guests::{self, Guest};
use super::read::Base;
use super::references::{is_box_address, is_checksum, is_word};
use super::{MachineBox, Provider};
use crate::t;

/// The boxes of a provider, in the order in which they are tried; none where the guest has none for it.
pub(super) fn read(
    section: &Section<'_>,
    provider: Provider,
    guest: Option<&Guest>,
    base: &Base<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<MachineBox> {
    let before = problems.len();
    let own = own(section, base, problems);
    if problems.len() > before {
        return Vec::new();
    }
    if !own.name.is_empty() {
        return vec![own];
    }
    let mut boxes = match guest {
        Some(guest) => guest.boxes(provider, base.arch()),
        // On a processor for which nobody makes boxes, Vagrant says so.
        None => guests::usual(provider).map_or_else(Vec::new, |guest| {
            let own = guest.boxes(provider, base.arch());
            if own.is_empty() {
                guest.boxes(provider, "amd64")
            } else {
                own
            }
        }),
    };
    if own.version.is_some() {
        // It is the version of that one; others count differently.
        boxes.truncate(1);
        for first in &mut boxes {
            first.version.clone_from(&own.version);
        }
    }
    boxes
}

/// What the table says of a box; its name is empty where it says nothing.
fn own(section: &Section<'_>, base: &Base<'_>, problems: &mut Vec<Diagnostic>) -> MachineBox {
    let name = section.text("box");
    let url = section.text("box_url");
    let version = section.text("box_version");
    let sha256 = section.text("box_sha256");
    let found = [
        name.as_ref().and_then(|name| wrong_name(name, url.as_ref())),
        url.as_ref().and_then(|url| wrong_address(url, name.is_some())),
        version
            .as_ref()
            .and_then(|version| wrong_version(version).or_else(|| version_of_a_file(version, url.as_ref()?))),
        wrong_sum(sha256.as_ref(), url.as_ref()),
    ];
    for problem in found.into_iter().flatten() {
        // One word about each place.
        if problems.iter().all(|other| other.place.0 != problem.place.0) {
            problems.push(problem);
        }
    }
    MachineBox {
        name: name.map_or_else(String::new, |name| name.value.to_owned()),
        url: url.map(|url| {
            if url.value.contains("://") {
                url.value.to_owned()
            } else {
                base.path(url.value).to_string_lossy().into_owned()
            }
        }),
        version: version.map(|version| version.value.to_owned()),
        sha256: sha256.map(|sum| sum.value.to_ascii_lowercase()),
    }
}

fn place(written: &At<&str>) -> Range<usize> {
    written.place_or(&(0..0))
}

/// Whether what stands for a name is the place of a file.
fn is_place(text: &str) -> bool {
    let ends = std::path::Path::new(text).extension();
    let is_file =
        ends.is_some_and(|ends| ends.eq_ignore_ascii_case("box") || ends.eq_ignore_ascii_case("json"));
    is_file || text.contains("://") || text.starts_with(['.', '/', '~', '\\'])
}

fn wrong_name(name: &At<&str>, url: Option<&At<&str>>) -> Option<Diagnostic> {
    if is_place(name.value) && url.is_none() {
        let message = t!("spec.box-is-a-place", value = shown(name.value));
        let lines = format!("box = \"lab\"\nbox_url = \"{}\"", name.value);
        return Some(
            Diagnostic::new(place(name), message, t!("spec.box-is-a-place-here"))
                .why(t!("spec.box-name-why"))
                .help(t!("spec.add", lines = lines)),
        );
    }
    (!is_word(name.value)).then(|| wrong(name, "box", t!("spec.form-word"), "bento/ubuntu-24.04"))
}

fn wrong_address(url: &At<&str>, named: bool) -> Option<Diagnostic> {
    if !is_box_address(url.value) {
        let example = "https://boxes.example/lab.box";
        return Some(wrong(url, "box_url", t!("spec.form-box-address"), example));
    }
    (!named).then(|| {
        Diagnostic::new(
            place(url),
            t!("spec.box-without-name"),
            t!("spec.box-without-name-here"),
        )
        .why(t!("spec.box-name-why"))
        .help(t!("spec.add", lines = "box = \"lab\""))
    })
}

fn wrong_version(version: &At<&str>) -> Option<Diagnostic> {
    let right = is_word(version.value);
    (!right).then(|| wrong(version, "box_version", t!("spec.form-word"), "202510.26.0"))
}

/// Only a catalogue, which is JSON, knows versions.
fn version_of_a_file(version: &At<&str>, url: &At<&str>) -> Option<Diagnostic> {
    (!is_catalogue(url.value)).then(|| {
        Diagnostic::new(
            place(version),
            t!("spec.box-version-of-file"),
            t!("spec.box-version-of-file-here"),
        )
        .also(url.at.clone(), t!("spec.box-version-of-file-url"))
        .help(t!("spec.box-version-of-file-help"))
    })
}

/// A sum belongs to a file that is named; what comes unencrypted has to have one.
fn wrong_sum(sum: Option<&At<&str>>, url: Option<&At<&str>>) -> Option<Diagnostic> {
    let file = url.filter(|url| !is_catalogue(url.value));
    match (sum, file) {
        (Some(sum), _) if !is_checksum(sum.value) => {
            let example = "0".repeat(64);
            Some(wrong(sum, "box_sha256", t!("spec.form-sha256"), &example))
        }
        (Some(sum), None) => Some(
            Diagnostic::new(
                place(sum),
                t!("spec.box-sum-of-nothing"),
                t!("spec.box-sum-of-nothing-here"),
            )
            .also(url.and_then(|url| url.at.clone()), t!("spec.box-sum-catalogue"))
            .help(t!("spec.box-sum-of-nothing-help")),
        ),
        (None, Some(url)) if url.value.starts_with("http://") => Some(
            Diagnostic::new(
                place(url),
                t!("spec.box-without-sum"),
                t!("spec.box-without-sum-here"),
            )
            .help(t!(
                "spec.add",
                lines = format!("box_sha256 = \"{}\"", t!("spec.box-sum-example"))
            )),
        ),
        _ => None,
    }
}

fn is_catalogue(url: &str) -> bool {
    let path = url.split('?').next().unwrap_or(url);
    std::path::Path::new(path)
        .extension()
        .is_some_and(|ends| ends.eq_ignore_ascii_case("json"))
}

fn wrong(written: &At<&str>, key: &str, label: String, example: &str) -> Diagnostic {
    let message = t!("spec.form", key = key, value = shown(written.value));
    Diagnostic::new(place(written), message, label)
        .help(t!("spec.write", line = format!("{key} = \"{example}\"")))
}
