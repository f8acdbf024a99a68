//! `kprov verify --explain`: a walk through Kubernetes on the student's own cluster.

use std::time::Duration;

use super::lab::{Lab, random};
use super::next;
use super::world::Real;
use super::{alive, answer};
use crate::cli::{Format, Global};
use crate::engine::World;
use crate::error::{Error, Exit, Result};
use crate::plan::lesson::{self, Action, Page};
use crate::plan::verify::Subject;
use crate::t;
use crate::transport::{Cancel, Hearer, Transport, http};
use crate::ui::Screen;
use crate::ui::lesson as draw;

/// As much of a page from the cluster as a reader wants.
const LINES: usize = 12;

pub(super) fn run(
    lab: &Lab,
    subject: &Subject,
    global: &Global,
    screen: &Screen,
    cancel: &Cancel,
) -> Result<Exit> {
    if global.format == Format::Json {
        return Err(Error::usage(t!("lesson.only-text")));
    }
    let node = &lab.spec.first_control_plane().name;
    let world = Real::new(lab, cancel, None)?;
    let mut class = Class {
        session: world
            .connect(node, cancel)
            .map_err(|why| Error::step(t!("lesson.no-node", node = node, reason = why)))?,
        namespace: format!("kprov-lesson-{:08x}", random() >> 32),
        screen,
        waits: screen.talks(),
        on_nodes: subject.ssh,
        cancel,
    };
    let mut said = Lines::default();
    let made = class.exec(Action::Make, &mut said, cancel)?;
    if made != 0 {
        let message = t!("lesson.no-namespace", namespace = class.namespace, node = node);
        return Err(Error::step(message).evidence(said.0));
    }
    if subject.ssh {
        screen.note(&t!(
            "lesson.repeat",
            command = next::typed(global, &format!("ssh {node}"))
        ));
    }
    let namespace = class.namespace.clone();
    let ended = alive::during(lab, node, &namespace, || class.teach(&lesson::pages(subject)));
    // Also after Ctrl-C nothing of the lesson stays. A session whose command was cut off may be of no use any more.
    if let Ok(session) = world.connect(node, &Cancel::default()) {
        class.session = session;
    }
    let mut said = Lines::default();
    let removed = class.exec(Action::Remove, &mut said, &Cancel::default());
    let exit = ended?;
    let why = match removed {
        Ok(0) => {
            screen.note(&t!("lesson.gone", namespace = class.namespace));
            return Ok(exit);
        }
        Ok(_) => said.0,
        Err(error) => vec![error.message],
    };
    let left = Error::step(t!("lesson.left", namespace = class.namespace));
    Err(left
        .evidence(why)
        .hint(t!("lesson.left-hint", namespace = class.namespace)))
}

/// A lesson that is going on.
struct Class<'a> {
    session: Box<dyn Transport>,
    namespace: String,
    screen: &'a Screen,
    waits: bool,
    /// Whether commands run on a node.
    on_nodes: bool,
    cancel: &'a Cancel,
}

impl Class<'_> {
    fn teach(&mut self, pages: &[Page]) -> Result<Exit> {
        for (index, page) in pages.iter().enumerate() {
            let columns = self.screen.columns();
            self.screen
                .data(&draw::head(&page.id, index + 1, pages.len(), columns))?;
            for command in &page.commands {
                self.screen.data(&draw::command(&command.text))?;
                if command.on_node && !self.on_nodes {
                    self.screen.data(&draw::elsewhere())?;
                    continue;
                }
                self.show(&command.text)?;
                if self.cancel.is_cancelled() {
                    return Ok(Exit::Interrupted);
                }
            }
            if let Some(request) = &page.request {
                self.request(request)?;
            }
            self.screen.data(&draw::foot(page, columns))?;
            let last = index + 1 == pages.len();
            if self.cancel.is_cancelled() || (self.waits && !last && !self.wait()) {
                break;
            }
        }
        Ok(if self.cancel.is_cancelled() {
            Exit::Interrupted
        } else {
            Exit::Done
        })
    }

    /// Types a command, and shows what it says.
    fn show(&mut self, command: &str) -> Result<()> {
        let mut shown = Shown(self.screen);
        let status = self.exec(Action::Type(command), &mut shown, self.cancel)?;
        if status == 0 {
            Ok(())
        } else {
            self.screen.data(&draw::ended(status))
        }
    }

    /// Asks an address of the cluster from this computer.
    fn request(&mut self, command: &str) -> Result<()> {
        let mut said = Lines::default();
        self.exec(Action::Type(command), &mut said, self.cancel)?;
        let url = said.0.pop().unwrap_or_default();
        if url.starts_with("http:///") {
            // Nothing here gives addresses, which the output before says already.
            return Ok(());
        }
        self.screen.data(&draw::request(&url))?;
        // A service that was made a moment ago is not in every node's rules yet.
        let mut page = http::get(&url, Duration::from_secs(3));
        for _ in 0..10 {
            if page.is_ok() || self.cancel.sleep(Duration::from_millis(500)) {
                break;
            }
            page = http::get(&url, Duration::from_secs(3));
        }
        let text = match page {
            Ok(page) => draw::output(page.lines().filter(|line| !line.trim().is_empty()).take(LINES)),
            Err(reason) => draw::output([t!("lesson.no-page", reason = reason).as_str()]),
        };
        self.screen.data(&text)
    }

    fn exec(&mut self, action: Action, hearer: &mut dyn Hearer, cancel: &Cancel) -> Result<i32> {
        let script = lesson::script(action, &self.namespace);
        let ended = self.session.exec(&script, None, hearer, cancel);
        match ended {
            Ok(status) => Ok(status),
            // What was typed is shown as far as it came.
            Err(_) if cancel.is_cancelled() => Ok(0),
            Err(lost) => Err(Error::step(lost.to_string())),
        }
    }

    /// Waits for Enter; false when there is nobody any more, or who is there has seen enough.
    fn wait(&self) -> bool {
        self.screen.insist(&draw::next());
        // The same key types the other letter on a Korean keyboard.
        answer::line(self.cancel).is_some_and(|typed| !matches!(typed.trim(), "q" | "Q" | "ㅂ"))
    }
}

/// Keeps what was said.
#[derive(Default)]
struct Lines(Vec<String>);

impl Hearer for Lines {
    fn line(&mut self, line: &str) {
        self.0.push(line.to_owned());
    }

    fn progress(&mut self, _: u64, _: u64) {}
}

/// Shows what is said at once.
struct Shown<'a>(&'a Screen);

impl Hearer for Shown<'_> {
    fn line(&mut self, line: &str) {
        // A reader that wants no more, such as `head`, ends no lesson.
        let _ = self.0.data(&draw::output([line]));
    }

    fn progress(&mut self, _: u64, _: u64) {}
}
