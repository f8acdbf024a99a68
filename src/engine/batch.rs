//! Consecutive script steps of a lane in one exec: what is sent, and what comes back.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::board::Board;
use super::facts::Facts;
use super::narrator::Narrator;
use super::{FactName, Failure, Outcome, StepId};
use crate::plan::{Call, LIBRARY, RUNNER};
use crate::transport::Hearer;
use crate::{t, text};

/// How many of a step's last lines go with its failure.
const LAST_LINES: usize = 20;
/// The character that begins a line of the runner's own; see `templates/node/run.sh`.
const MARK: char = '\u{1e}';

/// What the runner does with a step; the words are those of `templates/node/run.sh`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Free,
    Wait,
    Hold,
    Now,
    Make,
    Look,
}

impl Mode {
    const fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Wait => "wait",
            Self::Hold => "hold",
            Self::Now => "now",
            Self::Make => "make",
            Self::Look => "look",
        }
    }
}

/// A step as it is sent.
pub(super) struct Item<'a> {
    pub id: StepId,
    pub call: &'a Call,
    pub mode: Mode,
    pub patience: Duration,
    pub hints: &'a [String],
    /// Name and value of its variables.
    pub variables: Vec<(&'static str, String)>,
}

/// The text of one exec.
pub(super) fn script(items: &[Item], exclusive: bool) -> String {
    let mut text = preamble(exclusive);
    let scripts: BTreeSet<_> = items.iter().map(|item| item.call.script.name).collect();
    for name in scripts {
        if let Some(item) = items.iter().find(|item| item.call.script.name == name) {
            let _ = writeln!(
                text,
                "body_{}() {{\n{}\n}}",
                function(name),
                item.call.script.source
            );
        }
    }
    for (number, item) in items.iter().enumerate() {
        let _ = writeln!(text, "step_{number}() {{\n{}", exports(&item.variables));
        let _ = writeln!(text, "body_{}\n}}", function(item.call.script.name));
    }
    text.push_str("lock 0\nwalk");
    for (number, item) in items.iter().enumerate() {
        let _ = write!(text, " {number}:{}:{}", item.mode.word(), item.patience.as_secs());
    }
    text.push_str("\nexit 0\n");
    text
}

/// The text of an exec that makes a fact.
pub(super) fn fact_script(name: &str, call: &Call, variables: &[(&'static str, String)]) -> String {
    let mut text = preamble(false);
    let _ = writeln!(text, "{}\n{}", exports(variables), call.script.source);
    // Not by `publish`, whose argument would lose the newline at the end.
    let _ = writeln!(
        text,
        "value=$(set -euo pipefail; fact | base64 -w0)\n[ $? -eq 0 ] || exit"
    );
    let _ = writeln!(
        text,
        "printf '\\036fact\\t%s\\t%s\\n' {} \"$value\"\nexit 0",
        quote(name)
    );
    text
}

fn preamble(exclusive: bool) -> String {
    let mut text = String::with_capacity(64 * 1024);
    text.push_str("exec 3<&0 </dev/null 2>&1\ncd /\numask 022\n");
    // What goes through kubectl also runs on this computer, with its own programs and another kubeconfig.
    text.push_str("export LC_ALL=C KUBECONFIG=${KPROV_KUBECONFIG:-/etc/kubernetes/admin.conf}\n");
    text.push_str("[ -n \"${KPROV_LOCAL:-}\" ] || ");
    text.push_str("export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root\n");
    if exclusive {
        text.push_str("KPROV_LOCK=1\n");
    }
    text.push_str(LIBRARY);
    text.push('\n');
    text.push_str(RUNNER);
    text.push('\n');
    text
}

fn function(script: &str) -> String {
    script.replace('-', "_")
}

fn exports(variables: &[(&'static str, String)]) -> String {
    variables
        .iter()
        .fold("export KPROV=1".to_owned(), |mut line, (name, value)| {
            let _ = write!(line, " {name}={}", quote(value));
            line
        })
}

/// A value as one word of the shell. No shell can hold a NUL; a value with one loses it.
fn quote(value: &str) -> String {
    let value = value.replace('\0', "");
    shlex::try_quote(&value).map_or_else(|_| "''".to_owned(), Into::into)
}

/// The fact that a line gives, if it gives one.
pub(super) fn fact_of(line: &str) -> Option<(FactName, String)> {
    let (name, value) = line
        .strip_prefix(MARK)?
        .strip_prefix("fact\t")?
        .split_once('\t')?;
    let value = String::from_utf8(BASE64_STANDARD.decode(value).ok()?).ok()?;
    Some((name.into(), value))
}

/// Where a batch stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// All its steps have ended well.
    Done,
    /// This step does not hold, and needs something from outside before it can be applied.
    Needs(usize),
    /// A step failed, or is a check that cannot be made here.
    Failed,
}

/// Hears what the runner says, and tells it on.
pub(super) struct Listening<'a, 'r> {
    pub items: &'a [Item<'a>],
    pub host: &'a str,
    pub narrator: &'a Narrator<'r>,
    pub board: &'a Board,
    pub facts: &'a Facts,
    /// The step that is heard of.
    pub current: usize,
    pub stop: Option<Stop>,
    last_lines: VecDeque<String>,
    reason: String,
    /// What the script takes for the likeliest causes: numbers of hints, counted from 1.
    likely: Vec<usize>,
}

impl<'a, 'r> Listening<'a, 'r> {
    pub(super) fn new(
        items: &'a [Item<'a>],
        host: &'a str,
        narrator: &'a Narrator<'r>,
        board: &'a Board,
        facts: &'a Facts,
    ) -> Self {
        Self {
            items,
            host,
            narrator,
            board,
            facts,
            current: 0,
            stop: None,
            last_lines: VecDeque::new(),
            reason: String::new(),
            likely: Vec::new(),
        }
    }

    /// What came of the exec, whose exit status was `status`.
    pub(super) fn ended(mut self, status: i32) -> Stop {
        if self.stop.is_none() && self.current < self.items.len() {
            // The runner itself did not come to its end: no sudo, no bash, a machine that is short of memory.
            let message = t!("engine.runner-failed", status = status);
            self.fail(
                message,
                Some(status),
                vec![t!("engine.runner-failed-hint", host = self.host)],
            );
        }
        self.stop.unwrap_or(Stop::Done)
    }

    fn said(&mut self, line: &str) {
        let mut words = line.splitn(3, '\t');
        let (event, number, reason) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        if event == "likely" {
            self.likely = number
                .split(' ')
                .filter_map(|number| number.parse().ok())
                .collect();
            return;
        }
        let named = number.parse().ok().filter(|number| *number < self.items.len());
        // A program may write what only looks like the runner's.
        let Some(number) = named else { return };
        self.current = number;
        let item = &self.items[number];
        let reason = text::told(reason);
        match event {
            "start" => {
                self.last_lines.clear();
                self.reason.clear();
                self.likely.clear();
                self.narrator.started(&item.id, None);
            }
            "waiting" => self.narrator.waiting(&item.id, &reason),
            "applying" => {
                self.last_lines.clear();
                if !reason.is_empty() {
                    self.narrator
                        .output(&item.id, &t!("engine.applying", reason = reason));
                }
                self.reason = reason;
            }
            "unchanged" => self.ok(Outcome::Unchanged { reason }),
            "changed" => self.ok(Outcome::Changed { reason }),
            "pending" => self.ok(Outcome::Pending { reason }),
            "skipped" => self.skip(reason),
            "needs" => self.stop = Some(Stop::Needs(self.current)),
            "failed" => {
                let status = reason.parse().ok();
                let said = if self.reason.is_empty() {
                    text::told(self.last_lines.back().map_or("", String::as_str))
                } else {
                    self.reason.clone()
                };
                let message = t!(
                    "engine.step-failed",
                    step = item.id.step,
                    status = reason,
                    reason = said
                );
                self.fail(message, status, Vec::new());
            }
            "unmet" => {
                let seconds = item.patience.as_secs();
                let message = if reason.is_empty() {
                    t!("engine.step-unmet-silent", step = item.id.step, seconds = seconds)
                } else {
                    t!(
                        "engine.step-unmet",
                        step = item.id.step,
                        reason = reason,
                        seconds = seconds
                    )
                };
                self.fail(message, None, Vec::new());
            }
            _ => {}
        }
    }

    fn ok(&mut self, outcome: Outcome) {
        let id = &self.items[self.current].id;
        self.narrator.finished(id, outcome);
        self.board.settle(id, true);
        self.current += 1;
    }

    fn skip(&mut self, reason: String) {
        let id = &self.items[self.current].id;
        self.narrator.finished(id, Outcome::Skipped { reason });
        self.board.settle(id, false);
        self.stop = Some(Stop::Failed);
    }

    fn fail(&mut self, message: String, status: Option<i32>, hints: Vec<String>) {
        let item = &self.items[self.current];
        let hints = in_order(item.hints, &self.likely).chain(hints).collect();
        let failure = Failure {
            message,
            problem: None,
            host: self.host.to_owned(),
            command: Some(format!("templates/node/{}.sh", item.call.script.name)),
            status,
            last_lines: self.last_lines.drain(..).collect(),
            hints,
        };
        self.narrator.finished(&item.id, Outcome::Failed(failure));
        self.board.settle(&item.id, false);
        self.stop = Some(Stop::Failed);
    }
}

/// The hints, those with the numbers `likely` first.
fn in_order<'a>(hints: &'a [String], likely: &'a [usize]) -> impl Iterator<Item = String> + 'a {
    let first = likely
        .iter()
        .filter_map(|number| hints.get(number.wrapping_sub(1)));
    let rest = hints.iter().enumerate();
    let rest = rest
        .filter(|(at, _)| !likely.contains(&(at + 1)))
        .map(|(_, hint)| hint);
    first.chain(rest).cloned()
}

impl Hearer for Listening<'_, '_> {
    fn line(&mut self, line: &str) {
        if let Some((name, value)) = fact_of(line) {
            self.facts.publish(&name, value);
            return;
        }
        if let Some(said) = line.strip_prefix(MARK) {
            self.said(said);
            return;
        }
        if self.last_lines.len() == LAST_LINES {
            self.last_lines.pop_front();
        }
        self.last_lines.push_back(line.to_owned());
        if let Some(item) = self.items.get(self.current) {
            self.narrator.output(&item.id, line);
        }
    }

    fn progress(&mut self, done: u64, total: u64) {
        if let Some(item) = self.items.get(self.current) {
            self.narrator.progress(&item.id, done, total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{in_order, quote};

    #[test]
    fn likely_causes_come_first() {
        let hints = ["a", "b", "c"].map(str::to_owned);
        let order = |likely: &[usize]| in_order(&hints, likely).collect::<String>();
        assert_eq!(order(&[]), "abc");
        assert_eq!(order(&[3, 9, 0]), "cab");
        assert_eq!(order(&[3, 2, 1]), "cba");
    }

    #[test]
    fn a_nul_cannot_reach_a_shell() {
        assert_eq!(quote("a\0b"), "ab");
        assert_eq!(quote(""), "''");
    }
}
