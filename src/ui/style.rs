//! The few colours and signs there are. A colour never stands alone: a sign or a word says the same.

use console::Style;

/// What a piece of text is, to be seen before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It is as it should be.
    Good,
    /// It failed.
    Bad,
    /// It wants attention.
    Warn,
    /// It helps, and may be skipped.
    Dim,
    /// It is a heading or a name.
    Strong,
}

impl Tone {
    /// `text` between the escape codes of the tone. A [`Screen`](super::Screen) without colour removes them.
    pub fn paint(self, text: &str) -> String {
        let style = Style::new().force_styling(true);
        let style = match self {
            Self::Good => style.green(),
            Self::Bad => style.red().bold(),
            Self::Warn => style.yellow(),
            Self::Dim => style.dim(),
            Self::Strong => style.bold(),
        };
        style.apply_to(text).to_string()
    }
}

/// Of what is as it should be. Signs are characters that no terminal draws two columns wide.
pub const GOOD: &str = "\u{2713}";
/// Of what failed.
pub const BAD: &str = "\u{2717}";
/// Of what was left out.
pub const SKIPPED: &str = "-";
