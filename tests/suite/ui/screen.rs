//! Errors, notes, data and questions.

use std::io;

use clap::ColorChoice;
use kprov::error::{Error, Exit};
use kprov::ui::{Look, Screen};
use snapbox::{assert_data_eq, str};

use super::stage::{Kept, colored, screen};

fn error() -> Error {
    let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "connection refused");
    Error::host("VirtualBox cannot be asked for its version.")
        .evidence([
            "VBoxManage: error: \x1b[1mkernel module\x1b[0m",
            "\tis not loaded",
        ])
        .hint("Load it with `modprobe vboxdrv`.")
        .hint("Or take another provider.")
        .cause(&refused)
}

#[test]
fn an_error_says_what_why_and_what_next() {
    let (screen, out, err) = screen(Look {
        quiet: true,
        ..Look::default()
    });
    screen.error(&error());
    assert_data_eq!(
        err.text(),
        str![[r#"
error: VirtualBox cannot be asked for its version.
  1: connection refused
  | VBoxManage: error: kernel module
  |  is not loaded
hint: Load it with `modprobe vboxdrv`.
hint: Or take another provider.

"#]]
    );
    assert_eq!(out.text(), "");
}

#[test]
fn a_diagnostic_is_not_called_an_error_twice() {
    let (screen, _, err) = screen(colored());
    screen.error(&Error::new(
        Exit::Usage,
        "\x1b[1m\x1b[91merror\x1b[0m: unknown key\n --> cluster.toml:3",
    ));
    assert_eq!(err.text().matches("error").count(), 1);
}

#[test]
fn colour_is_where_it_was_asked_for() {
    for (look, expected) in [(Look::default(), false), (colored(), true)] {
        let (screen, out, err) = screen(look);
        screen.error(&error());
        screen.note("n");
        screen.data("\x1b[1mbold\x1b[0m").unwrap();
        assert_eq!(err.text().contains('\x1b'), expected);
        assert_eq!(out.text().contains('\x1b'), expected);
    }
    let never = Look {
        color: ColorChoice::Never,
        ..Look::default()
    };
    let (screen, _, err) = screen(never);
    screen.note("n");
    assert_eq!(err.text(), "note: n\n");
}

#[test]
fn quiet_leaves_errors_and_data() {
    let (screen, out, err) = screen(Look {
        quiet: true,
        ..Look::default()
    });
    screen.note("note");
    screen.say("said");
    screen.insist("insisted");
    screen.data("data").unwrap();
    assert_eq!(err.text(), "insisted\n");
    assert_eq!(out.text(), "data\n");
}

#[test]
fn only_yes_is_yes() {
    for (answer, expected) in [
        ("y\n", true),
        ("yes\n", true),
        ("Y", true),
        ("\n", false),
        ("", false),
        ("yep\n", false),
    ] {
        let (screen, _, err) = screen(Look::default());
        assert_eq!(
            screen.confirm("Remove 3 machines?", || Some(answer.to_owned())),
            expected,
            "{answer:?}"
        );
        // The line that nobody ended is ended here.
        let end = if answer.ends_with('\n') { "" } else { "\n" };
        assert_eq!(err.text(), format!("Remove 3 machines? [y/N] {end}"));
    }
}

/// Refuses everything in its own way.
struct Broken(io::ErrorKind);

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn data_that_is_lost_is_an_error_but_a_reader_that_leaves_is_none() {
    for (kind, lost) in [
        (io::ErrorKind::StorageFull, true),
        (io::ErrorKind::BrokenPipe, false),
    ] {
        let screen = Screen::captured(Box::new(Broken(kind)), Box::new(Kept::default()), Look::default());
        assert_eq!(screen.data("x").is_err(), lost, "{kind}");
    }
}
