//! A verification as a whole, for readers who were not there, and the forms in which it is written.

use std::path::Path;

use serde::Serialize;

use super::picture::Picture;
use super::{Report, html, junit, markdown};
use crate::ui::Timeline;

/// What was proven, with what, and when.
#[derive(Debug, Clone, Serialize)]
pub struct About {
    /// The version of this report's form.
    pub format: u8,
    /// The version of kprov.
    pub kprov: String,
    /// The cluster's name.
    pub cluster: String,
    /// Its version of Kubernetes, as far as it is known.
    pub kubernetes: String,
    /// What made its machines, as far as it is known.
    pub provider: String,
    /// When the verification began: UTC, as RFC 3339 writes it, to the second.
    pub began: String,
}

/// A report with all that readers need who were not there.
#[derive(Debug, Clone)]
pub struct Proof {
    /// What it is about.
    pub about: About,
    /// What came of the checks.
    pub report: Report,
    /// The cluster as a drawing.
    pub picture: Picture,
    /// When each check was made.
    pub timeline: Timeline,
}

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One page that stands alone.
    Html,
    /// `JUnit`'s XML, for continuous integration.
    Junit,
    /// For programs.
    Json,
    /// To paste into an issue.
    Markdown,
}

impl Form {
    /// The form that a file's name asks for.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "html" | "htm" => Some(Self::Html),
            "xml" => Some(Self::Junit),
            "json" => Some(Self::Json),
            "md" | "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }
}

/// The published schema of the report in JSON.
pub const SCHEMA: &str = include_str!("../../../templates/schema/verify.json");

impl Proof {
    /// The report in a form. All but JSON is in the user's language.
    #[must_use]
    pub fn to(&self, form: Form) -> String {
        match form {
            Form::Html => html::draw(self),
            Form::Junit => junit::draw(self),
            Form::Json => format!("{:#}\n", self.to_value()),
            Form::Markdown => markdown::draw(self),
        }
    }

    /// The report as JSON, in English, as [`SCHEMA`] says.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        #[derive(Serialize)]
        struct Whole<'a> {
            #[serde(flatten)]
            about: &'a About,
            #[serde(flatten)]
            report: Report,
            picture: &'a Picture,
        }
        let whole = Whole {
            about: &self.about,
            report: self.report.english(),
            picture: &self.picture,
        };
        serde_json::to_value(whole).unwrap_or_default()
    }
}
