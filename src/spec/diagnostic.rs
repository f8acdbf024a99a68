//! A problem of a config file, with the lines it points at.

use std::ops::Range;
use std::path::PathBuf;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str};

use crate::t;

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

impl Diagnostic {
    /// A problem at a place, with the words under it.
    #[must_use]
    pub fn new(place: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: (place, label.into()),
            also: Vec::new(),
            why: None,
            help: None,
        }
    }

    /// Adds another place; one that is not written in the file adds nothing.
    #[must_use]
    pub fn also(mut self, place: Option<Range<usize>>, label: impl Into<String>) -> Self {
        self.also.extend(place.map(|place| (place, label.into())));
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn render(&self, path: &str, source: &str, renderer: &Renderer) -> String {
        let (place, label) = &self.place;
        let also = self.also.iter().map(|(place, label)| {
            AnnotationKind::Context
                .span(within(place, source))
                .label(label.as_str())
        });
        let snippet = Snippet::source(source)
            .path(path)
            .annotation(
                AnnotationKind::Primary
                    .span(within(place, source))
                    .label(label.as_str()),
            )
            .annotations(also);
        let mut group = Level::ERROR
            .with_name(t!("spec.level-error"))
            .primary_title(self.message.as_str())
            .element(snippet);
        if let Some(why) = &self.why {
            group = group.element(
                Level::NOTE
                    .with_name(t!("spec.level-note"))
                    .message(normalize_untrusted_str(why)),
            );
        }
        if let Some(help) = &self.help {
            group = group.element(
                Level::HELP
                    .with_name(t!("spec.level-help"))
                    .message(normalize_untrusted_str(help)),
            );
        }
        renderer.render(&[group])
    }
}

impl Diagnostics {
    /// The problems as a user reads them: each with its file, line and column, the lines it is about
    /// underlined, why it is one and what to write instead; at the end how many there are.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let path = self.file.display().to_string();
        let mut text = String::new();
        for problem in &self.problems {
            text += &problem.render(&path, &self.source, &renderer);
            text += "\n\n";
        }
        text + &match self.problems.len() {
            1 => t!("spec.one-problem", file = path),
            count => t!("spec.problems", file = path, count = count),
        } + "\n"
    }
}

/// The nearest range that lies in the source, on whole characters and on one line.
///
/// A place that spans lines, such as a list, would draw a frame around all of them.
fn within(place: &Range<usize>, source: &str) -> Range<usize> {
    let start = floor(source, place.start);
    let end = floor(source, place.end.max(start));
    let line = source[start..end].lines().next().unwrap_or_default();
    start..start + line.len()
}

fn floor(source: &str, at: usize) -> usize {
    (0..=at.min(source.len()))
        .rev()
        .find(|at| source.is_char_boundary(*at))
        .unwrap_or_default()
}

/// A text of the user's as a message may quote it: without control characters, and not endless.
pub(super) fn shown(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars().take(60) {
        if character.is_control() {
            short.extend(character.escape_default());
        } else {
            short.push(character);
        }
    }
    if text.chars().nth(60).is_some() {
        short.push('…');
    }
    short
}
