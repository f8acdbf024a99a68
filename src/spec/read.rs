//! From a file to a [`Spec`], or to all of its problems at once.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::document::Section;
use super::schema::{TABLES, Table};
use super::{
    Computer, Diagnostic, Diagnostics, Spec, cluster, network, nodes, runtime, settings, shape, syntax,
};
use crate::error::Error;
use crate::t;

/// Why a config file gave no [`Spec`].
#[derive(Debug, Clone)]
pub enum ReadError {
    /// The file could not be read at all.
    File(Error),
    /// It could, and has mistakes.
    Diagnostics(Diagnostics),
}

/// Reads and checks a config file.
///
/// # Errors
/// [`ReadError::File`] when there is no such file, or no text in it; [`ReadError::Diagnostics`] otherwise.
pub fn read(file: &Path, computer: &Computer) -> Result<Spec, ReadError> {
    parse(file, &text_of(file)?, computer).map_err(ReadError::Diagnostics)
}

/// The text of a config file.
pub(super) fn text_of(file: &Path) -> Result<String, ReadError> {
    let bytes = fs::read(file).map_err(|error| ReadError::File(unreadable(file, &error)))?;
    text_in(file, bytes).map_err(|error| ReadError::File(error.hint(t!("spec.not-text-hint"))))
}

/// The text in a file's bytes, or which encoding an editor seems to have given it instead.
fn text_in(file: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    // Where all letters are ASCII, UTF-16 without a mark passes for UTF-8 with a NUL beside each.
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.contains(&0) {
        return Err(Error::usage(t!("spec.utf-16", file = file.display())));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        Error::usage(t!("spec.not-text", file = file.display(), line = line))
    })
}

fn unreadable(file: &Path, error: &std::io::Error) -> Error {
    if error.kind() == ErrorKind::NotFound {
        return Error::usage(t!("spec.no-file", file = file.display())).hint(t!("spec.no-file-hint"));
    }
    Error::usage(t!("spec.unreadable", file = file.display()))
        .cause(error)
        .hint(t!("spec.unreadable-hint"))
}

/// Checks the text of a config file; `file` is what its relative paths start from.
///
/// # Errors
/// Every problem that the text has, in the order of its lines.
pub fn parse(file: &Path, text: &str, computer: &Computer) -> Result<Spec, Diagnostics> {
    document(file, text, TABLES, &|root, problems| {
        spec(file, root, computer, problems)
    })
}

/// What `meaning` makes of a file with these tables, if it has no problem.
pub(super) fn document<T>(
    file: &Path,
    text: &str,
    tables: &[Table],
    meaning: &dyn Fn(&DeTable<'_>, &mut Vec<Diagnostic>) -> Option<T>,
) -> Result<T, Diagnostics> {
    let (root, errors) = DeTable::parse_recoverable(text);
    let root = root.get_ref();
    let syntax = syntax::diagnose(&errors, root, text);
    let mut problems = Vec::new();
    let read = if syntax.lost {
        None
    } else {
        shape::check(tables, root, text, &mut problems);
        meaning(root, &mut problems)
    };
    // What stands on a line with broken TOML was not read as it was meant.
    let broken: Vec<_> = syntax
        .problems
        .iter()
        .map(|problem| lines(&problem.place.0, text))
        .collect();
    problems.retain(|problem| {
        let mut places = std::iter::once(&problem.place).chain(&problem.also);
        !places.any(|(place, _)| broken.iter().any(|line| line.contains(&place.start)))
    });
    problems.extend(syntax.problems);
    match read {
        Some(read) if problems.is_empty() => Ok(read),
        _ => {
            problems.sort_by_key(|problem| problem.place.0.start);
            Err(Diagnostics {
                file: file.to_owned(),
                source: text.to_owned(),
                problems,
            })
        }
    }
}

/// The whole lines that a place is on.
fn lines(place: &Range<usize>, text: &str) -> Range<usize> {
    let start = text.get(..place.start).and_then(|before| before.rfind('\n'));
    let end = text.get(place.end..).and_then(|after| after.find('\n'));
    start.map_or(0, |newline| newline + 1)..end.map_or(text.len(), |newline| place.end + newline) + 1
}

/// `None` only where `problems` say why.
fn spec<'a>(
    file: &Path,
    root: &'a DeTable<'a>,
    computer: &Computer,
    problems: &mut Vec<Diagnostic>,
) -> Option<Spec> {
    let cluster = cluster::read(&Section::named(root, "cluster"), problems);
    if let Some(provider) = &cluster.provider {
        shape::check_provider(root, provider, problems);
    }
    let network = network::read(
        root,
        cluster.provider.as_ref(),
        cluster.kubernetes,
        computer,
        problems,
    );
    let base = Base::of(file, computer);
    let nodes = nodes::read(root, cluster.provider.as_ref(), &network, &base, problems);
    let kubernetes = cluster.kubernetes;
    let provider = cluster.provider.as_ref().map(|provider| provider.value);
    let settings = settings::read(root, &base, provider, kubernetes, problems);
    if let Some(runtime) = &cluster.runtime {
        runtime::check(runtime, root, problems);
    }
    Some(Spec {
        file: file.to_owned(),
        name: cluster.name?,
        kubernetes: kubernetes?,
        provider: cluster.provider?.value,
        runtime: cluster.runtime?.value,
        boot_parallelism: cluster.boot_parallelism,
        network: network.finish()?,
        nodes: nodes?,
        virtualbox: settings.virtualbox,
        libvirt: settings.libvirt,
        docker: settings.docker,
        artifacts: settings.artifacts,
        verify: settings.verify,
    })
}

/// What paths and users in the file are relative to.
pub(super) struct Base<'a> {
    directory: PathBuf,
    /// The computer that kprov runs on.
    pub computer: &'a Computer,
}

impl<'a> Base<'a> {
    fn of(file: &Path, computer: &'a Computer) -> Self {
        let directory = file.parent().unwrap_or(Path::new(""));
        Self {
            // Fails only for an empty path in a directory that is gone; then the path stays as it is.
            directory: std::path::absolute(Path::new(".").join(directory)).unwrap_or(directory.to_owned()),
            computer,
        }
    }

    /// The architecture that boxes are chosen for, as Go names it.
    pub fn arch(&self) -> &str {
        self.computer.arch.as_deref().unwrap_or("amd64")
    }

    /// A path as the file has it, made absolute: `~/` is the home directory, the rest starts at the file.
    pub fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), &self.computer.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => self.directory.join(text),
        }
    }
}
