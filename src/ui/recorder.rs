//! The files that a run leaves: its events, and a log of each lane.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use console::strip_ansi_codes;

use super::titles::Titles;
use super::width::one_line;
use super::{Screen, amount, english, failure, line};
use crate::error::{Error, Result};
use crate::event::{Event, Kind, Listener, Outcome, StepId};
use crate::names::LaneName;
use crate::platform;
use crate::t;
use crate::text::in_english;

/// Writes `events.jsonl`, with every event but the output of steps, and for each lane a log with
/// the output of its steps under their headings.
///
/// Every line is handed to the system at once and whole, so that a killed kprov loses none. Only
/// the owner can read the files. A file that cannot be written is told of once; the run goes on.
pub struct Recorder {
    dir: PathBuf,
    screen: Screen,
    events: File,
    logs: HashMap<LaneName, File>,
    titles: Titles,
    lost: bool,
}

impl Recorder {
    /// Begins the files in `dir`, which has to exist; what it holds of an earlier run is replaced.
    ///
    /// # Errors
    /// When `events.jsonl` cannot be made there.
    pub fn create(dir: &Path, screen: &Screen) -> Result<Self> {
        let path = dir.join("events.jsonl");
        let events = open(&path).map_err(|problem| Error::cannot_write(&path, &problem))?;
        Ok(Self {
            dir: dir.to_owned(),
            screen: screen.clone(),
            events,
            logs: HashMap::new(),
            titles: Titles::default(),
            lost: false,
        })
    }

    fn log(&mut self, lane: &LaneName, text: &str) {
        let path = log_path(&self.dir, lane);
        let written = self.log_file(lane, &path).and_then(|file| put(file, text));
        self.keep(written, &path);
    }

    fn log_file(&mut self, lane: &LaneName, path: &Path) -> io::Result<&mut File> {
        if !self.logs.contains_key(lane) {
            self.logs.insert(lane.clone(), open(path)?);
        }
        self.logs
            .get_mut(lane)
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn keep(&mut self, written: io::Result<()>, path: &Path) {
        if let Err(problem) = written
            && !std::mem::replace(&mut self.lost, true)
        {
            let path = path.display();
            self.screen
                .note(&t!("ui.record-lost", path = path, problem = problem));
        }
    }

    fn finished(&self, at: &str, step: &StepId, outcome: &Outcome, took_ms: u64) -> String {
        let (name, took) = (&step.step, amount::duration(took_ms));
        let (word, reason) = (line::word(outcome), line::reason(outcome));
        match outcome {
            Outcome::Failed(failure) => {
                let head = t!("ui.log-ended", at = at, step = name, outcome = word, took = took);
                let block = failure::block(step, self.titles.of(step), failure, None);
                format!("{head}\n{}", strip_ansi_codes(&block))
            }
            Outcome::NotReached { .. } | Outcome::Skipped { .. } => t!(
                "ui.log-not-reached",
                at = at,
                step = name,
                outcome = word,
                reason = reason
            ),
            _ if reason.is_empty() => {
                t!("ui.log-ended", at = at, step = name, outcome = word, took = took)
            }
            _ => t!(
                "ui.log-ended-why",
                at = at,
                step = name,
                outcome = word,
                took = took,
                reason = reason
            ),
        }
    }
}

impl Listener for Recorder {
    /// Files are English whatever the user reads: they are searched, compared and sent to others.
    fn event(&mut self, event: &Event) {
        in_english(|| self.write(&english::event(event)));
    }
}

impl Recorder {
    fn write(&mut self, event: &Event) {
        if let Kind::StepOutput { step, line } = &event.kind {
            return self.log(&step.lane, line);
        }
        if let Ok(line) = serde_json::to_string(event) {
            let written = put(&mut self.events, &line);
            self.keep(written, &self.dir.join("events.jsonl"));
        }
        let at = amount::seconds(event.at_ms);
        match &event.kind {
            Kind::RunStarted { lanes, .. } => self.titles = Titles::new(lanes),
            Kind::StepStarted { step, .. } => {
                let title = self.titles.of(step).to_owned();
                let text = t!("ui.log-begins", at = at, step = step.step, title = title);
                self.log(&step.lane, &text);
            }
            Kind::StepWaiting { step, reason } => {
                let text = t!("ui.log-waits", at = at, reason = one_line(reason));
                self.log(&step.lane, &text);
            }
            Kind::StepAdvice { step, advice, hints } => {
                let text = t!("ui.log-waits", at = at, reason = one_line(advice));
                self.log(&step.lane, &text);
                for hint in failure::hints(hints, "  ") {
                    self.log(&step.lane, &strip_ansi_codes(&hint));
                }
            }
            Kind::StepFinished {
                step,
                outcome,
                took_ms,
            } => {
                let text = self.finished(&at, step, outcome, *took_ms);
                self.log(&step.lane, &text);
            }
            Kind::StepProgress { .. } | Kind::StepOutput { .. } | Kind::RunFinished { .. } => {}
        }
    }
}

/// The log of `lane` in the folder of a run. Characters that a file name may not have are written
/// as `%` and their bytes in hexadecimal, so that two lanes never share a file.
#[must_use]
pub fn log_path(dir: &Path, lane: &LaneName) -> PathBuf {
    let mut name = String::new();
    for byte in lane.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            _ => {
                let _ = write!(name, "%{byte:02x}");
            }
        }
    }
    dir.join(name + ".log")
}

fn put(file: &mut File, line: &str) -> io::Result<()> {
    file.write_all(format!("{line}\n").as_bytes())
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    platform::open_privately(&mut options);
    options.open(path)
}
