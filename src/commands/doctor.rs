//! `kprov doctor`: what is wrong with this computer.

use std::io::Write as _;
use std::net::{TcpStream, ToSocketAddrs as _};
use std::path::Path;
use std::time::Duration;
use std::{fs, thread};

use super::lab::Lab;
use super::{mend, world};
use crate::cli::{Doctor, Format, Global};
use crate::doctor::{self, Depth, Finding, Recorded, Recorder, Severity, ThisHost};
use crate::error::{Error, Exit, Result};
use crate::names::ClusterName;
use crate::platform;
use crate::spec::{self, Computer, Node, ReadError, Spec};
use crate::text;
use crate::transport::Cancel;
use crate::ui::Screen;
use crate::{t, ui};

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
        return mend::replan(global, &spec, &host, screen);
    }
    let findings = match &options.record {
        Some(file) => record(file, &host, &text, &spec)?,
        None => doctor::examine(&host, &spec, Depth::Full),
    };
    tell(global, &findings, &spec, screen)?;
    if options.fix {
        mend::fix(global, &findings, &spec, screen, cancel)?;
    }
    Ok(exit(&findings))
}

/// Examines a computer and writes down what it said.
fn record(file: &Path, host: &ThisHost, config: &str, spec: &Spec) -> Result<Vec<Finding>> {
    let recorder = Recorder::new(host, config);
    let findings = doctor::examine(&recorder, spec, Depth::Full);
    let text = recorder
        .finish(&findings)
        .to_text()
        .map_err(|error| Error::cannot_write(file, &error))?;
    // Names of the user and of networks are in it.
    let mut options = fs::File::options();
    options.write(true).create(true).truncate(true);
    platform::open_privately(&mut options);
    let written = options
        .open(file)
        .and_then(|mut opened| opened.write_all(text.as_bytes()));
    written.map_err(|error| Error::cannot_write(file, &error))?;
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

/// Stops before anything is touched where a machine could not be made or started. It costs a second, so it is for labs of
/// which some node does not answer: machines that run are their own proof.
pub(super) fn before_up(lab: &Lab, folder: &Path, screen: &Screen, cancel: &Cancel) -> Result<()> {
    if lab.workdir.path("known_hosts").exists() && all_answer(lab) {
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

/// How long a machine may take to answer: in its own network it takes a millisecond.
const DIAL: Duration = Duration::from_secs(1);

/// Whether every node takes connections at its SSH port.
fn all_answer(lab: &Lab) -> bool {
    let dial = |node: &Node| {
        let (endpoint, _) = world::access(lab, node);
        let mut addresses = (&*endpoint.host, endpoint.port).to_socket_addrs().ok()?;
        TcpStream::connect_timeout(&addresses.next()?, DIAL).ok()
    };
    thread::scope(|scope| {
        let nodes = lab.spec.nodes.iter();
        let dialled: Vec<_> = nodes
            .map(|node| scope.spawn(move || dial(node).is_some()))
            .collect();
        dialled.into_iter().all(|dialled| dialled.join().unwrap_or(false))
    })
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

/// The folder that the config lies in. Not by its canonical name: on Windows that begins with `\\?\`, and behind this
/// no path may have the `/` with which the doctor asks for what is below the folder.
pub(super) fn folder_of(file: &Path) -> std::path::PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned())
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
