//! Events made by hand, and streams that keep what is written to them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use clap::ColorChoice;
use kprov::event::{Event, Failure, Kind, LaneOutline, Listener, Outcome, StepId, Summary};
use kprov::ui::{Look, Screen};

/// `m-k8s/init` as an id.
pub fn step(id: &str) -> StepId {
    let (lane, step) = id.split_once('/').expect("lane/step");
    StepId {
        lane: lane.into(),
        step: step.into(),
    }
}

/// A run told event by event.
#[derive(Default)]
pub struct Story {
    pub events: Vec<Event>,
    starts: Vec<(StepId, u64)>,
    summary: Summary,
}

impl Story {
    /// Begins a run of these steps, as `m-k8s/init=Make the control plane`, in the order of the plan.
    pub fn of(steps: &[&str]) -> Self {
        let mut lanes: Vec<LaneOutline> = Vec::new();
        for text in steps {
            let (id, title) = text.split_once('=').unwrap_or((text, text));
            let id = step(id);
            let entry = (id.step, title.to_owned());
            match lanes.iter_mut().find(|outline| outline.lane == id.lane) {
                Some(outline) => outline.steps.push(entry),
                None => lanes.push(LaneOutline {
                    lane: id.lane,
                    steps: vec![entry],
                }),
            }
        }
        Self::default().then(
            0,
            Kind::RunStarted {
                command: "up".into(),
                cluster: "k8s-lab".into(),
                lanes,
            },
        )
    }

    pub fn then(mut self, at_ms: u64, kind: Kind) -> Self {
        self.events.push(Event { at_ms, kind });
        self
    }

    pub fn start(self, at_ms: u64, id: &str) -> Self {
        self.start_after(at_ms, id, None)
    }

    pub fn start_after(mut self, at_ms: u64, id: &str, released_by: Option<&str>) -> Self {
        self.starts.push((step(id), at_ms));
        let released_by = released_by.map(step);
        self.then(
            at_ms,
            Kind::StepStarted {
                step: step(id),
                released_by,
            },
        )
    }

    pub fn wait(self, at_ms: u64, id: &str, reason: &str) -> Self {
        let reason = reason.into();
        self.then(
            at_ms,
            Kind::StepWaiting {
                step: step(id),
                reason,
            },
        )
    }

    pub fn advice(self, at_ms: u64, id: &str, advice: &str, hint: &str) -> Self {
        let (advice, hints) = (advice.into(), vec![hint.into()]);
        self.then(
            at_ms,
            Kind::StepAdvice {
                step: step(id),
                advice,
                hints,
            },
        )
    }

    pub fn output(self, at_ms: u64, id: &str, line: &str) -> Self {
        let line = line.into();
        self.then(at_ms, Kind::StepOutput { step: step(id), line })
    }

    pub fn progress(self, at_ms: u64, id: &str, done: u64, total: u64) -> Self {
        let step = step(id);
        self.then(at_ms, Kind::StepProgress { step, done, total })
    }

    pub fn changed(self, at_ms: u64, id: &str, reason: &str) -> Self {
        let reason = reason.into();
        self.end(at_ms, id, Outcome::Changed { reason })
    }

    pub fn unchanged(self, at_ms: u64, id: &str, reason: &str) -> Self {
        let reason = reason.into();
        self.end(at_ms, id, Outcome::Unchanged { reason })
    }

    pub fn not_reached(self, at_ms: u64, id: &str, because: &str) -> Self {
        let because = because.into();
        self.end(at_ms, id, Outcome::NotReached { because })
    }

    /// A step that failed as `apt-get` does.
    pub fn failed(self, at_ms: u64, id: &str) -> Self {
        let failure = Failure {
            problem: None,
            message: "containerd could not be installed.".into(),
            host: "w1-k8s".into(),
            command: Some("containerd.sh".into()),
            status: Some(100),
            last_lines: vec![
                "Reading package lists...".into(),
                "\x1b[31mE:\x1b[0m Could not get lock\r".into(),
            ],
            hints: vec!["Wait until unattended-upgrades has ended and run `kprov up` again.".into()],
        };
        self.end(at_ms, id, Outcome::Failed(failure))
    }

    pub fn end(mut self, at_ms: u64, id: &str, outcome: Outcome) -> Self {
        let step = step(id);
        let start = self.starts.iter().find(|(started, _)| *started == step);
        let took_ms = start.map_or(0, |(_, start)| at_ms - start);
        *match outcome {
            Outcome::Unchanged { .. } => &mut self.summary.unchanged,
            Outcome::Changed { .. } => &mut self.summary.changed,
            Outcome::Pending { .. } => &mut self.summary.pending,
            Outcome::Failed(_) => &mut self.summary.failed,
            Outcome::NotReached { .. } => &mut self.summary.not_reached,
            Outcome::Skipped { .. } => &mut self.summary.skipped,
        } += 1;
        self.then(
            at_ms,
            Kind::StepFinished {
                step,
                outcome,
                took_ms,
            },
        )
    }

    /// Ends the run.
    pub fn over(self, took_ms: u64) -> Self {
        self.over_with(took_ms, false)
    }

    pub fn over_with(self, took_ms: u64, interrupted: bool) -> Self {
        let summary = Summary {
            took_ms,
            interrupted,
            ..self.summary
        };
        self.then(took_ms, Kind::RunFinished { summary })
    }

    pub fn tell(&self, mut listener: impl Listener) {
        for event in &self.events {
            listener.event(event);
        }
    }
}

/// A run with one failure in it, as most tests want it.
pub fn one_failure() -> Story {
    Story::of(&[
        "m-k8s/boot=Boot the machine",
        "m-k8s/init=Make the control plane",
        "w1-k8s/boot=Boot the machine",
        "w1-k8s/containerd=Install containerd",
        "w1-k8s/join=Join the cluster",
        "w1-k8s/ready=Wait until it is Ready",
    ])
    .start(0, "m-k8s/boot")
    .start(0, "w1-k8s/boot")
    .unchanged(900, "m-k8s/boot", "running")
    .start(900, "m-k8s/init")
    .changed(2_000, "w1-k8s/boot", "running")
    .start(2_000, "w1-k8s/containerd")
    .wait(2_100, "w1-k8s/containerd", "dpkg is locked")
    .wait(2_600, "w1-k8s/containerd", "dpkg is locked")
    .output(2_700, "w1-k8s/containerd", "Reading package lists...")
    .failed(12_340, "w1-k8s/containerd")
    .not_reached(12_340, "w1-k8s/join", "containerd failed")
    .not_reached(12_340, "w1-k8s/ready", "containerd failed")
    .changed(21_900, "m-k8s/init", "etcd, API server and scheduler run")
    .over(22_000)
}

/// Bytes that were written, shared with whoever writes.
#[derive(Debug, Clone, Default)]
pub struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen, its standard output and its standard error.
pub fn screen(look: Look) -> (Screen, Kept, Kept) {
    let (out, err) = (Kept::default(), Kept::default());
    let screen = Screen::captured(Box::new(out.clone()), Box::new(err.clone()), look);
    (screen, out, err)
}

pub fn colored() -> Look {
    Look {
        color: ColorChoice::Always,
        ..Look::default()
    }
}

/// Without escape codes, as a screen without colour shows it.
pub fn bare(text: &str) -> String {
    let (screen, _, err) = screen(Look::default());
    screen.insist(text);
    err.text()
}
