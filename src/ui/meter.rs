//! One line that says how far a transfer is, for work that is no run with lanes.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Screen, terminal};

/// Bytes that are there, bytes that there will be, and how fast they come; gone when the transfer ends. Where there is no
/// terminal nothing is drawn.
pub struct Meter {
    screen: Screen,
    bar: ProgressBar,
}

impl Meter {
    /// On the terminal, if there is one.
    #[must_use]
    pub fn new(screen: &Screen, title: &str) -> Self {
        let target = if screen.has_bars() {
            terminal::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self::on(screen, title, target)
    }

    /// On `target`, which is the terminal that standard error of `screen` writes to.
    #[must_use]
    pub fn on(screen: &Screen, title: &str, target: ProgressDrawTarget) -> Self {
        let group = MultiProgress::with_draw_target(target);
        let bar = group.add(
            ProgressBar::new(0)
                .with_style(style())
                .with_message(title.to_owned()),
        );
        screen.attach(Some(group));
        Self {
            screen: screen.clone(),
            bar,
        }
    }

    /// How many bytes are there, and how many there will be as far as is known yet.
    pub fn show(&self, done: u64, total: u64) {
        if total == 0 {
            return; // Nothing is known, or nothing is to be fetched: all of nothing would be 100 %.
        }
        self.bar.set_length(total.max(done));
        self.bar.set_position(done);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.screen.attach(None);
    }
}

/// Figures and signs alone, which are the same in every language.
fn style() -> ProgressStyle {
    let text = "[{bar:24}] {percent:>3} %  {bytes} / {total_bytes}  {bytes_per_sec}  {wide_msg}";
    ProgressStyle::with_template(text)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
