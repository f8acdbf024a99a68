//! Bars, drawn on a terminal that is a list of lines.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use indicatif::{ProgressDrawTarget, TermLike};
use kprov::event::{Event, Listener, Outcome};
use kprov::ui::{Bars, Look, Meter, Roomy, Screen};
use snapbox::{assert_data_eq, str};

use super::stage::{Kept, Story, colored, one_failure};

const COLUMNS: usize = 80;

/// A terminal that knows what indicatif uses: it wraps where a line is full, and only when more comes.
#[derive(Debug, Clone, Default)]
struct Terminal(Arc<Mutex<Grid>>);

#[derive(Debug, Default)]
struct Grid {
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
    in_escape: bool,
    colored: bool,
}

impl Grid {
    fn put(&mut self, c: char) {
        match c {
            '\x1b' => (self.in_escape, self.colored) = (true, true),
            _ if self.in_escape => self.in_escape = !c.is_ascii_alphabetic(),
            '\r' => self.column = 0,
            '\n' => (self.row, self.column) = (self.row + 1, 0),
            _ => {
                if self.column == COLUMNS {
                    (self.row, self.column) = (self.row + 1, 0);
                }
                while self.lines.len() <= self.row {
                    self.lines.push(vec![' '; COLUMNS]);
                }
                self.lines[self.row][self.column] = c;
                self.column += 1;
            }
        }
    }
}

impl Terminal {
    fn text(&self) -> String {
        let grid = self.0.lock().unwrap();
        let lines: Vec<String> = grid.lines.iter().map(|line| line.iter().collect()).collect();
        let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
        lines.join("\n").trim_end().to_owned() + "\n"
    }

    fn is_colored(&self) -> bool {
        self.0.lock().unwrap().colored
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        COLUMNS.try_into().unwrap()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.lock().unwrap().row -= n;
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.lock().unwrap().row += n;
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.lock().unwrap().column += n;
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.lock().unwrap().column -= n;
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write_str(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut grid = self.0.lock().unwrap();
        text.chars().for_each(|c| grid.put(c));
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        let mut grid = self.0.lock().unwrap();
        let row = grid.row;
        grid.column = 0;
        if let Some(line) = grid.lines.get_mut(row) {
            line.fill(' ');
        }
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Terminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_str(std::str::from_utf8(bytes).unwrap())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Stage {
    terminal: Terminal,
    screen: Screen,
    bars: Bars,
}

impl Stage {
    fn new(look: Look) -> Self {
        let terminal = Terminal::default();
        let screen = Screen::captured(Box::new(Kept::default()), Box::new(terminal.clone()), look);
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bars = Bars::new(&screen, target);
        Self {
            terminal,
            screen,
            bars,
        }
    }

    fn tell(&mut self, events: &[Event]) {
        for event in events {
            self.bars.event(event);
        }
    }
}

#[test]
fn a_lane_has_a_line_with_its_step_and_what_is_left() {
    let mut stage = Stage::new(Look::default());
    let story = Story::of(&[
        "workstation/get=Download Kubernetes",
        "m-k8s/boot=Boot the machine",
        "m-k8s/init=Make the control plane",
        "w1-k8s/join=Join the cluster",
    ])
    .start(0, "workstation/get")
    .progress(2_000, "workstation/get", 42_000_000, 100_000_000)
    .start(0, "m-k8s/boot")
    .unchanged(900, "m-k8s/boot", "running")
    .start(900, "m-k8s/init")
    .wait(1_000, "m-k8s/init", "etcd does not\nanswer");
    stage.tell(&story.events);
    assert_data_eq!(
        stage.terminal.text(),
        str![[r#"
[..] workstation    1 left      [..]s  Download Kubernetes (42 %, 21.0 MB/s)
[..] m-k8s          1 left      [..]s  Make the control plane (etcd does not answer)
[..] w1-k8s         1 left      [..]s  not begun: Join the cluster

"#]]
    );
}

#[test]
fn a_lane_of_which_nothing_was_made_has_no_tick() {
    let mut stage = Stage::new(Look::default());
    let skipped = |reason: &str| Outcome::Skipped {
        reason: reason.into(),
    };
    let story = Story::of(&["metrics/metrics=Metrics", "jobs/job=A Job", "jobs/cron=A CronJob"])
        .end(
            400,
            "metrics/metrics",
            skipped("metrics-server does not run here"),
        )
        .unchanged(500, "jobs/job", "the Job once is complete")
        .end(600, "jobs/cron", skipped("left out by --skip"))
        .over(600);
    stage.tell(&story.events);
    assert_data_eq!(
        stage.terminal.text(),
        str![[r#"
- metrics      0.4s  1 skipped
✓ jobs         0.6s  done: 0 changed, 1 unchanged, 1 skipped

"#]]
    );
}

#[test]
fn what_can_be_done_about_a_step_that_waits_stands_above_the_lines_and_stays() {
    let mut stage = Stage::new(Look::default());
    let long = "nothing listens on port 22 of 192.168.56.11, and the user hears how long it is waited for";
    let story = Story::of(&["w1-k8s/connect=The machine answers", "w1-k8s/swap=No swap"])
        .start(0, "w1-k8s/connect")
        .wait(100, "w1-k8s/connect", "nothing listens")
        .advice(30_000, "w1-k8s/connect", long, "start its server")
        .unchanged(31_000, "w1-k8s/connect", "answers");
    stage.tell(&story.events);
    assert_data_eq!(
        stage.terminal.text(),
        str![[r#"
   30.0s  w1-k8s  connect: nothing listens on port 22 of 192.168.56.11, and the
user hears how long it is waited for
  hint: start its server
[..] w1-k8s    1 left      [..]s  not begun: No swap

"#]]
    );
}

#[test]
fn failures_and_notes_stand_above_the_lines() {
    let mut stage = Stage::new(Look::default());
    let story = one_failure();
    let (last, events) = story.events.split_last().unwrap();
    stage.tell(events);
    stage.screen.note("the clock of w1-k8s is 3 s behind");
    stage.bars.event(last);
    assert_data_eq!(
        stage.terminal.text(),
        str![[r#"
✗ w1-k8s/containerd: Install containerd
  containerd could not be installed.
  host     w1-k8s
  command  containerd.sh
  status   100
  | Reading package lists...
  | E: Could not get lock
  hint: Wait until unattended-upgrades has ended and run `kprov up` again.
note: the clock of w1-k8s is 3 s behind
✓ m-k8s      21.9s  done: 1 changed, 1 unchanged
✗ w1-k8s     12.3s  stopped at containerd

"#]]
    );
    // After the run the screen is an ordinary one again.
    stage.screen.say("the end");
    assert!(stage.terminal.text().ends_with("the end\n"));
}

#[test]
fn colour_follows_the_screen() {
    for (look, expected) in [(Look::default(), false), (colored(), true)] {
        let mut stage = Stage::new(look);
        stage.tell(&one_failure().events);
        assert_eq!(stage.terminal.is_colored(), expected);
    }
}

#[test]
fn verbose_prints_every_finished_step_above() {
    let mut stage = Stage::new(Look {
        verbose: 1,
        ..Look::default()
    });
    stage.tell(&one_failure().events);
    let text = stage.terminal.text();
    assert!(
        text.contains("    0.9s  m-k8s   boot: unchanged (running)\n"),
        "{text}"
    );
}

#[test]
fn a_transfer_without_lanes_has_a_line_with_its_figures_and_leaves_none() {
    let terminal = Terminal::default();
    let screen = Screen::captured(
        Box::new(Kept::default()),
        Box::new(terminal.clone()),
        Look::default(),
    );
    let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
    let meter = Meter::on(&screen, "out.tar.zst", target);
    meter.show(0, 0);
    assert_data_eq!(terminal.text(), "\n");
    meter.show(3 << 20, 12 << 20);
    screen.note("writing");
    meter.show(6 << 20, 12 << 20);
    assert_data_eq!(
        terminal.text(),
        str![[r#"
note: writing
[============>           ]  50 %  6.00 MiB / 12.00 MiB  [..]/s  out.tar.zst

"#]]
    );
    drop(meter);
    screen.say("the end");
    assert_data_eq!(
        terminal.text(),
        str![[r#"
note: writing
the end

"#]]
    );
}

#[test]
fn what_the_terminal_writes_at_ctrl_c_leaves_no_line_behind() {
    let mut stage = Stage::new(Look::default());
    let target = ProgressDrawTarget::term_like(Box::new(Roomy::new(stage.terminal.clone())));
    stage.bars = Bars::new(&stage.screen, target);
    let long =
        "m-k8s/init=Make the control plane, with a title that is as long as its terminal is wide and more";
    let story = Story::of(&["w1-k8s/join=Join the cluster", long])
        .start(0, "m-k8s/init")
        .start(0, "w1-k8s/join")
        .changed(4_000, "w1-k8s/join", "joined")
        .changed(9_000, "m-k8s/init", "ready")
        .over(9_000);
    let (before, after) = story.events.split_at(3);
    stage.tell(before);
    stage.terminal.write_str("^C").unwrap();
    stage.tell(after);
    assert_data_eq!(
        stage.terminal.text(),
        str![[r#"
✓ w1-k8s      4.0s  done: 1 changed, 0 unchanged
✓ m-k8s       9.0s  done: 1 changed, 0 unchanged

"#]]
    );
}
