//! What a program said last, kept short enough to be shown with its failure.

use std::collections::VecDeque;

/// Lines kept.
const KEEP: usize = 40;
/// Calls kept of those that follow one another in a trace. What went wrong stands above them, and a trace of Vagrant
/// is longer than all that is kept.
const CALLS: usize = 3;

/// The last lines, without the length of traces.
#[derive(Default)]
pub(super) struct LastLines {
    lines: VecDeque<String>,
    calls: usize,
}

impl LastLines {
    /// Takes one more line.
    pub fn push(&mut self, line: String) {
        self.calls = if is_call(&line) { self.calls + 1 } else { 0 };
        if self.calls > CALLS {
            return;
        }
        if self.lines.len() == KEEP {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}

impl From<LastLines> for Vec<String> {
    fn from(last: LastLines) -> Self {
        last.lines.into()
    }
}

/// Whether a line is one of the calls that a Ruby trace goes through. The first line of a trace is none: the message
/// follows its call.
fn is_call(line: &str) -> bool {
    line.contains(".rb:") && line.contains(":in ") && line.trim_end().ends_with('\'')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_stays_above_its_trace() {
        let mut last = LastLines::default();
        for line in 0..KEEP {
            last.push(format!("before {line}"));
        }
        last.push("/usr/lib/vagrant/machine.rb:12:in `call': no such thing (NameError)".to_owned());
        for call in 0..100 {
            last.push(format!(
                "\tfrom /usr/lib/vagrant/machine.rb:{call}:in `block in call'"
            ));
        }
        last.push("after".to_owned());
        let kept = Vec::from(last);
        assert_eq!(kept.len(), KEEP);
        let shown = kept[KEEP - 5..].join("\n");
        assert_eq!(
            shown,
            "/usr/lib/vagrant/machine.rb:12:in `call': no such thing (NameError)\n\
             \tfrom /usr/lib/vagrant/machine.rb:0:in `block in call'\n\
             \tfrom /usr/lib/vagrant/machine.rb:1:in `block in call'\n\
             \tfrom /usr/lib/vagrant/machine.rb:2:in `block in call'\n\
             after"
        );
    }
}
