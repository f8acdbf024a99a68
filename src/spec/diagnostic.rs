//! A problem of a config file, with the lines it points at.

use std::ops::Range;
use std::path::PathBuf;

/// One problem: where, what, why, and what to write instead.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// What is wrong, in one sentence.
    pub message: String,
    /// The place, as bytes of the file, and the words under it.
    pub place: (Range<usize>, String),
    /// Other places that disagree with the first, each with its words.
    pub also: Vec<(Range<usize>, String)>,
    /// Why it matters.
    pub why: Option<String>,
    /// What to write instead.
    pub help: Option<String>,
}

/// All problems of one file, in the order of its lines.
#[derive(Debug, Clone)]
pub struct Diagnostics {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Its text.
    pub source: String,
    /// At least one.
    pub problems: Vec<Diagnostic>,
}
