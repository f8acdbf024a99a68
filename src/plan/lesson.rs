//! The lesson of `kprov verify --explain`: what is typed on each of its pages.

use serde::Deserialize;

use crate::spec::Spec;

const PAGES: &str = include_str!("../../templates/lesson/pages.toml");
const RUN: &str = include_str!("../../templates/lesson/run.sh");

/// A page; its words are the messages `lesson.ID-title`, `-text` and `-look`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Which page.
    pub id: String,
    /// What is typed, in order.
    pub commands: Vec<String>,
    /// A command that prints an address, which this computer then asks for its page.
    pub request: Option<String>,
    /// The checks of `kprov verify` that prove the same.
    pub checks: Vec<String>,
}

/// The pages in their order, for this cluster.
///
/// # Panics
/// Never: the file is a part of the program, and a test reads it.
#[must_use]
pub fn pages(spec: &Spec) -> Vec<Page> {
    #[derive(Deserialize)]
    struct File {
        page: Vec<Page>,
    }
    let book: File = toml::from_str(PAGES).expect("the pages are read by a test");
    let worker = spec
        .workers()
        .next()
        .unwrap_or_else(|| spec.first_control_plane());
    let filled = |text: &str| {
        text.replace("{worker}", worker.name.as_str())
            .replace("{address}", &worker.address.to_string())
            .replace("{image}", &spec.verify.image)
            .replace("{runtime}", spec.runtime.name())
    };
    let mut pages = book.page;
    for page in &mut pages {
        page.commands = page.commands.iter().map(|command| filled(command)).collect();
        page.request = page.request.as_deref().map(filled);
    }
    pages
}

/// What is done in the lesson's namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action<'a> {
    /// Makes it.
    Make,
    /// Types a command in it.
    Type(&'a str),
    /// Removes it with all that is in it.
    Remove,
}

/// The text of an exec on the first control plane; `manifest` is the Deployment that students apply.
#[must_use]
pub fn script(action: Action, namespace: &str, manifest: &str) -> String {
    let (action, command) = match action {
        Action::Make => ("make", ""),
        Action::Type(command) => ("type", command),
        Action::Remove => ("remove", ""),
    };
    // Only a NUL cannot be quoted, and no command has one.
    let quote = |text: &str| shlex::try_quote(text).map_or_else(|_| "''".to_owned(), Into::into);
    format!(
        "export ACTION={action} NAMESPACE={} COMMAND={} MANIFEST={}\n{RUN}",
        quote(namespace),
        quote(command),
        quote(manifest)
    )
}
