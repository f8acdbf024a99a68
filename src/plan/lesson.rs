//! The lesson of `kprov verify --explain`: what is typed on each of its pages.

use serde::Deserialize;

use super::verify::Subject;

const PAGES: &str = include_str!("../../templates/lesson/pages.toml");
const RUN: &str = include_str!("../../templates/lesson/run.sh");

/// A page; its words are the messages `lesson.ID-title`, `-text` and `-look`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Which page.
    pub id: String,
    /// What is typed, in order.
    pub commands: Vec<Command>,
    /// A command that prints an address, which this computer then asks for its page.
    pub request: Option<String>,
    /// The checks of `kprov verify` that prove the same.
    pub checks: Vec<String>,
    /// The flag without which these are not made.
    pub flag: Option<String>,
}

/// A command on a page.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "String")]
pub struct Command {
    /// What is typed.
    pub text: String,
    /// Whether it has to be typed on the control plane itself.
    pub on_node: bool,
}

impl From<String> for Command {
    fn from(line: String) -> Self {
        match line.strip_prefix("node$ ") {
            Some(text) => Self {
                text: text.to_owned(),
                on_node: true,
            },
            None => Self {
                text: line,
                on_node: false,
            },
        }
    }
}

/// The pages in their order, for this cluster.
///
/// # Panics
/// Never: the file is a part of the program, and a test reads it.
#[must_use]
pub fn pages(subject: &Subject) -> Vec<Page> {
    #[derive(Deserialize)]
    struct File {
        page: Vec<Page>,
    }
    let book: File = toml::from_str(PAGES).expect("the pages are read by a test");
    let workers = subject.nodes.iter().filter(|node| !node.control_plane);
    let (worker, address) = workers
        .chain(&subject.nodes)
        .next()
        .map_or(("", ""), |node| (node.name.as_str(), node.address.as_str()));
    // Of another's cluster it is not known, and most have this one.
    let runtime = subject
        .runtime
        .as_ref()
        .map_or("containerd", |(runtime, _)| runtime.name());
    let filled = |text: &str| {
        text.replace("{worker}", worker)
            .replace("{address}", address)
            .replace("{image}", &subject.image)
            .replace("{runtime}", runtime)
    };
    let mut pages = book.page;
    for page in &mut pages {
        for command in &mut page.commands {
            command.text = filled(&command.text);
        }
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

/// The text of an exec on the first control plane, or on this computer.
#[must_use]
pub fn script(action: Action, namespace: &str) -> String {
    let (action, command) = match action {
        Action::Make => ("make", ""),
        Action::Type(command) => ("type", command),
        Action::Remove => ("remove", ""),
    };
    // Only a NUL cannot be quoted, and no command has one.
    let quote = |text: &str| shlex::try_quote(text).map_or_else(|_| "''".to_owned(), Into::into);
    format!(
        "export ACTION={action} NAMESPACE={} COMMAND={}\n{RUN}",
        quote(namespace),
        quote(command)
    )
}
