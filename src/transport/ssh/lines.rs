//! Lines, out of bytes that come as they come.

/// Cuts a stream of bytes into lines.
#[derive(Default)]
pub(super) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    pub(super) fn take(&mut self, bytes: &[u8], mut on_line: impl FnMut(&str)) {
        self.rest.extend_from_slice(bytes);
        let mut start = 0;
        while let Some(length) = self.rest[start..].iter().position(|byte| *byte == b'\n') {
            emit(&self.rest[start..start + length], &mut on_line);
            start += length + 1;
        }
        self.rest.drain(..start);
    }

    pub(super) fn end(&mut self, mut on_line: impl FnMut(&str)) {
        if !self.rest.is_empty() {
            emit(&std::mem::take(&mut self.rest), &mut on_line);
        }
    }
}

/// Of a line that a program wrote over with carriage returns, only what was last to be seen counts.
fn emit(line: &[u8], on_line: &mut impl FnMut(&str)) {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end_matches('\r');
    on_line(text.rsplit('\r').next().unwrap_or(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_come_in_pieces_and_end_without_a_newline() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for piece in ["on", "e\ntwo\r\n10%\r20%\nth", "ree"] {
            lines.take(piece.as_bytes(), |line| seen.push(line.to_owned()));
        }
        lines.end(|line| seen.push(line.to_owned()));
        assert_eq!(seen, ["one", "two", "20%", "three"]);
    }
}
