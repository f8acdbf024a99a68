//! `kprov doctor`: what is wrong with this computer, and the safe part of putting it right.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::cli::{Doctor, Format, Global};
use crate::doctor::{self, Depth, Finding, Recorded, Recorder, Severity, ThisHost};
use crate::error::{Error, Exit, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::spec::{self, Computer, ReadError, Spec};
use crate::text;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::{t, ui};

/// Where `VirtualBox` reads its ranges from.
const NETWORKS_CONF: &str = "/etc/vbox/networks.conf";

pub(super) fn run(global: &Global, options: &Doctor, screen: &Screen, cancel: &Cancel) -> Result<Exit> {
    if let Some(file) = &options.recorded {
        let (recorded, spec) = recorded(file)?;
        let findings = doctor::examine(&recorded, &spec, Depth::Full);
        tell(global, &findings, &spec, screen)?;
        return Ok(exit(&findings));
    }
    let (text, spec) = config(&global.file)?;
    let folder = folder_of(&global.file);
    let host = ThisHost {
        cancel,
        folder: &folder,
    };
    if options.replan {
        return replan(global, &spec, &host, screen);
    }
    let findings = match &options.record {
        Some(file) => record(file, &host, &text, &spec)?,
        None => doctor::examine(&host, &spec, Depth::Full),
    };
    tell(global, &findings, &spec, screen)?;
    if options.fix {
        fix(global, &findings, &spec, screen)?;
    }
    Ok(exit(&findings))
}

/// Examines a computer and writes down what it said.
fn record(file: &Path, host: &ThisHost, config: &str, spec: &Spec) -> Result<Vec<Finding>> {
    let recorder = Recorder::new(host, config);
    let findings = doctor::examine(&recorder, spec, Depth::Full);
    let cannot = |error: &dyn std::error::Error| Error::cannot_write(file, error);
    let text = recorder
        .finish(&findings)
        .to_text()
        .map_err(|error| cannot(&error))?;
    // Names of the user and of networks are in it.
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    platform::open_privately(&mut options);
    let written = options
        .open(file)
        .and_then(|mut opened| opened.write_all(text.as_bytes()));
    written.map_err(|error| cannot(&error))?;
    Ok(findings)
}

/// A computer that was examined elsewhere, and the config of its lab.
fn recorded(file: &Path) -> Result<(Recorded, Spec)> {
    let text =
        fs::read_to_string(file).map_err(|error| Error::cannot_read(file, &error).exits(Exit::Usage))?;
    let recorded = Recorded::parse(&text).map_err(|error| {
        Error::usage(t!("doctor.no-recording", path = file.display()))
            .cause(&error)
            .hint(t!("doctor.no-recording-hint"))
    })?;
    let spec = spec::parse(file, &recorded.cluster, &Computer::default())
        .map_err(|problems| Error::new(Exit::Usage, problems.render(true)))?;
    Ok((recorded, spec))
}

fn tell(global: &Global, findings: &[Finding], spec: &Spec, screen: &Screen) -> Result<()> {
    if global.format == Format::Json {
        let values: Vec<_> = findings
            .iter()
            .map(|finding| text::in_english(|| json(finding)))
            .collect();
        return screen.data(&format!("{:#}\n", serde_json::Value::from(values)));
    }
    if findings.is_empty() {
        screen.say(&t!("doctor.healthy", cluster = spec.name));
    } else {
        show(findings, screen);
    }
    Ok(())
}

/// Stops before anything is touched where the first machine could not be made. It costs a second, so it is for labs of
/// which no node was ever reached: a cluster that runs is its own proof.
pub(super) fn before_up(
    lab: &super::lab::Lab,
    folder: &Path,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<()> {
    if lab.workdir.path("known_hosts").exists() {
        return Ok(());
    }
    let mut spec = lab.spec.clone();
    spec.provider = lab.provider;
    let host = ThisHost { cancel, folder };
    let findings = doctor::examine(&host, &spec, Depth::Quick);
    if findings.is_empty() {
        return Ok(());
    }
    show(&findings, screen);
    match exit(&findings) {
        Exit::Done => Ok(()),
        _ => Err(Error::host(t!("doctor.before-up")).hint(t!("doctor.before-up-hint"))),
    }
}

fn exit(findings: &[Finding]) -> Exit {
    if findings.iter().any(|finding| finding.severity == Severity::Stops) {
        Exit::Host
    } else {
        Exit::Done
    }
}

/// The config and its text, without what it is held against: that is what the doctor looks at. Without a file the one
/// that `init` would write.
fn config(file: &Path) -> Result<(String, Spec)> {
    let nowhere = Computer {
        interfaces: Vec::new(),
        host_only_ranges: None,
        ..Computer::this()
    };
    if !file.exists() {
        let name = ClusterName::new("k8s-lab").expect("an RFC 1123 label");
        let text = spec::init(&name, &nowhere, text::spoken());
        let spec = spec::parse(file, &text, &nowhere)
            .map_err(|problems| Error::new(Exit::Usage, problems.render(true)))?;
        return Ok((text, spec));
    }
    let spec = spec::read(file, &nowhere).map_err(|error| match error {
        ReadError::File(error) => error,
        ReadError::Diagnostics(problems) => Error::new(Exit::Usage, problems.render(true)),
    })?;
    let text =
        fs::read_to_string(file).map_err(|error| Error::cannot_read(file, &error).exits(Exit::Usage))?;
    Ok((text, spec))
}

/// The folder that the config lies in.
pub(super) fn folder_of(file: &Path) -> std::path::PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

fn show(findings: &[Finding], screen: &Screen) {
    for finding in findings {
        let word = match finding.severity {
            Severity::Stops => t!("doctor.stops"),
            Severity::Warns => t!("doctor.warns"),
        };
        screen.insist(&ui::finding(
            finding.severity == Severity::Stops,
            &word,
            finding.id,
            &finding.title(),
            &[
                format!("{} {}", t!("doctor.seen"), finding.seen),
                finding.why(),
                finding.advice(),
            ],
        ));
    }
    let count = |severity| {
        findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .count()
    };
    screen.say(&t!(
        "doctor.summary",
        stops = count(Severity::Stops),
        warns = count(Severity::Warns)
    ));
}

fn json(finding: &Finding) -> serde_json::Value {
    serde_json::json!({
        "id": finding.id, "severity": finding.severity.name(), "title": finding.title(),
        "seen": text::english(&finding.seen), "why": finding.why(), "do": finding.advice(),
    })
}

/// The one thing that is safe and that kprov can do: allow the lab's own range, and keep what is allowed.
fn fix(global: &Global, findings: &[Finding], spec: &Spec, screen: &Screen) -> Result<()> {
    if !findings.iter().any(|finding| finding.id == "KP-VBOX-008") {
        screen.say(&t!("doctor.nothing-to-fix"));
        return Ok(());
    }
    let before = fs::read_to_string(NETWORKS_CONF).unwrap_or_default();
    let line = doctor::allowed_line(&before, spec.network.nodes);
    let question = t!("doctor.fix-question", line = line, path = NETWORKS_CONF);
    if !global.yes && !screen.confirm(&question, &mut io::stdin().lock()) {
        screen.say(&t!("doctor.not-changed"));
        return Ok(());
    }
    // Comments stay; the ranges that they stand beside are in the new line.
    let comments: String = before
        .lines()
        .filter(|line| !line.trim_start().starts_with('*'))
        .map(|line| line.to_owned() + "\n")
        .collect();
    let path = Path::new(NETWORKS_CONF);
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, format!("{comments}{line}\n")));
    written.map_err(|error| {
        Error::host(t!("doctor.fix-root", path = NETWORKS_CONF, line = line)).cause(&error)
    })?;
    screen.say(&t!("doctor.fixed", path = NETWORKS_CONF));
    Ok(())
}

/// Moves the lab to a range that nobody uses, in the config file itself.
fn replan(global: &Global, spec: &Spec, host: &ThisHost, screen: &Screen) -> Result<Exit> {
    let from = spec.network.nodes;
    if !doctor::network_collides(host, spec) {
        screen.say(&t!("doctor.no-replan", from = from));
        return Ok(Exit::Done);
    }
    let computer = Computer::this();
    let mut taken = doctor::taken(host);
    taken.extend(computer.interfaces.iter().map(|interface| interface.net));
    taken.extend([spec.network.pods, spec.network.services]);
    let to = spec::free_like(from, &taken).filter(|net| computer.allows_host_only(*net));
    let to = to.ok_or_else(|| Error::host(t!("doctor.no-free-network")))?;
    let question = t!("doctor.replan-question", from = from, to = to);
    if !global.yes && !screen.confirm(&question, &mut io::stdin().lock()) {
        screen.say(&t!("doctor.not-changed"));
        return Ok(Exit::Interrupted);
    }
    let cannot = |error: &io::Error| Error::cannot_write(&global.file, error);
    let text = fs::read_to_string(&global.file).map_err(|error| cannot(&error))?;
    let moved =
        spec::replan(&text, from, to).filter(|moved| spec::parse(&global.file, moved, &computer).is_ok());
    let moved = moved.ok_or_else(|| Error::usage(t!("doctor.unreadable-after")))?;
    fs::write(&global.file, moved).map_err(|error| cannot(&error))?;
    screen.say(&t!("doctor.replanned", path = global.file.display(), to = to));
    Ok(Exit::Done)
}
